//! Failures in GraphQL: the message, and in `extensions` the same stable kind, family, place and advice
//! that REST tells.

use async_graphql::{Error, ErrorExtensionValues, Response, Value};

use crate::server::problem::Problem;

/// The family of what is wrong with the document and not with the database.
const DOCUMENT: &str = "VQL_REQUEST_ERROR";

/// A failure of a field.
pub fn failed(problem: Problem) -> Error {
    let mut values = ErrorExtensionValues::default();
    values.set("code", problem.code);
    values.set("kind", problem.kind);
    values.set("recoverable", problem.recoverable);
    if let Some(hint) = problem.hint {
        values.set("hint", hint);
    }
    let span = problem.span.and_then(|span| serde_json::to_value(span).ok());
    if let Some(span) = span.and_then(|span| Value::from_json(span).ok()) {
        values.set("span", span);
    }
    let mut error = Error::new(problem.detail);
    error.extensions = Some(values);
    error
}

/// Gives a name to failures that have none: those of the document itself.
pub fn name(response: &mut Response) {
    for error in &mut response.errors {
        if error.extensions.is_none() {
            let mut values = ErrorExtensionValues::default();
            values.set("code", DOCUMENT);
            values.set("kind", "InvalidDocument");
            values.set("recoverable", false);
            error.extensions = Some(values);
        }
    }
}
