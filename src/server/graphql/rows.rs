//! Statements as fields run them, and their rows as GraphQL has them.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Context, Json, Result, SimpleObject};
use serde_json::{Map, Value};

use crate::engine::auth::Principal;
use crate::engine::base::Value as Cell;
use crate::engine::outcome::{Outcome, Params};
use crate::server::problem::Problem;
use crate::server::rest;
use crate::server::rest::query::{self, Call};
use crate::server::state::App;

use super::failure::failed;

/// The answer to a statement.
#[derive(Clone, Debug, SimpleObject)]
pub struct Answer {
    /// What was done: `SELECT`, `INSERT` ..
    pub tag: String,
    /// The names of the columns, in order.
    pub columns: Vec<String>,
    /// The rows, each an object with a member for each column.
    pub rows: Vec<Json<Map<String, Value>>>,
    /// How many rows.
    pub row_count: u64,
    /// Hexads inserted, updated or deleted.
    pub affected: Option<u64>,
    /// What should be known although the statement succeeded.
    pub notices: Vec<Notice>,
    /// The time it took, in milliseconds.
    pub elapsed_ms: f64,
}

/// A warning.
#[derive(Clone, Debug, PartialEq, Eq, SimpleObject)]
pub struct Notice {
    /// What.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Answer {
    fn of(outcome: &Outcome, elapsed: Duration) -> Self {
        let answer = rest::answer::Answer::of(outcome, elapsed);
        let notices = answer.notices.into_iter();
        Self {
            tag: answer.tag,
            columns: answer.columns.into_iter().map(|column| column.name).collect(),
            row_count: answer.rows.len() as u64,
            rows: answer.rows.into_iter().map(Json).collect(),
            affected: answer.affected,
            notices: notices
                .map(|notice| Notice { message: notice.message, hint: notice.hint })
                .collect(),
            elapsed_ms: answer.elapsed_ms,
        }
    }
}

/// What a client asks to be run.
pub struct Ask {
    /// One statement.
    pub text: String,
    /// Its values.
    pub params: Params,
    /// Allow a write that names neither a hexad nor a condition.
    pub force: bool,
    /// The time it may take.
    pub timeout: Option<Duration>,
    /// Refuse what is more than a question.
    pub only_read: bool,
}

impl Ask {
    /// A statement of ours.
    pub fn ours(text: impl Into<String>, params: Params) -> Self {
        Self { text: text.into(), params, force: false, timeout: None, only_read: false }
    }

    /// A statement of the client, with values as JSON.
    pub fn theirs(text: String, params: Option<Json<Map<String, Value>>>) -> Self {
        let params = params.map(|Json(params)| params).unwrap_or_default();
        let params = params.into_iter().map(|(name, v)| (name, Cell::from_json(v))).collect();
        Self::ours(text, params)
    }

    /// Runs it for somebody.
    pub async fn run(self, app: &Arc<App>, who: &Principal) -> Result<Answer, Problem> {
        let call = Call::typed(self.text, self.params, self.force, app.limits().rows)?;
        if self.only_read && !call.asks() {
            return Err(Problem::malformed(format!("{} is more than a question", call.keyword()))
                .hint("the mutation `execute` runs it"));
        }
        let (outcome, elapsed) = query::run(app, who, call, self.timeout, None).await?;
        Ok(Answer::of(&outcome, elapsed))
    }

    /// Runs it for whoever asks.
    pub async fn here(self, ctx: &Context<'_>) -> Result<Answer> {
        let (app, who) = asker(ctx)?;
        self.run(app, who).await.map_err(failed)
    }
}

/// The server and who asks it.
pub fn asker<'a>(ctx: &Context<'a>) -> Result<(&'a Arc<App>, &'a Principal)> {
    Ok((ctx.data::<Arc<App>>()?, ctx.data::<Principal>()?))
}

/// A value of a parameter.
pub fn param(name: &str, value: impl Into<Cell>) -> (String, Cell) {
    (name.to_owned(), value.into())
}

/// Reads a row.
pub struct Row<'a>(pub &'a Map<String, Value>);

impl Row<'_> {
    /// A text, empty when there is none.
    pub fn text(&self, name: &str) -> String {
        self.0.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// A text, if there is one.
    pub fn some_text(&self, name: &str) -> Option<String> {
        self.0.get(name).and_then(Value::as_str).map(str::to_owned)
    }

    /// A number, if there is one.
    pub fn number(&self, name: &str) -> Option<f64> {
        self.0.get(name).and_then(Value::as_f64)
    }

    /// A whole number, if there is one.
    pub fn count(&self, name: &str) -> Option<u64> {
        self.0.get(name).and_then(Value::as_u64)
    }

    /// Anything.
    pub fn json(&self, name: &str) -> Option<Json<Value>> {
        self.0.get(name).filter(|value| !value.is_null()).cloned().map(Json)
    }
}
