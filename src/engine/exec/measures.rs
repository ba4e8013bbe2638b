//! What plans want to know of the data: counts that are at hand in the indexes, then what was learned,
//! then statistics, then a guess. Reads no record.

use std::sync::Arc;

use crate::engine::base::{Error, Modality, Result, Value};
use crate::engine::exec::candidates;
use crate::engine::exec::context::Context;
use crate::engine::exec::prepared::Prepared;
use crate::engine::exec::statistics::{Known, shape_name};
use crate::engine::lang::ast::{CompareOp, Direction, Metric};
use crate::engine::lang::resolve::{Place, Subject};
use crate::engine::modality::document::field_index::ValueRange;
use crate::engine::plan::access::{Ask, Probe};
use crate::engine::plan::cost::{Origin, Units};
use crate::engine::plan::logical::{BoundingBox, Circle, Leaf, Scalar, Test};
use crate::engine::plan::stats::{FieldStatistics, Statistics};
use crate::engine::plan::world::{self, World};

/// Kilometers of a degree of latitude.
const DEGREE_KM: f64 = 111.2;

/// The data as one statement sees it.
pub struct Measures<'c, 'v> {
    ctx: &'c Context<'v>,
    total: f64,
    known: Arc<Known>,
    failed: Option<Error>,
}

impl<'c, 'v> Measures<'c, 'v> {
    /// Of a source of `total` rows.
    pub fn of(ctx: &'c Context<'v>, total: u64) -> Self {
        let (known, failed) = match ctx.indexes.statistics.known(ctx.view) {
            Ok(known) => (known, None),
            Err(error) => (Arc::default(), Some(error)),
        };
        Self { ctx, total: total as f64, known, failed }
    }

    /// The first thing that went wrong while something was looked up.
    pub fn finish(self) -> Result<()> {
        self.failed.map_or(Ok(()), Err)
    }

    fn or_fail<T>(&mut self, read: Result<T>, instead: T) -> T {
        read.unwrap_or_else(|error| {
            self.failed.get_or_insert(error);
            instead
        })
    }

    /// What the sorted column of a field counts, when there is one.
    fn column(&self, path: &[String], range: Option<ValueRange>) -> Option<f64> {
        let counted = self.ctx.indexes.fields.estimate(path, &range?)?;
        Some(counted as f64)
    }

    /// A count of the statistics, for as many rows as there are now.
    fn now(&mut self, count: impl FnOnce(&Statistics) -> Option<f64>) -> Option<f64> {
        let then = self.known.statistics.rows;
        if then == 0 {
            return None;
        }
        let count = count(&self.known.statistics)?;
        Some(count * self.population() / then as f64)
    }

    /// A count of the documents with a field, by its statistics. A field that nobody has is not there.
    fn field(&mut self, path: &[String], of: impl FnOnce(&FieldStatistics) -> f64) -> Option<f64> {
        self.now(|statistics| {
            if statistics.present[Modality::Document as usize] == 0 {
                return None;
            }
            Some(statistics.fields.get(&path.join(".")).map_or(0.0, of))
        })
    }

    fn known_or(&mut self, counted: Option<f64>, share: f64) -> (f64, Origin) {
        match counted {
            Some(counted) => (counted, Origin::Statistics),
            None => ((self.population() * share).max(1.0), Origin::Guess),
        }
    }

    fn equal(&mut self, path: &[String], values: &[Value]) -> (f64, Origin) {
        let mut counted = Some(0.0);
        for value in values {
            let one = self.column(path, ValueRange::equal(value));
            counted = counted.zip(one).map(|(sum, one)| sum + one);
        }
        if let Some(counted) = counted {
            return (counted, Origin::Counted);
        }
        let stats = self.field(path, |field| values.iter().map(|v| field.equal(v)).sum());
        self.known_or(stats, (0.05 * values.len() as f64).min(0.5))
    }

    fn names(&mut self, count: impl Fn(&Statistics) -> u64, share: f64) -> (f64, Origin) {
        let counted = self.now(|statistics| Some(count(statistics) as f64));
        self.known_or(counted, share)
    }

    fn similar(&mut self, leaf: &Leaf) -> (f64, Origin) {
        let vectors = self.present(Modality::Vector);
        let guess = ((vectors / 10.0).max(1.0), Origin::Guess);
        let Test::Similar(search) = &leaf.test else { return guess };
        let (Some(least), Metric::Cosine) = (search.within, search.metric) else { return guess };
        let counted = self.now(|statistics| {
            let embedding = statistics.embeddings.get(&search.embedding)?;
            Some(embedding.at_least(least)? * embedding.count as f64)
        });
        counted.map_or(guess, |n| (n.min(vectors), Origin::Statistics))
    }

    fn within(&mut self, around: BoundingBox, round: bool) -> (f64, Origin) {
        let places = self.present(Modality::Spatial);
        let counted = self.now(|statistics| {
            let found = statistics.places_in(around.south, around.west, around.north, around.east);
            let any = statistics.present[Modality::Spatial as usize] > 0;
            any.then_some(if round { found * std::f64::consts::FRAC_PI_4 } else { found })
        });
        match counted {
            Some(counted) => (counted.min(places), Origin::Statistics),
            None => ((places / 20.0).max(1.0), Origin::Guess),
        }
    }

    fn text(&mut self, probe: &Probe) -> Option<f64> {
        let prepared = self.ctx.prepared(&probe.leaf).map(Some);
        match self.or_fail(prepared, None).as_deref() {
            Some(Prepared::Text(query)) => {
                self.ctx.indexes.text.estimate(query).map(|found| found as f64)
            }
            _ => None,
        }
    }

    /// What indexes and statistics say, before what was learned.
    fn raw(&mut self, probe: &Probe) -> (f64, Origin) {
        match (&probe.ask, &probe.leaf.test) {
            (Ask::Ids(ids), _) => (ids.len() as f64, Origin::Counted),
            (Ask::Present(modality), _) => (self.present(*modality), Origin::Counted),
            (Ask::Text, _) => match self.text(probe) {
                Some(found) => (found, Origin::Counted),
                None => self.known_or(None, 0.05),
            },
            (Ask::FieldIn(path, values), _) => self.equal(path, values),
            (Ask::FieldRange(path, low, high), _) => {
                let range = candidates::range(low.as_ref(), high.as_ref());
                if let Some(counted) = self.column(path, range) {
                    return (counted, Origin::Counted);
                }
                let end = |end: &Option<(Value, bool)>| end.clone();
                let (low, high) = (end(low), end(high));
                let counted = self.field(path, |field| {
                    field.between(
                        low.as_ref().map(|(v, own)| (v, *own)),
                        high.as_ref().map(|(v, own)| (v, *own)),
                    )
                });
                self.known_or(counted, 0.33)
            }
            (Ask::Pattern(seeds), Test::Pattern(pattern)) if !seeds.is_empty() => {
                let origin = if self.known.statistics.predicates.is_empty() {
                    Origin::Guess
                } else {
                    Origin::Statistics
                };
                (world::reached(pattern, self), origin)
            }
            (Ask::Pattern(_), _) => (self.present(Modality::Graph), Origin::Counted),
            (Ask::Type(names), _) => self.names(
                |s| names.iter().map(|n| s.types.get(n).copied().unwrap_or_default()).sum(),
                0.1,
            ),
            (Ask::VerifiedBy(who), _) => {
                let name = format!("by {who}");
                self.names(|s| s.vouched.get(&name).copied().unwrap_or_default(), 0.1)
            }
            (Ask::Proof(kind), _) => {
                let name = format!("proof {}", kind.to_ascii_lowercase());
                self.names(|s| s.vouched.get(&name).copied().unwrap_or_default(), 0.1)
            }
            (Ask::ModifiedBy(who), _) => {
                self.names(|s| s.authors.get(who).copied().unwrap_or_default(), 0.1)
            }
            (Ask::Radius, Test::Radius(circle)) => self.within(around(circle), true),
            (Ask::Bounds, Test::Bounds(bounds)) => self.within(*bounds, false),
            (Ask::Shape, Test::Shape(_, shape)) => {
                let name = shape_name(shape.iter().copied());
                self.names(|s| s.shapes.get(&name).copied().unwrap_or_default(), 0.1)
            }
            (Ask::Rank(op, n), _) => {
                let accepted = |rank: u64| op.accepts((rank as i64).cmp(n));
                self.names(
                    |s| s.ranks.iter().filter(|(r, _)| accepted(**r)).map(|(_, n)| n).sum(),
                    0.1,
                )
            }
            (Ask::Similar, _) => self.similar(&probe.leaf),
            (Ask::Radius | Ask::Bounds | Ask::Shape, _) => self.known_or(None, 0.1),
        }
    }
}

/// The box around a circle.
fn around(circle: &Circle) -> BoundingBox {
    let up = circle.kilometers / DEGREE_KM;
    let narrowing = circle.latitude.to_radians().cos().max(0.05);
    let across = (up / narrowing).min(180.0);
    let wrapped = |degrees: f64| (degrees + 540.0).rem_euclid(360.0) - 180.0;
    let whole = across >= 180.0;
    BoundingBox {
        south: circle.latitude - up,
        west: if whole { -180.0 } else { wrapped(circle.longitude - across) },
        north: circle.latitude + up,
        east: if whole { 180.0 } else { wrapped(circle.longitude + across) },
    }
}

/// The path of a field of the document of the row.
fn path_of(scalar: &Scalar) -> Option<&[String]> {
    let Scalar::Field(field) = scalar else { return None };
    match field.places.first() {
        Some(Place::Document(path)) if field.subject == Subject::Row => Some(path),
        _ => None,
    }
}

impl World for Measures<'_, '_> {
    fn units(&self) -> &Units {
        &self.known.units
    }

    fn recall(&self) -> f64 {
        self.ctx.recall
    }

    fn population(&mut self) -> f64 {
        let live = self.ctx.population().map(|n| n as f64);
        let total = self.total;
        self.or_fail(live, total)
    }

    fn present(&mut self, modality: Modality) -> f64 {
        let present = self.ctx.view.present(modality).map(|set| set.len() as f64);
        self.or_fail(present, 0.0)
    }

    fn rows(&mut self, probe: &Probe) -> (f64, Origin) {
        self.raw(probe)
    }

    fn share(&mut self, leaf: &Leaf) -> (f64, Origin) {
        let all = self.population().max(1.0);
        let usual = (world::usual_share(&leaf.test), Origin::Guess);
        let of = |rows: Option<f64>| {
            rows.map_or(usual, |n| ((n / all).clamp(0.0, 1.0), Origin::Statistics))
        };
        match &leaf.test {
            Test::Exists(modality) => (self.present(*modality) / all, Origin::Counted),
            Test::Compare(a, CompareOp::NotEqual, Scalar::Const(value)) => match path_of(a) {
                Some(path) => of(self.field(path, |f| f.filled as f64 - f.equal(value))),
                None => usual,
            },
            Test::Compare(a, CompareOp::Equal, Scalar::Const(value)) => match path_of(a) {
                Some(path) => of(self.field(path, |f| f.equal(value))),
                None => usual,
            },
            Test::IsNull(a) => match path_of(a) {
                Some(path) => of(self.field(path, |f| f.filled as f64).map(|n| all - n)),
                None => usual,
            },
            Test::OfType(Subject::Row, name) => {
                of(self.now(|s| Some(s.types.get(name).copied().unwrap_or_default() as f64)))
            }
            _ => usual,
        }
    }

    fn degree(&mut self, predicate: &str, direction: Direction) -> f64 {
        let statistics = &self.known.statistics;
        let Some(degrees) = statistics.predicates.get(predicate) else {
            // A predicate that was never seen leads nowhere, once there is something to know it by.
            return if statistics.predicates.is_empty() { 4.0 } else { 0.01 };
        };
        let (out, into) = (degrees.average(degrees.sources), degrees.average(degrees.targets));
        match direction {
            Direction::Out => out,
            Direction::In => into,
            Direction::Either => out + into,
        }
    }

    fn dimensions(&mut self, embedding: &str) -> f64 {
        let known = self.known.statistics.embeddings.get(embedding);
        known.map_or(384.0, |known| known.dimensions.max(1) as f64)
    }

    fn has_graph(&mut self, _: &str) -> bool {
        self.ctx.indexes.vector.keeps_graph()
    }

    fn has_learned(&self) -> bool {
        !self.ctx.indexes.statistics.lessons().is_empty()
    }

    fn learned(&mut self, shape: &str) -> Option<f64> {
        self.ctx.indexes.statistics.lessons().factor(shape)
    }
}
