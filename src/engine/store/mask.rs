//! What a view leaves out for somebody who may not see all of it.
//!
//! A mask is what an overlay would be that had deleted what is hidden, but for one thing: a deleted
//! hexad leaves its header, its history and its events behind, and what is hidden leaves nothing. So it
//! lies above the overlay, in the view itself, and every reading method asks it last. The indexes know
//! nothing of it: to them what is hidden is *suspect*, as what is uncommitted is, and is looked up
//! through the view, where it is not.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;
use roaring::RoaringBitmap;

use crate::engine::base::{ContentHash, Iid, Modality, ModalitySet, Result};

use super::presence::Presence;
use super::record::{HexadHeader, Record};
use super::write_set::Space;

/// Takes out of the bytes of a graph record what may not be seen; nothing when nothing is left.
pub type Trim = dyn Fn(&[u8]) -> Result<Option<Vec<u8>>> + Send + Sync;

/// What is hidden, of one state of the database.
pub struct Mask {
    hexads: RoaringBitmap,
    modalities: [RoaringBitmap; 8],
    trimmed: RoaringBitmap,
    emptied: RoaringBitmap,
    touched: [RoaringBitmap; 8],
    touched_hexads: RoaringBitmap,
    trim: Arc<Trim>,
    kept: Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
}

impl fmt::Debug for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mask").field("hexads", &self.hexads.len()).finish_non_exhaustive()
    }
}

impl Mask {
    /// Hides `hexads` with all they are, of the others the `modalities`, and of graph records what
    /// `trim` takes out: `trimmed` are those of which something is taken out, `emptied` those of which
    /// nothing is left.
    pub fn new(
        hexads: RoaringBitmap,
        modalities: [RoaringBitmap; 8],
        [trimmed, emptied]: [RoaringBitmap; 2],
        trim: Arc<Trim>,
    ) -> Self {
        let mut touched: [RoaringBitmap; 8] = Default::default();
        for modality in Modality::ALL {
            touched[modality as usize] = &hexads | &modalities[modality as usize];
        }
        touched[Modality::Graph as usize] |= &trimmed | &emptied;
        let mut touched_hexads = RoaringBitmap::new();
        for some in &touched {
            touched_hexads |= some;
        }
        Self {
            hexads,
            modalities,
            trimmed,
            emptied,
            touched,
            touched_hexads,
            trim,
            kept: Mutex::default(),
        }
    }

    /// The hexads that are hidden with all they are.
    pub fn hexads(&self) -> &RoaringBitmap {
        &self.hexads
    }

    /// True when a hexad is hidden with all it is.
    pub fn hides(&self, iid: Iid) -> bool {
        self.hexads.contains(iid.0)
    }

    /// True when a modality of a hexad is hidden, or the whole hexad.
    pub fn hides_part(&self, modality: Modality, iid: Iid) -> bool {
        self.hides(iid) || self.modalities[modality as usize].contains(iid.0)
    }

    /// True when nothing is hidden.
    pub fn is_empty(&self) -> bool {
        self.touched_hexads.is_empty()
    }

    /// Entries of the catalogue that speak of hexads without saying of which in a way anybody could
    /// check, or of what was there in the past: they are all left out.
    pub(super) fn hides_entries(space: Space) -> bool {
        match space {
            Space::Job
            | Space::Conflict
            | Space::Normalization
            | Space::Statistics
            | Space::Rule
            | Space::Role
            | Space::Member
            | Space::Owner
            | Space::Key => true,
            Space::Contract | Space::Setting | Space::Field | Space::Snapshot | Space::Policy => {
                false
            }
        }
    }

    /// The bytes that are left of a graph record; nothing when nothing is.
    pub fn left_of(&self, record: &Record) -> Result<Option<Vec<u8>>> {
        (self.trim)(&record.body)
    }

    /// Something derived from what is left, made once: for what would otherwise be kept about the
    /// whole database.
    pub fn kept<T: Any + Send + Sync>(&self, make: impl FnOnce() -> Result<T>) -> Result<Arc<T>> {
        let known = self.kept.lock().get(&TypeId::of::<T>()).cloned();
        if let Some(known) = known.and_then(|known| known.downcast().ok()) {
            return Ok(known);
        }
        let made = Arc::new(make()?);
        self.kept.lock().insert(TypeId::of::<T>(), Arc::clone(&made) as Arc<_>);
        Ok(made)
    }

    pub(super) fn touched(&self, modality: Modality) -> &RoaringBitmap {
        &self.touched[modality as usize]
    }

    pub(super) fn touched_hexads(&self) -> &RoaringBitmap {
        &self.touched_hexads
    }

    /// What is left of a presence.
    pub(super) fn over(&self, below: &Presence) -> Presence {
        let mut left = below.clone();
        let take = |from: &mut Arc<RoaringBitmap>, what: &RoaringBitmap| {
            if !from.is_disjoint(what) {
                *Arc::make_mut(from) -= what;
            }
        };
        take(&mut left.live, &self.hexads);
        take(&mut left.ever, &self.hexads);
        for modality in Modality::ALL {
            let of = &mut left.present[modality as usize];
            take(of, &self.hexads);
            take(of, &self.modalities[modality as usize]);
            if modality == Modality::Graph {
                take(of, &self.emptied);
            }
        }
        left
    }

    /// What is left of a header.
    pub(super) fn header(&self, mut header: HexadHeader) -> Option<HexadHeader> {
        if self.hides(header.iid) {
            return None;
        }
        let mut present = ModalitySet::EMPTY;
        for modality in header.present.iter() {
            let emptied = modality == Modality::Graph && self.emptied.contains(header.iid.0);
            if !emptied && !self.hides_part(modality, header.iid) {
                present.insert(modality);
            }
        }
        header.present = present;
        Some(header)
    }

    /// What is left of a record. `now` is true of the present one, of which it is known whether
    /// anything is to be taken out.
    pub(super) fn record(
        &self,
        modality: Modality,
        mut record: Record,
        now: bool,
    ) -> Result<Option<Record>> {
        if self.hides_part(modality, record.iid) {
            return Ok(None);
        }
        let iid = record.iid.0;
        if modality == Modality::Graph
            && (!now || self.trimmed.contains(iid) || self.emptied.contains(iid))
        {
            let Some(body) = (self.trim)(&record.body)? else { return Ok(None) };
            if body != record.body {
                record.meta.content_hash = ContentHash::of(&body);
                record.body = body;
            }
        }
        Ok(Some(record))
    }
}
