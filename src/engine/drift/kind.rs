//! The kinds of drift, their thresholds, and the one score that sums them up.

use std::collections::BTreeMap;

use crate::engine::base::Modality;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DriftKind {
    /// The vector against the document it describes.
    SemanticVector,
    /// The entities the text mentions against the edges.
    GraphDocument,
    /// The order and completeness of versions.
    Temporal,
    /// Shape, type and numbers of the tensor against what is declared.
    Tensor,
    /// Properties against the constraints of the types.
    Schema,
    /// The chain of events.
    Provenance,
    /// The place against the world and against what the rest says of it.
    Spatial,
    /// All of the above together.
    Quality,
}

impl DriftKind {
    /// All of them, the summary last.
    pub const ALL: [Self; 8] = [
        Self::SemanticVector,
        Self::GraphDocument,
        Self::Temporal,
        Self::Tensor,
        Self::Schema,
        Self::Provenance,
        Self::Spatial,
        Self::Quality,
    ];

    /// The name in answers: `semantic_vector`.
    pub fn name(self) -> &'static str {
        match self {
            Self::SemanticVector => "semantic_vector",
            Self::GraphDocument => "graph_document",
            Self::Temporal => "temporal",
            Self::Tensor => "tensor",
            Self::Schema => "schema",
            Self::Provenance => "provenance",
            Self::Spatial => "spatial",
            Self::Quality => "quality",
        }
    }

    /// Finds a kind by its name, in any case; `_drift` behind it and `temporal_consistency` are
    /// understood too.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let name = name.strip_suffix("_drift").unwrap_or(&name);
        if name == "temporal_consistency" {
            return Some(Self::Temporal);
        }
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The modalities it is about; the summary is about none in particular.
    pub fn modalities(self) -> &'static [Modality] {
        match self {
            Self::SemanticVector => &[Modality::Vector, Modality::Document],
            Self::GraphDocument => &[Modality::Graph, Modality::Document],
            Self::Temporal => &[Modality::Temporal],
            Self::Tensor => &[Modality::Tensor],
            Self::Schema => &[Modality::Semantic],
            Self::Provenance => &[Modality::Provenance],
            Self::Spatial => &[Modality::Spatial],
            Self::Quality => &[],
        }
    }

    /// A score above this is drift, unless the owner has set another threshold.
    pub fn threshold(self) -> f64 {
        match self {
            Self::SemanticVector | Self::Spatial => 0.30,
            Self::GraphDocument => 0.40,
            Self::Temporal => 0.20,
            Self::Tensor => 0.35,
            Self::Schema | Self::Provenance => 0.10,
            Self::Quality => 0.25,
        }
    }

    /// Its share of the summary; zero for the summary itself.
    fn weight(self) -> f64 {
        match self {
            Self::SemanticVector | Self::GraphDocument => 0.20,
            Self::Temporal | Self::Provenance => 0.15,
            Self::Tensor | Self::Schema | Self::Spatial => 0.10,
            Self::Quality => 0.0,
        }
    }
}

/// How bad a score is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Up to 0.5.
    Info,
    /// Above 0.5.
    Warning,
    /// Above 0.7.
    Critical,
    /// Above 0.9.
    Emergency,
}

impl Severity {
    /// Of a score.
    pub fn of(score: f64) -> Self {
        match score {
            s if s > 0.9 => Self::Emergency,
            s if s > 0.7 => Self::Critical,
            s if s > 0.5 => Self::Warning,
            _ => Self::Info,
        }
    }

    /// The lower-case name in answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
            Self::Emergency => "emergency",
        }
    }
}

/// The scores of one hexad that could be measured, each `0..=1`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scores {
    /// By kind, without the summary.
    pub by_kind: BTreeMap<DriftKind, f64>,
}

impl Scores {
    /// Adds a score if there is one.
    pub fn set(&mut self, kind: DriftKind, score: Option<f64>) {
        if let Some(score) = score {
            self.by_kind.insert(kind, score.clamp(0.0, 1.0));
        }
    }

    /// One score, the summary included.
    pub fn get(&self, kind: DriftKind) -> Option<f64> {
        match kind {
            DriftKind::Quality => self.quality(),
            _ => self.by_kind.get(&kind).copied(),
        }
    }

    /// The weighted mean of what could be measured; `None` when nothing could.
    pub fn quality(&self) -> Option<f64> {
        let (mut sum, mut weights) = (0.0, 0.0);
        for (kind, score) in &self.by_kind {
            sum += kind.weight() * score;
            weights += kind.weight();
        }
        (weights > 0.0).then(|| sum / weights)
    }

    /// The worst score and its kind, the summary left out: `drift_score` and `drift_type`.
    pub fn worst(&self) -> Option<(DriftKind, f64)> {
        // Of equal scores the kind that is documented first.
        self.by_kind
            .iter()
            .map(|(kind, score)| (*kind, *score))
            .reduce(|a, b| if b.1 > a.1 { b } else { a })
    }

    /// The kinds above their thresholds, worst first.
    pub fn drifted(&self) -> Vec<(DriftKind, f64)> {
        let mut all: Vec<_> = DriftKind::ALL
            .into_iter()
            .filter_map(|kind| Some((kind, self.get(kind)?)))
            .filter(|(kind, score)| *score > kind.threshold())
            .collect();
        all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_weighs_only_what_was_measured() {
        let mut scores = Scores::default();
        assert_eq!(scores.quality(), None);
        scores.set(DriftKind::Temporal, Some(0.4));
        scores.set(DriftKind::Tensor, None);
        assert_eq!(scores.quality(), Some(0.4));
        scores.set(DriftKind::Spatial, Some(0.9));
        let quality = scores.quality().unwrap();
        assert!((quality - (0.15 * 0.4 + 0.10 * 0.9) / 0.25).abs() < 1e-12);
        assert_eq!(scores.worst(), Some((DriftKind::Spatial, 0.9)));
    }

    #[test]
    fn weights_sum_to_one_and_names_read_back() {
        let sum: f64 = DriftKind::ALL.iter().map(|kind| kind.weight()).sum();
        assert!((sum - 1.0).abs() < 1e-12);
        for kind in DriftKind::ALL {
            assert_eq!(DriftKind::from_name(kind.name()), Some(kind));
        }
        let long = DriftKind::from_name("TEMPORAL_CONSISTENCY_DRIFT");
        assert_eq!(long, Some(DriftKind::Temporal));
    }

    #[test]
    fn severities_begin_above_their_bounds() {
        assert_eq!(Severity::of(0.5), Severity::Info);
        assert_eq!(Severity::of(0.71), Severity::Critical);
        assert_eq!(Severity::of(1.0), Severity::Emergency);
    }
}
