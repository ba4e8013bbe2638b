//! The canonical bytes of a document, and how to read one part of them without the rest.
//!
//! ```text
//! tag, title, body            each of the two: 0, or 1 length bytes
//! count, (name, value)*       fields sorted by name
//! ```

use super::Document;
use crate::engine::base::codec::{self, Reader};
use crate::engine::base::{ContentHash, Modality, Result, Value};

const VERSION: u8 = 1;

/// The canonical bytes.
pub fn encode(document: &Document) -> Vec<u8> {
    let body = document.body.as_deref().unwrap_or_default();
    let mut out = Vec::with_capacity(64 + body.len() + document.fields.len() * 24);
    out.push(codec::tag(Modality::Document, VERSION));
    codec::put_opt_text(&mut out, document.title.as_deref());
    codec::put_opt_text(&mut out, document.body.as_deref());
    codec::put_map(&mut out, &document.fields);
    out
}

/// The document these bytes are of.
pub fn decode(bytes: &[u8]) -> Result<Document> {
    let mut reader = Reader::record(bytes, Modality::Document, VERSION)?;
    let title = reader.opt_text()?.map(str::to_owned);
    let body = reader.opt_text()?.map(str::to_owned);
    let fields = reader.map()?;
    reader.finish()?;
    Ok(Document { title, body, fields })
}

/// BLAKE3 of the canonical bytes.
pub fn content_hash(document: &Document) -> ContentHash {
    ContentHash::of(&encode(document))
}

/// Only the title.
pub fn title(bytes: &[u8]) -> Result<Option<&str>> {
    Reader::record(bytes, Modality::Document, VERSION)?.opt_text()
}

/// Only title and body.
pub fn texts(bytes: &[u8]) -> Result<(Option<&str>, Option<&str>)> {
    let mut reader = Reader::record(bytes, Modality::Document, VERSION)?;
    Ok((reader.opt_text()?, reader.opt_text()?))
}

/// Only the field `name`, where `title` and `body` are names too; null when there is none.
pub fn field(bytes: &[u8], name: &str) -> Result<Value> {
    let mut reader = Reader::record(bytes, Modality::Document, VERSION)?;
    let title = reader.opt_text()?;
    if name == "title" {
        return Ok(title.map_or(Value::Null, Value::from));
    }
    if name == "body" {
        return Ok(reader.opt_text()?.map_or(Value::Null, Value::from));
    }
    if reader.flag()? {
        reader.skip_text()?;
    }
    for _ in 0..reader.count(2)? {
        let found = reader.text()?;
        if found == name {
            return reader.value();
        }
        if found > name {
            break;
        }
        reader.skip_value()?;
    }
    Ok(Value::Null)
}

/// Every field but title and body, in the order of their names.
pub fn each_field(bytes: &[u8], mut visit: impl FnMut(&str, Value)) -> Result<()> {
    let mut reader = Reader::record(bytes, Modality::Document, VERSION)?;
    for _ in ["title", "body"] {
        if reader.flag()? {
            reader.skip_text()?;
        }
    }
    for _ in 0..reader.count(2)? {
        let name = reader.text()?;
        visit(name, reader.value()?);
    }
    reader.finish()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::engine::base::Kind;
    use crate::engine::base::codec::tests::{any_map, damage};

    fn any_document() -> impl Strategy<Value = Document> {
        (prop::option::of(".{0,20}"), prop::option::of(".{0,60}"), any_map())
            .prop_map(|(title, body, fields)| Document { title, body, fields })
    }

    proptest! {
        #[test]
        fn reads_back_whole_and_in_parts(document in any_document()) {
            let bytes = encode(&document);
            prop_assert_eq!(&decode(&bytes).unwrap(), &document);
            prop_assert_eq!(title(&bytes).unwrap(), document.title.as_deref());
            let texts = texts(&bytes).unwrap();
            prop_assert_eq!(texts, (document.title.as_deref(), document.body.as_deref()));
            let mut fields = BTreeMap::new();
            each_field(&bytes, |name, value| drop(fields.insert(name.to_owned(), value))).unwrap();
            prop_assert_eq!(&fields, &document.fields);
            for (name, value) in &document.fields {
                if name != "title" && name != "body" {
                    prop_assert_eq!(&field(&bytes, name).unwrap(), value);
                }
            }
            prop_assert_eq!(field(&bytes, "~").unwrap(), Value::Null);
        }

        #[test]
        fn damage_is_corruption_or_another_document(
            document in any_document(),
            seed in prop::collection::vec(any::<(u16, u8)>(), 1..4),
        ) {
            let bytes = damage(&encode(&document), &seed);
            match decode(&bytes) {
                Ok(other) => prop_assert_eq!(&encode(&other), &bytes),
                Err(error) => prop_assert_eq!(error.kind, Kind::Corruption),
            }
            drop((title(&bytes), field(&bytes, "a")));
        }
    }

    #[test]
    fn the_bytes_never_change() {
        let document = Document {
            title: Some("Tide".to_owned()),
            body: None,
            fields: BTreeMap::from([("year".to_owned(), Value::Int(1911))]),
        };
        let expected = b"\x41\x01\x04Tide\x00\x01\x04year\x03\xee\x1d";
        assert_eq!(encode(&document), expected);
        assert_eq!(
            content_hash(&document).to_hex(),
            "64ca620386aeb6757b48c7dc74cfc25b647a570b200ad1629598adf29448231b"
        );
    }
}
