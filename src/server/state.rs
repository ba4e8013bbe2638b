//! What all requests share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parking_lot::RwLock;

use crate::engine::Engine;
use crate::engine::auth::Principal;
use crate::engine::base::{Clock, Result, Rng};
use crate::engine::outcome::Control;
use crate::engine::session::Session;

use super::auth::Authenticate;
use super::conversation::Conversations;
use super::metrics::Metrics;
use super::problem::Problem;
use super::rate::Rate;
use super::rest::cursor::Cursors;
use super::settings::{Limits, Settings};
use super::work::Work;

/// What all requests share: one for each server.
pub struct App {
    /// The database.
    pub engine: Engine,
    /// Decides who asks.
    pub authenticator: Arc<dyn Authenticate>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance, for names that cannot be guessed.
    pub rng: Arc<dyn Rng>,
    /// How it was told to serve.
    pub settings: Settings,
    limits: RwLock<Arc<Limits>>,
    /// Where statements wait.
    pub work: Work,
    /// Figures.
    pub metrics: Metrics,
    /// Open transactions.
    pub conversations: Conversations,
    /// Makes and reads cursors.
    pub cursors: Cursors,
    /// By the name of the principal.
    pub by_principal: RwLock<Arc<Rate<String>>>,
    /// When it was started.
    pub started: Instant,
    /// Whether new requests are welcome: not before everything is ready, and not while it ends.
    pub ready: AtomicBool,
    /// Becomes true when the server is told to end: streams look at it.
    pub ending: tokio::sync::watch::Sender<bool>,
}

impl App {
    /// Around an open database.
    pub fn new(
        engine: Engine,
        authenticator: Arc<dyn Authenticate>,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
        settings: Settings,
    ) -> Arc<Self> {
        let limits = settings.limits.clone();
        Arc::new(Self {
            work: Work::new(limits.statements, limits.queue),
            by_principal: RwLock::new(Arc::new(Rate::new(limits.rate))),
            limits: RwLock::new(Arc::new(limits)),
            metrics: Metrics::default(),
            conversations: Conversations::default(),
            cursors: Cursors::of(engine.id()),
            started: Instant::now(),
            ready: AtomicBool::new(false),
            ending: tokio::sync::watch::Sender::new(false),
            engine,
            authenticator,
            clock,
            rng,
            settings,
        })
    }

    /// The bounds as of now.
    pub fn limits(&self) -> Arc<Limits> {
        Arc::clone(&self.limits.read())
    }

    /// Other bounds from now on; how many statements run and wait stays as it was.
    pub fn set_limits(&self, limits: Limits) {
        *self.by_principal.write() = Arc::new(Rate::new(limits.rate));
        *self.limits.write() = Arc::new(limits);
    }

    /// True when requests are welcome.
    pub fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Relaxed)
    }

    /// A session of a principal.
    pub fn session(&self, who: &Principal) -> Session {
        self.engine.session_as(who)
    }

    /// A name nobody can guess, of 32 digits.
    pub fn token(&self) -> String {
        format!("{:032x}", self.rng.bits())
    }

    /// The bounds of one statement: the time asked for, if it is not over the limit.
    pub fn control(&self, wanted: Option<Duration>) -> Control {
        let most = self.limits().statement_time;
        let timeout = wanted.map_or(most, |wanted| wanted.min(most));
        Control { timeout: Some(timeout), ..Control::default() }
    }

    /// Runs `work` in a new session of `who` on a thread where it may block, stopped when nobody waits
    /// for it any more.
    pub async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        who: &Principal,
        wanted: Option<Duration>,
        work: impl FnOnce(&mut Session, &Control) -> Result<T> + Send + 'static,
    ) -> Result<T, Problem> {
        Ok(self.attempt(who, wanted, work).await??)
    }

    /// The same, for those who know better how to tell what the engine says.
    pub async fn attempt<T: Send + 'static>(
        self: &Arc<Self>,
        who: &Principal,
        wanted: Option<Duration>,
        work: impl FnOnce(&mut Session, &Control) -> Result<T> + Send + 'static,
    ) -> Result<Result<T>, Problem> {
        let (app, who, mut control) = (Arc::clone(self), who.clone(), self.control(wanted));
        let done = self.work.run(move |gone| {
            control.cancel = Arc::clone(gone);
            work(&mut app.session(&who), &control)
        });
        done.await
    }
}
