//! Keeps the rows of edges, and the graph in memory that walks over many hexads need.
//!
//! The graph in memory is built when it is first needed and stays as it was at its commit. A view that
//! shows a later commit reads from the rows what is different by then - edges that were written,
//! replaced or taken away, hexads that came or went - and lays it over; when that has become much, the
//! graph is built anew. So a commit never waits for it, and every view gets an exact answer.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use parking_lot::Mutex;
use roaring::RoaringBitmap;

use crate::engine::base::{HexadId, Iid, Lsn, Modality, Result};
use crate::engine::store::index_graph::{self, EdgeRow};
use crate::engine::store::index_touched;
use crate::engine::store::{Applier, Changes, Ground, IndexTx, Op, RecordScan, View};

use super::codec;
use super::csr::{Csr, Half};
use super::neighbors::{Direction, Follow, Neighbors, PredicateId, Predicates, set_of};
use super::uncommitted::{Uncommitted, predicates};

/// Differences a graph in memory may have from a view, whatever its size.
const FEW: u64 = 256;
/// Ids whose numbers are remembered while edges are written.
const REMEMBERED: usize = 1 << 20;

/// The index of the graph modality.
#[derive(Debug, Default)]
pub struct GraphIndex {
    /// The newest graph and the one before, which a view that began earlier may still need.
    graphs: Mutex<Vec<Arc<Csr>>>,
    /// The last overlay, good for views of the same commit over the same graph.
    overlay: Mutex<Option<Arc<Laid>>>,
    interner: Mutex<Interner>,
}

/// What a view sees differently from the graph in memory, and what both share.
#[derive(Debug)]
struct Laid {
    lsn: Lsn,
    graph: Arc<Csr>,
    predicates: Arc<Predicates>,
    live: Arc<RoaringBitmap>,
    /// Hexads of the graph whose outgoing edges there are out of date.
    changed: RoaringBitmap,
    /// Hexads of the graph that are gone.
    gone: RoaringBitmap,
    /// Edges the graph does not have, by source and by target.
    out: HashMap<u32, Vec<Half>>,
    into: HashMap<u32, Vec<Half>>,
}

/// The graph as one view shows it.
#[derive(Clone, Debug)]
pub struct GraphView {
    laid: Arc<Laid>,
}

/// An edge whose target does not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dangling {
    /// Where it starts.
    pub source: Iid,
    /// Its type.
    pub predicate: String,
    /// The id it points to.
    pub target: HexadId,
}

impl GraphIndex {
    /// Without anything in memory yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The graph as `view` shows it; builds it when that costs less than looking at what is new.
    pub fn at(&self, view: &View) -> Result<GraphView> {
        let laid = self.committed(view.ground())?;
        if !view.is_overlaid() {
            return Ok(GraphView { laid });
        }
        let laid = laid.under(view, Uncommitted::read(view)?)?;
        Ok(GraphView { laid: Arc::new(laid) })
    }

    fn committed(&self, ground: &Ground) -> Result<Arc<Laid>> {
        if let Some(laid) = self.overlay.lock().as_ref().filter(|laid| laid.lsn == ground.lsn()) {
            return Ok(Arc::clone(laid));
        }
        // Others may look at other commits between two statements of a transaction.
        ground.kept(|| self.lay(ground))
    }

    fn lay(&self, ground: &Ground) -> Result<Arc<Laid>> {
        let predicates = Arc::new(predicates(ground)?);
        let laid = match self.best_for(ground.lsn()) {
            Some(graph) => Laid::over(&graph, ground, &predicates)?,
            None => None,
        };
        let laid = match laid {
            Some(laid) => laid,
            None => Laid::exactly(&self.build(ground, &predicates)?, predicates),
        };
        let laid = Arc::new(laid);
        *self.overlay.lock() = Some(Arc::clone(&laid));
        Ok(laid)
    }

    /// True when walking the graph in memory needs nothing but memory for this view.
    pub fn is_warm(&self, view: &View) -> bool {
        self.best_for(view.lsn()).is_some()
    }

    /// The newest graph that is not newer than a view at `lsn`.
    fn best_for(&self, lsn: Lsn) -> Option<Arc<Csr>> {
        let graphs = self.graphs.lock();
        graphs.iter().filter(|graph| graph.lsn <= lsn).max_by_key(|graph| graph.lsn).cloned()
    }

    fn build(&self, ground: &Ground, predicates: &Predicates) -> Result<Arc<Csr>> {
        let graph = Arc::new(Csr::build(ground, predicates)?);
        let mut graphs = self.graphs.lock();
        graphs.push(Arc::clone(&graph));
        graphs.sort_by_key(|graph| std::cmp::Reverse(graph.lsn));
        graphs.truncate(2);
        Ok(graph)
    }

    /// Edges whose targets do not exist, by id of the target, then of the source; at most `limit`.
    pub fn dangling(view: &View, limit: usize) -> Result<Vec<Dangling>> {
        let reader = view.ground().index(Modality::Graph)?;
        let uncommitted = Uncommitted::read(view)?;
        let mut missing: BTreeMap<String, Option<u32>> = BTreeMap::new();
        index_graph::each_node(reader, &mut |tid, id| {
            if view.iid(id)?.is_none() {
                missing.insert(id.to_owned(), Some(tid));
            }
            Ok(())
        })?;
        for id in uncommitted.dangling.keys() {
            missing.entry(id.clone()).or_default();
        }
        let mut found = Vec::new();
        for (id, tid) in missing {
            let mut edges = uncommitted.dangling.get(&id).cloned().unwrap_or_default();
            if let Some(tid) = tid {
                let rows = index_graph::incoming(reader, tid)?.into_iter();
                let rows = rows.filter(|row| !uncommitted.sources.contains(row.source));
                edges.extend(rows.map(|row| (PredicateId(row.predicate), row.source)));
            }
            edges.sort_unstable();
            for (predicate, source) in edges {
                if found.len() >= limit {
                    return Ok(found);
                }
                found.push(Dangling {
                    source: Iid(source),
                    predicate: uncommitted.predicates.name(predicate).unwrap_or("").to_owned(),
                    target: HexadId::new(id.clone())?,
                });
            }
        }
        Ok(found)
    }
}

impl Laid {
    /// Nothing over a graph that was just built.
    fn exactly(graph: &Arc<Csr>, predicates: Arc<Predicates>) -> Self {
        Self {
            lsn: graph.lsn,
            live: Arc::clone(&graph.live),
            graph: Arc::clone(graph),
            predicates,
            changed: RoaringBitmap::new(),
            gone: RoaringBitmap::new(),
            out: HashMap::new(),
            into: HashMap::new(),
        }
    }

    /// What `view` sees differently; `None` when it is too much or cannot be told.
    fn over(graph: &Arc<Csr>, view: &Ground, predicates: &Arc<Predicates>) -> Result<Option<Self>> {
        let reader = view.index(Modality::Graph)?;
        let Some(touched) = index_touched::since(reader, graph.lsn)? else {
            return Ok(None);
        };
        let (live, present) = (view.live()?, view.present(Modality::Graph)?);
        let created = live.as_ref() - graph.live.as_ref();
        let fresh = present.as_ref() - graph.present.as_ref();
        let changed = &touched | (graph.present.as_ref() - present.as_ref());
        if created.len() + fresh.len() + changed.len() > FEW.max(graph.len() as u64 / 64) {
            return Ok(None);
        }
        let mut laid = Self {
            lsn: view.lsn(),
            gone: graph.live.as_ref() - live.as_ref(),
            live,
            graph: Arc::clone(graph),
            predicates: Arc::clone(predicates),
            changed: changed.clone(),
            out: HashMap::new(),
            into: HashMap::new(),
        };
        let rewritten = &changed | fresh;
        for source in &rewritten {
            for row in index_graph::outgoing(reader, Iid(source))? {
                if let Some(id) = index_graph::node_id(reader, row.target)?
                    && let Some(target) = view.iid(&id)?
                {
                    laid.add(row, target.0);
                }
            }
        }
        // Edges that were there before the hexad they point to.
        for target in &created {
            if let Some(id) = view.id_of(Iid(target))?
                && let Some(tid) = index_graph::node(reader, &id)?
            {
                let rows = index_graph::incoming(reader, tid)?;
                rows.iter()
                    .filter(|row| !rewritten.contains(row.source))
                    .for_each(|row| laid.add(*row, target));
            }
        }
        Ok(Some(laid))
    }

    fn add(&mut self, row: EdgeRow, target: u32) {
        self.add_half(row.source, (PredicateId(row.predicate), target));
    }

    fn add_half(&mut self, source: u32, (predicate, target): Half) {
        self.out.entry(source).or_default().push((predicate, target));
        self.into.entry(target).or_default().push((predicate, source));
    }

    /// The same with what `view` shows uncommitted laid over it.
    fn under(&self, view: &View, uncommitted: Uncommitted) -> Result<Self> {
        let woken = uncommitted.woken(view)?;
        let mut laid = Self {
            lsn: self.lsn,
            graph: Arc::clone(&self.graph),
            live: view.live()?,
            changed: &self.changed | &uncommitted.sources,
            gone: &self.gone | &uncommitted.gone,
            predicates: Arc::new(uncommitted.predicates),
            out: self.out.clone(),
            into: self.into.clone(),
        };
        for source in &uncommitted.sources {
            take_out(source, &mut laid.out, &mut laid.into);
        }
        for target in &uncommitted.gone {
            take_out(target, &mut laid.into, &mut laid.out);
        }
        for (source, half) in uncommitted.edges.into_iter().chain(woken) {
            laid.add_half(source, half);
        }
        Ok(laid)
    }

    fn each_out(&self, node: u32, mut visit: impl FnMut(Half)) {
        if !self.changed.contains(node) {
            self.graph
                .outgoing(node)
                .iter()
                .filter(|h| !self.gone.contains(h.1))
                .for_each(|h| visit(*h));
        }
        self.out.get(&node).into_iter().flatten().for_each(|h| visit(*h));
    }

    fn each_into(&self, node: u32, mut visit: impl FnMut(Half)) {
        if !self.gone.contains(node) {
            let into = self.graph.incoming(node).iter();
            into.filter(|h| !self.changed.contains(h.1)).for_each(|h| visit(*h));
        }
        self.into.get(&node).into_iter().flatten().for_each(|h| visit(*h));
    }
}

/// Takes a node's edges out of the lists of its own side, and out of those of their other ends.
fn take_out(node: u32, near: &mut HashMap<u32, Vec<Half>>, far: &mut HashMap<u32, Vec<Half>>) {
    for (predicate, other) in near.remove(&node).unwrap_or_default() {
        if let Some(halves) = far.get_mut(&other) {
            halves.retain(|half| *half != (predicate, node));
        }
    }
}

impl GraphView {
    /// The predicates ever seen.
    pub fn predicates(&self) -> &Arc<Predicates> {
        &self.laid.predicates
    }

    /// The graph in memory, for its statistics: they are of its own commit, near enough for a plan.
    pub fn graph(&self) -> &Csr {
        &self.laid.graph
    }
}

impl Neighbors for GraphView {
    fn visit(
        &self,
        node: u32,
        follow: Follow,
        direction: Direction,
        visit: &mut dyn FnMut(PredicateId, u32),
    ) -> Result<()> {
        let mut pass = |(predicate, other): Half| {
            if follow.allows(predicate) {
                visit(predicate, other);
            }
        };
        if direction.has_out() {
            self.laid.each_out(node, &mut pass);
        }
        if direction.has_in() {
            self.laid.each_into(node, &mut pass);
        }
        Ok(())
    }

    fn nodes(&self) -> Result<RoaringBitmap> {
        Ok(self.laid.live.as_ref().clone())
    }

    fn ends(&self, follow: Follow, direction: Direction) -> Result<RoaringBitmap> {
        let mut ends = RoaringBitmap::new();
        for (predicate, (sources, targets)) in self.laid.graph.ends() {
            if follow.allows(*predicate) {
                if direction.has_out() {
                    ends |= sources;
                }
                if direction.has_in() {
                    ends |= targets;
                }
            }
        }
        if direction.has_out() {
            ends |= set_of(self.laid.out.keys().copied().collect());
        }
        if direction.has_in() {
            ends |= set_of(self.laid.into.keys().copied().collect());
        }
        Ok(ends & self.laid.live.as_ref())
    }

    fn expand(
        &self,
        frontier: &RoaringBitmap,
        follow: Follow,
        direction: Direction,
    ) -> Result<RoaringBitmap> {
        let mut reached = Vec::new();
        let mut take = |(predicate, other): Half| {
            if follow.allows(predicate) {
                reached.push(other);
            }
        };
        for node in frontier {
            if direction.has_out() {
                self.laid.each_out(node, &mut take);
            }
            if direction.has_in() {
                self.laid.each_into(node, &mut take);
            }
        }
        Ok(set_of(reached))
    }
}

/// Numbers of ids and predicates already looked up. What a batch adds counts only once the batch is
/// in the file.
#[derive(Debug, Default)]
struct Interner {
    nodes: HashMap<Box<str>, u32>,
    predicates: HashMap<Box<str>, u32>,
    fresh_nodes: HashMap<Box<str>, u32>,
    fresh_predicates: HashMap<Box<str>, u32>,
}

impl Interner {
    fn node(&mut self, tx: &IndexTx<'_>, id: &str) -> Result<u32> {
        if let Some(tid) = self.nodes.get(id).or_else(|| self.fresh_nodes.get(id)) {
            return Ok(*tid);
        }
        let tid = index_graph::intern_node(tx, id)?;
        self.fresh_nodes.insert(id.into(), tid);
        Ok(tid)
    }

    fn predicate(&mut self, tx: &IndexTx<'_>, name: &str) -> Result<u32> {
        if let Some(pid) = self.predicates.get(name).or_else(|| self.fresh_predicates.get(name)) {
            return Ok(*pid);
        }
        let pid = index_graph::intern_predicate(tx, name)?;
        self.fresh_predicates.insert(name.into(), pid);
        Ok(pid)
    }

    fn begin(&mut self) {
        self.fresh_nodes.clear();
        self.fresh_predicates.clear();
        if self.nodes.len() > REMEMBERED {
            self.nodes.clear();
        }
    }

    fn keep(&mut self) {
        self.nodes.extend(self.fresh_nodes.drain());
        self.predicates.extend(self.fresh_predicates.drain());
    }

    /// The rows of a record.
    fn rows(
        &mut self,
        tx: &IndexTx<'_>,
        source: Iid,
        body: &[u8],
        rows: &mut Vec<EdgeRow>,
    ) -> Result<()> {
        let mut edges: Vec<(&str, &str)> = Vec::new();
        codec::each(body, |predicate, target| edges.push((predicate, target)))?;
        for (predicate, target) in edges {
            let (predicate, target) = (self.predicate(tx, predicate)?, self.node(tx, target)?);
            rows.push(EdgeRow { target, predicate, source: source.0 });
        }
        Ok(())
    }
}

impl Applier for GraphIndex {
    fn schema(&self, tx: &IndexTx<'_>) -> Result<()> {
        index_graph::create(tx)?;
        index_touched::create(tx)
    }

    fn apply(&self, tx: &IndexTx<'_>, batch: &[Changes<'_>]) -> Result<()> {
        let mut interner = self.interner.lock();
        interner.begin();
        // Only the last record of a hexad in this batch has edges; rows left from before the batch
        // exist unless the batch began with its first version.
        let mut last: HashMap<Iid, Option<&[u8]>> = HashMap::new();
        let mut stale = Vec::new();
        for changes in batch {
            for op in changes.ops {
                let (iid, body, first) = match op {
                    Op::Put { iid, version, body, .. } => {
                        (iid, Some(body.as_slice()), *version == 1)
                    }
                    Op::Delete { iid, .. } => (iid, None, false),
                    Op::Append { .. } => continue,
                };
                if last.insert(*iid, body).is_none() && !first {
                    stale.push(*iid);
                }
                if !first {
                    index_touched::note(tx, changes.lsn, [*iid])?;
                }
            }
        }
        for source in stale {
            index_graph::remove(tx, source)?;
        }
        let mut sources: Vec<_> = last.into_iter().collect();
        sources.sort_unstable_by_key(|(iid, _)| *iid);
        let mut rows = Vec::new();
        for (source, body) in sources {
            if let Some(body) = body {
                interner.rows(tx, source, body, &mut rows)?;
            }
        }
        rows.sort_unstable();
        index_graph::add(tx, &rows)
    }

    fn applied(&self, _: &[Changes<'_>]) {
        self.interner.lock().keep();
    }

    fn refreshed(&self, _: Lsn) {
        *self.overlay.lock() = None;
    }

    fn scratch(&self) -> Option<Arc<dyn Applier>> {
        Some(Arc::new(Self::new()))
    }

    fn rebuild(&self, tx: &IndexTx<'_>, scan: RecordScan<'_>) -> Result<()> {
        index_graph::clear(tx)?;
        *self.interner.lock() = Interner::default();
        let mut interner = Interner::default();
        let mut rows = Vec::new();
        scan(&mut |op| match op {
            Op::Put { iid, body, .. } => interner.rows(tx, *iid, body, &mut rows),
            Op::Delete { .. } | Op::Append { .. } => Ok(()),
        })?;
        rows.sort_unstable();
        index_graph::add(tx, &rows)?;
        self.graphs.lock().clear();
        *self.overlay.lock() = None;
        Ok(())
    }
}
