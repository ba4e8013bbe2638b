//! What plans want to know of the data, read off the indexes: counts that are at hand, and statistics
//! where there are none. Reads no record.

use crate::engine::base::{Error, Modality, Result};
use crate::engine::exec::candidates;
use crate::engine::exec::context::Context;
use crate::engine::exec::prepared::Prepared;
use crate::engine::lang::ast::Direction;
use crate::engine::modality::document::field_index::ValueRange;
use crate::engine::plan::access::{Ask, Probe};
use crate::engine::plan::cost::{Origin, Units};
use crate::engine::plan::logical::{Leaf, Test};
use crate::engine::plan::world::{self, World};

/// The data as one statement sees it.
pub struct Measures<'c, 'v> {
    ctx: &'c Context<'v>,
    total: f64,
    units: Units,
    failed: Option<Error>,
}

impl<'c, 'v> Measures<'c, 'v> {
    /// Of a source of `total` rows.
    pub fn of(ctx: &'c Context<'v>, total: u64) -> Self {
        Self { ctx, total: total as f64, units: Units::default(), failed: None }
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

    fn field(&mut self, path: &[String], range: Option<ValueRange>) -> Option<f64> {
        // What is kept about all of the database is not for somebody from whom a part is hidden.
        if self.ctx.view.is_masked() {
            return None;
        }
        let counted = self.ctx.indexes.fields.estimate(path, &range?)?;
        Some(counted as f64)
    }
}

impl World for Measures<'_, '_> {
    fn units(&self) -> &Units {
        &self.units
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
        let all = self.population();
        let guess = |share: f64| ((all * share).max(1.0), Origin::Guess);
        match &probe.ask {
            Ask::Ids(ids) => (ids.len() as f64, Origin::Counted),
            Ask::Present(modality) => (self.present(*modality), Origin::Counted),
            Ask::Text => {
                let prepared = self.ctx.prepared(&probe.leaf).map(Some);
                let counted = match self.or_fail(prepared, None).as_deref() {
                    Some(Prepared::Text(query)) if !self.ctx.view.is_masked() => {
                        self.ctx.indexes.text.estimate(query)
                    }
                    _ => None,
                };
                counted.map_or_else(|| guess(0.05), |n| (n as f64, Origin::Counted))
            }
            Ask::FieldIn(path, values) => {
                let mut rows = 0.0;
                for value in values {
                    match self.field(path, ValueRange::equal(value)) {
                        Some(counted) => rows += counted,
                        None => return guess(0.1 * values.len() as f64),
                    }
                }
                (rows, Origin::Counted)
            }
            Ask::FieldRange(path, low, high) => {
                let range = candidates::range(low.as_ref(), high.as_ref());
                self.field(path, range).map_or_else(|| guess(0.33), |n| (n, Origin::Counted))
            }
            Ask::Pattern(seeds) if !seeds.is_empty() => match &probe.leaf.test {
                Test::Pattern(pattern) => (world::reached(pattern, self), Origin::Guess),
                _ => guess(0.1),
            },
            Ask::Pattern(_) => (self.present(Modality::Graph), Origin::Counted),
            Ask::Type(_) | Ask::VerifiedBy(_) | Ask::Proof(_) | Ask::ModifiedBy(_) => guess(0.1),
            Ask::Radius | Ask::Bounds => {
                ((self.present(Modality::Spatial) / 20.0).max(1.0), Origin::Guess)
            }
            Ask::Shape | Ask::Rank(..) => {
                ((self.present(Modality::Tensor) / 2.0).max(1.0), Origin::Guess)
            }
            Ask::Similar => ((self.present(Modality::Vector) / 10.0).max(1.0), Origin::Guess),
        }
    }

    fn share(&mut self, leaf: &Leaf) -> (f64, Origin) {
        (world::usual_share(&leaf.test), Origin::Guess)
    }

    fn degree(&mut self, _: &str, _: Direction) -> f64 {
        4.0
    }

    fn dimensions(&mut self, _: &str) -> f64 {
        384.0
    }

    fn has_graph(&mut self, _: &str) -> bool {
        self.ctx.indexes.vector.keeps_graph()
    }
}
