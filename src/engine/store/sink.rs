//! The hook by which somebody takes the log elsewhere before it is let go of: continuous archiving.
//! What becomes of it there is not the business of this room.

use std::path::{Path, PathBuf};

use crate::engine::base::{Lsn, Result};

/// Takes the log elsewhere. It must not ask the store for anything.
pub trait LogSink: Send + Sync {
    /// Commits are about to be written; no lock is held. An error refuses them before anything happened.
    fn ready(&self) -> Result<()>;

    /// The log in the folder `log` now holds everything up to `upto`, and nobody has been answered yet.
    /// Called once for every group of commits, with the lock on the log held; `forced` when all of it is
    /// on the disk. After an error the group is taken back out of the log and refused.
    fn grew(&self, log: &Path, upto: Lsn, forced: bool) -> Result<()>;

    /// True when the finished segment `path`, whose first commit is `first`, has been taken and may be
    /// deleted. After `false` it stays, with all behind it, and is asked for again at the next
    /// checkpoint; so does an error, which the checkpoint reports.
    fn may_forget(&self, first: Lsn, path: &Path) -> Result<bool>;

    /// A folder of this computer that holds earlier segments under their own names, if there is one: a
    /// lost file is made again from there where the log itself no longer reaches back.
    fn folder(&self) -> Option<PathBuf> {
        None
    }
}
