//! Nine read connections that show one commit, kept for the next reader.

use std::path::Path;

use parking_lot::Mutex;
use rusqlite::Connection;

use crate::engine::base::{Lsn, Result};
use crate::engine::log::segment::DatabaseId;

use super::files;
use super::index::Appliers;
use super::place::Place;
use super::sqlite::{self, Access};
use super::state::{self, State};

/// Sets kept for later; more readers than this at once open and close theirs.
const KEPT: usize = 8;

/// A connection to each file, all within read transactions that show the same commit.
pub(super) struct ReaderSet {
    conns: Vec<Connection>,
    /// Which commit; none while no transaction is open.
    lsn: Option<Lsn>,
    /// Without files: the database is not made yet.
    pub(super) memory: bool,
}

impl ReaderSet {
    /// Opens the files in `dir`.
    pub(super) fn open(dir: &Path) -> Result<Self> {
        let mut conns = Vec::with_capacity(Place::COUNT);
        for place in Place::all() {
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
            conns.push(opened.map_err(|e| sqlite::error(&place.file_name(), &e))?);
        }
        Ok(Self { conns, lsn: None, memory: false })
    }

    /// An empty database that is nowhere yet.
    pub(super) fn empty(database: DatabaseId, appliers: &Appliers) -> Result<Self> {
        let mut conns = Vec::with_capacity(Place::COUNT);
        for place in Place::all() {
            let conn = sqlite::open_memory().map_err(|e| sqlite::error(&place.file_name(), &e))?;
            files::create(&conn, place, database, appliers)?;
            conns.push(conn);
        }
        Ok(Self { conns, lsn: Some(Lsn(0)), memory: true })
    }

    /// The connection to one file.
    pub(super) fn conn(&self, place: Place) -> &Connection {
        &self.conns[place.index()]
    }

    /// Ends what was shown before and shows what the files hold now. The caller keeps them from
    /// moving meanwhile.
    pub(super) fn begin(&mut self) -> Result<Vec<State>> {
        self.end();
        let mut states = Vec::with_capacity(Place::COUNT);
        for place in Place::all() {
            let conn = self.conn(place);
            conn.prepare_cached("BEGIN")
                .and_then(|mut begin| begin.execute([]))
                .map_err(|e| sqlite::error(&place.file_name(), &e))?;
            states.push(state::read(conn, place)?);
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
        for conn in self.conns.iter().filter(|c| !c.is_autocommit()) {
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
    pub(super) fn put(&self, mut set: ReaderSet, current: Lsn) {
        if set.memory && current > Lsn(0) {
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
