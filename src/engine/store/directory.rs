//! The directory of a database: is it one, whose is it, and who may write to it.
//!
//! ```text
//! FORMAT   "vql database", format version, identity; written last, so a directory with it is whole
//! LOCK     locked by the one process that writes
//! ```
//!
//! `FORMAT` is also the gate between processes: a writer holds it exclusively for the moment in which
//! its nine files move to the next commit, a reader shared for the moment in which it looks.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::engine::base::{ContentHash, Error, Kind, Result, Timestamp};
use crate::engine::log::segment::DatabaseId;
use crate::engine::log::writer::{lacking, sync_dir};

use super::place::Place;
use super::schema;

const TITLE: &str = "vql database";

/// What stands at a path.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing, or an empty directory, or a database whose making never finished.
    Nothing,
    /// A database with this identity.
    Database(DatabaseId),
}

/// Looks at `dir` without changing anything.
pub(super) fn look(dir: &Path) -> Result<Found> {
    match fs::metadata(dir) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(e) => return Err(io_error(dir, &e)),
        Ok(meta) if !meta.is_dir() => return Err(not_a_database(dir, "it is a file")),
        Ok(_) => {}
    }
    match fs::read(dir.join("FORMAT")) {
        Ok(bytes) => read_format(dir, &bytes),
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            if unfinished(dir)? {
                return Ok(Found::Nothing);
            }
            Err(not_a_database(dir, "it has other things in it and no file FORMAT"))
        }
        Err(e) => Err(io_error(&dir.join("FORMAT"), &e)),
    }
}

fn read_format(dir: &Path, bytes: &[u8]) -> Result<Found> {
    let text = std::str::from_utf8(bytes).unwrap_or("");
    let mut lines = text.lines();
    if lines.next() != Some(TITLE) {
        return Err(not_a_database(dir, "its file FORMAT is not one of ours"));
    }
    let format: u32 = field(lines.next(), "format").and_then(|n| n.parse().ok()).unwrap_or(0);
    if format > schema::FORMAT {
        let message =
            format!("{} has format {format}, this version reads {}", dir.display(), schema::FORMAT);
        return Err(
            Error::new(Kind::NewerFormat, message).hint("open it with a newer version of vql")
        );
    }
    let id = field(lines.next(), "id").and_then(parse_id);
    let whole = field(lines.next(), "sum").is_some_and(|sum| sum == format_sum(text));
    match id {
        Some(id) if whole && format > 0 => Ok(Found::Database(id)),
        _ => Err(Error::new(Kind::Corruption, format!("{}/FORMAT is damaged", dir.display()))
            .hint("restore this file from a backup; the other files cannot be trusted without it")),
    }
}

fn field<'a>(line: Option<&'a str>, name: &str) -> Option<&'a str> {
    line?.strip_prefix(name)?.strip_prefix(' ')
}

fn format_sum(text: &str) -> String {
    let content = text.find("sum ").map_or(text, |at| &text[..at]);
    format!("{:08x}", crc32fast::hash(content.as_bytes()))
}

fn parse_id(hex: &str) -> Option<DatabaseId> {
    u128::from_str_radix(hex, 16).ok().filter(|_| hex.len() == 32).map(u128::to_be_bytes)
}

/// What SQLite puts beside a file, by how the names end; the journal only before it keeps a log.
pub(super) const OF_SQLITE: [&str; 4] = ["", "-wal", "-shm", "-journal"];

/// True when the directory is empty or holds only what making a database leaves before `FORMAT`.
fn unfinished(dir: &Path) -> Result<bool> {
    for entry in fs::read_dir(dir).map_err(|e| io_error(dir, &e))? {
        let entry = entry.map_err(|e| io_error(dir, &e))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let ours = match name.as_str() {
            "LOCK" | "FORMAT.new" => true,
            "log" => fs::read_dir(entry.path()).is_ok_and(|mut d| d.next().is_none()),
            _ => Place::all().any(|p| {
                let file = p.file_name();
                name.strip_prefix(file.as_str()).is_some_and(|rest| OF_SQLITE.contains(&rest))
            }),
        };
        // Files named like ours prove nothing unless LOCK, the first of them, is there too.
        if !ours || !dir.join("LOCK").exists() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A fresh identity, from the moment and the place of the making.
pub(super) fn new_id(dir: &Path, now: Timestamp) -> DatabaseId {
    let seed = format!("{}|{}|{}", dir.display(), now.0, std::process::id());
    let mut id = [0; 16];
    id.copy_from_slice(&ContentHash::of(seed.as_bytes()).0[..16]);
    id
}

/// Writes `FORMAT`, after which the directory is a database.
pub(super) fn seal(dir: &Path, id: DatabaseId) -> io::Result<()> {
    let hex = format!("{:032x}", u128::from_be_bytes(id));
    let text = format!("{TITLE}\nformat {}\nid {hex}\n", schema::FORMAT);
    let text = format!("{text}sum {}\n", format_sum(&text));
    let fresh = dir.join("FORMAT.new");
    fs::write(&fresh, text)?;
    File::open(&fresh)?.sync_all()?;
    fs::rename(&fresh, dir.join("FORMAT"))?;
    sync_dir(dir)?;
    dir.parent().filter(|p| !p.as_os_str().is_empty()).map_or(Ok(()), sync_dir)
}

/// What asking for the right to write was answered.
#[derive(Debug)]
pub(super) enum Claim {
    /// Here it is; it ends when the file is closed.
    Granted(File),
    /// Another process has it.
    Taken,
    /// Nobody may write here.
    ReadOnly,
}

/// Asks for the right to write.
pub(super) fn claim(dir: &Path) -> Result<Claim> {
    let path = dir.join("LOCK");
    let file = match File::options().create(true).truncate(false).write(true).open(&path) {
        Ok(file) => file,
        Err(e) if refused(&e) => return Ok(Claim::ReadOnly),
        Err(e) if e.kind() == io::ErrorKind::StorageFull => {
            return Err(Error::new(Kind::DiskFull, "no space is left on the disk for a new file"));
        }
        Err(e) => return Err(io_error(&path, &e)),
    };
    // A reader that replays holds it for a moment.
    for _ in 0..10 {
        match file.try_lock() {
            Ok(()) => return Ok(Claim::Granted(file)),
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(10)),
            Err(TryLockError::Error(e)) => return Err(io_error(&path, &e)),
        }
    }
    Ok(Claim::Taken)
}

fn refused(cause: &io::Error) -> bool {
    matches!(cause.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem)
}

/// True when a process holds the right to write.
pub(super) fn has_writer(dir: &Path) -> bool {
    File::open(dir.join("LOCK"))
        .is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// The gate between processes.
#[derive(Debug)]
pub(super) struct Gate(File);

impl Gate {
    /// Of the database in `dir`.
    pub(super) fn open(dir: &Path) -> Result<Self> {
        let path = dir.join("FORMAT");
        File::open(&path).map(Self).map_err(|e| io_error(&path, &e))
    }

    /// Runs `moment` while no reader of another process looks.
    pub(super) fn exclusive<T>(&self, moment: impl FnOnce() -> T) -> Result<T> {
        self.held(self.0.lock(), moment)
    }

    /// Runs `moment` while the writer of another process does not move.
    pub(super) fn shared<T>(&self, moment: impl FnOnce() -> T) -> Result<T> {
        self.held(self.0.lock_shared(), moment)
    }

    fn held<T>(&self, lock: io::Result<()>, moment: impl FnOnce() -> T) -> Result<T> {
        lock.map_err(|e| io_error(Path::new("FORMAT"), &e))?;
        let result = moment();
        self.0.unlock().map_err(|e| io_error(Path::new("FORMAT"), &e))?;
        Ok(result)
    }
}

/// The folder of the commit log.
pub(super) fn log_dir(dir: &Path) -> PathBuf {
    dir.join("log")
}

fn not_a_database(dir: &Path, why: &str) -> Error {
    Error::new(Kind::NotADatabase, format!("{} is not a vql database: {why}", dir.display()))
        .hint("name the directory of a database, or one that is empty or does not exist yet")
}

/// What the operating system said about a path.
pub(super) fn io_error(path: &Path, cause: &io::Error) -> Error {
    lacking(cause).unwrap_or_else(|| Error::new(Kind::Io, format!("{}: {cause}", path.display())))
}

/// A second writer.
pub(super) fn locked(dir: &Path) -> Error {
    let message = format!("another process writes to {}", dir.display());
    Error::new(Kind::DatabaseLocked, message)
        .hint("open it with --read-only, or wait until the other process has ended")
}
