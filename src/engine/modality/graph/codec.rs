//! The canonical bytes of the outgoing edges.
//!
//! ```text
//! tag, count, edge*           in the order of the record
//! edge: predicate, target, count, (name, value)*
//! ```
//!
//! A predicate equal to that of the edge before is written as the empty text.

use super::{Edge, Edges};
use crate::engine::base::codec::{self, Reader};
use crate::engine::base::{ContentHash, HexadId, Modality, Result};

const VERSION: u8 = 1;

/// The canonical bytes.
pub fn encode(edges: &Edges) -> Vec<u8> {
    let mut out = Vec::with_capacity(8 + edges.edges.len() * 24);
    out.push(codec::tag(Modality::Graph, VERSION));
    codec::put_uint(&mut out, edges.edges.len() as u64);
    let mut last = "";
    for edge in &edges.edges {
        codec::put_text(&mut out, if edge.predicate == last { "" } else { &edge.predicate });
        codec::put_text(&mut out, edge.target.as_str());
        codec::put_map(&mut out, &edge.properties);
        last = &edge.predicate;
    }
    out
}

/// The edges these bytes are of.
pub fn decode(bytes: &[u8]) -> Result<Edges> {
    let mut reader = Reader::record(bytes, Modality::Graph, VERSION)?;
    let count = reader.count(3)?;
    let mut edges = Vec::with_capacity(count.min(1024));
    let mut last = "";
    for _ in 0..count {
        let (predicate, target) = ends(&mut reader, &mut last)?;
        let target =
            HexadId::new(target).map_err(|_| reader.damaged("has a target that is no id"))?;
        let properties = reader.map()?;
        edges.push(Edge { predicate: predicate.to_owned(), target, properties });
    }
    reader.finish()?;
    Ok(Edges { edges })
}

/// Predicate and target of the next edge.
fn ends<'a>(reader: &mut Reader<'a>, last: &mut &'a str) -> Result<(&'a str, &'a str)> {
    let predicate = reader.text()?;
    if !predicate.is_empty() {
        if predicate == *last {
            return Err(reader.damaged("repeats a predicate"));
        }
        *last = predicate;
    }
    if last.is_empty() {
        return Err(reader.damaged("has an edge without a predicate"));
    }
    Ok((*last, reader.text()?))
}

/// BLAKE3 of the canonical bytes.
pub fn content_hash(edges: &Edges) -> ContentHash {
    ContentHash::of(&encode(edges))
}

/// Predicate and target of every edge in turn, nothing copied, properties passed over.
pub fn each<'a>(bytes: &'a [u8], mut visit: impl FnMut(&'a str, &'a str)) -> Result<()> {
    let mut reader = Reader::record(bytes, Modality::Graph, VERSION)?;
    let mut last = "";
    for _ in 0..reader.count(3)? {
        let (predicate, target) = ends(&mut reader, &mut last)?;
        visit(predicate, target);
        for _ in 0..reader.count(2)? {
            reader.skip_text()?;
            reader.skip_value()?;
        }
    }
    reader.finish()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::engine::base::codec::tests::{any_map, damage};
    use crate::engine::base::{Kind, Value};

    fn any_edges() -> impl Strategy<Value = Edges> {
        let edge = ("[A-C]{1,2}", "[a-z:0-9]{1,6}", any_map()).prop_map(|(p, t, properties)| {
            Edge { predicate: p, target: HexadId::new(t).unwrap(), properties }
        });
        prop::collection::vec(edge, 0..5).prop_map(|edges| Edges { edges })
    }

    proptest! {
        #[test]
        fn reads_back_whole_and_in_parts(edges in any_edges()) {
            let bytes = encode(&edges);
            prop_assert_eq!(&decode(&bytes).unwrap(), &edges);
            let mut seen = Vec::new();
            each(&bytes, |p, t| seen.push((p.to_owned(), t.to_owned()))).unwrap();
            let expected: Vec<_> =
                edges.edges.iter().map(|e| (e.predicate.clone(), e.target.to_string())).collect();
            prop_assert_eq!(seen, expected);
        }

        #[test]
        fn damage_is_corruption_or_other_edges(
            edges in any_edges(),
            seed in prop::collection::vec(any::<(u16, u8)>(), 1..4),
        ) {
            let bytes = damage(&encode(&edges), &seed);
            match decode(&bytes) {
                Ok(other) => prop_assert_eq!(&encode(&other), &bytes),
                Err(error) => prop_assert_eq!(error.kind, Kind::Corruption),
            }
            drop(each(&bytes, |_, _| ()));
        }
    }

    #[test]
    fn the_bytes_never_change() {
        let edge = |target: &str, properties| Edge {
            predicate: "CITES".to_owned(),
            target: HexadId::new(target).unwrap(),
            properties,
        };
        let edges = Edges {
            edges: vec![
                edge("a", BTreeMap::from([("w".to_owned(), Value::Bool(true))])),
                edge("b", BTreeMap::new()),
            ],
        };
        assert_eq!(encode(&edges), b"\x01\x02\x05CITES\x01a\x01\x01w\x02\x00\x01b\x00");
    }
}
