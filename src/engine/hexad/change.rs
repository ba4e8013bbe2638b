//! Changes to a part of an entity, as `UPDATE .. SET` makes them. They are values; `write` applies
//! them.

use crate::engine::base::{HexadId, Modality, Value};
use crate::engine::hexad::{Origin, ProvenanceInput};
use crate::engine::modality::document::Document;
use crate::engine::modality::graph::{Edge, Edges};
use crate::engine::modality::semantic::{Semantics, Verification};
use crate::engine::modality::spatial::Place;
use crate::engine::modality::temporal::ValidTime;
use crate::engine::modality::tensor::Tensor;
use crate::engine::modality::vector::{Embedding, Embeddings};
use crate::engine::store::{Derivation, Producer};

/// One change. Several are made in the order given.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A field of the document, `title` and `body` among them (which take text, or null for none).
    SetField(String, Value),
    /// A field of the document goes; nothing happens when there is none.
    UnsetField(String),
    /// The whole document.
    Document(Document),
    /// One embedding, by name.
    SetEmbedding(String, Embedding),
    /// All embeddings.
    Vector(Embeddings),
    /// One edge; replaces that with the same predicate (in any case) and target.
    AddEdge(Edge),
    /// Edges with this predicate (in any case; `None` for all) and target go.
    RemoveEdge(Option<String>, HexadId),
    /// All edges.
    Graph(Edges),
    /// One more type.
    AddType(String),
    /// A type goes.
    RemoveType(String),
    /// A property.
    SetProperty(String, Value),
    /// A property goes.
    UnsetProperty(String),
    /// One more statement of a verifier.
    Verify(Verification),
    /// Types, properties and verifications.
    Semantic(Semantics),
    /// The array.
    Tensor(Tensor),
    /// The place.
    Spatial(Place),
    /// When it is true.
    Temporal(ValidTime),
    /// What happened; replaces the automatic event of the write.
    Event(ProvenanceInput),
    /// The modality, which another change states, was made of others. Without it, its writer gave it.
    Made(Modality, Origin),
    /// The whole modality goes. Versions and events cannot go.
    Remove(Modality),
    /// A record as it was stored once, byte for byte: for putting back what was.
    Put(Modality, Stored),
    /// The last event of the write speaks of every modality the hexad has, changed or not.
    Attest,
    /// A version although nothing changes, that says: the faults in those before it are known.
    RepairVersions,
}

/// A record as it was.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// The canonical bytes.
    pub body: Vec<u8>,
    /// Who made it.
    pub producer: Producer,
    /// What it was made from.
    pub derived_from: Vec<Derivation>,
}

/// What is wrong with a change, as the key and the reason.
pub(super) type Refusal = (&'static str, String);

/// Sets a field, title and body where they belong.
pub(super) fn set_field(
    document: &mut Document,
    name: String,
    value: Value,
) -> Result<(), Refusal> {
    let text = match name.as_str() {
        "title" => &mut document.title,
        "body" => &mut document.body,
        _ => {
            document.fields.insert(name, value);
            return Ok(());
        }
    };
    *text = match value {
        Value::Null => None,
        Value::Text(text) => Some(text),
        other => {
            let key = if name == "title" { "document.title" } else { "document.body" };
            return Err((key, format!("{name} takes text, not {}", other.type_name())));
        }
    };
    Ok(())
}

/// Takes a field away.
pub(super) fn unset_field(document: &mut Document, name: &str) {
    match name {
        "title" => document.title = None,
        "body" => document.body = None,
        _ => drop(document.fields.remove(name)),
    }
}

/// Takes edges away.
pub(super) fn remove_edges(edges: &mut Edges, predicate: Option<&str>, target: &HexadId) {
    edges.edges.retain(|edge| {
        let same = predicate.is_none_or(|p| p.eq_ignore_ascii_case(&edge.predicate));
        !(same && edge.target == *target)
    });
}
