//! Statements over gRPC: one answer, an answer in parts, or a conversation in one session.

use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::{Stream, StreamExt as _};
use tonic::{Code, Request, Response, Status, Streaming};

use crate::engine::auth::Principal;
use crate::engine::base::Value;
use crate::engine::outcome::Outcome;
use crate::engine::session::{Session, TransactionState};
use crate::server::problem::Problem;
use crate::server::rest::answer::milliseconds;
use crate::server::rest::query::{self, Call};
use crate::server::state::App;

use super::proto::query_part::Part;
use super::{Service, proto, status, value};

/// Values in one part of an answer.
const PART: usize = 1 << 12;
/// Answers of a conversation that wait for a client that does not read.
const WAITING: usize = 2;

/// A stream of messages.
pub type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// Who makes a call.
pub fn who<T>(request: &Request<T>) -> Result<Principal, Status> {
    let who = request.extensions().get::<Principal>().cloned();
    who.ok_or_else(|| Status::internal("an internal error"))
}

/// The work of a call within the deadline its client set, if there is one.
pub async fn within<T>(
    deadline: Option<Duration>,
    work: impl Future<Output = Result<T, Problem>>,
) -> Result<T, Status> {
    let done = match deadline {
        None => work.await,
        Some(most) => tokio::time::timeout(most, work)
            .await
            .map_err(|_| Status::new(Code::DeadlineExceeded, "the time of the call is over"))?,
    };
    done.map_err(|problem| status::status(&problem))
}

fn call(app: &App, request: proto::QueryRequest) -> Result<Call, Problem> {
    let params = value::params(request.params)
        .map_err(|refused| Problem::malformed(refused.message().to_owned()))?;
    Call::typed(request.text, params, request.force, app.limits().rows)
}

impl Service {
    async fn outcome(
        &self,
        request: Request<proto::QueryRequest>,
    ) -> Result<(Outcome, f64), Status> {
        let (who, deadline) = (who(&request)?, super::deadline(&request));
        let mut request = request.into_inner();
        let named = std::mem::take(&mut request.transaction);
        let transaction = (!named.is_empty()).then_some(named);
        let call = call(&self.0, request).map_err(|problem| status::status(&problem))?;
        let run = query::run(&self.0, &who, call, deadline, transaction);
        let (outcome, elapsed) = within(deadline, run).await?;
        Ok((outcome, milliseconds(elapsed)))
    }

    /// `Query`
    pub(super) async fn query_once(
        &self,
        request: Request<proto::QueryRequest>,
    ) -> Result<Response<proto::QueryResponse>, Status> {
        let (outcome, elapsed) = self.outcome(request).await?;
        Ok(Response::new(value::answer(&outcome, elapsed)))
    }

    /// `QueryStream`
    pub(super) async fn query_parts(
        &self,
        request: Request<proto::QueryRequest>,
    ) -> Result<Response<Answers<proto::QueryPart>>, Status> {
        let (outcome, elapsed) = self.outcome(request).await?;
        Ok(Response::new(Box::pin(tokio_stream::iter(parts(outcome, elapsed).map(Ok)))))
    }

    /// `Converse`
    pub(super) fn conversation(
        &self,
        request: Request<Streaming<proto::QueryRequest>>,
    ) -> Result<Response<Answers<proto::Turn>>, Status> {
        let (who, deadline) = (who(&request)?, super::deadline(&request));
        let (sender, receiver) = mpsc::channel(WAITING);
        let (app, statements) = (Arc::clone(&self.0), request.into_inner());
        let mut talk = Talk { session: Some(app.session(&who)), app };
        tokio::spawn(async move {
            let until = deadline.map(|most| tokio::time::Instant::now() + most);
            tokio::select! {
                () = talk.answer_all(statements, &sender) => {}
                // Who goes away takes the running statement along.
                () = sender.closed() => {}
                () = over(until) => {
                    let ended = Status::new(Code::DeadlineExceeded, "the time of the call is over");
                    drop(sender.send(Err(ended)).await);
                }
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }
}

async fn over(until: Option<tokio::time::Instant>) {
    match until {
        Some(until) => tokio::time::sleep_until(until).await,
        None => std::future::pending().await,
    }
}

/// An answer in parts, made one at a time as the client reads.
fn parts(outcome: Outcome, elapsed: f64) -> impl Iterator<Item = proto::QueryPart> {
    let part = |part| proto::QueryPart { part: Some(part) };
    let columns = proto::Columns { columns: value::columns(&outcome) };
    let summary = value::summary(&outcome, elapsed);
    let mut rest = outcome.rows.into_iter().peekable();
    let rows = std::iter::from_fn(move || {
        rest.peek()?;
        let (mut rows, mut size) = (Vec::new(), 0);
        while size < PART
            && let Some(values) = rest.next()
        {
            size += values.iter().map(weight).sum::<usize>().max(1);
            rows.push(value::row(&values));
        }
        Some(Part::Rows(proto::Rows { rows }))
    });
    [Part::Columns(columns)].into_iter().chain(rows).chain([Part::Summary(summary)]).map(part)
}

/// About how much there is to a value.
fn weight(value: &Value) -> usize {
    match value {
        Value::Text(text) => 1 + text.len() / 16,
        Value::Vector(numbers) => 1 + numbers.len() / 4,
        Value::List(items) => 1 + items.iter().map(weight).sum::<usize>(),
        Value::Map(map) => 1 + map.values().map(weight).sum::<usize>(),
        _ => 1,
    }
}

/// One session, statement by statement.
struct Talk {
    app: Arc<App>,
    /// Away while a statement runs.
    session: Option<Session>,
}

impl Talk {
    async fn answer_all(
        &mut self,
        mut statements: Streaming<proto::QueryRequest>,
        to: &mpsc::Sender<Result<proto::Turn, Status>>,
    ) {
        while let Some(statement) = statements.next().await {
            let turn = match statement {
                Ok(statement) => self.turn(statement).await,
                Err(broken) => Err(broken),
            };
            let ends = turn.is_err();
            if to.send(turn).await.is_err() || ends {
                return;
            }
        }
    }

    async fn turn(&mut self, statement: proto::QueryRequest) -> Result<proto::Turn, Status> {
        let outcome = match self.run(statement).await {
            Ok((outcome, elapsed)) => {
                proto::turn::Outcome::Answer(value::answer(&outcome, milliseconds(elapsed)))
            }
            Err(problem) => proto::turn::Outcome::Failure(status::failure(&problem)),
        };
        let Some(session) = &self.session else {
            return Err(Status::internal("an internal error"));
        };
        let transaction = match session.transaction() {
            TransactionState::None => proto::TransactionState::None,
            TransactionState::Open => proto::TransactionState::Open,
            TransactionState::Failed => proto::TransactionState::Failed,
        };
        Ok(proto::Turn { outcome: Some(outcome), transaction: transaction as i32 })
    }

    async fn run(
        &mut self,
        statement: proto::QueryRequest,
    ) -> Result<(Outcome, Duration), Problem> {
        if !statement.transaction.is_empty() {
            let detail = "a conversation is a session of its own and runs in no other transaction";
            return Err(Problem::malformed(detail));
        }
        let began = Instant::now();
        let text = statement.text.clone();
        let call = call(&self.app, statement)?;
        let kind = call.keyword();
        let mut session = self.session.take().ok_or_else(Problem::internal)?;
        let mut control = self.app.control(None);
        let run = self.app.work.run(move |gone| {
            control.cancel = Arc::clone(gone);
            let done = call.run(&mut session, &control);
            (session, done)
        });
        let (session, done) = run.await?;
        self.session = Some(session);
        let elapsed = began.elapsed();
        let done = done.map_err(|error| Problem::of(error, &text));
        let word = done.as_ref().map_or_else(|problem| problem.kind, |_| "ok");
        query::count(&self.app, kind, word, elapsed);
        done.map(|outcome| (outcome, elapsed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Column;

    #[test]
    fn an_answer_in_parts_is_bounded_and_whole() {
        let rows: Vec<Vec<Value>> = (0..10_000).map(|n| vec![Value::Int(n)]).collect();
        let columns = vec![Column { name: "n".to_owned() }];
        let outcome = Outcome { tag: "SELECT", columns, rows, ..Outcome::default() };
        let parts: Vec<_> = parts(outcome, 1.0).filter_map(|part| part.part).collect();
        assert!(matches!(parts.first(), Some(Part::Columns(c)) if c.columns.len() == 1));
        assert!(matches!(parts.last(), Some(Part::Summary(s)) if s.rows == 10_000));
        let mut seen = 0;
        for part in &parts[1..parts.len() - 1] {
            let Part::Rows(rows) = part else { unreachable!("rows between the ends") };
            assert!(!rows.rows.is_empty() && rows.rows.len() <= PART);
            seen += rows.rows.len();
        }
        assert_eq!((seen, parts.len()), (10_000, 5));
    }
}
