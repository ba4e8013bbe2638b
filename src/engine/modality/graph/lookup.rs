//! The graph straight from its rows: right for a few hexads, before anything is in memory.

use roaring::RoaringBitmap;

use crate::engine::base::{Iid, Modality, Result};
use crate::engine::store::View;
use crate::engine::store::index_graph;

use super::csr::Half;
use super::neighbors::{Direction, Follow, Neighbors, PredicateId, Predicates};
use super::uncommitted::{Ends, Uncommitted};

/// Walks over the rows of one view. Each hexad visited costs a few microseconds, against a few
/// nanoseconds in memory.
#[derive(Debug)]
pub struct GraphLookup<'v> {
    view: &'v View,
    uncommitted: Uncommitted,
    ends: Ends,
}

impl<'v> GraphLookup<'v> {
    /// Over the rows `view` shows.
    pub fn new(view: &'v View) -> Result<Self> {
        let uncommitted = Uncommitted::read(view)?;
        let ends = Ends::of(&uncommitted.edges);
        Ok(Self { view, uncommitted, ends })
    }

    /// The predicates ever seen.
    pub fn predicates(&self) -> &Predicates {
        &self.uncommitted.predicates
    }
}

impl Neighbors for GraphLookup<'_> {
    fn visit(
        &self,
        node: u32,
        follow: Follow,
        direction: Direction,
        visit: &mut dyn FnMut(PredicateId, u32),
    ) -> Result<()> {
        let reader = self.view.ground().index(Modality::Graph)?;
        let written = &self.uncommitted.sources;
        let mut laid = |halves: Option<&Vec<Half>>| {
            for (predicate, other) in halves.into_iter().flatten() {
                if follow.allows(*predicate) {
                    visit(*predicate, *other);
                }
            }
        };
        if direction.has_out() {
            laid(self.ends.out.get(&node));
        }
        if direction.has_in() {
            laid(self.ends.into.get(&node));
        }
        if direction.has_out() && !written.contains(node) {
            for row in index_graph::outgoing(reader, Iid(node))? {
                if follow.allows(PredicateId(row.predicate))
                    && let Some(id) = index_graph::node_id(reader, row.target)?
                    && let Some(target) = self.view.iid(&id)?
                {
                    visit(PredicateId(row.predicate), target.0);
                }
            }
        }
        if direction.has_in()
            && self.view.live()?.contains(node)
            && let Some(id) = self.view.id_of(Iid(node))?
            && let Some(tid) = index_graph::node(reader, &id)?
        {
            for row in index_graph::incoming(reader, tid)? {
                if follow.allows(PredicateId(row.predicate)) && !written.contains(row.source) {
                    visit(PredicateId(row.predicate), row.source);
                }
            }
        }
        Ok(())
    }

    fn nodes(&self) -> Result<RoaringBitmap> {
        Ok(self.view.live()?.as_ref().clone())
    }

    fn ends(&self, _: Follow, direction: Direction) -> Result<RoaringBitmap> {
        match direction {
            Direction::Out => Ok(self.view.present(Modality::Graph)?.as_ref().clone()),
            Direction::In | Direction::Either => self.nodes(),
        }
    }
}
