//! Statements of VQL over HTTP: one a request, with values for its parameters.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use crate::engine::auth::Principal;
use crate::engine::base::{Error, Kind, Span, Value};
use crate::engine::lang::ast::{Snapshot, Statement, StatementKind};
use crate::engine::lang::parse;
use crate::engine::outcome::{Control, Outcome, Params};
use crate::engine::session::Session;
use crate::server::metrics;
use crate::server::problem::Problem;
use crate::server::rest::answer::{self, Answer, Form, milliseconds};
use crate::server::rest::extract::{Body, Who};
use crate::server::state::App;

/// A statement and its values.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QueryRequest {
    /// One statement of VQL.
    pub query: String,
    /// Values for `$name`, by the name without its sign. They are values and never read as a part of
    /// the statement.
    #[serde(default)]
    pub params: Map<String, Json>,
    /// The time it may take, in milliseconds; no longer than the server allows.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub timeout_ms: Option<u64>,
    /// Answer the plan, and do not run the statement.
    #[serde(default)]
    pub explain: bool,
    /// Allow a write that names neither a hexad nor a condition.
    #[serde(default)]
    pub force: bool,
    /// The id of the session, or of the open transaction, that the statement belongs to; also as
    /// `session`.
    #[serde(default, alias = "session")]
    pub transaction: Option<String>,
}

/// A statement as clients of other servers send it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExecuteRequest {
    /// One statement of VQL.
    pub query: String,
    /// Values for `$name`.
    #[serde(default, alias = "parameters")]
    pub params: Map<String, Json>,
    /// Answer the plan, and do not run the statement.
    #[serde(default)]
    pub explain: bool,
    /// The time it may take, in milliseconds.
    #[serde(default, alias = "timeout")]
    pub timeout_ms: Option<u64>,
}

/// The answer to [`ExecuteRequest`].
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ExecuteAnswer {
    /// Always true: a failure is a problem and not an answer.
    pub success: bool,
    /// `SELECT`, `INSERT` ..
    pub statement_type: String,
    /// How many rows.
    pub row_count: usize,
    /// The rows.
    pub data: Vec<Map<String, Json>>,
    /// The rows, under their other name.
    pub results: Vec<Map<String, Json>>,
    /// How many rows, under its other name.
    pub total_count: usize,
    /// The time it took.
    pub execution_time_ms: f64,
    /// The plan, when it was asked for.
    pub explain_plan: Option<Json>,
    /// What was changed, or should be known.
    pub message: Option<String>,
}

/// A statement that is ready to be run.
pub struct Call {
    text: String,
    statement: Statement,
    params: Params,
    force: bool,
    rows: usize,
}

impl Call {
    /// Parses one statement.
    pub fn new(
        text: String,
        params: Map<String, Json>,
        force: bool,
        rows: usize,
    ) -> Result<Self, Problem> {
        let params = params.into_iter().map(|(n, v)| (n, Value::from_json(v))).collect();
        Self::typed(text, params, force, rows)
    }

    /// The same, of values that have their types already.
    pub fn typed(text: String, params: Params, force: bool, rows: usize) -> Result<Self, Problem> {
        let parsed = parse(&text);
        if let Some(error) = parsed.errors().next() {
            return Err(Problem::of(error.clone().into(), &text));
        }
        let mut statements = parsed.script.statements;
        if statements.len() != 1 {
            let found = statements.len();
            let error =
                Error::new(Kind::InvalidInput, format!("expected one statement, found {found}"))
                    .hint("send them one by one; `/transactions/begin` makes several one");
            return Err(match statements.get(1) {
                Some(second) => Problem::of(error.at(second.span), &text),
                None => error.into(),
            });
        }
        let statement = statements.remove(0);
        if let StatementKind::Snapshot(Snapshot::Into(_)) = &statement.kind {
            let message = "SNAPSHOT INTO writes files of the server and is not run over a network";
            let error = Error::new(Kind::NotSupported, message).at(statement.span);
            let error = error.hint("`/backups` keeps copies where the server was told to");
            return Err(Problem::of(error, &text));
        }
        Ok(Self { text, statement, params, force, rows })
    }

    /// What it is, for the figures.
    pub fn keyword(&self) -> &'static str {
        self.statement.kind.keyword()
    }

    /// Whether it does no more than ask.
    pub fn asks(&self) -> bool {
        use StatementKind as S;
        match &self.statement.kind {
            S::Query(_) | S::Search(_) | S::Count(_) | S::Show(_) | S::Describe(_) => true,
            S::Explain(explain) => !explain.analyze,
            _ => false,
        }
    }

    /// Runs it in a session.
    pub fn run(&self, session: &mut Session, control: &Control) -> Result<Outcome, Error> {
        let control = Control { force_unbounded: self.force, ..control.clone() };
        let outcome = session.execute(&self.text, &self.statement, &self.params, &control)?;
        if outcome.rows.len() > self.rows {
            let message =
                format!("{} rows, the limit is {} for one answer", outcome.rows.len(), self.rows);
            return Err(Error::new(Kind::ResourceExhausted, message).hint("use LIMIT and OFFSET"));
        }
        Ok(outcome)
    }
}

/// Runs a call for somebody, in one of their transactions or for itself, and counts it.
pub async fn run(
    app: &Arc<App>,
    who: &Principal,
    call: Call,
    timeout: Option<Duration>,
    transaction: Option<String>,
) -> Result<(Outcome, Duration), Problem> {
    let began = Instant::now();
    let kind = call.keyword();
    let call = Arc::new(call);
    let (mine, name) = (Arc::clone(&call), who.to_string());
    let done = match transaction {
        None => app.attempt(who, timeout, move |session, control| mine.run(session, control)).await,
        Some(id) => {
            let kept = app.conversations.get(&id, &name)?;
            let mut control = app.control(timeout);
            let run = app.work.run(move |gone| {
                control.cancel = Arc::clone(gone);
                let answer = mine.run(&mut kept.session.lock(), &control);
                kept.count();
                answer
            });
            run.await
        }
    };
    let done = done.and_then(|answer| answer.map_err(|error| Problem::of(error, &call.text)));
    let elapsed = began.elapsed();
    count(app, kind, done.as_ref().map_or_else(|problem| problem.kind, |_| "ok"), elapsed);
    done.map(|outcome| (outcome, elapsed))
}

/// Counts a statement.
pub fn count(app: &App, kind: &'static str, outcome: &'static str, elapsed: Duration) {
    app.metrics.statements.get_or_create(&metrics::Statement { kind, outcome }).inc();
    let labels = metrics::Kind { kind, modality: "all" };
    app.metrics.statement_time.get_or_create(&labels).observe(elapsed.as_secs_f64());
    if outcome != "ok" {
        app.metrics.statement_errors.get_or_create(&labels).inc();
    }
}

/// What EXPLAIN puts before a statement.
const EXPLAIN: &str = "EXPLAIN ";

/// The text to run, and how much of it the client did not write.
fn asked(query: String, explain: bool) -> (String, u32) {
    if explain { (format!("{EXPLAIN}{query}"), EXPLAIN.len() as u32) } else { (query, 0) }
}

/// Places in the text of the client, who did not write the first `more` bytes.
fn shifted(mut problem: Problem, query: &str, more: u32) -> Problem {
    if let (Some(place), true) = (&problem.span, more > 0) {
        let start = place.start.offset.saturating_sub(more);
        let end = place.end.offset.saturating_sub(more);
        let error = Error::new(Kind::InternalError, "").at(Span { start, end });
        problem.span = Problem::of(error, query).span;
    }
    problem
}

/// `POST /query`
pub async fn query(
    State(app): State<Arc<App>>,
    Who(who): Who,
    headers: HeaderMap,
    Body(request): Body<QueryRequest>,
) -> Result<Response, Problem> {
    let form = Form::wanted(&headers)?;
    let QueryRequest { query, params, timeout_ms, explain, force, transaction } = request;
    let (text, more) = asked(query.clone(), explain);
    let outcome = async {
        let call = Call::new(text, params, force, app.limits().rows)?;
        run(&app, &who, call, timeout_ms.map(Duration::from_millis), transaction).await
    };
    let (outcome, elapsed) = outcome.await.map_err(|problem| shifted(problem, &query, more))?;
    Ok(match form {
        Form::Json => {
            let mut answer = Answer::of(&outcome, elapsed);
            if explain {
                answer.plan = Some(json!(answer.rows));
            }
            answer::json(StatusCode::OK, &answer)
        }
        Form::Lines => answer::bytes(StatusCode::OK, form.media(), answer::lines(&outcome)),
        Form::Csv => answer::bytes(StatusCode::OK, form.media(), answer::csv(&outcome)),
        Form::Events => {
            return Err(Error::new(
                Kind::NotSupported,
                "rows are not streamed as events by this version",
            )
            .into());
        }
    })
}

/// `POST /vql/execute`
pub async fn execute(
    State(app): State<Arc<App>>,
    Who(who): Who,
    Body(request): Body<ExecuteRequest>,
) -> Result<Response, Problem> {
    let ExecuteRequest { query, params, explain, timeout_ms } = request;
    let (text, more) = asked(query.clone(), explain);
    let outcome = async {
        let call = Call::new(text, params, false, app.limits().rows)?;
        run(&app, &who, call, timeout_ms.map(Duration::from_millis), None).await
    };
    let (outcome, elapsed) = outcome.await.map_err(|problem| shifted(problem, &query, more))?;
    let Answer { tag, rows, affected, notices, .. } = Answer::of(&outcome, elapsed);
    let changed = affected.map(|n| format!("{n} hexads"));
    let message = changed.into_iter().chain(notices.into_iter().map(|notice| notice.message));
    let message: Vec<String> = message.collect();
    let answer = ExecuteAnswer {
        success: true,
        statement_type: tag,
        row_count: rows.len(),
        total_count: rows.len(),
        execution_time_ms: milliseconds(elapsed),
        explain_plan: explain.then(|| json!(rows)),
        message: (!message.is_empty()).then(|| message.join("; ")),
        results: rows.clone(),
        data: rows,
    };
    Ok(answer::json(StatusCode::OK, &answer))
}
