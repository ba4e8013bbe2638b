//! A thread that does one kind of work when told that there is some, and ends when told to.

use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

/// How long work may wait for more of its kind.
const PATIENCE: Duration = Duration::from_millis(200);

/// A background thread.
#[derive(Debug)]
pub struct Worker {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: u64,
    enough: u64,
    stop: bool,
}

impl Worker {
    /// Starts a thread that calls `job` when `enough` has been announced, or anything has and nothing
    /// more follows for a moment.
    pub fn start(name: &str, enough: u64, job: impl Fn() + Send + 'static) -> Self {
        let shared = Arc::new(Shared {
            state: Mutex::new(State { enough, ..State::default() }),
            changed: Condvar::new(),
        });
        let seen = Arc::clone(&shared);
        let run = move || {
            while seen.wait() {
                job();
            }
        };
        // Without a thread, readers extend the index themselves when they need it.
        let thread = thread::Builder::new().name(format!("vql-{name}")).spawn(run).ok();
        Self { shared, thread: Mutex::new(thread) }
    }

    /// Announces work.
    pub fn announce(&self, amount: u64) {
        let mut state = self.shared.state.lock();
        let first = state.waiting == 0;
        state.waiting += amount;
        if first || state.waiting >= state.enough {
            self.shared.changed.notify_one();
        }
    }

    /// Ends the thread after the job at hand. Later calls do nothing.
    pub fn stop(&self) {
        self.shared.state.lock().stop = true;
        self.shared.changed.notify_one();
        if let Some(thread) = self.thread.lock().take()
            && thread.thread().id() != thread::current().id()
        {
            // A job that panicked has lost nothing but its own work.
            drop(thread.join());
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Shared {
    /// Waits for work; false when it is time to end.
    fn wait(&self) -> bool {
        let mut state = self.state.lock();
        loop {
            if state.stop {
                return false;
            }
            if state.waiting == 0 {
                self.changed.wait(&mut state);
                continue;
            }
            let before = state.waiting;
            let quiet = state.waiting >= state.enough
                || self.changed.wait_for(&mut state, PATIENCE).timed_out()
                    && state.waiting == before;
            if quiet && !state.stop {
                state.waiting = 0;
                return true;
            }
        }
    }
}
