//! Sessions: what `BEGIN`, `SET` and `PREPARE` do lasts from one statement to the next. A statement says
//! in which session it is to run; one that is not used for a while is forgotten, and with it an open
//! transaction is rolled back.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::server::problem::Problem;
use crate::server::rest::answer;
use crate::server::rest::extract::{At, Body, Who};
use crate::server::state::App;

/// How a session is opened: nothing can be said yet.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::empty_structs_with_brackets, reason = "an object without members")]
pub struct SessionRequest {}

/// A session that was opened.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SessionAnswer {
    /// What statements name it by, as their `session`.
    pub id: String,
    /// When it was opened.
    pub started_at: String,
    /// The time after which it is forgotten when it is not used.
    pub idle_ms: u64,
}

/// `POST /sessions`
pub async fn open(
    State(app): State<Arc<App>>,
    Who(who): Who,
    Body(SessionRequest {}): Body<SessionRequest>,
) -> Result<Response, Problem> {
    let limits = app.limits();
    let (id, started_at) = (app.token(), app.clock.now().to_string());
    let session = app.session(&who);
    let kept =
        app.conversations.keep(id, &who.to_string(), session, started_at.clone(), limits.kept)?;
    let idle_ms = limits.idle.as_millis() as u64;
    let body = SessionAnswer { id: kept.id.clone(), started_at, idle_ms };
    Ok(answer::json(StatusCode::CREATED, &body))
}

/// `DELETE /sessions/{id}`
pub async fn close(
    State(app): State<Arc<App>>,
    Who(who): Who,
    At(id): At<String>,
) -> Result<StatusCode, Problem> {
    app.conversations.end(&id, &who.to_string())?;
    Ok(StatusCode::NO_CONTENT)
}
