//! The database as its users hold it: open, view, commit, close.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::engine::base::{Clock, Error, Iid, Kind, Lsn, Modality, Result};
use crate::engine::log::segment::DatabaseId;

use super::catalog::Catalog;
use super::commit::Attempt;
use super::conflict::Verdict;
use super::index::Appliers;
use super::inner::Inner;
use super::open;
use super::options::{Committed, Fault, OpenOptions, Status, SyncMode};
use super::place::Place;
use super::sink::LogSink;
use super::trail::{Follower, Touch};
use super::verify;
use super::view::View;
use super::write_set::{CatalogOp, Space, WriteSet};

/// Under which name the catalogue keeps the sync mode.
const SYNC: &str = "sync";

/// An open database. Share it as `Arc<Store>`; every method may be called from any thread.
pub struct Store {
    inner: Arc<Inner>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("dir", &self.inner.dir).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the database in `dir`, after replaying what its log holds and its files do not.
    ///
    /// `NotFound`: nothing there and not `create`. `NotADatabase`, `NewerFormat`, `Corruption`: nothing
    /// was touched. `DatabaseLocked`: another process writes to it; open it for reading only.
    pub fn open(
        dir: &Path,
        options: OpenOptions,
        clock: Arc<dyn Clock>,
        appliers: Appliers,
    ) -> Result<Self> {
        let store = Self { inner: open::open(dir, options, clock, appliers)? };
        store.inner.start_rebuilding();
        if options.sync.is_none() && store.inner.made.load(Ordering::Acquire) {
            store.take_mode()?;
        }
        Ok(store)
    }

    /// The sync mode the database was told to keep.
    fn take_mode(&self) -> Result<()> {
        if let Some(body) = self.view()?.entry(Space::Setting, SYNC)? {
            let mode = std::str::from_utf8(&body).ok().and_then(SyncMode::parse);
            *self.inner.mode.write() = mode.ok_or_else(|| {
                Error::new(Kind::Corruption, "the kept setting sync cannot be understood")
            })?;
        }
        Ok(())
    }

    /// Changes when commits are safe, for everybody and from now on; the database keeps it. What was
    /// acknowledged before is on the disk when this returns.
    pub fn keep_sync(&self, mode: SyncMode) -> Result<()> {
        let mut writes = self.view()?.write_set()?;
        let body = mode.describe().into_bytes();
        writes.catalog(CatalogOp::Set { space: Space::Setting, name: SYNC.into(), body });
        writes.sync(SyncMode::Full);
        self.commit(writes)?;
        *self.inner.mode.write() = mode;
        Ok(())
    }

    /// The identity of the database, which is in every file and segment of it.
    pub fn id(&self) -> DatabaseId {
        self.inner.database
    }

    /// Hands the log to `sink` from now on, before it is let go of; nothing takes it back.
    pub fn set_sink(&self, sink: Option<Arc<dyn LogSink>>) {
        *self.inner.sink.write() = sink;
        self.inner.examine_lost();
    }

    /// The newest state: everything acknowledged so far is in it.
    pub fn view(&self) -> Result<View> {
        View::begin(&self.inner)
    }

    /// Commits. Answers when it is as safe as the sync mode says.
    ///
    /// `WriteConflict`: prepare it again on a new view. `DiskFull`: nothing was written.
    /// `StoreUnavailable`: the log failed and this process will never write again; reading goes on.
    pub fn commit(&self, writes: WriteSet) -> Result<Committed> {
        self.inner.commit(writes)
    }

    /// Commits when `check` agrees. It is shown, under the lock that orders the commits, what every
    /// commit behind the one `writes` was prepared against touched: those under way come last, without
    /// a number, and may still fail. Somebody must follow since then ([`Self::follow`]).
    ///
    /// `Free` commits. `Wait` lets those under way end and answers `Again`. `Changed` fails with
    /// `WriteConflict`, and so does a check that cannot be made because too much was committed. `Again`
    /// is also the answer when the same hexad, id or entry was changed. The check must be quick and
    /// must not ask the store for anything. A write set that writes nothing is not checked.
    pub fn commit_checked(
        &self,
        writes: WriteSet,
        check: &dyn Fn(&[&Touch]) -> Verdict,
    ) -> Result<Attempt> {
        self.inner.attempt(writes, Some(check))
    }

    /// The newest state, and a follower of what is committed from there on: until it is dropped,
    /// [`Self::touched_since`] knows every commit the view does not show.
    pub fn follow(&self) -> Result<(Follower, View)> {
        self.inner.check_open()?;
        self.inner.follow()
    }

    /// What was committed after commit `after`, oldest first; `None` when nobody knows: no follower
    /// has been there since, or there was too much. A commit that a view shows already may be missing
    /// for a moment, but then it is shown to the check of [`Self::commit_checked`] as under way.
    pub fn touched_since(&self, after: Lsn) -> Option<Vec<Arc<Touch>>> {
        self.inner.touched_since(after)
    }

    /// Takes `n` fresh internal ids and gives the first; ids that are never used leave a gap.
    pub fn allocate_iids(&self, n: u32) -> Result<Iid> {
        self.inner.check_writable()?;
        let mut next = self.inner.next_iid.lock();
        let first = match *next {
            Some(first) => first,
            None => Catalog(self.view()?.conn(Place::CATALOG)?).max_iid()? + 1,
        };
        let after = first.checked_add(n).ok_or_else(|| {
            Error::new(Kind::ResourceExhausted, "all four billion internal ids are used")
        })?;
        *next = Some(after);
        Ok(Iid(first))
    }

    /// True when every file can be read.
    pub fn whole(&self) -> bool {
        self.inner.health.whole()
    }

    /// What the store says about itself.
    pub fn status(&self) -> Status {
        self.inner.status()
    }

    /// Makes all files durable and lets go of log that is no longer needed.
    pub fn checkpoint(&self) -> Result<()> {
        self.inner.check_writable()?;
        self.inner.checkpoint()
    }

    /// Reads everything and names what is damaged.
    pub fn verify(&self) -> Result<Vec<Fault>> {
        self.verify_watched(&mut |_, _, _| Ok(()))
    }

    /// The same; `watch` is told what is being read and how far it is, and may end it with an error.
    pub fn verify_watched(
        &self,
        watch: &mut dyn FnMut(&str, u64, u64) -> Result<()>,
    ) -> Result<Vec<Fault>> {
        self.inner.check_open()?;
        verify::verify(&self.inner, watch)
    }

    /// Empties the index rows of a modality and fills them from its records.
    pub fn rebuild_index(&self, modality: Modality) -> Result<()> {
        self.inner.check_writable()?;
        self.inner.apply_all()?;
        self.inner.make()?;
        let mut guard = self.inner.files.lock();
        self.inner.writer_files(&mut guard)?.rebuild_index(modality)?;
        drop(guard);
        // Views keep showing the old rows until the next commit unless they begin anew.
        self.inner.pool.clear();
        Ok(())
    }

    /// Ends everything in order. Later calls fail with `StoreUnavailable`. Dropping does the same, but
    /// cannot say what went wrong.
    pub fn close(&self) -> Result<()> {
        if self.inner.closed.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        self.inner.stop();
        let rebuilder = self.inner.rebuilder.lock().take();
        if let Some(thread) = rebuilder {
            // It looks at the mark set above between two batches; what it had begun is begun anew.
            drop(thread.join());
        }
        let applied = self.inner.apply_all();
        // Whoever waits in the log finishes first; whoever comes later finds it gone.
        let log = self.inner.log.lock().take();
        self.inner.pool.clear();
        let written = self.inner.files.lock().is_some();
        let durable = match (log, applied, written) {
            (_, Err(error), _) => Err(error),
            (Some(log), Ok(()), true) => self.inner.finish(log),
            (_, Ok(()), _) => Ok(()),
        };
        *self.inner.files.lock() = None;
        *self.inner.gate.write() = None;
        *self.inner.lock.lock() = None;
        durable
    }
}

impl Store {
    /// For the other half of the door: `copy.rs`.
    pub(super) fn inner_ref(&self) -> &Inner {
        &self.inner
    }
}

#[cfg(test)]
impl Store {
    /// For tests that reach behind the door.
    pub(super) fn inner(&self) -> &Inner {
        &self.inner
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // Whoever wants to know calls `close`; what was acknowledged is in the log either way.
        drop(self.close());
    }
}
