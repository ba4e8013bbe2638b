//! Any two modalities of one hexad against each other: `DRIFT(A, B)` and `CONSISTENT(A, B) USING m`.
//!
//! | pair | measured as |
//! |---|---|
//! | vector, document | as `semantic_vector` |
//! | vector, semantic or graph | a vector of the built-in embedder against their text |
//! | vector, tensor | cosine distance, when they have as many numbers |
//! | graph, document | as `graph_document` |
//! | semantic, document | the share of properties that contradict a field of the same name; if they share no name, the distance of the texts |
//! | semantic, graph | the distance of the texts |
//! | temporal, provenance | as `provenance`, versions against events |
//! | spatial, document or semantic | the distance to the coordinates named there |
//!
//! The order does not matter, and a modality agrees with itself. Every other pair has nothing in
//! common to compare: `None`.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::base::{ContentHash, Modality, Timestamp, Value};
use crate::engine::modality::document::Document;
use crate::engine::modality::graph::Edges;
use crate::engine::modality::provenance::Event;
use crate::engine::modality::semantic::Semantics;
use crate::engine::modality::spatial::{Place, Position};
use crate::engine::modality::temporal::Version;
use crate::engine::modality::tensor::Tensor;
use crate::engine::modality::vector::{Embedding, Metric};

use super::embed::{MODEL, cosine, embed, text_distance, words};
use super::evidence::Naming;
use super::mentions::Dictionary;
use super::report::Found;
use super::{graph, provenance, schema, spatial, tensor, text, vector};

/// How far a place may be from coordinates named elsewhere and still be the same, in kilometers.
const SAME_PLACE_KM: f64 = 1.0;

/// A hexad as far as it is loaded. What is missing cannot be compared.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// Its id.
    pub id: &'a str,
    /// The document and its content hash.
    pub document: Option<(&'a Document, ContentHash)>,
    /// The embedding, and what it was made from.
    pub vector: Option<(&'a Embedding, vector::Source<'a>)>,
    /// Its other embeddings, made from the same.
    pub others: &'a [&'a Embedding],
    /// The edges.
    pub graph: Option<&'a Edges>,
    /// The semantics.
    pub semantic: Option<&'a Semantics>,
    /// The tensor.
    pub tensor: Option<&'a Tensor>,
    /// The versions, oldest first.
    pub versions: &'a [Version],
    /// The events, oldest first.
    pub events: &'a [Event],
    /// The place.
    pub place: Option<&'a Place>,
    /// The title of another hexad, by id.
    pub title_of: &'a dyn Fn(&str) -> Option<String>,
    /// Whether another hexad exists.
    pub exists: &'a dyn Fn(&str) -> bool,
    /// The names to look for in texts, when there is such a dictionary.
    pub names: Option<&'a Dictionary>,
    /// What each modality holds now.
    pub contents: &'a [(Modality, ContentHash)],
    /// When it was created.
    pub created: Timestamp,
    /// When it was last changed.
    pub modified: Timestamp,
    /// Where other hexads say it is.
    pub named: &'a [spatial::Named],
    /// What its tensor must be.
    pub declared: &'a tensor::Declared,
    /// What came of checking the contracts of its types.
    pub checked: &'a schema::Checked,
}

impl std::fmt::Debug for Subject<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subject").field("id", &self.id).finish_non_exhaustive()
    }
}

/// How far two modalities are apart, `0..=1`; `None` when one is missing or nothing compares.
pub fn drift_between(subject: &Subject<'_>, a: Modality, b: Modality) -> Option<f64> {
    use Modality::{Document, Graph, Provenance, Semantic, Spatial, Temporal, Vector};
    if !has(subject, a) || !has(subject, b) {
        return None;
    }
    if a == b {
        return Some(0.0);
    }
    let score = match (a.min(b), a.max(b)) {
        (Vector, Document) => {
            let ((document, hash), (embedding, source)) = (subject.document?, subject.vector?);
            let all = std::iter::once(&embedding).chain(subject.others);
            score_of(vector::worst(all.copied(), source, document, hash))
        }
        (Graph, Document) => score_of(graph_document(subject)),
        (Semantic, Document) => semantic_document(subject.semantic?, subject.document?.0),
        (Graph, Semantic) => text_distance(&words_of(subject, a)?, &words_of(subject, b)?),
        (Graph, Vector) => built_in(subject, Graph),
        (Vector, Semantic) => built_in(subject, Semantic),
        (Vector, Modality::Tensor) => vector_tensor(subject.vector?.0, subject.tensor?),
        (Temporal, Provenance) => {
            score_of(provenance::examine(subject.events, subject.versions.len(), &[]))
        }
        (Document, Spatial) => place_against(subject.place?, Document, &subject.document?.0.fields),
        (Semantic, Spatial) => {
            place_against(subject.place?, Semantic, &subject.semantic?.properties)
        }
        _ => None,
    };
    score.map(|score| score.clamp(0.0, 1.0))
}

/// How well two modalities agree: `COSINE` the similarity, not below 0; `EUCLIDEAN` 1 / (1 + d);
/// `DOT_PRODUCT` the sigmoid of the product; `JACCARD` the words both use over the words either uses.
/// The first three speak of directions of length one, whose cosine is one less the drift.
pub fn consistency(subject: &Subject<'_>, a: Modality, b: Modality, metric: Metric) -> Option<f64> {
    if metric == Metric::Jaccard {
        let set = |m| words_of(subject, m).map(|t| words(&t).into_iter().collect::<BTreeSet<_>>());
        let (a, b) = (set(a)?, set(b)?);
        let either = a.union(&b).count();
        return (either > 0).then(|| a.intersection(&b).count() as f64 / either as f64);
    }
    let similarity = 1.0 - drift_between(subject, a, b)?;
    Some(match metric {
        Metric::Cosine => similarity.max(0.0),
        Metric::Euclidean => 1.0 / (1.0 + (2.0 - 2.0 * similarity).max(0.0).sqrt()),
        Metric::DotProduct | Metric::Jaccard => 1.0 / (1.0 + (-similarity).exp()),
    })
}

fn score_of(found: Option<Found>) -> Option<f64> {
    found.map(|found| found.score)
}

/// The edges against the text, where there is one, and against what exists.
pub(super) fn graph_document(subject: &Subject<'_>) -> Option<Found> {
    let text = subject.document.map(|(document, _)| text::of_document(document));
    let text = text.as_deref().zip(subject.names);
    graph::examine(subject.id, subject.graph?, text, subject.exists)
}

fn has(subject: &Subject<'_>, modality: Modality) -> bool {
    match modality {
        Modality::Graph => subject.graph.is_some(),
        Modality::Vector => subject.vector.is_some(),
        Modality::Tensor => subject.tensor.is_some(),
        Modality::Semantic => subject.semantic.is_some(),
        Modality::Document => subject.document.is_some(),
        Modality::Temporal => !subject.versions.is_empty(),
        Modality::Provenance => !subject.events.is_empty(),
        Modality::Spatial => subject.place.is_some(),
    }
}

/// What a modality says in words, if it speaks at all.
fn words_of(subject: &Subject<'_>, modality: Modality) -> Option<String> {
    match modality {
        Modality::Document => Some(text::of_document(subject.document?.0)),
        Modality::Semantic => Some(text::of_semantics(subject.semantic?)),
        Modality::Graph => Some(text::of_edges(subject.graph?, subject.title_of)),
        _ => None,
    }
}

/// A vector of the built-in embedder against the text of a modality.
fn built_in(subject: &Subject<'_>, modality: Modality) -> Option<f64> {
    let embedding = subject.vector?.0;
    if embedding.model.as_deref() != Some(MODEL) {
        return None;
    }
    cosine(&embedding.data, &embed(&words_of(subject, modality)?)).map(|cosine| 1.0 - cosine)
}

fn vector_tensor(embedding: &Embedding, tensor: &Tensor) -> Option<f64> {
    let numbers: Vec<f32> = tensor.data.floats().map(|x| x as f32).collect();
    cosine(&embedding.data, &numbers).map(|cosine| 1.0 - cosine)
}

fn semantic_document(semantics: &Semantics, document: &Document) -> Option<f64> {
    let field = |name: &str| {
        let same = |field: &&String| field.eq_ignore_ascii_case(name);
        if name.eq_ignore_ascii_case("title") {
            return document.title.clone().map(Value::Text);
        }
        document.fields.keys().find(same).and_then(|name| document.fields.get(name)).cloned()
    };
    let shared: Vec<bool> = semantics
        .properties
        .iter()
        .filter_map(|(name, value)| Some(contradict(value, &field(name)?)))
        .collect();
    if shared.is_empty() {
        return text_distance(&text::of_semantics(semantics), &text::of_document(document));
    }
    Some(shared.iter().filter(|c| **c).count() as f64 / shared.len() as f64)
}

/// Two values of one name: text regardless of case, everything else by what it is worth.
fn contradict(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => words(a) != words(b),
        _ => a.total_cmp(b).is_ne(),
    }
}

fn place_against(place: &Place, of: Modality, fields: &Fields) -> Option<f64> {
    let named = place_in(of, fields)?;
    Some(spatial::examine(place, &[named]).score)
}

type Fields = BTreeMap<String, Value>;

/// The coordinates named in fields.
pub(super) fn place_in(of: Modality, fields: &Fields) -> Option<spatial::Named> {
    let number = |names: [&str; 2]| {
        let found =
            fields.iter().find(|(key, _)| names.iter().any(|n| key.eq_ignore_ascii_case(n)));
        found.and_then(|(_, value)| value.as_f64())
    };
    let (latitude, longitude) =
        (number(["latitude", "lat"])?, number(["longitude", "lon"]).or(number(["lng", "long"]))?);
    let center = Position { latitude, longitude };
    Some(spatial::Named { by: Naming::Fields(of), center, radius_km: SAME_PLACE_KM })
}

#[cfg(test)]
mod tests {
    use crate::engine::modality::spatial::Geometry;

    use super::*;

    const EMPTY: Subject<'static> = Subject {
        id: "me",
        document: None,
        vector: None,
        others: &[],
        graph: None,
        semantic: None,
        tensor: None,
        versions: &[],
        events: &[],
        place: None,
        title_of: &|_| None,
        exists: &|_| true,
        names: None,
        contents: &[],
        created: Timestamp(0),
        modified: Timestamp(0),
        named: &[],
        declared: &tensor::Declared { shape: None, dtype: None, mean: None, std: None },
        checked: &schema::Checked {
            required: 0,
            missing: Vec::new(),
            constraints: 0,
            violated: Vec::new(),
        },
    };

    fn document(body: &str, fields: &[(&str, Value)]) -> Document {
        Document {
            title: None,
            body: Some(body.to_owned()),
            fields: fields.iter().map(|(n, v)| ((*n).to_owned(), v.clone())).collect(),
        }
    }

    fn semantics(properties: &[(&str, Value)]) -> Semantics {
        let properties = properties.iter().map(|(n, v)| ((*n).to_owned(), v.clone())).collect();
        Semantics { types: vec!["ex:Bridge".into()], properties, verifications: Vec::new() }
    }

    #[test]
    fn the_order_of_a_pair_does_not_matter_and_a_missing_side_is_no_score() {
        let d = document("an old bridge", &[("span", Value::Int(120))]);
        let s = semantics(&[("Span", Value::Float(120.0)), ("river", Value::from("Elbe"))]);
        let hash = ContentHash::ZERO;
        let subject = Subject { document: Some((&d, hash)), semantic: Some(&s), ..EMPTY };
        for a in Modality::ALL {
            for b in Modality::ALL {
                let score = drift_between(&subject, a, b);
                assert_eq!(score, drift_between(&subject, b, a));
                assert!(score.is_none_or(|s| (0.0..=1.0).contains(&s)));
                let both = has(&subject, a) && has(&subject, b);
                assert!(both || score.is_none());
            }
        }
        assert_eq!(drift_between(&subject, Modality::Semantic, Modality::Document), Some(0.0));
    }

    #[test]
    fn contradicting_properties_are_drift() {
        let d = document("", &[("span", Value::Int(99)), ("river", Value::from("ELBE"))]);
        let s = semantics(&[("span", Value::Int(120)), ("river", Value::from("Elbe"))]);
        let subject =
            Subject { document: Some((&d, ContentHash::ZERO)), semantic: Some(&s), ..EMPTY };
        assert_eq!(drift_between(&subject, Modality::Document, Modality::Semantic), Some(0.5));
    }

    #[test]
    fn metrics_are_functions_of_one_similarity() {
        let d = document("bridge span 120", &[]);
        let s = semantics(&[("span", Value::Int(120))]);
        let subject =
            Subject { document: Some((&d, ContentHash::ZERO)), semantic: Some(&s), ..EMPTY };
        let score = |m| consistency(&subject, Modality::Document, Modality::Semantic, m).unwrap();
        assert_eq!(Some(score(Metric::Cosine)), Some(1.0));
        assert_eq!(Some(score(Metric::Euclidean)), Some(1.0));
        assert!((score(Metric::DotProduct) - 0.731_058_578_630_004_9).abs() < 1e-12);
        assert_eq!(Some(score(Metric::Jaccard)), Some(1.0));
        let none = consistency(&subject, Modality::Document, Modality::Tensor, Metric::Jaccard);
        assert_eq!(none, None);
    }

    #[test]
    fn coordinates_in_fields_are_held_against_the_place() {
        let at = Position { latitude: 51.05, longitude: 13.74 };
        let place = Place { geometry: Geometry::Point(at), altitude: None };
        let fields = |lat: f64| {
            let pairs = [("Lat", Value::Float(lat)), ("longitude", Value::Float(13.74))];
            pairs.into_iter().map(|(n, v)| (n.to_owned(), v)).collect::<BTreeMap<_, _>>()
        };
        let against =
            |place: &Place, fields: &Fields| place_against(place, Modality::Document, fields);
        assert_eq!(against(&place, &fields(51.05)), Some(0.0));
        assert!(against(&place, &fields(41.05)).unwrap() > 0.99);
        assert_eq!(against(&place, &BTreeMap::new()), None);
    }
}
