//! GraphQL at `/graphql`: queries and mutations over POST, subscriptions over a WebSocket
//! (`graphql-transport-ws`). What a field answers comes from a statement or from a session of whoever
//! asks, as everywhere.

pub mod failure;
pub mod hexad;
pub mod mutation;
pub mod page;
pub mod query;
pub mod rows;
pub mod socket;
pub mod subscription;

use std::sync::Arc;

use async_graphql::Schema;
use axum::Router;
use axum::extract::{Extension, FromRequest as _, Request, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

use crate::engine::auth::{Action, Principal, Resource};
use crate::server::front::{Matched, admit};
use crate::server::problem::Problem;
use crate::server::rest::answer;
use crate::server::rest::extract::Body;
use crate::server::state::App;

use hexad::Loader;
use mutation::Mutation;
use query::Query;
use subscription::Subscription;

/// Fields inside of fields.
const DEPTH: usize = 12;
/// Fields of one answer, as far as that can be told beforehand.
const COMPLEXITY: usize = 20_000;
/// Braces inside of braces, before anything is understood.
const NESTING: usize = 32;
/// Directives of one field.
const DIRECTIVES: usize = 16;

/// What can be asked for.
pub type Api = Schema<Query, Mutation, Subscription>;

/// What can be asked for, as text: SDL.
pub fn sdl() -> String {
    Schema::build(Query, Mutation, Subscription).finish().sdl()
}

/// The schema of one server.
fn api(app: &Arc<App>) -> Api {
    let mut builder = Schema::build(Query, Mutation, Subscription)
        .data(Arc::clone(app))
        .limit_depth(DEPTH)
        .limit_complexity(COMPLEXITY)
        .limit_recursive_depth(NESTING)
        .limit_directives(DIRECTIVES);
    if !app.settings.introspection {
        builder = builder.disable_introspection().disable_suggestions();
    }
    builder.finish()
}

/// Everything that is answered in GraphQL.
pub fn router(app: &Arc<App>) -> Router<Arc<App>> {
    let mut router = Router::new().route("/graphql", get(socket::upgrade).post(execute));
    if app.settings.introspection {
        router = router.merge(page::routes());
    }
    router.layer(Extension(api(app)))
}

/// Who asks, if they may.
fn known(app: &App, request: &Request) -> Result<Principal, Problem> {
    let who = admit(app, request)?;
    app.engine.authorize(&who, Action::Data, Resource::Database)?;
    Ok(who)
}

/// `POST /graphql`
async fn execute(
    State(app): State<Arc<App>>,
    Extension(api): Extension<Api>,
    request: Request,
) -> Response {
    let mut response = match executed(&app, &api, request).await {
        Ok((who, response)) => {
            let mut response = answer::json(axum::http::StatusCode::OK, &response);
            response.extensions_mut().insert(who);
            response
        }
        Err(problem) => problem.into_response(),
    };
    response.extensions_mut().insert(Matched("/graphql"));
    response
}

async fn executed(
    app: &Arc<App>,
    api: &Api,
    request: Request,
) -> Result<(Principal, async_graphql::Response), Problem> {
    let who = known(app, &request)?;
    let Body(asked) = Body::<async_graphql::Request>::from_request(request, app).await?;
    let asked = asked.data(Loader::of(app, &who)).data(who.clone());
    let mut response = api.execute(asked).await;
    failure::name(&mut response);
    Ok((who, response))
}
