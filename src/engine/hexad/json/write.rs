//! A hexad as its canonical line of JSON.
//!
//! Keys stand in a fixed order, names in ascending order, numbers in their shortest spelling that
//! reads back as the same number. Reading the line gives the same canonical bytes for every record.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::engine::base::{Modality, ModalitySet, Value};
use crate::engine::hexad::Hexad;
use crate::engine::hexad::assemble::Stamp;
use crate::engine::modality::document::Document;
use crate::engine::modality::graph::Edges;
use crate::engine::modality::provenance::Event;
use crate::engine::modality::semantic::Semantics;
use crate::engine::modality::spatial::{Geometry, Place, Position};
use crate::engine::modality::temporal::{ValidTime, Version};
use crate::engine::modality::tensor::{Elements, Tensor};
use crate::engine::modality::vector::{DEFAULT_NAME, Embedding, Embeddings};
use crate::engine::store::Producer;

/// Names that mean something else in the object of a document; fields called so stand in `fields`.
const RESERVED: [&str; 4] = ["title", "body", "content", "fields"];

/// The line, without its end.
pub fn line(hexad: &Hexad) -> String {
    let mut out = String::with_capacity(512);
    record(&mut out, hexad);
    out
}

/// A hexad that was read without its history, and its valid time: reading it back makes the same.
pub fn state(hexad: &Hexad, valid: ValidTime) -> String {
    let mut out = line(hexad);
    if valid.is_stated() {
        out.pop();
        out.push_str(",\"temporal\":{");
        put_valid(&mut out, valid);
        out.push_str("}}");
    }
    out
}

/// Appends the line, without its end.
pub fn record(out: &mut String, hexad: &Hexad) {
    out.push_str("{\"id\":");
    text(out, hexad.id.as_str());
    if let Some(document) = &hexad.document {
        out.push_str(",\"document\":");
        put_document(out, document);
    }
    if let Some(embeddings) = &hexad.vector {
        out.push_str(",\"vector\":");
        put_vector(out, embeddings);
    }
    if let Some(edges) = &hexad.graph {
        out.push_str(",\"graph\":");
        put_graph(out, edges);
    }
    if let Some(semantics) = &hexad.semantic {
        out.push_str(",\"semantic\":");
        put_semantic(out, semantics);
    }
    if let Some(tensor) = &hexad.tensor {
        out.push_str(",\"tensor\":");
        put_tensor(out, tensor);
    }
    if let Some(place) = &hexad.spatial {
        out.push_str(",\"spatial\":");
        put_spatial(out, place);
    }
    if !hexad.versions.is_empty() {
        out.push_str(",\"temporal\":{\"versions\":");
        list(out, &hexad.versions, put_version);
        out.push('}');
    }
    if !hexad.events.is_empty() {
        out.push_str(",\"provenance\":");
        list(out, &hexad.events, put_event);
    }
    put_origins(out, hexad);
    out.push('}');
}

/// Appends what is written with `{}` or `{:?}`; a `String` takes any text.
macro_rules! put {
    ($out:expr, $($arg:tt)*) => {
        write!($out, $($arg)*).expect("a String takes any text")
    };
}

/// Where the records come from of which reading the line would not say it: those that somebody made,
/// and those that were made of something that has changed since.
fn put_origins(out: &mut String, hexad: &Hexad) {
    let document = hexad.stamp(Modality::Document).map(|stamp| stamp.meta.content_hash);
    let said = |stamp: &&Stamp| {
        let of: Vec<_> =
            stamp.meta.derived_from.iter().map(|d| (d.modality, d.content_hash)).collect();
        let as_read = match (stamp.modality, document) {
            (Modality::Vector, Some(hash)) => vec![(Modality::Document, hash)],
            _ => vec![],
        };
        hexad.present.contains(stamp.modality)
            && (stamp.meta.producer != Producer::User || of != as_read)
    };
    let mut stamps = hexad.stamps.iter().filter(said).peekable();
    if stamps.peek().is_none() {
        return;
    }
    out.push_str(",\"origins\":{");
    for stamp in stamps {
        key(out, stamp.modality.name());
        out.push('{');
        if let Producer::Model { name, dimension, parameters } = &stamp.meta.producer {
            opt(out, "producer", Some(name.as_str()));
            key(out, "dimension");
            put!(out, "{dimension}");
            opt(out, "parameters", Some(parameters.as_str()));
        }
        key(out, "of");
        list(out, &stamp.meta.derived_from, |out, of| {
            out.push('{');
            opt(out, "modality", Some(of.modality.name()));
            opt(out, "hash", Some(&of.content_hash.to_hex()));
            key(out, "version");
            put!(out, "{}}}", of.version);
        });
        out.push('}');
    }
    out.push('}');
}

fn text(out: &mut String, text: &str) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|b| matches!(b, b'"' | b'\\' | 0..0x20)) {
        out.push_str(&rest[..at]);
        match rest.as_bytes()[at] {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            control => put!(out, "\\u{control:04x}"),
        }
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
    out.push('"');
}

/// A key and its colon, after a comma unless the object begins here.
fn key(out: &mut String, name: &str) {
    if !out.ends_with('{') {
        out.push(',');
    }
    text(out, name);
    out.push(':');
}

fn opt(out: &mut String, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        key(out, name);
        text(out, value);
    }
}

fn list<T>(out: &mut String, items: &[T], mut each: impl FnMut(&mut String, &T)) {
    out.push('[');
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        each(out, item);
    }
    out.push(']');
}

fn put_value(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(b) => put!(out, "{b}"),
        Value::Int(n) => put!(out, "{n}"),
        Value::Float(x) => put!(out, "{x:?}"),
        Value::Text(t) => text(out, t),
        Value::Time(at) => put!(out, "\"{at}\""),
        Value::Vector(numbers) => list(out, numbers, |out, x| put!(out, "{x:?}")),
        Value::List(items) => list(out, items, put_value),
        Value::Map(map) => put_map(out, map),
    }
}

fn put_map(out: &mut String, map: &BTreeMap<String, Value>) {
    out.push('{');
    members(out, map);
    out.push('}');
}

fn members<'a>(out: &mut String, map: impl IntoIterator<Item = (&'a String, &'a Value)>) {
    for (name, value) in map {
        key(out, name);
        put_value(out, value);
    }
}

fn put_document(out: &mut String, document: &Document) {
    out.push('{');
    opt(out, "title", document.title.as_deref());
    opt(out, "body", document.body.as_deref());
    let reserved = |name: &str| RESERVED.contains(&name);
    members(out, document.fields.iter().filter(|(name, _)| !reserved(name)));
    let hidden: BTreeMap<String, Value> = document
        .fields
        .iter()
        .filter(|(name, _)| reserved(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if !hidden.is_empty() {
        key(out, "fields");
        put_map(out, &hidden);
    }
    out.push('}');
}

fn put_vector(out: &mut String, embeddings: &Embeddings) {
    out.push('{');
    if let Some(embedding) = embeddings.named.get(DEFAULT_NAME) {
        put_embedding(out, embedding);
    }
    let mut named = embeddings.named.iter().filter(|(name, _)| *name != DEFAULT_NAME).peekable();
    if named.peek().is_some() {
        key(out, "named");
        out.push('{');
        for (name, embedding) in named {
            key(out, name);
            out.push('{');
            put_embedding(out, embedding);
            out.push('}');
        }
        out.push('}');
    }
    out.push('}');
}

fn put_embedding(out: &mut String, embedding: &Embedding) {
    key(out, "embedding");
    list(out, &embedding.data, |out, x| put!(out, "{x:?}"));
    opt(out, "model", embedding.model.as_deref());
}

fn put_graph(out: &mut String, edges: &Edges) {
    list(out, &edges.edges, |out, edge| {
        out.push_str("{\"predicate\":");
        text(out, &edge.predicate);
        out.push_str(",\"target\":");
        text(out, edge.target.as_str());
        if !edge.properties.is_empty() {
            key(out, "properties");
            put_map(out, &edge.properties);
        }
        out.push('}');
    });
}

fn put_semantic(out: &mut String, semantics: &Semantics) {
    out.push('{');
    if !semantics.types.is_empty() {
        key(out, "types");
        list(out, &semantics.types, |out, name| text(out, name));
    }
    if !semantics.properties.is_empty() {
        key(out, "properties");
        put_map(out, &semantics.properties);
    }
    if !semantics.verifications.is_empty() {
        key(out, "verifications");
        list(out, &semantics.verifications, |out, verification| {
            out.push('{');
            opt(out, "verifier", Some(&verification.verifier));
            opt(out, "proof", verification.proof.as_deref());
            if let Some(at) = verification.at {
                key(out, "at");
                put!(out, "\"{at}\"");
            }
            out.push('}');
        });
    }
    out.push('}');
}

fn put_tensor(out: &mut String, tensor: &Tensor) {
    out.push_str("{\"shape\":");
    list(out, &tensor.shape, |out, size| put!(out, "{size}"));
    put!(out, ",\"dtype\":\"{}\",\"data\":", tensor.data.dtype().name());
    match &tensor.data {
        Elements::F32(data) => list(out, data, |out, x| put!(out, "{x:?}")),
        Elements::F64(data) => list(out, data, |out, x| put!(out, "{x:?}")),
        Elements::I32(data) => list(out, data, |out, x| put!(out, "{x}")),
        Elements::I64(data) => list(out, data, |out, x| put!(out, "{x}")),
        Elements::Bool(data) => list(out, data, |out, x| put!(out, "{x}")),
    }
    out.push('}');
}

fn put_spatial(out: &mut String, place: &Place) {
    let position = |out: &mut String, position: &Position| {
        put!(out, "[{:?},{:?}]", position.longitude, position.latitude);
    };
    match &place.geometry {
        Geometry::Point(Position { latitude, longitude }) => {
            put!(out, "{{\"latitude\":{latitude:?},\"longitude\":{longitude:?}");
        }
        Geometry::LineString(line) => {
            out.push_str("{\"type\":\"LineString\",\"coordinates\":");
            list(out, line, position);
        }
        Geometry::Polygon(rings) => {
            out.push_str("{\"type\":\"Polygon\",\"coordinates\":");
            list(out, rings, |out, ring| list(out, ring, position));
        }
    }
    if let Some(altitude) = place.altitude {
        put!(out, ",\"altitude\":{altitude:?}");
    }
    out.push('}');
}

fn put_valid(out: &mut String, valid: ValidTime) {
    for (name, at) in [("valid_from", valid.from), ("valid_to", valid.to)] {
        if let Some(at) = at {
            key(out, name);
            put!(out, "\"{at}\"");
        }
    }
}

fn put_modalities(out: &mut String, name: &str, set: ModalitySet) {
    key(out, name);
    let names: Vec<&str> = set.iter().map(Modality::name).collect();
    list(out, &names, |out, name| text(out, name));
}

fn put_version(out: &mut String, version: &Version) {
    put!(out, "{{\"at\":\"{}\"", version.at);
    opt(out, "author", Some(&version.author));
    opt(out, "message", version.message.as_deref());
    put_valid(out, version.valid);
    put_modalities(out, "changed", version.changed);
    put_modalities(out, "present", version.present);
    out.push('}');
}

fn put_event(out: &mut String, event: &Event) {
    out.push('{');
    opt(out, "event", Some(&event.event_type));
    opt(out, "actor", Some(&event.actor));
    opt(out, "source", event.source.as_deref());
    opt(out, "description", event.description.as_deref());
    opt(out, "digest", event.digest.as_deref());
    key(out, "at");
    put!(out, "\"{}\"", event.at);
    if !event.contents.is_empty() {
        key(out, "contents");
        out.push('{');
        for (modality, hash) in &event.contents {
            key(out, modality.name());
            text(out, &hash.to_hex());
        }
        out.push('}');
    }
    key(out, "hash");
    text(out, &event.hash.to_hex());
    out.push('}');
}
