//! What every request passes on its way in and out, whatever it asks: its id, the log, the figures, the
//! headers that browsers heed; and, route by route, who asks and how often.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::engine::auth::{Action, Principal, Resource};

use super::auth::{Refused, Shown};
use super::connection::Connection;
use super::metrics;
use super::problem::{Happened, Problem};
use super::state::App;

/// The id of a request: the one the client gave, if it is a decent one, or a new one.
pub static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request, for handlers.
#[derive(Clone, Debug)]
pub struct RequestId(pub Arc<str>);

/// The outermost layer.
pub async fn outer(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = request_id(&app, request.headers());
    let method = short(request.method());
    let path = request.uri().path().to_owned();
    let encrypted = request.extensions().get::<Connection>().is_some_and(|c| c.encrypted);
    request.extensions_mut().insert(RequestId(Arc::clone(&id)));
    app.metrics.in_flight.inc();
    let landing = Landing(&app);
    let traceparent = traceparent(request.headers());
    let span = tracing::info_span!("request", id = &*id, method, path = %Plain(&path));
    let mut response = tracing::Instrument::instrument(next.run(request), span.clone()).await;
    drop(landing);
    let elapsed = began.elapsed();
    let route = response.extensions().get::<Matched>().map_or("(none)", |matched| matched.0);
    let status = response.status();
    let labels = metrics::Request { method, route, status: status.as_u16() };
    app.metrics.requests.get_or_create(&labels).inc();
    let times = app.metrics.request_time.get_or_create(&metrics::Route { route });
    times.observe(elapsed.as_secs_f64());
    drop(times);
    let kind = response.extensions().get::<Happened>().map(|happened| happened.kind);
    let who = response.extensions().get::<Principal>().map(ToString::to_string);
    let ms = elapsed.as_micros() as f64 / 1000.0;
    let entered = span.enter();
    let (status, trace) = (status.as_u16(), traceparent.as_deref());
    if status >= 500 {
        tracing::error!(status, ms, kind, who, trace, "answered");
    } else {
        tracing::info!(status, ms, kind, who, trace, "answered");
    }
    drop(entered);
    decorate(response.headers_mut(), &id, encrypted, ms);
    response
}

/// A path as a log may hold it: control characters would make lines of their own.
struct Plain<'a>(&'a str);

impl std::fmt::Display for Plain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for c in self.0.chars().take(512) {
            if c.is_control() { write!(f, "{}", c.escape_default())? } else { write!(f, "{c}")? }
        }
        Ok(())
    }
}

/// A request that is being answered, until it is dropped: also when the client goes away.
struct Landing<'a>(&'a App);

impl Drop for Landing<'_> {
    fn drop(&mut self) {
        self.0.metrics.in_flight.dec();
    }
}

fn request_id(app: &App, headers: &HeaderMap) -> Arc<str> {
    let decent = |text: &&str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        (1..=64).contains(&text.len()) && text.chars().all(plain)
    };
    let given = headers.get(&REQUEST_ID).and_then(|value| value.to_str().ok()).filter(decent);
    given.map_or_else(|| app.token().into(), Arc::from)
}

/// The trace a request is a part of (W3C), when it says so.
fn traceparent(headers: &HeaderMap) -> Option<String> {
    let text = headers.get("traceparent")?.to_str().ok()?;
    let hex = |part: &str| part.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    (text.len() == 55 && hex(text)).then(|| text.to_owned())
}

/// The methods there are, as words that live for ever.
fn short(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

fn decorate(headers: &mut HeaderMap, id: &str, encrypted: bool, ms: f64) {
    let mut missing = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    missing(X_CONTENT_TYPE_OPTIONS, "nosniff");
    missing(X_FRAME_OPTIONS, "DENY");
    missing(REFERRER_POLICY, "no-referrer");
    missing(CACHE_CONTROL, "no-store");
    missing(CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'");
    if encrypted {
        missing(STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    if let Ok(value) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID.clone(), value);
    }
    if let Ok(value) = HeaderValue::from_str(&format!("total;dur={ms}")) {
        headers.insert("server-timing", value);
    }
}

/// The route that answered, as it is written in the table.
#[derive(Clone, Copy, Debug)]
pub struct Matched(pub &'static str);

/// The layer of a route that only those pass who are known and may do `action`: afterwards the request
/// carries the [`Principal`]. Without an action everybody passes, as nobody.
pub async fn gate(
    app: Arc<App>,
    action: Option<Action>,
    route: &'static str,
    mut request: Request,
    next: Next,
) -> Response {
    let mut response = match action {
        None => next.run(request).await,
        Some(action) => {
            match admit(&app, &request).and_then(|who| Ok((allow(&app, &who, action)?, who))) {
                Ok(((), who)) => {
                    request.extensions_mut().insert(who.clone());
                    let mut response = next.run(request).await;
                    response.extensions_mut().insert(who);
                    response
                }
                Err(problem) => problem.into_response(),
            }
        }
    };
    response.extensions_mut().insert(Matched(route));
    response
}

/// Whether they may do this at all; what of it is decided from the statement.
fn allow(app: &App, who: &Principal, action: Action) -> Result<(), Problem> {
    Ok(app.engine.authorize(who, action, Resource::Database)?)
}

/// Who asks, if they may ask now.
pub fn admit(app: &App, request: &Request<Body>) -> Result<Principal, Problem> {
    let connection = request.extensions().get::<Connection>();
    let shown = Shown {
        headers: request.headers(),
        address: connection.and_then(|c| c.address).map(|address| address.ip()),
        certificate: connection.and_then(|c| c.certificate.as_deref()),
    };
    let who = app.authenticator.authenticate(&shown).map_err(|refused| {
        if matches!(refused, Refused::TooMany(_)) {
            app.metrics.limited.inc();
        }
        refusal(refused)
    })?;
    let rate = Arc::clone(&app.by_principal.read());
    rate.take(&who.to_string()).map_err(|seconds| {
        app.metrics.limited.inc();
        Problem::too_many(seconds)
    })?;
    Ok(who)
}

/// What somebody is told who is not known.
pub fn refusal(refused: Refused) -> Problem {
    match refused {
        Refused::Missing => Problem::unauthenticated("the request does not say who sent it")
            .hint("send `Authorization: Bearer KEY` or `X-API-Key: KEY`"),
        Refused::Invalid => {
            Problem::unauthenticated("the key or token is not valid, has expired or was revoked")
        }
        Refused::TooMany(seconds) => Problem::too_many(seconds),
        Refused::Unavailable => {
            let mut problem = Problem::overloaded();
            "who you are cannot be decided now".clone_into(&mut problem.detail);
            problem
        }
    }
}
