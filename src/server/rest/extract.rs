//! What handlers take out of a request; whatever is wrong with it becomes a problem that says where.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use crate::engine::auth::Principal;
use crate::server::problem::Problem;
use crate::server::state::App;

/// Who asks. Only behind the gate of a route that is not public.
pub struct Who(pub Principal);

impl FromRequestParts<Arc<App>> for Who {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Problem> {
        parts.extensions.get().cloned().map(Self).ok_or_else(Problem::internal)
    }
}

/// A body of JSON, as `T` wants it. Members that `T` does not know are for `T` to refuse.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Problem> {
        let Raw(bytes) = Raw::from_request(request, app).await?;
        let bytes: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
        serde_json::from_slice(bytes).map(Self).map_err(|cause| {
            Problem::malformed(format!("the body is not what is expected: {cause}"))
        })
    }
}

/// A body of JSON as bytes.
pub struct Raw(pub Bytes);

impl FromRequest<Arc<App>> for Raw {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Problem> {
        // A page of somebody else can send a form without being asked whether it may.
        let json = is_json(request.headers());
        let limit = app.limits().body_time;
        let read = tokio::time::timeout(limit, Bytes::from_request(request, app)).await;
        let bytes = read.map_err(|_| slow())?.map_err(|rejected| unread(&rejected))?;
        if !json && !bytes.is_empty() {
            let title = "The body is of a type that the route does not understand.";
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "UnsupportedMediaType",
                title,
                "the body is not declared as JSON",
            )
            .hint("send `Content-Type: application/json`"));
        }
        Ok(Self(bytes))
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let media = value.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    let (kind, sub) = media.split_once('/').unwrap_or(("", ""));
    kind == "application" && (sub == "json" || sub.ends_with("+json"))
        || matches!(&*media, "application/jsonl" | "application/x-ndjson")
}

fn slow() -> Problem {
    let title = "The request took too long to arrive.";
    Problem::new(
        StatusCode::REQUEST_TIMEOUT,
        "RequestTimeout",
        title,
        "the body did not arrive in time",
    )
}

fn unread(rejected: &BytesRejection) -> Problem {
    if rejected.status() == StatusCode::PAYLOAD_TOO_LARGE {
        let title = "The body is too large.";
        return Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "BodyTooLarge",
            title,
            "the body is larger than this server takes",
        );
    }
    Problem::malformed("the body could not be read")
}

/// The query string, as `T` wants it.
pub struct Args<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<Arc<App>> for Args<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        match Query::<T>::from_request_parts(parts, app).await {
            Ok(Query(args)) => Ok(Self(args)),
            Err(rejected) => {
                let text = rejected.body_text();
                let why = text.strip_prefix("Failed to deserialize query string: ");
                Err(Problem::malformed(format!("the query string: {}", why.unwrap_or(&text))))
            }
        }
    }
}

/// The parts of the path.
pub struct At<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<Arc<App>> for At<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        match Path::<T>::from_request_parts(parts, app).await {
            Ok(Path(at)) => Ok(Self(at)),
            Err(_) => Err(Problem::malformed("the path holds bytes that are not UTF-8")),
        }
    }
}
