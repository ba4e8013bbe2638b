//! The scores of one hexad without the evidence: what conditions and orderings ask for.

use std::collections::BTreeMap;

use crate::engine::base::codec::{self, Reader};
use crate::engine::base::{Modality, Result, Value};

use super::kind::{DriftKind, Scores};
use super::pair::{Subject, drift_between};
use super::report::Found;

/// The scores of a hexad.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measured {
    /// The pairs of modalities, in documented order, each once.
    pub pairs: Vec<(Modality, Modality, f64)>,
    /// The kinds of drift, each on its own scale.
    pub kinds: Scores,
}

impl Measured {
    /// From what the measures found of a hexad.
    pub fn new(subject: &Subject<'_>, found: &BTreeMap<DriftKind, Found>) -> Self {
        let mut kinds = Scores::default();
        for (kind, found) in found {
            kinds.set(*kind, Some(found.score));
        }
        Self { pairs: pairs(subject, &kinds), kinds }
    }

    /// The greatest score and its kind.
    pub fn worst(&self) -> Option<(DriftKind, f64)> {
        self.kinds.worst()
    }

    /// The score of a pair, either way round; `None` when it cannot be measured.
    pub fn pair(&self, a: Modality, b: Modality) -> Option<f64> {
        self.pairs
            .iter()
            .find(|(x, y, _)| (*x, *y) == (a, b) || (*x, *y) == (b, a))
            .map(|(_, _, score)| *score)
    }

    /// The kinds above their thresholds, worst first.
    pub fn over(&self, threshold: &dyn Fn(DriftKind) -> f64) -> Vec<(DriftKind, f64)> {
        let scored = DriftKind::ALL.into_iter().filter_map(|k| Some((k, self.kinds.get(k)?)));
        let mut over: Vec<_> = scored.filter(|(kind, score)| *score > threshold(*kind)).collect();
        over.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        over
    }

    /// As a map from kinds to scores, the summary among them.
    pub fn value(&self) -> Value {
        let score = |kind: DriftKind| {
            let score = self.kinds.get(kind)?;
            Some((kind.name().to_owned(), Value::Float(score)))
        };
        Value::Map(DriftKind::ALL.into_iter().filter_map(score).collect())
    }

    /// Adds its bytes.
    pub fn encode(&self, out: &mut Vec<u8>) {
        codec::put_uint(out, self.pairs.len() as u64);
        for (a, b, score) in &self.pairs {
            out.push((*a as u8) << 4 | *b as u8);
            codec::put_f64(out, *score);
        }
        codec::put_uint(out, self.kinds.by_kind.len() as u64);
        for (kind, score) in &self.kinds.by_kind {
            out.push(*kind as u8);
            codec::put_f64(out, *score);
        }
    }

    /// Reads what [`Self::encode`] wrote.
    pub fn decode(from: &mut Reader<'_>) -> Result<Self> {
        let mut measured = Self::default();
        for _ in 0..from.count(9)? {
            let pair = from.byte()?;
            let (a, b) = (Modality::from_u8(pair >> 4), Modality::from_u8(pair & 15));
            let score = from.f64()?;
            let (a, b) = a.zip(b).ok_or_else(|| from.damaged("a modality is unknown"))?;
            measured.pairs.push((a, b, score));
        }
        for _ in 0..from.count(9)? {
            let kind = DriftKind::ALL.get(usize::from(from.byte()?)).copied();
            let score = from.f64()?;
            let kind = kind.ok_or_else(|| from.damaged("a kind of drift is unknown"))?;
            measured.kinds.by_kind.insert(kind, score);
        }
        Ok(measured)
    }
}

/// Every pair of modalities. Two of them are kinds of drift as well, and not measured twice.
fn pairs(subject: &Subject<'_>, kinds: &Scores) -> Vec<(Modality, Modality, f64)> {
    let mut pairs = vec![];
    for (i, a) in Modality::ALL.into_iter().enumerate() {
        for b in Modality::ALL.into_iter().skip(i + 1) {
            let score = match (a.min(b), a.max(b)) {
                (Modality::Vector, Modality::Document) => kinds.get(DriftKind::SemanticVector),
                (Modality::Graph, Modality::Document) if subject.document.is_some() => {
                    kinds.get(DriftKind::GraphDocument)
                }
                _ => drift_between(subject, a, b),
            };
            pairs.extend(score.map(|score| (a, b, score)));
        }
    }
    pairs
}
