//! The whole graph in memory, packed both ways, as it was at one commit.
//!
//! Compressed sparse rows: for each hexad the slice of its edges, once by source and once by target,
//! 16 bytes an edge altogether. It never changes; what a later view sees differently is laid over it
//! in `index`.

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;
use std::sync::Arc;

use roaring::RoaringBitmap;

use crate::engine::base::{Lsn, Modality, Result};
use crate::engine::store::Ground;
use crate::engine::store::index_graph::{self, EdgeRow};

use super::neighbors::{PredicateId, Predicates, set_of};

/// An edge as one of its ends sees it: the predicate and the other end.
pub(super) type Half = (PredicateId, u32);

/// One direction: the edges of node `n` are `halves[starts[n]..starts[n + 1]]`.
#[derive(Debug, Default)]
struct Side {
    starts: Vec<u32>,
    halves: Vec<Half>,
}

impl Side {
    /// From edges in any order, each with the node it belongs to. Each list is sorted by the other
    /// end, then by predicate.
    fn new(edges: &[(u32, Half)]) -> Self {
        let nodes = edges.iter().map(|(node, _)| *node as usize + 1).max().unwrap_or(0);
        let mut starts = vec![0_u32; nodes + 1];
        for (node, _) in edges {
            starts[*node as usize + 1] += 1;
        }
        for n in 0..nodes {
            starts[n + 1] += starts[n];
        }
        let mut next = starts.clone();
        let mut halves = vec![(PredicateId(0), 0); edges.len()];
        for (node, half) in edges {
            let slot = &mut next[*node as usize];
            halves[*slot as usize] = *half;
            *slot += 1;
        }
        for pair in starts.windows(2) {
            halves[pair[0] as usize..pair[1] as usize]
                .sort_unstable_by_key(|(predicate, other)| (*other, *predicate));
        }
        Self { starts, halves }
    }

    fn of(&self, node: u32) -> &[Half] {
        let node = node as usize;
        match (self.starts.get(node), self.starts.get(node + 1)) {
            (Some(start), Some(end)) => &self.halves[*start as usize..*end as usize],
            _ => &[],
        }
    }
}

/// What the planner wants to know of one predicate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PredicateStatistics {
    /// Edges that lead to a hexad that exists.
    pub edges: u64,
    /// Distinct hexads they start at.
    pub sources: u64,
    /// Distinct hexads they lead to.
    pub targets: u64,
}

/// The graph at one commit.
#[derive(Debug)]
pub struct Csr {
    /// The commit.
    pub(super) lsn: Lsn,
    /// The hexads that existed then.
    pub(super) live: Arc<RoaringBitmap>,
    /// The hexads that had edges then.
    pub(super) present: Arc<RoaringBitmap>,
    out: Side,
    into: Side,
    ends: BTreeMap<PredicateId, (RoaringBitmap, RoaringBitmap)>,
    statistics: BTreeMap<PredicateId, PredicateStatistics>,
}

impl Csr {
    /// Reads the graph as it was committed.
    pub(super) fn build(ground: &Ground, predicates: &Predicates) -> Result<Self> {
        let reader = ground.index(Modality::Graph)?;
        let hexads = resolved(ground)?;
        let rows = index_graph::edges(reader)?;
        let resolve = |row: &EdgeRow| {
            let target = hexads.get(row.target as usize).copied().flatten()?;
            Some((row.source, PredicateId(row.predicate), target))
        };
        let edges: Vec<_> = rows.iter().filter_map(resolve).collect();
        let (live, present) = (ground.live()?, ground.present(Modality::Graph)?);
        Ok(Self::of(ground.lsn(), live, present, &edges, predicates))
    }

    fn of(
        lsn: Lsn,
        live: Arc<RoaringBitmap>,
        present: Arc<RoaringBitmap>,
        edges: &[(u32, PredicateId, u32)],
        predicates: &Predicates,
    ) -> Self {
        let out: Vec<_> = edges.iter().map(|(s, p, t)| (*s, (*p, *t))).collect();
        let into: Vec<_> = edges.iter().map(|(s, p, t)| (*t, (*p, *s))).collect();
        let mut by_predicate: BTreeMap<_, (Vec<u32>, Vec<u32>)> =
            predicates.ids().map(|id| (id, (Vec::new(), Vec::new()))).collect();
        for (source, predicate, target) in edges {
            let (sources, targets) = by_predicate.entry(*predicate).or_default();
            sources.push(*source);
            targets.push(*target);
        }
        let mut ends = BTreeMap::new();
        let mut statistics = BTreeMap::new();
        for (id, (sources, targets)) in by_predicate {
            let edges = sources.len() as u64;
            let (sources, targets) = (set_of(sources), set_of(targets));
            let counted =
                PredicateStatistics { edges, sources: sources.len(), targets: targets.len() };
            statistics.insert(id, counted);
            ends.insert(id, (sources, targets));
        }
        Self { lsn, live, present, out: Side::new(&out), into: Side::new(&into), ends, statistics }
    }

    /// The edges that start at `node`.
    pub(super) fn outgoing(&self, node: u32) -> &[Half] {
        self.out.of(node)
    }

    /// The edges that point to `node`.
    pub(super) fn incoming(&self, node: u32) -> &[Half] {
        self.into.of(node)
    }

    /// The hexads edges with a predicate start at, and those they point to.
    pub(super) fn ends(&self) -> &BTreeMap<PredicateId, (RoaringBitmap, RoaringBitmap)> {
        &self.ends
    }

    /// By predicate.
    pub fn statistics(&self) -> &BTreeMap<PredicateId, PredicateStatistics> {
        &self.statistics
    }

    /// How many hexads have up to 1, 2, 4, 8 .. edges of a predicate, by where they start and where they
    /// end.
    pub fn degrees(&self) -> BTreeMap<PredicateId, [Vec<u64>; 2]> {
        let mut all: BTreeMap<PredicateId, [Vec<u64>; 2]> = BTreeMap::new();
        for (which, side) in [&self.out, &self.into].into_iter().enumerate() {
            for node in side.starts.windows(2) {
                let halves = side.halves.get(node[0] as usize..node[1] as usize);
                let mut counts: BTreeMap<PredicateId, u64> = BTreeMap::new();
                for (predicate, _) in halves.unwrap_or_default() {
                    *counts.entry(*predicate).or_default() += 1;
                }
                for (predicate, count) in counts {
                    let buckets = &mut all.entry(predicate).or_default()[which];
                    let bucket = count.next_power_of_two().trailing_zeros() as usize;
                    if buckets.len() <= bucket {
                        buckets.resize(bucket + 1, 0);
                    }
                    buckets[bucket] += 1;
                }
            }
        }
        all
    }

    /// How many edges there are.
    pub fn len(&self) -> usize {
        self.out.halves.len()
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.out.halves.is_empty()
    }
}

/// The live hexad of every id an edge points to, by the number of the id. All headers are read in one
/// go: asking for one id after the other costs several times as much when nothing is in memory.
fn resolved(ground: &Ground) -> Result<Vec<Option<u32>>> {
    let mut numbers: HashMap<String, u32> = HashMap::new();
    index_graph::each_node(ground.index(Modality::Graph)?, &mut |tid, id| {
        numbers.insert(id.to_owned(), tid);
        Ok(())
    })?;
    let size = numbers.values().max().map_or(0, |tid| *tid as usize + 1);
    let mut hexads = vec![None; size];
    ground.headers(&mut |header| {
        if header.deleted_at.is_none()
            && let Some(tid) = numbers.get(header.id.as_str())
        {
            hexads[*tid as usize] = Some(header.iid.0);
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(hexads)
}
