//! What a client is told when something goes wrong: `application/problem+json` (RFC 9457), and in the
//! same object the members `error`, `message` and `code` that clients of other servers look for.
//!
//! Which status a kind of error has is decided here, in one function. What could say something about
//! the machine (paths, the operating system) stays in the log, under the id of the request.

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::engine::base::span::Position;
use crate::engine::base::{Error, Kind, Span};

/// The media type of a problem.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// The family of the kinds that are about the request and not about the database.
pub const REQUEST: &str = "VQL_REQUEST_ERROR";

/// A failure as a client sees it.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The status of the answer.
    pub status: StatusCode,
    /// The stable name: that of the kind of the engine, or one of the server's own.
    pub kind: &'static str,
    /// The stable family of kinds.
    pub code: &'static str,
    /// What the kind means.
    pub title: &'static str,
    /// The fact.
    pub detail: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Where in the statement.
    pub span: Option<Box<Place>>,
    /// Whether the same request may succeed later.
    pub recoverable: bool,
    /// Seconds after which trying again makes sense.
    pub retry_after: Option<u32>,
}

/// A part of a statement; the end is exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "Span")]
pub struct Place {
    /// Its first character.
    pub start: Point,
    /// The one behind its last.
    pub end: Point,
}

/// A character of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Point {
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
    /// In bytes, from 0.
    pub offset: u32,
}

impl From<Position> for Point {
    fn from(at: Position) -> Self {
        Self { line: at.line, column: at.column, offset: at.offset }
    }
}

/// The body of a problem.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "Problem")]
pub struct Body {
    /// `urn:vql:error:` and the kind.
    pub r#type: String,
    /// What the kind means.
    pub title: String,
    /// The status of the answer.
    pub status: u16,
    /// What happened.
    pub detail: String,
    /// The stable family: `VQL_PARSE_ERROR` ..
    pub code: String,
    /// The stable kind: `UnexpectedToken` ..
    pub kind: String,
    /// The same as `detail`.
    pub error: String,
    /// The same as `detail`.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Where in the statement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub span: Option<Place>,
    /// Whether the same request may succeed later.
    pub recoverable: bool,
}

/// The status of an error of the engine.
pub fn status_of(kind: Kind) -> StatusCode {
    use Kind as K;
    match kind {
        K::NotFound
        | K::UpdateNotFound
        | K::DeleteNotFound
        | K::VersionNotFound
        | K::ContractNotFound
        | K::EmbeddingNotFound
        | K::SavepointNotFound => StatusCode::NOT_FOUND,
        K::InsertConflict
        | K::WriteConflict
        | K::Deadlock
        | K::LockTimeout
        | K::TransactionAborted
        | K::InvalidTransactionState
        | K::DriftDetected
        | K::ContractViolation => StatusCode::CONFLICT,
        K::Unauthenticated => StatusCode::UNAUTHORIZED,
        K::PermissionDenied | K::ReadOnlyStore => StatusCode::FORBIDDEN,
        K::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
        K::QueryTimeout | K::Cancelled => StatusCode::REQUEST_TIMEOUT,
        K::StatementTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        K::NotSupported => StatusCode::NOT_IMPLEMENTED,
        K::ResourceExhausted => StatusCode::UNPROCESSABLE_ENTITY,
        K::DiskFull => StatusCode::INSUFFICIENT_STORAGE,
        K::StoreUnavailable
        | K::DatabaseLocked
        | K::NotADatabase
        | K::NewerFormat
        | K::EmbedderUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        K::EmbedderRefused => StatusCode::BAD_GATEWAY,
        K::Corruption | K::Io | K::InternalError => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    }
}

/// Whether the message may hold what only the operator should see.
fn of_the_machine(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Io
            | Kind::Corruption
            | Kind::InternalError
            | Kind::StoreUnavailable
            | Kind::NotADatabase
            | Kind::NewerFormat
            | Kind::DatabaseLocked
    )
}

impl Problem {
    /// A failure of the request itself.
    pub fn new(
        status: StatusCode,
        kind: &'static str,
        title: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            status,
            kind,
            code: REQUEST,
            title,
            detail: detail.into(),
            hint: None,
            span: None,
            recoverable: false,
            retry_after: None,
        }
    }

    /// An error of the engine, about a place in `text`.
    pub fn of(error: Error, text: &str) -> Self {
        let at = |offset: u32| Point::from(Position::of(text, offset as usize));
        let place = |span: Span| Place { start: at(span.start), end: at(span.end) };
        let span = error.span.map(|span| Box::new(place(span)));
        Self { span, ..Self::from(error) }
    }

    /// The same, with advice.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The request is not what the route expects.
    pub fn malformed(detail: impl Into<String>) -> Self {
        let title = "The request is malformed.";
        Self::new(StatusCode::BAD_REQUEST, "MalformedRequest", title, detail)
    }

    /// There is no such thing.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Error::new(Kind::NotFound, detail).into()
    }

    /// Nobody is known by what the request shows.
    pub fn unauthenticated(detail: impl Into<String>) -> Self {
        Error::new(Kind::Unauthenticated, detail).into()
    }

    /// Too many requests by the same.
    pub fn too_many(seconds: u32) -> Self {
        let title = "There were too many requests.";
        let detail = "there were too many requests, come back later";
        let mut problem =
            Self::new(StatusCode::TOO_MANY_REQUESTS, "TooManyRequests", title, detail);
        (problem.retry_after, problem.recoverable) = (Some(seconds.max(1)), true);
        problem
    }

    /// Too many statements of all.
    pub fn overloaded() -> Self {
        let title = "The server has more to do than it can.";
        let detail = "too many statements are waiting, come back later";
        let mut problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "Overloaded", title, detail);
        (problem.retry_after, problem.recoverable) = (Some(1), true);
        problem
    }

    /// A bug of ours; what it is, is in the log.
    pub fn internal() -> Self {
        Error::new(Kind::InternalError, "an internal error").into()
    }

    /// The body.
    pub fn body(&self) -> Body {
        Body {
            r#type: format!("urn:vql:error:{}", self.kind),
            title: self.title.to_owned(),
            status: self.status.as_u16(),
            detail: self.detail.clone(),
            code: self.code.to_owned(),
            kind: self.kind.to_owned(),
            error: self.detail.clone(),
            message: self.detail.clone(),
            hint: self.hint.clone(),
            span: self.span.as_deref().copied(),
            recoverable: self.recoverable,
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let Error { kind, message, hint, .. } = error;
        let hidden = of_the_machine(kind);
        if hidden {
            tracing::error!(kind = kind.name(), message, "the engine failed");
        }
        let status = status_of(kind);
        let again = status == StatusCode::SERVICE_UNAVAILABLE || kind == Kind::LockTimeout;
        Self {
            status,
            kind: kind.name(),
            code: kind.code(),
            title: kind.about(),
            detail: if hidden { plainly(kind).to_owned() } else { message },
            hint: hint.filter(|_| !hidden),
            span: None,
            recoverable: kind.recoverable(),
            retry_after: again.then_some(1),
        }
    }
}

/// What is said instead of a message that is not for everybody.
fn plainly(kind: Kind) -> &'static str {
    match kind {
        Kind::Corruption => "stored data fails its checksum; the log of the server says where",
        Kind::Io => "the operating system refused a read or write",
        Kind::InternalError => {
            "an internal error; the log of the server has it under the request id"
        }
        _ => "the database is not available; the log of the server says why",
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self.body()).unwrap_or_default();
        let mut response = (self.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"vql\""));
        }
        // For the log and the figures, which see responses and not problems.
        response.extensions_mut().insert(Happened { kind: self.kind });
        response
    }
}

/// The kind of problem a response is, for whoever counts.
#[derive(Clone, Copy, Debug)]
pub struct Happened {
    /// Its name.
    pub kind: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_status_of_a_failure() {
        for kind in Kind::ALL {
            let status = status_of(*kind);
            assert!(status.is_client_error() || status.is_server_error(), "{kind:?}");
        }
    }

    #[test]
    fn what_is_of_the_machine_is_not_told() {
        for kind in Kind::ALL {
            let error = Error::new(*kind, "cannot read /srv/secret/catalog.db").hint("/srv/secret");
            let problem = Problem::from(error);
            if status_of(*kind).is_server_error() && *kind != Kind::NotSupported {
                let told = matches!(
                    kind,
                    Kind::DiskFull | Kind::EmbedderUnavailable | Kind::EmbedderRefused
                );
                assert_eq!(problem.detail.contains("secret"), told, "{kind:?}");
                assert_eq!(problem.hint.is_some(), told, "{kind:?}");
            }
        }
    }

    #[test]
    fn a_place_is_counted_as_people_count() {
        let error = Error::new(Kind::UnexpectedToken, "expected a number").at(Span::new(8, 9));
        let place = Problem::of(error, "SELECT\né x").span.unwrap();
        assert_eq!(place.start, Point { line: 2, column: 1, offset: 7 });
        assert_eq!((place.end.line, place.end.column), (2, 2));
    }
}
