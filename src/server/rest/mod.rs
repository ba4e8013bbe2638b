//! REST: one table of routes ([`routes::ROUTES`]), from which the router, the OpenAPI document and the
//! documentation are made. A file holds what is done to one kind of thing.

pub mod answer;
pub mod cursor;
pub mod drift;
pub mod extract;
pub mod health;
pub mod hexads;
pub mod openapi;
pub mod provenance;
pub mod query;
pub mod routes;
pub mod search;
pub mod sessions;
pub mod snapshots;
pub mod told;
pub mod transactions;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use tower_http::compression::CompressionLayer;
use tower_http::decompression::RequestDecompressionLayer;

use super::problem::Problem;
use super::state::App;
use super::{console, front, graphql, grpc};
use routes::{ROUTES, Route};

/// What the paths of this version begin with; without it they are understood too.
pub const PREFIX: &str = "/api/v1";

/// Everything that is answered over HTTP.
pub fn router(app: &Arc<App>) -> Router {
    let mut router: Router<Arc<App>> = Router::new();
    for route in ROUTES {
        for path in route.paths() {
            router = router.route(&path, guarded(app, route));
        }
    }
    router
        .merge(console::routes())
        .merge(graphql::router(app))
        .merge(grpc::router(app))
        .fallback(nothing)
        .method_not_allowed_fallback(not_so)
        .layer(DefaultBodyLimit::max(app.settings.limits.body))
        .layer(RequestDecompressionLayer::new())
        .layer(CompressionLayer::new())
        .layer(from_fn_with_state(Arc::clone(app), front::outer))
        .with_state(Arc::clone(app))
}

/// The handler of a route behind its gate.
fn guarded(app: &Arc<App>, route: &'static Route) -> axum::routing::MethodRouter<Arc<App>> {
    let (app, action, path) = (Arc::clone(app), route.action, route.path);
    (route.mount)().route_layer(from_fn(move |request: Request, next: Next| {
        front::gate(Arc::clone(&app), action, path, request, next)
    }))
}

async fn nothing(request: Request) -> Response {
    let detail = format!("there is nothing at `{}`", request.uri().path());
    let title = "No such route.";
    Problem::new(StatusCode::NOT_FOUND, "RouteNotFound", title, detail)
        .hint("the routes are listed by `/api/v1/openapi.json`")
        .into_response()
}

async fn not_so(request: Request) -> Response {
    let detail = format!("`{}` cannot be asked with {}", request.uri().path(), request.method());
    let title = "The route does not know the method.";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", title, detail).into_response()
}
