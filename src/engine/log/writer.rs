//! Appending to the log: one write for everything that is waiting, one sync, and no second chance.
//!
//! What the operating system refuses for want of something (space, open files, a disk mounted for
//! writing) is cut away and can be tried again. Any other failed write, and every failed sync, is
//! final: after it nobody knows what the disk holds, and only reading it back tells.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::engine::base::{Error, Kind, Lsn, Result, Timestamp};

use super::medium::Medium;
use super::record::{self, LogRecord, Section};
use super::recover::{OpenSegment, Tail, io_error};
use super::segment::{self, DatabaseId, Extent};

/// Where segments are cut: the first record that begins behind this many bytes goes to the next.
pub const SEGMENT_BYTES: u64 = 64 << 20;

/// Why nothing was appended.
#[derive(Debug)]
pub enum AppendError {
    /// Something is lacking: space, open files, a disk that takes writes. Nothing was appended;
    /// trying again may succeed.
    Refused(Error),
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
    /// Where the last group began in the current segment.
    group: u64,
    #[cfg(test)]
    faults: super::Faults,
}

/// A sync of the log on its way.
#[derive(Debug)]
pub struct Forcing {
    /// The last commit that is on the disk afterwards.
    pub upto: Lsn,
    medium: Medium,
}

impl Forcing {
    /// Forces the file to the disk. A failure is final.
    pub fn run(&self) -> Result<(), AppendError> {
        self.medium.sync().map_err(|e| lost(&e))
    }
}

#[derive(Debug)]
struct Current {
    medium: Medium,
    path: PathBuf,
    first: Lsn,
    end: u64,
    extents: Vec<Extent>,
    /// Behind `end` stands a part of a write that was taken back.
    ragged: bool,
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
            group: 0,
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
        if current.ragged {
            current.medium.cut(current.end).map_err(|e| classify(&e))?;
            current.ragged = false;
        }
        if current.end == 0 {
            bytes = segment::header(self.database, first);
        }
        let kept = current.extents.len();
        self.group = current.end;
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

    /// Takes the last group back, which begins with `first` and which nobody was told of. A failure is
    /// final: nobody knows then whether the group is in the log.
    pub fn take_out(&mut self, first: Lsn) -> Result<(), AppendError> {
        let Some(current) = &mut self.current else {
            return Err(AppendError::Final("the commit log failed: it was closed".into()));
        };
        let count = (self.last.0 + 1 - first.0) as usize;
        current.extents.truncate(current.extents.len().saturating_sub(count));
        current.medium.cut(self.group).map_err(|e| lost(&e))?;
        self.bytes = self.bytes.saturating_sub(current.end - self.group);
        current.end = self.group;
        self.last = Lsn(first.0 - 1);
        self.synced = self.synced.min(self.last);
        if current.end == 0 {
            fs::remove_file(&current.path).map_err(|e| lost(&e))?;
            self.current = None;
        }
        Ok(())
    }

    /// What forces everything appended so far to the disk, for whoever does not want to hold the log
    /// meanwhile: ends with [`Self::forced`]. Nothing when all of it is there.
    pub fn forcing(&self) -> Option<Forcing> {
        let current = self.current.as_ref().filter(|_| self.synced < self.last)?;
        Some(Forcing { upto: self.last, medium: current.medium.clone() })
    }

    /// Everything up to `upto` was forced to the disk.
    pub fn forced(&mut self, upto: Lsn) {
        self.fsyncs += 1;
        self.synced = self.synced.max(upto);
    }

    /// The folder of the log.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Forces everything appended to the disk.
    pub fn sync(&mut self) -> Result<(), AppendError> {
        if self.synced == self.last {
            return Ok(());
        }
        if let Some(current) = &mut self.current {
            current.medium.sync().map_err(|e| lost(&e))?;
            self.fsyncs += 1;
        }
        self.synced = self.last;
        Ok(())
    }

    /// Finishes the current segment with a footer and a sync.
    pub fn finish(&mut self) -> Result<(), AppendError> {
        let Some(current) = self.current.take() else { return Ok(()) };
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
        current.medium.sync().map_err(|e| lost(&e))?;
        self.fsyncs += 1;
        self.synced = self.last;
        let Current { path, first, extents, .. } = current;
        self.resume = Some(OpenSegment { path, first, extents, end });
        Ok(())
    }

    /// Deletes whole segments up to `durable`, oldest first, while more than `keep` bytes remain and
    /// `may` says of each that nobody else needs it.
    pub fn forget(
        &mut self,
        durable: Lsn,
        keep: u64,
        may: &mut dyn FnMut(Lsn, &Path) -> Result<bool>,
    ) -> Result<()> {
        let segments = segment::list(&self.dir).map_err(|e| io_error(&self.dir, &e))?;
        for pair in segments.windows(2) {
            let [(first, path), (next, _)] = pair else { continue };
            if self.bytes <= keep || next.0 > durable.0 + 1 || !may(*first, path)? {
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
            let kept = open.clone();
            if let Err(cause) = self.reopen(open) {
                self.resume = Some(kept);
                return Err(cause);
            }
        }
        Ok(())
    }

    /// Appends to a segment of an earlier process; its footer, if any, goes.
    fn reopen(&mut self, open: OpenSegment) -> Result<(), AppendError> {
        let file = fs::OpenOptions::new().write(true).open(&open.path).map_err(|e| classify(&e))?;
        let size = file.metadata().map_err(|e| lost(&e))?.len();
        let medium = self.medium(file);
        if size > open.end {
            medium.cut(open.end).map_err(|e| classify(&e))?;
            self.bytes = self.bytes.saturating_sub(size - open.end);
        }
        let OpenSegment { path, first, extents, end } = open;
        self.current = Some(Current { medium, path, first, end, extents, ragged: false });
        Ok(())
    }

    /// Makes the file of the next segment. Its header is written with its first record.
    fn open_segment(&mut self, first: Lsn) -> Result<(), AppendError> {
        let path = self.dir.join(segment::file_name(first));
        let file = File::create_new(&path).map_err(|e| classify(&e))?;
        if let Err(cause) = sync_dir(&self.dir) {
            let refused = classify(&cause);
            if matches!(refused, AppendError::Refused(_)) {
                fs::remove_file(&path).map_err(|e| lost(&e))?;
            }
            return Err(refused);
        }
        let medium = self.medium(file);
        let extents = Vec::new();
        self.current = Some(Current { medium, path, first, end: 0, extents, ragged: false });
        Ok(())
    }

    /// After a failed write: cuts it away when something was lacking, gives up otherwise.
    fn take_back<T>(&mut self, cause: &io::Error) -> Result<T, AppendError> {
        let refused = classify(cause);
        if matches!(refused, AppendError::Final(_)) {
            return Err(refused);
        }
        let Some(current) = &mut self.current else { return Err(refused) };
        if let Err(cause) = current.medium.cut(current.end) {
            // A disk that takes no writes cannot be cut either; it is done before the next write.
            current.ragged = true;
            return Err(match classify(&cause) {
                AppendError::Refused(_) => refused,
                last @ AppendError::Final(_) => last,
            });
        }
        if current.end == 0 && fs::remove_file(&current.path).is_ok() {
            // No name without a header: the next attempt makes the file again.
            self.current = None;
        }
        Err(refused)
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
    match lacking(cause) {
        Some(error) => AppendError::Refused(error),
        None => lost(cause),
    }
}

/// What is lacking, when a failure only says that something is: it may succeed when there is more of
/// it. Nothing for failures after which nobody knows what the disk holds.
pub fn lacking(cause: &io::Error) -> Option<Error> {
    use io::ErrorKind as Os;
    /// Too many open files, in this process and in all.
    const FILES: [i32; 2] = [24, 23];
    let (kind, message, hint) = match cause.kind() {
        Os::StorageFull | Os::QuotaExceeded | Os::FileTooLarge => {
            return Some(full());
        }
        Os::ReadOnlyFilesystem => (
            Kind::ResourceExhausted,
            "the disk takes no writes: it is mounted for reading only; nothing was written",
            "mount it for writing and try again; reading goes on meanwhile",
        ),
        Os::OutOfMemory => (
            Kind::ResourceExhausted,
            "the operating system has no memory left; nothing was written",
            "try again when there is more; reading goes on meanwhile",
        ),
        _ if cfg!(unix) && cause.raw_os_error().is_some_and(|n| FILES.contains(&n)) => (
            Kind::ResourceExhausted,
            "too many files are open; nothing was written",
            "raise the limit (`ulimit -n`) or close some and try again; reading goes on meanwhile",
        ),
        _ => return None,
    };
    Some(Error::new(kind, message).hint(hint))
}

/// No space.
pub fn full() -> Error {
    Error::new(Kind::DiskFull, "no space is left on the disk; nothing was written")
        .hint("free some space and try again; reading goes on meanwhile")
}

fn lost(cause: &io::Error) -> AppendError {
    AppendError::Final(format!("the commit log failed: {cause}"))
}

/// The error every commit gets after the log failed for good.
pub fn stopped(reason: &str) -> Error {
    Error::new(Kind::StoreUnavailable, format!("writing has stopped: {reason}"))
        .hint("check the disk, then open the database again: it recovers what was acknowledged")
}
