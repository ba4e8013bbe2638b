//! What an assignment changes: from `DOCUMENT.title`, `VECTOR.embedding`, `GRAPH.cites`, `latitude`
//! to changes of a hexad. INSERT with columns and UPDATE .. SET both go through here.

use std::collections::BTreeMap;

use crate::engine::base::{Error, HexadId, Kind, Modality, Result, Span, Timestamp, Value};
use crate::engine::drift;
use crate::engine::exec::entity::Entity;
use crate::engine::exec::statement::embedding::{self, Make, OfDocument};
use crate::engine::hexad::{Change, ProvenanceInput};
use crate::engine::lang::ast::Path;
use crate::engine::lang::resolve::instants::When;
use crate::engine::modality::document::Document;
use crate::engine::modality::graph::Edge;
use crate::engine::modality::semantic::{Semantics, Verification};
use crate::engine::modality::spatial::{Geometry, Place, Position};
use crate::engine::modality::temporal::ValidTime;
use crate::engine::modality::tensor::{Elements, Tensor};
use crate::engine::modality::vector::{DEFAULT_NAME, Embedding};
use crate::engine::plan::lower::numbers;

/// Assignments to one hexad, collected.
pub struct Assignments<'a, 'v> {
    /// The hexad as it is; `None` for one that is being made.
    current: Option<&'a Entity<'v>>,
    now: Timestamp,
    changes: Vec<Change>,
    document: Option<Document>,
    semantics: Option<Semantics>,
    embeddings: BTreeMap<String, (Option<Value>, Option<String>, Span)>,
    /// Embeddings made of the document.
    made: BTreeMap<String, OfDocument>,
    place: BTreeMap<&'static str, (f64, Span)>,
    tensor: BTreeMap<&'static str, (Value, Span)>,
    valid: Option<ValidTime>,
    event: Option<ProvenanceInput>,
}

impl<'a, 'v> Assignments<'a, 'v> {
    /// None yet.
    pub fn new(current: Option<&'a Entity<'v>>, now: Timestamp) -> Self {
        Self {
            current,
            now,
            changes: vec![],
            document: None,
            semantics: None,
            embeddings: BTreeMap::new(),
            made: BTreeMap::new(),
            place: BTreeMap::new(),
            tensor: BTreeMap::new(),
            valid: None,
            event: None,
        }
    }

    /// `path = value`. A bare name is a field of the document, but for the few columns that name
    /// other modalities.
    pub fn set(&mut self, path: &Path, value: Value) -> Result<()> {
        let names: Vec<String> = path.segments.iter().map(|s| s.text.clone()).collect();
        if let Some(modality) = path.modality {
            return self.in_modality(modality.modality, &names, value, path.span);
        }
        // `h.title` and `hexad.document.title` say whose field it is once more.
        let names = match names.split_first() {
            Some((first, rest))
                if !rest.is_empty()
                    && ["h", "hexad", "entity", "hexads"]
                        .iter()
                        .any(|row| first.eq_ignore_ascii_case(row)) =>
            {
                rest.to_vec()
            }
            _ => names,
        };
        if let Some(modality) = names.first().and_then(|n| Modality::from_keyword(n)) {
            return self.in_modality(modality, &names[1..], value, path.span);
        }
        let one = match names.as_slice() {
            [one] => one.to_ascii_lowercase(),
            _ => String::new(),
        };
        match one.as_str() {
            "id" | "hexad_id" | "uuid" => {
                Err(wrong(Kind::InvalidHexadId, "the id of a hexad does not change", path.span))
            }
            "embedding" | "vector" => {
                self.in_modality(Modality::Vector, &[DEFAULT_NAME.to_owned()], value, path.span)
            }
            "latitude" | "longitude" | "altitude" => {
                self.in_modality(Modality::Spatial, &names, value, path.span)
            }
            "types" => self.in_modality(Modality::Semantic, &names, value, path.span),
            "valid_from" | "valid_to" => {
                self.in_modality(Modality::Temporal, &names, value, path.span)
            }
            "version" | "created_at" | "modified_at" | "score" | "similarity" | "distance_km"
            | "drift_score" | "drift_type" => Err(wrong(
                Kind::ConstraintViolation,
                format!("`{one}` is computed and cannot be set"),
                path.span,
            )
            .hint(format!("write DOCUMENT.{one} for a field of that name"))),
            _ => self.in_modality(Modality::Document, &names, value, path.span),
        }
    }

    /// `path = EMBED(DOCUMENT)`
    pub fn make(&mut self, path: &Path, of: OfDocument) -> Result<()> {
        let modality = path.modality.map(|m| m.modality);
        let name = match (modality, path.segments.as_slice()) {
            (Some(Modality::Vector), []) => DEFAULT_NAME,
            (Some(Modality::Vector), [name]) if !name.is("model") => &name.text,
            (None, [.., name]) if name.is("embedding") || name.is("vector") => DEFAULT_NAME,
            _ => {
                let message = "EMBED(DOCUMENT) makes an embedding and nothing else";
                return Err(wrong(Kind::TypeMismatch, message, path.span)
                    .hint("write VECTOR = EMBED(DOCUMENT), or VECTOR.name for one of several"));
            }
        };
        self.make_embedding(name, of)
    }

    /// The embedding `name` is to be made of the document.
    pub fn make_embedding(&mut self, name: &str, of: OfDocument) -> Result<()> {
        let span = of.span;
        if self.made.insert(name.to_owned(), of).is_some() {
            let message = format!("the embedding `{name}` is set twice");
            return Err(wrong(Kind::ConstraintViolation, message, span));
        }
        Ok(())
    }

    /// `MODALITY.names = value`, or the whole modality without names.
    pub fn in_modality(
        &mut self,
        modality: Modality,
        names: &[String],
        value: Value,
        span: Span,
    ) -> Result<()> {
        if names.is_empty() {
            return self.whole(modality, value, span);
        }
        match modality {
            Modality::Document => self.field(names, value, span),
            Modality::Semantic => self.semantic(names, value, span),
            Modality::Vector => self.embedding(names, value, span),
            Modality::Graph => self.edges(names, &value, span),
            Modality::Spatial => self.spatial(names, &value, span),
            Modality::Tensor => self.tensor(names, value, span),
            Modality::Temporal => self.temporal(names, &value, span),
            Modality::Provenance => self.provenance(names, &value, span),
        }
    }

    fn whole(&mut self, modality: Modality, value: Value, span: Span) -> Result<()> {
        if value.is_null() {
            self.changes.push(Change::Remove(modality));
            return Ok(());
        }
        match (modality, value) {
            (Modality::Vector, value) => {
                self.in_modality(modality, &[DEFAULT_NAME.to_owned()], value, span)
            }
            (Modality::Tensor, value) => {
                self.in_modality(modality, &["data".to_owned()], value, span)
            }
            (Modality::Document | Modality::Spatial, Value::Map(map)) => {
                if modality == Modality::Document {
                    self.document = Some(Document::default());
                }
                map.into_iter().try_for_each(|(k, v)| self.in_modality(modality, &[k], v, span))
            }
            (_, value) => Err(wrong(
                Kind::TypeMismatch,
                format!("a value of type {} cannot be a whole {modality}", value.type_name()),
                span,
            )),
        }
    }

    fn field(&mut self, names: &[String], value: Value, span: Span) -> Result<()> {
        let value = plain(value);
        let document = if let Some(document) = &mut self.document {
            document
        } else {
            let current = match self.current {
                Some(entity) => entity.document()?.cloned(),
                None => None,
            };
            self.document.insert(current.unwrap_or_default())
        };
        match names {
            [name] if name.eq_ignore_ascii_case("title") => document.title = text(value, span)?,
            [name] if name.eq_ignore_ascii_case("body") => document.body = text(value, span)?,
            [first, rest @ ..] => put(&mut document.fields, first, rest, value),
            [] => {}
        }
        Ok(())
    }

    fn semantics(&mut self) -> Result<&mut Semantics> {
        if self.semantics.is_none() {
            let current = match self.current {
                Some(entity) => entity.semantic()?.cloned(),
                None => None,
            };
            self.semantics = Some(current.unwrap_or_default());
        }
        Ok(self.semantics.get_or_insert_with(Semantics::default))
    }

    fn semantic(&mut self, names: &[String], value: Value, span: Span) -> Result<()> {
        let value = plain(value);
        let names = match names {
            [group, rest @ ..] if !rest.is_empty() && group.eq_ignore_ascii_case("properties") => {
                rest
            }
            names => names,
        };
        let one = match names {
            [one] => one.to_ascii_lowercase(),
            _ => String::new(),
        };
        match one.as_str() {
            "types" | "type" => {
                let types = texts(&value, span)?;
                self.semantics()?.types = types;
            }
            "properties" => match value {
                Value::Map(map) => self.semantics()?.properties = map,
                Value::Null => self.semantics()?.properties.clear(),
                other => return Err(not_a("a map", &other, span)),
            },
            "verifier" => {
                for verifier in texts(&value, span)? {
                    let verification = Verification { verifier, proof: None, at: Some(self.now) };
                    self.semantics()?.verifications.push(verification);
                }
            }
            "verified" | "contract" | "contracts" | "verified_at" | "verifications" | "proof"
            | "proofs" | "verifiers" => {
                return Err(wrong(
                    Kind::ConstraintViolation,
                    format!("SEMANTIC.{one} is computed and cannot be set"),
                    span,
                )
                .hint("set SEMANTIC.verifier to add a verification"));
            }
            _ => {
                if let Some((first, rest)) = names.split_first() {
                    put(&mut self.semantics()?.properties, first, rest, value);
                }
            }
        }
        Ok(())
    }

    fn embedding(&mut self, names: &[String], value: Value, span: Span) -> Result<()> {
        let (name, part) = match names {
            [name] if name.eq_ignore_ascii_case("model") => (DEFAULT_NAME.to_owned(), "model"),
            [name] => (name.clone(), "data"),
            [name, part] if part.eq_ignore_ascii_case("model") => (name.clone(), "model"),
            _ => return Err(unknown("VECTOR", names, span)),
        };
        let entry = self.embeddings.entry(name).or_insert((None, None, span));
        if part == "model" {
            entry.1 = text(value, span)?;
        } else {
            entry.0 = Some(value);
            entry.2 = span;
        }
        Ok(())
    }

    fn edges(&mut self, names: &[String], value: &Value, span: Span) -> Result<()> {
        let [predicate] = names else { return Err(unknown("GRAPH", names, span)) };
        let computed =
            crate::engine::lang::resolve::registry::registered(Modality::Graph, predicate);
        if computed.is_some() {
            return Err(wrong(
                Kind::ConstraintViolation,
                format!("GRAPH.{predicate} is computed and cannot be set"),
                span,
            )
            .hint("the predicate of the edges stands after the dot: GRAPH.cites = 'other'"));
        }
        let targets = texts(value, span)?;
        if let Some(entity) = self.current {
            for edge in entity.graph()?.map(|g| g.edges.as_slice()).unwrap_or_default() {
                if edge.predicate.eq_ignore_ascii_case(predicate) {
                    let target = edge.target.clone();
                    self.changes.push(Change::RemoveEdge(Some(predicate.clone()), target));
                }
            }
        }
        for target in targets {
            let target = HexadId::new(target).map_err(|e| e.at(span))?;
            let predicate = predicate.clone();
            let properties = BTreeMap::new();
            self.changes.push(Change::AddEdge(Edge { predicate, target, properties }));
        }
        Ok(())
    }

    fn spatial(&mut self, names: &[String], value: &Value, span: Span) -> Result<()> {
        let name = match names {
            [one] => one.to_ascii_lowercase(),
            _ => return Err(unknown("SPATIAL", names, span)),
        };
        let key = match name.as_str() {
            "latitude" | "lat" => "latitude",
            "longitude" | "lon" | "lng" => "longitude",
            "altitude" => "altitude",
            "srid" if value.as_f64() == Some(4326.0) => return Ok(()),
            "srid" => {
                return Err(wrong(
                    Kind::InvalidCoordinates,
                    "only SRID 4326 (WGS 84) is known",
                    span,
                ));
            }
            "geometry_type" | "type"
                if value.as_str().is_some_and(|t| t.eq_ignore_ascii_case("point")) =>
            {
                return Ok(());
            }
            _ => return Err(unknown("SPATIAL", names, span)),
        };
        if value.is_null() {
            return Ok(());
        }
        let Some(number) = value.as_f64() else { return Err(not_a("a number", value, span)) };
        self.place.insert(key, (number, span));
        Ok(())
    }

    fn tensor(&mut self, names: &[String], value: Value, span: Span) -> Result<()> {
        let key = match names {
            [one] if one.eq_ignore_ascii_case("data") => "data",
            [one] if one.eq_ignore_ascii_case("shape") => "shape",
            _ => return Err(unknown("TENSOR", names, span)),
        };
        self.tensor.insert(key, (value, span));
        Ok(())
    }

    fn temporal(&mut self, names: &[String], value: &Value, span: Span) -> Result<()> {
        let instant = match value {
            Value::Null => None,
            Value::Time(at) => Some(*at),
            Value::Text(text) => {
                if let Some(when) = When::parse(text) {
                    Some(when.resolve(self.now))
                } else {
                    let message = format!("`{text}` is not an instant");
                    return Err(wrong(Kind::InvalidTimestamp, message, span));
                }
            }
            other => return Err(not_a("an instant", other, span)),
        };
        if self.valid.is_none() {
            self.valid = Some(match self.current {
                Some(entity) => entity.current()?.map(|v| v.valid).unwrap_or_default(),
                None => ValidTime::default(),
            });
        }
        let valid = self.valid.get_or_insert_with(ValidTime::default);
        match names {
            [one] if one.eq_ignore_ascii_case("valid_from") => valid.from = instant,
            [one] if one.eq_ignore_ascii_case("valid_to") => valid.to = instant,
            _ => return Err(unknown("TEMPORAL", names, span)),
        }
        Ok(())
    }

    fn provenance(&mut self, names: &[String], value: &Value, span: Span) -> Result<()> {
        let text = text(value.clone(), span)?;
        let event = self.event.get_or_insert_with(ProvenanceInput::default);
        let name = match names {
            [one] => one.to_ascii_lowercase(),
            _ => return Err(unknown("PROVENANCE", names, span)),
        };
        match name.as_str() {
            "actor" | "agent" => event.actor = text,
            "origin" | "source" => event.source = text,
            "event_type" | "event" => event.event = text.unwrap_or_default(),
            "description" => event.description = text,
            "digest" | "content_hash" => event.digest = text,
            _ => return Err(unknown("PROVENANCE", names, span)),
        }
        Ok(())
    }

    /// The changes, in an order that does not depend on that of the assignments. `event` is what
    /// happened where the assignments do not say.
    pub fn finish(self, event: &str) -> Result<Vec<Change>> {
        self.finish_with(event, &embedding::nobody)
    }

    /// The same where embeddings may have to be made.
    pub fn finish_with(mut self, event: &str, make: Make<'_>) -> Result<Vec<Change>> {
        let mut changes = std::mem::take(&mut self.changes);
        self.finish_made(&mut changes, make)?;
        if let Some(document) = self.document.take() {
            changes.push(Change::Document(document));
        }
        if let Some(semantics) = self.semantics.take() {
            changes.push(Change::Semantic(semantics));
        }
        self.finish_embeddings(&mut changes)?;
        if let Some(place) = self.finish_place()? {
            changes.push(Change::Spatial(place));
        }
        if let Some(tensor) = self.finish_tensor()? {
            changes.push(Change::Tensor(tensor));
        }
        if let Some(valid) = self.valid {
            changes.push(Change::Temporal(valid));
        }
        if let Some(mut stated) = self.event.take() {
            if stated.event.is_empty() {
                event.clone_into(&mut stated.event);
            }
            changes.push(Change::Event(stated));
        }
        Ok(changes)
    }

    /// Embeddings of the document as the statement leaves it.
    fn finish_made(&mut self, changes: &mut Vec<Change>, make: Make<'_>) -> Result<()> {
        for (name, of) in std::mem::take(&mut self.made) {
            if self.embeddings.contains_key(&name) {
                let message = format!("the embedding `{name}` is set twice");
                return Err(wrong(Kind::ConstraintViolation, message, of.span));
            }
            let gone = changes.contains(&Change::Remove(Modality::Document));
            let document = match (&self.document, self.current) {
                (Some(document), _) => Some(document),
                (None, Some(entity)) if !gone => entity.document()?,
                (None, _) => None,
            };
            let text = document.map(drift::text::of_document).unwrap_or_default();
            if drift::embed::words(&text).is_empty() {
                let whose = self.current.map(|e| format!("hexad `{}` has", e.id().as_str()));
                let whose = whose.as_deref().unwrap_or("there is");
                let message = format!("{whose} no text in its document that could be embedded");
                return Err(wrong(Kind::InvalidInput, message, of.span)
                    .hint("give it a DOCUMENT with a title or a body"));
            }
            let (embedding, origin) = make(&of, &text)?;
            let alone = match self.current {
                Some(entity) => entity.vector()?.is_none_or(|v| v.named.keys().all(|n| *n == name)),
                None => true,
            };
            changes.push(Change::SetEmbedding(name, embedding));
            // A record that also holds what somebody gave is not the model's to make again.
            if alone && self.embeddings.is_empty() {
                changes.push(Change::Made(Modality::Vector, origin));
            }
        }
        Ok(())
    }

    fn finish_embeddings(&mut self, changes: &mut Vec<Change>) -> Result<()> {
        for (name, (data, model, span)) in std::mem::take(&mut self.embeddings) {
            let known = match self.current {
                Some(entity) => entity.vector()?.and_then(|v| v.named.get(&name)).cloned(),
                None => None,
            };
            if matches!(data, Some(Value::Null)) {
                let mut left = match self.current {
                    Some(entity) => entity.vector()?.cloned().unwrap_or_default(),
                    None => continue,
                };
                left.named.remove(&name);
                changes.push(if left.named.is_empty() {
                    Change::Remove(Modality::Vector)
                } else {
                    Change::Vector(left)
                });
                continue;
            }
            let data = match (data, &known) {
                (Some(value), _) => vector(&value, span)?,
                (None, Some(known)) => known.data.clone(),
                (None, None) => {
                    let message = format!("`{name}` has a model but no numbers");
                    return Err(wrong(Kind::InvalidVector, message, span));
                }
            };
            let model = model.or(known.and_then(|k| k.model));
            changes.push(Change::SetEmbedding(name, Embedding { data, model }));
        }
        Ok(())
    }

    fn finish_place(&self) -> Result<Option<Place>> {
        let Some(span) = self.place.values().map(|(_, span)| *span).next() else {
            return Ok(None);
        };
        let known = match self.current {
            Some(entity) => entity.spatial()?,
            None => None,
        };
        let point = known.and_then(|place| match place.geometry {
            Geometry::Point(position) => Some(position),
            _ => None,
        });
        let given = |key| self.place.get(key).map(|(x, _)| *x);
        let latitude = given("latitude").or(point.map(|p| p.latitude));
        let longitude = given("longitude").or(point.map(|p| p.longitude));
        let altitude = given("altitude").or(known.and_then(|k| k.altitude));
        match (latitude, longitude) {
            (Some(latitude), Some(longitude)) => {
                let geometry = Geometry::Point(Position { latitude, longitude });
                Ok(Some(Place { geometry, altitude }))
            }
            _ => Err(wrong(
                Kind::InvalidCoordinates,
                "a place needs a latitude and a longitude",
                span,
            )),
        }
    }

    fn finish_tensor(&self) -> Result<Option<Tensor>> {
        let shape = self.tensor.get("shape");
        let Some((data, span)) = self.tensor.get("data") else {
            return match (shape, self.current) {
                (None, _) => Ok(None),
                (Some((shape, span)), Some(entity)) => {
                    let data = match entity.tensor()? {
                        Some(tensor) => tensor.data.clone(),
                        None => return Err(shapeless(*span)),
                    };
                    Ok(Some(Tensor { shape: sizes(shape, *span)?, data }))
                }
                (Some((_, span)), None) => Err(shapeless(*span)),
            };
        };
        let mut flat = vec![];
        let nested = flatten(data, &mut flat, *span)?;
        let shape = match shape {
            Some((shape, span)) => sizes(shape, *span)?,
            None => nested,
        };
        Ok(Some(Tensor { shape, data: Elements::F64(flat) }))
    }
}

fn shapeless(span: Span) -> Error {
    wrong(Kind::ShapeMismatch, "a shape without data", span)
}

fn wrong(kind: Kind, message: impl Into<String>, span: Span) -> Error {
    Error::new(kind, message).at(span)
}

fn not_a(wanted: &str, got: &Value, span: Span) -> Error {
    wrong(
        Kind::TypeMismatch,
        format!("{wanted} is needed, not a value of type {}", got.type_name()),
        span,
    )
}

fn unknown(modality: &str, names: &[String], span: Span) -> Error {
    let message = format!("{modality} has no field `{}` that can be set", names.join("."));
    wrong(Kind::UnknownField, message, span)
}

/// As a document stores it: JSON types only.
fn plain(value: Value) -> Value {
    match value {
        Value::Time(at) => Value::Text(at.to_string()),
        Value::Vector(numbers) => {
            let shortest = crate::engine::base::value::shortest;
            Value::List(numbers.iter().map(|x| Value::Float(shortest(*x))).collect())
        }
        Value::List(items) => Value::List(items.into_iter().map(plain).collect()),
        Value::Map(map) => Value::Map(map.into_iter().map(|(k, v)| (k, plain(v))).collect()),
        other => other,
    }
}

fn text(value: Value, span: Span) -> Result<Option<String>> {
    match value {
        Value::Null => Ok(None),
        Value::Text(text) => Ok(Some(text)),
        other => Err(not_a("text", &other, span)),
    }
}

/// One text or a list of them.
fn texts(value: &Value, span: Span) -> Result<Vec<String>> {
    match value {
        Value::Null => Ok(vec![]),
        Value::Text(text) => Ok(vec![text.clone()]),
        Value::List(items) => items
            .iter()
            .map(|item| match item {
                Value::Text(text) => Ok(text.clone()),
                other => Err(not_a("text", other, span)),
            })
            .collect(),
        other => Err(not_a("text or a list of texts", other, span)),
    }
}

/// Sets or, for null, takes away the value at a path.
fn put(map: &mut BTreeMap<String, Value>, first: &str, rest: &[String], value: Value) {
    match rest.split_first() {
        None if value.is_null() => drop(map.remove(first)),
        None => drop(map.insert(first.to_owned(), value)),
        Some((next, rest)) => {
            let inner = map.entry(first.to_owned()).or_default();
            if !matches!(inner, Value::Map(_)) {
                *inner = Value::Map(BTreeMap::new());
            }
            if let Value::Map(inner) = inner {
                put(inner, next, rest, value);
            }
        }
    }
}

/// The numbers of an embedding.
pub fn vector(value: &Value, span: Span) -> Result<std::sync::Arc<[f32]>> {
    numbers(value)
        .ok_or_else(|| wrong(Kind::InvalidVector, "an embedding is a list of finite numbers", span))
}

fn sizes(value: &Value, span: Span) -> Result<Vec<usize>> {
    let Value::List(items) = value else { return Err(not_a("a list", value, span)) };
    items
        .iter()
        .map(|item| match item {
            Value::Int(n) => usize::try_from(*n)
                .map_err(|_| wrong(Kind::ShapeMismatch, "a size is not negative", span)),
            other => Err(not_a("a whole number", other, span)),
        })
        .collect()
}

/// The numbers of nested lists, row-major, and their shape.
fn flatten(value: &Value, flat: &mut Vec<f64>, span: Span) -> Result<Vec<usize>> {
    match value {
        Value::List(items) => {
            let mut inner: Option<Vec<usize>> = None;
            for item in items {
                let shape = flatten(item, flat, span)?;
                if inner.as_ref().is_some_and(|known| *known != shape) {
                    return Err(wrong(Kind::ShapeMismatch, "the rows differ in length", span));
                }
                inner = Some(shape);
            }
            let mut shape = vec![items.len()];
            shape.extend(inner.unwrap_or_default());
            Ok(shape)
        }
        Value::Vector(numbers) => {
            flat.extend(numbers.iter().map(|x| f64::from(*x)));
            Ok(vec![numbers.len()])
        }
        number => match number.as_f64() {
            Some(x) => {
                flat.push(x);
                Ok(vec![])
            }
            None => Err(not_a("a number", number, span)),
        },
    }
}
