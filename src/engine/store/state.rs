//! The one row in every file that says which file it is and up to which commit it was changed.

use rusqlite::{Connection, OptionalExtension as _, params};

use crate::engine::base::{Error, Kind, Lsn, Result, Timestamp};
use crate::engine::log::segment::DatabaseId;

use super::place::Place;
use super::rows::Sum;
use super::schema;
use super::sqlite;

/// That row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct State {
    /// Whose file it is.
    pub(super) database: DatabaseId,
    /// The last commit whose changes are in it. Commits that do not touch the file may follow
    /// without being counted.
    pub(super) applied: Lsn,
    /// The time of that commit.
    pub(super) time: Timestamp,
}

impl State {
    /// Of a file nothing was applied to.
    pub(super) fn fresh(database: DatabaseId) -> Self {
        Self { database, applied: Lsn(0), time: Timestamp(0) }
    }

    fn sum(self, place: Place, format: u32) -> i64 {
        Sum::of(b's', place)
            .bytes(&self.database)
            .int(i64::from(format))
            .int(self.applied.0 as i64)
            .int(self.time.0)
            .done()
    }
}

/// Reads it, and begins the read transaction if none is open.
pub(super) fn read(conn: &Connection, place: Place) -> Result<State> {
    let file = place.file_name();
    let sql = "SELECT database, place, format, applied, time, sum FROM state";
    let row = conn
        .prepare_cached(sql)
        .and_then(|mut select| {
            let row = select.query_row([], |row| {
                let head: (Vec<u8>, i64, u32) = (row.get(0)?, row.get(1)?, row.get(2)?);
                let tail: (i64, i64, i64) = (row.get(3)?, row.get(4)?, row.get(5)?);
                Ok((head, tail))
            });
            row.optional()
        })
        .map_err(|e| match e.sqlite_error_code() {
            // "no such table": a file, but none of ours, or emptied.
            Some(rusqlite::ErrorCode::Unknown) => sqlite::corrupt(&file, &e),
            _ => sqlite::error(&file, &e),
        })?;
    let Some(((database, number, format), (applied, time, sum))) = row else {
        return Err(sqlite::corrupt(&file, "it does not say which file it is"));
    };
    if format > schema::FORMAT {
        return Err(Error::new(Kind::NewerFormat, format!("{file} has format {format}"))
            .hint("open it with the version of vql that wrote it, or a newer one"));
    }
    let database = database.try_into().unwrap_or_default();
    let state = State { database, applied: Lsn(applied as u64), time: Timestamp(time) };
    if state.sum(place, format) != sum || number != i64::from(place.kind()) {
        return Err(sqlite::corrupt(&file, "the row with its state fails its checksum"));
    }
    Ok(state)
}

/// Writes it.
pub(super) fn write(conn: &Connection, place: Place, state: State) -> rusqlite::Result<()> {
    conn.prepare_cached("INSERT OR REPLACE INTO state VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)")?
        .execute(params![
            state.database,
            place.kind(),
            schema::FORMAT,
            state.applied.0 as i64,
            state.time.0,
            state.sum(place, schema::FORMAT),
        ])
        .map(drop)
}
