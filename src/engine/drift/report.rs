//! What was found out about one hexad: for each kind of drift its score, its threshold, and the
//! evidence.

use std::collections::BTreeMap;

use crate::engine::base::{Modality, ModalitySet, Value};

use super::evidence::Evidence;
use super::kind::{DriftKind, Scores, Severity};

/// A score and what speaks for it, before it is held against a threshold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// `0..=1`.
    pub score: f64,
    /// Empty when the score is zero.
    pub evidence: Vec<Evidence>,
}

impl Found {
    /// A score of zero: looked at, and nothing to say.
    pub fn clean() -> Self {
        Self::default()
    }

    /// A score with one piece of evidence.
    pub fn one(score: f64, evidence: Evidence) -> Self {
        Self { score, evidence: vec![evidence] }
    }
}

/// One kind of drift of one hexad.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Which.
    pub kind: DriftKind,
    /// `0..=1`.
    pub score: f64,
    /// Above this it is drift.
    pub threshold: f64,
    /// How bad it is.
    pub severity: Severity,
    /// What speaks for the score.
    pub evidence: Vec<Evidence>,
}

impl Finding {
    /// True when the score is above the threshold.
    pub fn drifted(&self) -> bool {
        self.score > self.threshold
    }

    /// The modalities the evidence points at; without evidence those the kind is about.
    pub fn modalities(&self) -> ModalitySet {
        let pointed = self.evidence.iter().map(Evidence::modalities);
        let all = pointed.fold(ModalitySet::EMPTY, ModalitySet::union);
        if !all.is_empty() {
            return all;
        }
        let mut set = ModalitySet::EMPTY;
        self.kind.modalities().iter().for_each(|modality| set.insert(*modality));
        set
    }

    /// As a map: `type`, `score`, `threshold`, `severity`, `modalities`, `evidence`.
    pub fn value(&self) -> Value {
        let modalities = self.modalities().iter().map(|m| m.name().into()).collect();
        let evidence = self.evidence.iter().map(Evidence::value).collect();
        Value::Map(BTreeMap::from([
            ("type".to_owned(), self.kind.name().into()),
            ("score".to_owned(), Value::Float(self.score)),
            ("threshold".to_owned(), Value::Float(self.threshold)),
            ("severity".to_owned(), self.severity.name().into()),
            ("modalities".to_owned(), Value::List(modalities)),
            ("evidence".to_owned(), Value::List(evidence)),
        ]))
    }
}

/// Everything measured of one hexad. A kind that cannot be measured is not in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// By kind, the summary ([`DriftKind::Quality`]) among them when anything was measured.
    pub findings: BTreeMap<DriftKind, Finding>,
}

impl Report {
    /// From what the measures found, with the thresholds of this hexad.
    pub fn new(found: BTreeMap<DriftKind, Found>, threshold: &dyn Fn(DriftKind) -> f64) -> Self {
        let mut scores = Scores::default();
        for (kind, found) in &found {
            scores.set(*kind, Some(found.score));
        }
        let mut report = Self::default();
        let quality =
            scores.quality().map(|score| (DriftKind::Quality, Found { score, evidence: vec![] }));
        for (kind, found) in found.into_iter().chain(quality) {
            let score = found.score.clamp(0.0, 1.0);
            let (threshold, severity) = (threshold(kind), Severity::of(score));
            let evidence = found.evidence;
            report.findings.insert(kind, Finding { kind, score, threshold, severity, evidence });
        }
        report
    }

    /// One kind.
    pub fn get(&self, kind: DriftKind) -> Option<&Finding> {
        self.findings.get(&kind)
    }

    /// The score of one kind.
    pub fn score(&self, kind: DriftKind) -> Option<f64> {
        self.get(kind).map(|finding| finding.score)
    }

    /// The findings above their thresholds, worst first.
    pub fn drifted(&self) -> Vec<&Finding> {
        let mut all: Vec<&Finding> = self.findings.values().filter(|f| f.drifted()).collect();
        all.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.kind.cmp(&b.kind)));
        all
    }

    /// True when anything is above its threshold.
    pub fn is_drifted(&self) -> bool {
        self.findings.values().any(Finding::drifted)
    }

    /// The worst finding, the summary left out.
    pub fn worst(&self) -> Option<&Finding> {
        let single = self.findings.values().filter(|f| f.kind != DriftKind::Quality);
        single.reduce(|a, b| if b.score > a.score { b } else { a })
    }

    /// The modalities in which something above its threshold may be wrong.
    pub fn modalities(&self) -> ModalitySet {
        self.drifted().iter().map(|f| f.modalities()).fold(ModalitySet::EMPTY, ModalitySet::union)
    }

    /// True when nothing above its threshold points at the modality: it can be believed.
    pub fn is_consistent(&self, modality: Modality) -> bool {
        !self.modalities().contains(modality)
    }

    /// The bare scores.
    pub fn scores(&self) -> Scores {
        let mut scores = Scores::default();
        for finding in self.findings.values().filter(|f| f.kind != DriftKind::Quality) {
            scores.set(finding.kind, Some(finding.score));
        }
        scores
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dangling() -> Evidence {
        Evidence::Dangling { predicate: "CITES".into(), target: "gone".into() }
    }

    #[test]
    fn what_is_above_its_threshold_points_at_modalities() {
        let found = BTreeMap::from([
            (DriftKind::GraphDocument, Found::one(0.75, dangling())),
            (DriftKind::Temporal, Found::clean()),
        ]);
        let report = Report::new(found, &DriftKind::threshold);
        let worst = report.worst().unwrap();
        assert_eq!((worst.kind, worst.severity), (DriftKind::GraphDocument, Severity::Critical));
        assert!(report.is_drifted());
        assert_eq!(report.modalities().iter().collect::<Vec<_>>(), [Modality::Graph]);
        assert!(report.is_consistent(Modality::Document) && !report.is_consistent(Modality::Graph));
        assert_eq!(report.score(DriftKind::Spatial), None);
        assert!(report.score(DriftKind::Quality).unwrap() > 0.3);
    }

    #[test]
    fn a_threshold_decides_what_is_drift() {
        let found = BTreeMap::from([(DriftKind::GraphDocument, Found::one(0.75, dangling()))]);
        let lax = Report::new(found, &|_| 0.9);
        assert!(!lax.is_drifted() && lax.drifted().is_empty() && lax.modalities().is_empty());
    }
}
