//! Repairs of what is never rewritten: versions and events. Something is added that says what is
//! wrong with what stands before it, and from there on the record is sound again.

use crate::engine::base::Modality;
use crate::engine::hexad::{Change, ProvenanceInput};
use crate::engine::modality::provenance::Event;
use crate::engine::modality::provenance::chain::{self, Fault};
use crate::engine::modality::temporal::{ValidTime, Version};

/// A version that says: what stands before it has faults, go on from here.
pub fn repair_versions(versions: &[Version]) -> Vec<Change> {
    let last = versions.last().map(|version| version.valid).unwrap_or_default();
    let inverted = last.from.zip(last.to).is_some_and(|(from, to)| to <= from);
    // When it was true is not known if it ended before it began.
    let valid = if inverted { ValidTime::default() } else { last };
    vec![Change::Temporal(valid), Change::RepairVersions]
}

/// An event that seals a broken chain: it names the break and the hash of everything before it, so
/// that nothing more can be changed there unnoticed.
pub fn seal(events: &[Event], at: usize, fault: Fault) -> Change {
    Change::Event(ProvenanceInput {
        event: chain::SEAL.to_owned(),
        description: Some(format!("event {at}: {}", fault.describe())),
        digest: Some(chain::sealing_digest(events)),
        ..ProvenanceInput::default()
    })
}

/// Events for versions that nobody recorded one for.
pub fn reconstruct(versions: &[Version], events: &[Event]) -> Vec<Change> {
    let missing = versions.len().saturating_sub(events.len());
    let silent = |version: &&Version| !events.iter().any(|event| event.at == version.at);
    let mut changes = Vec::with_capacity(missing);
    let unheard: Vec<&Version> = versions.iter().filter(silent).collect();
    // Two versions of one instant may share an event; then the newest are the ones without.
    let rest = versions.iter().rev().filter(|version| !silent(version));
    for version in unheard.into_iter().chain(rest).take(missing) {
        let changed: Vec<&str> = version.changed.iter().map(Modality::name).collect();
        changes.push(Change::Event(ProvenanceInput {
            event: "reconstructed".to_owned(),
            actor: Some(version.author.clone()).filter(|author| !author.is_empty()),
            description: Some(format!(
                "version {} of {}: {}",
                version.number,
                version.at,
                if changed.is_empty() { "nothing".to_owned() } else { changed.join(", ") }
            )),
            ..ProvenanceInput::default()
        }));
    }
    changes
}
