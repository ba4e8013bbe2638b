//! One user of the database: settings, prepared statements, one statement at a time.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::engine::Shared;
use crate::engine::base::{Error, Kind, Result, Value};
use crate::engine::lang::ast::Statement;
use crate::engine::outcome::{Control, Outcome, Params};

/// A session. `execute` runs one statement to its end.
pub struct Session {
    shared: Arc<Shared>,
    /// What `SET` set, by the name in lower case.
    settings: BTreeMap<String, Value>,
}

impl Session {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, settings: BTreeMap::new() }
    }

    /// Checks `statement` against the live catalogue, then runs it.
    ///
    /// `text` is the text the statement was parsed from: spans of errors and notices are offsets into
    /// it. A statement from a parse with error diagnostics must not be given here.
    pub fn execute(
        &mut self,
        text: &str,
        statement: &Statement,
        params: &Params,
        control: &Control,
    ) -> Result<Outcome> {
        let _ = (text, params, &self.shared);
        control.check()?;
        let construct = statement.kind.keyword();
        Err(Error::not_supported(construct, statement.span))
    }

    /// What `SET name = value` set in this session; `None` when it was never set.
    pub fn setting(&self, name: &str) -> Option<&Value> {
        self.settings.get(&name.to_ascii_lowercase())
    }

    /// An error for a setting of the wrong type, for whoever reads one.
    pub fn setting_bool(&self, name: &str) -> Result<Option<bool>> {
        match self.setting(name) {
            None => Ok(None),
            Some(Value::Bool(b)) => Ok(Some(*b)),
            Some(other) => {
                let message = format!("setting {name} is {}, not Bool", other.type_name());
                Err(Error::new(Kind::TypeMismatch, message))
            }
        }
    }
}
