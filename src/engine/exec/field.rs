//! The value of a field of one hexad: the places a name addresses, looked up in order.

use crate::engine::base::{Modality, Result, Value};
use crate::engine::exec::content;
use crate::engine::exec::context::Context;
use crate::engine::exec::drift;
use crate::engine::exec::entity::Entity;
use crate::engine::exec::row::Row;
use crate::engine::lang::resolve::registry::Virtual;
use crate::engine::lang::resolve::{FieldRef, Place, Pseudo};
use crate::engine::modality::document::Document;
use crate::engine::modality::graph::{Direction, Follow};
use crate::engine::modality::provenance::chain::Chain;

/// The first place that is not null.
pub fn value<'v>(ctx: &Context<'v>, row: &Row<'v>, field: &FieldRef) -> Result<Value> {
    for place in &field.places {
        let value = at(ctx, row, place)?;
        if !value.is_null() {
            return Ok(value);
        }
    }
    Ok(Value::Null)
}

fn at<'v>(ctx: &Context<'v>, row: &Row<'v>, place: &Place) -> Result<Value> {
    let entity = row.entity.as_ref();
    Ok(match place {
        Place::Id => entity.id().as_str().into(),
        Place::Types => texts(entity.semantic()?.map(|s| s.types.clone()).unwrap_or_default()),
        Place::Whole(modality) => content::modality(entity, *modality)?,
        Place::Virtual(field) => computed(ctx, row, *field)?,
        Place::Document(path) => entity.document()?.map_or(Value::Null, |d| in_document(d, path)),
        Place::Property(path) => match entity.semantic()? {
            Some(semantics) => {
                let path: Vec<&str> = path.iter().map(String::as_str).collect();
                semantics.property(&path).cloned().unwrap_or_default()
            }
            None => Value::Null,
        },
        Place::Embedding(name) => match entity.vector()?.and_then(|v| v.named.get(name)) {
            Some(embedding) => Value::Vector(embedding.data.clone()),
            None => Value::Null,
        },
        Place::EdgeTargets(predicate) => some_texts(match entity.graph()? {
            Some(graph) => graph
                .edges
                .iter()
                .filter(|e| e.predicate.eq_ignore_ascii_case(predicate))
                .map(|e| e.target.as_str().to_owned())
                .collect(),
            None => vec![],
        }),
        Place::Pseudo(pseudo) => beside(ctx, row, *pseudo)?,
    })
}

/// A field of a document; a name with dots in it is found too, and before a path.
pub fn in_document(document: &Document, path: &[String]) -> Value {
    match path {
        [only] if only.eq_ignore_ascii_case("title") && document.title.is_some() => {
            return document.title.clone().map_or(Value::Null, Value::Text);
        }
        [only] if only.eq_ignore_ascii_case("body") && document.body.is_some() => {
            return document.body.clone().map_or(Value::Null, Value::Text);
        }
        [only] => return document.fields.get(only).cloned().unwrap_or_default(),
        _ => {}
    }
    if let Some(value) = document.fields.get(&path.join(".")) {
        return value.clone();
    }
    let Some((first, rest)) = path.split_first() else { return Value::Null };
    let Some(mut value) = document.fields.get(first) else { return Value::Null };
    for name in rest {
        match value {
            Value::Map(map) => match map.get(name) {
                Some(inner) => value = inner,
                None => return Value::Null,
            },
            _ => return Value::Null,
        }
    }
    value.clone()
}

fn texts(items: Vec<String>) -> Value {
    if items.is_empty() {
        return Value::Null;
    }
    Value::List(items.into_iter().map(Value::Text).collect())
}

fn some_texts(items: Vec<String>) -> Value {
    texts(items)
}

fn distinct(mut items: Vec<String>) -> Value {
    let mut seen = std::collections::BTreeSet::new();
    items.retain(|item| seen.insert(item.clone()));
    texts(items)
}

fn int(n: u64) -> Value {
    Value::Int(n as i64)
}

fn beside(ctx: &Context<'_>, row: &Row<'_>, pseudo: Pseudo) -> Result<Value> {
    let entity = row.entity.as_ref();
    let float = |x: Option<f64>| x.map_or(Value::Null, Value::Float);
    Ok(match pseudo {
        Pseudo::Score => float(row.score),
        Pseudo::Similarity => float(row.similarity),
        Pseudo::DistanceKm => float(row.distance_km),
        Pseudo::DriftScore => float(ctx.drift(entity)?.worst().map(|(_, score)| score)),
        Pseudo::DriftType => match ctx.drift(entity)?.worst() {
            Some((kind, _)) => kind.name().into(),
            None => Value::Null,
        },
        Pseudo::Coherence => float(ctx.drift(entity)?.worst().map(|(_, score)| 1.0 - score)),
        Pseudo::DriftedModalities => {
            let drifted = drift::drifted(ctx, entity, &ctx.drift(entity)?)?;
            some_texts(drifted.iter().map(|m| m.name().to_owned()).collect())
        }
        Pseudo::Version => Value::Int(i64::from(entity.asked_version())),
        Pseudo::CreatedAt => Value::Time(entity.header().created_at),
        Pseudo::ModifiedAt => Value::Time(entity.asked_modified_at()),
        Pseudo::Modalities => {
            some_texts(entity.asked_present().iter().map(|m| m.name().to_owned()).collect())
        }
    })
}

fn computed<'v>(ctx: &Context<'v>, row: &Row<'v>, field: Virtual) -> Result<Value> {
    use Virtual as V;
    let entity = row.entity.as_ref();
    match field {
        V::GraphPredicate
        | V::GraphSubject
        | V::GraphObject
        | V::GraphDegree
        | V::GraphOutDegree
        | V::GraphInDegree
        | V::GraphCentrality
        | V::GraphEdges
        | V::GraphNodes => of_graph(ctx, entity, field),
        V::VectorMagnitude | V::VectorDimension | V::VectorModel | V::VectorNames => {
            of_vector(entity, field)
        }
        V::TensorRank
        | V::TensorShape
        | V::TensorDtype
        | V::TensorData
        | V::TensorSize
        | V::TensorMean
        | V::TensorStd
        | V::TensorMin
        | V::TensorMax
        | V::TensorSum => of_tensor(entity, field),
        V::SemanticProperties
        | V::SemanticContract
        | V::SemanticVerified
        | V::SemanticVerifier
        | V::SemanticProof
        | V::SemanticVerifiedAt
        | V::SemanticVerifications => of_semantic(ctx, row, field),
        V::TemporalVersion
        | V::TemporalVersions
        | V::TemporalModified
        | V::TemporalCreated
        | V::TemporalActor
        | V::TemporalMessage
        | V::TemporalValidFrom
        | V::TemporalValidTo
        | V::TemporalHistory => of_temporal(entity, field),
        V::ProvenanceActor
        | V::ProvenanceOrigin
        | V::ProvenanceEventType
        | V::ProvenanceDescription
        | V::ProvenanceDigest
        | V::ProvenanceTimestamp
        | V::ProvenanceChainLength
        | V::ProvenanceChainValid
        | V::ProvenanceContentHash
        | V::ProvenanceChain => of_provenance(entity, field),
        V::SpatialLatitude
        | V::SpatialLongitude
        | V::SpatialAltitude
        | V::SpatialGeometryType
        | V::SpatialSrid
        | V::SpatialGeometry => of_spatial(entity, field),
    }
}

fn of_graph(ctx: &Context<'_>, entity: &Entity<'_>, field: Virtual) -> Result<Value> {
    let edges = entity.graph()?.map(|g| g.edges.as_slice()).unwrap_or_default();
    let incoming =
        || -> Result<u64> { ctx.graph()?.degree(entity.iid().0, Follow::Any, Direction::In) };
    Ok(match field {
        Virtual::GraphPredicate => distinct(edges.iter().map(|e| e.predicate.clone()).collect()),
        Virtual::GraphSubject if edges.is_empty() => Value::Null,
        Virtual::GraphSubject => entity.id().as_str().into(),
        Virtual::GraphObject => {
            distinct(edges.iter().map(|e| e.target.as_str().to_owned()).collect())
        }
        Virtual::GraphOutDegree => int(edges.len() as u64),
        Virtual::GraphInDegree => int(incoming()?),
        Virtual::GraphDegree => int(edges.len() as u64 + incoming()?),
        Virtual::GraphCentrality => {
            let others = ctx.population()?.saturating_sub(1);
            let degree = edges.len() as u64 + incoming()?;
            if others == 0 { Value::Null } else { Value::Float(degree as f64 / others as f64) }
        }
        Virtual::GraphEdges => Value::List(edges.iter().map(content::edge).collect()),
        Virtual::GraphNodes => neighbors(ctx, entity)?,
        _ => Value::Null,
    })
}

fn neighbors(ctx: &Context<'_>, entity: &Entity<'_>) -> Result<Value> {
    let mut ids = std::collections::BTreeSet::new();
    if let Some(graph) = entity.graph()? {
        ids.extend(graph.edges.iter().map(|e| e.target.as_str().to_owned()));
    }
    let mut sources = vec![];
    ctx.graph()?.visit(entity.iid().0, Follow::Any, Direction::In, &mut |_, source| {
        sources.push(source);
    })?;
    for source in sources {
        ids.insert(ctx.id_of(source)?);
    }
    Ok(texts(ids.into_iter().collect()))
}

fn of_vector(entity: &Entity<'_>, field: Virtual) -> Result<Value> {
    let Some(vectors) = entity.vector()? else { return Ok(Value::Null) };
    let one = vectors.named.get(crate::engine::modality::vector::DEFAULT_NAME);
    Ok(match field {
        Virtual::VectorNames => some_texts(vectors.named.keys().cloned().collect()),
        Virtual::VectorDimension => one.map_or(Value::Null, |e| int(e.data.len() as u64)),
        Virtual::VectorModel => one.and_then(|e| e.model.clone()).map_or(Value::Null, Value::Text),
        Virtual::VectorMagnitude => one.map_or(Value::Null, |e| {
            let squares: f64 = e.data.iter().map(|x| f64::from(*x) * f64::from(*x)).sum();
            Value::Float(squares.sqrt())
        }),
        _ => Value::Null,
    })
}

fn of_tensor(entity: &Entity<'_>, field: Virtual) -> Result<Value> {
    let Some(tensor) = entity.tensor()? else { return Ok(Value::Null) };
    let name = match field {
        Virtual::TensorData => return Ok(content::nested(&tensor.shape, &tensor.values())),
        Virtual::TensorRank => "rank",
        Virtual::TensorShape => "shape",
        Virtual::TensorDtype => "dtype",
        Virtual::TensorSize => "size",
        Virtual::TensorMean => "mean",
        Virtual::TensorStd => "std",
        Virtual::TensorMin => "min",
        Virtual::TensorMax => "max",
        Virtual::TensorSum => "sum",
        _ => return Ok(Value::Null),
    };
    Ok(tensor.field(name).unwrap_or_default())
}

fn of_semantic<'v>(ctx: &Context<'v>, row: &Row<'v>, field: Virtual) -> Result<Value> {
    if field == Virtual::SemanticContract {
        return Ok(texts(ctx.satisfied_contracts(row)?));
    }
    let Some(semantics) = row.entity.semantic()? else { return Ok(Value::Null) };
    let given = &semantics.verifications;
    Ok(match field {
        Virtual::SemanticProperties => Value::Map(semantics.properties.clone()),
        Virtual::SemanticVerified => Value::Bool(!given.is_empty()),
        Virtual::SemanticVerifier => distinct(given.iter().map(|v| v.verifier.clone()).collect()),
        Virtual::SemanticProof => distinct(semantics.proofs().map(str::to_owned).collect()),
        Virtual::SemanticVerifiedAt => {
            let times: Vec<Value> = given.iter().filter_map(|v| v.at.map(Value::Time)).collect();
            if times.is_empty() { Value::Null } else { Value::List(times) }
        }
        Virtual::SemanticVerifications => {
            Value::List(given.iter().map(content::verification).collect())
        }
        _ => Value::Null,
    })
}

fn of_temporal(entity: &Entity<'_>, field: Virtual) -> Result<Value> {
    Ok(match field {
        Virtual::TemporalVersion => Value::Int(i64::from(entity.asked_version())),
        Virtual::TemporalVersions => int(entity.versions()?.len() as u64),
        Virtual::TemporalModified => Value::Time(entity.asked_modified_at()),
        Virtual::TemporalCreated => Value::Time(entity.header().created_at),
        Virtual::TemporalHistory => {
            Value::List(entity.versions()?.iter().map(content::version).collect())
        }
        _ => {
            let Some(version) = entity.current()? else { return Ok(Value::Null) };
            match field {
                Virtual::TemporalActor => Value::Text(version.author),
                Virtual::TemporalMessage => version.message.map_or(Value::Null, Value::Text),
                Virtual::TemporalValidFrom => version.valid.from.map_or(Value::Null, Value::Time),
                Virtual::TemporalValidTo => version.valid.to.map_or(Value::Null, Value::Time),
                _ => Value::Null,
            }
        }
    })
}

fn of_provenance(entity: &Entity<'_>, field: Virtual) -> Result<Value> {
    if !entity.present().contains(Modality::Provenance) && entity.events()?.is_empty() {
        return Ok(Value::Null);
    }
    let events = entity.events()?;
    let chain = Chain(events);
    let each = |pick: &dyn Fn(&crate::engine::modality::provenance::Event) -> Option<String>| {
        // Most chains name one actor, one origin: that is a text, not a list of one.
        match distinct(events.iter().filter_map(pick).collect()) {
            Value::List(mut items) if items.len() < 2 => items.pop().unwrap_or_default(),
            several => several,
        }
    };
    Ok(match field {
        Virtual::ProvenanceActor => each(&|e| Some(e.actor.clone())),
        Virtual::ProvenanceOrigin => each(&|e| e.source.clone()),
        Virtual::ProvenanceEventType => each(&|e| Some(e.event_type.clone())),
        Virtual::ProvenanceDescription => each(&|e| e.description.clone()),
        Virtual::ProvenanceDigest => each(&|e| e.digest.clone()),
        Virtual::ProvenanceTimestamp => {
            Value::List(events.iter().map(|e| Value::Time(e.at)).collect())
        }
        Virtual::ProvenanceChainLength => int(events.len() as u64),
        Virtual::ProvenanceChainValid => Value::Bool(chain.verify().is_valid()),
        Virtual::ProvenanceContentHash => chain.field("content_hash").unwrap_or_default(),
        Virtual::ProvenanceChain => Value::List(events.iter().map(content::event).collect()),
        _ => Value::Null,
    })
}

fn of_spatial(entity: &Entity<'_>, field: Virtual) -> Result<Value> {
    let Some(place) = entity.spatial()? else { return Ok(Value::Null) };
    let center = place.geometry.center();
    Ok(match field {
        Virtual::SpatialLatitude => center.map_or(Value::Null, |c| Value::Float(c.latitude)),
        Virtual::SpatialLongitude => center.map_or(Value::Null, |c| Value::Float(c.longitude)),
        Virtual::SpatialAltitude => place.altitude.map_or(Value::Null, Value::Float),
        Virtual::SpatialGeometryType => place.geometry.type_name().into(),
        Virtual::SpatialSrid => Value::Int(4326),
        Virtual::SpatialGeometry => content::geojson(&place.geometry),
        _ => Value::Null,
    })
}
