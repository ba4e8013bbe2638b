//! One commit of the database over all its files: what a view shows where nothing is laid over it.

use std::any::{Any, TypeId};
use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use roaring::RoaringBitmap;
use rusqlite::Connection;

use crate::engine::base::{Error, Iid, Kind, Lsn, Modality, Result, Timestamp};

use super::catalog::Catalog;
use super::index::IndexReader;
use super::inner::Inner;
use super::place::Place;
use super::pool::ReaderSet;
use super::presence::Presence;
use super::record::{Appended, HexadHeader, Name, PastRecord, Record};
use super::rows::Rows;
use super::sqlite;
use super::write_set::{Space, WriteSet};

/// The state of the database after one commit. Belongs to one thread at a time.
///
/// It never changes and never blocks a writer. While it lives, SQLite keeps what it shows. Whoever
/// wants to see what a transaction has not committed yet reads the [`super::View`] it belongs to; the
/// row indexes of the modalities speak of this alone.
pub struct Ground {
    inner: Arc<Inner>,
    set: Option<ReaderSet>,
    lsn: Lsn,
    presence: OnceCell<Presence>,
    kept: Kept,
}

/// What others derived from a ground, by its type.
type Kept = RefCell<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>;

impl fmt::Debug for Ground {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ground").field("lsn", &self.lsn).finish_non_exhaustive()
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        if let Some(set) = self.set.take()
            && !self.inner.closed.load(Ordering::Acquire)
        {
            self.inner.pool.put(set, self.inner.shown(), self.inner.health.epoch());
        }
    }
}

impl Ground {
    /// The newest state.
    pub(super) fn begin(inner: &Arc<Inner>) -> Result<Self> {
        inner.check_open()?;
        inner.apply_all()?;
        if !inner.made.load(Ordering::Acquire) {
            let set = inner.pool.take(Some(Lsn(0)));
            let set = set.map_or_else(|| ReaderSet::empty(inner.database, &inner.appliers), Ok)?;
            return Ok(Self::over(inner, set, Lsn(0), None));
        }
        if inner.read_only {
            return Self::begin_beside(inner);
        }
        loop {
            match Self::begin_here(inner) {
                Ok(ground) => return Ok(ground),
                // One more file is damaged: it is put aside, and the others go on.
                Err((place, error)) => inner.forsake(place, error)?,
            }
        }
    }

    fn over(inner: &Arc<Inner>, set: ReaderSet, lsn: Lsn, presence: Option<Presence>) -> Self {
        let presence = presence.map_or_else(OnceCell::new, OnceCell::from);
        Self { inner: Arc::clone(inner), set: Some(set), lsn, presence, kept: Kept::default() }
    }

    /// In the process that writes: the files stand still while `seen` is read.
    fn begin_here(inner: &Arc<Inner>) -> Result<Self, (Place, Error)> {
        let seen = inner.seen.read();
        if seen.uneven {
            let cause = inner.apply_error.lock().clone();
            let error = cause.unwrap_or_else(|| {
                Error::new(Kind::StoreUnavailable, "the files stand at different commits")
            });
            return Err((Place::CATALOG, error));
        }
        let mut set = match inner.pool.take(Some(seen.lsn)).filter(|set| !set.memory) {
            Some(set) => set,
            None => ReaderSet::open(&inner.dir, &inner.health)?,
        };
        if set.lsn() != Some(seen.lsn) {
            let states = set.begin()?;
            for (place, state) in Place::all().zip(&states) {
                let expected = seen.files[place.index()];
                if let Some(state) = state
                    && state.applied != expected
                {
                    let what = format!("it stands at commit {}, not {expected}", state.applied);
                    return Err((place, sqlite::corrupt(&place.file_name(), what)));
                }
            }
            set.shows(seen.lsn);
        }
        Ok(Self::over(inner, set, seen.lsn, seen.presence.clone()))
    }

    /// In a process that only reads: another may have moved the files on.
    fn begin_beside(inner: &Arc<Inner>) -> Result<Self> {
        if !inner.health.whole() {
            // Whoever writes may have made it again.
            inner.examine_again();
        }
        let mut set = match inner.pool.take(None) {
            Some(set) => set,
            None => ReaderSet::open(&inner.dir, &inner.health).map_err(|(_, error)| error)?,
        };
        let mut seen = inner.seen.write();
        let states = match inner.gate.read().as_ref() {
            Some(gate) => gate.shared(|| set.begin())?,
            None => set.begin(),
        };
        let states = states.map_err(|(_, error)| error)?;
        let lsn = states.iter().flatten().map(|s| s.applied).max().unwrap_or_default();
        set.shows(lsn);
        if lsn != seen.lsn {
            seen.lsn = lsn;
            inner.shown.store(lsn.0, Ordering::Release);
            seen.presence = None;
            for (at, state) in seen.files.iter_mut().zip(&states) {
                *at = state.map_or(*at, |state| state.applied);
            }
            inner.names.write().forget(lsn);
            for applier in inner.appliers.iter().flatten() {
                applier.refreshed(lsn);
            }
        }
        Ok(Self::over(inner, set, lsn, seen.presence.clone()))
    }

    /// The file of `place`, or what is the matter with it.
    pub(super) fn conn(&self, place: Place) -> Result<&Connection> {
        let set = self.set.as_ref().expect("taken only when dropped");
        set.conn(place).ok_or_else(|| self.inner.health.refusal(place))
    }

    fn catalog(&self) -> Catalog<'_> {
        Catalog(self.conn(Place::CATALOG).expect("nothing is open without the catalogue"))
    }

    fn rows(&self, modality: Modality) -> Result<Rows<'_>> {
        let place = Place::from(modality);
        Ok(Rows::new(self.conn(place)?, place))
    }

    pub(super) fn presence(&self) -> Result<&Presence> {
        if let Some(presence) = self.presence.get() {
            return Ok(presence);
        }
        let presence = Presence::load(self.conn(Place::CATALOG)?, self.lsn)?;
        // Whoever moves the files on may be waiting for a lock our caller holds: only if it is free.
        if let Some(mut seen) = self.inner.seen.try_write()
            && seen.lsn == self.lsn
            && seen.presence.is_none()
        {
            seen.presence = Some(presence.clone());
        }
        Ok(self.presence.get_or_init(|| presence))
    }

    /// Something derived from this commit, made once and kept as long as it is shown: for a transaction
    /// that goes on looking at it when everybody else has moved on.
    pub fn kept<T: Any + Send + Sync>(
        &self,
        make: impl FnOnce() -> Result<Arc<T>>,
    ) -> Result<Arc<T>> {
        let known = self.kept.borrow().get(&TypeId::of::<T>()).cloned();
        if let Some(known) = known.and_then(|known| known.downcast().ok()) {
            return Ok(known);
        }
        let made = make()?;
        let kept = Arc::clone(&made) as Arc<dyn Any + Send + Sync>;
        self.kept.borrow_mut().insert(TypeId::of::<T>(), kept);
        Ok(made)
    }

    /// Up to and including which commit.
    pub fn lsn(&self) -> Lsn {
        self.lsn
    }

    /// A write set prepared against this commit, with a commit time later than all it shows.
    pub(super) fn write_set(&self) -> Result<WriteSet> {
        self.inner.check_writable()?;
        Ok(WriteSet::new(self.lsn, self.inner.stamp()))
    }

    /// The same as of a time given.
    pub(super) fn write_set_at(&self, at: Timestamp) -> Result<WriteSet> {
        self.inner.check_writable()?;
        Ok(WriteSet::new(self.lsn, at))
    }

    /// The live hexad of this id.
    pub fn iid(&self, id: &str) -> Result<Option<Iid>> {
        if let Some(iid) = self.inner.names.read().iid(id, self.lsn) {
            return Ok(Some(iid));
        }
        let Some(header) = self.catalog().live(id)? else { return Ok(None) };
        self.inner.names.write().learn(id, header.iid, true, self.lsn);
        Ok(Some(header.iid))
    }

    /// Every hexad that ever had this id, oldest first: deleted ones, and the live one if there is.
    pub fn iids_named(&self, id: &str) -> Result<Vec<Iid>> {
        Ok(self.catalog().named(id)?.into_iter().map(|header| header.iid).collect())
    }

    /// The id of a hexad, live or deleted.
    pub fn id_of(&self, iid: Iid) -> Result<Option<Name>> {
        if let Some(name) = self.inner.names.read().name(iid) {
            return Ok(Some(name));
        }
        let Some(header) = self.catalog().header(iid)? else { return Ok(None) };
        let live = header.deleted_at.is_none();
        Ok(Some(self.inner.names.write().learn(header.id.as_str(), iid, live, self.lsn)))
    }

    /// What is known of a hexad, live or deleted.
    pub fn header(&self, iid: Iid) -> Result<Option<HexadHeader>> {
        self.catalog().header(iid)
    }

    /// All headers in ascending order, deleted ones too.
    pub fn headers(
        &self,
        each: &mut dyn FnMut(&HexadHeader) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        self.catalog().headers(each)
    }

    /// The hexads that are not deleted.
    pub fn live(&self) -> Result<Arc<RoaringBitmap>> {
        Ok(Arc::clone(&self.presence()?.live))
    }

    /// Every hexad there ever was.
    pub fn ever(&self) -> Result<Arc<RoaringBitmap>> {
        Ok(Arc::clone(&self.presence()?.ever))
    }

    /// The live hexads that have `modality`.
    pub fn present(&self, modality: Modality) -> Result<Arc<RoaringBitmap>> {
        Ok(Arc::clone(&self.presence()?.present[modality as usize]))
    }

    /// The record, if the hexad has this modality.
    pub fn record(&self, modality: Modality, iid: Iid) -> Result<Option<Record>> {
        match self.rows(modality)?.record(iid).map_err(|e| self.named(e, iid))? {
            None if !appends(modality) && self.present(modality)?.contains(iid.0) => {
                let what = format!("the {modality} record of hexad #{} is missing", iid.0);
                Err(self.named(sqlite::corrupt(&Place::from(modality).file_name(), what), iid))
            }
            record => Ok(record),
        }
    }

    /// The record as it was when the hexad had version `version`.
    pub fn record_at(&self, modality: Modality, iid: Iid, version: u32) -> Result<Option<Record>> {
        match self.record(modality, iid)? {
            Some(record) if record.version <= version => Ok(Some(record)),
            _ => self.rows(modality)?.record_at(iid, version).map_err(|e| self.named(e, iid)),
        }
    }

    /// The records that were replaced or deleted, oldest first.
    pub fn history(&self, modality: Modality, iid: Iid) -> Result<Vec<PastRecord>> {
        let mut past = Vec::new();
        let read = self.rows(modality)?.history(Some(iid), &mut |record| {
            past.push(record.clone());
            Ok(ControlFlow::Continue(()))
        });
        read.map_err(|e| self.named(e, iid))?;
        Ok(past)
    }

    /// All records of a modality in ascending order.
    pub fn scan(
        &self,
        modality: Modality,
        each: &mut dyn FnMut(&Record) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        let (mut count, mut ended) = (0, true);
        self.rows(modality)?.scan(&mut |record| {
            count += 1;
            let flow = each(record)?;
            ended = flow.is_continue();
            Ok(flow)
        })?;
        let expected = self.present(modality)?.len();
        if ended && !appends(modality) && count != expected {
            let what = format!("it holds {count} records, the catalog knows {expected}");
            return Err(sqlite::corrupt(&Place::from(modality).file_name(), what));
        }
        Ok(())
    }

    /// The records of `iids` that exist, in ascending order.
    pub fn records(
        &self,
        modality: Modality,
        iids: &RoaringBitmap,
        each: &mut dyn FnMut(&Record) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        for iid in iids {
            if let Some(record) = self.record(modality, Iid(iid))?
                && each(&record)?.is_break()
            {
                break;
            }
        }
        Ok(())
    }

    /// The growing sequence of a hexad: its versions (`Temporal`) or its events (`Provenance`).
    pub fn appended(&self, modality: Modality, iid: Iid) -> Result<Vec<Appended>> {
        let mut entries = Vec::new();
        let read = self.rows(modality)?.appended(Some(iid), &mut |entry| {
            entries.push(entry.clone());
            Ok(ControlFlow::Continue(()))
        });
        read.map_err(|e| self.named(e, iid))?;
        Ok(entries)
    }

    /// The last entry of that sequence.
    pub fn last_appended(&self, modality: Modality, iid: Iid) -> Result<Option<Appended>> {
        self.rows(modality)?.last_appended(iid).map_err(|e| self.named(e, iid))
    }

    /// The sequences of all hexads, ascending, each in its order.
    pub fn scan_appended(
        &self,
        modality: Modality,
        each: &mut dyn FnMut(&Appended) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        self.rows(modality)?.appended(None, each)
    }

    /// A named entry of the catalogue.
    pub fn entry(&self, space: Space, name: &str) -> Result<Option<Vec<u8>>> {
        self.catalog().entry(space, name)
    }

    /// All entries of a family, by name.
    pub fn entries(&self, space: Space) -> Result<Vec<(String, Vec<u8>)>> {
        self.catalog().entries(space)
    }

    /// The index rows of a modality, as this view shows them.
    pub fn index(&self, modality: Modality) -> Result<IndexReader<'_>> {
        Ok(IndexReader::new(self.conn(Place::from(modality))?, modality))
    }

    /// The same error with the id of the hexad where it names the internal one.
    fn named(&self, mut error: Error, iid: Iid) -> Error {
        if error.kind == Kind::Corruption
            && let Ok(Some(name)) = self.id_of(iid)
        {
            error.message = error.message.replace(&format!("#{}", iid.0), &format!("'{name}'"));
        }
        error
    }
}

/// Modalities whose state is a growing sequence rather than a record.
fn appends(modality: Modality) -> bool {
    matches!(modality, Modality::Temporal | Modality::Provenance)
}
