//! Drift of one hexad, from the records an evaluator has loaded.

use std::collections::BTreeMap;

use crate::engine::base::{ContentHash, Iid, Modality, Result, Value};
use crate::engine::drift::{
    self, Dictionary, DriftKind, Found, Report, Scores, Subject, schema, spatial, tensor,
};
use crate::engine::exec::context::Context;
use crate::engine::exec::entity::Entity;
use crate::engine::lang::ast::Metric;
use crate::engine::modality::document::{self, Document};
use crate::engine::modality::vector::{self, DEFAULT_NAME, Embedding};
use crate::engine::store::RecordMeta;

/// The scores of a hexad, without the evidence.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measured {
    /// The pairs of modalities, in documented order, each once.
    pub pairs: Vec<(Modality, Modality, f64)>,
    /// The kinds of drift, each on its own scale.
    pub kinds: Scores,
}

/// The report of a hexad in the state an entity shows: every kind of drift that can be measured, with
/// its threshold and its evidence. Looks at the records, never at an index of scores.
pub fn report(ctx: &Context<'_>, entity: &Entity<'_>) -> Result<Report> {
    let found = Loaded::of(ctx, entity)?.with(entity, drift::measure)?;
    Ok(Report::new(found, &|kind: DriftKind| kind.threshold()))
}

impl Measured {
    /// Measures a hexad.
    pub fn of(ctx: &Context<'_>, entity: &Entity<'_>) -> Result<Self> {
        Loaded::of(ctx, entity)?.with(entity, |subject| {
            let found: BTreeMap<DriftKind, Found> = drift::measure(subject);
            let mut kinds = Scores::default();
            for (kind, found) in &found {
                kinds.set(*kind, Some(found.score));
            }
            Self { pairs: pairs(subject, &kinds), kinds }
        })
    }

    /// The greatest score and its kind.
    pub fn worst(&self) -> Option<(DriftKind, f64)> {
        self.kinds.worst()
    }

    /// True when a score is above `threshold`, or, without one, above that of its kind.
    pub fn is_drifted(&self, threshold: Option<f64>) -> bool {
        match threshold {
            Some(threshold) => self.worst().is_some_and(|(_, score)| score > threshold),
            None => !self.kinds.drifted().is_empty(),
        }
    }

    /// The score of a pair, either way round; `None` when it cannot be measured.
    pub fn pair(&self, a: Modality, b: Modality) -> Option<f64> {
        self.pairs
            .iter()
            .find(|(x, y, _)| (*x, *y) == (a, b) || (*x, *y) == (b, a))
            .map(|(_, _, score)| *score)
    }

    /// The modalities that kinds above their thresholds speak of.
    pub fn drifted(&self) -> Vec<Modality> {
        let drifted = self.kinds.drifted();
        let over = |m: &Modality| drifted.iter().any(|(kind, _)| kind.modalities().contains(m));
        Modality::ALL.into_iter().filter(over).collect()
    }

    /// As a map from kinds to scores, the summary among them.
    pub fn value(&self) -> Value {
        let score = |kind: DriftKind| {
            let score = self.kinds.get(kind)?;
            Some((kind.name().to_owned(), Value::Float(score)))
        };
        Value::Map(DriftKind::ALL.into_iter().filter_map(score).collect())
    }
}

/// Every pair of modalities. Two of them are kinds of drift as well, and not measured twice.
fn pairs(subject: &Subject<'_>, kinds: &Scores) -> Vec<(Modality, Modality, f64)> {
    let mut pairs = vec![];
    for (i, a) in Modality::ALL.into_iter().enumerate() {
        for b in Modality::ALL.into_iter().skip(i + 1) {
            let score = match (a.min(b), a.max(b)) {
                (Modality::Vector, Modality::Document) => kinds.get(DriftKind::SemanticVector),
                (Modality::Graph, Modality::Document) if subject.document.is_some() => {
                    kinds.get(DriftKind::GraphDocument)
                }
                _ => drift::drift_between(subject, a, b),
            };
            pairs.extend(score.map(|score| (a, b, score)));
        }
    }
    pairs
}

/// How consistent two modalities of a hexad are by `metric`; `None` when it cannot be measured.
pub fn consistency(
    ctx: &Context<'_>,
    entity: &Entity<'_>,
    a: Modality,
    b: Modality,
    metric: Metric,
) -> Result<Option<f64>> {
    let metric = match metric {
        Metric::Cosine => vector::Metric::Cosine,
        Metric::Euclidean => vector::Metric::Euclidean,
        Metric::DotProduct => vector::Metric::DotProduct,
        Metric::Jaccard => vector::Metric::Jaccard,
    };
    Loaded::of(ctx, entity)?.with(entity, |subject| drift::consistency(subject, a, b, metric))
}

/// What the scores need beside the hexad itself.
struct Loaded<'c> {
    metas: Vec<(Modality, u32, RecordMeta)>,
    /// The document the embedding was made from, when it is not the present one.
    source: Option<Document>,
    /// The targets of edges that exist, with their titles.
    targets: BTreeMap<String, Option<String>>,
    names: Option<&'c Dictionary>,
    named: Vec<spatial::Named>,
    declared: tensor::Declared,
    checked: schema::Checked,
}

impl<'c> Loaded<'c> {
    fn of(ctx: &'c Context<'_>, entity: &Entity<'_>) -> Result<Self> {
        let mut targets = BTreeMap::new();
        for edge in entity.graph()?.map(|g| g.edges.as_slice()).unwrap_or_default() {
            let id = edge.target.as_str();
            if let Some(iid) = ctx.view.iid(id)? {
                targets.insert(id.to_owned(), title(ctx, iid)?);
            }
        }
        let metas = entity.metas()?.to_vec();
        let mut loaded = Self {
            metas,
            source: None,
            targets,
            names: None,
            named: Vec::new(),
            declared: tensor::Declared::default(),
            checked: schema::Checked::default(),
        };
        loaded.source = loaded.read_source(ctx, entity)?;
        Ok(loaded)
    }

    fn meta(&self, modality: Modality) -> Option<&(Modality, u32, RecordMeta)> {
        self.metas.iter().find(|(m, ..)| *m == modality)
    }

    /// The document the embedding was made from. That version of this hexad, if it held that document;
    /// an embedding that came from elsewhere with its origin names a version of another hexad.
    fn read_source(&self, ctx: &Context<'_>, entity: &Entity<'_>) -> Result<Option<Document>> {
        let now = self.meta(Modality::Document).map(|(.., meta)| meta.content_hash);
        let stale = self.meta(Modality::Vector).and_then(|(.., meta)| {
            let document = meta.derived_from.iter().find(|d| d.modality == Modality::Document);
            document.filter(|d| Some(d.content_hash) != now)
        });
        let Some(then) = stale else { return Ok(None) };
        let record = ctx.view.record_at(Modality::Document, entity.iid(), then.version)?;
        record
            .filter(|record| record.meta.content_hash == then.content_hash)
            .map(|record| document::codec::decode(&record.body))
            .transpose()
    }

    /// Hands over the hexad as the pure measures want it.
    fn with<T>(&self, entity: &Entity<'_>, measure: impl FnOnce(&Subject<'_>) -> T) -> Result<T> {
        let document = self.meta(Modality::Document);
        let derived = self.meta(Modality::Vector).and_then(|(.., meta)| {
            meta.derived_from.iter().find(|d| d.modality == Modality::Document)
        });
        let source = drift::vector::Source {
            hash: derived.map(|d| d.content_hash),
            version: derived.map_or(0, |d| d.version),
            document: self.source.as_ref(),
            now_version: document.map_or(0, |(_, version, _)| *version),
        };
        let embedding: Option<&Embedding> = entity
            .vector()?
            .and_then(|v| v.named.get(DEFAULT_NAME).or_else(|| v.named.values().next()));
        let contents: Vec<(Modality, ContentHash)> =
            self.metas.iter().map(|(m, _, meta)| (*m, meta.content_hash)).collect();
        let hash = document.map(|(.., meta)| meta.content_hash);
        Ok(measure(&Subject {
            id: entity.id().as_str(),
            document: entity.document()?.zip(hash),
            vector: embedding.map(|embedding| (embedding, source)),
            graph: entity.graph()?,
            semantic: entity.semantic()?,
            tensor: entity.tensor()?,
            versions: entity.versions()?,
            events: entity.events()?,
            place: entity.spatial()?,
            title_of: &|id| self.targets.get(id).cloned().flatten(),
            exists: &|id| self.targets.contains_key(id),
            names: self.names,
            contents: &contents,
            created: entity.header().created_at,
            modified: entity.asked_modified_at(),
            named: &self.named,
            declared: &self.declared,
            checked: &self.checked,
        }))
    }
}

fn title(ctx: &Context<'_>, iid: Iid) -> Result<Option<String>> {
    match ctx.view.record(Modality::Document, iid)? {
        Some(record) => Ok(document::codec::title(&record.body)?.map(str::to_owned)),
        None => Ok(None),
    }
}
