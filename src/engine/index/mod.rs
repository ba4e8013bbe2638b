//! The one pattern of derived indexes: a covered prefix, an exact tail, and a bitmap of what to
//! disbelieve.
//!
//! An index is built from records and covers them up to some commit. A reader stands at a commit of
//! its own, a little later or, for a moment, a little earlier. Every hexad whose record changed
//! between the two, in either direction, is a *suspect*: the index does not speak for it, the reader
//! evaluates its record exactly. So a commit never waits for an index, every reader gets the answer
//! that belongs to its own commit, and a crash costs a longer tail and nothing else. What a
//! transaction has written and not committed is suspect too, and never gets into an index.
//!
//! Here stands what text and vectors share: [`ChangeLog`] knows what changed when, [`Generation`] is
//! one immutable state of an index made of segments, [`Derived`] loads, extends, swaps and saves
//! generations. What a segment holds and how it is searched stands in the modalities. Files of an
//! index are checked before they are believed; damaged or missing ones are built again from records.

mod changes;
mod column;
mod derived;
mod file;
mod generation;
mod keep;
#[cfg(test)]
pub(crate) mod model;
mod scrub;
mod worker;

use std::sync::Arc;

use roaring::RoaringBitmap;

use crate::engine::base::{Iid, Lsn, Result};

pub use changes::ChangeLog;
pub use column::{Column, Loaded, Sections};
pub use derived::{Derived, IndexStatus, Reading};
pub use generation::{Builder, Generation, Part, Segment};
pub use keep::{Noted, ViewRecords};
pub use scrub::{Defect, Tick};
pub use worker::Worker;

/// The records of one modality as one view shows them. The truth an index is derived from.
pub trait Records {
    /// What a record is once decoded.
    type Record;

    /// The commit the view stands at.
    fn lsn(&self) -> Lsn;

    /// The live hexads that have this modality.
    fn present(&self) -> Result<Arc<RoaringBitmap>>;

    /// One record.
    fn get(&self, iid: Iid) -> Result<Option<Self::Record>>;

    /// The records of those of `iids` that are present, in ascending order.
    fn each(
        &self,
        iids: &RoaringBitmap,
        visit: &mut dyn FnMut(Iid, Self::Record) -> Result<()>,
    ) -> Result<()>;

    /// The live hexads that have this modality by what is committed: what an index is made from.
    fn committed(&self) -> Result<Arc<RoaringBitmap>> {
        self.present()
    }

    /// The committed records of those of `iids` that have one, in ascending order.
    fn each_committed(
        &self,
        iids: &RoaringBitmap,
        visit: &mut dyn FnMut(Iid, Self::Record) -> Result<()>,
    ) -> Result<()> {
        self.each(iids, visit)
    }

    /// The hexads whose record, or its absence, is not committed.
    fn uncommitted(&self) -> Option<&RoaringBitmap> {
        None
    }

    /// The hexads whose committed record was replaced or deleted after `lsn`, up to this view; `None`
    /// when nobody knows any more. May name too many, never too few. New records need not be named.
    fn touched_since(&self, lsn: Lsn) -> Result<Option<RoaringBitmap>>;
}
