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
    /// One sentence about it, for the manual and completion.
    pub about: &'static str,
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
    about: &'static str,
) -> Registered {
    Registered { modality, names, target, ty, many: false, about }
}

const fn many(
    modality: Modality,
    names: &'static [&'static str],
    target: Target,
    ty: Ty,
    about: &'static str,
) -> Registered {
    Registered { modality, names, target, ty, many: true, about }
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
        "The predicates of its outgoing edges.",
    ),
    one(
        Graph,
        &["subject"],
        V(F::GraphSubject),
        Ty::Text,
        "Its own id, as the subject of its edges.",
    ),
    many(
        Graph,
        &["object", "target", "targets"],
        V(F::GraphObject),
        Ty::Text,
        "The ids its edges point to.",
    ),
    one(Graph, &["degree"], V(F::GraphDegree), Ty::Int, "Edges in and out."),
    one(Graph, &["out_degree"], V(F::GraphOutDegree), Ty::Int, "Edges out."),
    one(Graph, &["in_degree"], V(F::GraphInDegree), Ty::Int, "Edges in."),
    one(
        Graph,
        &["centrality", "importance"],
        V(F::GraphCentrality),
        Ty::Float,
        "Degree centrality: the degree over the number of other hexads.",
    ),
    one(
        Graph,
        &["edges", "relationships"],
        V(F::GraphEdges),
        Ty::List,
        "Its outgoing edges as maps of `predicate`, `target` and `properties`.",
    ),
    many(
        Graph,
        &["nodes", "neighbors"],
        V(F::GraphNodes),
        Ty::Text,
        "The ids of its neighbors, both ways, each once.",
    ),
    many(Graph, &["type", "types"], Target::Types, Ty::Text, "The semantic types."),
    one(Vector, &["embedding"], Target::Embedding, Ty::Vector(None), "The default embedding."),
    one(
        Vector,
        &["magnitude", "norm"],
        V(F::VectorMagnitude),
        Ty::Float,
        "The Euclidean norm of the embedding.",
    ),
    one(
        Vector,
        &["dimension", "dimensions"],
        V(F::VectorDimension),
        Ty::Int,
        "How many numbers the embedding has.",
    ),
    one(Vector, &["model"], V(F::VectorModel), Ty::Text, "The model that made it."),
    many(Vector, &["names"], V(F::VectorNames), Ty::Text, "The names of all its embeddings."),
    one(Vector, &["similarity", "score"], Target::Score, Ty::Float, "How well the row ranks."),
    one(Tensor, &["rank"], V(F::TensorRank), Ty::Int, "How many axes."),
    one(Tensor, &["shape"], V(F::TensorShape), Ty::List, "The sizes along the axes."),
    one(Tensor, &["dtype"], V(F::TensorDtype), Ty::Text, "The element type."),
    one(Tensor, &["data"], V(F::TensorData), Ty::List, "The elements, nested along the axes."),
    one(Tensor, &["size"], V(F::TensorSize), Ty::Int, "How many elements."),
    one(Tensor, &["mean"], V(F::TensorMean), Ty::Float, "The mean of the elements."),
    one(
        Tensor,
        &["std", "stddev"],
        V(F::TensorStd),
        Ty::Float,
        "The population standard deviation of the elements.",
    ),
    one(Tensor, &["min"], V(F::TensorMin), Ty::Float, "The least element."),
    one(Tensor, &["max"], V(F::TensorMax), Ty::Float, "The greatest element."),
    one(Tensor, &["sum"], V(F::TensorSum), Ty::Float, "The sum of the elements."),
    many(Semantic, &["types", "type"], Target::Types, Ty::Text, "The semantic types."),
    one(
        Semantic,
        &["properties"],
        V(F::SemanticProperties),
        Ty::Map,
        "All semantic properties as a map.",
    ),
    many(
        Semantic,
        &["contract", "contracts"],
        V(F::SemanticContract),
        Ty::Text,
        "The contracts it satisfies.",
    ),
    one(Semantic, &["verified"], V(F::SemanticVerified), Ty::Bool, "Whether anybody verified it."),
    many(
        Semantic,
        &["verifier", "verifiers"],
        V(F::SemanticVerifier),
        Ty::Text,
        "Who verified it.",
    ),
    many(
        Semantic,
        &["proof", "proofs"],
        V(F::SemanticProof),
        Ty::Text,
        "The kinds of proof its verifiers gave.",
    ),
    many(Semantic, &["verified_at"], V(F::SemanticVerifiedAt), Ty::Time, "When it was verified."),
    one(
        Semantic,
        &["verifications"],
        V(F::SemanticVerifications),
        Ty::List,
        "The verifications as maps.",
    ),
    one(Document, &["title"], Target::Title, Ty::Text, "The title."),
    one(Document, &["body"], Target::Body, Ty::Text, "The running text."),
    // Some texts compare a version with a number and some with a name, so its type rules out nothing.
    one(Temporal, &["version"], V(F::TemporalVersion), Ty::Any, "The number of the version read."),
    one(
        Temporal,
        &["versions", "version_count"],
        V(F::TemporalVersions),
        Ty::Int,
        "How many versions there are.",
    ),
    one(
        Temporal,
        &["modified", "timestamp", "modified_at", "updated", "updated_at", "last_modified"],
        V(F::TemporalModified),
        Ty::Time,
        "When the version read was committed.",
    ),
    one(
        Temporal,
        &["created", "created_at"],
        V(F::TemporalCreated),
        Ty::Time,
        "When the first version was committed.",
    ),
    one(
        Temporal,
        &["actor", "author", "modified_by"],
        V(F::TemporalActor),
        Ty::Text,
        "Who wrote the version read.",
    ),
    one(Temporal, &["message"], V(F::TemporalMessage), Ty::Text, "Why, as its writer said."),
    one(
        Temporal,
        &["valid_from"],
        V(F::TemporalValidFrom),
        Ty::Time,
        "From when on it is true in the world.",
    ),
    one(
        Temporal,
        &["valid_to"],
        V(F::TemporalValidTo),
        Ty::Time,
        "Until when it is true in the world.",
    ),
    one(Temporal, &["history"], V(F::TemporalHistory), Ty::List, "All versions as maps."),
    many(
        Provenance,
        &["actor", "actors"],
        V(F::ProvenanceActor),
        Ty::Text,
        "Who acted, event by event.",
    ),
    many(
        Provenance,
        &["origin", "source"],
        V(F::ProvenanceOrigin),
        Ty::Text,
        "Where it came from, event by event.",
    ),
    many(
        Provenance,
        &["event_type", "event"],
        V(F::ProvenanceEventType),
        Ty::Text,
        "What happened, event by event.",
    ),
    many(
        Provenance,
        &["description"],
        V(F::ProvenanceDescription),
        Ty::Text,
        "The descriptions of the events.",
    ),
    many(
        Provenance,
        &["digest"],
        V(F::ProvenanceDigest),
        Ty::Text,
        "The digests its sources gave.",
    ),
    many(
        Provenance,
        &["timestamp", "at"],
        V(F::ProvenanceTimestamp),
        Ty::Time,
        "When the events were recorded.",
    ),
    one(
        Provenance,
        &["chain_length", "length"],
        V(F::ProvenanceChainLength),
        Ty::Int,
        "How many events.",
    ),
    one(
        Provenance,
        &["chain_valid", "valid"],
        V(F::ProvenanceChainValid),
        Ty::Bool,
        "Whether every event still has the hash the next one states.",
    ),
    one(
        Provenance,
        &["content_hash", "hash"],
        V(F::ProvenanceContentHash),
        Ty::Text,
        "The hash of the last event.",
    ),
    one(
        Provenance,
        &["chain", "events", "records"],
        V(F::ProvenanceChain),
        Ty::List,
        "All events as maps.",
    ),
    one(
        Spatial,
        &["latitude", "lat"],
        V(F::SpatialLatitude),
        Ty::Float,
        "Degrees north; of a line or an area, of the middle of its box.",
    ),
    one(
        Spatial,
        &["longitude", "lon", "lng"],
        V(F::SpatialLongitude),
        Ty::Float,
        "Degrees east; of a line or an area, of the middle of its box.",
    ),
    one(Spatial, &["altitude"], V(F::SpatialAltitude), Ty::Float, "Meters above the ellipsoid."),
    one(
        Spatial,
        &["geometry_type", "type"],
        V(F::SpatialGeometryType),
        Ty::Text,
        "`Point`, `LineString` or `Polygon`.",
    ),
    one(Spatial, &["srid"], V(F::SpatialSrid), Ty::Int, "Always 4326."),
    one(Spatial, &["geometry"], V(F::SpatialGeometry), Ty::Map, "The geometry as GeoJSON."),
    one(
        Spatial,
        &["distance_km", "distance"],
        Target::DistanceKm,
        Ty::Float,
        "Kilometers to the point of the spatial condition.",
    ),
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
