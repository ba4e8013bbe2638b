//! Where a hexad comes from: the chain of its events, whether it holds, and one event more.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::engine::base::HexadId;
use crate::engine::hexad::ProvenanceInput;
use crate::engine::session::hexads::HexadWrite;
use crate::server::problem::Problem;
use crate::server::rest::extract::{At, Body, Who};
use crate::server::rest::{answer, hexads};
use crate::server::state::App;

/// What happened.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// A word: `measured`, `reviewed` ..
    #[serde(alias = "event")]
    pub event_type: String,
    /// Who; the one who asks, when nobody is named.
    #[serde(default)]
    pub actor: Option<String>,
    /// From where.
    #[serde(default)]
    pub source: Option<String>,
    /// In words.
    #[serde(default)]
    pub description: Option<String>,
    /// A digest of the source.
    #[serde(default)]
    pub digest: Option<String>,
}

/// Whether a chain holds.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Verified {
    /// The id.
    pub entity_id: String,
    /// Whether every hash is that of its event and of the event before.
    pub valid: bool,
    /// The same, under its other name.
    pub chain_valid: bool,
    /// How many events there are.
    pub chain_length: usize,
    /// What is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// The history of a hexad and the state of its chain.
type History = (Json, Result<usize, String>);

async fn history(
    app: &Arc<App>,
    who: &Who,
    headers: &HeaderMap,
    id: &str,
) -> Result<History, Problem> {
    let asked = id.to_owned();
    let found = hexads::run(app, &who.0, headers, "HISTORY", move |session, control| {
        session.hexad_history(&asked, control)
    });
    let (line, chain) =
        found.await?.ok_or_else(|| Problem::not_found(format!("no hexad `{id}`")))?;
    Ok((serde_json::from_str(&line).map_err(|_| Problem::internal())?, chain))
}

/// `GET /provenance/{id}`: the events, oldest first.
pub async fn list(
    State(app): State<Arc<App>>,
    who: Who,
    At(id): At<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (mut history, _) = history(&app, &who, &headers, &id).await?;
    let events = history.get_mut("provenance").map(Json::take);
    Ok(answer::json(StatusCode::OK, &events.unwrap_or_else(|| Json::Array(Vec::new()))))
}

/// `GET /hexads/{id}/versions`: the versions, oldest first.
pub async fn versions(
    State(app): State<Arc<App>>,
    who: Who,
    At(id): At<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (mut history, _) = history(&app, &who, &headers, &id).await?;
    let versions = history.pointer_mut("/temporal/versions").map(Json::take);
    Ok(answer::json(StatusCode::OK, &versions.unwrap_or_else(|| Json::Array(Vec::new()))))
}

/// `GET /provenance/{id}/verify`
pub async fn verify(
    State(app): State<Arc<App>>,
    who: Who,
    At(id): At<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (history, chain) = history(&app, &who, &headers, &id).await?;
    let length = history.get("provenance").and_then(Json::as_array).map_or(0, Vec::len);
    let verified = Verified {
        entity_id: id,
        valid: chain.is_ok(),
        chain_valid: chain.is_ok(),
        chain_length: length,
        error: chain.err(),
    };
    Ok(answer::json(StatusCode::OK, &verified))
}

/// `POST /provenance/{id}/record`
pub async fn record(
    State(app): State<Arc<App>>,
    Who(who): Who,
    At(id): At<String>,
    headers: HeaderMap,
    Body(event): Body<Event>,
) -> Result<Response, Problem> {
    let Event { event_type, actor, source, description, digest } = event;
    let event = ProvenanceInput { event: event_type, actor, source, description, digest };
    let write = HexadWrite::Event(HexadId::new(id)?, event);
    let mut wrote = hexads::run(&app, &who, &headers, "EVENT", move |session, control| {
        session.write_hexads(&[write], control)
    })
    .await?;
    let wrote = wrote.pop().ok_or_else(Problem::internal)?;
    Ok(answer::json(StatusCode::CREATED, &hexads::Written::from(wrote)))
}
