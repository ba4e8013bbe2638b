//! What a transaction has read: the records, by modality, and the entries of the catalogue.
//!
//! Kept for one question at the end: has anybody changed one of them since?

use std::collections::BTreeSet;

use parking_lot::Mutex;
use roaring::RoaringBitmap;

use crate::engine::base::{Iid, Modality};

use super::trail::Touch;
use super::write_set::Space;

/// What was read so far.
#[derive(Debug, Default)]
pub struct Reads {
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    records: [RoaringBitmap; 8],
    entries: BTreeSet<(Space, String)>,
}

impl Reads {
    /// Takes note that the record of a modality, or that there is none, was read.
    pub fn record(&self, modality: Modality, iid: Iid) {
        self.seen.lock().records[modality as usize].insert(iid.0);
    }

    /// Takes note that an entry was read, or that there is none.
    pub fn entry(&self, space: Space, name: &str) {
        let mut seen = self.seen.lock();
        if !seen.entries.contains(&(space, name.to_owned())) {
            seen.entries.insert((space, name.to_owned()));
        }
    }

    /// Whether a commit changed something that was read.
    pub fn meets(&self, touch: &Touch) -> bool {
        let seen = self.seen.lock();
        let gone = |iid: &Iid| seen.records.iter().any(|of| of.contains(iid.0));
        touch.deleted.iter().any(gone)
            || touch.entries.iter().any(|entry| seen.entries.contains(entry))
            || touch.hexads.iter().any(|(iid, changed)| {
                changed.iter().any(|m| seen.records[m as usize].contains(iid.0))
            })
    }
}
