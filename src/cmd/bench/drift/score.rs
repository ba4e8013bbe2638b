//! How much of the harm was found and undone, and what else was touched.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crate::engine::base::Value;
use crate::engine::outcome::Outcome;

use super::Fallible;
use super::harm::{Harmed, Kind};
use super::world::{Drifted, World, texts};

/// What became of one kind of harm.
#[derive(Clone, Debug, Default)]
pub(super) struct Finding {
    /// Hexads harmed.
    pub(super) harmed: usize,
    /// Of them, those found.
    pub(super) found: usize,
    /// Hexads that are drifted now and were not before.
    pub(super) flagged: usize,
    /// Of them, those that were harmed.
    pub(super) rightly: usize,
    /// Only hashes can tell, for at least one of them.
    pub(super) foreign: bool,
    /// Harmed hexads that can be put right.
    pub(super) repairable: usize,
    /// Of them, those that are reported as repaired.
    pub(super) repaired: usize,
    /// Hexads reported as repaired, whatever was wrong with them.
    pub(super) reported: usize,
    /// Of them, those that are measured and show no drift of the kind that was found.
    pub(super) verified: usize,
    /// Harmed hexads that cannot be put right.
    pub(super) hopeless: usize,
    /// Of them, those that wait for a decision, with a reason.
    pub(super) queued: usize,
    /// Hexads that were changed although nothing was wrong with them.
    pub(super) touched: usize,
    /// Why nothing could be repaired.
    pub(super) failed: Option<String>,
    /// Finding, per 1,000 hexads.
    pub(super) detecting: Duration,
    /// Repairing, per 1,000 hexads that were harmed.
    pub(super) repairing: Duration,
}

impl Finding {
    /// Share of the harmed hexads that were found.
    pub(super) fn recall(&self) -> f64 {
        share(self.found, self.harmed)
    }

    /// Share of what was found that was harmed.
    pub(super) fn precision(&self) -> f64 {
        share(self.rightly, self.flagged)
    }

    /// Share of the repairable that is reported as repaired; `None` when nothing is repairable.
    pub(super) fn repaired_share(&self) -> Option<f64> {
        (self.repairable > 0).then(|| share(self.repaired, self.repairable))
    }

    /// Share of the reported repairs that measure as such.
    pub(super) fn verified_share(&self) -> Option<f64> {
        (self.reported > 0).then(|| share(self.verified, self.reported))
    }

    /// Share of the rest that waits for a decision.
    pub(super) fn queued_share(&self) -> Option<f64> {
        (self.hopeless > 0).then(|| share(self.queued, self.hopeless))
    }
}

fn share(part: usize, all: usize) -> f64 {
    if all == 0 { 1.0 } else { part as f64 / all as f64 }
}

/// Finds and repairs what was harmed.
pub(super) fn measure(
    kind: Kind,
    world: &mut World,
    before: &Drifted,
    harmed: &[Harmed],
) -> Fallible<Finding> {
    let mut finding = Finding {
        harmed: harmed.len(),
        foreign: harmed.iter().any(|h| h.foreign),
        repairable: harmed.iter().filter(|h| h.repairable).count(),
        hopeless: harmed.iter().filter(|h| !h.repairable).count(),
        ..Finding::default()
    };
    let (now, detecting) = timed(|| world.detect())?;
    finding.detecting = per_thousand(detecting, now.len());
    let fresh = fresh(before, &now);
    let ids: BTreeSet<&str> = harmed.iter().map(|h| h.id.as_str()).collect();
    let expected: BTreeSet<&str> = kind.shows_as().iter().map(|k| k.name()).collect();
    let shows = |id: &str| fresh.get(id).is_some_and(|kinds| !kinds.is_disjoint(&expected));
    finding.found = ids.iter().filter(|id| shows(id)).count();
    finding.flagged = fresh.len();
    finding.rightly = fresh.keys().filter(|id| ids.contains(id.as_str())).count();
    if let Err(error) = repair(world, &now, &fresh, harmed, &mut finding) {
        finding.failed = Some(error.to_string());
    }
    Ok(finding)
}

/// What is above a threshold now and was not before.
fn fresh(before: &Drifted, now: &Drifted) -> Drifted {
    let mut fresh = Drifted::new();
    for (id, kinds) in now {
        let known = before.get(id).cloned().unwrap_or_default();
        let new: BTreeSet<&'static str> = kinds.difference(&known).copied().collect();
        if !new.is_empty() {
            fresh.insert(id.clone(), new);
        }
    }
    fresh
}

/// The policy under which is repaired: what a user gave may be replaced, for the harm came as a user's.
const POLICY: &str = "CREATE POLICY bench FOR ALL AS overwrite_user = true, mode = 'aggressive'";

fn repair(
    world: &mut World,
    drifted: &Drifted,
    fresh: &Drifted,
    harmed: &[Harmed],
    finding: &mut Finding,
) -> Fallible<()> {
    let digests = world.digests()?;
    world.ask(POLICY, [])?;
    let (outcome, repairing) = timed(|| world.ask("NORMALIZE ALL", []))?;
    finding.repairing = per_thousand(repairing, harmed.len());
    let after = world.detect()?;
    let changed: BTreeSet<String> = (world.digests()?.into_iter())
        .filter(|(id, digest)| digests.get(id) != Some(digest))
        .map(|(id, _)| id)
        .collect();
    let ill = |id: &str| drifted.get(id).is_some_and(|kinds| !kinds.is_empty());
    finding.touched = changed.iter().filter(|id| !ill(id)).count();
    let reported = normalized(&outcome);
    finding.reported = reported.len();
    let still = |id: &str, kind: &str| after.get(id).is_some_and(|kinds| kinds.contains(kind));
    finding.verified = reported.iter().filter(|(id, about)| !still(id, about)).count();
    // What it was harmed in, and not what the data came with.
    let well = |id: &str| fresh.get(id).is_none_or(|new| !new.iter().any(|kind| still(id, kind)));
    let told: BTreeSet<&str> = reported.iter().map(|(id, _)| id.as_str()).collect();
    let repaired = |h: &&Harmed| h.repairable && told.contains(h.id.as_str()) && well(&h.id);
    finding.repaired = harmed.iter().filter(repaired).count();
    let conflicts = world.ask("SHOW CONFLICTS LIMIT 10000000", [])?;
    let waiting: BTreeSet<String> = texts(&conflicts, "hexad").into_iter().collect();
    let queued = |h: &&Harmed| !h.repairable && waiting.contains(&h.id);
    finding.queued = harmed.iter().filter(queued).count();
    Ok(())
}

/// The hexads that an answer reports as put right, and the kind of drift that was.
fn normalized(outcome: &Outcome) -> Vec<(String, String)> {
    let column = |name: &str| outcome.columns.iter().position(|c| c.name == name);
    let (Some(hexad), Some(what), Some(about)) =
        (column("hexad"), column("outcome"), column("about"))
    else {
        return vec![];
    };
    let text = |row: &[Value], at: usize| row.get(at).and_then(Value::as_str).map(str::to_owned);
    let rows = outcome.rows.iter().filter(|row| text(row, what).as_deref() == Some("normalized"));
    rows.filter_map(|row| Some((text(row, hexad)?, text(row, about)?))).collect()
}

fn timed<T>(work: impl FnOnce() -> Fallible<T>) -> Fallible<(T, Duration)> {
    let begun = Instant::now();
    Ok((work()?, begun.elapsed()))
}

fn per_thousand(time: Duration, hexads: usize) -> Duration {
    time.mul_f64(1000.0 / hexads.max(1) as f64)
}
