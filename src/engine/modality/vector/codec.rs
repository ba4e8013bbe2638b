//! The canonical bytes of embeddings, and how to read one of them without the others.
//!
//! ```text
//! tag, count, embedding*      sorted by name
//! embedding: name, model, count, numbers
//! ```
//!
//! The default name is written as the empty one. Numbers are `f32`, little endian, every bit kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{DEFAULT_NAME, Embedding, Embeddings};
use crate::engine::base::codec::{self, Reader};
use crate::engine::base::{ContentHash, Modality, Result};

const VERSION: u8 = 1;

/// The canonical bytes.
pub fn encode(embeddings: &Embeddings) -> Vec<u8> {
    let numbers: usize = embeddings.named.values().map(|e| e.data.len()).sum();
    let mut out = Vec::with_capacity(48 * (1 + embeddings.named.len()) + numbers * 4);
    out.push(codec::tag(Modality::Vector, VERSION));
    codec::put_uint(&mut out, embeddings.named.len() as u64);
    for (name, embedding) in &embeddings.named {
        codec::put_text(&mut out, if name == DEFAULT_NAME { "" } else { name });
        codec::put_opt_text(&mut out, embedding.model.as_deref());
        codec::put_uint(&mut out, embedding.data.len() as u64);
        codec::put_f32s(&mut out, &embedding.data);
    }
    out
}

/// The embeddings these bytes are of.
pub fn decode(bytes: &[u8]) -> Result<Embeddings> {
    let mut reader = Reader::record(bytes, Modality::Vector, VERSION)?;
    let mut named: BTreeMap<String, Embedding> = BTreeMap::new();
    for _ in 0..reader.count(3)? {
        let name = name(&mut reader)?;
        if named.last_key_value().is_some_and(|(last, _)| last.as_str() >= name) {
            return Err(reader.damaged("has names out of order"));
        }
        let model = reader.opt_text()?.map(str::to_owned);
        let count = reader.count(4)?;
        let data = Arc::from(reader.f32s(count)?);
        named.insert(name.to_owned(), Embedding { data, model });
    }
    reader.finish()?;
    Ok(Embeddings { named })
}

fn name<'a>(reader: &mut Reader<'a>) -> Result<&'a str> {
    match reader.text()? {
        "" => Ok(DEFAULT_NAME),
        // One content, one spelling.
        DEFAULT_NAME => Err(reader.damaged("spells out the default name")),
        name => Ok(name),
    }
}

/// BLAKE3 of the canonical bytes.
pub fn content_hash(embeddings: &Embeddings) -> ContentHash {
    ContentHash::of(&encode(embeddings))
}

/// One embedding inside of canonical bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EmbeddingRef<'a> {
    /// Its name.
    pub name: &'a str,
    /// The model that made it.
    pub model: Option<&'a str>,
    /// Its numbers: `f32`, little endian.
    pub data: &'a [u8],
}

impl EmbeddingRef<'_> {
    /// How many numbers it has.
    pub fn dimensions(&self) -> usize {
        self.data.len() / 4
    }

    /// Its numbers.
    pub fn numbers(&self) -> Vec<f32> {
        codec::f32s(self.data)
    }
}

/// Every embedding in turn, nothing copied; whether the numbers are finite is not checked.
pub fn each<'a>(
    bytes: &'a [u8],
    mut visit: impl FnMut(EmbeddingRef<'a>) -> Result<()>,
) -> Result<()> {
    let mut reader = Reader::record(bytes, Modality::Vector, VERSION)?;
    for _ in 0..reader.count(3)? {
        let name = name(&mut reader)?;
        let model = reader.opt_text()?;
        let count = reader.count(4)?;
        visit(EmbeddingRef { name, model, data: reader.bytes(count * 4)? })?;
    }
    reader.finish()
}

/// Only the numbers of the embedding `wanted`.
pub fn embedding(bytes: &[u8], wanted: &str) -> Result<Option<Vec<f32>>> {
    let mut found = None;
    each(bytes, |embedding| {
        if embedding.name == wanted {
            found = Some(embedding.numbers());
        }
        Ok(())
    })?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::engine::base::Kind;
    use crate::engine::base::codec::tests::damage;

    fn any_embeddings() -> impl Strategy<Value = Embeddings> {
        let finite = any::<f32>().prop_filter("finite", |x| x.is_finite());
        let embedding = (prop::collection::vec(finite, 1..9), prop::option::of("[a-z-]{1,9}"))
            .prop_map(|(data, model)| Embedding { data: data.into(), model });
        let name = prop_oneof![Just(DEFAULT_NAME.to_owned()), "[a-z]{1,9}"];
        prop::collection::btree_map(name, embedding, 0..4).prop_map(|named| Embeddings { named })
    }

    proptest! {
        #[test]
        fn reads_back_whole_and_in_parts(embeddings in any_embeddings()) {
            let bytes = encode(&embeddings);
            prop_assert_eq!(&decode(&bytes).unwrap(), &embeddings);
            for (name, expected) in &embeddings.named {
                let found = embedding(&bytes, name).unwrap().unwrap();
                prop_assert_eq!(&found[..], &expected.data[..]);
            }
            prop_assert_eq!(embedding(&bytes, "~").unwrap(), None);
        }

        #[test]
        fn damage_is_corruption_or_other_embeddings(
            embeddings in any_embeddings(),
            seed in prop::collection::vec(any::<(u16, u8)>(), 1..4),
        ) {
            let bytes = damage(&encode(&embeddings), &seed);
            match decode(&bytes) {
                Ok(other) => prop_assert_eq!(&encode(&other), &bytes),
                Err(error) => prop_assert_eq!(error.kind, Kind::Corruption),
            }
            drop(embedding(&bytes, DEFAULT_NAME));
        }
    }

    #[test]
    fn the_bytes_never_change() {
        let one = Embedding { data: Arc::from([0.1_f32, -2.0]), model: Some("m".to_owned()) };
        let embeddings = Embeddings { named: BTreeMap::from([(DEFAULT_NAME.to_owned(), one)]) };
        let expected = b"\x11\x01\x00\x01\x01m\x02\xcd\xcc\xcc\x3d\x00\x00\x00\xc0";
        assert_eq!(encode(&embeddings), expected);
    }
}
