//! Nine read connections that show one commit, kept for the next reader.

use std::path::Path;

use parking_lot::Mutex;
use rusqlite::Connection;

use crate::engine::base::{Error, Lsn, Result};
use crate::engine::log::segment::DatabaseId;

use super::files;
use super::health::Health;
use super::index::Appliers;
use super::place::Place;
use super::sqlite::{self, Access};
use super::state::{self, State};

/// Sets kept for later; more readers than this at once open and close theirs.
const KEPT: usize = 8;

/// A connection to each file, all within read transactions that show the same commit.
pub(super) struct ReaderSet {
    /// None where the file is lost or being made again.
    conns: Vec<Option<Connection>>,
    /// Of the health when it was opened.
    epoch: u64,
    /// Which commit; none while no transaction is open.
    lsn: Option<Lsn>,
    /// Without files: the database is not made yet.
    pub(super) memory: bool,
}

impl ReaderSet {
    /// Opens the files in `dir` that are well; names the one that cannot be opened.
    pub(super) fn open(dir: &Path, health: &Health) -> Result<Self, (Place, Error)> {
        let epoch = health.epoch();
        let mut conns = Vec::with_capacity(Place::COUNT);
        for place in Place::all() {
            if health.of(place).is_some() {
                conns.push(None);
                continue;
            }
            let path = place.path(dir);
            let opened = sqlite::open(&path, Access::Read)
                .and_then(|conn| touch(&conn).map(|()| conn))
                .or_else(|cause| {
                    // Nobody can write here, so there is no log of SQLite's to take part in.
                    let wal = std::fs::metadata(place.wal_path(dir)).map_or(0, |m| m.len());
                    let closed = cause.sqlite_error_code() == Some(rusqlite::ErrorCode::CannotOpen)
                        && path.exists()
                        && wal == 0;
                    if closed { sqlite::open(&path, Access::Immutable) } else { Err(cause) }
                });
            let opened = opened.map_err(|e| (place, sqlite::error(&place.file_name(), &e)))?;
            conns.push(Some(opened));
        }
        Ok(Self { conns, epoch, lsn: None, memory: false })
    }

    /// An empty database that is nowhere yet.
    pub(super) fn empty(database: DatabaseId, appliers: &Appliers) -> Result<Self> {
        let mut conns = Vec::with_capacity(Place::COUNT);
        for place in Place::all() {
            let conn = sqlite::open_memory().map_err(|e| sqlite::error(&place.file_name(), &e))?;
            files::create(&conn, place, database, appliers)?;
            conns.push(Some(conn));
        }
        Ok(Self { conns, epoch: 0, lsn: Some(Lsn(0)), memory: true })
    }

    /// The connection to one file, if it was well.
    pub(super) fn conn(&self, place: Place) -> Option<&Connection> {
        self.conns[place.index()].as_ref()
    }

    /// Ends what was shown before and shows what the files hold now. The caller keeps them from
    /// moving meanwhile. Names the one that cannot be read.
    pub(super) fn begin(&mut self) -> Result<Vec<Option<State>>, (Place, Error)> {
        self.end();
        let mut states = Vec::with_capacity(Place::COUNT);
        for place in Place::all() {
            let Some(conn) = self.conn(place) else {
                states.push(None);
                continue;
            };
            conn.prepare_cached("BEGIN")
                .and_then(|mut begin| begin.execute([]))
                .map_err(|e| (place, sqlite::error(&place.file_name(), &e)))?;
            states.push(Some(state::read(conn, place).map_err(|error| (place, error))?));
        }
        Ok(states)
    }

    /// Says which commit it shows.
    pub(super) fn shows(&mut self, lsn: Lsn) {
        self.lsn = Some(lsn);
    }

    /// Ends the read transactions, so that SQLite may reuse the space behind them.
    pub(super) fn end(&mut self) {
        self.lsn = None;
        for conn in self.conns.iter().flatten().filter(|c| !c.is_autocommit()) {
            drop(conn.execute_batch("ROLLBACK"));
        }
    }
}

fn touch(conn: &Connection) -> rusqlite::Result<()> {
    conn.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
}

/// Sets nobody uses at the moment.
#[derive(Default)]
pub(super) struct Pool(Mutex<Vec<ReaderSet>>);

impl Pool {
    /// One that shows `lsn` already, or else any.
    pub(super) fn take(&self, lsn: Option<Lsn>) -> Option<ReaderSet> {
        let mut idle = self.0.lock();
        let at = idle.iter().position(|set| lsn.is_some() && set.lsn == lsn);
        match at {
            Some(at) => Some(idle.swap_remove(at)),
            None => idle.pop(),
        }
    }

    /// Takes one back.
    pub(super) fn put(&self, mut set: ReaderSet, current: Lsn, epoch: u64) {
        if set.memory && current > Lsn(0) || !set.memory && set.epoch != epoch {
            return;
        }
        if set.lsn != Some(current) {
            set.end();
        }
        let mut idle = self.0.lock();
        if idle.len() < KEPT {
            idle.push(set);
        }
    }

    /// Lets go of what shows an older commit than `current`.
    pub(super) fn release_stale(&self, current: Lsn) {
        let mut idle = self.0.lock();
        idle.retain(|set| !set.memory || current == Lsn(0));
        for set in idle.iter_mut().filter(|set| set.lsn != Some(current)) {
            set.end();
        }
    }

    /// Ends what idle sets show.
    pub(super) fn end_all(&self) {
        for set in self.0.lock().iter_mut().filter(|set| !set.memory) {
            set.end();
        }
    }

    /// Closes all.
    pub(super) fn clear(&self) {
        self.0.lock().clear();
    }
}

impl ReaderSet {
    /// The commit it shows.
    pub(super) fn lsn(&self) -> Option<Lsn> {
        self.lsn
    }
}
