//! Reading the log from its beginning, commit by commit, while it may be growing at its end.
//!
//! Not recovery: nothing here judges whether an end is torn. Who walks says up to where the log is
//! known to be good, and anything unreadable before that is damage.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::engine::base::{Error, Kind, Lsn, Result};

use super::record::{self, LogRecord};
use super::recover::{io_error, name_of};
use super::segment::{self, DatabaseId};

/// A reader of all commits.
#[derive(Debug)]
pub struct Walk {
    folders: Vec<PathBuf>,
    database: DatabaseId,
    next: Lsn,
    current: Option<Current>,
}

#[derive(Debug)]
struct Current {
    path: PathBuf,
    bytes: Vec<u8>,
    at: usize,
}

/// The segments in `folders`, by their first commit; of two with the same the one in the earlier
/// folder counts.
fn segments(folders: &[PathBuf]) -> Result<BTreeMap<Lsn, PathBuf>> {
    let mut all = BTreeMap::new();
    for folder in folders {
        if folder.is_dir() {
            for (first, path) in segment::list(folder).map_err(|e| io_error(folder, &e))? {
                all.entry(first).or_insert(path);
            }
        }
    }
    Ok(all)
}

/// The first commit in the segments of `folders`.
pub fn first(folders: &[PathBuf]) -> Result<Option<Lsn>> {
    Ok(segments(folders)?.keys().next().copied())
}

impl Walk {
    /// Over the segments in `folders`, from commit `next` on.
    pub fn new(folders: &[PathBuf], database: DatabaseId, next: Lsn) -> Self {
        Self { folders: folders.to_vec(), database, next, current: None }
    }

    /// The next commit, if it is not behind `upto`; every commit up to there must be in the log.
    pub fn next(&mut self, upto: Lsn) -> Result<Option<LogRecord>> {
        while self.next <= upto {
            if self.current.is_none() {
                self.open()?;
            }
            let Some(current) = &mut self.current else { break };
            match record::decode(&current.bytes[current.at..]) {
                Ok((record, length)) => {
                    current.at += length;
                    if record.lsn < self.next {
                        continue;
                    }
                    if record.lsn > self.next {
                        return Err(damage(&current.path, self.next, "is missing"));
                    }
                    self.next = Lsn(self.next.0 + 1);
                    return Ok(Some(record));
                }
                // The segment ends, or has grown since it was read.
                Err(_) => self.read_on()?,
            }
        }
        Ok(None)
    }

    /// Opens the segment that holds the next commit.
    fn open(&mut self) -> Result<()> {
        let all = segments(&self.folders)?;
        let Some((first, path)) = all.range(..=self.next).next_back() else {
            let message = format!("the log does not reach back to commit {}", self.next);
            return Err(Error::new(Kind::Corruption, message));
        };
        let bytes = fs::read(path).map_err(|e| io_error(path, &e))?;
        if segment::check_header(&bytes, self.database, *first).is_err() {
            return Err(damage(path, *first, "has a segment with a damaged header"));
        }
        self.current = Some(Current { path: path.clone(), bytes, at: segment::HEADER });
        Ok(())
    }

    /// Nothing more can be read where the walk stands: there is more by now, or another segment.
    fn read_on(&mut self) -> Result<()> {
        let Some(current) = self.current.take() else { return Ok(()) };
        let bytes = fs::read(&current.path).map_err(|e| io_error(&current.path, &e))?;
        if record::decode(bytes.get(current.at..).unwrap_or_default()).is_ok() {
            self.current = Some(Current { bytes, ..current });
            return Ok(());
        }
        let all = segments(&self.folders)?;
        match all.range(..=self.next).next_back() {
            Some((_, path)) if *path != current.path => Ok(()),
            _ => Err(damage(&current.path, self.next, "cannot be read")),
        }
    }
}

fn damage(path: &Path, lsn: Lsn, what: &str) -> Error {
    let message = format!("the commit log {} is damaged: commit {lsn} {what}", name_of(path));
    Error::new(Kind::Corruption, message)
}

#[cfg(test)]
mod tests {
    use super::super::recover::Tail;
    use super::super::writer::{Entry, LogWriter};
    use super::*;
    use crate::engine::base::Timestamp;
    use crate::engine::log::Section;

    fn entry(n: u64) -> Entry {
        let sections = vec![Section { kind: 1, codec: 1, bytes: n.to_le_bytes().to_vec() }];
        Entry { txn: n, time: Timestamp(n as i64), sections }
    }

    #[test]
    fn it_follows_a_log_that_grows_over_several_segments() {
        let dir = tempfile::tempdir().expect("a folder");
        let folders = [dir.path().to_path_buf()];
        let mut log =
            LogWriter::new(dir.path(), [7; 16], &mut Tail::default(), Lsn(0)).with_limit(300);
        let mut walk = Walk::new(&folders, [7; 16], Lsn(1));
        let mut seen = 0;
        for n in 1..=40 {
            assert!(log.append(vec![entry(n)]).is_ok());
            if n % 3 == 0 {
                while let Some(record) = walk.next(Lsn(n)).expect("readable") {
                    seen += 1;
                    assert_eq!(record.lsn, Lsn(seen));
                }
                assert_eq!(seen, n);
            }
        }
        assert!(segment::list(dir.path()).expect("listed").len() > 2);
        let mut late = Walk::new(&folders, [7; 16], Lsn(17));
        assert_eq!(late.next(Lsn(40)).expect("readable").map(|r| r.lsn), Some(Lsn(17)));
        assert!(late.next(Lsn(17)).expect("readable").is_none(), "not behind what was asked for");
    }

    #[test]
    fn what_is_damaged_is_named() {
        let dir = tempfile::tempdir().expect("a folder");
        let mut log = LogWriter::new(dir.path(), [7; 16], &mut Tail::default(), Lsn(0));
        assert!(log.append((1..9).map(entry).collect()).is_ok());
        let path = dir.path().join(segment::file_name(Lsn(1)));
        let mut bytes = fs::read(&path).expect("readable");
        let at = segment::scan(&bytes, Lsn(1)).offsets[4] + 50;
        bytes[at] ^= 1;
        fs::write(&path, bytes).expect("writable");
        let mut walk = Walk::new(&[dir.path().to_path_buf()], [7; 16], Lsn(1));
        let mut read = 0;
        let error = loop {
            match walk.next(Lsn(8)) {
                Ok(Some(_)) => read += 1,
                Ok(None) => panic!("an end before commit 8"),
                Err(error) => break error,
            }
        };
        assert_eq!(read, 4);
        assert!(error.message.contains("commit 5"), "{error}");
    }
}
