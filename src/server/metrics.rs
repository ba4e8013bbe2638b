//! Figures for Prometheus, under names that its conventions ask for: base units, `_total` for counters.

use std::fmt::Write as _;
use std::sync::atomic::AtomicU64;

use parking_lot::Mutex;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// Bounds of histograms of time, in seconds.
const SECONDS: [f64; 14] = [
    0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0,
];

/// A request by its route and how it ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Request {
    /// GET, POST ..
    pub method: &'static str,
    /// The path of the route, not of the request: there are only so many.
    pub route: &'static str,
    /// The status.
    pub status: u16,
}

/// A route.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Route {
    /// Its path.
    pub route: &'static str,
}

/// A statement by its kind and how it ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Statement {
    /// `SELECT`, `INSERT` ..
    pub kind: &'static str,
    /// `ok`, or the kind of the error.
    pub outcome: &'static str,
}

/// A kind of statement and a modality that it speaks of.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Kind {
    /// `SELECT`, `INSERT` ..
    pub kind: &'static str,
    /// `document` ..
    pub modality: &'static str,
}

type Times<L> = Family<L, Histogram, fn() -> Histogram>;

/// The figures.
pub struct Metrics {
    registry: Mutex<Registry>,
    /// Requests that were answered.
    pub requests: Family<Request, Counter>,
    /// How long they took.
    pub request_time: Times<Route>,
    /// Requests that are being answered.
    pub in_flight: Gauge,
    /// Open connections.
    pub connections: Gauge,
    /// Connections refused because there were too many.
    pub refused: Counter,
    /// Handshakes that failed.
    pub handshakes_failed: Counter,
    /// Statements.
    pub statements: Family<Statement, Counter>,
    /// How long they took, for each modality that they speak of.
    pub statement_time: Times<Kind>,
    /// Statements that failed, for each modality that they speak of.
    pub statement_errors: Family<Kind, Counter>,
    /// Who listens to a stream.
    pub subscribers: Gauge,
    /// Streams that were cut because their reader was too slow.
    pub cut: Counter,
    /// Requests refused because there were too many of them.
    pub limited: Counter,
}

impl Default for Metrics {
    fn default() -> Self {
        let times = || Histogram::new(SECONDS);
        let this = Self {
            registry: Mutex::new(Registry::default()),
            requests: Family::default(),
            request_time: Family::new_with_constructor(times),
            in_flight: Gauge::default(),
            connections: Gauge::default(),
            refused: Counter::default(),
            handshakes_failed: Counter::default(),
            statements: Family::default(),
            statement_time: Family::new_with_constructor(times),
            statement_errors: Family::default(),
            subscribers: Gauge::default(),
            cut: Counter::default(),
            limited: Counter::default(),
        };
        this.register();
        this
    }
}

impl Metrics {
    fn register(&self) {
        let mut r = self.registry.lock();
        let requests = self.requests.clone();
        r.register("vql_http_requests", "Requests that were answered", requests);
        let time = self.request_time.clone();
        r.register("vql_http_request_duration_seconds", "Time of requests", time);
        let in_flight = self.in_flight.clone();
        r.register("vql_http_requests_in_flight", "Requests being answered", in_flight);
        r.register("vql_connections", "Open connections", self.connections.clone());
        let refused = self.refused.clone();
        r.register("vql_connections_refused", "Connections over the limit", refused);
        let failed = self.handshakes_failed.clone();
        r.register("vql_tls_handshakes_failed", "Handshakes that failed", failed);
        r.register("vql_statements", "Statements by kind and outcome", self.statements.clone());
        let time = self.statement_time.clone();
        r.register("vql_statement_duration_seconds", "Time of statements, by modality", time);
        let errors = self.statement_errors.clone();
        r.register("vql_statement_errors", "Statements that failed, by modality", errors);
        r.register("vql_subscribers", "Readers of streams", self.subscribers.clone());
        r.register("vql_subscribers_cut", "Readers that were too slow", self.cut.clone());
        r.register("vql_requests_limited", "Requests over a rate limit", self.limited.clone());
    }

    /// All of it as text, without the line that ends it.
    pub fn text(&self) -> String {
        let mut out = String::new();
        encode(&mut out, &self.registry.lock()).expect("a String takes any text");
        out.truncate(out.trim_end_matches("# EOF\n").len());
        out
    }
}

/// Appends one figure that is read when it is asked for.
pub fn figure(out: &mut String, name: &str, kind: &str, help: &str, values: &[(String, f64)]) {
    writeln!(out, "# HELP {name} {help}.\n# TYPE {name} {kind}").expect("a String takes any text");
    for (labels, value) in values {
        let labels = if labels.is_empty() { String::new() } else { format!("{{{labels}}}") };
        let name = if kind == "counter" { format!("{name}_total") } else { name.to_owned() };
        writeln!(out, "{name}{labels} {value}").expect("a String takes any text");
    }
}

/// Numbers things from 1.
#[derive(Debug, Default)]
pub struct Serial(AtomicU64);

impl Serial {
    /// The next.
    pub fn next(&self) -> u64 {
        self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1
    }
}
