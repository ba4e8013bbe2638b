//! Records with a history, for tests: the stupid reference an index is compared with.

use std::collections::BTreeMap;
use std::sync::Arc;

use roaring::RoaringBitmap;

use crate::engine::base::{Iid, Lsn, Result};

use super::Records;

/// All versions of all records.
#[derive(Clone, Debug)]
pub(crate) struct Model<R> {
    commits: Vec<Vec<(u32, Option<R>)>>,
    /// Whether it remembers what was touched.
    pub(crate) remembers: bool,
}

/// What one commit shows.
#[derive(Debug)]
pub(crate) struct ModelView<'a, R> {
    model: &'a Model<R>,
    lsn: Lsn,
    records: BTreeMap<u32, R>,
}

impl<R: Clone> Model<R> {
    pub(crate) fn new() -> Self {
        Self { commits: Vec::new(), remembers: true }
    }

    /// Commits changes: puts and deletes. Gives the commit and the hexads it changed.
    pub(crate) fn commit(&mut self, changes: Vec<(u32, Option<R>)>) -> (Lsn, Vec<u32>) {
        let iids = changes.iter().map(|(iid, _)| *iid).collect();
        self.commits.push(changes);
        (Lsn(self.commits.len() as u64), iids)
    }

    pub(crate) fn last(&self) -> Lsn {
        Lsn(self.commits.len() as u64)
    }

    pub(crate) fn view(&self, lsn: Lsn) -> ModelView<'_, R> {
        let mut records = BTreeMap::new();
        for (iid, record) in self.commits[..lsn.0 as usize].iter().flatten() {
            match record {
                Some(record) => records.insert(*iid, record.clone()),
                None => records.remove(iid),
            };
        }
        ModelView { model: self, lsn, records }
    }
}

impl<R> ModelView<'_, R> {
    pub(crate) fn all(&self) -> &BTreeMap<u32, R> {
        &self.records
    }
}

impl<R: Clone> Records for ModelView<'_, R> {
    type Record = R;

    fn lsn(&self) -> Lsn {
        self.lsn
    }

    fn present(&self) -> Result<Arc<RoaringBitmap>> {
        Ok(Arc::new(self.records.keys().copied().collect()))
    }

    fn get(&self, iid: Iid) -> Result<Option<R>> {
        Ok(self.records.get(&iid.0).cloned())
    }

    fn each(
        &self,
        iids: &RoaringBitmap,
        visit: &mut dyn FnMut(Iid, R) -> Result<()>,
    ) -> Result<()> {
        for (iid, record) in &self.records {
            if iids.contains(*iid) {
                visit(Iid(*iid), record.clone())?;
            }
        }
        Ok(())
    }

    fn touched_since(&self, lsn: Lsn) -> Result<Option<RoaringBitmap>> {
        let range = lsn.0 as usize..self.lsn.0 as usize;
        let touched = self.model.commits[range].iter().flatten().map(|(iid, _)| *iid).collect();
        Ok(self.model.remembers.then_some(touched))
    }
}
