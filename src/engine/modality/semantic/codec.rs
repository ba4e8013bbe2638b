//! The canonical bytes of types, properties and verifications.
//!
//! ```text
//! tag, count, type*           ascending
//! count, (name, value)*       properties sorted by name
//! count, verification*        verifier, proof?, instant?
//! ```

use super::{Semantics, Verification};
use crate::engine::base::codec::{self, Reader};
use crate::engine::base::{ContentHash, Modality, Result};

const VERSION: u8 = 1;

/// The canonical bytes. Types are expected sorted and without repetition, as the record says.
pub fn encode(semantics: &Semantics) -> Vec<u8> {
    let mut out = Vec::with_capacity(64);
    out.push(codec::tag(Modality::Semantic, VERSION));
    codec::put_uint(&mut out, semantics.types.len() as u64);
    for name in &semantics.types {
        codec::put_text(&mut out, name);
    }
    codec::put_map(&mut out, &semantics.properties);
    codec::put_uint(&mut out, semantics.verifications.len() as u64);
    for verification in &semantics.verifications {
        codec::put_text(&mut out, &verification.verifier);
        codec::put_opt_text(&mut out, verification.proof.as_deref());
        codec::put_opt_time(&mut out, verification.at);
    }
    out
}

/// The semantics these bytes are of.
pub fn decode(bytes: &[u8]) -> Result<Semantics> {
    let mut reader = Reader::record(bytes, Modality::Semantic, VERSION)?;
    let types = read_types(&mut reader)?.into_iter().map(str::to_owned).collect();
    let properties = reader.map()?;
    let count = reader.count(3)?;
    let mut verifications = Vec::with_capacity(count.min(64));
    for _ in 0..count {
        verifications.push(Verification {
            verifier: reader.text()?.to_owned(),
            proof: reader.opt_text()?.map(str::to_owned),
            at: reader.opt_time()?,
        });
    }
    reader.finish()?;
    Ok(Semantics { types, properties, verifications })
}

fn read_types<'a>(reader: &mut Reader<'a>) -> Result<Vec<&'a str>> {
    let count = reader.count(1)?;
    let mut types: Vec<&str> = Vec::with_capacity(count.min(64));
    for _ in 0..count {
        let name = reader.text()?;
        if types.last().is_some_and(|last| *last >= name) {
            return Err(reader.damaged("has types out of order"));
        }
        types.push(name);
    }
    Ok(types)
}

/// BLAKE3 of the canonical bytes.
pub fn content_hash(semantics: &Semantics) -> ContentHash {
    ContentHash::of(&encode(semantics))
}

/// Only the types.
pub fn types(bytes: &[u8]) -> Result<Vec<&str>> {
    read_types(&mut Reader::record(bytes, Modality::Semantic, VERSION)?)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::engine::base::codec::tests::{any_map, damage};
    use crate::engine::base::{Kind, Timestamp, Value};

    fn any_semantics() -> impl Strategy<Value = Semantics> {
        let verification =
            ("[a-z]{1,6}", prop::option::of("[a-z]{1,6}"), any::<Option<i64>>()).prop_map(
                |(verifier, proof, at)| Verification { verifier, proof, at: at.map(Timestamp) },
            );
        (
            prop::collection::btree_set("[a-z:]{1,8}", 0..4),
            any_map(),
            prop::collection::vec(verification, 0..3),
        )
            .prop_map(|(types, properties, verifications)| Semantics {
                types: types.into_iter().collect(),
                properties,
                verifications,
            })
    }

    proptest! {
        #[test]
        fn reads_back_whole_and_in_parts(semantics in any_semantics()) {
            let bytes = encode(&semantics);
            prop_assert_eq!(&decode(&bytes).unwrap(), &semantics);
            prop_assert_eq!(types(&bytes).unwrap(), semantics.types);
        }

        #[test]
        fn damage_is_corruption_or_other_semantics(
            semantics in any_semantics(),
            seed in prop::collection::vec(any::<(u16, u8)>(), 1..4),
        ) {
            let bytes = damage(&encode(&semantics), &seed);
            match decode(&bytes) {
                Ok(other) => prop_assert_eq!(&encode(&other), &bytes),
                Err(error) => prop_assert_eq!(error.kind, Kind::Corruption),
            }
        }
    }

    #[test]
    fn the_bytes_never_change() {
        let semantics = Semantics {
            types: vec!["a".to_owned(), "b".to_owned()],
            properties: BTreeMap::from([("k".to_owned(), Value::Null)]),
            verifications: vec![Verification {
                verifier: "v".to_owned(),
                proof: None,
                at: Some(Timestamp(1)),
            }],
        };
        assert_eq!(encode(&semantics), b"\x31\x02\x01a\x01b\x01\x01k\x00\x01\x01v\x00\x01\x02");
    }
}
