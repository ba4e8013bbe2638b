//! One user of the database: settings, prepared statements, one statement at a time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::engine::Shared;
use crate::engine::base::{Error, Result, Value};
use crate::engine::exec::budget::Budget;
use crate::engine::exec::statement::prepare::{self, Shelf};
use crate::engine::exec::statement::{Job, done, setting};
use crate::engine::lang::Diagnostic;
use crate::engine::lang::ast::{Execute, Statement, StatementKind};
use crate::engine::lang::resolve::check::check_statement;
use crate::engine::outcome::{Control, Notice, Outcome, Params};

/// A session. `execute` runs one statement to its end.
pub struct Session {
    shared: Arc<Shared>,
    /// What `SET` set, by the name in lower case.
    settings: BTreeMap<String, Value>,
    prepared: Shelf,
}

impl Session {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, settings: BTreeMap::new(), prepared: Shelf::new() }
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
        control.check()?;
        let control = self.bounded(control);
        match &statement.kind {
            StatementKind::Execute(execute) => {
                self.execute_prepared(text, execute, params, &control)
            }
            StatementKind::Set(set) => {
                self.check(statement, params)?;
                setting::set(&self.shared, &mut self.settings, set)
            }
            StatementKind::Prepare(prepare) => {
                prepare::prepare(&mut self.prepared, text, prepare)?;
                Ok(done("PREPARE"))
            }
            StatementKind::Deallocate(name) => {
                prepare::deallocate(&mut self.prepared, name.as_ref())?;
                Ok(done("DEALLOCATE"))
            }
            _ => {
                let notices = self.check(statement, params)?;
                let mut outcome = self.run(text, statement, params, &control)?;
                outcome.notices.splice(0..0, notices);
                Ok(outcome)
            }
        }
    }

    /// What `SET name = value` set in this session; `None` when it was never set.
    pub fn setting(&self, name: &str) -> Option<&Value> {
        self.settings.get(&name.to_ascii_lowercase())
    }

    /// The caller's bounds, tightened by the setting `timeout_ms`.
    fn bounded(&self, control: &Control) -> Control {
        let mut control = control.clone();
        if let Some(Value::Int(ms)) = self.settings.get("timeout_ms")
            && *ms > 0
        {
            let own = Duration::from_millis(*ms as u64);
            control.timeout = Some(control.timeout.map_or(own, |given| given.min(own)));
        }
        control
    }

    fn run(
        &self,
        text: &str,
        statement: &Statement,
        params: &Params,
        control: &Control,
    ) -> Result<Outcome> {
        let clock = self.shared.clock.as_ref();
        let budget = Budget::new(control, clock);
        let job = Job {
            shared: &self.shared,
            settings: &self.settings,
            text,
            params,
            control,
            now: clock.now(),
            budget: &budget,
        };
        job.run(&statement.kind, statement.span)
    }

    /// The first error of the checker is the answer; its warnings become notices.
    fn check(&self, statement: &Statement, params: &Params) -> Result<Vec<Notice>> {
        let names = self.shared.names(&self.shared.store.view()?)?;
        let found = check_statement(statement, names.as_ref(), Some(params));
        if let Some(error) = found.iter().find(|d| d.is_error()) {
            return Err(error_of(error));
        }
        Ok(found
            .into_iter()
            .filter(|d| d.severity == crate::engine::lang::Severity::Warning)
            .map(|d| Notice { message: d.message, span: Some(d.span), hint: d.hint })
            .collect())
    }

    fn execute_prepared(
        &mut self,
        text: &str,
        execute: &Execute,
        params: &Params,
        control: &Control,
    ) -> Result<Outcome> {
        let prepared = prepare::find(&self.prepared, &execute.name)?.clone();
        let view = self.shared.store.view()?;
        let clock = self.shared.clock.as_ref();
        let budget = Budget::new(control, clock);
        let job = Job {
            shared: &self.shared,
            settings: &self.settings,
            text,
            params,
            control,
            now: clock.now(),
            budget: &budget,
        };
        let arguments = prepare::arguments(&prepared, execute, &|expr| {
            job.lower(&view, |l| l.parameter_value(expr))
        })?;
        // Places in a prepared statement are not places in the text of EXECUTE.
        let here = |mut error: Error| {
            error.span = Some(execute.name.span);
            error
        };
        self.check(&prepared.statement, &arguments).map_err(here)?;
        self.run(&prepared.text, &prepared.statement, &arguments, control).map_err(here)
    }
}

/// A finding of the checker as the error of a statement.
fn error_of(found: &Diagnostic) -> Error {
    let mut error = Error::new(found.kind, found.message.clone()).at(found.span);
    error.hint.clone_from(&found.hint);
    error
}
