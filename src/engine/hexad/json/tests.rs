//! Laws of the format: lines read back, faults name keys, hostile lines are faults.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;

use super::scan::Scanner;
use super::*;
use crate::engine::base::codec::tests::{any_map, any_value, damage};
use crate::engine::base::{
    ContentHash, HexadId, Iid, Kind, Modality, ModalitySet, Timestamp, Value,
};
use crate::engine::hexad::{Hexad, HexadInput};
use crate::engine::modality::document::Document;
use crate::engine::modality::graph::{Edge, Edges};
use crate::engine::modality::provenance::Event;
use crate::engine::modality::semantic::{Semantics, Verification};
use crate::engine::modality::spatial::{Geometry, Place, Position};
use crate::engine::modality::temporal::{ValidTime, Version};
use crate::engine::modality::tensor::{Elements, Tensor};
use crate::engine::modality::vector::{Embedding, Embeddings};

fn any_document() -> impl Strategy<Value = Document> {
    let odd = prop::option::of((prop_oneof!["content", "fields"], any_value()));
    (prop::option::of(".{0,12}"), prop::option::of(".{0,24}"), any_map(), odd).prop_map(
        |(title, body, mut fields, odd)| {
            fields.extend(odd);
            Document { title, body, fields }
        },
    )
}

fn any_vector() -> impl Strategy<Value = Embeddings> {
    let finite = any::<f32>().prop_filter("finite", |x| x.is_finite());
    let embedding = (prop::collection::vec(finite, 1..6), prop::option::of("[a-z]{1,5}"))
        .prop_map(|(data, model)| Embedding { data: data.into(), model });
    prop::collection::btree_map(prop_oneof!["embedding", "[a-z]{1,5}"], embedding, 1..3)
        .prop_map(|named| Embeddings { named })
}

fn any_graph() -> impl Strategy<Value = Edges> {
    let edge =
        ("[A-Z]{1,3}", "[a-z:]{1,5}", any_map()).prop_map(|(predicate, target, properties)| Edge {
            predicate,
            target: HexadId::new(target).unwrap(),
            properties,
        });
    prop::collection::vec(edge, 1..4).prop_map(|edges| Edges { edges })
}

fn any_semantic() -> impl Strategy<Value = Semantics> {
    let at = prop::option::of((0..4_000_000_000_000_000_i64).prop_map(Timestamp));
    let verification = ("[a-z]{1,5}", prop::option::of("[a-z]{1,5}"), at)
        .prop_map(|(verifier, proof, at)| Verification { verifier, proof, at });
    let types = prop::collection::btree_set("[a-z:/]{1,6}", 1..3);
    (types, any_map(), prop::collection::vec(verification, 0..2)).prop_map(
        |(types, properties, verifications)| Semantics {
            types: types.into_iter().collect(),
            properties,
            verifications,
        },
    )
}

fn any_tensor() -> impl Strategy<Value = Tensor> {
    let f64s = prop::collection::vec(any::<f64>().prop_filter("finite", |x| x.is_finite()), 4);
    let f32s = prop::collection::vec(any::<f32>().prop_filter("finite", |x| x.is_finite()), 4);
    prop_oneof![
        f64s.prop_map(Elements::F64),
        f32s.prop_map(Elements::F32),
        prop::collection::vec(any::<i32>(), 4).prop_map(Elements::I32),
        prop::collection::vec(any::<i64>(), 4).prop_map(Elements::I64),
        prop::collection::vec(any::<bool>(), 4).prop_map(Elements::Bool),
    ]
    .prop_map(|data| Tensor { shape: vec![2, 2], data })
}

fn any_spatial() -> impl Strategy<Value = Place> {
    let position = (-90.0..=90.0_f64, -180.0..=180.0_f64)
        .prop_map(|(latitude, longitude)| Position { latitude, longitude });
    let line = prop::collection::vec(position.clone(), 3..5);
    prop_oneof![
        (position, prop::option::of(-100.0..9000.0_f64)).prop_map(|(position, altitude)| Place {
            geometry: Geometry::Point(position),
            altitude,
        }),
        line.clone()
            .prop_map(|line| Place { geometry: Geometry::LineString(line), altitude: None }),
        line.prop_map(|mut ring| {
            ring.push(ring[0]);
            Place { geometry: Geometry::Polygon(vec![ring]), altitude: None }
        }),
    ]
}

fn history(word: &str) -> (Vec<Version>, Vec<Event>) {
    let version = Version {
        number: 1,
        at: Timestamp(1_000_001),
        author: "ada".to_owned(),
        message: Some(word.to_owned()),
        valid: ValidTime { from: Some(Timestamp(5)), to: None },
        changed: ModalitySet(16),
        present: ModalitySet(0x70),
    };
    let event = Event {
        number: 1,
        event_type: "created".to_owned(),
        actor: "ada".to_owned(),
        source: Some(word.to_owned()),
        description: None,
        digest: None,
        at: Timestamp(1_000_001),
        contents: vec![(Modality::Document, ContentHash::of(word.as_bytes()))],
        previous: ContentHash::ZERO,
        hash: ContentHash::ZERO,
    };
    let first = event.clone().chained(None);
    let second = event.chained(Some((1, first.hash)));
    (vec![version], vec![first, second])
}

fn any_hexad() -> impl Strategy<Value = Hexad> {
    (
        "[^\\x00-\\x1f\\x7f-\\x9f]{1,12}",
        prop::option::of(any_document()),
        prop::option::of(any_vector()),
        prop::option::of(any_graph()),
        prop::option::of(any_semantic()),
        prop::option::of(any_tensor()),
        prop::option::of(any_spatial()),
        prop::option::of(".{0,6}"),
    )
        .prop_map(|(id, document, vector, graph, semantic, tensor, spatial, word)| {
            let (versions, events) = word.map(|word| history(&word)).unwrap_or_default();
            Hexad {
                iid: Iid(1),
                id: HexadId::new(id).unwrap(),
                version: 1,
                created_at: Timestamp(0),
                modified_at: Timestamp(0),
                present: ModalitySet::EMPTY,
                document,
                vector,
                graph,
                semantic,
                tensor,
                spatial,
                versions,
                events,
                stamps: Vec::new(),
            }
        })
}

fn put_back(hexad: &Hexad, input: HexadInput) -> Hexad {
    let (versions, events) =
        input.restored.map(|restored| (restored.versions, restored.events)).unwrap_or_default();
    Hexad {
        id: input.id.unwrap(),
        document: input.document,
        vector: input.vector,
        graph: input.graph,
        semantic: input.semantic,
        tensor: input.tensor,
        spatial: input.spatial,
        versions,
        events,
        ..hexad.clone()
    }
}

proptest! {
    #[test]
    fn a_line_reads_back_as_the_same_hexad(hexad in any_hexad()) {
        let line = line(&hexad);
        prop_assert!(!line.contains('\n'));
        prop_assert!(serde_json::from_str::<serde_json::Value>(&line).is_ok(), "{}", line);
        let back = put_back(&hexad, parse(&line).unwrap());
        prop_assert_eq!(&back, &hexad);
        prop_assert_eq!(super::line(&back), line);
    }

    #[test]
    fn values_are_read_as_a_library_reads_them(
        value in any_value(),
        seed in prop::collection::vec(any::<(u16, u8)>(), 0..3),
    ) {
        let bytes = damage(value.to_json().to_string().as_bytes(), &seed);
        let Ok(text) = std::str::from_utf8(&bytes) else { return Ok(()) };
        let mut scanner = Scanner::new(text);
        let ours = scanner.value().and_then(|value| scanner.end().map(|()| value));
        match (ours, serde_json::from_str::<serde_json::Value>(text)) {
            (Ok(ours), Ok(theirs)) => prop_assert_eq!(ours, Value::from_json(theirs), "{}", text),
            (Err(_), Err(_)) => {}
            // The library lets the last of two equal keys win.
            (Err(fault), Ok(_)) => prop_assert_eq!(fault.message, "stated twice"),
            (Ok(_), Err(error)) => prop_assert!(false, "accepted {text}: {error}"),
        }
    }

    #[test]
    fn damaged_lines_are_faults(
        hexad in any_hexad(),
        seed in prop::collection::vec(any::<(u16, u8)>(), 1..5),
    ) {
        let bytes = damage(line(&hexad).as_bytes(), &seed);
        if let Ok(input) = parse(&String::from_utf8_lossy(&bytes)) {
            drop(input.admit());
        }
    }

    #[test]
    fn numbers_are_the_nearest(x in any::<f32>().prop_filter("finite", |x| x.is_finite())) {
        for text in [format!("{x:?}"), format!("{x:.9}"), format!("{x:e}")] {
            let mut scanner = Scanner::new(&text);
            let expected: f32 = text.parse().unwrap();
            prop_assert_eq!(scanner.f32().unwrap().to_bits(), expected.to_bits(), "{}", text);
        }
    }
}

fn read(line: &str) -> HexadInput {
    parse(line).and_then(HexadInput::admit).unwrap()
}

#[test]
fn three_shapes_say_the_same() {
    let ours = read(
        r#"{"id":"a","document":{"title":"T","body":"B"},"vector":{"embedding":[1,2.5]},
        "graph":[{"predicate":"P","target":"b"}],"semantic":{"types":["x"]},
        "provenance":[{"event":"made","actor":"ada"}],"spatial":{"latitude":1,"longitude":2}}"#,
    );
    let flat = read(
        r#"{"id":"a","title":"T","body":"B","embedding":[1,2.5],"relationships":[["P","b"]],
        "types":["x"],"provenance":{"event_type":"made","actor":"ada"},
        "spatial":{"latitude":1.0,"longitude":2.0,"srid":4326,"geometry_type":"Point"}}"#,
    );
    let other = read(
        r#"{"id":"a","document":{"title":"T","content":"B"},"vector":{"embedding":[1.0,2.5]},
        "graph":{"edges":[{"target":"b","relation":"P"}]},"semantic":{"types":["x"]},
        "provenance":{"actor":"ada","chain":["made"]},"spatial":{"lat":1,"lon":2}}"#,
    );
    assert_eq!(flat, ours);
    assert_eq!(other, ours);
    let nested = r#"{"graph":{"relationships":[{"predicate":"P","target_id":"b"}]}}"#;
    assert_eq!(read(nested).graph, ours.graph);
    let geojson = r#"{"spatial":{"type":"Point","coordinates":[2,1]}}"#;
    assert_eq!(read(geojson).spatial, ours.spatial);
}

#[test]
fn what_has_no_place_of_its_own_becomes_a_property_or_a_field() {
    let input = read(
        r#"{"category":"paper","temporal":{"created":"2026-01-01","version":3},
        "spatial":{"lat":1,"lon":2,"label":"Here"},"intentional_drift":true}"#,
    );
    let fields = input.document.unwrap().fields;
    assert_eq!(fields["category"], Value::from("paper"));
    let properties = input.semantic.unwrap().properties;
    let names: Vec<&str> = properties.keys().map(String::as_str).collect();
    assert_eq!(names, ["created", "intentional_drift", "place", "version"]);
}

#[test]
fn content_is_a_field_where_there_is_a_body() {
    let document = read(r#"{"document":{"body":"B","content":"C"}}"#).document.unwrap();
    assert_eq!(document.body.as_deref(), Some("B"));
    assert_eq!(document.fields["content"], Value::from("C"));
}

#[test]
fn faults_name_the_key() {
    for (line, kind, key) in [
        (r#"{"idd":"a"}"#, Kind::InvalidInput, "idd"),
        (r#"{"id":"a","id":"b"}"#, Kind::InvalidInput, "id"),
        (r#"{"id":"a\u0007"}"#, Kind::InvalidHexadId, "id"),
        (r#"{"document":{"a":{"b":1,"b":2}}}"#, Kind::InvalidInput, "document.a.b"),
        (r#"{"document":{"title":7}}"#, Kind::FieldTypeMismatch, "document.title"),
        (r#"{"vector":{"embedding":[1,NaN]}}"#, Kind::InvalidVector, "vector.embedding[1]"),
        (r#"{"vector":{"embedding":[1,1e99]}}"#, Kind::InvalidVector, "vector.embedding[1]"),
        (r#"{"vector":{"embedding":[]}}"#, Kind::InvalidVector, "vector.embedding"),
        (r#"{"vector":{"model":"m"}}"#, Kind::InvalidVector, "vector.embedding"),
        (r#"{"graph":[{"predicate":"P"}]}"#, Kind::InvalidInput, "graph[0].target"),
        (r#"{"graph":[{"predicate":"P","target":""}]}"#, Kind::InvalidHexadId, "graph[0].target"),
        (
            r#"{"spatial":{"latitude":99,"longitude":0}}"#,
            Kind::InvalidCoordinates,
            "spatial.latitude",
        ),
        (r#"{"tensor":{"shape":[2,2],"data":[1,2,3]}}"#, Kind::ShapeMismatch, "tensor.data"),
        (
            r#"{"tensor":{"shape":[1],"dtype":"x","data":[1]}}"#,
            Kind::UnsupportedDtype,
            "tensor.dtype",
        ),
        (r#"{"temporal":{"valid_from":"soon"}}"#, Kind::InvalidTimestamp, "temporal.valid_from"),
        (r#"{"provenance":[{"actor":"a"}]}"#, Kind::InvalidInput, "provenance[0].event"),
        (r#"{"document":{"a":[1,}}"#, Kind::InvalidInput, "document.a[1]"),
        ("{", Kind::InvalidInput, ""),
        ("{} x", Kind::InvalidInput, ""),
        ("[]", Kind::InvalidInput, ""),
        ("", Kind::InvalidInput, ""),
    ] {
        let fault = parse(line).and_then(HexadInput::admit).expect_err(line);
        assert_eq!((fault.kind, fault.key.as_str()), (kind, key), "{line}: {}", fault.message);
    }
}

#[test]
fn a_forged_history_is_refused() {
    let (versions, events) = history("x");
    let hexad = Hexad { versions, events, ..any_plain() };
    let line = line(&hexad);
    assert!(parse(&line).and_then(HexadInput::admit).is_ok());
    let forged = line.replacen("\"actor\":\"ada\"", "\"actor\":\"eve\"", 1);
    assert_eq!(parse(&forged).and_then(HexadInput::admit).unwrap_err().key, "provenance[0]");
}

fn any_plain() -> Hexad {
    Hexad {
        iid: Iid(1),
        id: HexadId::new("a").unwrap(),
        version: 1,
        created_at: Timestamp(0),
        modified_at: Timestamp(0),
        present: ModalitySet::EMPTY,
        document: None,
        vector: Some(Embeddings {
            named: BTreeMap::from([(
                "embedding".to_owned(),
                Embedding { data: Arc::from([0.1_f32]), model: None },
            )]),
        }),
        graph: None,
        semantic: None,
        tensor: None,
        spatial: None,
        versions: Vec::new(),
        events: Vec::new(),
        stamps: Vec::new(),
    }
}

#[test]
fn the_line_is_canonical() {
    assert_eq!(line(&any_plain()), r#"{"id":"a","vector":{"embedding":[0.1]}}"#);
}

#[test]
fn nesting_has_a_limit() {
    let deep = format!("{{\"document\":{{\"a\":{}", "[".repeat(100_000));
    assert_eq!(parse(&deep).unwrap_err().kind, Kind::NestingTooDeep);
}

/// The shared data sets, where they are: `VQL_DATA` names their directory.
#[test]
fn real_data_parses_completely() {
    use std::io::BufRead as _;
    let Some(directory) = std::env::var_os("VQL_DATA") else { return };
    for (name, count) in [("debian-2k", 2000), ("cities", 2135), ("digits", 1797)] {
        let path = std::path::Path::new(&directory).join(format!("{name}.jsonl.gz"));
        let file = flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap());
        let mut lines = 0;
        for line in std::io::BufReader::new(file).lines() {
            read(&line.unwrap());
            lines += 1;
        }
        assert_eq!(lines, count, "{name}");
    }
}
