//! What a name addresses: one pure function from a path to the places a value is looked up in.
//!
//! The checker asks it for types and the executor evaluates by it, so that both always mean the
//! same. It never fails: a name nobody knows addresses the document field of that name, which is
//! null where no document has one. Whether *that* is an error is the checker's business.
//!
//! | written | addresses |
//! |---|---|
//! | `DOCUMENT.title`, `FIELD title` | the document field, by path (`DOCUMENT.author.name`) |
//! | `GRAPH.degree`, `TENSOR.mean`, `tensor.statistics.mean` | the registered field |
//! | `SEMANTIC.doi` | the semantic property |
//! | `GRAPH.cites` | the targets of the edges with that predicate |
//! | `VECTOR.abstract` | the embedding of that name |
//! | `h.year`, `hexad.year`, `entity.year`, `hexads.year`, `year` | the document field, else the semantic property |
//! | `h.embedding`, `embedding` | the default embedding |
//! | `h.DOCUMENT.title`, `h.document.title` | as without `h.` |
//! | `paper.year`, when a pattern binds `paper` | the same of the hexad bound to `paper` |
//! | `id`, `hexad_id`, `h.id`, `paper.uuid` | the id |
//! | `types`, `hexad.types` | the semantic types |
//! | `score`, `similarity`, `distance_km`, `drift_score`, `drift_type`, `version`, `created_at`, `modified_at` | the pseudo field of the row |
//! | `type` | the document field, else the property, else the semantic types |
//! | `content`, `text` | the document field, else the body |
//! | `GRAPH`, `document` | the whole modality, as a map |
//!
//! A pseudo field hides a document field of the same name from bare names only:
//! `DOCUMENT.version` and `FIELD version` still reach it.

use std::collections::BTreeSet;

use super::registry::{self, Registered, Target, Virtual};
use super::ty::Ty;
use crate::engine::base::Modality;
use crate::engine::lang::ast::{Name, Path};

/// The name of the default embedding.
const EMBEDDING: &str = "embedding";

/// What a path addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldRef {
    /// Whose value it is.
    pub subject: Subject,
    /// Where to look, in this order; the first place that is not null gives the value. Never empty,
    /// except for a name that a modality of fixed fields does not have: then the value is null.
    pub places: Vec<Place>,
    /// The type, as far as the name alone tells; of the elements when there are several.
    pub ty: Ty,
    /// There may be several values: a test holds when it holds for one of them.
    pub many: bool,
    /// The modality the path names, for messages and for the modalities a plan has to load.
    pub modality: Option<Modality>,
    /// It is in the closed table of registered and pseudo fields.
    pub registered: bool,
}

/// Whose value a path addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The hexad of the row.
    Row,
    /// The hexad bound to a variable of a graph pattern.
    Variable(String),
}

/// One place a value is looked up in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The id of the hexad.
    Id,
    /// The semantic types.
    Types,
    /// A whole modality.
    Whole(Modality),
    /// A computed field.
    Virtual(Virtual),
    /// A field of the document by path; `title` and `body` are fields like any other.
    Document(Vec<String>),
    /// A semantic property by path.
    Property(Vec<String>),
    /// The embedding of this name.
    Embedding(String),
    /// The targets of the edges with this predicate.
    EdgeTargets(String),
    /// Something the row has beside its hexad.
    Pseudo(Pseudo),
}

/// What a row has beside the records of its hexad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pseudo {
    /// The score of the ranking conditions; null without one.
    Score,
    /// The vector similarity; null without a vector condition.
    Similarity,
    /// Kilometers to the point of the spatial condition; null without one.
    DistanceKm,
    /// The greatest drift between two modalities of the hexad.
    DriftScore,
    /// Between which two: `vector/document`.
    DriftType,
    /// One minus the greatest drift.
    Coherence,
    /// The modalities whose drift is over the threshold.
    DriftedModalities,
    /// The number of the version read.
    Version,
    /// When the first version was committed.
    CreatedAt,
    /// When the version read was committed.
    ModifiedAt,
    /// The names of the modalities the hexad has.
    Modalities,
}

impl Pseudo {
    /// The name a column of it has.
    pub fn name(self) -> &'static str {
        match self {
            Self::Score => "score",
            Self::Similarity => "similarity",
            Self::DistanceKm => "distance_km",
            Self::DriftScore => "drift_score",
            Self::DriftType => "drift_type",
            Self::Coherence => "coherence_score",
            Self::DriftedModalities => "drifted_modalities",
            Self::Version => "version",
            Self::CreatedAt => "created_at",
            Self::ModifiedAt => "modified_at",
            Self::Modalities => "modalities",
        }
    }

    /// Its type, and whether there are several of it.
    pub fn ty(self) -> (Ty, bool) {
        match self {
            Self::Score
            | Self::Similarity
            | Self::DistanceKm
            | Self::DriftScore
            | Self::Coherence => (Ty::Float, false),
            Self::DriftType => (Ty::Text, false),
            Self::DriftedModalities | Self::Modalities => (Ty::Text, true),
            Self::Version => (Ty::Any, false),
            Self::CreatedAt | Self::ModifiedAt => (Ty::Time, false),
        }
    }

    /// The pseudo field a bare name means before anything else.
    fn from_name(name: &str) -> Option<Self> {
        let pseudo = match name {
            "score" => Self::Score,
            "similarity" => Self::Similarity,
            "distance_km" => Self::DistanceKm,
            "drift_score" => Self::DriftScore,
            "drift_type" => Self::DriftType,
            "version" => Self::Version,
            "created_at" => Self::CreatedAt,
            "modified_at" => Self::ModifiedAt,
            _ => return None,
        };
        Some(pseudo)
    }

    /// The pseudo field a bare name means when neither document nor properties have it.
    fn fallback(name: &str) -> Option<Self> {
        let pseudo = match name {
            "distance" => Self::DistanceKm,
            "coherence" | "coherence_score" => Self::Coherence,
            "drifted_modalities" => Self::DriftedModalities,
            "created" => Self::CreatedAt,
            "modified" | "updated_at" | "last_modified" => Self::ModifiedAt,
            "modality" | "modalities" => Self::Modalities,
            _ => return None,
        };
        Some(pseudo)
    }
}

/// The variables of a statement: which mean the hexad of the row, and which a pattern binds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Names that mean the hexad of the row, beside `h`, `hexad` and `entity`.
    pub row: BTreeSet<String>,
    /// Variables that graph patterns bind to other hexads.
    pub bound: BTreeSet<String>,
}

impl Scope {
    /// True when `name` means the hexad of the row.
    pub fn is_row(&self, name: &str) -> bool {
        !self.bound.contains(name)
            && (["h", "hexad", "entity"].iter().any(|r| name.eq_ignore_ascii_case(r))
                || self.row.contains(name))
    }
}

impl FieldRef {
    /// What `path` addresses in a statement with the variables of `scope`.
    pub fn of(path: &Path, scope: &Scope) -> Self {
        let names: Vec<&str> = path.segments.iter().map(|s| s.text.as_str()).collect();
        match path.modality {
            Some(m) => in_modality(m.modality, &names),
            None => dotted(&names, scope),
        }
    }

    /// What `FIELD a.b` addresses outside of `HAVING`: always the document.
    pub fn of_field(path: &[Name]) -> Self {
        let names: Vec<&str> = path.iter().map(|s| s.text.as_str()).collect();
        in_modality(Modality::Document, &names)
    }

    /// The only place, when there is just one.
    pub fn place(&self) -> Option<&Place> {
        match self.places.as_slice() {
            [place] => Some(place),
            _ => None,
        }
    }

    /// The path in the document, when the document is the first place looked at.
    pub fn document_path(&self) -> Option<&[String]> {
        match self.places.first() {
            Some(Place::Document(path)) => Some(path),
            _ => None,
        }
    }

    fn place_of(place: Place, ty: Ty, many: bool) -> Self {
        Self {
            subject: Subject::Row,
            places: vec![place],
            ty,
            many,
            modality: None,
            registered: true,
        }
    }

    fn dynamic(places: Vec<Place>, ty: Ty) -> Self {
        Self { subject: Subject::Row, places, ty, many: false, modality: None, registered: false }
    }
}

/// A path without a modality: a variable and what is asked of it, or bare.
fn dotted(names: &[&str], scope: &Scope) -> FieldRef {
    let Some((head, rest)) = names.split_first() else {
        return FieldRef::dynamic(Vec::new(), Ty::Any);
    };
    if scope.bound.contains(*head) {
        let mut field = of_hexad(rest);
        field.subject = Subject::Variable((*head).to_owned());
        return field;
    }
    if scope.is_row(head) {
        return of_hexad(rest);
    }
    of_hexad(names)
}

/// What is asked of a hexad: `id`, `types`, `document.title`, `year`; nothing is the hexad itself.
fn of_hexad(names: &[&str]) -> FieldRef {
    let Some((first, rest)) = names.split_first() else {
        return FieldRef::place_of(Place::Id, Ty::Text, false);
    };
    if let Some(modality) = Modality::from_keyword(first) {
        return in_modality(modality, rest);
    }
    if !rest.is_empty() {
        return document_or_property(names, Vec::new());
    }
    let lower = first.to_ascii_lowercase();
    match lower.as_str() {
        "id" | "hexad_id" | "uuid" => return FieldRef::place_of(Place::Id, Ty::Text, false),
        "types" => return FieldRef::place_of(Place::Types, Ty::Text, true),
        EMBEDDING => {
            let place = Place::Embedding(EMBEDDING.to_owned());
            return FieldRef::place_of(place, Ty::Vector(None), false);
        }
        "type" => {
            let mut field = document_or_property(names, vec![Place::Types]);
            field.many = true;
            return field;
        }
        "content" | "text" => {
            return document_or_property(names, vec![Place::Document(vec!["body".to_owned()])]);
        }
        _ => {}
    }
    if let Some(pseudo) = Pseudo::from_name(&lower) {
        let (ty, many) = pseudo.ty();
        return FieldRef::place_of(Place::Pseudo(pseudo), ty, many);
    }
    let fallback = Pseudo::fallback(&lower);
    let mut field = document_or_property(names, fallback.map(Place::Pseudo).into_iter().collect());
    field.many = fallback.is_some_and(|p| p.ty().1);
    // Every hexad answers it, even where no document has the field.
    field.registered = fallback.is_some();
    field
}

/// A name that is nobody's in particular.
fn document_or_property(names: &[&str], more: Vec<Place>) -> FieldRef {
    let path: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
    let ty = match names {
        ["title" | "body"] => Ty::Text,
        _ => Ty::Any,
    };
    let mut places = vec![Place::Document(path.clone()), Place::Property(path)];
    places.extend(more);
    FieldRef::dynamic(places, ty)
}

/// `MODALITY`, `MODALITY.name`, `MODALITY.a.b`.
fn in_modality(modality: Modality, names: &[&str]) -> FieldRef {
    // `tensor.statistics.mean` and `SEMANTIC.properties.doi` are what they are without the middle.
    let names = match (modality, names) {
        (Modality::Tensor, [group, rest @ ..])
            if !rest.is_empty() && group.eq_ignore_ascii_case("statistics") =>
        {
            rest
        }
        (Modality::Semantic, [group, rest @ ..])
            if !rest.is_empty() && group.eq_ignore_ascii_case("properties") =>
        {
            return with_modality(modality, property(rest));
        }
        (_, names) => names,
    };
    let field = match names {
        [] => FieldRef::place_of(Place::Whole(modality), Ty::Map, false),
        [name] => match registry::registered(modality, name) {
            Some(known) => of_registered(known),
            None => unregistered(modality, names),
        },
        _ => unregistered(modality, names),
    };
    with_modality(modality, field)
}

fn with_modality(modality: Modality, mut field: FieldRef) -> FieldRef {
    field.modality = Some(modality);
    field
}

fn of_registered(known: &Registered) -> FieldRef {
    let place = match known.target {
        Target::Virtual(field) => Place::Virtual(field),
        Target::Id => Place::Id,
        Target::Types => Place::Types,
        Target::Embedding => Place::Embedding(EMBEDDING.to_owned()),
        Target::Title => Place::Document(vec!["title".to_owned()]),
        Target::Body => Place::Document(vec!["body".to_owned()]),
        Target::Score => Place::Pseudo(Pseudo::Score),
        Target::DistanceKm => Place::Pseudo(Pseudo::DistanceKm),
    };
    FieldRef::place_of(place, known.ty, known.many)
}

/// A name of a modality that is not in the table: dynamic where the modality is, else nothing.
fn unregistered(modality: Modality, names: &[&str]) -> FieldRef {
    let path: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
    match (modality, names) {
        (Modality::Document, [name]) if ["content", "text"].contains(name) => {
            let body = Place::Document(vec!["body".to_owned()]);
            FieldRef::dynamic(vec![Place::Document(path), body], Ty::Any)
        }
        (Modality::Document, _) => FieldRef::dynamic(vec![Place::Document(path)], Ty::Any),
        (Modality::Semantic, _) => property(names),
        (Modality::Vector, [name]) => {
            // Not a vector for certain: an embedding nobody stored is null.
            FieldRef::dynamic(vec![Place::Embedding((*name).to_owned())], Ty::Any)
        }
        (Modality::Graph, [name]) => {
            let mut field =
                FieldRef::dynamic(vec![Place::EdgeTargets((*name).to_owned())], Ty::Any);
            field.many = true;
            field
        }
        (
            Modality::Vector
            | Modality::Graph
            | Modality::Tensor
            | Modality::Temporal
            | Modality::Provenance
            | Modality::Spatial,
            _,
        ) => FieldRef::dynamic(Vec::new(), Ty::Any),
    }
}

fn property(names: &[&str]) -> FieldRef {
    let path = names.iter().map(|n| (*n).to_owned()).collect();
    FieldRef::dynamic(vec![Place::Property(path)], Ty::Any)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::base::Span;
    use crate::engine::lang::ast::ModalityRef;

    fn path(text: &str) -> Path {
        let mut names: Vec<&str> = text.split('.').collect();
        let modality = names.first().and_then(|n| Modality::from_keyword(n));
        if modality.is_some() {
            names.remove(0);
        }
        let name = |n: &&str| Name { text: (*n).to_owned(), span: Span::default() };
        Path {
            modality: modality.map(|modality| ModalityRef { modality, span: Span::default() }),
            segments: names.iter().map(name).collect(),
            span: Span::default(),
        }
    }

    fn of(text: &str) -> FieldRef {
        let scope = Scope {
            row: BTreeSet::from(["hexads".to_owned()]),
            bound: BTreeSet::from(["paper".to_owned()]),
        };
        FieldRef::of(&path(text), &scope)
    }

    #[test]
    fn every_spelling_of_a_thing_addresses_the_same_place() {
        for group in [
            &["id", "h.id", "hexad.ID", "hexad_id", "hexads.uuid", "h", "entity"][..],
            &["types", "hexad.types"],
            &["GRAPH.degree", "graph.Degree", "h.graph.degree"],
            &["tensor.statistics.mean", "TENSOR.mean"],
            &["h.embedding", "embedding", "VECTOR.embedding"],
            &["year", "h.year", "Hexad.year"],
        ] {
            for pair in group.windows(2) {
                let places: Vec<_> = pair.iter().map(|text| of(text).places).collect();
                assert!(places.iter().all(|p| Some(p) == places.first()), "{pair:?}");
            }
        }
        assert_eq!(of("SEMANTIC.properties.doi").places, of("SEMANTIC.doi").places);
    }

    #[test]
    fn a_bound_variable_is_another_hexad() {
        let field = of("paper.document.title");
        assert_eq!(field.subject, Subject::Variable("paper".to_owned()));
        assert_eq!(field.places, of("DOCUMENT.title").places);
        assert_eq!(of("paper").place(), Some(&Place::Id));
    }

    #[test]
    fn pseudo_fields_hide_only_bare_names() {
        assert_eq!(of("version").place(), Some(&Place::Pseudo(Pseudo::Version)));
        assert_eq!(of("DOCUMENT.version").document_path(), Some(&["version".to_owned()][..]));
    }

    #[test]
    fn an_unbound_head_is_a_path_into_the_document() {
        assert_eq!(
            of("metadata.category").document_path(),
            Some(&["metadata".to_owned(), "category".to_owned()][..])
        );
    }

    #[test]
    fn fixed_modalities_have_no_dynamic_fields() {
        assert!(of("SPATIAL.colour").places.is_empty());
        assert!(of("TEMPORAL.a.b").places.is_empty());
        assert_eq!(of("GRAPH.cites").place(), Some(&Place::EdgeTargets("cites".to_owned())));
    }
}
