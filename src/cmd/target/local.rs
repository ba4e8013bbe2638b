//! A database on this machine as a [`Target`]: what a shell asks, in the words of [`Database`].

use std::sync::Arc;

use super::Target;
use crate::cmd::database::{Database, Failure};
use crate::cmd::error::Result;
use crate::engine::catalog::Snapshot;
use crate::engine::lang::ast::Statement;
use crate::engine::lang::complete::Names;
use crate::engine::lang::resolve::{Catalog, NameKind};
use crate::engine::outcome::{Control, Outcome, Params};
use crate::engine::{Engine, TransactionState, base::Error};

impl Target for Database {
    fn shown(&self) -> String {
        self.path().display().to_string()
    }

    fn full(&self) -> String {
        let path = self.path();
        std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string()
    }

    fn state(&self) -> String {
        let state = match (self.exists(), Self::degraded(self)) {
            (false, _) => "not created yet",
            (true, None) if Self::is_open(self) => "open",
            (true, None) => "not opened yet",
            (true, Some(_)) => "open for reading only",
        };
        state.to_owned()
    }

    fn greet(&mut self) -> Result<String> {
        Ok(if self.exists() { "" } else { " (the first INSERT creates it)" }.to_owned())
    }

    fn transaction(&self) -> TransactionState {
        Self::transaction(self)
    }

    fn recovery(&self) -> Option<String> {
        Self::recovery(self)
    }

    fn degraded(&self) -> Option<&Error> {
        Self::degraded(self)
    }

    fn is_open(&self) -> bool {
        Self::is_open(self)
    }

    /// A database that does not open is silent here: the statement itself will say why.
    fn names(&mut self) -> Option<Arc<dyn Names + Send + Sync>> {
        if !self.exists() {
            return None;
        }
        let engine = self.engine().ok()?.clone();
        let catalog = engine.names().ok();
        Some(Arc::new(Live { engine, catalog }))
    }

    fn execute(
        &mut self,
        text: &str,
        statement: &Statement,
        params: &Params,
        control: &Control,
    ) -> Result<Outcome, Failure> {
        Self::execute(self, text, statement, params, control)
    }

    fn files(&mut self, _: &str) -> Result<&mut Database> {
        Ok(self)
    }

    fn close(&mut self) -> Result<()> {
        Self::close(self)
    }
}

/// The names of an open database.
struct Live {
    engine: Engine,
    catalog: Option<Arc<Snapshot>>,
}

impl Names for Live {
    fn names(&self, of: NameKind) -> Vec<String> {
        self.catalog.as_ref().map(|catalog| Catalog::names(&**catalog, of)).unwrap_or_default()
    }

    fn ids(&self, prefix: &str, limit: usize) -> Vec<String> {
        self.engine.ids(prefix, limit).unwrap_or_default()
    }

    fn snapshots(&self) -> Vec<String> {
        self.engine.snapshots().unwrap_or_default()
    }
}
