//! Transactions over several requests: a session in which one is open. Statements name it as their
//! `session`, other requests by the header `Vql-Transaction`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::engine::TransactionState;
use crate::engine::outcome::Params;
use crate::server::conversation::Conversation;
use crate::server::problem::Problem;
use crate::server::rest::answer;
use crate::server::rest::extract::{At, Body, Who};
use crate::server::state::App;

/// How a transaction is begun.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Begin {
    /// `read committed`, `snapshot` or `serializable`.
    pub isolation: Option<String>,
    /// It writes nothing.
    pub read_only: bool,
}

/// A transaction.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Transaction {
    /// Its name.
    pub id: String,
    /// `active`, `failed`, `committed` or `rolled_back`.
    pub state: &'static str,
    /// Requests that were a part of it.
    pub operation_count: u64,
    /// When it was begun.
    pub started_at: String,
    /// When it ended.
    pub completed_at: Option<String>,
}

impl Transaction {
    fn of(kept: &Conversation, state: &'static str, completed_at: Option<String>) -> Self {
        Self {
            id: kept.id.clone(),
            state,
            operation_count: kept.statements(),
            started_at: kept.started_at.clone(),
            completed_at,
        }
    }
}

/// `POST /transactions/begin`
pub async fn begin(
    State(app): State<Arc<App>>,
    Who(who): Who,
    Body(Begin { isolation, read_only }): Body<Begin>,
) -> Result<Response, Problem> {
    let level = match isolation.as_deref().map(|name| name.to_ascii_lowercase().replace('_', " ")) {
        None => "",
        Some(name) if name == "read committed" => " ISOLATION LEVEL READ COMMITTED",
        Some(name) if name == "snapshot" => " ISOLATION LEVEL SNAPSHOT",
        Some(name) if name == "serializable" => " ISOLATION LEVEL SERIALIZABLE",
        Some(other) => {
            return Err(Problem::malformed(format!("`isolation`: `{other}` is no level"))
                .hint("read committed, snapshot, serializable"));
        }
    };
    let text = format!("BEGIN{}{level}", if read_only { " READ ONLY" } else { "" });
    let mut session = app.session(&who);
    let control = app.control(None);
    let begun = app.work.run(move |_| {
        let parsed = crate::engine::lang::parse(&text);
        for statement in &parsed.script.statements {
            session.execute(&text, statement, &Params::new(), &control)?;
        }
        Ok::<_, crate::engine::base::Error>(session)
    });
    let session = begun.await??;
    let (id, now) = (app.token(), app.clock.now().to_string());
    let kept = app.conversations.keep(id, &who.to_string(), session, now, app.limits().kept)?;
    Ok(answer::json(StatusCode::CREATED, &Transaction::of(&kept, "active", None)))
}

/// `GET /transactions/{id}`
pub async fn read(
    State(app): State<Arc<App>>,
    Who(who): Who,
    At(id): At<String>,
) -> Result<Response, Problem> {
    let kept = app.conversations.get(&id, &who.to_string())?;
    let state = match kept.session.try_lock().map(|session| session.transaction()) {
        // While a statement of it runs it is open.
        None | Some(TransactionState::Open) => "active",
        Some(TransactionState::Failed) => "failed",
        Some(TransactionState::None) => "idle",
    };
    Ok(answer::json(StatusCode::OK, &Transaction::of(&kept, state, None)))
}

/// `POST /transactions/{id}/commit`
pub async fn commit(
    State(app): State<Arc<App>>,
    Who(who): Who,
    At(id): At<String>,
) -> Result<Response, Problem> {
    end(&app, &who.to_string(), &id, true).await
}

/// `POST /transactions/{id}/rollback`
pub async fn rollback(
    State(app): State<Arc<App>>,
    Who(who): Who,
    At(id): At<String>,
) -> Result<Response, Problem> {
    end(&app, &who.to_string(), &id, false).await
}

/// Whatever becomes of it, it is over.
async fn end(app: &Arc<App>, who: &str, id: &str, commit: bool) -> Result<Response, Problem> {
    let kept = app.conversations.end(id, who)?;
    let (mine, control) = (Arc::clone(&kept), app.control(None));
    let text = if commit { "COMMIT" } else { "ROLLBACK" };
    let ended = app.work.run(move |_| {
        // As a statement, so that everything happens that happens behind one.
        let parsed = crate::engine::lang::parse(text);
        let mut session = mine.session.lock();
        for statement in &parsed.script.statements {
            session.execute(text, statement, &Params::new(), &control)?;
        }
        Ok::<_, crate::engine::base::Error>(())
    });
    ended.await??;
    let state = if commit { "committed" } else { "rolled_back" };
    let body = Transaction::of(&kept, state, Some(app.clock.now().to_string()));
    Ok(answer::json(StatusCode::OK, &body))
}
