//! The chain of events against itself, against the versions, and against what is stored now.

use crate::engine::base::{ContentHash, Modality};
use crate::engine::modality::provenance::{Chain, Event};

/// Scores a chain.
///
/// Broken 1.0. Else 0.5 times the share of versions without an event, plus 0.3 when a modality no
/// longer holds what the last event that speaks of it says (`now` gives the present hashes): it was
/// changed behind the chain's back. `None` without versions and events.
pub fn score(events: &[Event], versions: usize, now: &[(Modality, ContentHash)]) -> Option<f64> {
    if events.is_empty() && versions == 0 {
        return None;
    }
    if !Chain(events).verify().is_valid() {
        return Some(1.0);
    }
    let missing = versions.saturating_sub(events.len()) as f64 / versions.max(1) as f64;
    let stale =
        now.iter().any(|(modality, hash)| said(events, *modality).is_some_and(|s| s != *hash));
    Some(0.5 * missing + if stale { 0.3 } else { 0.0 })
}

/// What the last event that speaks of a modality says it holds.
fn said(events: &[Event], modality: Modality) -> Option<ContentHash> {
    let in_event =
        |event: &Event| event.contents.iter().find(|(m, _)| *m == modality).map(|(_, hash)| *hash);
    events.iter().rev().find_map(in_event)
}

#[cfg(test)]
mod tests {
    use crate::engine::base::Timestamp;

    use super::*;

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
        assert_eq!(score(&events, 4, &[OLD]), Some(0.25));
        assert_eq!(score(&[], 3, &[]), Some(0.5));
        events[0].actor = "eve".into();
        assert_eq!(score(&events, 2, &[OLD]), Some(1.0));
    }
}
