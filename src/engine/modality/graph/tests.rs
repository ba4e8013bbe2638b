//! The graph of a real database against a list of edges, through changes and reopening.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use roaring::RoaringBitmap;

use crate::engine::base::{HexadId, Modality};
use crate::engine::store::trial::Trial;

use super::*;

/// Ids are `n0` .. `n7`; some edges point to ids that never exist.
fn id(n: u8) -> String {
    format!("n{n}")
}

fn body(edges: &[(u8, u8)]) -> Vec<u8> {
    let mut all = Edges::default();
    for (predicate, target) in edges {
        let edge = Edge {
            predicate: ["CITES", "cites", "NEAR"][usize::from(*predicate)].to_owned(),
            target: HexadId::new(id(*target)).unwrap(),
            properties: BTreeMap::new(),
        };
        let same =
            |e: &Edge| e.target == edge.target && e.predicate.eq_ignore_ascii_case(&edge.predicate);
        if !all.edges.iter().any(same) {
            all.edges.push(edge);
        }
    }
    codec::encode(&all)
}

/// What a step does to one hexad: its edges, or its end.
type Step = Vec<(u8, Option<Vec<(u8, u8)>>)>;

fn steps() -> impl Strategy<Value = Vec<(Step, bool)>> {
    let edges = prop::collection::vec((0..3_u8, 0..10_u8), 0..4);
    let one = (0..8_u8, prop::option::weighted(0.8, edges));
    let step = prop::collection::btree_map(0..8_u8, one.prop_map(|(_, e)| e), 1..4);
    let step = step.prop_map(|changes| changes.into_iter().collect());
    prop::collection::vec((step, prop::bool::weighted(0.15)), 1..8)
}

/// Edges by id, as somebody who forgets nothing would list them.
type Model = BTreeMap<String, Vec<(u8, u8)>>;

fn expected(
    model: &Model,
    trial: &Trial<GraphIndex>,
    node: u32,
    predicate: Option<u8>,
    out: bool,
) -> RoaringBitmap {
    let own = &trial.live[&node].0;
    let fits = |p: u8| predicate.is_none_or(|wanted| (wanted == 2) == (p == 2));
    let mut found = RoaringBitmap::new();
    for (source, edges) in model {
        for (p, target) in edges {
            let other = if out { id(*target) } else { source.clone() };
            let here = if out { source.clone() } else { id(*target) };
            if fits(*p)
                && here == *own
                && let Some(other) = trial.iid(&other)
            {
                found.insert(other);
            }
        }
    }
    found
}

fn check(graph: &dyn Neighbors, predicates: &Predicates, trial: &Trial<GraphIndex>, model: &Model) {
    for node in trial.live.keys() {
        for predicate in [None, Some(0), Some(2)] {
            let name = predicate.map(|p| ["Cites", "", "near"][usize::from(p)]);
            let follow = predicates.follow(name);
            let from = RoaringBitmap::from_iter([*node]);
            let out = graph.expand(&from, follow, Direction::Out).unwrap();
            let into = graph.expand(&from, follow, Direction::In).unwrap();
            assert_eq!(out, expected(model, trial, *node, predicate, true), "out of {node}");
            assert_eq!(into, expected(model, trial, *node, predicate, false), "into {node}");
            let either = graph.expand(&from, follow, Direction::Either).unwrap();
            assert_eq!(either, &out | &into);
            let ends = graph.ends(follow, Direction::Out).unwrap();
            assert!(out.is_empty() || ends.contains(*node));
            let ends = graph.ends(follow, Direction::In).unwrap();
            assert!(into.is_empty() || ends.contains(*node));
        }
    }
    let live: BTreeSet<u32> = graph.nodes().unwrap().iter().collect();
    assert_eq!(live, trial.live.keys().copied().collect::<BTreeSet<_>>());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn rows_and_memory_agree_with_the_list(steps in steps()) {
        let mut trial = Trial::new(Modality::Graph, GraphIndex::new);
        let mut model = Model::new();
        for (step, reopen) in steps {
            let old = trial.view();
            let before = (model.clone(), trial.live.clone());
            let records: Vec<_> = step
                .iter()
                .map(|(n, edges)| (id(*n), edges.as_ref().map(|e| body(e))))
                .collect();
            trial.write(&records);
            for (n, edges) in step {
                match edges {
                    Some(edges) => drop(model.insert(id(n), edges)),
                    None => drop(model.remove(&id(n))),
                }
            }
            if reopen {
                drop(old);
                trial.reopen();
            } else {
                // A view that began earlier still sees what it saw.
                let now = std::mem::replace(&mut trial.live, before.1);
                let lookup = GraphLookup::new(&old).unwrap();
                check(&lookup, lookup.predicates(), &trial, &before.0);
                let graph = trial.index.at(&old).unwrap();
                check(&graph, graph.predicates(), &trial, &before.0);
                trial.live = now;
            }
            let view = trial.view();
            let lookup = GraphLookup::new(&view).unwrap();
            check(&lookup, lookup.predicates(), &trial, &model);
            let graph = trial.index.at(&view).unwrap();
            check(&graph, graph.predicates(), &trial, &model);
            let dangling: BTreeSet<(u32, String)> = GraphIndex::dangling(&view, 1000)
                .unwrap()
                .into_iter()
                .map(|d| (d.source.0, d.target.to_string()))
                .collect();
            let mut nowhere = BTreeSet::new();
            for (source, edges) in &model {
                for (_, target) in edges {
                    if trial.iid(&id(*target)).is_none() {
                        nowhere.insert((trial.iid(source).unwrap(), id(*target)));
                    }
                }
            }
            prop_assert_eq!(dangling, nowhere);
        }
    }
}
