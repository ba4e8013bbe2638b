//! What choosing a plan asks about the data, and what one question or test then costs.
//!
//! Whoever answers must be quick: counts that are at hand, statistics, never a record. The answers are
//! estimates; a wrong one costs time and never an answer.

use crate::engine::base::Modality;
use crate::engine::lang::ast::{CompareOp, Direction};
use crate::engine::lang::resolve::{FieldRef, Place, Subject};
use crate::engine::plan::access::{Access, Ask, Probe};
use crate::engine::plan::cost::{Cost, Origin, Units};
use crate::engine::plan::logical::{Filter, Leaf, Pattern, Scalar, Test};

/// The data, as far as plans depend on it.
pub trait World {
    /// The prices.
    fn units(&self) -> &Units;
    /// The share of the nearest vectors that must be found.
    fn recall(&self) -> f64;
    /// Live hexads.
    fn population(&mut self) -> f64;
    /// Live hexads that have a modality.
    fn present(&mut self, modality: Modality) -> f64;
    /// About how many rows an index answers to a question.
    fn rows(&mut self, probe: &Probe) -> (f64, Origin);
    /// The share of all rows for which a test holds that no index answers.
    fn share(&mut self, leaf: &Leaf) -> (f64, Origin);
    /// About how many edges of a predicate lead from a hexad that has any, in a direction.
    fn degree(&mut self, predicate: &str, direction: Direction) -> f64;
    /// Numbers in an embedding of this name.
    fn dimensions(&mut self, embedding: &str) -> f64;
    /// Whether a graph of this embedding could be asked for the nearest.
    fn has_graph(&mut self, embedding: &str) -> bool;
    /// Whether anything was learned from plans that ran.
    fn has_learned(&self) -> bool;
    /// By how much estimates of this shape were wrong before; nothing when that is not known.
    fn learned(&mut self, shape: &str) -> Option<f64>;
}

/// The share of rows that pass all of several conditions.
///
/// Conditions of one query are seldom independent: of each further one only the root counts, the
/// second's square root, the third's fourth root and so on, the most selective first.
pub fn together(shares: impl IntoIterator<Item = f64>) -> f64 {
    let mut shares: Vec<f64> = shares.into_iter().map(|share| share.clamp(0.0, 1.0)).collect();
    shares.sort_by(f64::total_cmp);
    let mut exponent = 1.0;
    let mut all = 1.0;
    for share in shares {
        all *= share.powf(exponent);
        exponent /= 2.0;
    }
    all
}

/// The share of rows that pass one of several conditions.
pub fn either(shares: impl IntoIterator<Item = f64>) -> f64 {
    1.0 - shares.into_iter().map(|share| 1.0 - share.clamp(0.0, 1.0)).product::<f64>()
}

/// About how many of all rows an access holds.
pub fn rows_of(access: &Access, world: &mut dyn World) -> (f64, Origin) {
    let all = world.population().max(1.0);
    match access {
        Access::All => (all, Origin::Counted),
        Access::Nothing => (0.0, Origin::Counted),
        Access::Probe(probe) => {
            let (rows, origin) = world.rows(probe);
            (rows.clamp(0.0, all), origin)
        }
        Access::And(inner) | Access::Or(inner) => {
            let mut origin = Origin::Counted;
            let mut shares = vec![];
            for member in inner {
                let (rows, of) = rows_of(member, world);
                origin = origin.min(of);
                shares.push(rows / all);
            }
            let and = matches!(access, Access::And(_));
            (all * if and { together(shares) } else { either(shares) }, origin)
        }
        Access::Not(inner) => {
            let (rows, origin) = rows_of(inner, world);
            (all - rows, origin)
        }
    }
}

/// What asking costs: once, and for each row that was left before.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Asking {
    /// Whatever is left.
    pub once: Cost,
    /// For each row that is left, up to `most` rows.
    pub each: Cost,
    /// Rows beyond which it costs no more.
    pub most: f64,
}

impl Asking {
    /// With so many rows left.
    pub fn within(&self, left: f64) -> Cost {
        self.once + self.each * left.min(self.most)
    }

    /// So many times as much.
    #[must_use]
    pub fn times(self, times: f64) -> Self {
        Self { once: self.once * times, each: self.each * times, most: self.most }
    }

    fn add(&mut self, other: &Self) {
        self.once += other.once;
        self.each += other.each;
        self.most = self.most.max(other.most);
    }
}

/// What asking an access costs.
pub fn asking(access: &Access, world: &mut dyn World) -> Asking {
    match access {
        Access::All | Access::Nothing => Asking::default(),
        Access::Not(inner) => asking(inner, world),
        Access::And(inner) | Access::Or(inner) => {
            let mut all = Asking::default();
            for member in inner {
                let one = asking(member, world);
                all.add(&one);
            }
            all
        }
        Access::Probe(probe) => of_probe(probe, world),
    }
}

fn of_probe(probe: &Probe, world: &mut dyn World) -> Asking {
    let rows = world.rows(probe).0;
    let units = world.units();
    let once = |modality, each: f64| Asking {
        once: Cost::of(modality, units.probe + rows * (each + units.member)),
        ..Asking::default()
    };
    match &probe.ask {
        Ask::Ids(ids) => {
            Asking { once: Cost::engine(ids.len() as f64 * units.id_lookup), ..Asking::default() }
        }
        Ask::FieldIn(..) | Ask::FieldRange(..) => once(Modality::Document, units.column_entry),
        // A set that is at hand.
        Ask::Present(modality) => {
            Asking { once: Cost::of(*modality, (rows + 10.0) * units.member), ..Asking::default() }
        }
        Ask::Type(_) | Ask::VerifiedBy(_) | Ask::Proof(_) => {
            once(Modality::Semantic, units.index_row)
        }
        Ask::ModifiedBy(_) => once(Modality::Temporal, units.index_row),
        Ask::Text => once(Modality::Document, units.posting),
        Ask::Radius | Ask::Bounds => once(Modality::Spatial, units.place),
        Ask::Shape | Ask::Rank(..) => once(Modality::Tensor, units.index_row),
        Ask::Similar => similar(probe, world),
        Ask::Pattern(seeds) => {
            let walked = match &probe.leaf.test {
                Test::Pattern(pattern) => walk(pattern, !seeds.is_empty(), world),
                _ => Cost::NONE,
            };
            let units = world.units();
            Asking {
                once: walked + Cost::of(Modality::Graph, units.probe + rows * units.member),
                ..Asking::default()
            }
        }
    }
}

/// Only what is left is scanned.
fn similar(probe: &Probe, world: &mut dyn World) -> Asking {
    let most = world.present(Modality::Vector);
    let dimensions = match &probe.leaf.test {
        Test::Similar(search) => world.dimensions(&search.embedding),
        _ => 0.0,
    };
    let units = world.units();
    Asking {
        once: Cost::of(Modality::Vector, units.probe),
        each: Cost::of(Modality::Vector, units.vector_code * dimensions / 384.0 + units.member),
        most,
    }
}

/// What walking a pattern in sets costs: from a hexad known by its id, or from all ends of its edges.
fn walk(pattern: &Pattern, known: bool, world: &mut dyn World) -> Cost {
    let all = world.present(Modality::Graph);
    if !known {
        return Cost::of(Modality::Graph, all * world.units().member);
    }
    let (mut frontier, mut edges) = (1.0_f64, 0.0_f64);
    for edge in &pattern.edges {
        let degree = world.degree(&edge.predicate, edge.direction).max(0.01);
        for _ in 0..edge.max.unwrap_or(8).min(8) {
            edges += frontier * degree;
            frontier = (frontier * degree).min(all);
        }
    }
    let units = world.units();
    // There and back again: what is reached is narrowed from the other side.
    Cost::of(Modality::Graph, units.walk + 2.0 * edges * units.edge)
}

/// About how many rows a pattern with a known end reaches.
pub fn reached(pattern: &Pattern, world: &mut dyn World) -> f64 {
    let all = world.population();
    let mut frontier = 1.0_f64;
    for edge in &pattern.edges {
        let degree = world.degree(&edge.predicate, edge.direction);
        frontier = (frontier * degree.powi(edge.max.unwrap_or(8).min(8) as i32)).min(all);
    }
    frontier
}

/// What testing one row costs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Testing {
    /// Once the records it looks at have been read.
    pub test: Cost,
    /// The modalities whose records it looks at.
    pub reads: [bool; Modality::ALL.len()],
    /// The share of rows that pass.
    pub share: f64,
    /// It is left to the end: it proves, or measures over several hexads.
    pub late: bool,
}

impl Testing {
    /// With the reading of all records it looks at that were not read before.
    pub fn cost(&self, read: [bool; Modality::ALL.len()], units: &Units) -> Cost {
        let fresh =
            Modality::ALL.into_iter().filter(|m| self.reads[*m as usize] && !read[*m as usize]);
        self.test + fresh.map(|m| Cost::of(m, units.record)).sum()
    }
}

/// What testing a row by a filter costs.
pub fn testing(filter: &Filter, world: &mut dyn World) -> Testing {
    match filter {
        Filter::Const(holds) => {
            Testing { share: if *holds { 1.0 } else { 0.0 }, ..Testing::default() }
        }
        Filter::Not(inner) => {
            let inner = testing(inner, world);
            Testing { share: 1.0 - inner.share, ..inner }
        }
        Filter::And(members) | Filter::Or(members) => {
            let mut all = Testing::default();
            let mut shares = vec![];
            for member in members {
                let one = testing(member, world);
                all.test += one.test;
                all.late |= one.late;
                all.reads.iter_mut().zip(one.reads).for_each(|(all, one)| *all |= one);
                shares.push(one.share);
            }
            let and = matches!(filter, Filter::And(_));
            all.share = if and { together(shares) } else { either(shares) };
            all
        }
        Filter::Leaf(leaf) => match &leaf.test {
            Test::Contract(_, inner) => testing(inner, world),
            test => {
                let share = world.share(leaf).0;
                Testing { share, ..of_test(test, world) }
            }
        },
    }
}

fn of_test(test: &Test, world: &mut dyn World) -> Testing {
    let mut reads = [false; Modality::ALL.len()];
    let units = world.units().clone();
    let mut read = |modality: Modality| reads[modality as usize] = true;
    let mut late = false;
    let test = match test {
        Test::Compare(a, _, b) | Test::Includes(a, b) => {
            each(&[a, b], &mut read);
            Cost::engine(units.test_value)
        }
        Test::Like(a, b) | Test::Contains(a, b) | Test::Matches(a, b) => {
            each(&[a, b], &mut read);
            Cost::engine(units.test_text)
        }
        Test::In(a, items) => {
            modalities(a, &mut read);
            each(&items.iter().collect::<Vec<_>>(), &mut read);
            Cost::engine(units.test_value * (1.0 + items.len() as f64 / 4.0))
        }
        Test::Between(a, b, c) => {
            each(&[a, b, c], &mut read);
            Cost::engine(2.0 * units.test_value)
        }
        Test::IsNull(a) | Test::True(a) => {
            modalities(a, &mut read);
            Cost::engine(units.test_value)
        }
        Test::Exists(_) | Test::Contract(..) => Cost::engine(units.test_value / 4.0),
        Test::Drift(..) | Test::DriftAny(_) | Test::Consistent(..) => {
            late = true;
            Cost::engine(units.test_drift)
        }
        Test::HasProof(_) | Test::VerifiedBy(_) => {
            late = true;
            read(Modality::Semantic);
            Cost::of(Modality::Semantic, units.test_value)
        }
        Test::OfType(..) => {
            read(Modality::Semantic);
            Cost::of(Modality::Semantic, units.test_value)
        }
        Test::ModifiedBy(_) => {
            read(Modality::Temporal);
            Cost::of(Modality::Temporal, units.test_value)
        }
        Test::FullText(_) | Test::FullTextMatches(_) => {
            read(Modality::Document);
            Cost::of(Modality::Document, units.test_text)
        }
        Test::Similar(_) => {
            read(Modality::Vector);
            Cost::of(Modality::Vector, units.test_vector)
        }
        Test::Radius(_) | Test::Bounds(_) | Test::NearestPoint { .. } => {
            read(Modality::Spatial);
            Cost::of(Modality::Spatial, units.test_value)
        }
        Test::Shape(..) | Test::Rank(..) => {
            read(Modality::Tensor);
            Cost::of(Modality::Tensor, units.test_value)
        }
        Test::Pattern(pattern) => of_pattern(pattern, world),
    };
    Testing { test, reads, share: 0.0, late }
}

/// A walk from the row until the first match: about half of what there is to walk.
fn of_pattern(pattern: &Pattern, world: &mut dyn World) -> Cost {
    let all = world.present(Modality::Graph);
    let (mut frontier, mut edges) = (1.0_f64, 0.0_f64);
    for edge in &pattern.edges {
        let degree = world.degree(&edge.predicate, edge.direction);
        for _ in 0..edge.max.unwrap_or(8).min(8) {
            edges += frontier * degree;
            frontier = (frontier * degree).min(all);
        }
    }
    let units = world.units();
    Cost::of(Modality::Graph, units.walk + edges / 2.0 * (units.edge + units.test_value))
}

fn each(scalars: &[&Scalar], read: &mut dyn FnMut(Modality)) {
    for scalar in scalars {
        modalities(scalar, read);
    }
}

/// The modalities of the row that an expression reads.
fn modalities(scalar: &Scalar, read: &mut dyn FnMut(Modality)) {
    match scalar {
        Scalar::Field(field) if field.subject == Subject::Row => of_field(field, read),
        Scalar::Call(_, args, _) | Scalar::Array(args) => {
            for arg in args {
                modalities(arg, read);
            }
        }
        Scalar::Sum(first, rest, _) => {
            modalities(first, read);
            for (_, term) in rest {
                modalities(term, read);
            }
        }
        Scalar::Part(modality, _) => read(*modality),
        _ => {}
    }
}

fn of_field(field: &FieldRef, read: &mut dyn FnMut(Modality)) {
    for place in &field.places {
        match place {
            Place::Types | Place::Property(_) => read(Modality::Semantic),
            Place::Document(_) => read(Modality::Document),
            _ => {
                if let Some(modality) = field.modality {
                    read(modality);
                }
            }
        }
    }
}

/// A share that is right for many tests of a kind, when nothing is known.
pub fn usual_share(test: &Test) -> f64 {
    match test {
        Test::NearestPoint { .. } => 0.01,
        Test::Compare(_, CompareOp::Equal, _)
        | Test::Includes(..)
        | Test::OfType(..)
        | Test::FullText(_)
        | Test::FullTextMatches(_) => 0.05,
        Test::In(_, items) => (0.05 * items.len() as f64).min(0.5),
        Test::Similar(search) if search.within.is_none() => 0.9,
        Test::Compare(_, CompareOp::NotEqual, _) => 0.9,
        Test::Like(..)
        | Test::Contains(..)
        | Test::Matches(..)
        | Test::IsNull(_)
        | Test::Drift(..)
        | Test::DriftAny(_)
        | Test::Consistent(..)
        | Test::HasProof(_)
        | Test::VerifiedBy(_)
        | Test::ModifiedBy(_)
        | Test::Similar(_)
        | Test::Radius(_)
        | Test::Bounds(_) => 0.1,
        Test::Between(..) => 0.2,
        Test::Pattern(_) => 0.3,
        Test::Compare(..) => 0.33,
        Test::Exists(_) | Test::True(_) | Test::Shape(..) | Test::Rank(..) | Test::Contract(..) => {
            0.5
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn further_conditions_count_less() {
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
        close(together([0.1]), 0.1);
        let two = together([0.1, 0.01]);
        close(two, 0.01 * 0.1_f64.sqrt());
        close(two, together([0.01, 0.1]));
        close(together([]), 1.0);
        close(together([0.5, 0.0]), 0.0);
        // More than independence would say, less than the most selective alone.
        assert!(two > 0.001 && two < 0.01);
    }

    #[test]
    fn one_of_several_is_more_than_each() {
        assert!((either([0.5, 0.5]) - 0.75).abs() < 1e-12);
        assert!(either([]).abs() < 1e-12);
    }
}
