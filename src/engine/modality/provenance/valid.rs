//! What makes an event valid, and a chain that is brought along.

use super::Event;
use crate::engine::base::{ContentHash, Fault, Kind, plain};

/// Refuses an event without a word or with control characters in its words.
pub fn check_words(event_type: &str, actor: Option<&str>) -> Result<(), Fault> {
    plain::check_name("an event", event_type).map_err(|fault| fault.within("event"))?;
    match actor {
        Some(actor) => plain::check_name("an actor", actor).map_err(|fault| fault.within("actor")),
        None => Ok(()),
    }
}

/// Refuses a chain that does not hold: numbers, links and hashes, all recomputed.
pub fn check_chain(events: &[Event]) -> Result<(), Fault> {
    let mut previous = ContentHash::ZERO;
    for (i, event) in events.iter().enumerate() {
        let wrong = if event.number as usize != i + 1 {
            format!("number {} where {} is due", event.number, i + 1)
        } else if event.previous != previous {
            "not bound to the event before".to_owned()
        } else if event.hash != event.computed_hash() {
            "the hash does not fit the event".to_owned()
        } else {
            previous = event.hash;
            continue;
        };
        return Err(Fault::new(Kind::InvalidInput, format!("[{i}]"), wrong));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::base::Timestamp;

    fn event(event_type: &str) -> Event {
        Event {
            number: 0,
            event_type: event_type.to_owned(),
            actor: "ada".to_owned(),
            source: None,
            description: None,
            digest: None,
            at: Timestamp(0),
            contents: Vec::new(),
            previous: ContentHash::ZERO,
            hash: ContentHash::ZERO,
        }
    }

    #[test]
    fn a_chain_holds_until_something_in_it_is_changed() {
        let first = event("created").chained(None);
        let second = event("modified").chained(Some((1, first.hash)));
        assert_eq!(check_chain(&[first.clone(), second.clone()]), Ok(()));
        let mut forged = first.clone();
        forged.actor = "eve".to_owned();
        assert_eq!(check_chain(&[forged.clone(), second.clone()]).unwrap_err().key, "[0]");
        forged.hash = forged.computed_hash();
        assert_eq!(check_chain(&[forged, second.clone()]).unwrap_err().key, "[1]");
        assert!(check_chain(&[second]).is_err());
    }

    #[test]
    fn an_event_has_a_word() {
        assert_eq!(check_words("", None).unwrap_err().key, "event");
    }
}
