//! Whether the chain of events is whole, and what it says.
//!
//! Nothing about validity is ever stored: it is computed from the events each time, so that a
//! damaged chain cannot claim to be sound.

use crate::engine::base::{ContentHash, Value};

use super::Event;

/// What breaks a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The event does not carry the number that follows the one before.
    Numbering,
    /// The event does not name the hash of the one before.
    Link,
    /// The event's own hash is not the hash of its content.
    Content,
}

impl Fault {
    /// In words, for messages.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Numbering => "an event is missing or out of order",
            Self::Link => "an event does not follow from the one before it",
            Self::Content => "an event was changed after it was recorded",
        }
    }
}

/// The type of the event that seals a broken chain. What stands before it is known to be broken and
/// stays as it is; the event carries a hash of all of it and the chain goes on from there.
pub const SEAL: &str = "chain_broken";

/// What a seal carries: the hash of everything before it, as it is stored.
pub fn sealing_digest(events: &[Event]) -> String {
    let mut bytes = Vec::new();
    for event in events {
        bytes.extend_from_slice(&super::codec::encode(event));
    }
    format!("blake3:{}", ContentHash::of(&bytes).to_hex())
}

/// The result of walking a chain from its first event to its last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// How many events there are.
    pub length: usize,
    /// Where it breaks first: the position, from 1, and why.
    pub broken: Option<(usize, Fault)>,
}

impl Verdict {
    /// True when nothing is wrong. A chain without events has nothing wrong with it.
    pub fn is_valid(&self) -> bool {
        self.broken.is_none()
    }
}

/// The events of one hexad, oldest first.
#[derive(Clone, Copy, Debug)]
pub struct Chain<'a>(pub &'a [Event]);

impl<'a> Chain<'a> {
    /// Checks numbers and links, and recomputes every hash.
    pub fn verify(self) -> Verdict {
        let mut previous = ContentHash::ZERO;
        let mut broken = None;
        for (i, event) in self.0.iter().enumerate() {
            let fault = if event.number as usize != i + 1 {
                Some(Fault::Numbering)
            } else if event.previous != previous {
                Some(Fault::Link)
            } else if event.hash != event.computed_hash() {
                Some(Fault::Content)
            } else {
                None
            };
            if let Some(fault) = fault {
                broken = Some((i + 1, fault));
                break;
            }
            previous = event.hash;
        }
        Verdict { length: self.0.len(), broken }
    }

    /// The same from the last seal on, when the seal is good: its hash is that of everything before
    /// it. A break that was sealed is not hidden by this, only told apart from a new one.
    pub fn verify_sealed(self) -> Verdict {
        let whole = self.verify();
        if whole.is_valid() {
            return whole;
        }
        let Some(at) = self.0.iter().rposition(|event| event.event_type == SEAL) else {
            return whole;
        };
        let (before, after) = self.0.split_at(at);
        let Some(seal) = after.first().filter(|seal| {
            seal.digest.as_deref() == Some(&sealing_digest(before))
                && seal.previous == before.last().map_or(ContentHash::ZERO, |event| event.hash)
        }) else {
            return whole;
        };
        let (mut previous, mut number) = (seal.previous, seal.number);
        for (i, event) in after.iter().enumerate() {
            let fault = if event.number != number {
                Fault::Numbering
            } else if event.previous != previous {
                Fault::Link
            } else if event.hash != event.computed_hash() {
                Fault::Content
            } else {
                (previous, number) = (event.hash, number.saturating_add(1));
                continue;
            };
            return Verdict { length: self.0.len(), broken: Some((at + i + 1, fault)) };
        }
        Verdict { length: self.0.len(), broken: None }
    }

    /// The newest event: the one the fields of `PROVENANCE` speak of.
    pub fn latest(self) -> Option<&'a Event> {
        self.0.last()
    }

    /// What `PROVENANCE.<name>` stands for; `None` for an unknown name, null where there is none.
    pub fn field(self, name: &str) -> Option<Value> {
        let text = |pick: fn(&Event) -> Option<&str>| {
            self.latest().and_then(pick).map_or(Value::Null, Value::from)
        };
        Some(match name.to_ascii_lowercase().as_str() {
            "actor" => text(|e| Some(e.actor.as_str())),
            "origin" | "source" => text(|e| e.source.as_deref()),
            "event_type" | "event" => text(|e| Some(e.event_type.as_str())),
            "description" => text(|e| e.description.as_deref()),
            "digest" => text(|e| e.digest.as_deref()),
            "content_hash" | "hash" => {
                self.latest().map_or(Value::Null, |e| Value::Text(e.hash.to_hex()))
            }
            "recorded_at" | "timestamp" => self.latest().map_or(Value::Null, |e| Value::Time(e.at)),
            "chain_valid" => Value::Bool(self.verify().is_valid()),
            "chain_length" => Value::Int(self.0.len() as i64),
            _ => return None,
        })
    }

    /// The hash of the last event that `event` could follow; all zero for none.
    pub fn head(self) -> ContentHash {
        self.latest().map_or(ContentHash::ZERO, |e| e.hash)
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::base::Timestamp;

    use super::*;

    fn seal(events: &mut Vec<Event>) {
        let mut event = chain(1).remove(0);
        event.event_type = SEAL.to_owned();
        event.digest = Some(sealing_digest(events));
        let last = events.last().map(|event| (event.number, event.hash));
        events.push(event.chained(last));
    }

    #[test]
    fn a_sealed_break_is_told_from_a_new_one() {
        let mut events = chain(4);
        events[1].actor.push('!');
        seal(&mut events);
        assert!(!Chain(&events).verify().is_valid(), "a seal repairs nothing");
        assert!(Chain(&events).verify_sealed().is_valid());
        let mut later = chain(1).remove(0);
        later = later.chained(events.last().map(|event| (event.number, event.hash)));
        events.push(later);
        assert!(Chain(&events).verify_sealed().is_valid());
        for at in 0..events.len() {
            let mut changed = events.clone();
            changed[at].actor.push('?');
            assert!(!Chain(&changed).verify_sealed().is_valid(), "event {at}");
        }
        events.remove(2);
        assert!(!Chain(&events).verify_sealed().is_valid());
    }

    fn chain(n: u32) -> Vec<Event> {
        let mut events: Vec<Event> = Vec::new();
        for i in 0..n {
            let event = Event {
                number: 0,
                event_type: "modified".into(),
                actor: format!("actor-{i}"),
                source: (i == 1).then(|| "survey".to_owned()),
                description: None,
                digest: None,
                at: Timestamp(i64::from(i)),
                contents: Vec::new(),
                previous: ContentHash::ZERO,
                hash: ContentHash::ZERO,
            };
            events.push(event.chained(events.last().map(|e| (e.number, e.hash))));
        }
        events
    }

    #[test]
    fn an_untouched_chain_is_valid() {
        for n in 0..4 {
            let events = chain(n);
            let verdict = Chain(&events).verify();
            assert_eq!(verdict, Verdict { length: n as usize, broken: None });
        }
    }

    #[test]
    fn every_change_of_an_event_breaks_it() {
        let edits: [fn(&mut Event); 7] = [
            |e| e.actor.push('x'),
            |e| e.event_type = "created".into(),
            |e| e.at.0 += 1,
            |e| e.description = Some(String::new()),
            |e| e.digest = Some("sha256:0".into()),
            |e| e.contents.push((crate::engine::base::Modality::Graph, ContentHash::ZERO)),
            |e| e.hash.0[0] ^= 1,
        ];
        for (i, edit) in edits.into_iter().enumerate() {
            let mut events = chain(3);
            edit(&mut events[1]);
            let broken = Chain(&events).verify().broken;
            assert_eq!(broken, Some((2, Fault::Content)), "edit {i}");
        }
    }

    #[test]
    fn rehashing_a_changed_event_breaks_the_next() {
        let mut events = chain(3);
        events[0].actor = "forger".into();
        events[0].hash = events[0].computed_hash();
        assert_eq!(Chain(&events).verify().broken, Some((2, Fault::Link)));
    }

    #[test]
    fn a_missing_event_shows() {
        let mut events = chain(3);
        events.remove(1);
        assert_eq!(Chain(&events).verify().broken, Some((2, Fault::Numbering)));
    }

    #[test]
    fn fields_speak_of_the_latest_event() {
        let events = chain(2);
        let c = Chain(&events);
        assert_eq!(c.field("ACTOR"), Some(Value::from("actor-1")));
        assert_eq!(c.field("origin"), Some(Value::from("survey")));
        assert_eq!(c.field("chain_length"), Some(Value::Int(2)));
        assert_eq!(c.field("chain_valid"), Some(Value::Bool(true)));
        assert_eq!(c.field("nonsense"), None);
        assert_eq!(Chain(&[]).field("actor"), Some(Value::Null));
    }
}
