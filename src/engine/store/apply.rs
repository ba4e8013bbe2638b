//! From the log to the files: acknowledged commits are applied in batches, and before anybody looks.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::engine::base::{Error, Kind, Lsn, Result};
use crate::engine::log::LogWriter;
use crate::engine::log::writer::{self, AppendError};

use super::files::{Commit, Files};
use super::health;
use super::inner::Inner;
use super::options::SyncMode;
use super::place::Place;

/// Commits applied in one transaction per file.
const BATCH: usize = 1024;
/// Bytes applied in one transaction per file.
const BATCH_BYTES: usize = 32 << 20;
/// SQLite's own logs are written back after so many bytes, or less where the disk is nearly full.
const WRITE_BACK_BYTES: u64 = 32 << 20;
/// But not before so many.
const WRITE_BACK_LEAST: u64 = 256 << 10;

impl Inner {
    /// Applies everything that was acknowledged before the call.
    pub(super) fn apply_all(self: &Arc<Self>) -> Result<()> {
        if self.queue.lock().commits.is_empty() {
            return Ok(());
        }
        self.check_going()?;
        let mut guard = self.files.lock();
        let done = self.apply_with(&mut guard);
        drop(guard);
        self.judge(&done);
        *self.apply_error.lock() = done.as_ref().err().cloned();
        done
    }

    /// A failed read, write or sync of a file is as final as one of the log: the operating system may
    /// take what it could not write for written, and the next attempt would succeed for nothing.
    fn judge(&self, done: &Result<()>) {
        if let Err(error) = done
            && error.kind == Kind::Io
        {
            self.stop_for_good(&error.message);
        }
    }

    fn apply_with(self: &Arc<Self>, guard: &mut Option<Files>) -> Result<()> {
        if self.queue.lock().commits.is_empty() {
            return Ok(());
        }
        let synced = self.sync_log()?;
        // What idle readers show is about to be old, and SQLite cannot reuse its log while they do.
        self.pool.end_all();
        let files = self.writer_files(guard)?;
        loop {
            let batch = self.next_batch(synced);
            if batch.is_empty() {
                break;
            }
            self.apply_batch(files, &batch)?;
            let mut queue = self.queue.lock();
            let done = queue.commits.drain(..batch.len()).map(|c| c.bytes).sum::<usize>();
            queue.bytes -= done;
        }
        let room = super::space::available(&self.dir).unwrap_or(u64::MAX);
        files.write_back((room / 8).clamp(WRITE_BACK_LEAST, WRITE_BACK_BYTES))?;
        Ok(())
    }

    /// The files never hold what the log may still lose: without that, a power cut could leave one
    /// modality ahead of the others for good.
    fn sync_log(&self) -> Result<Lsn> {
        if self.sync_mode() == SyncMode::Full && !self.lax.load(Ordering::Acquire) {
            return Ok(self.acknowledged());
        }
        let mut guard = self.log.lock();
        let Some(log) = guard.as_mut() else { return Ok(self.acknowledged()) };
        let synced = log.sync();
        let reached = log.synced();
        drop(guard);
        match synced {
            Err(AppendError::Final(reason)) => {
                self.stop_for_good(&reason);
                Err(writer::stopped(&reason))
            }
            Ok(()) | Err(AppendError::Refused(_)) => Ok(reached),
        }
    }

    /// The writer's connections, opened when first needed.
    pub(super) fn writer_files<'a>(&self, guard: &'a mut Option<Files>) -> Result<&'a mut Files> {
        let files = match guard.take() {
            Some(files) => files,
            None => Files::open(&self.dir, self.database, &self.appliers, &self.health)?,
        };
        Ok(guard.insert(files))
    }

    fn next_batch(&self, synced: Lsn) -> Vec<Commit> {
        let queue = self.queue.lock();
        let mut bytes = 0;
        let fits = |c: &&Commit| {
            let first = bytes == 0;
            bytes += c.bytes;
            c.lsn <= synced && (first || bytes <= BATCH_BYTES)
        };
        queue.commits.iter().take(BATCH).take_while(fits).cloned().collect()
    }

    /// Applies one batch and lets views see it.
    pub(super) fn apply_batch(self: &Arc<Self>, files: &mut Files, batch: &[Commit]) -> Result<()> {
        let mut derived_anew = None;
        while let Err((place, error)) = files.prepare(batch) {
            let damaged = error.kind == Kind::Corruption;
            let Some(modality) = place.modality().filter(|_| damaged) else { return Err(error) };
            // It may be only the index rows, which the records can give again.
            if derived_anew.replace(place) == Some(place) || files.rebuild_index(modality).is_err()
            {
                files.forsake(place);
                self.degrade(modality, &error)?;
            }
        }
        let mut seen = self.seen.write();
        let gate = self.gate.read();
        let finished = match gate.as_ref() {
            Some(gate) => gate.exclusive(|| files.finish(batch)).and_then(|done| done),
            None => files.finish(batch),
        };
        for place in Place::all() {
            seen.files[place.index()] = files.state(place).applied;
        }
        seen.uneven = finished.is_err();
        finished?;
        let mut names = self.names.write();
        for op in batch.iter().flat_map(|c| &c.writes.catalog) {
            names.apply(op);
            if let Some(presence) = &mut seen.presence {
                presence.apply(op);
            }
        }
        if let Some(last) = batch.last() {
            (seen.lsn, seen.time) = (last.lsn, last.time.max(seen.time));
            self.shown.store(last.lsn.0, Ordering::Release);
            names.advance(last.lsn);
        }
        drop(names);
        self.pool.release_stale(seen.lsn);
        Ok(())
    }

    /// Makes all files durable and deletes log that is needed no more.
    pub(super) fn checkpoint(self: &Arc<Self>) -> Result<()> {
        self.check_going()?;
        let done = self.make_durable();
        self.judge(&done);
        done
    }

    fn make_durable(self: &Arc<Self>) -> Result<()> {
        let mut guard = self.files.lock();
        self.apply_with(&mut guard)?;
        let Some(files) = guard.as_mut() else { return Ok(()) };
        let (lsn, time) = {
            let seen = self.seen.read();
            (seen.lsn, seen.time)
        };
        let presence = self.presence_for_save(files)?;
        self.pool.end_all();
        files.make_durable((lsn, time), presence.as_ref())?;
        {
            let mut seen = self.seen.write();
            seen.files = [lsn; Place::COUNT];
        }
        if !self.health.whole() {
            // A file that is made again needs all of it.
            return Ok(());
        }
        let sink = self.sink.read();
        let mut may =
            |first, path: &Path| sink.as_ref().map_or(Ok(true), |s| s.may_forget(first, path));
        match self.log.lock().as_mut() {
            Some(log) => log.forget(lsn, self.options.keep_log, &mut may),
            None => Ok(()),
        }
    }

    fn presence_for_save(&self, files: &Files) -> Result<Option<super::presence::Presence>> {
        let (presence, lsn) = {
            let seen = self.seen.read();
            (seen.presence.clone(), seen.lsn)
        };
        match presence {
            Some(presence) => Ok(Some(presence)),
            None => super::presence::Presence::load(files.catalog(), lsn).map(Some),
        }
    }
}

impl Inner {
    /// The file of `place` cannot be read: it is put aside when it is damaged, so that the others go on.
    pub(super) fn forsake(self: &Arc<Self>, place: Place, error: Error) -> Result<()> {
        let damaged = health::is_damage(&error, &place.path(&self.dir));
        let Some(modality) = place.modality().filter(|_| damaged) else { return Err(error) };
        let mut guard = self.files.lock();
        if self.health.of(place).is_some() {
            return Ok(());
        }
        if let Some(files) = guard.as_mut() {
            files.forsake(place);
        }
        self.degrade(modality, &error)
    }

    /// The end of a run that wrote: the segment gets its footer, the files get everything.
    pub(super) fn finish(self: &Arc<Self>, mut log: LogWriter) -> Result<()> {
        self.apply_all()?;
        if self.commits.lock().stopped.is_none() {
            match log.finish() {
                // A log without a footer is read to its end next time; nothing is lost.
                Ok(()) | Err(AppendError::Refused(_)) => {}
                Err(AppendError::Final(reason)) => return Err(writer::stopped(&reason)),
            }
        }
        *self.log.lock() = Some(log);
        let done = self.checkpoint();
        *self.log.lock() = None;
        done
    }
}
