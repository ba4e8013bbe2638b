//! Patterns of several edges with variables: `(h)-[:CITES]->(p), (p)-[:BY*1..3]->(who)`.
//!
//! A small backtracking search. It always continues at an edge one end of which is known, cheapest
//! first, so that a pattern that hangs together never enumerates the whole graph twice. The same hexad
//! may stand for several variables (a pattern says what is there, not what is different).

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::rc::Rc;

use roaring::RoaringBitmap;

use crate::engine::base::Result;

use super::neighbors::{Direction, Follow, Neighbors, set_of};
use super::walk::{Hops, reach};

/// Sets of reached hexads remembered during one search.
const REMEMBERED: usize = 4096;

/// One edge of a pattern, between two variables given by their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PatternEdge {
    /// The variable on the left.
    pub left: usize,
    /// The variable on the right.
    pub right: usize,
    /// Which predicates.
    pub follow: Follow,
    /// `Out` is an arrow from left to right.
    pub direction: Direction,
    /// How often.
    pub hops: Hops,
}

/// What the caller has a say in while a pattern is searched for.
pub trait Search {
    /// Whether `node` may stand for `variable`: the place for conditions on single variables.
    fn admit(&mut self, variable: usize, node: u32) -> Result<bool> {
        let _ = (variable, node);
        Ok(true)
    }

    /// Called before work proportional to `nodes` is done; an error ends the search.
    fn spend(&mut self, nodes: u64) -> Result<()> {
        let _ = nodes;
        Ok(())
    }

    /// One way to bind all variables that occur in an edge or were bound from the start. The others
    /// stay `None`.
    fn found(&mut self, binding: &[Option<u32>]) -> Result<ControlFlow<()>>;
}

/// Finds every binding of the variables that makes all edges true, in a fixed order: by the variable
/// bound first, ascending, then by the next. Variables bound in `start` keep their value and are not
/// asked about again.
pub fn match_pattern(
    graph: &dyn Neighbors,
    edges: &[PatternEdge],
    start: &[Option<u32>],
    search: &mut dyn Search,
) -> Result<()> {
    let mut matcher = Matcher { graph, edges, search, known: HashMap::new() };
    let mut binding = start.to_vec();
    matcher.step(&mut binding, &mut vec![false; edges.len()]).map(|_| ())
}

/// True when there is at least one binding.
pub fn matches(
    graph: &dyn Neighbors,
    edges: &[PatternEdge],
    start: &[Option<u32>],
    admit: &mut dyn FnMut(usize, u32) -> Result<bool>,
) -> Result<bool> {
    struct Any<'a>(&'a mut dyn FnMut(usize, u32) -> Result<bool>, bool);
    impl Search for Any<'_> {
        fn admit(&mut self, variable: usize, node: u32) -> Result<bool> {
            (self.0)(variable, node)
        }
        fn found(&mut self, _: &[Option<u32>]) -> Result<ControlFlow<()>> {
            self.1 = true;
            Ok(ControlFlow::Break(()))
        }
    }
    let mut any = Any(admit, false);
    match_pattern(graph, edges, start, &mut any)?;
    Ok(any.1)
}

struct Matcher<'a> {
    graph: &'a dyn Neighbors,
    edges: &'a [PatternEdge],
    search: &'a mut dyn Search,
    /// What each edge reaches from a node, seen from the left (false) or from the right (true).
    known: HashMap<(usize, bool, u32), Rc<RoaringBitmap>>,
}

impl Matcher<'_> {
    fn step(&mut self, binding: &mut [Option<u32>], done: &mut [bool]) -> Result<ControlFlow<()>> {
        let Some(index) = self.next_edge(binding, done) else {
            return self.search.found(binding);
        };
        let edge = self.edges[index];
        let (left, right) = (binding[edge.left], binding[edge.right]);
        let flow = match (left, right) {
            (Some(left), Some(right)) => {
                if !self.reached(index, false, left)?.contains(right) {
                    return Ok(ControlFlow::Continue(()));
                }
                done[index] = true;
                self.step(binding, done)?
            }
            (Some(left), None) => {
                let nodes = self.reached(index, false, left)?;
                done[index] = true;
                self.bind(edge.right, &nodes, binding, done)?
            }
            (None, Some(right)) => {
                let nodes = self.reached(index, true, right)?;
                done[index] = true;
                self.bind(edge.left, &nodes, binding, done)?
            }
            // Nothing known yet: the edge stays to be done, with its left end bound.
            (None, None) => {
                let nodes = self.starts(&edge)?;
                self.bind(edge.left, &nodes, binding, done)?
            }
        };
        done[index] = false;
        Ok(flow)
    }

    /// Tries every node for a variable.
    fn bind(
        &mut self,
        variable: usize,
        nodes: &RoaringBitmap,
        binding: &mut [Option<u32>],
        done: &mut [bool],
    ) -> Result<ControlFlow<()>> {
        self.search.spend(nodes.len())?;
        for node in nodes {
            if !self.search.admit(variable, node)? {
                continue;
            }
            binding[variable] = Some(node);
            let flow = self.step(binding, done)?;
            if flow.is_break() {
                binding[variable] = None;
                return Ok(flow);
            }
        }
        binding[variable] = None;
        Ok(ControlFlow::Continue(()))
    }

    /// Edges with both ends known are checked first, then plain edges, then paths, then an edge of
    /// which nothing is known.
    fn next_edge(&self, binding: &[Option<u32>], done: &[bool]) -> Option<usize> {
        (0..self.edges.len()).filter(|i| !done[*i]).min_by_key(|i| {
            let edge = &self.edges[*i];
            let bound = [edge.left, edge.right].iter().filter(|v| binding[**v].is_some()).count();
            (2 - bound, !edge.hops.is_one(), *i)
        })
    }

    /// Where a walk can start when neither end is known.
    fn starts(&self, edge: &PatternEdge) -> Result<RoaringBitmap> {
        // A path of no step starts anywhere.
        if edge.hops.may_stay() {
            return self.graph.nodes();
        }
        self.graph.ends(edge.follow, edge.direction)
    }

    fn reached(&mut self, index: usize, backward: bool, node: u32) -> Result<Rc<RoaringBitmap>> {
        if let Some(nodes) = self.known.get(&(index, backward, node)) {
            return Ok(Rc::clone(nodes));
        }
        let edge = self.edges[index];
        let direction = if backward { edge.direction.reversed() } else { edge.direction };
        let nodes = if edge.hops.is_one() {
            let mut nodes = Vec::new();
            self.graph.visit(node, edge.follow, direction, &mut |_, other| nodes.push(other))?;
            set_of(nodes)
        } else {
            let search = &mut *self.search;
            let from = RoaringBitmap::from_iter([node]);
            reach(self.graph, &from, edge.follow, direction, edge.hops, &mut |n| search.spend(n))?
        };
        if self.known.len() >= REMEMBERED {
            self.known.clear();
        }
        let nodes = Rc::new(nodes);
        self.known.insert((index, backward, node), Rc::clone(&nodes));
        Ok(nodes)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::neighbors::PredicateId;
    use super::*;

    /// A graph as a list of edges, searched without any cleverness.
    #[derive(Clone, Debug)]
    struct Naive {
        nodes: u32,
        edges: Vec<(u32, u32, u32)>,
    }

    impl Naive {
        fn step(&self, from: u32, to: u32, follow: Follow, direction: Direction) -> bool {
            self.edges.iter().any(|(s, p, t)| {
                follow.allows(PredicateId(*p))
                    && ((direction.has_out() && (*s, *t) == (from, to))
                        || (direction.has_in() && (*t, *s) == (from, to)))
            })
        }

        fn holds(&self, edge: &PatternEdge, left: u32, right: u32, hops: u32) -> bool {
            let mut at = RoaringBitmap::from_iter([left]);
            for _ in 0..hops {
                at = (0..self.nodes)
                    .filter(|n| at.iter().any(|a| self.step(a, *n, edge.follow, edge.direction)))
                    .collect();
            }
            at.contains(right)
        }
    }

    impl Neighbors for Naive {
        fn visit(
            &self,
            node: u32,
            follow: Follow,
            direction: Direction,
            visit: &mut dyn FnMut(PredicateId, u32),
        ) -> Result<()> {
            for (s, p, t) in &self.edges {
                if follow.allows(PredicateId(*p)) {
                    if direction.has_out() && *s == node {
                        visit(PredicateId(*p), *t);
                    }
                    if direction.has_in() && *t == node {
                        visit(PredicateId(*p), *s);
                    }
                }
            }
            Ok(())
        }

        fn nodes(&self) -> Result<RoaringBitmap> {
            Ok((0..self.nodes).collect())
        }

        fn ends(&self, _: Follow, _: Direction) -> Result<RoaringBitmap> {
            self.nodes()
        }
    }

    struct All(Vec<Vec<Option<u32>>>);

    impl Search for All {
        fn found(&mut self, binding: &[Option<u32>]) -> Result<ControlFlow<()>> {
            self.0.push(binding.to_vec());
            Ok(ControlFlow::Continue(()))
        }
    }

    fn all(graph: &Naive, edges: &[PatternEdge], start: &[Option<u32>]) -> Vec<Vec<Option<u32>>> {
        let mut all = All(Vec::new());
        match_pattern(graph, edges, start, &mut all).unwrap();
        all.0
    }

    fn edge(left: usize, right: usize, hops: (u32, Option<u32>)) -> PatternEdge {
        let hops = Hops::new(hops.0, hops.1).unwrap();
        PatternEdge { left, right, follow: Follow::Any, direction: Direction::Out, hops }
    }

    #[test]
    fn a_circle_ends() {
        let ring = Naive { nodes: 3, edges: vec![(0, 0, 1), (1, 0, 2), (2, 0, 0)] };
        let found = all(&ring, &[edge(0, 1, (1, None))], &[Some(0), None]);
        let ends: Vec<u32> = found.iter().filter_map(|b| b[1]).collect();
        assert_eq!(ends, [0, 1, 2]);
    }

    #[test]
    fn an_endless_chain_is_refused_unless_bounded() {
        let chain = Naive { nodes: 200, edges: (0..199).map(|n| (n, 0, n + 1)).collect() };
        let mut any = |_, _| Ok(true);
        let open = [edge(0, 1, (1, None))];
        let error = matches(&chain, &open, &[Some(0), Some(199)], &mut any).unwrap_err();
        assert_eq!(error.kind, crate::engine::base::Kind::TraversalDepthExceeded);
        let bounded = [edge(0, 1, (1, Some(199)))];
        assert!(matches(&chain, &bounded, &[Some(0), Some(199)], &mut any).unwrap());
        let short = [edge(0, 1, (1, Some(198)))];
        assert!(!matches(&chain, &short, &[Some(0), Some(199)], &mut any).unwrap());
    }

    fn pattern() -> impl Strategy<Value = Vec<PatternEdge>> {
        let direction =
            prop::sample::select(vec![Direction::Out, Direction::In, Direction::Either]);
        let follow = prop::sample::select(vec![
            Follow::Any,
            Follow::Only(PredicateId(0)),
            Follow::Only(PredicateId(1)),
            Follow::Nothing,
        ]);
        let one = (0..3_usize, 0..3_usize, follow, direction, 0..3_u32, 0..3_u32);
        let edge = one.prop_map(|(left, right, follow, direction, min, more)| PatternEdge {
            left,
            right,
            follow,
            direction,
            hops: Hops::new(min, Some(min + more)).unwrap(),
        });
        prop::collection::vec(edge, 1..4)
    }

    fn graph() -> impl Strategy<Value = Naive> {
        prop::collection::vec((0..5_u32, 0..2_u32, 0..5_u32), 0..9)
            .prop_map(|edges| Naive { nodes: 5, edges })
    }

    proptest! {
        /// The search finds exactly the bindings that trying every combination finds.
        #[test]
        fn finds_what_trying_everything_finds(
            graph in graph(),
            edges in pattern(),
            first in prop::option::of(0..5_u32),
        ) {
            let used = |v: usize| edges.iter().any(|e| e.left == v || e.right == v);
            let domain = |v: usize| -> Vec<Option<u32>> {
                match (v, first) {
                    (0, Some(node)) => vec![Some(node)],
                    _ if used(v) => (0..graph.nodes).map(Some).collect(),
                    _ => vec![None],
                }
            };
            let mut expected = Vec::new();
            for a in domain(0) {
                for b in domain(1) {
                    for c in domain(2) {
                        let binding = vec![a, b, c];
                        let holds = edges.iter().all(|e| {
                            let (l, r) = (binding[e.left].unwrap(), binding[e.right].unwrap());
                            let (min, max) = e.hops.bounds();
                            (min..=max.unwrap()).any(|hops| graph.holds(e, l, r, hops))
                        });
                        if holds {
                            expected.push(binding);
                        }
                    }
                }
            }
            let mut found = all(&graph, &edges, &[first, None, None]);
            found.sort();
            prop_assert_eq!(found, expected);
        }
    }
}
