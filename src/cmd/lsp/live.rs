//! A database that the language server looks at: for reading only, so that it may be open elsewhere.

use std::sync::Arc;

use parking_lot::Mutex;

use crate::cmd::database::{Database, Failure};
use crate::engine::base::{Error, Kind, Result, Value};
use crate::engine::catalog::Snapshot;
use crate::engine::lang::parse;
use crate::engine::outcome::{Control, Outcome, Params};
use crate::lsp::{Answer, Live, Stop};

/// No more rows than this are shown for a statement that is run from a text.
const ROWS: usize = 1000;

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
        let Outcome { columns, mut rows, notices, .. } = self.execute(statement, stop)?;
        let cut = rows.len() > ROWS;
        rows.truncate(ROWS);
        Ok(Answer {
            columns: columns.into_iter().map(|column| column.name).collect(),
            rows,
            cut,
            notices: notices.into_iter().map(|notice| notice.message).collect(),
        })
    }
}
