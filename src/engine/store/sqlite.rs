//! SQLite connections as this database wants them, and its errors in our words.

use rusqlite::ErrorCode;

use crate::engine::base::{Error, Kind};

/// What SQLite said about `file`, as an error of the engine.
pub(in crate::engine::store) fn error(file: &str, cause: &rusqlite::Error) -> Error {
    match cause.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => corrupt(file, cause),
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

/// Damage in `file`.
pub(in crate::engine::store) fn corrupt(file: &str, what: impl std::fmt::Display) -> Error {
    Error::new(Kind::Corruption, format!("{file} is damaged: {what}")).hint(
        "stop writing to this database and keep a copy of its directory; \
         CHECK INTEGRITY lists everything that is damaged",
    )
}
