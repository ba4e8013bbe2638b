//! When the graphs of [`super::ann`] are asked, and how they are kept up to date.

use std::collections::BTreeSet;
use std::sync::Arc;

use roaring::RoaringBitmap;

use crate::engine::base::Result;
use crate::engine::index::{Generation, Reading};

use super::Metric;
use super::ann::Graph;
use super::metric::exact;
use super::quantize::quantize;
use super::scan::{Best, Hit, Scan, Scope};
use super::search::{VectorIndex, VectorQuery, VectorRecords};
use super::segment::VectorSegment;

/// Proposals of the graph that are scored exactly for a recall: for each wanted, and at least.
fn proposals(recall: f64, k: usize) -> usize {
    let (each, least) = match recall {
        r if r > 0.997 => (16, 256),
        r if r > 0.992 => (8, 128),
        r if r > 0.95 => (4, 64),
        _ => (2, 32),
    };
    (each * k).max(least)
}

/// What graphs lack of a generation.
#[derive(Debug)]
pub(super) struct Lacking {
    generation: Arc<Generation<VectorSegment>>,
    graphs: Vec<(String, usize, Arc<Graph>)>,
}

impl VectorIndex {
    /// The nearest by way of a graph, if there is one and it pays: `best` is then complete.
    ///
    /// A filter that admits few is scanned instead: that is both faster and exact.
    pub(super) fn approximate(
        &self,
        view: &VectorRecords<'_>,
        reading: &Reading<VectorSegment>,
        query: &VectorQuery<'_>,
        scopes: &[Scope<'_>],
        best: &mut Best,
    ) -> Result<bool> {
        let rows: u64 = scopes.iter().map(|scope| scope.table.iids.len() as u64).sum();
        let admitted: u64 = scopes
            .iter()
            .map(|s| s.allowed.as_ref().map_or(s.table.iids.len() as u64, RoaringBitmap::len))
            .sum();
        let k = best.k();
        let pays = query.metric == Metric::Cosine
            && !query.exact
            && rows >= self.many()
            && admitted * 2 >= rows
            && proposals(query.recall, k) <= 1024;
        if !pays {
            return Ok(false);
        }
        let derived = self.derived();
        let Some(graph) =
            self.graphs().get(self.dir(), derived.saved(), query.name, query.vector.len())
        else {
            self.announce(1);
            return Ok(false);
        };
        let state = graph.state();
        let Some(changed) = derived.changed_since(state.lsn, &state.covered, view)? else {
            return Ok(false);
        };
        let trusted = &(&state.covered - &changed) - &reading.suspects;
        if trusted.len() * 2 < rows {
            // Scanning the rest would cost as much as scanning all.
            self.announce(1);
            return Ok(false);
        }
        let mut codes = Vec::new();
        quantize(query.vector, &mut codes);
        codes.truncate(query.vector.len());
        let Some(near) = graph.near(&codes, proposals(query.recall, k), query.filter) else {
            return Ok(false);
        };
        let mut proposed = 0;
        for iid in near.into_iter().filter(|iid| trusted.contains(*iid)) {
            let admitted = |scope: &&Scope<'_>| {
                scope.allowed.as_ref().is_none_or(|allowed| allowed.contains(iid))
            };
            for scope in scopes.iter().filter(admitted) {
                if let Ok(row) = scope.table.iids.binary_search(&iid) {
                    let similarity = exact(query.metric, query.vector, scope.table.vector(row));
                    best.offer(Hit { similarity, iid });
                    proposed += 1;
                }
            }
        }
        if proposed < k.min(trusted.len() as usize) {
            return Ok(false);
        }
        scan_rest(query, scopes, &trusted, best);
        Ok(true)
    }

    /// Finds out what the graphs lack, after the index was brought up to date with `view`.
    pub(super) fn lacking(&self, view: &VectorRecords<'_>) -> Result<Option<Lacking>> {
        let Some(generation) = self.derived().current() else { return Ok(None) };
        let names: BTreeSet<(&str, usize)> = generation
            .parts
            .iter()
            .flat_map(|part| &part.segment.tables)
            .map(|table| (table.name.as_str(), table.dimensions))
            .collect();
        let mut graphs = Vec::new();
        for (name, dims) in names {
            let tables = generation.parts.iter().filter_map(|p| p.segment.table(name, dims));
            let rows: usize = tables.map(|table| table.iids.len()).sum();
            if (rows as u64) < self.many() {
                continue;
            }
            // Vectors go in as of the generation, changes are known up to the view.
            let lsn = generation.lsn.min(view.lsn());
            let saved = self.derived().saved();
            let graph = self.graphs().get_or_make(self.dir(), saved, (name, dims), lsn)?;
            let state = graph.state();
            if state.lsn > lsn {
                continue;
            }
            let changed = self.derived().changed_since(state.lsn, &state.covered, view)?;
            // What nobody can vouch for is put in again.
            graph.remove(&changed.unwrap_or(state.covered), lsn);
            graphs.push((name.to_owned(), dims, graph));
        }
        Ok(Some(Lacking { generation, graphs }))
    }

    /// Adds to the graphs what they lack. Takes long when that is much; ends early when the index is
    /// closed.
    pub(super) fn grow(&self, lacking: &Lacking) -> Result<()> {
        for (name, dims, graph) in &lacking.graphs {
            let covered = graph.state().covered;
            let missing = lacking.generation.parts.iter().flat_map(|part| {
                part.segment.table(name, *dims).into_iter().flat_map(|table| {
                    let rows = table.iids.iter().enumerate();
                    let rows =
                        rows.filter(|(_, i)| !part.dead.contains(**i) && !covered.contains(**i));
                    rows.map(|(row, iid)| (*iid, &table.codes(row..row + 1)[..*dims]))
                })
            });
            graph.add(self.graphs(), missing)?;
        }
        Ok(())
    }

    /// Builds the graphs now instead of in the background.
    pub fn build_graphs(&self, view: &VectorRecords<'_>) -> Result<()> {
        let _alone = self.graphs().growing.lock();
        self.derived().settle(view)?;
        self.lacking(view)?.map_or(Ok(()), |lacking| self.grow(&lacking))
    }
}

/// Scans what the graph does not cover.
fn scan_rest(
    query: &VectorQuery<'_>,
    scopes: &[Scope<'_>],
    trusted: &RoaringBitmap,
    best: &mut Best,
) {
    let mut rest = Vec::new();
    for scope in scopes {
        let allowed = if let Some(allowed) = &scope.allowed {
            allowed - trusted
        } else {
            let rows = scope.table.iids.iter().copied();
            rows.filter(|iid| !trusted.contains(*iid)).collect()
        };
        if !allowed.is_empty() {
            rest.push(Scope { table: scope.table, allowed: Some(allowed) });
        }
    }
    if !rest.is_empty() {
        Scan::new(query.metric, query.vector).nearest(&rest, best);
    }
}
