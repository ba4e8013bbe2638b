//! Making a lost modality file again from the log, while everybody else goes on.
//!
//! The file grows under the name `NAME.db.new`, followed commit by commit; its index rows are derived
//! at the end; then, in one moment without writers, it takes what was committed meanwhile, gets its
//! name and is believed again.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;

use rusqlite::Connection;

use crate::engine::base::{Error, Lsn, Modality, Result};
use crate::engine::log::walk::{self, Walk};
use crate::engine::log::writer::sync_dir;

use super::codec;
use super::directory;
use super::files::{self, Commit, Files};
use super::health::{self, Ailment};
use super::index::IndexTx;
use super::inner::Inner;
use super::place::Place;
use super::rows::Rows;
use super::sqlite::{self, Access};
use super::state::{self, State};

/// Commits written in one transaction.
const BATCH: usize = 4096;
/// Fewer commits than this are left for the moment without writers.
const NEAR: u64 = 256;

/// Whether the log in `folders` still holds every commit since the first.
pub(super) fn possible(folders: &[PathBuf]) -> Result<(), String> {
    match walk::first(folders) {
        Ok(Some(Lsn(1))) => Ok(()),
        Ok(Some(first)) => {
            Err(format!("the log begins with commit {first} and no archive holds those before it"))
        }
        Ok(None) => Err("the log is empty".into()),
        Err(error) => Err(error.message),
    }
}

impl Inner {
    /// Where the log lies, and what was taken from it.
    pub(super) fn log_folders(&self) -> Vec<PathBuf> {
        let mut folders = vec![directory::log_dir(&self.dir)];
        folders.extend(self.sink.read().as_ref().and_then(|sink| sink.folder()));
        folders
    }

    /// The file of `modality` cannot be used any more: it is put aside and, where that is possible,
    /// made again. The caller has let go of its connection for writing.
    pub(super) fn degrade(self: &Arc<Self>, modality: Modality, cause: &Error) -> Result<()> {
        let place = Place::from(modality);
        self.pool.clear();
        let there = health::put_aside(&self.dir, place)?;
        let file = place.file_name();
        let note = if there {
            format!("{file} was put aside as {file}.damaged ({})", cause.message)
        } else {
            format!("{file} was missing")
        };
        self.recovery.lock().aside.push(note);
        let ailment = match possible(&self.log_folders()) {
            Ok(()) => Ailment::Rebuilding(0),
            Err(reason) => Ailment::Lost(reason),
        };
        self.health.set(modality, Some(ailment));
        if let Some(applier) = &self.appliers[modality as usize] {
            applier.refreshed(self.shown());
        }
        self.start_rebuilding();
        Ok(())
    }

    /// A process that only reads looks whether the one that writes has made a file again.
    pub(super) fn examine_again(&self) {
        for (modality, _) in self.health.all() {
            let place = Place::from(modality);
            let well = sqlite::open(&place.path(&self.dir), Access::Read)
                .is_ok_and(|conn| state::read(&conn, place).is_ok());
            if well {
                self.health.set(modality, None);
                self.pool.clear();
            }
        }
    }

    /// There is more log than before: what was lost for want of it may be made again.
    pub(super) fn examine_lost(self: &Arc<Self>) {
        for (modality, ailment) in self.health.all() {
            if matches!(ailment, Ailment::Lost(_)) && possible(&self.log_folders()).is_ok() {
                self.health.set(modality, Some(Ailment::Rebuilding(0)));
            }
        }
        self.start_rebuilding();
    }

    /// Has a thread make again whatever can be.
    pub(super) fn start_rebuilding(self: &Arc<Self>) {
        let waits = |ailment: &Ailment| matches!(ailment, Ailment::Rebuilding(_));
        if self.read_only || !self.health.all().iter().any(|(_, ailment)| waits(ailment)) {
            return;
        }
        let mut running = self.rebuilder.lock();
        if running.as_ref().is_some_and(|thread| !thread.is_finished()) {
            return;
        }
        let inner = Arc::clone(self);
        let spawned = thread::Builder::new().name("vql-rebuild".into());
        *running = spawned.spawn(move || inner.rebuild_all()).ok();
    }

    fn rebuild_all(self: Arc<Self>) {
        loop {
            let waiting = self.health.all().into_iter();
            let next = waiting.filter(|(_, a)| matches!(a, Ailment::Rebuilding(_))).map(|(m, _)| m);
            let Some(modality) = next.min_by_key(|m| *m as u8) else { return };
            match self.rebuild(modality) {
                Ok(true) => self.recovery.lock().rebuilt.push(modality),
                Ok(false) => return,
                Err(error) => {
                    let lost = Ailment::Lost(format!("making it again failed: {}", error.message));
                    self.health.set(modality, Some(lost));
                }
            }
        }
    }

    /// Makes one file; false when the database is being closed.
    fn rebuild(self: &Arc<Self>, modality: Modality) -> Result<bool> {
        let place = Place::from(modality);
        let fresh = self.dir.join(format!("{}.new", place.file_name()));
        discard(&fresh)?;
        let file = place.file_name();
        let conn = sqlite::open(&fresh, Access::Write).map_err(|e| sqlite::error(&file, &e))?;
        files::create(&conn, place, self.database, &self.appliers)?;
        let at = state::read(&conn, place)?;
        let mut making = Making { inner: self, modality, conn, at };
        let mut walk = Walk::new(&self.log_folders(), self.database, Lsn(1));
        while making.at.applied.0 + NEAR < self.shown().0 {
            if !making.advance(&mut walk, self.shown(), false)? {
                return Ok(false);
            }
        }
        making.derive()?;
        let mut guard = self.files.lock();
        if self.closed.load(Ordering::Acquire) {
            return Ok(false);
        }
        let upto = self.seen.read().lsn;
        while making.at.applied < upto {
            if !making.advance(&mut walk, upto, true)? {
                return Ok(false);
            }
        }
        let Making { conn, at, .. } = making;
        files::settle(conn, place)?;
        self.adopt(&mut guard, modality, &fresh, at)?;
        Ok(true)
    }

    /// Gives the finished file its name and lets everybody use it.
    fn adopt(
        &self,
        files: &mut Option<Files>,
        modality: Modality,
        fresh: &Path,
        state: State,
    ) -> Result<()> {
        let place = Place::from(modality);
        let path = place.path(&self.dir);
        let io = |e: std::io::Error| directory::io_error(&path, &e);
        std::fs::rename(fresh, &path).map_err(io)?;
        sync_dir(&self.dir).map_err(io)?;
        let mut seen = self.seen.write();
        if let Some(files) = files {
            files.adopt(place)?;
        }
        seen.files[place.index()] = state.applied;
        self.health.set(modality, None);
        self.pool.clear();
        if let Some(applier) = &self.appliers[modality as usize] {
            applier.refreshed(seen.lsn);
        }
        Ok(())
    }
}

/// A file on its way.
struct Making<'a> {
    inner: &'a Arc<Inner>,
    modality: Modality,
    conn: Connection,
    at: State,
}

impl Making<'_> {
    fn fail(&self, cause: &rusqlite::Error) -> Error {
        sqlite::error(&Place::from(self.modality).file_name(), cause)
    }

    /// Takes the next commits up to `upto`, with their index rows when `index`; false when the database
    /// is being closed.
    fn advance(&mut self, walk: &mut Walk, upto: Lsn, index: bool) -> Result<bool> {
        if self.inner.closed.load(Ordering::Acquire) {
            return Ok(false);
        }
        let place = Place::from(self.modality);
        let mut batch = Vec::new();
        while batch.len() < BATCH
            && let Some(record) = walk.next(upto)?
        {
            let writes = Arc::new(codec::write_set_of(&record, place)?);
            batch.push(Commit { lsn: record.lsn, time: record.time, writes, bytes: 0 });
        }
        let Some(last) = batch.last() else { return Ok(true) };
        self.at = State { applied: last.lsn, time: last.time, ..self.at };
        self.conn.execute_batch("BEGIN IMMEDIATE").map_err(|e| self.fail(&e))?;
        let appliers = index.then_some(&self.inner.appliers);
        let touched: Vec<&Commit> = batch.iter().collect();
        files::write_rows(&self.conn, self.modality, &touched, appliers)?;
        state::write(&self.conn, place, self.at)
            .and_then(|()| self.conn.execute_batch("COMMIT"))
            .map_err(|e| self.fail(&e))?;
        let percent = self.at.applied.0 * 100 / upto.0.max(1);
        let ailment = Ailment::Rebuilding(u8::try_from(percent.min(99)).unwrap_or(99));
        self.inner.health.set(self.modality, Some(ailment));
        Ok(true)
    }

    /// Makes the index rows of everything taken so far.
    fn derive(&self) -> Result<()> {
        let Some(applier) = &self.inner.appliers[self.modality as usize] else { return Ok(()) };
        self.conn.execute_batch("BEGIN IMMEDIATE").map_err(|e| self.fail(&e))?;
        let rows = Rows::new(&self.conn, Place::from(self.modality));
        let tx = IndexTx::new(&self.conn, self.modality);
        applier.rebuild(&tx, &|each| rows.as_ops(each))?;
        self.conn.execute_batch("COMMIT").map_err(|e| self.fail(&e))
    }
}

/// Removes what an earlier attempt left.
fn discard(fresh: &Path) -> Result<()> {
    for rest in directory::OF_SQLITE {
        let path = PathBuf::from(format!("{}{rest}", fresh.display()));
        match std::fs::remove_file(&path) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                return Err(directory::io_error(&path, &e));
            }
            _ => {}
        }
    }
    Ok(())
}
