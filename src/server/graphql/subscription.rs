//! What can be waited for. Whoever waits is told when the database has changed; a client that reads
//! slowly is told of fewer changes, and never makes the server keep more than one answer.
#![expect(clippy::unused_async, reason = "fields of a subscription are declared so")]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Context, Json, Result, Subscription as Subscribes};
use serde_json::{Map, Value};
use tokio::sync::{Semaphore, SemaphorePermit, mpsc};
use tokio_stream::Stream;
use tokio_stream::wrappers::ReceiverStream;

use crate::engine::auth::Principal;
use crate::engine::base::Lsn;
use crate::server::problem::Problem;
use crate::server::state::App;

use super::failure::failed;
use super::rows::{Answer, Ask, asker};

/// Waits.
pub struct Subscription;

/// How often it is looked whether something was committed.
const LOOK: Duration = Duration::from_millis(250);
/// Those who wait, at the same time: each holds an answer in memory.
static PLACES: Semaphore = Semaphore::const_new(1024);

type Object = Json<Map<String, Value>>;

#[Subscribes]
impl Subscription {
    /// The answer to a statement that asks, and again whenever it is another one.
    async fn query_results(
        &self,
        ctx: &Context<'_>,
        vql: String,
        params: Option<Json<Map<String, Value>>>,
    ) -> Result<impl Stream<Item = Result<Answer>>> {
        let mut last: Option<Vec<Object>> = None;
        let ask = move || Ask { only_read: true, ..Ask::theirs(vql.clone(), params.clone()) };
        watch(ctx, ask, move |answer| {
            let fresh = last.as_ref() != Some(&answer.rows);
            last = Some(answer.rows.clone());
            if fresh { vec![answer] } else { Vec::new() }
        })
    }

    /// Each time a score passes its threshold from now on, in either direction.
    async fn drift_events(&self, ctx: &Context<'_>) -> Result<impl Stream<Item = Result<Object>>> {
        let mut seen: Option<BTreeSet<String>> = None;
        let ask = || Ask::ours("DRIFT HISTORY FROM hexads LIMIT 10000", [].into());
        watch(ctx, ask, move |answer| {
            let known = seen.take();
            let now = answer.rows.iter().map(|row| Value::Object(row.0.clone()).to_string());
            seen = Some(now.collect());
            let Some(known) = known else { return Vec::new() };
            let fresh = |row: &Object| !known.contains(&Value::Object(row.0.clone()).to_string());
            answer.rows.into_iter().filter(fresh).collect()
        })
    }
}

/// Asks now and after every commit, and hands on what `tell` makes of the answers.
fn watch<T: Send + 'static>(
    ctx: &Context<'_>,
    ask: impl Fn() -> Ask + Send + Sync + 'static,
    tell: impl FnMut(Answer) -> Vec<T> + Send + 'static,
) -> Result<ReceiverStream<Result<T>>> {
    let (app, who) = asker(ctx)?;
    let place = PLACES.try_acquire().map_err(|_| failed(Problem::overloaded()))?;
    let (sender, receiver) = mpsc::channel(1);
    let watcher = Watcher { app: Arc::clone(app), who: who.clone(), sender, _place: place };
    tokio::spawn(watcher.run(ask, tell));
    Ok(ReceiverStream::new(receiver))
}

struct Watcher<T> {
    app: Arc<App>,
    who: Principal,
    sender: mpsc::Sender<Result<T>>,
    _place: SemaphorePermit<'static>,
}

impl<T: Send + 'static> Watcher<T> {
    async fn run(
        self,
        ask: impl Fn() -> Ask + Send + Sync,
        mut tell: impl FnMut(Answer) -> Vec<T> + Send,
    ) {
        let mut ending = self.app.ending.subscribe();
        let mut seen: Option<Lsn> = None;
        loop {
            let now = self.app.engine.last_commit();
            if seen != Some(now) {
                seen = Some(now);
                let told = match ask().run(&self.app, &self.who).await {
                    Ok(answer) => tell(answer).into_iter().map(Ok).collect(),
                    Err(problem) => vec![Err(failed(problem))],
                };
                for one in told {
                    let ends = one.is_err();
                    if self.sender.send(one).await.is_err() || ends {
                        return;
                    }
                }
            }
            tokio::select! {
                () = self.sender.closed() => return,
                _ = ending.changed() => return,
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }
}
