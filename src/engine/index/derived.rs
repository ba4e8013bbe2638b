//! An index over time: loaded when first needed, extended as commits go by, saved now and then.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::Mutex;
use roaring::RoaringBitmap;

use crate::engine::base::{Kind, Lsn, Result};

use super::file::Folder;
use super::{Builder as _, ChangeLog, Generation, Records, Segment};

/// Suspects a reader evaluates itself; beyond that it extends the index first.
const TAIL: u64 = 256;

/// Bytes of a builder after which the next segment is begun.
const SEGMENT_BYTES: usize = 256 << 20;

/// Changed hexads after which a background extension is worth saving.
const UNSAVED: u64 = 1 << 14;

/// A derived index with its past and its files.
#[derive(Debug)]
pub struct Derived<S: Segment> {
    folder: Option<Folder>,
    writable: bool,
    changes: ChangeLog,
    current: Mutex<Option<Arc<Generation<S>>>>,
    /// Held by whoever makes the next generation; the number of hexads changed since the last save.
    building: Mutex<u64>,
    /// What the files stand at, zero for nothing.
    saved: AtomicU64,
    seen_first: AtomicBool,
}

/// What a reader at some commit takes from an index.
#[derive(Debug)]
pub struct Reading<S> {
    /// The index.
    pub generation: Arc<Generation<S>>,
    /// The hexads for which the index does not speak: their records are evaluated instead.
    pub suspects: RoaringBitmap,
}

/// What an index says about itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IndexStatus {
    /// Whether it is in use; an index nobody asked for is not loaded.
    pub loaded: bool,
    /// The commit up to which it covers the records.
    pub covered: Lsn,
    /// The commit of its files.
    pub saved: Lsn,
    /// Hexads in it.
    pub hexads: u64,
    /// Segments.
    pub segments: usize,
}

impl<S: Segment> Derived<S> {
    /// An index whose files, if `dir` is given, live in the folder `dir/NAME`. Nothing is read yet.
    pub fn new(dir: Option<&Path>, writable: bool) -> Self {
        Self {
            folder: dir.map(|dir| Folder::new(dir.join(S::NAME))),
            writable,
            changes: ChangeLog::new(),
            current: Mutex::new(None),
            building: Mutex::new(0),
            saved: AtomicU64::new(0),
            seen_first: AtomicBool::new(false),
        }
    }

    /// Takes note of the changes of one commit.
    pub fn changed(&self, lsn: Lsn, iids: impl IntoIterator<Item = u32>) {
        if !self.seen_first.swap(true, Ordering::Relaxed) {
            self.refuse_the_future(lsn);
        }
        self.changes.push(lsn, iids);
    }

    /// Takes note that another process has changed the records.
    pub fn refreshed(&self) {
        self.changes.forget();
    }

    /// An index saved at a commit that is only now being made belongs to another history: the database
    /// was restored, or lost commits to a power cut.
    fn refuse_the_future(&self, lsn: Lsn) {
        if let Some(folder) = self.folder.as_ref().filter(|_| self.writable)
            && folder.saved_at(S::FORMAT).is_none_or(|saved| saved >= lsn)
        {
            folder.discard();
        }
    }

    /// The index as a reader of `view` may use it.
    pub fn reading(&self, view: &dyn Records<Record = S::Record>) -> Result<Reading<S>> {
        let mut reading = self.reading_committed(view)?;
        if let Some(uncommitted) = view.uncommitted() {
            reading.suspects |= uncommitted;
        }
        Ok(reading)
    }

    fn reading_committed(&self, view: &dyn Records<Record = S::Record>) -> Result<Reading<S>> {
        let generation = self.generation(view);
        let past = generation.lsn > view.lsn();
        match self.between(&generation, view)? {
            Some(suspects) if past || suspects.len() <= TAIL => {
                Ok(Reading { generation, suspects })
            }
            None if past => exact(view),
            _ => {
                let generation = self.extend(view)?;
                match self.between(&generation, view)? {
                    Some(suspects) => Ok(Reading { generation, suspects }),
                    None => exact(view),
                }
            }
        }
    }

    /// Makes the index cover everything `view` shows, and saves it when it may.
    pub fn settle(&self, view: &dyn Records<Record = S::Record>) -> Result<()> {
        self.generation(view);
        self.extend(view)?;
        self.save()
    }

    /// What the background does: as [`Self::settle`], but saves only when that is worth it.
    pub fn advance(&self, view: &dyn Records<Record = S::Record>) -> Result<()> {
        self.generation(view);
        self.extend(view)?;
        if *self.building.lock() < UNSAVED {
            return Ok(());
        }
        self.save()
    }

    /// Saves what there is, when the database may be written and something has changed.
    pub fn save(&self) -> Result<()> {
        let mut unsaved = self.building.lock();
        let (Some(folder), true) = (&self.folder, self.writable) else { return Ok(()) };
        let Some(generation) = self.current.lock().clone() else { return Ok(()) };
        if generation.lsn.0 == self.saved.load(Ordering::Relaxed) {
            return Ok(());
        }
        let saved = match folder.save(&*generation) {
            Ok(saved) => saved,
            // A directory that cannot be written is read from; the index stays in memory.
            Err(error) if error.kind == Kind::ReadOnlyStore => return Ok(()),
            Err(error) => return Err(error),
        };
        self.saved.store(saved.lsn.0, Ordering::Relaxed);
        *unsaved = 0;
        *self.current.lock() = Some(Arc::new(saved));
        Ok(())
    }

    /// The commit of the files: changes up to there need not be remembered anywhere.
    pub fn saved(&self) -> Lsn {
        Lsn(self.saved.load(Ordering::Relaxed))
    }

    /// Whether anybody has asked for the index yet.
    pub fn loaded(&self) -> bool {
        self.current.lock().is_some()
    }

    /// The generation in use, if any.
    pub fn current(&self) -> Option<Arc<Generation<S>>> {
        self.current.lock().clone()
    }

    /// Its files, when it has any.
    pub(super) fn folder(&self) -> Option<&Folder> {
        self.folder.as_ref()
    }

    /// Removes what is saved and cannot be believed: it is made again.
    pub(super) fn distrust(&self) {
        if let (Some(folder), true) = (&self.folder, self.writable) {
            folder.discard();
        }
    }

    /// What readers of `view` would use, if there is something; nothing is made for this.
    pub(super) fn to_check(
        &self,
        view: &dyn Records<Record = S::Record>,
    ) -> Option<Arc<Generation<S>>> {
        let saved =
            || self.folder.as_ref().is_some_and(|folder| folder.saved_at(S::FORMAT).is_some());
        (self.loaded() || saved()).then(|| self.generation(view))
    }

    /// What the index says about itself.
    pub fn status(&self) -> IndexStatus {
        let current = self.current();
        IndexStatus {
            loaded: current.is_some(),
            covered: current.as_ref().map_or(Lsn(0), |generation| generation.lsn),
            saved: self.saved(),
            hexads: current.as_ref().map_or(0, |generation| generation.iids.len()),
            segments: current.as_ref().map_or(0, |generation| generation.parts.len()),
        }
    }

    /// The generation in use; loads the files when there is none yet.
    fn generation(&self, view: &dyn Records<Record = S::Record>) -> Arc<Generation<S>> {
        if let Some(generation) = self.current() {
            return generation;
        }
        let _alone = self.building.lock();
        if let Some(generation) = self.current() {
            return generation;
        }
        let loaded = self.folder.as_ref().and_then(Folder::load::<S>);
        if loaded.is_none() {
            self.distrust();
        }
        let believed = loaded.filter(|loaded| {
            loaded.lsn <= view.lsn() || self.changes.between(view.lsn(), loaded.lsn).is_some()
        });
        let generation = Arc::new(believed.unwrap_or_else(|| Generation::empty(Lsn(0))));
        self.saved.store(generation.lsn.0, Ordering::Relaxed);
        *self.current.lock() = Some(Arc::clone(&generation));
        generation
    }

    /// What changed between an index and a view; `None` when nobody knows.
    fn between(
        &self,
        generation: &Generation<S>,
        view: &dyn Records<Record = S::Record>,
    ) -> Result<Option<RoaringBitmap>> {
        self.changed_since(generation.lsn, &generation.iids, view)
    }

    /// The hexads whose committed records are not the same at commit `covered`, where `iids` had one,
    /// and in `view`; `None` when nobody knows. May name too many, never too few.
    pub fn changed_since(
        &self,
        covered: Lsn,
        iids: &RoaringBitmap,
        view: &dyn Records<Record = S::Record>,
    ) -> Result<Option<RoaringBitmap>> {
        let seen = view.lsn();
        if let Some(changed) = self.changes.between(covered, seen) {
            return Ok(Some(changed));
        }
        if covered > seen {
            return Ok(None);
        }
        let Some(touched) = view.touched_since(covered)? else { return Ok(None) };
        let present = view.committed()?;
        let changed = touched | (&*present - iids) | (iids - &*present);
        if changed.is_empty() {
            self.changes.quiet(covered, seen);
        }
        Ok(Some(changed))
    }

    /// Makes the generation of `view`, unless the present one is as new.
    fn extend(&self, view: &dyn Records<Record = S::Record>) -> Result<Arc<Generation<S>>> {
        let mut unsaved = self.building.lock();
        let generation = self.current().unwrap_or_else(|| Arc::new(Generation::empty(Lsn(0))));
        if generation.lsn >= view.lsn() {
            return Ok(generation);
        }
        let present = view.committed()?;
        let next = match self.between(&generation, view)? {
            Some(changed) if changed.is_empty() => generation.at(view.lsn()),
            Some(changed) => {
                *unsaved += changed.len();
                generation.next(view.lsn(), &changed, build(view, &(&changed & &*present))?)
            }
            None => {
                *unsaved += present.len();
                let nothing = Generation::empty(view.lsn());
                nothing.next(view.lsn(), &RoaringBitmap::new(), build(view, &present)?)
            }
        };
        let next = Arc::new(next);
        *self.current.lock() = Some(Arc::clone(&next));
        Ok(next)
    }
}

/// No index at all: everything is evaluated.
fn exact<S: Segment>(view: &dyn Records<Record = S::Record>) -> Result<Reading<S>> {
    let suspects = (*view.committed()?).clone();
    Ok(Reading { generation: Arc::new(Generation::empty(view.lsn())), suspects })
}

/// Segments of the records of `iids`.
fn build<S: Segment>(
    view: &dyn Records<Record = S::Record>,
    iids: &RoaringBitmap,
) -> Result<Vec<S>> {
    let mut done = Vec::new();
    let mut builder = S::Builder::default();
    let mut any = false;
    view.each_committed(iids, &mut |iid, record| {
        builder.add(iid, &record);
        any = true;
        if builder.bytes() >= SEGMENT_BYTES {
            done.push(std::mem::take(&mut builder).finish());
            any = false;
        }
        Ok(())
    })?;
    if any {
        done.push(builder.finish());
    }
    Ok(done)
}
