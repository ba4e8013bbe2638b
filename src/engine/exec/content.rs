//! Whole modalities as values: what `SELECT DOCUMENT` puts into a column.
//!
//! The shapes are those of the import and export format, with what is computed beside it.

use std::collections::BTreeMap;

use crate::engine::base::{Modality, Result, Value};
use crate::engine::exec::entity::Entity;
use crate::engine::modality::document::Document;
use crate::engine::modality::graph::Edge;
use crate::engine::modality::provenance::Event;
use crate::engine::modality::provenance::chain::Chain;
use crate::engine::modality::semantic::Verification;
use crate::engine::modality::spatial::{Geometry, Position};
use crate::engine::modality::temporal::Version;
use crate::engine::modality::vector::{DEFAULT_NAME, Embedding};

/// A map from names to values.
pub type Map = BTreeMap<String, Value>;

fn put(map: &mut Map, name: &str, value: impl Into<Value>) {
    map.insert(name.to_owned(), value.into());
}

fn put_some(map: &mut Map, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        map.insert(name.to_owned(), value.into());
    }
}

/// A modality of a hexad as a map; null when the hexad has none.
pub fn modality(entity: &Entity<'_>, modality: Modality) -> Result<Value> {
    if !entity.present().contains(modality) {
        return Ok(Value::Null);
    }
    let map = match modality {
        Modality::Graph => graph(entity)?,
        Modality::Vector => vector(entity)?,
        Modality::Tensor => tensor(entity)?,
        Modality::Semantic => semantic(entity)?,
        Modality::Document => entity.document()?.map(document).unwrap_or_default(),
        Modality::Temporal => temporal(entity)?,
        Modality::Provenance => provenance(entity)?,
        Modality::Spatial => spatial(entity)?,
    };
    Ok(Value::Map(map))
}

/// The fields of a document, title and body among them.
pub fn document(document: &Document) -> Map {
    let mut map = document.fields.clone();
    put_some(&mut map, "title", document.title.as_deref());
    put_some(&mut map, "body", document.body.as_deref());
    map
}

fn graph(entity: &Entity<'_>) -> Result<Map> {
    let mut map = Map::new();
    let edges = entity.graph()?.map(|g| g.edges.iter().map(edge).collect()).unwrap_or_default();
    map.insert("edges".to_owned(), Value::List(edges));
    Ok(map)
}

/// One edge.
pub fn edge(edge: &Edge) -> Value {
    let mut map = Map::new();
    put(&mut map, "predicate", edge.predicate.as_str());
    put(&mut map, "target", edge.target.as_str());
    if !edge.properties.is_empty() {
        map.insert("properties".to_owned(), Value::Map(edge.properties.clone()));
    }
    Value::Map(map)
}

fn embedding(embedding: &Embedding) -> Map {
    let mut map = Map::new();
    map.insert("embedding".to_owned(), Value::Vector(embedding.data.clone()));
    put_some(&mut map, "model", embedding.model.as_deref());
    map
}

fn vector(entity: &Entity<'_>) -> Result<Map> {
    let Some(vectors) = entity.vector()? else { return Ok(Map::new()) };
    let mut map = vectors.named.get(DEFAULT_NAME).map(embedding).unwrap_or_default();
    let others: Map = vectors
        .named
        .iter()
        .filter(|(name, _)| *name != DEFAULT_NAME)
        .map(|(name, e)| (name.clone(), Value::Map(embedding(e))))
        .collect();
    if !others.is_empty() {
        map.insert("named".to_owned(), Value::Map(others));
    }
    Ok(map)
}

fn tensor(entity: &Entity<'_>) -> Result<Map> {
    let mut map = Map::new();
    if let Some(tensor) = entity.tensor()? {
        for name in ["shape", "dtype", "data"] {
            map.insert(name.to_owned(), tensor.field(name).unwrap_or_default());
        }
    }
    Ok(map)
}

/// The elements of a tensor nested along its axes.
pub fn nested(shape: &[usize], values: &[Value]) -> Value {
    match shape.split_first() {
        None => values.first().cloned().unwrap_or_default(),
        Some((_, [])) => Value::List(values.to_vec()),
        Some((_, rest)) => {
            let step = rest.iter().product::<usize>().max(1);
            Value::List(values.chunks(step).map(|part| nested(rest, part)).collect())
        }
    }
}

fn semantic(entity: &Entity<'_>) -> Result<Map> {
    let mut map = Map::new();
    if let Some(semantics) = entity.semantic()? {
        let types = semantics.types.iter().map(|t| Value::from(t.as_str())).collect();
        map.insert("types".to_owned(), Value::List(types));
        if !semantics.properties.is_empty() {
            map.insert("properties".to_owned(), Value::Map(semantics.properties.clone()));
        }
        if !semantics.verifications.is_empty() {
            let all = semantics.verifications.iter().map(verification).collect();
            map.insert("verifications".to_owned(), Value::List(all));
        }
    }
    Ok(map)
}

/// One verification.
pub fn verification(verification: &Verification) -> Value {
    let mut map = Map::new();
    put(&mut map, "verifier", verification.verifier.as_str());
    put_some(&mut map, "proof", verification.proof.as_deref());
    put_some(&mut map, "at", verification.at.map(Value::Time));
    Value::Map(map)
}

fn temporal(entity: &Entity<'_>) -> Result<Map> {
    let mut map = match entity.current()? {
        Some(version) => version_map(&version),
        None => Map::new(),
    };
    map.insert("created_at".to_owned(), Value::Time(entity.header().created_at));
    if let Some(at) = map.remove("at") {
        map.insert("modified_at".to_owned(), at);
    }
    Ok(map)
}

fn version_map(version: &Version) -> Map {
    let mut map = Map::new();
    map.insert("version".to_owned(), Value::Int(i64::from(version.number)));
    map.insert("at".to_owned(), Value::Time(version.at));
    put(&mut map, "author", version.author.as_str());
    put_some(&mut map, "message", version.message.as_deref());
    put_some(&mut map, "valid_from", version.valid.from.map(Value::Time));
    put_some(&mut map, "valid_to", version.valid.to.map(Value::Time));
    let changed = version.changed.iter().map(|m| Value::from(m.name())).collect();
    map.insert("changed".to_owned(), Value::List(changed));
    map
}

/// One version.
pub fn version(version: &Version) -> Value {
    Value::Map(version_map(version))
}

fn provenance(entity: &Entity<'_>) -> Result<Map> {
    let events = entity.events()?;
    let chain = Chain(events);
    let mut map = Map::new();
    if let Some(latest) = chain.latest() {
        put(&mut map, "actor", latest.actor.as_str());
        put(&mut map, "event_type", latest.event_type.as_str());
        put(&mut map, "content_hash", latest.hash.to_hex());
    }
    // Where it came from is what the first event that says so says.
    put_some(&mut map, "origin", events.iter().find_map(|e| e.source.as_deref()));
    map.insert("chain_length".to_owned(), Value::Int(events.len() as i64));
    map.insert("chain_valid".to_owned(), Value::Bool(chain.verify().is_valid()));
    map.insert("chain".to_owned(), Value::List(events.iter().map(event).collect()));
    Ok(map)
}

/// One event.
pub fn event(event: &Event) -> Value {
    let mut map = Map::new();
    map.insert("number".to_owned(), Value::Int(i64::from(event.number)));
    put(&mut map, "event_type", event.event_type.as_str());
    put(&mut map, "actor", event.actor.as_str());
    put_some(&mut map, "origin", event.source.as_deref());
    put_some(&mut map, "description", event.description.as_deref());
    put_some(&mut map, "digest", event.digest.as_deref());
    map.insert("at".to_owned(), Value::Time(event.at));
    put(&mut map, "hash", event.hash.to_hex());
    Value::Map(map)
}

fn spatial(entity: &Entity<'_>) -> Result<Map> {
    let mut map = Map::new();
    let Some(place) = entity.spatial()? else { return Ok(map) };
    if let Some(center) = place.geometry.center() {
        map.insert("latitude".to_owned(), Value::Float(center.latitude));
        map.insert("longitude".to_owned(), Value::Float(center.longitude));
    }
    put_some(&mut map, "altitude", place.altitude.map(Value::Float));
    put(&mut map, "geometry_type", place.geometry.type_name());
    map.insert("srid".to_owned(), Value::Int(4326));
    if !matches!(place.geometry, Geometry::Point(_)) {
        map.insert("geometry".to_owned(), geojson(&place.geometry));
    }
    Ok(map)
}

/// A geometry as `GeoJSON`.
pub fn geojson(geometry: &Geometry) -> Value {
    let position =
        |p: &Position| Value::List(vec![Value::Float(p.longitude), Value::Float(p.latitude)]);
    let line = |line: &Vec<Position>| Value::List(line.iter().map(position).collect());
    let coordinates = match geometry {
        Geometry::Point(p) => position(p),
        Geometry::LineString(positions) => line(positions),
        Geometry::Polygon(rings) => Value::List(rings.iter().map(line).collect()),
    };
    let mut map = Map::new();
    put(&mut map, "type", geometry.type_name());
    map.insert("coordinates".to_owned(), coordinates);
    Value::Map(map)
}
