//! The JSON of each modality, in our shape and in the shapes other systems use.

use std::borrow::Cow;
use std::sync::Arc;

use crate::engine::base::{
    ContentHash, Fault, HexadId, Kind, Modality, ModalitySet, Timestamp, Value,
};
use crate::engine::hexad::assemble::CONTENTS;
use crate::engine::hexad::{ProvenanceInput, Stamped};
use crate::engine::modality::graph::Edge;
use crate::engine::modality::provenance::Event;
use crate::engine::modality::semantic::Verification;
use crate::engine::modality::spatial::{Geometry, Place, Position};
use crate::engine::modality::temporal::{ValidTime, Version};
use crate::engine::modality::tensor::codec::Dtype;
use crate::engine::modality::tensor::{Elements, Tensor};
use crate::engine::modality::vector::{DEFAULT_NAME, Embedding, Embeddings};

use crate::engine::store::{Derivation, Producer};

use super::read::{Draft, twice, unknown};
use super::scan::Scanner;

type Done = Result<(), Fault>;

fn fault(kind: Kind, message: impl Into<String>) -> Fault {
    Fault::new(kind, "", message)
}

fn owned(scanner: &mut Scanner<'_>) -> Result<String, Fault> {
    scanner.string().map(Cow::into_owned)
}

fn opt_text(scanner: &mut Scanner<'_>) -> Result<Option<String>, Fault> {
    if scanner.null() { Ok(None) } else { owned(scanner).map(Some) }
}

fn set<T>(place: &mut Option<T>, value: T) -> Done {
    if place.is_some() {
        return Err(twice());
    }
    *place = Some(value);
    Ok(())
}

fn instant(scanner: &mut Scanner<'_>) -> Result<Timestamp, Fault> {
    let text = scanner.string()?;
    Timestamp::parse(&text)
        .ok_or_else(|| fault(Kind::InvalidTimestamp, format!("`{text}` is no instant of ISO 8601")))
}

fn opt_instant(scanner: &mut Scanner<'_>) -> Result<Option<Timestamp>, Fault> {
    if scanner.null() { Ok(None) } else { instant(scanner).map(Some) }
}

fn id(scanner: &mut Scanner<'_>) -> Result<HexadId, Fault> {
    HexadId::new(scanner.string()?).map_err(|error| fault(error.kind, error.message))
}

/// `{"title":..,"body":..,ANY:..}`; fields may also stand in an object called `fields`, and
/// `content` is the body of a document without one.
pub(super) fn document(draft: &mut Draft, scanner: &mut Scanner<'_>) -> Done {
    let document = draft.input.document.get_or_insert_default();
    let mut content = None;
    scanner.object(|scanner, key| {
        let value = scanner.value()?;
        match (&*key, value) {
            ("title" | "body", Value::Null) => Ok(()),
            ("title", Value::Text(text)) => set(&mut document.title, text),
            ("body", Value::Text(text)) => set(&mut document.body, text),
            ("title" | "body", other) => {
                let message = format!("takes text, not {}", other.type_name());
                Err(fault(Kind::FieldTypeMismatch, message))
            }
            ("content", Value::Text(text)) => set(&mut content, text),
            ("fields", Value::Map(map)) => {
                for (name, value) in map {
                    if document.fields.insert(name.clone(), value).is_some() {
                        return Err(twice().within(&name));
                    }
                }
                Ok(())
            }
            (name, value) => match document.fields.insert(name.to_owned(), value) {
                None => Ok(()),
                Some(_) => Err(twice()),
            },
        }
    })?;
    match content {
        Some(text) if document.body.is_none() => document.body = Some(text),
        Some(text) => drop(document.fields.insert("content".to_owned(), Value::Text(text))),
        None => {}
    }
    Ok(())
}

/// `title` and `body` beside `id`.
pub(super) fn short_text(draft: &mut Draft, scanner: &mut Scanner<'_>, key: &str) -> Done {
    let text = owned(scanner)?;
    let document = draft.input.document.get_or_insert_default();
    set(if key == "title" { &mut document.title } else { &mut document.body }, text)
}

fn numbers(scanner: &mut Scanner<'_>) -> Result<Arc<[f32]>, Fault> {
    let mut numbers = Vec::with_capacity(384);
    scanner
        .array(|scanner| {
            numbers.push(scanner.f32()?);
            Ok(())
        })
        .map_err(|fault| Fault { kind: Kind::InvalidVector, ..fault })?;
    Ok(Arc::from(numbers))
}

/// `{"embedding":[..],"model":..,"named":{NAME:{"embedding":[..],"model":..}}}`
pub(super) fn vector(draft: &mut Draft, scanner: &mut Scanner<'_>) -> Done {
    let embeddings = draft.input.vector.get_or_insert_default();
    embedding(embeddings, scanner, DEFAULT_NAME)
}

fn embedding(embeddings: &mut Embeddings, scanner: &mut Scanner<'_>, name: &str) -> Done {
    let (mut data, mut model) = (None, None);
    scanner.object(|scanner, key| match &*key {
        "embedding" => {
            data = Some(numbers(scanner)?);
            Ok(())
        }
        "model" => {
            model = opt_text(scanner)?;
            Ok(())
        }
        "named" if name == DEFAULT_NAME => scanner.object(|scanner, name| {
            if name == DEFAULT_NAME {
                return Err(fault(Kind::InvalidVector, "the default embedding is not named"));
            }
            embedding(embeddings, scanner, &name)
        }),
        _ => Err(unknown(&["embedding", "model", "named"])),
    })?;
    match data {
        Some(data) => insert_embedding(embeddings, name, Embedding { data, model }),
        None if model.is_some() || name != DEFAULT_NAME => {
            Err(fault(Kind::InvalidVector, "an embedding needs its numbers").within("embedding"))
        }
        None => Ok(()),
    }
}

fn insert_embedding(embeddings: &mut Embeddings, name: &str, embedding: Embedding) -> Done {
    match embeddings.named.insert(name.to_owned(), embedding) {
        None => Ok(()),
        Some(_) => Err(twice()),
    }
}

/// `embedding` beside `id`.
pub(super) fn short_embedding(draft: &mut Draft, scanner: &mut Scanner<'_>) -> Done {
    let data = numbers(scanner)?;
    let embeddings = draft.input.vector.get_or_insert_default();
    insert_embedding(embeddings, DEFAULT_NAME, Embedding { data, model: None })
}

/// A list of edges, or an object that holds one as `edges` or `relationships`.
pub(super) fn graph(draft: &mut Draft, scanner: &mut Scanner<'_>) -> Done {
    if scanner.peek() == Some(b'[') {
        return edges(draft, scanner);
    }
    scanner.object(|scanner, key| match &*key {
        "edges" | "relationships" => edges(draft, scanner),
        _ => Err(unknown(&["edges"])),
    })
}

/// `[{"predicate":..,"target":..,"properties":{..}},..]`, or `[[PREDICATE,TARGET],..]`
pub(super) fn edges(draft: &mut Draft, scanner: &mut Scanner<'_>) -> Done {
    let edges = draft.input.graph.get_or_insert_default();
    scanner.array(|scanner| {
        let edge = match scanner.peek() {
            Some(b'[') => pair(scanner)?,
            _ => edge(scanner)?,
        };
        edges.edges.push(edge);
        Ok(())
    })
}

fn pair(scanner: &mut Scanner<'_>) -> Result<Edge, Fault> {
    let (mut predicate, mut target) = (None, None);
    scanner.array(|scanner| match (&predicate, &target) {
        (None, _) => set(&mut predicate, owned(scanner)?),
        (_, None) => set(&mut target, id(scanner)?),
        _ => Err(fault(Kind::InvalidInput, "an edge is a predicate and a target")),
    })?;
    finish_edge(predicate, target)
}

fn edge(scanner: &mut Scanner<'_>) -> Result<Edge, Fault> {
    let (mut predicate, mut target, mut properties) = (None, None, None);
    scanner.object(|scanner, key| match &*key {
        "predicate" | "relation" => set(&mut predicate, owned(scanner)?),
        "target" | "target_id" => set(&mut target, id(scanner)?),
        "properties" => set(&mut properties, scanner.map()?),
        _ => Err(unknown(&["predicate", "target", "properties"])),
    })?;
    let mut edge = finish_edge(predicate, target)?;
    edge.properties = properties.unwrap_or_default();
    Ok(edge)
}

fn finish_edge(predicate: Option<String>, target: Option<HexadId>) -> Result<Edge, Fault> {
    let missing = |key: &str| Fault::new(Kind::InvalidInput, key, "missing");
    Ok(Edge {
        predicate: predicate.ok_or_else(|| missing("predicate"))?,
        target: target.ok_or_else(|| missing("target"))?,
        properties: std::collections::BTreeMap::new(),
    })
}

/// `{"types":[..],"properties":{..},"verifications":[..]}`
pub(super) fn semantic(draft: &mut Draft, scanner: &mut Scanner<'_>) -> Done {
    let mut has_types = !draft.input.semantic.get_or_insert_default().types.is_empty();
    scanner.object(|scanner, key| {
        let semantics = draft.input.semantic.get_or_insert_default();
        match &*key {
            "types" if has_types => Err(twice()),
            "types" => {
                has_types = true;
                types(&mut semantics.types, scanner)
            }
            "properties" => {
                semantics.properties = scanner.map()?;
                Ok(())
            }
            "verifications" => scanner.array(|scanner| {
                semantics.verifications.push(verification(scanner)?);
                Ok(())
            }),
            _ => Err(unknown(&["types", "properties", "verifications"])),
        }
    })
}

fn types(into: &mut Vec<String>, scanner: &mut Scanner<'_>) -> Done {
    scanner.array(|scanner| {
        into.push(owned(scanner)?);
        Ok(())
    })
}

/// `types` beside `id`.
pub(super) fn short_types(draft: &mut Draft, scanner: &mut Scanner<'_>) -> Done {
    let semantics = draft.input.semantic.get_or_insert_default();
    if !semantics.types.is_empty() {
        return Err(twice());
    }
    types(&mut semantics.types, scanner)
}

fn verification(scanner: &mut Scanner<'_>) -> Result<Verification, Fault> {
    let (mut verifier, mut proof, mut at) = (None, None, None);
    scanner.object(|scanner, key| {
        match &*key {
            "verifier" => verifier = Some(owned(scanner)?),
            "proof" => proof = opt_text(scanner)?,
            "at" => at = opt_instant(scanner)?,
            _ => return Err(unknown(&["verifier", "proof", "at"])),
        }
        Ok(())
    })?;
    match verifier {
        Some(verifier) => Ok(Verification { verifier, proof, at }),
        None => Err(Fault::new(Kind::InvalidInput, "verifier", "missing")),
    }
}

/// `{"shape":[..],"dtype":..,"data":[..]}`; elements are row-major.
pub(super) fn tensor(draft: &mut Draft, scanner: &mut Scanner<'_>) -> Done {
    let (mut shape, mut dtype, mut mark) = (None, Dtype::default(), None);
    scanner.object(|scanner, key| {
        match &*key {
            "shape" => shape = Some(sizes(scanner)?),
            "dtype" => {
                let name = scanner.string()?;
                dtype = Dtype::from_name(&name).ok_or_else(|| {
                    let known = Dtype::ALL.map(Dtype::name).join(", ");
                    fault(Kind::UnsupportedDtype, format!("`{name}` is none of {known}"))
                })?;
            }
            "data" => {
                // The type may be said after the data.
                mark = Some(scanner.mark());
                scanner.skip()?;
            }
            _ => return Err(unknown(&["shape", "dtype", "data"])),
        }
        Ok(())
    })?;
    let missing = |key: &str| Fault::new(Kind::ShapeMismatch, key, "missing");
    let shape = shape.ok_or_else(|| missing("shape"))?;
    let mut scanner = scanner.at_mark(mark.ok_or_else(|| missing("data"))?);
    let data = elements(&mut scanner, dtype).map_err(|fault| fault.within("data"))?;
    set(&mut draft.input.tensor, Tensor { shape, data })
}

fn sizes(scanner: &mut Scanner<'_>) -> Result<Vec<usize>, Fault> {
    let mut sizes = Vec::new();
    scanner.array(|scanner| {
        let size = scanner.i64()?;
        let size = usize::try_from(size)
            .map_err(|_| fault(Kind::ShapeMismatch, format!("{size} is no size of an axis")))?;
        sizes.push(size);
        Ok(())
    })?;
    Ok(sizes)
}

fn elements(scanner: &mut Scanner<'_>, dtype: Dtype) -> Result<Elements, Fault> {
    fn list<'a, T>(
        scanner: &mut Scanner<'a>,
        read: impl Fn(&mut Scanner<'a>) -> Result<T, Fault>,
    ) -> Result<Vec<T>, Fault> {
        let mut items = Vec::new();
        scanner.array(|scanner| {
            items.push(read(scanner)?);
            Ok(())
        })?;
        Ok(items)
    }
    Ok(match dtype {
        Dtype::F32 => Elements::F32(list(scanner, Scanner::f32)?),
        Dtype::F64 => Elements::F64(list(scanner, Scanner::f64)?),
        Dtype::I32 => Elements::I32(list(scanner, |scanner| {
            let n = scanner.i64()?;
            i32::try_from(n).map_err(|_| fault(Kind::InvalidInput, format!("{n} is no int32")))
        })?),
        Dtype::I64 => Elements::I64(list(scanner, Scanner::i64)?),
        Dtype::Bool => Elements::Bool(list(scanner, Scanner::bool)?),
    })
}

/// `{"valid_from":..,"valid_to":..}`, with `versions` in an export. `created`, `modified` and
/// `version` of other systems are kept as properties: this database did not witness them.
pub(super) fn temporal(draft: &mut Draft, scanner: &mut Scanner<'_>) -> Done {
    let mut valid = ValidTime::default();
    scanner.object(|scanner, key| {
        match &*key {
            "valid_from" => valid.from = opt_instant(scanner)?,
            "valid_to" => valid.to = opt_instant(scanner)?,
            "versions" => {
                let versions = &mut draft.versions;
                scanner.array(|scanner| {
                    let number = versions.len() as u32 + 1;
                    versions.push(version(scanner, number)?);
                    Ok(())
                })?;
            }
            "created" | "modified" | "version" => {
                let value = scanner.value()?;
                draft.keep.properties.insert(key.into_owned(), value);
            }
            _ => return Err(unknown(&["valid_from", "valid_to"])),
        }
        Ok(())
    })?;
    if valid != ValidTime::default() && !draft.versions.is_empty() {
        return Err(fault(Kind::InvalidInput, "recorded versions have their own valid times"));
    }
    set(&mut draft.input.temporal, valid)
}

fn version(scanner: &mut Scanner<'_>, number: u32) -> Result<Version, Fault> {
    let (mut at, mut author, mut message) = (None, None, None);
    let mut valid = ValidTime::default();
    let (mut changed, mut present) = (ModalitySet::EMPTY, ModalitySet::EMPTY);
    scanner.object(|scanner, key| {
        match &*key {
            "at" => at = Some(instant(scanner)?),
            "author" => author = Some(owned(scanner)?),
            "message" => message = opt_text(scanner)?,
            "valid_from" => valid.from = opt_instant(scanner)?,
            "valid_to" => valid.to = opt_instant(scanner)?,
            "changed" => changed = modalities(scanner)?,
            "present" => present = modalities(scanner)?,
            _ => return Err(unknown(&["at", "author", "message", "changed", "present"])),
        }
        Ok(())
    })?;
    let missing = |key: &str| Fault::new(Kind::InvalidInput, key, "missing");
    let at = at.ok_or_else(|| missing("at"))?;
    let author = author.ok_or_else(|| missing("author"))?;
    Ok(Version { number, at, author, message, valid, changed, present })
}

fn modality_named(name: &str) -> Result<Modality, Fault> {
    Modality::from_keyword(name)
        .ok_or_else(|| fault(Kind::InvalidInput, format!("`{name}` is no modality")))
}

fn modalities(scanner: &mut Scanner<'_>) -> Result<ModalitySet, Fault> {
    let mut set = ModalitySet::EMPTY;
    scanner.array(|scanner| {
        set.insert(modality_named(&scanner.string()?)?);
        Ok(())
    })?;
    Ok(set)
}

/// Where records come from, as the database knew it that wrote the line.
pub(super) fn origins(draft: &mut Draft, scanner: &mut Scanner<'_>) -> Done {
    scanner.object(|scanner, key| {
        let modality =
            Modality::from_keyword(&key).ok_or_else(|| unknown(&CONTENTS.map(Modality::name)))?;
        let stamped = stamped(scanner)?;
        if draft.input.stamps.insert(modality, stamped).is_some() {
            return Err(twice());
        }
        Ok(())
    })
}

fn stamped(scanner: &mut Scanner<'_>) -> Result<Stamped, Fault> {
    let (mut name, mut dimension, mut parameters) = (None, 0, String::new());
    let mut derived_from = Vec::new();
    scanner.object(|scanner, key| {
        match &*key {
            "producer" => set(&mut name, owned(scanner)?)?,
            "dimension" => dimension = small(scanner)?,
            "parameters" => parameters = owned(scanner)?,
            "of" => scanner.array(|scanner| {
                derived_from.push(derivation(scanner)?);
                Ok(())
            })?,
            _ => return Err(unknown(&["producer", "dimension", "parameters", "of"])),
        }
        Ok(())
    })?;
    let producer = match name {
        Some(name) => Producer::Model { name, dimension, parameters },
        None => Producer::User,
    };
    Ok(Stamped { producer, derived_from })
}

fn derivation(scanner: &mut Scanner<'_>) -> Result<Derivation, Fault> {
    let (mut modality, mut hash, mut version) = (None, None, 0);
    scanner.object(|scanner, key| {
        match &*key {
            "modality" => {
                let name = scanner.string()?;
                let found = Modality::from_keyword(&name);
                let wrong = || fault(Kind::InvalidInput, format!("`{name}` is no modality"));
                set(&mut modality, found.ok_or_else(wrong)?)?;
            }
            "hash" => {
                let text = scanner.string()?;
                let wrong = || fault(Kind::InvalidInput, "not the hash of a record");
                set(&mut hash, ContentHash::from_hex(&text).ok_or_else(wrong)?)?;
            }
            "version" => version = small(scanner)?,
            _ => return Err(unknown(&["modality", "hash", "version"])),
        }
        Ok(())
    })?;
    let missing = |key: &str| Fault::new(Kind::InvalidInput, key, "missing");
    Ok(Derivation {
        modality: modality.ok_or_else(|| missing("modality"))?,
        content_hash: hash.ok_or_else(|| missing("hash"))?,
        version,
    })
}

fn small(scanner: &mut Scanner<'_>) -> Result<u32, Fault> {
    let wrong = |_| fault(Kind::InvalidInput, "not a count");
    u32::try_from(scanner.i64()?).map_err(wrong)
}

/// A list of events, or one, or `{"origin":..,"actor":..,"chain":[WORD,..]}`.
pub(super) fn provenance(draft: &mut Draft, scanner: &mut Scanner<'_>) -> Done {
    if scanner.peek() == Some(b'[') {
        return scanner.array(|scanner| event(draft, scanner));
    }
    event(draft, scanner)
}

/// One event as stated, or as recorded when it brings its time and hash.
fn event(draft: &mut Draft, scanner: &mut Scanner<'_>) -> Done {
    const KEYS: &[&str] = &["event", "actor", "source", "description", "digest"];
    let mut input = ProvenanceInput::default();
    let (mut word, mut chain, mut recorded) = (None, None, Recorded::default());
    scanner.object(|scanner, key| {
        match &*key {
            "event" | "event_type" => set(&mut word, owned(scanner)?)?,
            "actor" => input.actor = opt_text(scanner)?,
            "source" | "origin" if input.source.is_none() => input.source = opt_text(scanner)?,
            "description" => input.description = opt_text(scanner)?,
            "digest" => input.digest = opt_text(scanner)?,
            "chain" => {
                let mut words = Vec::new();
                types(&mut words, scanner)?;
                chain = Some(words);
            }
            "at" => recorded.at = Some(instant(scanner)?),
            "hash" => recorded.hash = Some(hash(scanner)?),
            "contents" => recorded.contents = contents(scanner)?,
            "source" | "origin" => return Err(twice()),
            _ => return Err(unknown(KEYS)),
        }
        Ok(())
    })?;
    if let Some(words) = chain {
        let words = if words.is_empty() { vec!["imported".to_owned()] } else { words };
        draft
            .input
            .provenance
            .extend(words.into_iter().map(|event| ProvenanceInput { event, ..input.clone() }));
        return Ok(());
    }
    input.event = word.ok_or_else(|| Fault::new(Kind::InvalidInput, "event", "missing"))?;
    match recorded {
        Recorded { at: None, hash: None, contents } if contents.is_empty() => {
            draft.input.provenance.push(input);
        }
        Recorded { at: Some(at), hash: Some(hash), contents } => {
            let event = recorded_event(&draft.events, input, at, hash, contents)?;
            draft.events.push(event);
        }
        _ => {
            let message = "a recorded event has its time (`at`), its `hash` and an actor";
            return Err(fault(Kind::InvalidInput, message));
        }
    }
    if !(draft.events.is_empty() || draft.input.provenance.is_empty()) {
        let message = "recorded events and new ones in one chain";
        return Err(fault(Kind::InvalidInput, message));
    }
    Ok(())
}

/// What an event of an export has beside its words.
#[derive(Default)]
struct Recorded {
    at: Option<Timestamp>,
    hash: Option<ContentHash>,
    contents: Vec<(Modality, ContentHash)>,
}

fn recorded_event(
    before: &[Event],
    input: ProvenanceInput,
    at: Timestamp,
    hash: ContentHash,
    contents: Vec<(Modality, ContentHash)>,
) -> Result<Event, Fault> {
    let missing = || Fault::new(Kind::InvalidInput, "actor", "missing");
    Ok(Event {
        number: before.len() as u32 + 1,
        event_type: input.event,
        actor: input.actor.ok_or_else(missing)?,
        source: input.source,
        description: input.description,
        digest: input.digest,
        at,
        contents,
        previous: before.last().map_or(ContentHash::ZERO, |event| event.hash),
        hash,
    })
}

fn hash(scanner: &mut Scanner<'_>) -> Result<ContentHash, Fault> {
    let text = scanner.string()?;
    ContentHash::from_hex(&text)
        .ok_or_else(|| fault(Kind::InvalidInput, "a hash is 64 hexadecimal digits"))
}

fn contents(scanner: &mut Scanner<'_>) -> Result<Vec<(Modality, ContentHash)>, Fault> {
    let mut contents = Vec::new();
    scanner.object(|scanner, key| {
        contents.push((modality_named(&key)?, hash(scanner)?));
        Ok(())
    })?;
    contents.sort_unstable_by_key(|(modality, _)| *modality);
    Ok(contents)
}

/// What the JSON of a place says.
#[derive(Default)]
struct Said {
    latitude: Option<f64>,
    longitude: Option<f64>,
    altitude: Option<f64>,
    kind: Option<String>,
    coordinates: Option<Value>,
}

/// `{"latitude":..,"longitude":..,"altitude":..}` or GeoJSON; `lat`, `lon`, `label` of other systems.
pub(super) fn spatial(draft: &mut Draft, scanner: &mut Scanner<'_>) -> Done {
    let mut said = Said::default();
    place_keys(draft, scanner, &mut said)?;
    let place = place(said)?;
    set(&mut draft.input.spatial, place)
}

fn place_keys(draft: &mut Draft, scanner: &mut Scanner<'_>, said: &mut Said) -> Done {
    scanner.object(|scanner, key| match &*key {
        "latitude" | "lat" => set(&mut said.latitude, scanner.f64()?),
        "longitude" | "lon" => set(&mut said.longitude, scanner.f64()?),
        "altitude" => {
            said.altitude = if scanner.null() { None } else { Some(scanner.f64()?) };
            Ok(())
        }
        "type" | "geometry_type" => set(&mut said.kind, owned(scanner)?),
        "coordinates" => set(&mut said.coordinates, scanner.value()?),
        "geometry" => place_keys(draft, scanner, said),
        "srid" => match scanner.i64()? {
            4326 => Ok(()),
            other => Err(fault(
                Kind::InvalidCoordinates,
                format!("SRID {other} is not supported, only 4326"),
            )),
        },
        "label" | "properties" => {
            let name = if key == "label" { "place" } else { "place_properties" };
            let value = scanner.value()?;
            if !matches!(&value, Value::Null)
                && value != Value::Map(std::collections::BTreeMap::new())
            {
                draft.keep.properties.insert(name.to_owned(), value);
            }
            Ok(())
        }
        _ => Err(unknown(&["latitude", "longitude", "altitude", "type", "coordinates"])),
    })
}

fn place(said: Said) -> Result<Place, Fault> {
    let wrong = |key: &str, message: &str| Fault::new(Kind::InvalidCoordinates, key, message);
    let Said { latitude, longitude, mut altitude, kind, coordinates } = said;
    let point = kind.as_deref().is_none_or(|kind| kind.eq_ignore_ascii_case("point"));
    let Some(coordinates) = coordinates else {
        return match (latitude, longitude) {
            (Some(latitude), Some(longitude)) if point => {
                Ok(Place { geometry: Geometry::Point(Position { latitude, longitude }), altitude })
            }
            (Some(_), Some(_)) => Err(wrong("coordinates", "missing")),
            (None, _) => Err(wrong("latitude", "missing")),
            (_, None) => Err(wrong("longitude", "missing")),
        };
    };
    if latitude.is_some() || longitude.is_some() {
        return Err(wrong("coordinates", "stated beside latitude and longitude"));
    }
    let strange = || wrong("coordinates", "not what this type of geometry has");
    let kind = kind.unwrap_or_else(|| "Point".to_owned()).to_ascii_lowercase();
    let geometry = match kind.as_str() {
        "point" => {
            let (position, height) = position(&coordinates).ok_or_else(strange)?;
            altitude = altitude.or(height);
            Geometry::Point(position)
        }
        "linestring" => Geometry::LineString(line(&coordinates).ok_or_else(strange)?),
        "polygon" => {
            let Value::List(rings) = &coordinates else { return Err(strange()) };
            let rings: Option<Vec<_>> = rings.iter().map(line).collect();
            Geometry::Polygon(rings.ok_or_else(strange)?)
        }
        _ => return Err(wrong("type", "none of Point, LineString, Polygon")),
    };
    Ok(Place { geometry, altitude })
}

/// `[longitude, latitude]`, as GeoJSON has it, with an altitude for a point.
fn position(value: &Value) -> Option<(Position, Option<f64>)> {
    let Value::List(items) = value else { return None };
    let numbers: Vec<f64> = items.iter().map(Value::as_f64).collect::<Option<_>>()?;
    match numbers[..] {
        [longitude, latitude] => Some((Position { latitude, longitude }, None)),
        [longitude, latitude, altitude] => Some((Position { latitude, longitude }, Some(altitude))),
        _ => None,
    }
}

fn line(value: &Value) -> Option<Vec<Position>> {
    let Value::List(items) = value else { return None };
    items.iter().map(|item| position(item).filter(|(_, h)| h.is_none()).map(|(p, _)| p)).collect()
}
