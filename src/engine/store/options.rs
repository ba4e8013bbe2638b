//! How a database is opened, and what it says about itself.

use crate::engine::base::{Lsn, Modality};

use super::health::Ailment;

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
    /// Reads what [`Self::describe`] writes; `interval(50)` too.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        match text.as_str() {
            "full" => return Some(Self::Full),
            "off" => return Some(Self::Off),
            _ => {}
        }
        let inside = text.strip_prefix("interval")?.trim().strip_prefix('(')?.strip_suffix(')')?;
        let ms: u32 = inside.trim().trim_end_matches("ms").trim_end().parse().ok()?;
        (1..=60_000).contains(&ms).then_some(Self::Interval(ms))
    }

    /// What a power cut may lose, in words. The death of the process alone loses nothing in any mode.
    pub fn loss_window(self) -> String {
        match self {
            Self::Full => "nothing that was acknowledged".into(),
            Self::Interval(ms) => format!(
                "a power cut may lose what was acknowledged in the last {ms} ms and while the disk is \
                 being forced"
            ),
            Self::Off => {
                "a power cut may lose what was acknowledged since the last read, batch or \
                          checkpoint forced the log to the disk"
                    .into()
            }
        }
    }

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
    /// When a commit is safe; nothing for what the database was told to do (`full` at first).
    pub sync: Option<SyncMode>,
    /// Go on without commits that can no longer be read. The damaged log files are kept beside the
    /// others under the extension `damaged`.
    pub accept_loss: bool,
    /// Everything is made durable, and log let go of, whenever the log has grown by so many bytes.
    pub checkpoint_bytes: u64,
    /// Or by so many commits.
    pub checkpoint_commits: u64,
    /// Bytes of log kept behind what the files need, so that a lost modality file can be rebuilt.
    pub keep_log: u64,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self {
            create: false,
            read_only: false,
            sync: None,
            accept_loss: false,
            checkpoint_bytes: 16 << 20,
            checkpoint_commits: 20_000,
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
    /// Files that were damaged and put aside, in words.
    pub aside: Vec<String>,
    /// How long it took, in milliseconds.
    pub millis: u64,
}

impl Recovery {
    /// In one line, when there is anything to tell.
    pub fn describe(&self) -> Option<String> {
        let mut parts = Vec::new();
        if self.replayed > 0 {
            let noun = if self.replayed == 1 { "commit" } else { "commits" };
            parts.push(format!("replayed {} {noun} in {} ms", self.replayed, self.millis));
        }
        if self.torn_bytes > 0 {
            parts.push(format!("cut a torn write of {} bytes", self.torn_bytes));
        }
        if !self.rebuilt.is_empty() {
            let names: Vec<&str> = self.rebuilt.iter().map(|m| m.name()).collect();
            parts.push(format!("rebuilt {}", names.join(", ")));
        }
        parts.extend(self.aside.iter().cloned());
        parts.extend(self.lost.iter().map(|lost| format!("lost: {lost}")));
        (!parts.is_empty()).then(|| parts.join("; "))
    }
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
    /// And what is the matter with each.
    pub ailments: Vec<(Modality, Ailment)>,
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
