//! What a writer says of an entity, before it is written.

use crate::engine::base::HexadId;
use crate::engine::modality::document::Document;
use crate::engine::modality::graph::Edges;
use crate::engine::modality::semantic::Semantics;
use crate::engine::modality::spatial::Place;
use crate::engine::modality::temporal::ValidTime;
use crate::engine::modality::tensor::Tensor;
use crate::engine::modality::vector::Embeddings;

/// A hexad as a user or an import gives it: every modality optional.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HexadInput {
    /// The name; generated (UUID v7) when missing.
    pub id: Option<HexadId>,
    /// Text and fields.
    pub document: Option<Document>,
    /// Embeddings.
    pub vector: Option<Embeddings>,
    /// Edges.
    pub graph: Option<Edges>,
    /// Types and properties.
    pub semantic: Option<Semantics>,
    /// An array.
    pub tensor: Option<Tensor>,
    /// Valid time; commit time is not the user's to say.
    pub temporal: Option<ValidTime>,
    /// Events to record before the automatic one.
    pub provenance: Vec<ProvenanceInput>,
    /// A place.
    pub spatial: Option<Place>,
}

/// An event as a user states it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProvenanceInput {
    /// What happened.
    pub event: String,
    /// Who did it.
    pub actor: Option<String>,
    /// Where it came from.
    pub source: Option<String>,
    /// In words.
    pub description: Option<String>,
    /// A digest of the source.
    pub digest: Option<String>,
}
