//! The file under a segment: written at its end, forced to the disk, cut back.
//!
//! Not a file abstraction: it exists so that tests can make each of these three fail.

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::sync::Arc;

/// A file open for appending. Clones are the same file.
#[derive(Clone, Debug)]
pub(super) struct Medium {
    file: Arc<File>,
    #[cfg(test)]
    faults: Faults,
}

impl Medium {
    #[cfg(not(test))]
    pub(super) fn new(file: File) -> Self {
        Self { file: Arc::new(file) }
    }

    #[cfg(test)]
    pub(super) fn new(file: File, faults: Faults) -> Self {
        Self { file: Arc::new(file), faults }
    }

    /// Writes all of `bytes` at `at`.
    pub(super) fn write_at(&self, at: u64, bytes: &[u8]) -> io::Result<()> {
        let mut file = &*self.file;
        file.seek(SeekFrom::Start(at))?;
        #[cfg(test)]
        if let Some(kind) = self.faults.take_write() {
            // Half of it arrives, as on a real disk that fills up.
            file.write_all(&bytes[..bytes.len() / 2])?;
            return Err(io::Error::from(kind));
        }
        file.write_all(bytes)
    }

    /// Forces what was written to the disk.
    pub(super) fn sync(&self) -> io::Result<()> {
        #[cfg(test)]
        if self.faults.take_sync() {
            return Err(io::Error::other("injected"));
        }
        self.file.sync_data()
    }

    /// Cuts the file to `length`.
    pub(super) fn cut(&self, length: u64) -> io::Result<()> {
        self.file.set_len(length)
    }
}

/// Switches by which tests make the next operation fail.
#[cfg(test)]
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults {
    write: Arc<parking_lot::Mutex<Option<io::ErrorKind>>>,
    sync: Arc<std::sync::atomic::AtomicBool>,
}

#[cfg(test)]
impl Faults {
    /// The next write fails like this.
    pub(crate) fn fail_write(&self, kind: io::ErrorKind) {
        *self.write.lock() = Some(kind);
    }

    /// The next sync fails.
    pub(crate) fn fail_sync(&self) {
        self.sync.store(true, std::sync::atomic::Ordering::SeqCst);
    }

    fn take_write(&self) -> Option<io::ErrorKind> {
        self.write.lock().take()
    }

    fn take_sync(&self) -> bool {
        self.sync.swap(false, std::sync::atomic::Ordering::SeqCst)
    }
}
