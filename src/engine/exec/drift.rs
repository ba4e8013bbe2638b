//! Drift scores of one hexad, from the records an evaluator has loaded.

use std::collections::BTreeMap;

use crate::engine::base::{Iid, Modality, Result, Value};
use crate::engine::drift::{self, DriftKind, Scores, Subject};
use crate::engine::exec::context::Context;
use crate::engine::exec::entity::Entity;
use crate::engine::lang::ast::Metric;
use crate::engine::modality::document::{self, Document};
use crate::engine::modality::vector::{self, DEFAULT_NAME, Embedding};
use crate::engine::store::RecordMeta;

/// What can be measured of a hexad.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measured {
    /// The pairs of modalities, in documented order, each once.
    pub pairs: Vec<(Modality, Modality, f64)>,
    /// The kinds of drift, each on its own scale.
    pub kinds: Scores,
}

impl Measured {
    /// Measures a hexad.
    pub fn of(ctx: &Context<'_>, entity: &Entity<'_>) -> Result<Self> {
        let loaded = Loaded::of(ctx, entity)?;
        let mut pairs = vec![];
        loaded.with(entity, |subject| {
            for (i, a) in Modality::ALL.into_iter().enumerate() {
                for b in Modality::ALL.into_iter().skip(i + 1) {
                    pairs.extend(drift::drift_between(subject, a, b).map(|score| (a, b, score)));
                }
            }
        })?;
        let mut measured = Self { pairs, kinds: Scores::default() };
        measured.kinds = measured.by_kind(&loaded, entity)?;
        Ok(measured)
    }

    fn by_kind(&self, loaded: &Loaded, entity: &Entity<'_>) -> Result<Scores> {
        let mut kinds = Scores::default();
        kinds.set(DriftKind::SemanticVector, self.pair(Modality::Vector, Modality::Document));
        let edges = entity.graph()?.and_then(|edges| {
            let exists = |id: &str| loaded.targets.contains_key(id);
            drift::graph::score(entity.id().as_str(), edges, None, &exists)
        });
        kinds.set(
            DriftKind::GraphDocument,
            self.pair(Modality::Graph, Modality::Document).or(edges),
        );
        let versions = entity.versions()?;
        let (created, modified) = (entity.header().created_at, entity.asked_modified_at());
        kinds.set(DriftKind::Temporal, drift::temporal::score(versions, created, modified));
        let declared = drift::tensor::Declared::default();
        kinds.set(DriftKind::Tensor, entity.tensor()?.map(|t| drift::tensor::score(t, &declared)));
        let now: Vec<_> = loaded.metas.iter().map(|(m, _, meta)| (*m, meta.content_hash)).collect();
        let events = entity.events()?;
        kinds.set(DriftKind::Provenance, drift::provenance::score(events, versions.len(), &now));
        kinds.set(DriftKind::Spatial, entity.spatial()?.map(|p| drift::spatial::score(p, None)));
        Ok(kinds)
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
        let over = |m: &Modality| drifted.iter().any(|(kind, _)| speaks_of(*kind).contains(m));
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

fn speaks_of(kind: DriftKind) -> &'static [Modality] {
    match kind {
        DriftKind::SemanticVector => &[Modality::Vector, Modality::Document],
        DriftKind::GraphDocument => &[Modality::Graph, Modality::Document],
        DriftKind::Temporal => &[Modality::Temporal],
        DriftKind::Tensor => &[Modality::Tensor],
        DriftKind::Schema => &[Modality::Semantic],
        DriftKind::Provenance => &[Modality::Provenance],
        DriftKind::Spatial => &[Modality::Spatial],
        DriftKind::Quality => &[],
    }
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
    let mut score = None;
    Loaded::of(ctx, entity)?
        .with(entity, |subject| score = drift::consistency(subject, a, b, metric))?;
    Ok(score)
}

/// What the scores need beside the hexad itself.
struct Loaded {
    metas: Vec<(Modality, u32, RecordMeta)>,
    /// The document the embedding was made from, when it is not the present one.
    source: Option<Document>,
    /// The targets of edges that exist, with their titles.
    targets: BTreeMap<String, Option<String>>,
}

impl Loaded {
    fn of(ctx: &Context<'_>, entity: &Entity<'_>) -> Result<Self> {
        let mut targets = BTreeMap::new();
        for edge in entity.graph()?.map(|g| g.edges.as_slice()).unwrap_or_default() {
            let id = edge.target.as_str();
            if let Some(iid) = ctx.view.iid(id)? {
                targets.insert(id.to_owned(), title(ctx, iid)?);
            }
        }
        let mut loaded = Self { metas: entity.metas()?.to_vec(), source: None, targets };
        loaded.source = loaded.read_source(ctx, entity)?;
        Ok(loaded)
    }

    fn meta(&self, modality: Modality) -> Option<&RecordMeta> {
        self.metas.iter().find(|(m, ..)| *m == modality).map(|(.., meta)| meta)
    }

    fn read_source(&self, ctx: &Context<'_>, entity: &Entity<'_>) -> Result<Option<Document>> {
        let now = self.meta(Modality::Document).map(|meta| meta.content_hash);
        let stale = self.meta(Modality::Vector).and_then(|meta| {
            let document = meta.derived_from.iter().find(|d| d.modality == Modality::Document);
            document.filter(|d| Some(d.content_hash) != now)
        });
        let Some(then) = stale else { return Ok(None) };
        ctx.view
            .record_at(Modality::Document, entity.iid(), then.version)?
            .map(|record| document::codec::decode(&record.body))
            .transpose()
    }

    /// Hands over the hexad as the pure scores want it.
    fn with(&self, entity: &Entity<'_>, measure: impl FnOnce(&Subject<'_>)) -> Result<()> {
        let hash = self.meta(Modality::Document).map(|meta| meta.content_hash);
        let derived = self
            .meta(Modality::Vector)
            .and_then(|meta| meta.derived_from.iter().find(|d| d.modality == Modality::Document));
        let source = drift::vector::Source {
            hash: derived.map(|d| d.content_hash),
            document: self.source.as_ref(),
        };
        let embedding: Option<&Embedding> = entity
            .vector()?
            .and_then(|v| v.named.get(DEFAULT_NAME).or_else(|| v.named.values().next()));
        let id = entity.id();
        measure(&Subject {
            id: id.as_str(),
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
            // Looking for the names of all entities in every text costs reading all of them: not
            // within a condition.
            names: None,
        });
        Ok(())
    }
}

fn title(ctx: &Context<'_>, iid: Iid) -> Result<Option<String>> {
    match ctx.view.record(Modality::Document, iid)? {
        Some(record) => Ok(document::codec::title(&record.body)?.map(str::to_owned)),
        None => Ok(None),
    }
}
