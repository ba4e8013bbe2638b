//! Hexads in GraphQL, read whole, and together when several fields want some at the same time.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::{DataLoader, Loader as Load};
use async_graphql::{ComplexObject, Context, ID, Json, Result, SimpleObject};
use serde_json::{Map, Value};

use crate::engine::auth::Principal;
use crate::engine::base::{Modality, ModalitySet};
use crate::engine::session::hexads::Held;
use crate::server::problem::Problem;
use crate::server::state::App;

use super::failure::failed;
use super::rows::{Ask, Row, asker, param};

/// An entity across its modalities.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct Hexad {
    /// Its name.
    pub id: ID,
    /// Which version this is.
    pub version: u32,
    /// How many versions there are, up to this one.
    pub version_count: u32,
    /// Names this state of it: a write can ask for it.
    pub etag: String,
    /// When it was created.
    pub created_at: String,
    /// When this version was written.
    pub modified_at: String,
    /// Whether it has edges.
    pub has_graph: bool,
    /// Whether it has embeddings.
    pub has_vector: bool,
    /// Whether it has an array.
    pub has_tensor: bool,
    /// Whether it has types or properties.
    pub has_semantic: bool,
    /// Whether it has text or fields.
    pub has_document: bool,
    /// Whether it has versions.
    pub has_temporal: bool,
    /// Whether it has events.
    pub has_provenance: bool,
    /// Whether it has a place.
    pub has_spatial: bool,
    /// The title of its document.
    pub title: Option<String>,
    /// The body of its document.
    pub body: Option<String>,
    /// Its types.
    pub types: Vec<String>,
    /// Text and fields, as the data format has them.
    pub document: Option<Json<Value>>,
    /// Embeddings.
    pub vector: Option<Json<Value>>,
    /// Edges.
    pub graph: Option<Json<Value>>,
    /// Types and properties.
    pub semantic: Option<Json<Value>>,
    /// An array.
    pub tensor: Option<Json<Value>>,
    /// When it is true.
    pub temporal: Option<Json<Value>>,
    /// A place.
    pub spatial: Option<Json<Value>>,
}

/// What is known of where a hexad comes from.
#[derive(Clone, Debug, SimpleObject)]
pub struct Provenance {
    /// Whether the chain of the events holds: every hash was computed again.
    pub valid: bool,
    /// Why not.
    pub error: Option<String>,
    /// How many events there are.
    pub chain_length: u64,
    /// The events, oldest first.
    pub events: Vec<Json<Value>>,
    /// The versions, oldest first.
    pub versions: Vec<Json<Value>>,
}

/// How far two modalities of a hexad have moved apart.
#[derive(Clone, Debug, SimpleObject)]
pub struct DriftScore {
    /// Which kind of drift.
    pub drift_type: String,
    /// From 0, they agree, to 1.
    pub score: Option<f64>,
    /// Above which score it is drift.
    pub threshold: Option<f64>,
    /// How bad it is, when it is drift.
    pub severity: Option<String>,
    /// What it was measured by.
    pub evidence: Option<Json<Value>>,
}

impl From<Held> for Hexad {
    fn from(held: Held) -> Self {
        let line: Map<String, Value> = serde_json::from_str(&held.json).unwrap_or_default();
        let part = |name: &str| line.get(name).filter(|value| !value.is_null()).cloned();
        let text = |name: &str| Some(line.get("document")?.get(name)?.as_str()?.to_owned());
        let types = line.get("semantic").and_then(|semantic| semantic.get("types"));
        let types = types.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let has = |modality| held.present.contains(modality);
        Self {
            version: held.version,
            version_count: held.version,
            created_at: held.created_at.to_string(),
            modified_at: held.modified_at.to_string(),
            has_graph: has(Modality::Graph),
            has_vector: has(Modality::Vector),
            has_tensor: has(Modality::Tensor),
            has_semantic: has(Modality::Semantic),
            has_document: has(Modality::Document),
            has_temporal: has(Modality::Temporal),
            has_provenance: has(Modality::Provenance),
            has_spatial: has(Modality::Spatial),
            title: text("title"),
            body: text("body"),
            types: types.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            document: part("document").map(Json),
            vector: part("vector").map(Json),
            graph: part("graph").map(Json),
            semantic: part("semantic").map(Json),
            tensor: part("tensor").map(Json),
            temporal: part("temporal").map(Json),
            spatial: part("spatial").map(Json),
            etag: held.tag,
            id: ID(held.id),
        }
    }
}

impl Hexad {
    /// The targets of its edges, of one predicate or of all.
    pub(super) fn targets(&self, predicate: Option<&str>) -> Vec<String> {
        let edges = self.graph.as_ref().and_then(|Json(graph)| graph.as_array());
        let edges = edges.map(Vec::as_slice).unwrap_or_default().iter();
        let text = |edge: &Value, name: &str| edge.get(name)?.as_str().map(str::to_owned);
        let mut targets: Vec<String> = Vec::new();
        for edge in edges {
            let of = text(edge, "predicate").unwrap_or_default();
            let wanted = predicate.is_none_or(|predicate| predicate.eq_ignore_ascii_case(&of));
            if let Some(target) = text(edge, "target").filter(|t| wanted && !targets.contains(t)) {
                targets.push(target);
            }
        }
        targets
    }
}

#[ComplexObject]
impl Hexad {
    /// The hexads that its edges lead to, as far as they exist.
    #[graphql(complexity = "first as usize * child_complexity + 1")]
    async fn related(
        &self,
        ctx: &Context<'_>,
        predicate: Option<String>,
        #[graphql(default = 10, validator(maximum = 1000))] first: u32,
    ) -> Result<Vec<Self>> {
        let mut targets = self.targets(predicate.as_deref());
        targets.truncate(first as usize);
        load(ctx, targets).await
    }

    /// Every score of its drift.
    async fn drift(&self, ctx: &Context<'_>) -> Result<Vec<DriftScore>> {
        drift(ctx, &self.id).await
    }

    /// Where it comes from.
    async fn provenance(&self, ctx: &Context<'_>) -> Result<Option<Provenance>> {
        provenance(ctx, &self.id).await
    }
}

/// Hexads by their ids, in this order; those that do not exist are left out.
pub async fn load(ctx: &Context<'_>, ids: Vec<String>) -> Result<Vec<Hexad>> {
    let loader = ctx.data::<DataLoader<Loader>>()?;
    let mut found = loader.load_many(ids.clone()).await.map_err(failed)?;
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// Every score of the drift of a hexad.
pub async fn drift(ctx: &Context<'_>, id: &str) -> Result<Vec<DriftScore>> {
    let ask = Ask::ours("SHOW DRIFT $id", [param("id", id)].into_iter().collect());
    let answer = ask.here(ctx).await?;
    let score = |row: &Json<Map<String, Value>>| {
        let row = Row(row);
        DriftScore {
            drift_type: row.text("drift_type"),
            score: row.number("score"),
            threshold: row.number("threshold"),
            severity: row.some_text("severity"),
            evidence: row.json("evidence"),
        }
    };
    Ok(answer.rows.iter().map(score).collect())
}

/// Where a hexad comes from.
pub async fn provenance(ctx: &Context<'_>, id: &str) -> Result<Option<Provenance>> {
    let (app, who) = asker(ctx)?;
    let id = id.to_owned();
    let history = app.run(who, None, move |session, control| session.hexad_history(&id, control));
    let Some((line, chain)) = history.await.map_err(failed)? else { return Ok(None) };
    let line: Value = serde_json::from_str(&line).unwrap_or_default();
    let list = |value: Option<&Value>| -> Vec<Json<Value>> {
        value.and_then(Value::as_array).into_iter().flatten().cloned().map(Json).collect()
    };
    let events = list(line.get("provenance"));
    let versions = list(line.get("temporal").and_then(|temporal| temporal.get("versions")));
    let (valid, error) = (chain.is_ok(), chain.err());
    Ok(Some(Provenance { valid, error, chain_length: events.len() as u64, events, versions }))
}

/// Reads hexads of somebody, those that are wanted at the same time at once.
pub struct Loader {
    app: Arc<App>,
    who: Principal,
}

impl Loader {
    /// For one request.
    pub fn of(app: &Arc<App>, who: &Principal) -> DataLoader<Self> {
        DataLoader::new(Self { app: Arc::clone(app), who: who.clone() }, tokio::spawn)
    }
}

impl Load<String> for Loader {
    type Value = Hexad;
    type Error = Problem;

    async fn load(&self, ids: &[String]) -> Result<HashMap<String, Hexad>, Problem> {
        let ids = ids.to_vec();
        let read = self.app.run(&self.who, None, move |session, control| {
            let mut found = HashMap::new();
            for id in ids {
                if let Some(held) = session.hexad(&id, ModalitySet::ALL, control)? {
                    found.insert(id, Hexad::from(held));
                }
            }
            Ok(found)
        });
        read.await
    }
}
