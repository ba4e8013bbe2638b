//! How a database is opened, and what it says about itself.

use crate::engine::base::{Lsn, Modality};

/// When a commit is safe on the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SyncMode {
    /// Before it is answered: nothing acknowledged is ever lost.
    #[default]
    Full,
    /// At most this many milliseconds after it: a power cut may lose that much.
    Interval(u32),
    /// When the operating system pleases: a power cut may lose everything since the last checkpoint,
    /// the death of the process loses nothing.
    Off,
}

impl SyncMode {
    /// As status lines show it: `full`, `interval(50ms)`, `off`.
    pub fn describe(self) -> String {
        match self {
            Self::Full => "full".into(),
            Self::Interval(ms) => format!("interval({ms}ms)"),
            Self::Off => "off".into(),
        }
    }
}

/// How to open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenOptions {
    /// Make the database when the directory is missing or empty. Files appear with the first write.
    pub create: bool,
    /// Only read; another process may be writing.
    pub read_only: bool,
    /// When a commit is safe.
    pub sync: SyncMode,
    /// Go on without commits that can no longer be read. The damaged log files are kept beside the
    /// others under the extension `damaged`.
    pub accept_loss: bool,
    /// Bytes of log kept behind what the files need, so that a lost modality file can be rebuilt.
    pub keep_log: u64,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self {
            create: false,
            read_only: false,
            sync: SyncMode::Full,
            accept_loss: false,
            keep_log: 64 << 20,
        }
    }
}

/// What a commit is answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committed {
    /// Its place in the order of all commits.
    pub lsn: Lsn,
    /// Its time.
    pub time: crate::engine::base::Timestamp,
}

/// What opening had to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Commits that were in the log and not yet in every file.
    pub replayed: u64,
    /// Bytes of an unfinished write that were cut from the end of the log.
    pub torn_bytes: u64,
    /// Modality files that were missing and made again from the log.
    pub rebuilt: Vec<Modality>,
    /// What `accept_loss` gave up, in words.
    pub lost: Vec<String>,
}

/// What the store says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// The last durable commit.
    pub lsn: Lsn,
    /// What every file holds at least.
    pub applied: Lsn,
    /// Up to where each file was changed: `catalog` and the modalities.
    pub files: Vec<(&'static str, Lsn)>,
    /// True when this process may not write.
    pub read_only: bool,
    /// When a commit is safe.
    pub sync: SyncMode,
    /// Times the log was forced to the disk by this process.
    pub fsyncs: u64,
    /// Times the log was written by this process.
    pub log_writes: u64,
    /// Bytes of log on the disk.
    pub log_bytes: u64,
    /// Commits not yet in the files.
    pub queued: usize,
    /// What opening had to do.
    pub recovery: Recovery,
    /// Why writes are refused for good, if they are.
    pub stopped: Option<String>,
    /// Modalities that cannot be read.
    pub degraded: Vec<Modality>,
}

/// One thing an integrity check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The file, relative to the database.
    pub file: String,
    /// The hexad or commit concerned, when it is one.
    pub subject: Option<String>,
    /// What is wrong, lower case, without a full stop.
    pub message: String,
}
