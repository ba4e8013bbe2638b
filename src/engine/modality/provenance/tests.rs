//! The rows of a real database against the latest events.

use crate::engine::base::{ContentHash, Modality, Timestamp};
use crate::engine::store::trial::Trial;

use super::*;

fn event(number: u32, actor: &str, event_type: &str, source: Option<&str>) -> Vec<u8> {
    codec::encode(&Event {
        number,
        event_type: event_type.to_owned(),
        actor: actor.to_owned(),
        source: source.map(str::to_owned),
        description: None,
        digest: None,
        at: Timestamp(0),
        contents: Vec::new(),
        previous: ContentHash::ZERO,
        hash: ContentHash::ZERO,
    })
}

#[test]
fn only_the_latest_event_counts() {
    let mut trial = Trial::new(Modality::Provenance, || ProvenanceIndex);
    let write = |trial: &mut Trial<ProvenanceIndex>, id: &str, event: Vec<u8>| {
        trial.write(&[(id.to_owned(), Some(event))]);
    };
    write(&mut trial, "a", event(1, "ada", "created", Some("survey")));
    write(&mut trial, "b", event(1, "ada", "imported", None));
    write(&mut trial, "a", event(2, "bob", "modified", None));
    let (a, b) = (trial.iid("a").unwrap(), trial.iid("b").unwrap());
    for _ in 0..2 {
        let view = trial.view();
        let by =
            |who| ProvenanceIndex::by_actor(view.ground(), who).unwrap().iter().collect::<Vec<_>>();
        assert_eq!(by("ada"), [b]);
        assert_eq!(by("bob"), [a]);
        let kind = |k| {
            ProvenanceIndex::with_event_type(view.ground(), k).unwrap().iter().collect::<Vec<_>>()
        };
        assert_eq!(kind("imported"), [b]);
        assert!(kind("created").is_empty());
        assert!(ProvenanceIndex::from_origin(view.ground(), "survey").unwrap().is_empty());
        drop(view);
        trial.reopen();
    }
}
