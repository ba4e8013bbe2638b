//! The hook by which somebody takes the log elsewhere before it is let go of: continuous archiving.
//! What becomes of it there is not the business of this room.

use std::path::{Path, PathBuf};

use crate::engine::base::{Lsn, Result};

/// Takes the log elsewhere. Called with the lock on the log held: it must not ask the store for
/// anything.
pub trait LogSink: Send + Sync {
    /// The log in the folder `log` now holds everything up to `upto`, written but perhaps not yet forced
    /// to the disk, and nobody has been answered yet. Called once for every group of commits. Who
    /// blocks here makes the committers wait, and thereby keeps the copy as new as the log.
    fn grew(&self, log: &Path, upto: Lsn);

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
