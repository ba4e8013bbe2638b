//! Drift of one hexad, from the records an evaluator has loaded; the scores of all of them, kept
//! current; and what they were over time.

pub mod history;
pub mod rules;
pub mod scoreboard;
pub mod sweep;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::engine::base::{ContentHash, Iid, Modality, Result};
use crate::engine::drift::board::Board;
use crate::engine::drift::{
    self, DriftKind, Measured, Naming, Report, Subject, facts, schema, spatial, tensor,
};
use crate::engine::exec::context::Context;
use crate::engine::exec::entity::Entity;
use crate::engine::lang::ast::Metric;
use crate::engine::modality::document::{self, Document};
use crate::engine::modality::vector::{self, DEFAULT_NAME, Embedding};
use crate::engine::store::RecordMeta;

/// The report of a hexad in the state an entity shows: every kind of drift that can be measured, with
/// its threshold and its evidence. Looks at the records, never at scores measured before.
pub fn report(ctx: &Context<'_>, entity: &Entity<'_>) -> Result<Report> {
    let found = Loaded::of(ctx, entity)?.with(entity, drift::measure)?;
    let types = match entity.semantic()? {
        Some(semantics) => semantics.types.as_slice(),
        None => &[],
    };
    let thresholds = &ctx.rules()?.thresholds;
    let id = entity.id().as_str();
    Ok(Report::new(found, &|kind: DriftKind| thresholds.of(kind, id, types).0))
}

/// The scores of a hexad in the state an entity shows. Looks at the records.
pub fn measure(ctx: &Context<'_>, entity: &Entity<'_>) -> Result<Measured> {
    Loaded::of(ctx, entity)?.with(entity, |subject| {
        let found = drift::measure(subject);
        Measured::new(subject, &found)
    })
}

/// The kinds of drift of a hexad that are above their thresholds, worst first.
pub fn over(
    ctx: &Context<'_>,
    entity: &Entity<'_>,
    scores: &Measured,
) -> Result<Vec<(DriftKind, f64)>> {
    let thresholds = &ctx.rules()?.thresholds;
    let types = match entity.semantic() {
        Ok(Some(semantics)) if thresholds.by_type() => semantics.types.as_slice(),
        Ok(_) => &[],
        Err(error) => return Err(error),
    };
    let id = entity.id().as_str();
    Ok(scores.over(&|kind| thresholds.of(kind, id, types).0))
}

/// The modalities that kinds above their thresholds speak of.
pub fn drifted(ctx: &Context<'_>, entity: &Entity<'_>, scores: &Measured) -> Result<Vec<Modality>> {
    let drifted = over(ctx, entity, scores)?;
    let about = |m: &Modality| drifted.iter().any(|(kind, _)| kind.modalities().contains(m));
    Ok(Modality::ALL.into_iter().filter(about).collect())
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
struct Loaded {
    metas: Vec<(Modality, u32, RecordMeta)>,
    /// The document the embedding was made from, when it is not the present one.
    source: Option<Document>,
    /// The targets of edges that exist, with their titles.
    targets: BTreeMap<String, Option<String>>,
    /// The names and places of all others.
    board: Arc<Board>,
    named: Vec<spatial::Named>,
    declared: tensor::Declared,
    checked: schema::Checked,
}

impl Loaded {
    fn of(ctx: &Context<'_>, entity: &Entity<'_>) -> Result<Self> {
        let board = Arc::clone(ctx.board()?);
        let (checked, declared) = ctx.rules()?.check(ctx, entity)?;
        let named = named(ctx, &board, entity)?;
        let mut targets = BTreeMap::new();
        for edge in entity.graph()?.map(|g| g.edges.as_slice()).unwrap_or_default() {
            let id = edge.target.as_str();
            if let Some(iid) = ctx.view.iid(id)? {
                targets.insert(id.to_owned(), title(ctx, iid)?);
            }
        }
        let metas = entity.metas()?.to_vec();
        let mut loaded = Self { metas, source: None, targets, board, named, declared, checked };
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
        let versions = entity.versions()?;
        let document = self.meta(Modality::Document);
        let derived = self.meta(Modality::Vector).and_then(|(.., meta)| {
            meta.derived_from.iter().find(|d| d.modality == Modality::Document)
        });
        let source = drift::vector::Source {
            hash: derived.map(|d| d.content_hash),
            version: derived.map_or(0, |d| d.version),
            document: self.source.as_ref(),
            now_version: document.map_or(0, |(_, version, _)| *version),
            since: document.and_then(|(_, version, _)| {
                versions.iter().find(|v| v.number == *version).map(|v| v.at)
            }),
        };
        let mut embeddings: Vec<(&str, &Embedding)> = match entity.vector()? {
            Some(all) => all.named.iter().map(|(name, one)| (name.as_str(), one)).collect(),
            None => Vec::new(),
        };
        // The default one stands for the vector; without it the first does.
        embeddings.sort_by_key(|(name, _)| *name != DEFAULT_NAME);
        let mut embeddings = embeddings.into_iter().map(|(_, embedding)| embedding);
        let embedding = embeddings.next();
        let others: Vec<&Embedding> = embeddings.collect();
        let contents: Vec<(Modality, ContentHash)> =
            self.metas.iter().map(|(m, _, meta)| (*m, meta.content_hash)).collect();
        let hash = document.map(|(.., meta)| meta.content_hash);
        Ok(measure(&Subject {
            id: entity.id().as_str(),
            document: entity.document()?.zip(hash),
            vector: embedding.map(|embedding| (embedding, source)),
            others: &others,
            graph: entity.graph()?,
            semantic: entity.semantic()?,
            tensor: entity.tensor()?,
            versions,
            events: entity.events()?,
            place: entity.spatial()?,
            title_of: &|id| self.targets.get(id).cloned().flatten(),
            exists: &|id| self.targets.contains_key(id),
            names: (entity.present().contains(Modality::Graph)
                && entity.present().contains(Modality::Document))
            .then(|| self.board.dictionary()),
            contents: &contents,
            created: entity.header().created_at,
            modified: entity.asked_modified_at(),
            named: &self.named,
            declared: &self.declared,
            checked: &self.checked,
        }))
    }
}

/// Where the hexads it is linked to say that it is, and where those say it is that are in it.
fn named(ctx: &Context<'_>, board: &Board, entity: &Entity<'_>) -> Result<Vec<spatial::Named>> {
    let mut named = Vec::new();
    if entity.spatial()?.is_none() {
        return Ok(named);
    }
    let edges = entity.graph()?.map(|g| g.edges.as_slice()).unwrap_or_default();
    for edge in edges.iter().filter(|edge| facts::is_situated(edge)) {
        let (predicate, target) = (edge.predicate.clone(), edge.target.as_str().to_owned());
        let reach = match ctx.view.iid(&target)? {
            Some(iid) => board.entry(iid.0).map(|entry| &entry.facts),
            None => None,
        };
        let linked = reach.and_then(|f| f.center.zip(f.radius_km));
        let extent = facts::group(edge).and_then(|group| board.extent(group));
        // A place that left everything that is in it is wrong itself, and not all of them.
        let linked =
            linked.filter(|&(center, reach)| extent.is_none_or(|e| e.includes(center, reach)));
        if let Some((center, radius_km)) = linked {
            let by = Naming::Linked { predicate, target };
            named.push(spatial::Named { by, center, radius_km });
        } else if let Some(extent) = extent {
            let by = Naming::Siblings { predicate, target, others: extent.members - 1 };
            let (center, radius_km) = (extent.center, extent.radius_km);
            named.push(spatial::Named { by, center, radius_km });
        }
    }
    named.extend(left(board, entity));
    Ok(named)
}

/// Where the hexads are that are in this one, when it is not there.
fn left(board: &Board, entity: &Entity<'_>) -> Option<spatial::Named> {
    let known = board.entry(entity.iid().0)?;
    let (center, reach) = known.facts.center.zip(known.facts.radius_km)?;
    let extents = facts::groups_in(entity.id().as_str());
    let extents = extents.filter_map(|(predicate, group)| Some((predicate, board.extent(group)?)));
    let (predicate, extent) = extents.max_by_key(|(_, extent)| extent.members)?;
    if extent.includes(center, reach) {
        return None;
    }
    let by = Naming::Members { predicate: predicate.to_owned(), others: extent.members };
    let radius_km = extent.radius_km.max(reach);
    Some(spatial::Named { by, center: extent.center, radius_km })
}

fn title(ctx: &Context<'_>, iid: Iid) -> Result<Option<String>> {
    match ctx.view.record(Modality::Document, iid)? {
        Some(record) => Ok(document::codec::title(&record.body)?.map(str::to_owned)),
        None => Ok(None),
    }
}
