//! The database a command works on: what TARGET means, opened when it is first needed and created
//! by the first write, never by a question.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::ArchiveFailure;
use super::error::{CmdError, Result};
use crate::config::{Config, SystemClock, SystemRng};
use crate::engine::archive::{OnFailure, Wish};
use crate::engine::base::{Error, Kind};
use crate::engine::embed::Embedders;
use crate::engine::lang::ast::{Statement, StatementKind, Transaction};
use crate::engine::outcome::{Control, Options, Outcome, Params};
use crate::engine::{Engine, Session, TransactionState};

/// A database that may not be open yet.
pub struct Database {
    path: PathBuf,
    read_only: bool,
    accept_loss: bool,
    embedders: Embedders,
    archive: Option<Wish>,
    open: Option<Open>,
}

struct Open {
    engine: Engine,
    session: Session,
    /// Why it is open for reading only although nobody asked for that.
    degraded: Option<Error>,
    /// Transactions were spoken of: statements may belong together.
    in_parts: bool,
}

impl Database {
    /// Names the database; nothing is opened yet.
    pub fn new(target: &str, read_only: bool) -> Result<Self> {
        if target.starts_with("http://") || target.starts_with("https://") {
            return Err(CmdError::unreachable(format!("cannot reach `{target}`"))
                .hint("this version opens local databases only: name a directory"));
        }
        let path = target.strip_prefix("file:").unwrap_or(target);
        if path.is_empty() {
            return Err(CmdError::usage("the name of the database is empty"));
        }
        Ok(Self {
            path: PathBuf::from(path),
            read_only,
            accept_loss: false,
            embedders: Embedders::default(),
            archive: None,
            open: None,
        })
    }

    /// The same with the embedders of the settings.
    #[must_use]
    pub fn with(self, embedders: &Embedders) -> Self {
        Self { embedders: embedders.clone(), ..self }
    }

    /// The same; a damaged log is opened without what cannot be read when `accept_loss`.
    #[must_use]
    pub fn accepting_loss(self, accept_loss: bool) -> Self {
        Self { accept_loss, ..self }
    }

    /// What opening had to recover, once it has been opened.
    pub fn recovery(&self) -> Option<String> {
        self.open.as_ref()?.engine.status().ok()?.recovery
    }

    /// The same; what is committed is copied to the archive of the settings, if there is one.
    #[must_use]
    pub fn archiving(self, config: &Config) -> Self {
        let on_failure = match config.archive_failure.value {
            ArchiveFailure::Refuse => OnFailure::Refuse,
            ArchiveFailure::Continue => OnFailure::Continue,
        };
        let archive = config.archive.value.clone().map(|dir| Wish { dir, on_failure });
        Self { archive, ..self }
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// True when there is something to open.
    pub fn exists(&self) -> bool {
        self.path.exists()
    }

    /// True once it has been opened.
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Where the session stands with its transaction.
    pub fn transaction(&self) -> TransactionState {
        self.open.as_ref().map_or(TransactionState::None, |open| open.session.transaction())
    }

    /// Why it can only be read, when another process or the file system decided that.
    pub fn degraded(&self) -> Option<&Error> {
        self.open.as_ref()?.degraded.as_ref()
    }

    /// The engine, opened for reading and writing where possible; never creates anything.
    pub fn engine(&mut self) -> Result<&Engine> {
        Ok(&self.existing()?.engine)
    }

    /// The engine of a database that is made when it does not exist.
    pub fn created(&mut self) -> Result<&Engine> {
        let open = self.writable()?;
        match &open.degraded {
            Some(reason) => Err(reason.clone().into()),
            None => Ok(&open.engine),
        }
    }

    /// Runs one statement.
    pub fn execute(
        &mut self,
        text: &str,
        statement: &Statement,
        params: &Params,
        control: &Control,
    ) -> Result<Outcome, Failure> {
        let open = if creates(&statement.kind) && !self.read_only {
            self.writable()?
        } else {
            self.existing()?
        };
        open.in_parts |= matches!(statement.kind, StatementKind::Transaction(_));
        let mut result = open.session.execute(text, statement, params, control);
        if result.as_ref().is_err_and(|error| error.kind == Kind::ReadOnlyStore)
            && let Some(open) = self.writable_again()
        {
            result = open.session.execute(text, statement, params, control);
        }
        let degraded = self.degraded();
        result.map_err(|error| match (error.kind, degraded) {
            // The reason says more than the consequence.
            (Kind::ReadOnlyStore, Some(reason)) => Failure::Open(reason.clone().into()),
            _ => Failure::Statement(error),
        })
    }

    /// Closes the database in order.
    pub fn close(&mut self) -> Result<()> {
        match self.open.take() {
            None => Ok(()),
            Some(open) => {
                drop(open.session);
                Ok(open.engine.close()?)
            }
        }
    }

    fn existing(&mut self) -> Result<&mut Open> {
        if self.open.is_none() {
            if !self.exists() {
                return Err(missing(&self.path));
            }
            self.open = Some(self.open_best(false)?);
        }
        Ok(self.open.as_mut().expect("it was opened just now"))
    }

    fn writable(&mut self) -> Result<&mut Open> {
        // Whoever held the database may be gone by now. A transaction stays with its session.
        if self.degraded().is_some()
            && self.transaction() == TransactionState::None
            && let Ok(open) = self.open_as(false, true)
        {
            self.open = Some(open);
        }
        if self.open.is_none() {
            // A directory may be there and hold no database, or one whose making was cut off.
            self.open = Some(self.open_best(true)?);
        }
        Ok(self.open.as_mut().expect("it was opened just now"))
    }

    /// The database opened anew, when nobody asked for reading only and what forbade writing is over.
    /// Not where the statement may belong to a transaction: it would be left without the others.
    fn writable_again(&mut self) -> Option<&mut Open> {
        if self.read_only || self.open.as_ref()?.in_parts {
            return None;
        }
        let open = self.open_as(false, false).ok()?;
        let read_only = open.engine.status().ok()?.read_only;
        (!read_only).then(|| self.open.insert(open))
    }

    /// For reading and writing, or for reading when another process writes.
    fn open_best(&self, create: bool) -> Result<Open> {
        match self.open_as(self.read_only, create && !self.read_only) {
            Err(error) if !self.read_only && yields(error.kind) => {
                let mut open = self.open_as(true, false).map_err(|_| error.clone())?;
                open.degraded = Some(error);
                Ok(open)
            }
            other => Ok(other?),
        }
    }

    fn open_as(&self, read_only: bool, create: bool) -> Result<Open, Error> {
        let accept_loss = self.accept_loss;
        let (embedders, archive) = (self.embedders.clone(), self.archive.clone());
        let options =
            Options { create, read_only, accept_loss, embedders, archive, ..Options::default() };
        let (clock, rng) = (Arc::new(SystemClock), Arc::new(SystemRng));
        let engine = Engine::open(&self.path, options, clock, rng)?;
        let session = engine.session();
        Ok(Open { engine, session, degraded: None, in_parts: false })
    }
}

/// How a statement can fail: before it began, or at a place in it.
#[derive(Debug)]
pub enum Failure {
    /// The database cannot be opened.
    Open(CmdError),
    /// The statement failed.
    Statement(Error),
}

impl From<CmdError> for Failure {
    fn from(error: CmdError) -> Self {
        Self::Open(error)
    }
}

/// The error for a question to a database that does not exist.
fn missing(path: &Path) -> CmdError {
    let shown = path.display();
    CmdError::unreachable(format!("there is no database at `{shown}`")).hint(
        "the first INSERT creates it; `vql migrate import FILE TARGET` loads data, \
         `vql repl --demo` shows a small one",
    )
}

/// Failures after which reading may still be possible.
fn yields(kind: Kind) -> bool {
    matches!(kind, Kind::DatabaseLocked | Kind::ReadOnlyStore)
}

/// Statements that may be the first of a database.
fn creates(kind: &StatementKind) -> bool {
    matches!(
        kind,
        StatementKind::Insert(_)
            | StatementKind::CreateContract(_)
            // What comes after it may insert; nothing appears before that is committed.
            | StatementKind::Transaction(Transaction::Begin(_))
    )
}
