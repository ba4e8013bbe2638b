//! The log of slow statements: `slow.jsonl` beside the database, one line each, begun anew when it is
//! full (the one before stays as `slow.old.jsonl`).
//!
//! Its lines are an aid and no part of the database: nothing is forced to the disk, backups leave them
//! out, and a line that cannot be written is kept in memory. Without asking for it no value of a
//! statement is ever written.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use crate::engine::base::Timestamp;

/// Milliseconds from which on a statement is slow, when nobody says otherwise.
pub const USUAL: i64 = 100;
/// Bytes after which the file is begun anew.
const FULL: u64 = 1024 * 1024;
/// Entries kept in memory when they cannot be written.
const KEPT: usize = 256;
/// Bytes of a line of the file that are read.
const LINE: usize = 256 * 1024;

/// A slow statement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Slow {
    /// When it began, ISO 8601.
    pub at: String,
    /// Milliseconds it took.
    pub ms: f64,
    /// Its text, without values unless they were asked for.
    pub statement: String,
    /// How its rows were found.
    pub plan: String,
    /// Rows it answered or wrote.
    pub rows: u64,
    /// Rows of the files that were read.
    pub records_read: u64,
    /// Pages of the files that were fetched.
    pub pages_fetched: u64,
    /// Bytes of rows it held.
    pub memory_bytes: u64,
    /// As whom it ran.
    pub principal: String,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// The log.
pub struct SlowLog {
    dir: PathBuf,
    read_only: bool,
    /// Milliseconds; negative for never.
    threshold: AtomicI64,
    full_text: AtomicBool,
    kept: Mutex<VecDeque<Slow>>,
}

impl SlowLog {
    /// Of the database in `dir`.
    pub fn new(dir: &Path, read_only: bool) -> Self {
        Self {
            dir: dir.to_owned(),
            read_only,
            threshold: AtomicI64::new(USUAL),
            full_text: AtomicBool::new(false),
            kept: Mutex::new(VecDeque::new()),
        }
    }

    /// From so many milliseconds on a statement is slow; negative for never.
    pub fn set_threshold(&self, ms: i64) {
        self.threshold.store(ms, Ordering::Relaxed);
    }

    /// Milliseconds from which on a statement is slow; negative for never.
    pub fn threshold(&self) -> i64 {
        self.threshold.load(Ordering::Relaxed)
    }

    /// Whether texts are written with their values.
    pub fn set_full_text(&self, full: bool) {
        self.full_text.store(full, Ordering::Relaxed);
    }

    /// Whether texts are written with their values.
    pub fn full_text(&self) -> bool {
        self.full_text.load(Ordering::Relaxed)
    }

    /// Whether a statement of so many microseconds is slow.
    pub fn is_slow(&self, micros: u64) -> bool {
        let least = self.threshold();
        u64::try_from(least).is_ok_and(|ms| micros >= ms.saturating_mul(1000))
    }

    fn file(&self) -> PathBuf {
        self.dir.join("slow.jsonl")
    }

    fn old(&self) -> PathBuf {
        self.dir.join("slow.old.jsonl")
    }

    /// Takes note of a slow statement.
    pub fn note(&self, slow: Slow) {
        let mut kept = self.kept.lock();
        if self.write(&slow).is_err() {
            if kept.len() >= KEPT {
                kept.pop_front();
            }
            kept.push_back(slow);
        }
    }

    fn write(&self, slow: &Slow) -> std::io::Result<()> {
        // A file in a directory that holds no database yet would keep one from being made there.
        if self.read_only || !self.dir.join("FORMAT").exists() {
            return Err(std::io::ErrorKind::ReadOnlyFilesystem.into());
        }
        let mut line = serde_json::to_string(slow)?;
        line.push('\n');
        let mut file = OpenOptions::new().create(true).append(true).open(self.file())?;
        if file.metadata()?.len() + line.len() as u64 > FULL {
            std::fs::rename(self.file(), self.old())?;
            file = OpenOptions::new().create(true).append(true).open(self.file())?;
        }
        file.write_all(line.as_bytes())
    }

    /// All that are known, the newest first.
    pub fn all(&self) -> Vec<Slow> {
        // Nothing is written meanwhile.
        let kept = self.kept.lock();
        let mut all = vec![];
        for path in [self.old(), self.file()] {
            if let Ok(file) = File::open(path) {
                read(BufReader::new(file), &mut all);
            }
        }
        all.extend(kept.iter().cloned());
        drop(kept);
        // As they are written they are not in the order of letters.
        all.sort_by_cached_key(|slow| std::cmp::Reverse(Timestamp::parse(&slow.at)));
        all
    }
}

/// Reads lines; what is none of ours, or was torn off, is left out.
fn read(file: BufReader<File>, into: &mut Vec<Slow>) {
    let most = FULL as usize / 64;
    for line in file.split(b'\n').map_while(Result::ok).take(most) {
        if line.len() <= LINE
            && let Ok(slow) = serde_json::from_slice(&line)
        {
            into.push(slow);
        }
    }
}

/// An instant as the log writes it.
pub fn instant(at: Timestamp) -> String {
    at.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slow(n: usize) -> Slow {
        Slow {
            at: instant(Timestamp(1_767_225_600_000_000 + n as i64)),
            ms: n as f64,
            statement: format!("SELECT {}", "x".repeat(300)),
            plan: String::new(),
            rows: 1,
            records_read: 2,
            pages_fetched: 0,
            memory_bytes: 3,
            principal: "owner".to_owned(),
            error: None,
        }
    }

    fn database() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("FORMAT"), "x").unwrap();
        dir
    }

    #[test]
    fn what_is_noted_is_found_again_by_another_process_the_newest_first() {
        let dir = database();
        let log = SlowLog::new(dir.path(), false);
        log.note(slow(1));
        log.note(slow(2));
        let path = dir.path().join("slow.jsonl");
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"nonsense\n{\"at\":\"torn").unwrap();
        assert_eq!(SlowLog::new(dir.path(), true).all(), [slow(2), slow(1)]);
    }

    #[test]
    fn the_file_is_begun_anew_when_it_is_full_and_never_grows_beyond() {
        let dir = database();
        let log = SlowLog::new(dir.path(), false);
        for n in 0..7000 {
            log.note(slow(n));
        }
        let size = |name: &str| std::fs::metadata(dir.path().join(name)).unwrap().len();
        assert!(size("slow.jsonl") <= FULL && size("slow.old.jsonl") <= FULL);
        let all = log.all();
        assert_eq!(all[0], slow(6999));
        assert!(all.len() > 2000 && all.len() < 7000, "{}", all.len());
    }

    #[test]
    fn where_nothing_may_be_written_the_last_ones_are_kept_in_memory() {
        let (empty, dir) = (tempfile::tempdir().unwrap(), database());
        for log in [SlowLog::new(empty.path(), false), SlowLog::new(dir.path(), true)] {
            for n in 0..KEPT + 5 {
                log.note(slow(n));
            }
            assert_eq!((log.all().len(), &log.all()[0]), (KEPT, &slow(KEPT + 4)));
        }
        assert!(!empty.path().join("slow.jsonl").exists());
        assert!(!dir.path().join("slow.jsonl").exists());
    }

    #[test]
    fn slow_is_what_the_threshold_says() {
        let dir = database();
        let log = SlowLog::new(dir.path(), false);
        assert!(log.is_slow(100_000) && !log.is_slow(99_999));
        log.set_threshold(0);
        assert!(log.is_slow(0));
        log.set_threshold(-1);
        assert!(!log.is_slow(u64::MAX));
    }
}
