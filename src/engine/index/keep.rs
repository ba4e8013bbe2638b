//! What ties an index to the store: records read through a view, and changes noted as they are made.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use roaring::RoaringBitmap;

use crate::engine::base::{Iid, Lsn, Modality, Result};
use crate::engine::store::{Changes, IndexTx, Op, Record, View, index_touched};

use super::{Derived, Records, Segment};

/// The records of one modality as a view of the store shows them.
#[derive(Debug)]
pub struct ViewRecords<'a, R> {
    view: &'a View,
    modality: Modality,
    decode: fn(&[u8]) -> Result<R>,
}

impl<'a, R> ViewRecords<'a, R> {
    /// Reads `modality` through `view`.
    pub fn new(view: &'a View, modality: Modality, decode: fn(&[u8]) -> Result<R>) -> Self {
        Self { view, modality, decode }
    }
}

/// Which records are read.
#[derive(Clone, Copy)]
enum Which {
    /// All of them, in order.
    All,
    /// Those wanted, one by one.
    Wanted,
}

/// What is called with each of them.
type Each<'e> = &'e mut dyn FnMut(&Record) -> Result<ControlFlow<()>>;

impl<R> ViewRecords<'_, R> {
    /// Hands over the records of `iids` out of `all`, decoded.
    fn decoded(
        &self,
        iids: &RoaringBitmap,
        all: u64,
        visit: &mut dyn FnMut(Iid, R) -> Result<()>,
        read: &dyn Fn(Which, Each<'_>) -> Result<()>,
    ) -> Result<()> {
        let mut one = |record: &Record| {
            visit(record.iid, (self.decode)(&record.body)?)?;
            Ok(ControlFlow::Continue(()))
        };
        // Reading in order is cheaper than finding them one by one, as soon as many are wanted.
        if iids.len() * 2 < all {
            return read(Which::Wanted, &mut one);
        }
        read(Which::All, &mut |record| {
            if iids.contains(record.iid.0) { one(record) } else { Ok(ControlFlow::Continue(())) }
        })
    }
}

impl<R> Records for ViewRecords<'_, R> {
    type Record = R;

    fn lsn(&self) -> Lsn {
        self.view.lsn()
    }

    fn present(&self) -> Result<Arc<RoaringBitmap>> {
        self.view.present(self.modality)
    }

    fn get(&self, iid: Iid) -> Result<Option<R>> {
        let record = self.view.record(self.modality, iid)?;
        record.map(|record| (self.decode)(&record.body)).transpose()
    }

    fn each(
        &self,
        iids: &RoaringBitmap,
        visit: &mut dyn FnMut(Iid, R) -> Result<()>,
    ) -> Result<()> {
        let view = self.view;
        self.decoded(iids, self.present()?.len(), visit, &|which, each| match which {
            Which::All => view.scan(self.modality, each),
            Which::Wanted => view.records(self.modality, iids, each),
        })
    }

    fn committed(&self) -> Result<Arc<RoaringBitmap>> {
        self.view.ground().present(self.modality)
    }

    fn each_committed(
        &self,
        iids: &RoaringBitmap,
        visit: &mut dyn FnMut(Iid, R) -> Result<()>,
    ) -> Result<()> {
        let ground = self.view.ground();
        self.decoded(iids, self.committed()?.len(), visit, &|which, each| match which {
            Which::All => ground.scan(self.modality, each),
            Which::Wanted => ground.records(self.modality, iids, each),
        })
    }

    fn uncommitted(&self) -> Option<&RoaringBitmap> {
        self.view.uncommitted(self.modality)
    }

    fn touched_since(&self, lsn: Lsn) -> Result<Option<RoaringBitmap>> {
        index_touched::since(self.view.ground().index(self.modality)?, lsn)
    }
}

/// Notes in the modality's file which records are replaced or deleted, in the same transaction, so
/// that an index that was saved earlier can be brought up to date after a restart.
#[derive(Debug, Default)]
pub struct Noted {
    resumed: AtomicBool,
}

impl Noted {
    /// Makes the table.
    pub fn schema(tx: &IndexTx<'_>) -> Result<()> {
        index_touched::create(tx)
    }

    /// Before the first batch is noted: from here on nothing is missed. For whom another index of the
    /// same modality notes the batches.
    pub fn resume(&self, tx: &IndexTx<'_>, batch: &[Changes<'_>]) -> Result<()> {
        if let Some(first) = batch.first()
            && !self.resumed.swap(true, Ordering::Relaxed)
        {
            index_touched::resume(tx, Lsn(first.lsn.0.saturating_sub(1)))?;
        }
        Ok(())
    }

    /// Notes a batch.
    pub fn apply(&self, tx: &IndexTx<'_>, batch: &[Changes<'_>]) -> Result<()> {
        self.resume(tx, batch)?;
        for changes in batch {
            let touched = changes.ops.iter().filter(|op| replaces(op)).map(Op::iid);
            let touched: Vec<Iid> = touched.collect();
            if !touched.is_empty() {
                index_touched::note(tx, changes.lsn, touched)?;
            }
        }
        Ok(())
    }

    /// Forgets everything: the file was made anew.
    pub fn rebuild(&self, tx: &IndexTx<'_>) -> Result<()> {
        self.resumed.store(false, Ordering::Relaxed);
        index_touched::forget_all(tx)
    }
}

/// Whether there may have been a record before. The first version of a hexad replaces nothing.
fn replaces(op: &Op) -> bool {
    match op {
        Op::Put { version, .. } => *version != 1,
        Op::Delete { .. } => true,
        Op::Append { .. } => false,
    }
}

impl<S: Segment> Derived<S> {
    /// Takes note of a batch that views are about to see. Gives the number of changed records.
    pub fn applied(&self, batch: &[Changes<'_>]) -> u64 {
        let mut count = 0;
        for changes in batch {
            count += changes.ops.len() as u64;
            self.changed(changes.lsn, changes.ops.iter().map(|op| op.iid().0));
        }
        count
    }
}
