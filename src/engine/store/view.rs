//! The database as a writer and as a reader hold it. (Signatures; the files follow.)

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use roaring::RoaringBitmap;

use crate::engine::base::{Clock, Error, Iid, Kind, Lsn, Modality, Result};

use super::{
    Appended, Appliers, Committed, Fault, HexadHeader, IndexReader, Name, OpenOptions, PastRecord,
    Record, Space, Status, WriteSet,
};

/// An open database. Share it as `Arc<Store>`; every method may be called from any thread.
#[derive(Debug)]
pub struct Store {
    closed: (),
}

/// One state of the database, as it was after one commit. Belongs to one thread at a time.
#[derive(Debug)]
pub struct View {
    lsn: Lsn,
}

fn not_yet<T>() -> Result<T> {
    Err(Error::new(Kind::StoreUnavailable, "the store of this version has no files yet"))
}

impl Store {
    /// Opens the database in `dir`, after replaying what its log holds and its files do not.
    pub fn open(
        dir: &Path,
        options: OpenOptions,
        clock: Arc<dyn Clock>,
        appliers: Appliers,
    ) -> Result<Self> {
        drop((dir, options, clock, appliers));
        not_yet()
    }

    /// The newest state: everything acknowledged so far is in it.
    pub fn view(&self) -> Result<View> {
        not_yet()
    }

    /// Commits. Answers when it is as safe as the sync mode says.
    ///
    /// `WriteConflict`: prepare it again on a new view. `DiskFull`: nothing was written.
    pub fn commit(&self, writes: WriteSet) -> Result<Committed> {
        drop(writes);
        not_yet()
    }

    /// Takes `n` fresh internal ids and gives the first; ids that are never used leave a gap.
    pub fn allocate_iids(&self, n: u32) -> Result<Iid> {
        let _ = n;
        not_yet()
    }

    /// What the store says about itself.
    pub fn status(&self) -> Status {
        Status::default()
    }

    /// Makes all files durable and lets go of log that is no longer needed.
    pub fn checkpoint(&self) -> Result<()> {
        not_yet()
    }

    /// Reads everything and names what is damaged.
    pub fn verify(&self) -> Result<Vec<Fault>> {
        not_yet()
    }

    /// Ends everything in order. Later calls fail with `StoreUnavailable`. Dropping does the same, but
    /// cannot say what went wrong.
    pub fn close(&self) -> Result<()> {
        not_yet()
    }
}

impl View {
    /// Up to and including which commit.
    pub fn lsn(&self) -> Lsn {
        self.lsn
    }

    /// A write set prepared against this view, with a commit time later than all it shows.
    pub fn write_set(&self) -> Result<WriteSet> {
        not_yet()
    }

    /// The live hexad of this id.
    pub fn iid(&self, id: &str) -> Result<Option<Iid>> {
        let _ = id;
        not_yet()
    }

    /// Every hexad that ever had this id, oldest first: deleted ones, and the live one if there is.
    pub fn iids_named(&self, id: &str) -> Result<Vec<Iid>> {
        let _ = id;
        not_yet()
    }

    /// The id of a hexad, live or deleted.
    pub fn id_of(&self, iid: Iid) -> Result<Option<Name>> {
        let _ = iid;
        not_yet()
    }

    /// What is known of a hexad, live or deleted.
    pub fn header(&self, iid: Iid) -> Result<Option<HexadHeader>> {
        let _ = iid;
        not_yet()
    }

    /// All headers in ascending order, deleted ones too.
    pub fn headers(
        &self,
        each: &mut dyn FnMut(&HexadHeader) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        let _ = each;
        not_yet()
    }

    /// The hexads that are not deleted.
    pub fn live(&self) -> Result<Arc<RoaringBitmap>> {
        not_yet()
    }

    /// Every hexad there ever was.
    pub fn ever(&self) -> Result<Arc<RoaringBitmap>> {
        not_yet()
    }

    /// The live hexads that have `modality`.
    pub fn present(&self, modality: Modality) -> Result<Arc<RoaringBitmap>> {
        let _ = modality;
        not_yet()
    }

    /// The record, if the hexad has this modality.
    pub fn record(&self, modality: Modality, iid: Iid) -> Result<Option<Record>> {
        let _ = (modality, iid);
        not_yet()
    }

    /// The record as it was when the hexad had version `version`.
    pub fn record_at(&self, modality: Modality, iid: Iid, version: u32) -> Result<Option<Record>> {
        let _ = (modality, iid, version);
        not_yet()
    }

    /// The records that were replaced or deleted, oldest first.
    pub fn history(&self, modality: Modality, iid: Iid) -> Result<Vec<PastRecord>> {
        let _ = (modality, iid);
        not_yet()
    }

    /// All records of a modality in ascending order.
    pub fn scan(
        &self,
        modality: Modality,
        each: &mut dyn FnMut(&Record) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        let _ = (modality, each);
        not_yet()
    }

    /// The records of `iids` that exist, in ascending order.
    pub fn records(
        &self,
        modality: Modality,
        iids: &RoaringBitmap,
        each: &mut dyn FnMut(&Record) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        let _ = (modality, iids, each);
        not_yet()
    }

    /// The growing sequence of a hexad: its versions (`Temporal`) or its events (`Provenance`).
    pub fn appended(&self, modality: Modality, iid: Iid) -> Result<Vec<Appended>> {
        let _ = (modality, iid);
        not_yet()
    }

    /// The last entry of that sequence.
    pub fn last_appended(&self, modality: Modality, iid: Iid) -> Result<Option<Appended>> {
        let _ = (modality, iid);
        not_yet()
    }

    /// The sequences of all hexads, ascending, each in its order.
    pub fn scan_appended(
        &self,
        modality: Modality,
        each: &mut dyn FnMut(&Appended) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        let _ = (modality, each);
        not_yet()
    }

    /// A named entry of the catalogue.
    pub fn entry(&self, space: Space, name: &str) -> Result<Option<Vec<u8>>> {
        let _ = (space, name);
        not_yet()
    }

    /// All entries of a family, by name.
    pub fn entries(&self, space: Space) -> Result<Vec<(String, Vec<u8>)>> {
        let _ = space;
        not_yet()
    }

    /// The index rows of a modality, as this view shows them.
    pub fn index(&self, modality: Modality) -> Result<IndexReader<'_>> {
        let _ = modality;
        not_yet()
    }
}
