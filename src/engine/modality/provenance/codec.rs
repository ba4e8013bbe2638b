//! The canonical bytes of an event, its hash, and how a chain grows.
//!
//! ```text
//! tag, number, type, actor, source?, description?, digest?, instant
//! count, (modality, hash)*    ascending
//! previous hash               zero for the first event
//! hash                        BLAKE3 of everything above
//! ```
//!
//! Whether a chain holds is judged elsewhere; here it is only made.

use super::Event;
use crate::engine::base::codec::{self, Reader};
use crate::engine::base::{ContentHash, Modality, Result, Timestamp};

const VERSION: u8 = 1;

impl Event {
    /// What the hash is of: everything but the hash itself.
    pub fn canonical_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(128 + self.contents.len() * 33);
        out.push(codec::tag(Modality::Provenance, VERSION));
        codec::put_uint(&mut out, u64::from(self.number));
        codec::put_text(&mut out, &self.event_type);
        codec::put_text(&mut out, &self.actor);
        codec::put_opt_text(&mut out, self.source.as_deref());
        codec::put_opt_text(&mut out, self.description.as_deref());
        codec::put_opt_text(&mut out, self.digest.as_deref());
        codec::put_int(&mut out, self.at.0);
        codec::put_uint(&mut out, self.contents.len() as u64);
        for (modality, hash) in &self.contents {
            out.push(*modality as u8);
            out.extend(hash.0);
        }
        out.extend(self.previous.0);
        out
    }

    /// The hash this event should carry.
    pub fn computed_hash(&self) -> ContentHash {
        ContentHash::of(&self.canonical_bytes())
    }

    /// Binds the event to the one before (none for the first): number, previous hash, own hash.
    #[must_use]
    pub fn chained(mut self, before: Option<(u32, ContentHash)>) -> Self {
        let (number, previous) = before.unwrap_or((0, ContentHash::ZERO));
        self.number = number + 1;
        self.previous = previous;
        self.contents.sort_unstable_by_key(|(modality, _)| *modality);
        self.hash = self.computed_hash();
        self
    }
}

/// The bytes stored: the canonical ones and the hash.
pub fn encode(event: &Event) -> Vec<u8> {
    let mut out = event.canonical_bytes();
    out.extend(event.hash.0);
    out
}

/// The event these bytes are of. A hash that does not fit is not refused: seeing it is the point.
pub fn decode(bytes: &[u8]) -> Result<Event> {
    let mut reader = Reader::record(bytes, Modality::Provenance, VERSION)?;
    let event = Event {
        number: reader.u32()?,
        event_type: reader.text()?.to_owned(),
        actor: reader.text()?.to_owned(),
        source: reader.opt_text()?.map(str::to_owned),
        description: reader.opt_text()?.map(str::to_owned),
        digest: reader.opt_text()?.map(str::to_owned),
        at: Timestamp(reader.int()?),
        contents: read_contents(&mut reader)?,
        previous: reader.hash()?,
        hash: reader.hash()?,
    };
    reader.finish()?;
    Ok(event)
}

fn read_contents(reader: &mut Reader<'_>) -> Result<Vec<(Modality, ContentHash)>> {
    let count = reader.count(33)?;
    let mut contents: Vec<(Modality, ContentHash)> = Vec::with_capacity(count.min(8));
    for _ in 0..count {
        let modality = Modality::from_u8(reader.byte()?)
            .filter(|modality| contents.last().is_none_or(|(last, _)| last < modality))
            .ok_or_else(|| reader.damaged("speaks of modalities out of order"))?;
        contents.push((modality, reader.hash()?));
    }
    Ok(contents)
}

/// BLAKE3 of the canonical bytes; the same as [`Event::computed_hash`].
pub fn content_hash(event: &Event) -> ContentHash {
    event.computed_hash()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::engine::base::Kind;
    use crate::engine::base::codec::tests::damage;

    fn any_event() -> impl Strategy<Value = Event> {
        let texts = (prop::option::of(".{0,8}"), prop::option::of(".{0,8}"));
        let contents = prop::collection::btree_map(0_u8..8, any::<[u8; 32]>(), 0..4);
        (any::<u32>(), "[a-z]{1,8}", ".{0,8}", texts, any::<i64>(), contents, any::<[u8; 32]>())
            .prop_map(|(number, event_type, actor, texts, at, contents, hash)| Event {
                number,
                event_type,
                actor,
                source: texts.0.clone(),
                description: texts.1,
                digest: texts.0,
                at: Timestamp(at),
                contents: contents
                    .into_iter()
                    .map(|(m, h)| (Modality::from_u8(m).unwrap(), ContentHash(h)))
                    .collect(),
                previous: ContentHash(hash),
                hash: ContentHash::of(&hash),
            })
    }

    proptest! {
        #[test]
        fn reads_back(event in any_event()) {
            prop_assert_eq!(decode(&encode(&event)).unwrap(), event);
        }

        #[test]
        fn damage_is_corruption_or_another_event(
            event in any_event(),
            seed in prop::collection::vec(any::<(u16, u8)>(), 1..4),
        ) {
            let bytes = damage(&encode(&event), &seed);
            match decode(&bytes) {
                Ok(other) => prop_assert_eq!(&encode(&other), &bytes),
                Err(error) => prop_assert_eq!(error.kind, Kind::Corruption),
            }
        }
    }

    #[test]
    fn the_bytes_never_change() {
        let event = Event {
            number: 0,
            event_type: "created".to_owned(),
            actor: "ada".to_owned(),
            source: None,
            description: Some("first".to_owned()),
            digest: None,
            at: Timestamp(5),
            contents: vec![(Modality::Document, ContentHash([1; 32]))],
            previous: ContentHash::ZERO,
            hash: ContentHash::ZERO,
        }
        .chained(None);
        let mut expected = b"\x61\x01\x07created\x03ada\x00\x01\x05first\x00\x0a\x01\x04".to_vec();
        expected.extend([1; 32]);
        expected.extend([0; 32]);
        assert_eq!(event.canonical_bytes(), expected);
        assert_eq!(event.hash, ContentHash::of(&expected));
        assert_eq!(
            event.hash.to_hex(),
            "f648ccc613d966bc7e5766b1743cd1a8439ea1ee7a5e8499ebe282fbf0ed94d7"
        );
        let next = event.clone().chained(Some((event.number, event.hash)));
        assert_eq!((next.number, next.previous), (2, event.hash));
    }
}
