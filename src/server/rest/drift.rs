//! Drift, its repair, and what waits for a decision.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use crate::server::problem::Problem;
use crate::server::rest::extract::{Args, At, Body, Who};
use crate::server::rest::{answer, told};
use crate::server::state::App;

/// A score above which a hexad is in a bad way.
const CRITICAL: f64 = 0.7;

/// How the whole database has drifted.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DriftStatus {
    /// `healthy`, `warning` or `critical`.
    pub status: &'static str,
    /// The kind of drift with the worst score.
    pub worst_drift_type: Option<String>,
    /// That score; null while nothing is measured.
    pub worst_score: Option<f64>,
    /// When it was asked.
    pub checked_at: String,
    /// Every kind of drift, as `DRIFT METRICS` says it.
    pub types: Vec<Map<String, Json>>,
}

/// How one hexad has drifted.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct EntityDrift {
    /// The id.
    pub entity_id: String,
    /// The worst score.
    pub overall_score: f64,
    /// The same.
    pub score: f64,
    /// Its kind.
    pub drift_type: Option<String>,
    /// `healthy`, `warning` or `critical`.
    pub status: &'static str,
    /// The worst score that each modality has part in.
    pub modality_scores: BTreeMap<String, f64>,
    /// Whether a score is above its threshold.
    pub needs_normalization: bool,
    /// When it was asked.
    pub last_checked: String,
    /// Every score with its evidence.
    pub scores: Vec<Map<String, Json>>,
}

/// How a hexad is normalized.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Trigger {
    /// Write nothing, and say what would change.
    pub dry_run: bool,
    /// The modality that is taken to be right.
    pub from: Option<String>,
}

/// What became of a normalization.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Normalized {
    /// The id.
    pub entity_id: String,
    /// `completed`, `no_drift`, `planned` or `open`.
    pub status: &'static str,
    /// What was done about each drift, as `NORMALIZE` says it.
    pub repairs: Vec<Map<String, Json>>,
}

/// A decision.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// The modality, or the candidate, that is right. Without it the conflict is dismissed.
    #[serde(default)]
    pub keep: Option<String>,
}

/// No more than these.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Most {
    limit: Option<u64>,
}

impl Most {
    fn or(&self, default: u64) -> u64 {
        self.limit.unwrap_or(default).clamp(1, 10_000)
    }
}

fn grade(score: f64, drifted: bool) -> &'static str {
    match (drifted, score >= CRITICAL) {
        (false, _) => "healthy",
        (true, false) => "warning",
        (true, true) => "critical",
    }
}

fn number(row: &Map<String, Json>, name: &str) -> Option<f64> {
    row.get(name).and_then(Json::as_f64)
}

fn text(row: &Map<String, Json>, name: &str) -> Option<String> {
    row.get(name).and_then(Json::as_str).map(str::to_owned)
}

/// `GET /drift/status`
pub async fn status(
    State(app): State<Arc<App>>,
    Who(who): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let types = told::rows(&app, &who, &headers, "DRIFT METRICS FROM hexads", &[]).await?;
    let scored = types.iter().filter_map(|row| Some((number(row, "worst_score")?, row)));
    let worst = scored.max_by(|a, b| a.0.total_cmp(&b.0));
    let drifted = types.iter().any(|row| number(row, "drifted").is_some_and(|n| n > 0.0));
    let status = DriftStatus {
        status: grade(worst.map_or(0.0, |(score, _)| score), drifted),
        worst_drift_type: worst.and_then(|(_, row)| text(row, "drift_type")),
        worst_score: worst.map(|(score, _)| score),
        checked_at: app.clock.now().to_string(),
        types,
    };
    Ok(answer::json(StatusCode::OK, &status))
}

/// `GET /drift/entity/{id}`
pub async fn entity(
    State(app): State<Arc<App>>,
    Who(who): Who,
    At(id): At<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let rows = told::rows(&app, &who, &headers, "SHOW DRIFT $id", &[("id", json!(id))]).await?;
    let mut modality_scores: BTreeMap<String, f64> = BTreeMap::new();
    let mut worst: Option<(f64, Option<String>)> = None;
    let mut needs = false;
    for row in &rows {
        let Some(score) = number(row, "score") else { continue };
        needs |= number(row, "threshold").is_some_and(|threshold| score > threshold);
        if worst.as_ref().is_none_or(|(known, _)| score > *known) {
            worst = Some((score, text(row, "drift_type")));
        }
        for modality in row.get("modalities").and_then(Json::as_array).into_iter().flatten() {
            let name = modality.as_str().unwrap_or_default().to_owned();
            let known = modality_scores.entry(name).or_default();
            *known = known.max(score);
        }
    }
    let (score, drift_type) = worst.unwrap_or_default();
    let drift = EntityDrift {
        entity_id: id,
        overall_score: score,
        score,
        drift_type,
        status: grade(score, needs),
        modality_scores,
        needs_normalization: needs,
        last_checked: app.clock.now().to_string(),
        scores: rows,
    };
    Ok(answer::json(StatusCode::OK, &drift))
}

/// `GET /drift/history`
pub async fn history(
    State(app): State<Arc<App>>,
    Who(who): Who,
    Args(most): Args<Most>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let statement = format!("DRIFT HISTORY FROM hexads LIMIT {}", most.or(100));
    let rows = told::rows(&app, &who, &headers, &statement, &[]).await?;
    Ok(answer::json(StatusCode::OK, &rows))
}

/// `GET /normalizer/status`
pub async fn normalizer(
    State(app): State<Arc<App>>,
    Who(who): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let policy = told::rows(&app, &who, &headers, "SHOW NORMALIZER", &[]).await?;
    let open = told::rows(&app, &who, &headers, "SHOW CONFLICTS", &[]).await?;
    let done = told::rows(&app, &who, &headers, "SHOW NORMALIZATIONS LIMIT 1", &[]).await?;
    let part =
        |name: &str| policy.iter().find(|row| row.get("part").and_then(Json::as_str) == Some(name));
    let auto = part("auto").and_then(|row| row.get("value")).cloned();
    let body = json!({
        "running": auto.as_ref().is_some_and(|auto| auto != "off"),
        "auto": auto,
        "pending_count": open.len(),
        "last_normalization": done.first().and_then(|row| row.get("at")),
        "policy": policy,
    });
    Ok(answer::json(StatusCode::OK, &body))
}

/// `GET /normalizer/history`
pub async fn normalizations(
    State(app): State<Arc<App>>,
    Who(who): Who,
    Args(most): Args<Most>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let statement = format!("SHOW NORMALIZATIONS LIMIT {}", most.or(100));
    Ok(answer::json(StatusCode::OK, &told::rows(&app, &who, &headers, &statement, &[]).await?))
}

/// `GET /normalizer/policies`
pub async fn policies(
    State(app): State<Arc<App>>,
    Who(who): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    Ok(answer::json(StatusCode::OK, &told::rows(&app, &who, &headers, "SHOW POLICIES", &[]).await?))
}

/// `POST /normalizer/trigger/{id}`
pub async fn trigger(
    State(app): State<Arc<App>>,
    Who(who): Who,
    At(id): At<String>,
    headers: HeaderMap,
    Body(Trigger { dry_run, from }): Body<Trigger>,
) -> Result<Response, Problem> {
    let mut statement = "NORMALIZE HEXAD $id".to_owned();
    if let Some(from) = &from {
        let modality = crate::engine::base::Modality::from_keyword(from)
            .ok_or_else(|| Problem::malformed(format!("`from`: `{from}` is no modality")))?;
        statement.push_str(" FROM ");
        statement.push_str(modality.name());
    }
    if dry_run {
        statement.push_str(" DRY RUN");
    }
    let outcome = told::run(&app, &who, &headers, &statement, &[("id", json!(id))]).await?;
    let repairs = told::objects(&outcome);
    let status = match (repairs.is_empty(), dry_run, outcome.affected.unwrap_or(0)) {
        (true, ..) => "no_drift",
        (false, true, _) => "planned",
        (false, false, 0) => "open",
        (false, false, _) => "completed",
    };
    Ok(answer::json(StatusCode::OK, &Normalized { entity_id: id, status, repairs }))
}

/// `GET /conflicts`
pub async fn conflicts(
    State(app): State<Arc<App>>,
    Who(who): Who,
    Args(most): Args<Most>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let statement = format!("SHOW CONFLICTS LIMIT {}", most.or(100));
    Ok(answer::json(StatusCode::OK, &told::rows(&app, &who, &headers, &statement, &[]).await?))
}

/// `POST /conflicts/{id}/resolve`
pub async fn resolve(
    State(app): State<Arc<App>>,
    Who(who): Who,
    At(id): At<String>,
    headers: HeaderMap,
    Body(Decision { keep }): Body<Decision>,
) -> Result<Response, Problem> {
    let statement = match &keep {
        None => "RESOLVE CONFLICT $id DISMISS".to_owned(),
        Some(name) => format!("RESOLVE CONFLICT $id KEEP {}", told::word(name)?),
    };
    let rows = told::rows(&app, &who, &headers, &statement, &[("id", json!(id))]).await?;
    Ok(answer::json(StatusCode::OK, &rows))
}
