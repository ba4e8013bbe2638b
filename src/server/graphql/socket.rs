//! GraphQL over a WebSocket: `graphql-transport-ws`. Who asks says so in the headers or, because browsers
//! cannot set any, in the first message: `{"authorization": "Bearer KEY"}`.

use std::sync::Arc;

use async_graphql::Data;
use async_graphql_axum::{GraphQLProtocol, GraphQLWebSocket};
use axum::body::Body;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{Extension, FromRequestParts as _, Request, State};
use axum::http::header::{AUTHORIZATION, HeaderName};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::Value as Json;

use crate::engine::auth::Principal;
use crate::server::connection::Connection;
use crate::server::front::Matched;
use crate::server::lsp::own;
use crate::server::problem::Problem;
use crate::server::state::App;

use super::failure::failed;
use super::hexad::Loader;
use super::{Api, known, page};

/// The one protocol that is spoken.
const PROTOCOL: &str = "graphql-transport-ws";
/// Bytes of a message.
const LARGEST: usize = 4 << 20;

/// `GET /graphql`: a socket, or the page for those who look.
pub async fn upgrade(
    State(app): State<Arc<App>>,
    Extension(api): Extension<Api>,
    request: Request,
) -> Response {
    let mut response = match opened(app, api, request).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    };
    response.extensions_mut().insert(Matched("/graphql"));
    response
}

async fn opened(app: Arc<App>, api: Api, request: Request) -> Result<Response, Problem> {
    let (mut parts, _) = request.into_parts();
    let Ok(socket) = WebSocketUpgrade::from_request_parts(&mut parts, &app).await else {
        return if app.settings.introspection { Ok(page::page()) } else { Err(not_so()) };
    };
    let authority = parts.uri.authority().map(ToString::to_string);
    if !own(&parts.headers, authority.as_deref(), &app) {
        let title = "The page that asks is not from here.";
        let detail = "a page of another origin may not ask here";
        return Err(Problem::new(StatusCode::FORBIDDEN, "ForeignOrigin", title, detail));
    }
    let protocol = GraphQLProtocol::from_request_parts(&mut parts, &app).await;
    let protocol = protocol.map_err(|_| {
        Problem::malformed("the socket asks for no protocol that is spoken")
            .hint("the protocol is `graphql-transport-ws`")
    })?;
    let connection = parts.extensions.get::<Connection>().cloned();
    let headers = parts.headers;
    let upgrade = socket.max_message_size(LARGEST).max_frame_size(LARGEST).protocols([PROTOCOL]);
    Ok(upgrade.on_upgrade(move |stream| async move {
        let greet = move |said: Json| async move {
            let who = asker(&app, headers, connection, &said).map_err(failed)?;
            let mut data = Data::default();
            data.insert(Loader::of(&app, &who));
            data.insert(who);
            Ok(data)
        };
        let socket = GraphQLWebSocket::new(stream, api, protocol).on_connection_init(greet);
        socket.serve().await;
    }))
}

/// Who asks, by the headers of the socket or by its first message.
fn asker(
    app: &App,
    mut headers: HeaderMap,
    connection: Option<Connection>,
    said: &Json,
) -> Result<Principal, Problem> {
    for (word, name) in [
        ("authorization", AUTHORIZATION),
        ("Authorization", AUTHORIZATION),
        ("x-api-key", HeaderName::from_static("x-api-key")),
    ] {
        if let Some(value) = said.get(word).and_then(Json::as_str)
            && let Ok(value) = HeaderValue::from_str(value)
        {
            headers.insert(name, value);
        }
    }
    let mut request = Request::new(Body::empty());
    *request.headers_mut() = headers;
    if let Some(connection) = connection {
        request.extensions_mut().insert(connection);
    }
    known(app, &request)
}

fn not_so() -> Problem {
    let title = "The route does not know the method.";
    let detail = "`/graphql` is asked with POST, or over a WebSocket";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", title, detail)
}
