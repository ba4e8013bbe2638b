//! A small page to try queries on, for those who develop against the schema: a text, its variables and
//! the answer. Loads nothing from elsewhere. Only where the schema may be looked at.

use std::sync::Arc;

use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

use crate::server::state::App;

const HTML: &str = include_str!("page/index.html");
const SCRIPT: &str = include_str!("page/page.js");
const STYLE: &str = include_str!("page/page.css");
/// What the page may do.
const POLICY: &str = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

/// The page.
pub fn page() -> Response {
    file("text/html; charset=utf-8", HTML)
}

/// What the page loads, and the page under the name that people know.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/graphiql", get(async || page()))
        .route("/graphql/page.js", get(async || file("text/javascript; charset=utf-8", SCRIPT)))
        .route("/graphql/page.css", get(async || file("text/css; charset=utf-8", STYLE)))
}

fn file(media: &'static str, text: &'static str) -> Response {
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}
