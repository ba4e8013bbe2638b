//! A database that the language server looks at: for reading only, so that it may be open elsewhere.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::cmd::args::Format;
use crate::cmd::database::Database;
use crate::cmd::error::plain;
use crate::cmd::format::{self, Page};
use crate::engine::Engine;
use crate::engine::base::{Error, Kind, Result};
use crate::engine::catalog::Snapshot;
use crate::engine::lang::parse;
use crate::engine::outcome::{Control, Outcome, Params};
use crate::lsp::{Answer, Live, Stop};

/// No more rows than this are shown for a statement that is run from a text.
const ROWS: usize = 1000;

/// Columns of the tables for people.
const WIDTH: usize = 120;

/// An open database. Statements run beside each other: one that takes long keeps no other waiting.
pub(super) struct Connection {
    name: String,
    engine: Engine,
}

impl Connection {
    /// Opens a database for reading.
    pub(super) fn open(name: &str) -> Result<Self> {
        let mut database = Database::new(name, true).map_err(|error| error.payload())?;
        let engine = database.engine().map_err(|error| error.payload())?.clone();
        Ok(Self { name: name.to_owned(), engine })
    }

    fn execute(&self, text: &str, stop: &Stop, patience: Option<Duration>) -> Result<Outcome> {
        let parsed = parse(text);
        if let Some(error) = parsed.errors().next() {
            return Err(error.clone().into());
        }
        let [statement] = parsed.script.statements.as_slice() else {
            return Err(Error::new(Kind::InvalidInput, "expected one statement"));
        };
        let control = Control { cancel: stop.flag(), timeout: patience, ..Control::default() };
        self.engine.session().execute(text, statement, &Params::new(), &control)
    }
}

impl Live for Connection {
    fn name(&self) -> &str {
        &self.name
    }

    fn names(&self) -> Result<Arc<Snapshot>> {
        self.engine.names()
    }

    fn ids(&self, prefix: &str, most: usize) -> Result<Vec<String>> {
        self.engine.ids(prefix, most)
    }

    fn run(&self, statement: &str, stop: &Stop, patience: Option<Duration>) -> Result<Answer> {
        let began = Instant::now();
        let mut outcome = self.execute(statement, stop, patience)?;
        let elapsed = began.elapsed();
        let mut notices: Vec<String> =
            outcome.notices.iter().map(|notice| notice.message.clone()).collect();
        if outcome.rows.len() > ROWS {
            notices.push(format!("only the first {ROWS} of {} rows", outcome.rows.len()));
            outcome.rows.truncate(ROWS);
        }
        let written = |format: Format, width: Option<usize>| {
            let answer = format::Answer { outcome: &outcome, elapsed, hide_empty: true };
            let page = Page { width, color: false };
            let mut out = Vec::new();
            let written = format::form(format).write(&answer, &page, &mut out);
            written.map_err(|cause| Error::new(Kind::Io, plain(&cause)))?;
            Ok::<_, Error>(String::from_utf8_lossy(&out).into_owned())
        };
        let json = serde_json::from_str(&written(Format::Json, None)?).unwrap_or_default();
        Ok(Answer { json, text: written(Format::Table, Some(WIDTH))?, notices })
    }
}
