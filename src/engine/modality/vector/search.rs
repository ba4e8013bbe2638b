//! The index of vectors: which are nearest, which are near enough, which dimensions there are.
//!
//! Answers are exact for the view they are asked through, whatever the index covers: see
//! [`crate::engine::index`]. Only an approximate search, which is used over many vectors and unless
//! `exact` is asked for, may miss some of the best.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use roaring::RoaringBitmap;

use crate::engine::base::{Iid, Lsn, Modality, Result};
use crate::engine::index::{
    Defect, Derived, IndexStatus, Noted, Reading, Records, Segment as _, Tick, ViewRecords, Worker,
};
use crate::engine::store::{Applier, Changes, IndexTx, RecordScan, Store, View};

use super::metric::{check_query, dimension_mismatch, exact};
use super::scan::{Best, Hit, Scan, Scope, listed};
use super::segment::VectorSegment;
use super::{Embeddings, Metric, codec};

/// Changes after which the background extends the index at once.
const BATCH: u64 = 4096;

/// Vectors above which a graph is kept; a scan over fewer takes about as long as searching one.
#[cfg(feature = "ann")]
const MANY: u64 = 10_000;

/// Records of embeddings, as a view or a test shows them.
pub type VectorRecords<'a> = dyn Records<Record = Embeddings> + 'a;

/// What is searched.
#[derive(Clone, Copy, Debug)]
pub struct VectorQuery<'a> {
    /// Which embedding of a hexad is compared.
    pub name: &'a str,
    /// What with.
    pub vector: &'a [f32],
    /// How.
    pub metric: Metric,
    /// The hexads that may be found; `None` for all.
    pub filter: Option<&'a RoaringBitmap>,
    /// Never approximate.
    pub exact: bool,
    /// The share of the nearest that an approximate search should find.
    pub recall: f64,
}

impl<'a> VectorQuery<'a> {
    /// A search among all hexads, approximate where that pays.
    pub fn new(name: &'a str, vector: &'a [f32], metric: Metric) -> Self {
        Self { name, vector, metric, filter: None, exact: false, recall: 0.99 }
    }

    /// Whether a hexad may be found.
    fn admits(&self, iid: u32) -> bool {
        self.filter.is_none_or(|filter| filter.contains(iid))
    }

    /// The similarity of a record, if it has this embedding in this dimension.
    fn similarity(&self, record: &Embeddings) -> Option<f64> {
        let embedding = record.named.get(self.name)?;
        let comparable = embedding.data.len() == self.vector.len();
        comparable.then(|| exact(self.metric, self.vector, &embedding.data))
    }
}

/// The index of the vector modality.
#[derive(Debug)]
pub struct VectorIndex {
    derived: Derived<VectorSegment>,
    noted: Noted,
    worker: Mutex<Option<Worker>>,
    #[cfg(feature = "ann")]
    graphs: super::ann::Graphs,
    /// Where its files are.
    #[cfg(feature = "ann")]
    dir: Option<std::path::PathBuf>,
    #[cfg(feature = "ann")]
    writable: bool,
    /// Vectors above which a graph is kept.
    #[cfg(feature = "ann")]
    many: u64,
}

/// The embeddings a view shows.
pub fn records(view: &View) -> ViewRecords<'_, Embeddings> {
    ViewRecords::new(view, Modality::Vector, codec::decode)
}

impl VectorIndex {
    /// An index with its files under `dir`, or in memory only. Nothing is read before it is needed.
    pub fn new(dir: Option<&Path>, writable: bool) -> Self {
        Self {
            derived: Derived::new(dir, writable),
            noted: Noted::default(),
            worker: Mutex::new(None),
            #[cfg(feature = "ann")]
            graphs: super::ann::Graphs::default(),
            #[cfg(feature = "ann")]
            dir: dir.map(|dir| dir.join(VectorSegment::NAME)),
            #[cfg(feature = "ann")]
            writable,
            #[cfg(feature = "ann")]
            many: MANY,
        }
    }

    /// Lets the index grow in the background, reading from `store`.
    pub fn start(self: &Arc<Self>, store: Weak<Store>) {
        let index = Arc::downgrade(self);
        let worker = Worker::start("vector", BATCH, move || {
            if let (Some(index), Some(store)) = (index.upgrade(), store.upgrade())
                && index.derived.loaded()
                && let Ok(view) = store.view()
            {
                // What goes wrong here goes wrong again, and is told, when somebody asks.
                drop(index.derived.advance(&records(&view)));
                #[cfg(feature = "ann")]
                {
                    let _alone = index.graphs.growing.lock();
                    let lacking = index.lacking(&records(&view));
                    // Growing takes long, and neither view nor store may be held for it.
                    drop((view, store));
                    if let Ok(Some(lacking)) = lacking {
                        drop(index.grow(&lacking));
                    }
                }
            }
        });
        *self.worker.lock() = Some(worker);
    }

    /// Makes the index cover everything the view shows, and saves it.
    pub fn settle(&self, view: &VectorRecords<'_>) -> Result<()> {
        self.derived.settle(view)
    }

    /// Ends the background work and saves what there is.
    pub fn close(&self) -> Result<()> {
        let worker = self.worker.lock().take();
        if let Some(worker) = worker {
            #[cfg(feature = "ann")]
            self.graphs.stop();
            worker.stop();
        }
        self.derived.save()?;
        #[cfg(feature = "ann")]
        if let Some(dir) = self.dir.as_ref().filter(|_| self.writable) {
            self.graphs.save(dir)?;
        }
        Ok(())
    }

    /// What the index says differently from the records, and which of its files are damaged.
    pub fn scrub(&self, view: &VectorRecords<'_>, tick: Tick<'_>) -> Result<Vec<Defect>> {
        self.derived.scrub(view, tick)
    }

    /// What the index says about itself.
    pub fn status(&self) -> IndexStatus {
        self.derived.status()
    }

    /// The `k` hexads nearest to the query, best first; ties by internal id.
    ///
    /// Hexads without this embedding are not found. Fails with `VectorDimensionMismatch` when there
    /// are embeddings of this name, but none of this dimension.
    pub fn nearest(
        &self,
        view: &VectorRecords<'_>,
        query: &VectorQuery<'_>,
        k: usize,
    ) -> Result<Vec<(Iid, f64)>> {
        check_query(query.metric, query.vector)?;
        let reading = self.derived.reading(view)?;
        let mut best = Best::new(k);
        let mut others = None;
        tail(view, &reading, query, &mut others, &mut |hit| best.offer(hit))?;
        let scopes = scopes(&reading, query);
        #[cfg(feature = "ann")]
        if self.approximate(view, &reading, query, &scopes, &mut best)? {
            return Ok(best.into_hits());
        }
        if k > 0 {
            Scan::new(query.metric, query.vector).nearest(&scopes, &mut best);
        }
        let found = best.into_hits();
        comparable(&reading, query, found.is_empty(), others)?;
        Ok(found)
    }

    #[cfg(feature = "ann")]
    pub(super) fn graphs(&self) -> &super::ann::Graphs {
        &self.graphs
    }

    #[cfg(feature = "ann")]
    pub(super) fn dir(&self) -> Option<&Path> {
        self.dir.as_deref()
    }

    #[cfg(feature = "ann")]
    pub(super) fn derived(&self) -> &Derived<VectorSegment> {
        &self.derived
    }

    /// Whether there are so many vectors that a graph of them is kept, beside which an exact search is
    /// a choice.
    #[cfg(feature = "ann")]
    pub fn keeps_graph(&self) -> bool {
        self.derived.current().is_some_and(|g| g.iids.len() >= self.many)
    }

    /// No graph is ever kept.
    #[cfg(not(feature = "ann"))]
    #[expect(clippy::unused_self, reason = "with a graph it is asked")]
    pub fn keeps_graph(&self) -> bool {
        false
    }

    /// Vectors above which a graph is kept.
    #[cfg(feature = "ann")]
    pub(super) fn many(&self) -> u64 {
        self.many
    }

    /// Tells the background that there is work.
    pub(super) fn announce(&self, amount: u64) {
        if let Some(worker) = &*self.worker.lock() {
            worker.announce(amount);
        }
    }

    /// All hexads at least this similar to the query, best first; ties by internal id.
    pub fn within(
        &self,
        view: &VectorRecords<'_>,
        query: &VectorQuery<'_>,
        threshold: f64,
    ) -> Result<Vec<(Iid, f64)>> {
        check_query(query.metric, query.vector)?;
        let reading = self.derived.reading(view)?;
        let scan = Scan::new(query.metric, query.vector);
        let mut hits = scan.within(&scopes(&reading, query), threshold);
        let mut others = None;
        tail(view, &reading, query, &mut others, &mut |hit: Hit| {
            if hit.similarity >= threshold {
                hits.push(hit);
            }
        })?;
        comparable(&reading, query, hits.is_empty(), others)?;
        Ok(listed(hits))
    }

    /// How many embeddings of this name there are, by dimension.
    pub fn dimensions(&self, view: &VectorRecords<'_>, name: &str) -> Result<BTreeMap<usize, u64>> {
        let reading = self.derived.reading(view)?;
        let mut counts = BTreeMap::new();
        for part in &reading.generation.parts {
            let hidden = &*part.dead | (&reading.suspects & part.segment.iids());
            for table in part.segment.tables.iter().filter(|table| table.name == name) {
                let live = if hidden.is_empty() {
                    table.iids.len()
                } else {
                    table.iids.iter().filter(|iid| !hidden.contains(**iid)).count()
                };
                *counts.entry(table.dimensions).or_default() += live as u64;
            }
        }
        view.each(&reading.suspects, &mut |_, record| {
            if let Some(embedding) = record.named.get(name) {
                *counts.entry(embedding.data.len()).or_default() += 1;
            }
            Ok(())
        })?;
        counts.retain(|_, count| *count > 0);
        Ok(counts)
    }
}

/// Evaluates the records the index does not speak for.
fn tail(
    view: &VectorRecords<'_>,
    reading: &Reading<VectorSegment>,
    query: &VectorQuery<'_>,
    others: &mut Option<usize>,
    found: &mut dyn FnMut(Hit),
) -> Result<()> {
    if reading.suspects.is_empty() {
        return Ok(());
    }
    view.each(&reading.suspects, &mut |iid, record| {
        if let Some(similarity) = query.similarity(&record) {
            if query.admits(iid.0) {
                found(Hit { similarity, iid: iid.0 });
            }
            *others = Some(query.vector.len());
        } else if let Some(embedding) = record.named.get(query.name) {
            others.get_or_insert(embedding.data.len());
        }
        Ok(())
    })
}

/// The tables that are searched, and what may be found in each.
fn scopes<'a>(reading: &'a Reading<VectorSegment>, query: &VectorQuery<'_>) -> Vec<Scope<'a>> {
    let mut scopes = Vec::new();
    for part in &reading.generation.parts {
        let Some(table) = part.segment.table(query.name, query.vector.len()) else { continue };
        let iids = part.segment.iids();
        let untouched = part.dead.is_empty() && reading.suspects.is_disjoint(iids);
        let allowed = match query.filter {
            None if untouched => None,
            None => Some(&(iids - &*part.dead) - &reading.suspects),
            Some(filter) if untouched => Some(filter & iids),
            Some(filter) => Some(&((filter & iids) - &*part.dead) - &reading.suspects),
        };
        scopes.push(Scope { table, allowed });
    }
    scopes
}

/// Refuses a query that found nothing because all embeddings of its name have other dimensions.
/// `tail` is a dimension seen outside of the index, the query's own if that was among them.
fn comparable(
    reading: &Reading<VectorSegment>,
    query: &VectorQuery<'_>,
    nothing: bool,
    tail: Option<usize>,
) -> Result<()> {
    let wanted = query.vector.len();
    if !nothing || tail == Some(wanted) {
        return Ok(());
    }
    let mut commonest: BTreeMap<usize, usize> = BTreeMap::new();
    for part in &reading.generation.parts {
        for table in part.segment.tables.iter().filter(|table| table.name == query.name) {
            let hidden = |iid: u32| part.dead.contains(iid) || reading.suspects.contains(iid);
            let live = table.iids.iter().filter(|iid| !hidden(**iid)).count();
            *commonest.entry(table.dimensions).or_default() += live;
        }
    }
    if let Some(tail) = tail {
        *commonest.entry(tail).or_default() += 1;
    }
    commonest.retain(|_, count| *count > 0);
    if commonest.is_empty() || commonest.contains_key(&wanted) {
        return Ok(());
    }
    let expected = commonest.iter().max_by_key(|(_, count)| **count).map_or(0, |(d, _)| *d);
    Err(dimension_mismatch(expected, wanted))
}

impl Applier for VectorIndex {
    fn schema(&self, tx: &IndexTx<'_>) -> Result<()> {
        Noted::schema(tx)
    }

    fn apply(&self, tx: &IndexTx<'_>, batch: &[Changes<'_>]) -> Result<()> {
        self.noted.apply(tx, batch)
    }

    fn applied(&self, batch: &[Changes<'_>]) {
        let count = self.derived.applied(batch);
        self.announce(count);
    }

    fn refreshed(&self, _: Lsn) {
        self.derived.refreshed();
    }

    fn rebuild(&self, tx: &IndexTx<'_>, _: RecordScan<'_>) -> Result<()> {
        self.noted.rebuild(tx)
    }
}

#[cfg(test)]
#[path = "search_tests.rs"]
mod tests;
