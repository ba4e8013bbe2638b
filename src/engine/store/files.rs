//! The nine SQLite files as their one writer holds them: changed in batches, one file after the other.
//!
//! A batch is prepared in nine open transactions, which then end together in the moment the gate is
//! closed. A process that dies in that moment leaves files at different commits; each knows its own,
//! and replaying the log brings them together again.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;

use crate::engine::base::{Error, Lsn, Modality, Result, Timestamp};
use crate::engine::log::LogRecord;
use crate::engine::log::segment::DatabaseId;
use crate::engine::log::writer::sync_dir;

use super::catalog::Catalog;
use super::health::Health;
use super::index::{Appliers, Changes, IndexTx};
use super::place::Place;
use super::presence::Presence;
use super::replay::{self, Replay};
use super::rows::Rows;
use super::sqlite::{self, Access};
use super::state::{self, State};
use super::write_set::WriteSet;
use super::{directory, schema};

/// A durable commit on its way to the files.
#[derive(Clone, Debug)]
pub(super) struct Commit {
    /// Its number.
    pub(super) lsn: Lsn,
    /// Its time.
    pub(super) time: Timestamp,
    /// Its changes.
    pub(super) writes: Arc<WriteSet>,
    /// Roughly what they weigh.
    pub(super) bytes: usize,
}

/// The writer's connections.
pub(super) struct Files {
    dir: PathBuf,
    database: DatabaseId,
    /// None where the file is lost or being made again.
    conns: Vec<Option<Connection>>,
    states: Vec<State>,
    appliers: Appliers,
    wal_mark: u64,
}

impl Files {
    /// Opens those that are well, and makes those that are missing.
    pub(super) fn open(
        dir: &Path,
        database: DatabaseId,
        appliers: &Appliers,
        health: &Health,
    ) -> Result<Self> {
        let mut files = Self {
            dir: dir.into(),
            database,
            conns: Place::all().map(|_| None).collect(),
            states: vec![State::fresh(database); Place::COUNT],
            appliers: appliers.clone(),
            wal_mark: 0,
        };
        for place in Place::all().filter(|place| health.of(*place).is_none()) {
            files.adopt(place)?;
        }
        Ok(files)
    }

    /// Opens the file of `place`, which is well.
    pub(super) fn adopt(&mut self, place: Place) -> Result<()> {
        let conn = sqlite::open(&place.path(&self.dir), Access::Write)
            .map_err(|e| sqlite::error(&place.file_name(), &e))?;
        create(&conn, place, self.database, &self.appliers)?;
        self.states[place.index()] = state::read(&conn, place)?;
        self.conns[place.index()] = Some(conn);
        Ok(())
    }

    /// Lets go of the file of `place`, which is not well.
    pub(super) fn forsake(&mut self, place: Place) {
        self.conns[place.index()] = None;
    }

    /// The files that are well.
    fn open_places(&self) -> impl Iterator<Item = (Place, &Connection)> {
        Place::all().filter_map(|place| Some((place, self.conns[place.index()].as_ref()?)))
    }

    /// The state of one file.
    pub(super) fn state(&self, place: Place) -> State {
        self.states[place.index()]
    }

    /// The connection to the catalogue.
    pub(super) fn catalog(&self) -> &Connection {
        self.conns[Place::CATALOG.index()].as_ref().expect("nothing is open without the catalogue")
    }

    /// Changes the rows of every file that has something to change, and leaves the transactions open.
    /// When that fails, all of them are undone, and it says which file was to blame.
    pub(super) fn prepare(&mut self, batch: &[Commit]) -> Result<(), (Place, Error)> {
        let done = Place::all()
            .try_for_each(|place| self.prepare_one(place, batch).map_err(|error| (place, error)));
        if done.is_err() {
            self.roll_back();
        }
        done
    }

    fn prepare_one(&mut self, place: Place, batch: &[Commit]) -> Result<()> {
        let applied = self.states[place.index()].applied;
        let todo: Vec<&Commit> = batch.iter().filter(|c| c.lsn > applied).collect();
        let touched = |c: &Commit| place.modality().is_none_or(|m| !c.writes.ops(m).is_empty());
        let (Some(last), true) = (todo.last(), todo.iter().any(|c| touched(c))) else {
            return Ok(());
        };
        let Some(conn) = &self.conns[place.index()] else { return Ok(()) };
        let fail = |e: rusqlite::Error| sqlite::error(&place.file_name(), &e);
        conn.execute_batch("BEGIN IMMEDIATE").map_err(fail)?;
        match place.modality() {
            Some(modality) => write_rows(conn, modality, &todo, Some(&self.appliers))?,
            None => {
                for commit in &todo {
                    for op in &commit.writes.catalog {
                        Catalog(conn).apply(op, commit.time)?;
                    }
                }
            }
        }
        let database = self.states[place.index()].database;
        let state = State { database, applied: last.lsn, time: last.time };
        state::write(conn, place, state).map_err(fail)
    }

    fn roll_back(&self) {
        for (_, conn) in self.open_places().filter(|(_, conn)| !conn.is_autocommit()) {
            // A transaction that cannot even be undone ends with its connection.
            drop(conn.execute_batch("ROLLBACK"));
        }
    }

    /// Ends the transactions of a prepared batch and tells the modalities. To be called with the gate
    /// closed. When one fails, the others may have ended: `Seen::uneven` says so.
    pub(super) fn finish(&mut self, batch: &[Commit]) -> Result<()> {
        for place in Place::all() {
            let conn = self.conns[place.index()].as_ref();
            let Some(conn) = conn.filter(|conn| !conn.is_autocommit()) else { continue };
            if let Err(cause) = conn.execute_batch("COMMIT") {
                self.roll_back();
                return Err(sqlite::error(&place.file_name(), &cause));
            }
            let before = self.states[place.index()].applied;
            if let Some(last) = batch.last() {
                let state = &mut self.states[place.index()];
                (state.applied, state.time) = (last.lsn, last.time);
            }
            self.tell(place, before, batch);
        }
        Ok(())
    }

    /// Brings every file to the end of `records`, all at once: each takes what it lacks from its own
    /// sections. The gate is closed meanwhile. Names the file that cannot be changed; what the others
    /// have taken, they keep.
    pub(super) fn replay(&mut self, records: &[LogRecord]) -> Result<(), (Place, Error)> {
        let appliers = &self.appliers;
        let open = self.conns.iter_mut().zip(self.states.iter_mut());
        let todo = Place::all().zip(open).filter_map(|(place, (conn, state))| {
            Some(Replay { place, conn: conn.as_mut()?, state, appliers })
        });
        replay::all(todo.collect(), records)
    }

    fn tell(&self, place: Place, before: Lsn, batch: &[Commit]) {
        let Some(modality) = place.modality() else { return };
        let Some(applier) = &self.appliers[modality as usize] else { return };
        let changes: Vec<Changes<'_>> = batch
            .iter()
            .filter(|c| c.lsn > before && !c.writes.ops(modality).is_empty())
            .map(|c| Changes { lsn: c.lsn, time: c.time, ops: c.writes.ops(modality) })
            .collect();
        if !changes.is_empty() {
            applier.applied(&changes);
        }
    }

    /// Moves what SQLite's own logs hold into the files, as far as readers allow, once those logs have
    /// grown by `limit` bytes.
    pub(super) fn write_back(&mut self, limit: u64) -> Result<()> {
        if self.wal_bytes() < self.wal_mark + limit {
            return Ok(());
        }
        for (place, conn) in self.open_places() {
            checkpoint(conn, place, "TRUNCATE")?;
        }
        // What a reader kept from shrinking is not tried again at once.
        self.wal_mark = self.wal_bytes();
        Ok(())
    }

    fn wal_bytes(&self) -> u64 {
        let size =
            |place: Place| std::fs::metadata(place.wal_path(&self.dir)).map_or(0, |m| m.len());
        Place::all().map(size).sum()
    }

    /// Makes everything up to `lsn` durable in every file: log before that is needed no more.
    pub(super) fn make_durable(
        &mut self,
        (lsn, time): (Lsn, Timestamp),
        presence: Option<&Presence>,
    ) -> Result<()> {
        for place in Place::all() {
            let fail = |e: rusqlite::Error| sqlite::error(&place.file_name(), &e);
            let Some(conn) = &self.conns[place.index()] else { continue };
            let current = self.states[place.index()];
            let bitmaps = presence.filter(|_| place == Place::CATALOG);
            if current.applied != lsn || bitmaps.is_some() {
                let state = State { applied: lsn, time, ..current };
                conn.execute_batch("BEGIN IMMEDIATE").map_err(fail)?;
                let written = bitmaps
                    .map_or(Ok(()), |maps| maps.save(conn, lsn))
                    .and_then(|()| state::write(conn, place, state))
                    .and_then(|()| conn.execute_batch("COMMIT"));
                if written.is_err() {
                    self.roll_back();
                }
                written.map_err(fail)?;
                self.states[place.index()] = state;
            }
            if !checkpoint(conn, place, "TRUNCATE")? {
                // A reader holds old pages; then SQLite's log itself has to be durable.
                sync_file(&place.wal_path(&self.dir))?;
            }
        }
        self.wal_mark = self.wal_bytes();
        sync_dir(&self.dir).map_err(|e| directory::io_error(&self.dir, &e))
    }

    /// Empties and fills the index rows of a modality from its records.
    pub(super) fn rebuild_index(&mut self, modality: Modality) -> Result<()> {
        let Some(applier) = self.appliers[modality as usize].clone() else { return Ok(()) };
        let place = Place::from(modality);
        let Some(conn) = &self.conns[place.index()] else { return Ok(()) };
        let fail = |e: rusqlite::Error| sqlite::error(&place.file_name(), &e);
        conn.execute_batch("BEGIN IMMEDIATE").map_err(fail)?;
        let rows = Rows::new(conn, place);
        let rebuilt = applier
            .rebuild(&IndexTx::new(conn, modality), &|each| rows.as_ops(each))
            .and_then(|()| conn.execute_batch("COMMIT").map_err(fail));
        if rebuilt.is_err() {
            self.roll_back();
        }
        rebuilt
    }
}

/// Changes the rows of a modality, and its index rows when `appliers` are given.
pub(super) fn write_rows(
    conn: &Connection,
    modality: Modality,
    todo: &[&Commit],
    appliers: Option<&Appliers>,
) -> Result<()> {
    let place = Place::from(modality);
    let rows = Rows::new(conn, place);
    let changes: Vec<Changes<'_>> = todo
        .iter()
        .map(|c| Changes { lsn: c.lsn, time: c.time, ops: c.writes.ops(modality) })
        .filter(|c| !c.ops.is_empty())
        .collect();
    for change in &changes {
        for op in change.ops {
            rows.apply(op, change.time).map_err(|e| sqlite::error(&place.file_name(), &e))?;
        }
    }
    match appliers.and_then(|appliers| appliers[modality as usize].as_ref()) {
        Some(applier) => applier.apply(&IndexTx::new(conn, modality), &changes),
        None => Ok(()),
    }
}

/// Moves everything into the file itself, forces it to the disk and closes it.
pub(super) fn settle(conn: Connection, place: Place) -> Result<()> {
    checkpoint(&conn, place, "TRUNCATE")?;
    conn.close().map_err(|(_, e)| sqlite::error(&place.file_name(), &e))
}

/// Makes the tables that are not there yet.
pub(super) fn create(
    conn: &Connection,
    place: Place,
    database: DatabaseId,
    appliers: &Appliers,
) -> Result<()> {
    let fail = |e: rusqlite::Error| sqlite::error(&place.file_name(), &e);
    conn.execute_batch("BEGIN IMMEDIATE").map_err(fail)?;
    let new: i64 = conn
        .query_row("SELECT count(*) FROM sqlite_schema WHERE name = 'state'", [], |r| r.get(0))
        .map_err(fail)?;
    if new == 0 {
        // In a file that is not new, a table that is missing is damage and not made again.
        let tables = if place == Place::CATALOG { schema::CATALOG } else { schema::MODALITY };
        conn.execute_batch(schema::STATE).map_err(fail)?;
        conn.execute_batch(tables).map_err(fail)?;
        state::write(conn, place, State::fresh(database)).map_err(fail)?;
    }
    if let Some(modality) = place.modality()
        && let Some(applier) = &appliers[modality as usize]
    {
        applier.schema(&IndexTx::new(conn, modality))?;
    }
    conn.execute_batch("COMMIT").map_err(fail)
}

/// True when all of SQLite's log is in the file. Does not wait for readers of older pages.
fn checkpoint(conn: &Connection, place: Place, mode: &str) -> Result<bool> {
    let fail = |e: rusqlite::Error| sqlite::error(&place.file_name(), &e);
    conn.busy_timeout(Duration::ZERO).map_err(fail)?;
    let outcome = conn.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| {
        let (log, moved): (i64, i64) = (row.get(1)?, row.get(2)?);
        Ok(log == moved)
    });
    conn.busy_timeout(sqlite::PATIENCE).map_err(fail)?;
    match outcome {
        Err(e) if e.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy) => Ok(false),
        other => other.map_err(fail),
    }
}

fn sync_file(path: &Path) -> Result<()> {
    match std::fs::File::open(path) {
        Ok(file) => file.sync_all().map_err(|e| directory::io_error(path, &e)),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(directory::io_error(path, &e)),
    }
}
