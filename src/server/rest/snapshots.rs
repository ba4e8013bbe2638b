//! Snapshots and contracts, by name.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::server::problem::Problem;
use crate::server::rest::extract::{At, Body, Who};
use crate::server::rest::{answer, told};
use crate::server::state::App;

/// A name.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// Letters, digits and `_`, no digit at the beginning.
    #[schemars(regex(pattern = r"^[A-Za-z_][A-Za-z0-9_]{0,63}$"))]
    pub name: String,
}

/// `GET /snapshots`
pub async fn list(
    State(app): State<Arc<App>>,
    Who(who): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    Ok(answer::json(
        StatusCode::OK,
        &told::rows(&app, &who, &headers, "SHOW SNAPSHOTS", &[]).await?,
    ))
}

/// `POST /snapshots`
pub async fn create(
    State(app): State<Arc<App>>,
    Who(who): Who,
    headers: HeaderMap,
    Body(Named { name }): Body<Named>,
) -> Result<Response, Problem> {
    let statement = format!("CREATE SNAPSHOT {}", told::word(&name)?);
    told::run(&app, &who, &headers, &statement, &[]).await?;
    let rows = told::rows(&app, &who, &headers, "SHOW SNAPSHOTS", &[]).await?;
    let made = rows.into_iter().find(|row| row.get("name").and_then(|n| n.as_str()) == Some(&name));
    Ok(answer::json(StatusCode::CREATED, &made.ok_or_else(Problem::internal)?))
}

/// `POST /snapshots/{name}/restore`
pub async fn restore(
    State(app): State<Arc<App>>,
    Who(who): Who,
    At(name): At<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let statement = format!("RESTORE SNAPSHOT {}", told::word(&name)?);
    let outcome = told::run(&app, &who, &headers, &statement, &[]).await?;
    let changed = outcome.affected.unwrap_or(0);
    Ok(answer::json(StatusCode::OK, &serde_json::json!({"name": name, "affected": changed})))
}

/// `DELETE /snapshots/{name}`
pub async fn drop_one(
    State(app): State<Arc<App>>,
    Who(who): Who,
    At(name): At<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let statement = format!("DROP SNAPSHOT {}", told::word(&name)?);
    told::run(&app, &who, &headers, &statement, &[]).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `GET /contracts`
pub async fn contracts(
    State(app): State<Arc<App>>,
    Who(who): Who,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    Ok(answer::json(
        StatusCode::OK,
        &told::rows(&app, &who, &headers, "SHOW CONTRACTS", &[]).await?,
    ))
}
