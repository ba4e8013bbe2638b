//! A server as a [`Target`]. Statements are sent one by one and run for themselves; the first one that
//! needs a memory (`BEGIN`, `SET`, `PREPARE`) opens a session on the server, in which the rest is run.
//!
//! A server forgets sessions that are not used. What was set and prepared is told to the next one; a
//! transaction cannot be told again, and so its end is an error.

use std::sync::Arc;

use reqwest::Method;
use serde_json::{Map, Value as Json, json};

use super::{Reach, Target};
use crate::cmd::database::{Database, Failure};
use crate::cmd::error::{CmdError, Result};
use crate::config::Config;
use crate::engine::TransactionState;
use crate::engine::base::{Error, Kind, Span};
use crate::engine::lang::ast::{Statement, StatementKind, Transaction};
use crate::engine::lang::complete::Names;
use crate::engine::outcome::{Control, Outcome, Params};
use crate::remote::client::{self, Address, Answer, Client};

/// Statements that are told to a new session: more are not remembered.
const REMEMBERED: usize = 1000;

/// A server, and what it remembers of us.
pub(super) struct Remote {
    client: Client,
    /// The session, by its name there.
    session: Option<String>,
    /// What was set and prepared, in order.
    told: Vec<String>,
    transaction: TransactionState,
    reached: bool,
}

impl Remote {
    /// Reads the address and what it takes; connects to nobody.
    pub(super) fn new(name: &str, reach: &Reach, config: &Config) -> Result<Self> {
        let address = Address::parse(name).map_err(CmdError::usage)?;
        let client = Client::new(address, reach.means(config)?).map_err(CmdError::usage)?;
        let transaction = TransactionState::None;
        Ok(Self { client, session: None, told: Vec::new(), transaction, reached: false })
    }

    fn ask(
        &mut self,
        method: Method,
        path: &str,
        body: Option<&Json>,
        control: &Control,
    ) -> Result<Answer, Failure> {
        let answer = self.client.ask(method, path, body, control);
        self.reached |= !matches!(answer, Err(client::Failure::Unreachable { .. }));
        answer.map_err(|failure| match failure {
            client::Failure::Statement(error) => Failure::Statement(error),
            client::Failure::Unreachable { message, hint }
            | client::Failure::Refused { message, hint } => {
                let error = CmdError::unreachable(message);
                Failure::Open(match hint {
                    Some(hint) => error.hint(hint),
                    None => error,
                })
            }
        })
    }

    /// Sends one statement, in the session when there is one.
    fn send(
        &mut self,
        text: &str,
        params: &Map<String, Json>,
        control: &Control,
    ) -> Result<Outcome, Failure> {
        let mut body = json!({"query": text, "params": params, "force": control.force_unbounded});
        if let Some(timeout) = control.timeout {
            body["timeout_ms"] = (timeout.as_millis() as u64).max(1).into();
        }
        if let Some(session) = &self.session {
            body["session"] = session.as_str().into();
        }
        let answer = self.ask(Method::POST, "/query", Some(&body), control)?;
        answer.outcome().ok_or_else(|| self.misunderstood())
    }

    fn misunderstood(&self) -> Failure {
        let message = format!("`{}` answers, but not as vql does", self.client.address());
        CmdError::unreachable(message).hint("name the address that `vql serve` prints").into()
    }

    /// Opens a session and tells it what the one before knew.
    fn open_session(&mut self, control: &Control) -> Result<(), Failure> {
        let answer = self.ask(Method::POST, "/sessions", Some(&json!({})), control)?;
        let Some(id) = answer.text("id") else { return Err(self.misunderstood()) };
        self.session = Some(id.to_owned());
        for text in self.told.clone() {
            self.send(&text, &Map::new(), control)?;
        }
        Ok(())
    }

    /// Whether the failure says that the server has forgotten the session.
    fn is_forgotten(&self, failure: &Failure) -> bool {
        match (failure, &self.session) {
            (Failure::Statement(error), Some(id)) => {
                error.kind == Kind::NotFound && error.message.contains(id.as_str())
            }
            _ => false,
        }
    }

    fn run(
        &mut self,
        text: &str,
        statement: &StatementKind,
        params: &Params,
        control: &Control,
    ) -> Result<Outcome, Failure> {
        let params: Map<String, Json> =
            params.iter().map(|(name, value)| (name.clone(), value.to_json())).collect();
        let needs = remembers(statement) || !self.told.is_empty();
        if self.session.is_none() && needs {
            self.open_session(control)?;
        }
        let done = self.send(text, &params, control);
        let Err(failure) = &done else { return done };
        if !self.is_forgotten(failure) {
            return done;
        }
        self.session = None;
        if self.transaction != TransactionState::None {
            self.transaction = TransactionState::None;
            let message = "the server has ended the session and rolled its transaction back";
            let error = Error::new(Kind::TransactionAborted, message);
            return Err(Failure::Statement(error.hint("nothing of it was written; begin again")));
        }
        self.open_session(control)?;
        self.send(text, &params, control)
    }

    /// Follows what a statement does to the session.
    fn follow(&mut self, text: &str, statement: &StatementKind, failed: Option<Kind>) {
        match statement {
            StatementKind::Transaction(Transaction::Begin(_)) if failed.is_none() => {
                self.transaction = TransactionState::Open;
            }
            StatementKind::Transaction(Transaction::Commit | Transaction::Rollback(None)) => {
                self.transaction = TransactionState::None;
            }
            StatementKind::Set(_) | StatementKind::Prepare(_) | StatementKind::Deallocate(_)
                if failed.is_none() && self.told.len() < REMEMBERED =>
            {
                self.told.retain(|said| said != text);
                self.told.push(text.to_owned());
            }
            _ => {}
        }
        let over = [Kind::Deadlock, Kind::WriteConflict, Kind::TransactionAborted];
        if self.transaction == TransactionState::Open
            && self.session.is_some()
            && failed.is_some_and(|kind| over.contains(&kind))
        {
            self.transaction = TransactionState::Failed;
        }
    }
}

/// Statements that a session is needed for.
fn remembers(statement: &StatementKind) -> bool {
    matches!(
        statement,
        StatementKind::Set(_)
            | StatementKind::Prepare(_)
            | StatementKind::Execute(_)
            | StatementKind::Deallocate(_)
            | StatementKind::Transaction(_)
    )
}

impl Target for Remote {
    fn shown(&self) -> String {
        self.client.address().to_string()
    }

    fn full(&self) -> String {
        self.shown()
    }

    fn state(&self) -> String {
        let state = match (self.reached, &self.session) {
            (false, _) => "not reached yet",
            (true, None) => "a server",
            (true, Some(_)) => "a server, in a session",
        };
        state.to_owned()
    }

    fn greet(&mut self) -> Result<String> {
        match self.ask(Method::GET, "/version", None, &Control::default()) {
            Ok(answer) => {
                let version =
                    answer.text("version").map(|version| format!(" (a server, {version})"));
                Ok(version.unwrap_or_default())
            }
            Err(Failure::Open(error)) => Err(error),
            Err(Failure::Statement(error)) => Err(error.into()),
        }
    }

    fn transaction(&self) -> TransactionState {
        self.transaction
    }

    fn recovery(&self) -> Option<String> {
        None
    }

    fn degraded(&self) -> Option<&Error> {
        None
    }

    fn is_open(&self) -> bool {
        self.reached
    }

    fn names(&mut self) -> Option<Arc<dyn Names + Send + Sync>> {
        None
    }

    fn execute(
        &mut self,
        text: &str,
        statement: &Statement,
        params: &Params,
        control: &Control,
    ) -> Result<Outcome, Failure> {
        // A server takes one statement at a time, and counts places from its start.
        let Span { start, end } = statement.span;
        let own = text.get(start as usize..end as usize).unwrap_or(text);
        let mut done = self.run(own, &statement.kind, params, control);
        let failed = match &mut done {
            Err(Failure::Statement(error)) => {
                error.span =
                    error.span.map(|s| Span { start: s.start + start, end: s.end + start });
                Some(error.kind)
            }
            Err(Failure::Open(_)) => Some(Kind::StoreUnavailable),
            Ok(_) => None,
        };
        self.follow(own, &statement.kind, failed);
        done
    }

    fn files(&mut self, what: &str) -> Result<&mut Database> {
        let message = format!("{what} works on the files of a database, and not over a network");
        Err(CmdError::unreachable(message).hint("run it where the server is"))
    }

    fn close(&mut self) -> Result<()> {
        if let Some(session) = self.session.take() {
            // It would be forgotten anyway: whoever leaves does not wait for trouble here.
            let control =
                Control { timeout: Some(std::time::Duration::ZERO), ..Control::default() };
            drop(self.ask(Method::DELETE, &format!("/sessions/{session}"), None, &control));
        }
        Ok(())
    }
}
