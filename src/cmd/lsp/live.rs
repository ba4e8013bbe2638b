//! A database that the language server looks at: for reading only, so that it may be open elsewhere.

use std::sync::Arc;
use std::time::Instant;

use parking_lot::Mutex;

use crate::cmd::args::Format;
use crate::cmd::database::{Database, Failure};
use crate::cmd::error::plain;
use crate::cmd::format::{self, Page};
use crate::engine::base::{Error, Kind, Result, Value};
use crate::engine::catalog::Snapshot;
use crate::engine::lang::parse;
use crate::engine::outcome::{Control, Outcome, Params};
use crate::lsp::{Answer, Live, Stop};

/// No more rows than this are shown for a statement that is run from a text.
const ROWS: usize = 1000;

/// Columns of the tables for people.
const WIDTH: usize = 120;

/// An open database.
pub(super) struct Connection {
    name: String,
    database: Mutex<Database>,
}

impl Connection {
    /// Opens a database for reading.
    pub(super) fn open(name: &str) -> Result<Self> {
        let mut database = Database::new(name, true).map_err(|error| error.payload())?;
        database.engine().map_err(|error| error.payload())?;
        Ok(Self { name: name.to_owned(), database: Mutex::new(database) })
    }

    fn execute(&self, text: &str, stop: &Stop) -> Result<Outcome> {
        let parsed = parse(text);
        if let Some(error) = parsed.errors().next() {
            return Err(error.clone().into());
        }
        let [statement] = parsed.script.statements.as_slice() else {
            return Err(Error::new(Kind::InvalidInput, "expected one statement"));
        };
        let control = Control { cancel: stop.flag(), ..Control::default() };
        let mut database = self.database.lock();
        let answer = database.execute(text, statement, &Params::new(), &control);
        answer.map_err(|failure| match failure {
            Failure::Open(error) => error.payload(),
            Failure::Statement(error) => error,
        })
    }
}

impl Live for Connection {
    fn name(&self) -> &str {
        &self.name
    }

    fn names(&self) -> Result<Arc<Snapshot>> {
        let mut database = self.database.lock();
        database.engine().map_err(|error| error.payload())?.names()
    }

    fn ids(&self, prefix: &str, most: usize) -> Result<Vec<String>> {
        let mut database = self.database.lock();
        database.engine().map_err(|error| error.payload())?.ids(prefix, most)
    }

    fn plan(&self, statement: &str, stop: &Stop) -> Result<Vec<String>> {
        let outcome = self.execute(&format!("EXPLAIN {statement}"), stop)?;
        let lines = outcome.rows.into_iter().flatten();
        Ok(lines
            .filter_map(|line| if let Value::Text(line) = line { Some(line) } else { None })
            .collect())
    }

    fn run(&self, statement: &str, stop: &Stop) -> Result<Answer> {
        let began = Instant::now();
        let mut outcome = self.execute(statement, stop)?;
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
