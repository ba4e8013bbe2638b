//! SQLite connections as this database wants them, and its errors in our words.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, ErrorCode, OpenFlags, ffi};

use crate::engine::base::{Error, Kind};
use crate::engine::log::writer::lacking;

use super::page_sum;

/// What SQLite said about `file`, as an error of the engine.
pub(in crate::engine::store) fn error(file: &str, cause: &rusqlite::Error) -> Error {
    use rusqlite::Error as Sql;
    if cause.sqlite_error().is_some_and(|e| e.extended_code == ffi::SQLITE_IOERR_DATA) {
        return corrupt(file, "a page of it fails its checksum");
    }
    match cause.sqlite_error_code() {
        // The statements are ours and right for whole files: a table, a column or a value that is not
        // as they expect it means that the file is not.
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::Unknown) => {
            corrupt(file, cause)
        }
        None if matches!(
            cause,
            Sql::FromSqlConversionFailure(..)
                | Sql::IntegralValueOutOfRange(..)
                | Sql::InvalidColumnType(..)
                | Sql::Utf8Error(..)
        ) =>
        {
            corrupt(file, cause)
        }
        Some(ErrorCode::CannotOpen) if short_of_files().is_some() => {
            short_of_files().unwrap_or_else(|| Error::new(Kind::Io, file))
        }
        Some(ErrorCode::DiskFull) => {
            Error::new(Kind::DiskFull, format!("no space is left on the disk to change {file}"))
                .hint("free some space and try again; what was acknowledged is safe in the log")
        }
        Some(ErrorCode::ReadOnly) => {
            Error::new(Kind::ReadOnlyStore, format!("{file} cannot be written: {cause}"))
        }
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::SystemIoFailure) => {
            Error::new(Kind::Io, format!("{file} cannot be read or written: {cause}"))
        }
        Some(ErrorCode::OutOfMemory | ErrorCode::TooBig) => {
            Error::new(Kind::ResourceExhausted, format!("{file}: {cause}"))
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            Error::new(Kind::DatabaseLocked, format!("{file} is locked by another program"))
        }
        _ => Error::new(Kind::InternalError, format!("{file}: {cause}")),
    }
}

/// The error for too many open files, when that is how it is: SQLite does not say why it could not open
/// a file.
fn short_of_files() -> Option<Error> {
    let root = if cfg!(unix) { "/" } else { "." };
    // As many as SQLite opens for one file: those it had got it has given back when it says so.
    let several = (0..4).map(|_| std::fs::File::open(root)).collect::<Result<Vec<_>, _>>();
    several.err().and_then(|cause| lacking(&cause))
}

/// Damage in `file`.
pub(in crate::engine::store) fn corrupt(file: &str, what: impl std::fmt::Display) -> Error {
    Error::new(Kind::Corruption, format!("{file} is damaged: {what}")).hint(
        "stop writing to this database and keep a copy of its directory; \
         CHECK INTEGRITY lists everything that is damaged",
    )
}

/// How long a connection waits for another process, which holds a lock for moments only.
pub(in crate::engine::store) const PATIENCE: Duration = Duration::from_secs(5);

/// How a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine::store) enum Access {
    /// By the one writer.
    Write,
    /// For reading, beside a writer.
    Read,
    /// For reading, from a place nobody can write to.
    Immutable,
}

/// Opens one file. For `Write` it is made when missing.
pub(in crate::engine::store) fn open(path: &Path, access: Access) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_NO_MUTEX;
    // Where it cannot be made known, opening says that there is no such thing.
    page_sum::register();
    let conn = match access {
        Access::Write => {
            let flags = flags | OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
            Connection::open_with_flags_and_vfs(path, flags, page_sum::NAME)?
        }
        Access::Read => {
            let flags = flags | OpenFlags::SQLITE_OPEN_READ_ONLY;
            Connection::open_with_flags_and_vfs(path, flags, page_sum::NAME)?
        }
        Access::Immutable => {
            let flags = flags | OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
            Connection::open_with_flags_and_vfs(immutable_uri(path), flags, page_sum::NAME)?
        }
    };
    configure(&conn, access)?;
    Ok(conn)
}

/// An empty database without a file.
pub(in crate::engine::store) fn open_memory() -> rusqlite::Result<Connection> {
    let conn = Connection::open_in_memory()?;
    configure(&conn, Access::Read)?;
    Ok(conn)
}

fn configure(conn: &Connection, access: Access) -> rusqlite::Result<()> {
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    conn.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    conn.set_limit(Limit::SQLITE_LIMIT_SQL_LENGTH, 100_000)?;
    conn.set_prepared_statement_cache_capacity(64);
    conn.busy_timeout(PATIENCE)?;
    if access == Access::Write {
        page_sum::reserve(conn);
        // Only a file without content takes these two, and whoever makes one forces it to the disk as
        // a whole: `Files::make_durable`.
        conn.execute_batch("PRAGMA synchronous = OFF; PRAGMA page_size = 8192")?;
        conn.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
        // Checkpoints are ours to time: see `files.rs`.
        conn.query_row("PRAGMA wal_autocheckpoint = 0", [], |_| Ok(()))?;
    }
    conn.execute_batch(
        "PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY; PRAGMA cell_size_check = ON;",
    )?;
    // The writer goes through what is new, in order; readers come back to the same pages.
    let kib = if access == Access::Write { 4096 } else { 16384 };
    conn.execute_batch(&format!("PRAGMA cache_size = -{kib}"))
}

fn immutable_uri(path: &Path) -> String {
    let mut uri = String::from("file:");
    for c in path.to_string_lossy().chars() {
        match c {
            '%' => uri.push_str("%25"),
            '?' => uri.push_str("%3f"),
            '#' => uri.push_str("%23"),
            c => uri.push(c),
        }
    }
    uri + "?immutable=1"
}
