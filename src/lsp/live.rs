//! The doors to the world outside of the protocol: a database that is looked at, files that are
//! read. The language server opens neither; whoever starts it brings these along.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::engine::base::Result;
use crate::engine::catalog::Snapshot;
use crate::engine::lang::format::Options;

/// A database that is connected.
pub trait Live: Send + Sync {
    /// How the user calls it.
    fn name(&self) -> &str;

    /// Its names as of now.
    fn names(&self) -> Result<Arc<Snapshot>>;

    /// Ids of hexads that start with `prefix`, at most `most`.
    fn ids(&self, prefix: &str, most: usize) -> Result<Vec<String>>;

    /// Executes a statement that may only read, in the given time if one is given.
    fn run(&self, statement: &str, stop: &Stop, patience: Option<Duration>) -> Result<Answer>;
}

/// What a statement answered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// For programs: as `vql repl --format json` prints it.
    pub json: serde_json::Value,
    /// For people: a table.
    pub text: String,
    /// Warnings that go with it.
    pub notices: Vec<String>,
}

/// Tells work that nobody waits for its result any more. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// True once nobody waits any more.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Says so.
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// The flag itself, for those who look at it on their own.
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }

    /// Says so when it is dropped.
    pub(super) fn guard(&self) -> Guard {
        Guard(self.clone())
    }
}

/// Stops work when whoever waits for it goes away.
pub(super) struct Guard(Stop);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.set();
    }
}

/// What lies outside of the protocol.
pub trait World: Send + Sync {
    /// Looks at a database, for reading only.
    fn connect(&self, database: &str) -> Result<Arc<dyn Live>>;

    /// Reads a file with the names of a database.
    fn schema(&self, path: &Path) -> Result<Arc<Snapshot>>;

    /// The VQL files of a folder and those below it, with their texts, in the order of their names;
    /// of very many or very large ones not all.
    fn texts(&self, folder: &Path) -> Vec<(PathBuf, String)>;

    /// The layout that applies to a file; of the current directory without one.
    fn layout(&self, file: Option<&Path>) -> Result<Options>;
}
