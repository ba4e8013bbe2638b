//! Statements of the server's own for resources that are asked for without one: fixed texts, and values
//! as parameters, so that nothing a client sends is ever read as a part of the statement.

use std::sync::Arc;

use axum::http::HeaderMap;
use serde_json::{Map, Value as Json};

use crate::engine::Outcome;
use crate::engine::auth::Principal;
use crate::server::problem::Problem;
use crate::server::rest::hexads::TRANSACTION;
use crate::server::rest::query::{self, Call};
use crate::server::state::App;

/// Rows as objects.
pub type Rows = Vec<Map<String, Json>>;

/// Runs a statement with these values, in the transaction that the request names, if it names one.
pub async fn run(
    app: &Arc<App>,
    who: &Principal,
    headers: &HeaderMap,
    text: &str,
    params: &[(&str, Json)],
) -> Result<Outcome, Problem> {
    let params = params.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    // The client wrote no statement, so there is no place in it.
    let placeless = |problem| Problem { span: None, ..problem };
    let call = Call::new(text.to_owned(), params, false, app.limits().rows).map_err(placeless)?;
    let transaction = headers.get(&TRANSACTION).and_then(|id| id.to_str().ok()).map(str::to_owned);
    let done = query::run(app, who, call, None, transaction).await;
    let (outcome, _) = done.map_err(placeless)?;
    Ok(outcome)
}

/// The same, for its rows.
pub async fn rows(
    app: &Arc<App>,
    who: &Principal,
    headers: &HeaderMap,
    text: &str,
    params: &[(&str, Json)],
) -> Result<Rows, Problem> {
    Ok(objects(&run(app, who, headers, text, params).await?))
}

/// Rows as objects.
pub fn objects(outcome: &Outcome) -> Rows {
    let names = outcome.unique_names();
    let object = |row: &Vec<crate::engine::base::Value>| {
        names.iter().zip(row).map(|(n, v)| (n.clone(), v.to_json())).collect()
    };
    outcome.rows.iter().map(object).collect()
}

/// A name that has to stand in a statement as a word of it: letters, digits and `_`.
pub fn word(name: &str) -> Result<&str, Problem> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let digit = name.starts_with(|c: char| c.is_ascii_digit());
    if (1..=64).contains(&name.len()) && name.chars().all(plain) && !digit {
        return Ok(name);
    }
    Err(Problem::malformed("a name is 1 to 64 letters, digits and `_`, and begins with no digit"))
}
