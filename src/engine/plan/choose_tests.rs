//! Tests of choosing: a made-up world, and what is chosen in it.

use std::collections::HashMap;
use std::sync::Arc;

use super::*;
use crate::engine::base::Span;
use crate::engine::lang::ast::{Direction, Metric};
use crate::engine::plan::access::Probe;
use crate::engine::plan::logical::{TextSearch, VectorSearch, VectorTarget};
use crate::engine::plan::world::usual_share;

/// A made-up database of a hundred thousand hexads, all of which have everything.
#[derive(Default)]
struct Made {
    units: Units,
    rows: HashMap<usize, f64>,
    learned: HashMap<String, f64>,
    recall: f64,
}

const ALL: f64 = 100_000.0;

impl World for Made {
    fn units(&self) -> &Units {
        &self.units
    }

    fn recall(&self) -> f64 {
        self.recall
    }

    fn population(&mut self) -> f64 {
        ALL
    }

    fn present(&mut self, _: Modality) -> f64 {
        ALL
    }

    fn rows(&mut self, probe: &Probe) -> (f64, Origin) {
        (self.rows.get(&probe.leaf.number).copied().unwrap_or(ALL), Origin::Statistics)
    }

    fn share(&mut self, leaf: &Leaf) -> (f64, Origin) {
        (usual_share(&leaf.test), Origin::Guess)
    }

    fn degree(&mut self, _: &str, _: Direction) -> f64 {
        3.0
    }

    fn dimensions(&mut self, _: &str) -> f64 {
        384.0
    }

    fn has_graph(&mut self, _: &str) -> bool {
        true
    }

    fn has_learned(&self) -> bool {
        !self.learned.is_empty()
    }

    fn learned(&mut self, shape: &str) -> Option<f64> {
        self.learned.get(shape).copied()
    }
}

fn leaf(number: usize, test: Test) -> Filter {
    Filter::Leaf(Arc::new(Leaf { number, test, span: Span::default() }))
}

fn exists(number: usize) -> Filter {
    leaf(number, Test::ModifiedBy(format!("author {number}")))
}

fn words() -> Test {
    Test::FullText(TextSearch { query: "river".into(), any_word: false })
}

fn near(within: Option<f64>) -> Test {
    Test::Similar(VectorSearch {
        subject: Subject::Row,
        embedding: "embedding".into(),
        target: VectorTarget::Numbers(Arc::from([1.0_f32])),
        metric: Metric::Cosine,
        within,
        nearest: None,
    })
}

fn drift() -> Filter {
    leaf(99, Test::DriftAny(None))
}

fn chooser(filter: &Filter, goal: &Goal, world: &mut Made) -> Chooser {
    Chooser::new(filter, &Facts::default(), ALL as u64, goal, world)
}

fn made(rows: impl IntoIterator<Item = (usize, f64)>) -> Made {
    Made { rows: rows.into_iter().collect(), recall: 0.99, ..Made::default() }
}

fn steps(plan: &Plan) -> Vec<usize> {
    plan.steps.iter().map(|step| step.conjunct).collect()
}

#[test]
fn the_index_that_leaves_least_is_asked_and_late_tests_come_last() {
    let filter =
        Filter::And(vec![drift(), exists(1), leaf(2, Test::HasProof("x".into())), exists(3)]);
    let mut world = made([(1, 50_000.0), (2, 40.0), (3, 60_000.0)]);
    let plan = chooser(&filter, &Goal::default(), &mut world).plan();
    assert_eq!(steps(&plan), [2]);
    assert_eq!(plan.residual.last(), Some(&0));
    assert!(plan.choices.iter().any(|c| c.conjunct == 1 && matches!(c.why, Why::Costs(_))));
    assert!(plan.choices.iter().any(|c| c.conjunct == 2 && matches!(c.why, Why::Saves(_))));
    assert!(plan.choices.iter().any(|c| c.conjunct == 0 && c.why == Why::NoIndex));
    // It is the cheapest of all that were weighed.
    assert!(plan.alternatives.iter().all(|other| other.cost.micros() >= plan.cost.micros()));
}

#[test]
fn a_vector_is_compared_with_what_others_have_left() {
    let filter = Filter::And(vec![leaf(1, near(Some(0.9))), leaf(2, words())]);
    let mut world = made([(1, 100.0), (2, 100.0)]);
    let goal = Goal::default();
    let plan = chooser(&filter, &goal, &mut world).plan();
    assert_eq!(steps(&plan).first(), Some(&1), "the words first: only what they leave is scanned");
}

#[test]
fn a_walk_comes_first_where_it_reaches_few_and_words_where_they_are_rare() {
    let walk = |n| exists(n);
    let filter = Filter::And(vec![walk(1), leaf(2, words())]);
    for (reached, having, first) in [(20.0, 30_000.0, 0), (30_000.0, 20.0, 1)] {
        let mut world = made([(1, reached), (2, having)]);
        let plan = chooser(&filter, &Goal::default(), &mut world).plan();
        assert_eq!(steps(&plan), [first]);
        assert_eq!(plan.residual, [1 - first]);
    }
}

#[test]
fn the_best_few_are_ranked_before_they_are_tested() {
    let near = near(None);
    let ranking = Leaf { number: 1, test: near.clone(), span: Span::default() };
    let filter = Filter::And(vec![leaf(1, near), drift()]);
    let goal = Goal { need: Some(11), rankings: vec![Arc::new(ranking)] };
    let mut world = made([]);
    let plan = chooser(&filter, &goal, &mut world).plan();
    assert_eq!((plan.finish, plan.search), (Finish::RankFirst, Search::Approximate(0.99)));
    assert_eq!(plan.residual, [1]);
    // All of them are wanted: then all are tested.
    let plan = chooser(&filter, &Goal { need: None, ..goal.clone() }, &mut world).plan();
    assert_eq!(plan.finish, Finish::TestAll);
    // Nothing may be missed: then the graph is not asked.
    world.recall = 1.0;
    assert_eq!(chooser(&filter, &goal, &mut world).plan().search, Search::Exact);
}

#[test]
fn a_plan_that_found_few_reads_them_instead_of_asking_on() {
    let filter = Filter::And(vec![exists(1), exists(2)]);
    let mut world = made([(1, 5000.0), (2, 6000.0)]);
    let chooser = chooser(&filter, &Goal::default(), &mut world);
    let plan = chooser.plan();
    assert_eq!(steps(&plan).len(), 2);
    let onward = chooser.onward(&[plan.steps[0].conjunct], 3);
    assert_eq!((onward.steps.len(), onward.residual.len()), (0, 1));
    let onward = chooser.onward(&[plan.steps[0].conjunct], 90_000);
    assert_eq!((onward.steps.len(), onward.residual.len()), (1, 0));
}

#[test]
fn what_was_learned_of_two_conditions_together_corrects_both() {
    let filter = Filter::And(vec![leaf(1, words()), leaf(2, Test::HasProof("x".into()))]);
    let mut world = made([(1, 1000.0), (2, 1000.0)]);
    let plain = chooser(&filter, &Goal::default(), &mut world);
    let shape = plain.shape_of(&[0, 1]);
    assert!(shape.contains(" & "), "{shape}");
    let apart = plain.left(&[], &[0, 1], ALL);
    world.learned.insert(shape, 5.0);
    let learned = chooser(&filter, &Goal::default(), &mut world);
    let together = learned.left(&[], &[0, 1], ALL);
    assert!((together / apart - 5.0).abs() < 0.01, "{apart} {together}");
    assert!((learned.left(&[], &[0], ALL) - 1000.0).abs() < 1.0);
}

#[test]
fn many_conditions_are_chosen_one_by_one() {
    let filter = Filter::And((0..12).map(exists).collect());
    let mut world = made((0..12).map(|n| (n, 100.0 + 5000.0 * n as f64)));
    let plan = chooser(&filter, &Goal::default(), &mut world).plan();
    assert_eq!(steps(&plan).first(), Some(&0));
    assert_eq!(plan.steps.len() + plan.residual.len(), 12);
}

#[test]
fn every_plan_answers_every_conjunct() {
    let filter = Filter::And(vec![exists(1), drift(), leaf(2, near(Some(0.5))), exists(3)]);
    let ranking = Leaf { number: 2, test: near(Some(0.5)), span: Span::default() };
    let goal = Goal { need: Some(5), rankings: vec![Arc::new(ranking)] };
    let every = chooser(&filter, &goal, &mut made([])).every();
    // Three indexes in all orders of all sets, each with two finishes: drift is always left to test.
    assert_eq!(every.len(), 16 * 2);
    for plan in every {
        let mut answered: Vec<usize> = plan.steps.iter().flat_map(Step::answered).collect();
        answered.extend(&plan.residual);
        if plan.finish == Finish::RankFirst {
            answered.push(2);
        }
        answered.sort_unstable();
        answered.dedup();
        assert_eq!(answered, [0, 1, 2, 3]);
    }
}
