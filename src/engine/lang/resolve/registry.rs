//! The registered fields: what every hexad can be asked in every modality, whatever was stored.
//!
//! Documents, semantic properties, edge predicates and names of embeddings are dynamic: they are not
//! here, they come from the data. What is here is computed from a record ("how many edges", "is the
//! chain valid"), has one type for ever, and hides no user's field: `DOCUMENT` registers only `title`
//! and `body`. The types [`usual`] gives are what a document field of that name usually holds; they
//! decide only where nothing better is known.

use super::ty::Ty;
use crate::engine::base::Modality;

/// A field computed from the records of a hexad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Virtual {
    /// The predicates of its outgoing edges.
    GraphPredicate,
    /// Its own id, as the subject of its edges.
    GraphSubject,
    /// The ids its edges point to.
    GraphObject,
    /// Edges in and out.
    GraphDegree,
    /// Edges out.
    GraphOutDegree,
    /// Edges in.
    GraphInDegree,
    /// Degree centrality: the degree over the number of other hexads.
    GraphCentrality,
    /// Its outgoing edges as maps of `predicate`, `target` and `properties`.
    GraphEdges,
    /// The ids of its neighbors, both ways, each once.
    GraphNodes,
    /// The Euclidean norm of the embedding.
    VectorMagnitude,
    /// How many numbers the embedding has.
    VectorDimension,
    /// The model that made it.
    VectorModel,
    /// The names of all its embeddings.
    VectorNames,
    /// How many axes.
    TensorRank,
    /// The sizes along the axes.
    TensorShape,
    /// The element type.
    TensorDtype,
    /// The elements, nested along the axes.
    TensorData,
    /// How many elements.
    TensorSize,
    /// The mean of the elements.
    TensorMean,
    /// The population standard deviation of the elements.
    TensorStd,
    /// The least element.
    TensorMin,
    /// The greatest element.
    TensorMax,
    /// The sum of the elements.
    TensorSum,
    /// All semantic properties as a map.
    SemanticProperties,
    /// The contracts it satisfies.
    SemanticContract,
    /// Whether anybody verified it.
    SemanticVerified,
    /// Who verified it.
    SemanticVerifier,
    /// The kinds of proof its verifiers gave.
    SemanticProof,
    /// When it was verified.
    SemanticVerifiedAt,
    /// The verifications as maps.
    SemanticVerifications,
    /// The number of the version read.
    TemporalVersion,
    /// How many versions there are.
    TemporalVersions,
    /// When the version read was committed.
    TemporalModified,
    /// When the first version was committed.
    TemporalCreated,
    /// Who wrote the version read.
    TemporalActor,
    /// Why, as its writer said.
    TemporalMessage,
    /// From when on it is true in the world.
    TemporalValidFrom,
    /// Until when it is true in the world.
    TemporalValidTo,
    /// All versions as maps.
    TemporalHistory,
    /// Who acted, event by event.
    ProvenanceActor,
    /// Where it came from, event by event.
    ProvenanceOrigin,
    /// What happened, event by event.
    ProvenanceEventType,
    /// The descriptions of the events.
    ProvenanceDescription,
    /// The digests its sources gave.
    ProvenanceDigest,
    /// When the events were recorded.
    ProvenanceTimestamp,
    /// How many events.
    ProvenanceChainLength,
    /// Whether every event still has the hash the next one states.
    ProvenanceChainValid,
    /// The hash of the last event.
    ProvenanceContentHash,
    /// All events as maps.
    ProvenanceChain,
    /// Degrees north; of a line or an area, of the middle of its box.
    SpatialLatitude,
    /// Degrees east; of a line or an area, of the middle of its box.
    SpatialLongitude,
    /// Meters above the ellipsoid.
    SpatialAltitude,
    /// `Point`, `LineString` or `Polygon`.
    SpatialGeometryType,
    /// Always 4326.
    SpatialSrid,
    /// The geometry as GeoJSON.
    SpatialGeometry,
}

/// What a registered name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A computed field.
    Virtual(Virtual),
    /// The id of the hexad.
    Id,
    /// Its semantic types.
    Types,
    /// Its default embedding.
    Embedding,
    /// The title of the document.
    Title,
    /// The body of the document.
    Body,
    /// How well the row ranks.
    Score,
    /// How far it is, in kilometers.
    DistanceKm,
}

/// One registered field.
#[derive(Clone, Copy, Debug)]
pub struct Registered {
    /// Of which modality.
    pub modality: Modality,
    /// The name, and then the other names it is known by.
    pub names: &'static [&'static str],
    /// What it addresses.
    pub target: Target,
    /// Its type; of the elements, when there are several.
    pub ty: Ty,
    /// There may be several: a comparison holds when it holds for one of them.
    pub many: bool,
}

/// Finds `name`, in any case, among the registered fields of `modality`.
pub fn registered(modality: Modality, name: &str) -> Option<&'static Registered> {
    REGISTRY
        .iter()
        .find(|f| f.modality == modality && f.names.iter().any(|n| n.eq_ignore_ascii_case(name)))
}

/// The canonical names of the registered fields of `modality`, for completion and did-you-mean.
pub fn registered_names(modality: Modality) -> impl Iterator<Item = &'static str> {
    REGISTRY.iter().filter(move |f| f.modality == modality).filter_map(|f| f.names.first().copied())
}

/// The type a document field of this name usually has, where nothing is known of the data.
pub fn usual(name: &str) -> Option<Ty> {
    let ty = match name.to_ascii_lowercase().as_str() {
        "title" | "body" | "name" | "author" | "doi" => Ty::Text,
        "severity" | "year" | "count" | "total" => Ty::Int,
        "impact_factor" => Ty::Float,
        _ => return None,
    };
    Some(ty)
}

const fn one(
    modality: Modality,
    names: &'static [&'static str],
    target: Target,
    ty: Ty,
) -> Registered {
    Registered { modality, names, target, ty, many: false }
}

const fn many(
    modality: Modality,
    names: &'static [&'static str],
    target: Target,
    ty: Ty,
) -> Registered {
    Registered { modality, names, target, ty, many: true }
}

use Modality::{Document, Graph, Provenance, Semantic, Spatial, Temporal, Tensor, Vector};
use Target::Virtual as V;
use Virtual as F;

/// Every registered field, by modality.
pub const REGISTRY: &[Registered] = &[
    many(
        Graph,
        &["predicate", "predicates", "edge_type", "relation"],
        V(F::GraphPredicate),
        Ty::Text,
    ),
    one(Graph, &["subject"], V(F::GraphSubject), Ty::Text),
    many(Graph, &["object", "target", "targets"], V(F::GraphObject), Ty::Text),
    one(Graph, &["degree"], V(F::GraphDegree), Ty::Int),
    one(Graph, &["out_degree"], V(F::GraphOutDegree), Ty::Int),
    one(Graph, &["in_degree"], V(F::GraphInDegree), Ty::Int),
    one(Graph, &["centrality", "importance"], V(F::GraphCentrality), Ty::Float),
    one(Graph, &["edges", "relationships"], V(F::GraphEdges), Ty::List),
    many(Graph, &["nodes", "neighbors"], V(F::GraphNodes), Ty::Text),
    many(Graph, &["type", "types"], Target::Types, Ty::Text),
    one(Vector, &["embedding"], Target::Embedding, Ty::Vector(None)),
    one(Vector, &["magnitude", "norm"], V(F::VectorMagnitude), Ty::Float),
    one(Vector, &["dimension", "dimensions"], V(F::VectorDimension), Ty::Int),
    one(Vector, &["model"], V(F::VectorModel), Ty::Text),
    many(Vector, &["names"], V(F::VectorNames), Ty::Text),
    one(Vector, &["similarity", "score"], Target::Score, Ty::Float),
    one(Tensor, &["rank"], V(F::TensorRank), Ty::Int),
    one(Tensor, &["shape"], V(F::TensorShape), Ty::List),
    one(Tensor, &["dtype"], V(F::TensorDtype), Ty::Text),
    one(Tensor, &["data"], V(F::TensorData), Ty::List),
    one(Tensor, &["size"], V(F::TensorSize), Ty::Int),
    one(Tensor, &["mean"], V(F::TensorMean), Ty::Float),
    one(Tensor, &["std", "stddev"], V(F::TensorStd), Ty::Float),
    one(Tensor, &["min"], V(F::TensorMin), Ty::Float),
    one(Tensor, &["max"], V(F::TensorMax), Ty::Float),
    one(Tensor, &["sum"], V(F::TensorSum), Ty::Float),
    many(Semantic, &["types", "type"], Target::Types, Ty::Text),
    one(Semantic, &["properties"], V(F::SemanticProperties), Ty::Map),
    many(Semantic, &["contract", "contracts"], V(F::SemanticContract), Ty::Text),
    one(Semantic, &["verified"], V(F::SemanticVerified), Ty::Bool),
    many(Semantic, &["verifier", "verifiers"], V(F::SemanticVerifier), Ty::Text),
    many(Semantic, &["proof", "proofs"], V(F::SemanticProof), Ty::Text),
    many(Semantic, &["verified_at"], V(F::SemanticVerifiedAt), Ty::Time),
    one(Semantic, &["verifications"], V(F::SemanticVerifications), Ty::List),
    one(Document, &["title"], Target::Title, Ty::Text),
    one(Document, &["body"], Target::Body, Ty::Text),
    // Some texts compare a version with a number and some with a name, so its type rules out nothing.
    one(Temporal, &["version"], V(F::TemporalVersion), Ty::Any),
    one(Temporal, &["versions", "version_count"], V(F::TemporalVersions), Ty::Int),
    one(
        Temporal,
        &["modified", "timestamp", "modified_at", "updated", "updated_at", "last_modified"],
        V(F::TemporalModified),
        Ty::Time,
    ),
    one(Temporal, &["created", "created_at"], V(F::TemporalCreated), Ty::Time),
    one(Temporal, &["actor", "author", "modified_by"], V(F::TemporalActor), Ty::Text),
    one(Temporal, &["message"], V(F::TemporalMessage), Ty::Text),
    one(Temporal, &["valid_from"], V(F::TemporalValidFrom), Ty::Time),
    one(Temporal, &["valid_to"], V(F::TemporalValidTo), Ty::Time),
    one(Temporal, &["history"], V(F::TemporalHistory), Ty::List),
    many(Provenance, &["actor", "actors"], V(F::ProvenanceActor), Ty::Text),
    many(Provenance, &["origin", "source"], V(F::ProvenanceOrigin), Ty::Text),
    many(Provenance, &["event_type", "event"], V(F::ProvenanceEventType), Ty::Text),
    many(Provenance, &["description"], V(F::ProvenanceDescription), Ty::Text),
    many(Provenance, &["digest"], V(F::ProvenanceDigest), Ty::Text),
    many(Provenance, &["timestamp", "at"], V(F::ProvenanceTimestamp), Ty::Time),
    one(Provenance, &["chain_length", "length"], V(F::ProvenanceChainLength), Ty::Int),
    one(Provenance, &["chain_valid", "valid"], V(F::ProvenanceChainValid), Ty::Bool),
    one(Provenance, &["content_hash", "hash"], V(F::ProvenanceContentHash), Ty::Text),
    one(Provenance, &["chain", "events", "records"], V(F::ProvenanceChain), Ty::List),
    one(Spatial, &["latitude", "lat"], V(F::SpatialLatitude), Ty::Float),
    one(Spatial, &["longitude", "lon", "lng"], V(F::SpatialLongitude), Ty::Float),
    one(Spatial, &["altitude"], V(F::SpatialAltitude), Ty::Float),
    one(Spatial, &["geometry_type", "type"], V(F::SpatialGeometryType), Ty::Text),
    one(Spatial, &["srid"], V(F::SpatialSrid), Ty::Int),
    one(Spatial, &["geometry"], V(F::SpatialGeometry), Ty::Map),
    one(Spatial, &["distance_km", "distance"], Target::DistanceKm, Ty::Float),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_registered_twice() {
        let mut seen = std::collections::BTreeSet::new();
        for field in REGISTRY {
            for name in field.names {
                assert!(seen.insert((field.modality, *name)), "{} {name}", field.modality);
                assert_eq!(*name, name.to_ascii_lowercase());
            }
        }
    }

    #[test]
    fn names_are_found_in_any_case() {
        let found = registered(Graph, "Importance").map(|f| f.target);
        assert_eq!(found, Some(V(F::GraphCentrality)));
        assert!(registered(Document, "severity").is_none());
    }
}
