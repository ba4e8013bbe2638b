//! Drift scores of one hexad, from the records an evaluator has loaded.

use std::collections::BTreeMap;

use crate::engine::base::{Error, Kind, Modality, Result, Value};
use crate::engine::exec::context::Context;
use crate::engine::exec::entity::Entity;
use crate::engine::lang::ast::Metric;

/// The scores of the pairs of modalities that can be measured.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PairScores {
    /// Pairs in documented order with their scores, 0 to 1.
    pub scores: Vec<(Modality, Modality, f64)>,
}

/// From here on a pair counts as drifted where no threshold is named.
pub const THRESHOLD: f64 = 0.3;

/// How consistent two modalities of a hexad are by `metric`; `None` when it cannot be measured.
pub fn consistency(
    entity: &Entity<'_>,
    a: Modality,
    b: Modality,
    metric: Metric,
) -> Result<Option<f64>> {
    let _ = (entity, a, b, metric);
    Err(Error::new(Kind::NotSupported, "CONSISTENT is not supported by this version"))
}

impl PairScores {
    /// Measures a hexad.
    pub fn of(ctx: &Context<'_>, entity: &Entity<'_>) -> Result<Self> {
        let _ = (ctx, entity);
        Err(Error::new(Kind::NotSupported, "drift scores are not supported by this version"))
    }

    /// The greatest score and its pair.
    pub fn worst(&self) -> Option<(Modality, Modality, f64)> {
        self.scores.iter().copied().reduce(|a, b| if b.2 > a.2 { b } else { a })
    }

    /// The score of a pair, either way round; `None` when it cannot be measured.
    pub fn pair(&self, a: Modality, b: Modality) -> Option<f64> {
        self.scores
            .iter()
            .find(|(x, y, _)| (*x, *y) == (a, b) || (*x, *y) == (b, a))
            .map(|(_, _, score)| *score)
    }

    /// The modalities of pairs over the threshold.
    pub fn drifted(&self) -> Vec<Modality> {
        let over =
            |m: &Modality| self.scores.iter().any(|(a, b, s)| *s > THRESHOLD && (a == m || b == m));
        Modality::ALL.into_iter().filter(over).collect()
    }

    /// As a map from `vector/document` to scores.
    pub fn value(&self) -> Value {
        let map: BTreeMap<String, Value> = self
            .scores
            .iter()
            .map(|(a, b, score)| (format!("{a}/{b}"), Value::Float(*score)))
            .collect();
        Value::Map(map)
    }
}
