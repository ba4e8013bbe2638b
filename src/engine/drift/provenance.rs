//! The chain of events against itself, against the versions, and against what is stored now.

use crate::engine::base::{ContentHash, Modality};
use crate::engine::modality::provenance::{Chain, Event};

use super::evidence::Evidence;
use super::report::Found;

/// Examines a chain.
///
/// Broken 1.0. Else, when versions have no event, 0.25 and up to 0.25 more by their share, plus 0.3 when a modality no
/// longer holds what the last event that speaks of it says (`now` gives the present hashes): it was
/// changed behind the chain's back. `None` without versions and events.
pub fn examine(
    events: &[Event],
    versions: usize,
    now: &[(Modality, ContentHash)],
) -> Option<Found> {
    if events.is_empty() && versions == 0 {
        return None;
    }
    if let Some((event, fault)) = Chain(events).verify_sealed().broken {
        return Some(Found::one(1.0, Evidence::ChainBroken { event, fault }));
    }
    let mut found = Found::clean();
    if versions > events.len() {
        // One missing event among a hundred versions is a hole all the same.
        let share = (versions - events.len()) as f64 / versions as f64;
        found.score += 0.25 + 0.25 * share;
        found.evidence.push(Evidence::MissingEvents { versions, events: events.len() });
    }
    let stale = now.iter().filter_map(|(modality, now)| not_as_recorded(events, *modality, *now));
    let stale: Vec<Evidence> = stale.collect();
    if !stale.is_empty() {
        found.score += 0.3;
        found.evidence.extend(stale);
    }
    Some(found)
}

/// A modality that holds something else than the last event that speaks of it says.
fn not_as_recorded(events: &[Event], modality: Modality, now: ContentHash) -> Option<Evidence> {
    let said = |event: &Event| {
        let content = event.contents.iter().find(|(m, _)| *m == modality);
        content.map(|(_, hash)| (event.number, *hash))
    };
    let (event, recorded) = events.iter().rev().find_map(said)?;
    (recorded != now).then_some(Evidence::NotAsRecorded { modality, recorded, event, now })
}

#[cfg(test)]
mod tests {
    use crate::engine::base::Timestamp;
    use crate::engine::modality::provenance::chain::Fault;

    use super::*;

    fn score(events: &[Event], versions: usize, now: &[(Modality, ContentHash)]) -> Option<f64> {
        examine(events, versions, now).map(|found| found.score)
    }

    fn chain(contents: &[&[(Modality, ContentHash)]]) -> Vec<Event> {
        let mut events: Vec<Event> = Vec::new();
        for contents in contents {
            let event = Event {
                number: 0,
                event_type: "modified".into(),
                actor: "ada".into(),
                source: None,
                description: None,
                digest: None,
                at: Timestamp(0),
                contents: contents.to_vec(),
                previous: ContentHash::ZERO,
                hash: ContentHash::ZERO,
            };
            events.push(event.chained(events.last().map(|e| (e.number, e.hash))));
        }
        events
    }

    const OLD: (Modality, ContentHash) = (Modality::Document, ContentHash([1; 32]));
    const NEW: (Modality, ContentHash) = (Modality::Document, ContentHash([2; 32]));

    #[test]
    fn a_whole_and_current_chain_has_no_drift() {
        let events = chain(&[&[OLD], &[NEW], &[]]);
        assert_eq!(score(&events, 3, &[NEW]), Some(0.0));
        assert_eq!(score(&events, 2, &[(Modality::Graph, OLD.1)]), Some(0.0));
        assert_eq!(score(&[], 0, &[]), None);
    }

    #[test]
    fn what_is_wrong_with_a_chain() {
        let mut events = chain(&[&[OLD], &[]]);
        assert_eq!(score(&events, 2, &[NEW]), Some(0.3));
        assert_eq!(score(&events, 4, &[OLD]), Some(0.375));
        assert_eq!(score(&[], 3, &[]), Some(0.5));
        events[0].actor = "eve".into();
        let fault = Fault::Content;
        let broken = Found::one(1.0, Evidence::ChainBroken { event: 1, fault });
        assert_eq!(examine(&events, 2, &[OLD]), Some(broken));
    }
}
