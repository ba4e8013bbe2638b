//! How the server is: for load balancers, for people, and for Prometheus.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;

use crate::engine::base::Modality;
use crate::server::metrics::figure;
use crate::server::problem::Problem;
use crate::server::rest::answer;
use crate::server::rest::extract::Who;
use crate::server::state::App;

/// How the server is.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Health {
    /// `healthy`, `degraded` or `down`.
    pub status: &'static str,
    /// The version of the program.
    pub version: &'static str,
    /// Seconds since it was started.
    pub uptime_seconds: u64,
    /// Why it is degraded, in one line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub degraded_reason: Option<String>,
    /// Each modality: `healthy` or `down`.
    pub modalities: BTreeMap<&'static str, &'static str>,
    /// Hexads that are not deleted.
    pub hexads: u64,
    /// The last commit.
    pub lsn: u64,
    /// Whether it can be written.
    pub writable: bool,
}

/// One word.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Word {
    /// `ok`, `ready`, `not ready`
    pub status: &'static str,
}

/// The version.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Version {
    /// The program.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// The version of the interface.
    pub api: &'static str,
}

/// `GET /health/live`: the process answers.
pub async fn live() -> Response {
    answer::json(StatusCode::OK, &Word { status: "ok" })
}

/// `GET /version`
pub async fn version() -> Response {
    let version = env!("CARGO_PKG_VERSION");
    answer::json(StatusCode::OK, &Version { name: "vql", version, api: "v1" })
}

/// `GET /health/ready`: requests are welcome. Not while it starts, and not while it ends.
pub async fn ready(State(app): State<Arc<App>>) -> Response {
    if app.is_ready() {
        answer::json(StatusCode::OK, &Word { status: "ready" })
    } else {
        answer::json(StatusCode::SERVICE_UNAVAILABLE, &Word { status: "not ready" })
    }
}

/// `GET /health`
pub async fn health(State(app): State<Arc<App>>) -> Result<Response, Problem> {
    let engine = app.engine.clone();
    let status = app.work.run(move |_| engine.status()).await??;
    let modality = |m: Modality| {
        let name = m.name();
        (name, if status.degraded.iter().any(|d| d == name) { "down" } else { "healthy" })
    };
    let mut reasons = Vec::new();
    if !status.degraded.is_empty() {
        reasons.push(format!("cannot be read: {}", status.degraded.join(", ")));
    }
    if !app.is_ready() {
        reasons.push("the server is ending".to_owned());
    }
    let health = Health {
        status: if reasons.is_empty() { "healthy" } else { "degraded" },
        version: env!("CARGO_PKG_VERSION"),
        uptime_seconds: app.started.elapsed().as_secs(),
        degraded_reason: (!reasons.is_empty()).then(|| reasons.join("; ")),
        modalities: Modality::ALL.into_iter().map(modality).collect(),
        hexads: status.hexads,
        lsn: status.lsn,
        writable: !status.read_only,
    };
    Ok(answer::json(StatusCode::OK, &health))
}

/// `GET /metrics`: for Prometheus.
pub async fn metrics(State(app): State<Arc<App>>, Who(_): Who) -> Result<Response, Problem> {
    let engine = app.engine.clone();
    let status = app.work.run(move |_| engine.status()).await??;
    let mut out = app.metrics.text();
    let one = |value: f64| [(String::new(), value)];
    let gauge = |out: &mut String, name: &str, help: &str, value: f64| {
        figure(out, name, "gauge", help, &one(value));
    };
    gauge(
        &mut out,
        "vql_uptime_seconds",
        "Time since the start",
        app.started.elapsed().as_secs_f64(),
    );
    gauge(
        &mut out,
        "vql_ready",
        "Whether requests are welcome",
        f64::from(u8::from(app.is_ready())),
    );
    gauge(&mut out, "vql_hexads", "Hexads that are not deleted", status.hexads as f64);
    gauge(&mut out, "vql_commit_lsn", "The last commit", status.lsn as f64);
    gauge(&mut out, "vql_log_bytes", "Bytes of the commit log", status.log_bytes as f64);
    gauge(&mut out, "vql_statements_waiting", "Statements in the queue", app.work.waiting() as f64);
    gauge(
        &mut out,
        "vql_transactions_open",
        "Transactions over HTTP",
        app.conversations.len() as f64,
    );
    figure(
        &mut out,
        "vql_log_fsyncs",
        "counter",
        "Times the log was forced to the disk",
        &one(status.fsyncs as f64),
    );
    let up = Modality::ALL.map(|m| {
        let down = status.degraded.iter().any(|d| d == m.name());
        (format!("modality=\"{}\"", m.name()), f64::from(u8::from(!down)))
    });
    figure(&mut out, "vql_modality_up", "gauge", "Whether a modality can be read", &up);
    out.push_str("# EOF\n");
    let media = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(answer::bytes(StatusCode::OK, media, out.into_bytes()))
}
