//! The rows of a real database against the versions.

use std::ops::Bound;

use crate::engine::base::{Modality, ModalitySet, Timestamp};
use crate::engine::store::trial::Trial;

use super::*;

fn version(number: u32, at: i64, author: &str) -> Vec<u8> {
    codec::encode(&Version {
        number,
        at: Timestamp(at),
        author: author.to_owned(),
        message: None,
        valid: ValidTime::default(),
        changed: ModalitySet::ALL,
        present: ModalitySet::ALL,
    })
}

#[test]
fn authors_and_commit_times_are_found_after_changes_and_reopening() {
    let mut trial = Trial::new(Modality::Temporal, || TemporalIndex);
    let write = |trial: &mut Trial<TemporalIndex>, id: &str, version: Vec<u8>| {
        trial.write(&[(id.to_owned(), Some(version))]);
    };
    write(&mut trial, "a", version(1, 10, "ada"));
    write(&mut trial, "b", version(1, 20, "bob"));
    write(&mut trial, "a", version(2, 30, "bob"));
    let (a, b) = (trial.iid("a").unwrap(), trial.iid("b").unwrap());
    for _ in 0..2 {
        let view = trial.view();
        let by = |who| {
            TemporalIndex::modified_by(view.ground(), who).unwrap().iter().collect::<Vec<_>>()
        };
        assert_eq!(by("ada"), [a]);
        assert_eq!(by("bob"), [a, b]);
        assert!(by("eve").is_empty());
        let between = |low, high| {
            let (low, high) = (Bound::Included(Timestamp(low)), Bound::Excluded(Timestamp(high)));
            TemporalIndex::committed(view.ground(), low, high).unwrap().iter().collect::<Vec<_>>()
        };
        assert_eq!(between(10, 20), [a]);
        assert_eq!(between(15, 31), [a, b]);
        assert!(between(31, 99).is_empty());
        drop(view);
        trial.reopen();
    }
    let authors = TemporalIndex::authors(trial.view().ground()).unwrap();
    assert_eq!(authors, [("ada".to_owned(), 1), ("bob".to_owned(), 2)]);
}
