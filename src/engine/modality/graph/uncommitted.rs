//! What a transaction has written to the graph and not committed, as the walks need it: the rows and
//! the graph in memory know only what is committed.

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;

use roaring::RoaringBitmap;

use crate::engine::base::{Iid, Modality, Result};
use crate::engine::store::index_graph;
use crate::engine::store::{Ground, View};

use super::codec;
use super::csr::Half;
use super::neighbors::{PredicateId, Predicates};

/// The difference between a view and the commit below it.
#[derive(Debug, Default)]
pub(super) struct Uncommitted {
    /// The predicates of both.
    pub(super) predicates: Predicates,
    /// Hexads whose edges were written: those of the commit do not count.
    pub(super) sources: RoaringBitmap,
    /// Their edges now, where the target exists.
    pub(super) edges: Vec<(u32, Half)>,
    /// Hexads there are now and were not.
    pub(super) created: RoaringBitmap,
    /// Hexads there were and are not now.
    pub(super) gone: RoaringBitmap,
    /// Edges to ids that do not exist: by id, the predicates and sources.
    pub(super) dangling: BTreeMap<String, Vec<(PredicateId, u32)>>,
}

/// The predicates ever committed.
pub fn predicates(ground: &Ground) -> Result<Predicates> {
    Ok(Predicates::new(index_graph::predicates(ground.index(Modality::Graph)?)?))
}

impl Uncommitted {
    /// What `view` shows differently.
    pub(super) fn read(view: &View) -> Result<Self> {
        let mut this = Self { predicates: predicates(view.ground())?, ..Self::default() };
        if !view.is_overlaid() {
            return Ok(this);
        }
        let (now, then) = (view.live()?, view.ground().live()?);
        (this.created, this.gone) = (now.as_ref() - then.as_ref(), then.as_ref() - now.as_ref());
        this.sources = view.uncommitted(Modality::Graph).cloned().unwrap_or_default();
        each_edge(view, &mut |source, predicate, target| {
            let predicate = this.predicates.number(predicate);
            if let Some(target) = view.iid(target)? {
                this.edges.push((source, (predicate, target.0)));
            } else {
                let edges = this.dangling.entry(target.to_owned()).or_default();
                edges.push((predicate, source));
            }
            Ok(())
        })?;
        this.edges.sort_unstable();
        this.edges.dedup();
        Ok(this)
    }

    /// Edges that were committed and led nowhere until a hexad of that id was created.
    pub(super) fn woken(&self, view: &View) -> Result<Vec<(u32, Half)>> {
        let reader = view.ground().index(Modality::Graph)?;
        let mut woken = Vec::new();
        for target in &self.created {
            if let Some(id) = view.id_of(Iid(target))?
                && let Some(tid) = index_graph::node(reader, &id)?
            {
                let rows = index_graph::incoming(reader, tid)?.into_iter();
                let rows = rows.filter(|row| !self.sources.contains(row.source));
                woken.extend(rows.map(|r| (r.source, (PredicateId(r.predicate), target))));
            }
        }
        Ok(woken)
    }
}

/// Hands over every uncommitted edge: source, predicate, id of the target.
fn each_edge(view: &View, visit: &mut dyn FnMut(u32, &str, &str) -> Result<()>) -> Result<()> {
    let Some(sources) = view.uncommitted(Modality::Graph) else { return Ok(()) };
    view.records(Modality::Graph, sources, &mut |record| {
        let mut edges: Vec<(&str, &str)> = Vec::new();
        codec::each(&record.body, |predicate, target| edges.push((predicate, target)))?;
        for (predicate, target) in edges {
            visit(record.iid.0, predicate, target)?;
        }
        Ok(ControlFlow::Continue(()))
    })
}

/// Edges by one of their ends.
#[derive(Debug, Default)]
pub(super) struct Ends {
    pub(super) out: HashMap<u32, Vec<Half>>,
    pub(super) into: HashMap<u32, Vec<Half>>,
}

impl Ends {
    /// Of edges, each with its source.
    pub(super) fn of(edges: &[(u32, Half)]) -> Self {
        let mut ends = Self::default();
        for (source, (predicate, target)) in edges {
            ends.out.entry(*source).or_default().push((*predicate, *target));
            ends.into.entry(*target).or_default().push((*predicate, *source));
        }
        ends
    }
}
