//! Appending to the log: one write for everything that is waiting, one sync, and no second chance.
//!
//! A full disk is cut away and can be tried again. Any other failed write, and every failed sync, is
//! final: after it nobody knows what the disk holds, and only reading it back tells.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::engine::base::{Error, Lsn, Result, Timestamp};

use super::medium::Medium;
use super::record::{self, LogRecord, Section};
use super::recover::{OpenSegment, Tail, io_error};
use super::segment::{self, DatabaseId, Extent};

/// Where segments are cut: the first record that begins behind this many bytes goes to the next.
pub const SEGMENT_BYTES: u64 = 64 << 20;

/// Why nothing was appended.
#[derive(Debug)]
pub enum AppendError {
    /// No space. The log is as it was; trying again may succeed.
    Full,
    /// The log cannot be trusted any more and must not be written by this process again.
    Final(String),
}

/// One commit to append; its number is given by the log.
#[derive(Debug)]
pub struct Entry {
    /// Which transaction made it.
    pub txn: u64,
    /// The commit time.
    pub time: Timestamp,
    /// What it writes.
    pub sections: Vec<Section>,
}

/// The end of the log, open for appending.
#[derive(Debug)]
pub struct LogWriter {
    dir: PathBuf,
    database: DatabaseId,
    last: Lsn,
    synced: Lsn,
    resume: Option<OpenSegment>,
    current: Option<Current>,
    limit: u64,
    bytes: u64,
    fsyncs: u64,
    writes: u64,
    buffer: Vec<u8>,
    #[cfg(test)]
    faults: super::Faults,
}

#[derive(Debug)]
struct Current {
    medium: Medium,
    path: PathBuf,
    first: Lsn,
    end: u64,
    extents: Vec<Extent>,
}

impl LogWriter {
    /// Goes on behind `tail`, whose [`Tail::repair`] has been done. `last` is the last commit anybody
    /// knows of, in the log or in the files.
    pub fn new(dir: &Path, database: DatabaseId, tail: &mut Tail, last: Lsn) -> Self {
        // A log that ends before what the files hold cannot be continued without a gap.
        let resume = tail.open.take().filter(|_| tail.last == last);
        Self {
            dir: dir.into(),
            database,
            last,
            synced: last,
            resume,
            current: None,
            limit: SEGMENT_BYTES,
            bytes: tail.bytes - tail.torn_bytes,
            fsyncs: 0,
            writes: 0,
            buffer: Vec::new(),
            #[cfg(test)]
            faults: super::Faults::default(),
        }
    }

    /// Cuts segments at other places than usual.
    #[must_use]
    pub fn with_limit(mut self, limit: u64) -> Self {
        self.limit = limit;
        self
    }

    /// Makes later operations fail.
    #[cfg(test)]
    pub(crate) fn set_faults(&mut self, faults: super::Faults) {
        self.faults = faults;
    }

    /// The last appended commit.
    pub fn last(&self) -> Lsn {
        self.last
    }

    /// The last commit that is on the disk.
    pub fn synced(&self) -> Lsn {
        self.synced
    }

    /// Times the log was forced to the disk.
    pub fn fsyncs(&self) -> u64 {
        self.fsyncs
    }

    /// Times the log was written.
    pub fn writes(&self) -> u64 {
        self.writes
    }

    /// Bytes of all segments.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Appends all of `entries` with one write and gives the number of the first.
    pub fn append(&mut self, entries: Vec<Entry>) -> Result<Lsn, AppendError> {
        let first = Lsn(self.last.0 + 1);
        self.make_room(first)?;
        let fresh = self.current.is_none();
        if fresh {
            self.open_segment(first)?;
        }
        let mut bytes = std::mem::take(&mut self.buffer);
        bytes.clear();
        let current = self.current.as_mut().expect("opened above");
        if current.end == 0 {
            bytes = segment::header(self.database, first);
        }
        let kept = current.extents.len();
        for (n, entry) in entries.into_iter().enumerate() {
            let record = LogRecord {
                lsn: Lsn(first.0 + n as u64),
                synced: self.synced,
                txn: entry.txn,
                time: entry.time,
                sections: entry.sections,
            };
            record::encode(&mut bytes, &record);
            current.extents.push(Extent::of(&record));
        }
        let written = current.medium.write_at(current.end, &bytes);
        let result = match written {
            Ok(()) => {
                current.end += bytes.len() as u64;
                self.bytes += bytes.len() as u64;
                self.last = Lsn(first.0 + (current.extents.len() - kept) as u64 - 1);
                self.writes += 1;
                Ok(first)
            }
            Err(cause) => {
                current.extents.truncate(kept);
                self.take_back(&cause)
            }
        };
        self.buffer = bytes;
        self.buffer.shrink_to(8 << 20);
        result
    }

    /// Forces everything appended to the disk.
    pub fn sync(&mut self) -> Result<(), AppendError> {
        if self.synced == self.last {
            return Ok(());
        }
        if let Some(current) = &mut self.current {
            current.medium.sync().map_err(|e| AppendError::Final(e.to_string()))?;
            self.fsyncs += 1;
        }
        self.synced = self.last;
        Ok(())
    }

    /// Finishes the current segment with a footer and a sync.
    pub fn finish(&mut self) -> Result<(), AppendError> {
        let Some(mut current) = self.current.take() else { return Ok(()) };
        if current.extents.is_empty() {
            return Ok(());
        }
        let footer = segment::encode_footer(current.first, &current.extents);
        if let Err(cause) = current.medium.write_at(current.end, &footer) {
            self.current = Some(current);
            return self.take_back::<()>(&cause);
        }
        self.bytes += footer.len() as u64;
        let end = current.end;
        current.medium.sync().map_err(|e| AppendError::Final(e.to_string()))?;
        self.fsyncs += 1;
        self.synced = self.last;
        let Current { path, first, extents, .. } = current;
        self.resume = Some(OpenSegment { path, first, extents, end });
        Ok(())
    }

    /// Deletes whole segments up to `durable`, oldest first, while more than `keep` bytes remain.
    pub fn forget(&mut self, durable: Lsn, keep: u64) -> Result<()> {
        let segments = segment::list(&self.dir).map_err(|e| io_error(&self.dir, &e))?;
        for pair in segments.windows(2) {
            let [(_, path), (next, _)] = pair else { continue };
            if self.bytes <= keep || next.0 > durable.0 + 1 {
                break;
            }
            let size = fs::metadata(path).map_or(0, |m| m.len());
            fs::remove_file(path).map_err(|e| io_error(path, &e))?;
            self.bytes = self.bytes.saturating_sub(size);
        }
        Ok(())
    }

    /// Leaves a segment that is long enough.
    fn make_room(&mut self, first: Lsn) -> Result<(), AppendError> {
        if self.current.as_ref().is_some_and(|c| c.end >= self.limit) {
            self.finish()?;
            self.resume = None;
        }
        if self.current.is_none()
            && let Some(open) = self.resume.take_if(|open| open.end < self.limit)
        {
            debug_assert_eq!(open.first.0 + open.extents.len() as u64, first.0, "no gap");
            self.reopen(open)?;
        }
        Ok(())
    }

    /// Appends to a segment of an earlier process; its footer, if any, goes.
    fn reopen(&mut self, open: OpenSegment) -> Result<(), AppendError> {
        let file = fs::OpenOptions::new().write(true).open(&open.path).map_err(|e| lost(&e))?;
        let size = file.metadata().map_err(|e| lost(&e))?.len();
        let mut medium = self.medium(file);
        if size > open.end {
            medium.cut(open.end).map_err(|e| lost(&e))?;
            self.bytes = self.bytes.saturating_sub(size - open.end);
        }
        let OpenSegment { path, first, extents, end } = open;
        self.current = Some(Current { medium, path, first, end, extents });
        Ok(())
    }

    /// Makes the file of the next segment. Its header is written with its first record.
    fn open_segment(&mut self, first: Lsn) -> Result<(), AppendError> {
        let path = self.dir.join(segment::file_name(first));
        let file = File::create_new(&path).map_err(|e| classify(&e))?;
        sync_dir(&self.dir).map_err(|e| lost(&e))?;
        let medium = self.medium(file);
        self.current = Some(Current { medium, path, first, end: 0, extents: Vec::new() });
        Ok(())
    }

    /// After a failed write: cuts it away when the disk was full, gives up otherwise.
    fn take_back<T>(&mut self, cause: &io::Error) -> Result<T, AppendError> {
        let AppendError::Full = classify(cause) else { return Err(lost(cause)) };
        let Some(current) = &mut self.current else { return Err(AppendError::Full) };
        current.medium.cut(current.end).map_err(|e| lost(&e))?;
        if current.end == 0 {
            // No name without a header: the next attempt makes the file again.
            fs::remove_file(&current.path).map_err(|e| lost(&e))?;
            self.current = None;
        }
        Err(AppendError::Full)
    }

    #[cfg(not(test))]
    #[expect(clippy::unused_self, reason = "the tests' twin needs it")]
    fn medium(&self, file: File) -> Medium {
        Medium::new(file)
    }

    #[cfg(test)]
    fn medium(&self, file: File) -> Medium {
        Medium::new(file, self.faults.clone())
    }
}

/// Makes the names in `dir` durable.
pub fn sync_dir(dir: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(dir)?.sync_all() } else { Ok(()) }
}

fn classify(cause: &io::Error) -> AppendError {
    match cause.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => AppendError::Full,
        _ => lost(cause),
    }
}

fn lost(cause: &io::Error) -> AppendError {
    AppendError::Final(cause.to_string())
}

/// The error every commit gets after the log failed for good.
pub fn stopped(reason: &str) -> Error {
    use crate::engine::base::Kind;
    Error::new(
        Kind::StoreUnavailable,
        format!("writing has stopped: the commit log failed: {reason}"),
    )
    .hint("check the disk, then open the database again: it recovers what was acknowledged")
}
