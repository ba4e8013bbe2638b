//! The versions of an entity against themselves: what time and numbering do not allow.

use crate::engine::base::Timestamp;
use crate::engine::modality::temporal::{ValidTime, Version};

use super::evidence::{Evidence, LISTED};
use super::report::Found;

/// What is wrong with the versions of a hexad, one entry a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The number does not follow the one before.
    Gap(u32),
    /// Committed before the version before it.
    Backward(u32),
    /// Its validity ends before it begins.
    Inverted(u32),
    /// Its validity begins within that of the version before and ends after it, so that both claim
    /// the part in between and neither replaces the other.
    Overlap(u32),
    /// The entity was changed before it was created.
    ModifiedBeforeCreated,
}

/// The faults, by version.
pub fn faults(versions: &[Version], created: Timestamp, modified: Timestamp) -> Vec<Fault> {
    let mut faults = Vec::new();
    // The faults before a version that acknowledges them are known: the order begins anew with it.
    let known = versions.iter().rposition(Version::is_repair);
    if modified < created && known.is_none() {
        faults.push(Fault::ModifiedBeforeCreated);
    }
    let from = known.unwrap_or(0);
    for (i, version) in versions.iter().enumerate().skip(from) {
        let before = i.checked_sub(1).filter(|i| *i >= from).and_then(|i| versions.get(i));
        let follows = before.map_or(1, |before| before.number.saturating_add(1));
        if version.number != follows && known != Some(i) {
            faults.push(Fault::Gap(version.number));
        }
        if inverted(version.valid) {
            faults.push(Fault::Inverted(version.number));
        }
        if let Some(before) = before {
            if version.at < before.at {
                faults.push(Fault::Backward(version.number));
            }
            if straddles(before.valid, version.valid) {
                faults.push(Fault::Overlap(version.number));
            }
        }
    }
    faults
}

/// Examines them: one fault is 0.5, each further one halves what is left. A fault does not become
/// smaller because many versions are right. `None` without versions.
pub fn examine(versions: &[Version], created: Timestamp, modified: Timestamp) -> Option<Found> {
    if versions.is_empty() {
        return None;
    }
    let faults = faults(versions, created, modified);
    let score = 1.0 - 0.5_f64.powi(faults.len().min(60) as i32);
    let evidence = faults.into_iter().take(LISTED).map(|f| seen(f, versions, created, modified));
    Some(Found { score, evidence: evidence.collect() })
}

fn seen(fault: Fault, versions: &[Version], created: Timestamp, modified: Timestamp) -> Evidence {
    let at = |number: u32| versions.iter().position(|version| version.number == number);
    match fault {
        Fault::Gap(version) => Evidence::Gap { version },
        Fault::Backward(version) => {
            let place = at(version).unwrap_or_default();
            let before = versions.get(place.saturating_sub(1)).map_or(created, |v| v.at);
            let at = versions.get(place).map_or(modified, |v| v.at);
            Evidence::Backward { version, at, before }
        }
        Fault::Inverted(version) => Evidence::Inverted { version },
        Fault::Overlap(version) => Evidence::Overlap { version },
        Fault::ModifiedBeforeCreated => Evidence::ModifiedBeforeCreated { created, modified },
    }
}

fn inverted(valid: ValidTime) -> bool {
    valid.from.zip(valid.to).is_some_and(|(from, to)| to <= from)
}

/// A validity is a statement about its whole interval: a later one may repeat, correct or narrow it,
/// or go on from any instant in it. It is odd only when the earlier one states its end and the later
/// one begins before that end and lasts beyond it.
fn straddles(earlier: ValidTime, later: ValidTime) -> bool {
    let (Some(begin), Some(end)) = (earlier.from, earlier.to) else {
        return false;
    };
    let starts_inside = later.from.is_some_and(|from| begin < from && from < end);
    starts_inside && later.to.is_some_and(|to| to > end)
}

#[cfg(test)]
mod tests {
    use crate::engine::base::ModalitySet;

    use super::*;

    fn version(number: u32, at: i64, valid: (Option<i64>, Option<i64>)) -> Version {
        Version {
            number,
            at: Timestamp(at),
            author: String::new(),
            message: None,
            valid: ValidTime { from: valid.0.map(Timestamp), to: valid.1.map(Timestamp) },
            changed: ModalitySet::ALL,
            present: ModalitySet::ALL,
        }
    }

    fn score(versions: &[Version], created: Timestamp, modified: Timestamp) -> Option<f64> {
        examine(versions, created, modified).map(|found| found.score)
    }

    #[test]
    fn the_evidence_tells_both_times() {
        let all = [version(1, 10, NONE), version(2, 9, NONE)];
        let found = examine(&all, Timestamp(10), Timestamp(10)).unwrap();
        let (at, before) = (Timestamp(9), Timestamp(10));
        assert_eq!(found, Found::one(0.5, Evidence::Backward { version: 2, at, before }));
    }

    const NONE: (Option<i64>, Option<i64>) = (None, None);

    #[test]
    fn faults_that_are_acknowledged_are_no_news() {
        let mut all = vec![version(1, 10, NONE), version(3, 9, NONE), version(4, 5, NONE)];
        all[2].message = Some(crate::engine::modality::temporal::REPAIR.to_owned());
        all[2].changed = ModalitySet::EMPTY;
        all[2].changed.insert(crate::engine::base::Modality::Temporal);
        assert_eq!(score(&all, Timestamp(10), Timestamp(5)), Some(0.0));
        all.push(version(5, 4, NONE));
        assert_eq!(score(&all, Timestamp(10), Timestamp(5)), Some(0.5));
    }

    #[test]
    fn an_orderly_history_has_no_drift() {
        let all = [version(1, 10, NONE), version(2, 10, NONE), version(3, 12, (Some(1), None))];
        assert_eq!(score(&all, Timestamp(10), Timestamp(12)), Some(0.0));
        assert_eq!(score(&[], Timestamp(10), Timestamp(12)), None);
    }

    #[test]
    fn each_fault_is_named() {
        let all = [
            version(1, 10, (Some(0), Some(10))),
            version(3, 9, (Some(5), Some(15))),
            version(4, 9, (Some(8), Some(7))),
        ];
        let expected = [
            Fault::ModifiedBeforeCreated,
            Fault::Gap(3),
            Fault::Backward(3),
            Fault::Overlap(3),
            Fault::Inverted(4),
        ];
        assert_eq!(faults(&all, Timestamp(10), Timestamp(9)), expected);
        assert_eq!(score(&all, Timestamp(10), Timestamp(9)), Some(1.0 - 1.0 / 32.0));
    }

    #[test]
    fn one_fault_among_many_versions_is_still_above_the_threshold() {
        let mut all: Vec<_> = (1..=100).map(|n| version(n, i64::from(n), NONE)).collect();
        all[50].at = Timestamp(3);
        let score = score(&all, Timestamp(1), Timestamp(100)).unwrap();
        assert!(score > crate::engine::drift::DriftKind::Temporal.threshold());
    }
}
