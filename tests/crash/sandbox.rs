//! A directory to break things in: in memory where possible, gone afterwards.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// A directory of its own.
pub(crate) struct Sandbox(TempDir);

impl Sandbox {
    /// In memory, where the machine has such a place: nothing here needs a real disk.
    pub(crate) fn new() -> Self {
        let memory = Path::new("/dev/shm");
        let made = if memory.is_dir() {
            tempfile::tempdir_in(memory).or_else(|_| tempfile::tempdir())
        } else {
            tempfile::tempdir()
        };
        Self(made.expect("a temporary directory"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}
