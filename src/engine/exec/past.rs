//! The graph as it was at an instant, put together from the versions of every hexad.
//!
//! A walk into the past is rare and exact; it reads every hexad that ever was.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use roaring::RoaringBitmap;

use crate::engine::base::{Result, Timestamp};
use crate::engine::exec::context::Context;
use crate::engine::exec::entity::Entity;
use crate::engine::modality::graph::{Direction, Follow, Neighbors, PredicateId, Predicates};
use crate::engine::modality::temporal::History;

/// Edges both ways.
pub struct PastGraph {
    nodes: RoaringBitmap,
    out: BTreeMap<u32, Vec<(PredicateId, u32)>>,
    into: BTreeMap<u32, Vec<(PredicateId, u32)>>,
    names: Vec<String>,
}

impl PastGraph {
    /// Reads the state at `instant`.
    pub fn read(ctx: &Context<'_>, instant: Timestamp) -> Result<Self> {
        let mut by_id: BTreeMap<String, u32> = BTreeMap::new();
        let mut edges: Vec<(u32, String, String)> = vec![];
        let mut headers = vec![];
        ctx.view.headers(&mut |header| {
            headers.push(header.clone());
            Ok(ControlFlow::Continue(()))
        })?;
        for header in headers {
            ctx.budget.tick()?;
            let entity = Entity::of(ctx.view, header);
            let Some(version) = History(entity.versions()?).as_of(instant) else { continue };
            let past = entity.at(version);
            by_id.insert(past.id().as_str().to_owned(), past.iid().0);
            for edge in past.graph()?.map(|g| g.edges.as_slice()).unwrap_or_default() {
                let target = edge.target.as_str().to_owned();
                edges.push((past.iid().0, edge.predicate.clone(), target));
            }
        }
        Ok(Self::joined(&by_id, edges))
    }

    fn joined(by_id: &BTreeMap<String, u32>, edges: Vec<(u32, String, String)>) -> Self {
        let mut graph = Self {
            nodes: by_id.values().copied().collect(),
            out: BTreeMap::new(),
            into: BTreeMap::new(),
            names: vec![],
        };
        let mut numbers: BTreeMap<String, u32> = BTreeMap::new();
        for (source, predicate, target) in edges {
            let Some(target) = by_id.get(&target).copied() else { continue };
            let names = &mut graph.names;
            let number = *numbers.entry(predicate.to_ascii_lowercase()).or_insert_with(|| {
                names.push(predicate);
                names.len() as u32 - 1
            });
            graph.out.entry(source).or_default().push((PredicateId(number), target));
            graph.into.entry(target).or_default().push((PredicateId(number), source));
        }
        graph
    }

    /// The predicates of that state.
    pub fn predicates(&self) -> Predicates {
        Predicates::new(self.names.iter().enumerate().map(|(i, name)| (i as u32, name.clone())))
    }
}

impl Neighbors for PastGraph {
    fn visit(
        &self,
        node: u32,
        follow: Follow,
        direction: Direction,
        visit: &mut dyn FnMut(PredicateId, u32),
    ) -> Result<()> {
        let out = (direction != Direction::In).then(|| self.out.get(&node)).flatten();
        let into = (direction != Direction::Out).then(|| self.into.get(&node)).flatten();
        for (predicate, other) in out.into_iter().chain(into).flatten() {
            if follow.allows(*predicate) {
                visit(*predicate, *other);
            }
        }
        Ok(())
    }

    fn nodes(&self) -> Result<RoaringBitmap> {
        Ok(self.nodes.clone())
    }

    fn ends(&self, _: Follow, _: Direction) -> Result<RoaringBitmap> {
        Ok(self.nodes.clone())
    }
}
