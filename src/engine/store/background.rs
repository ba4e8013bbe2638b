//! The thread behind a writer: applies what is queued when nobody looks, syncs, writes back.
//!
//! Nothing depends on it but memory and the time recovery takes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use crate::engine::log::LogWriter;

use super::inner::Inner;
use super::options::SyncMode;

/// It applies after this long without a new commit.
const IDLE: Duration = Duration::from_millis(5);
/// It waits at most so many times.
const PATIENCE: u32 = 20;
/// It does not wait longer once so many commits are queued.
const QUEUED: usize = 256;
/// Or so many bytes.
const QUEUED_BYTES: usize = 8 << 20;
/// It makes the files durable when the log has grown by this much.
const LOG_BYTES: u64 = 64 << 20;

/// How committers wake it.
#[derive(Debug)]
pub(super) struct Signal {
    /// The thread has found nothing to do, or was never started.
    resting: AtomicBool,
    awake: Mutex<bool>,
    bell: Condvar,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Default for Signal {
    fn default() -> Self {
        let (awake, bell, thread) = (Mutex::new(false), Condvar::new(), Mutex::new(None));
        Self { resting: AtomicBool::new(true), awake, bell, thread }
    }
}

impl Inner {
    /// Tells the thread that something was queued; applies right here when it cannot keep up.
    pub(super) fn nudge(self: &Arc<Self>) {
        let (commits, bytes) = {
            let queue = self.queue.lock();
            (queue.commits.len(), queue.bytes)
        };
        let resting = self.signal.resting.swap(false, Ordering::AcqRel);
        if resting || commits >= QUEUED || bytes >= QUEUED_BYTES {
            self.start();
            *self.signal.awake.lock() = true;
            self.signal.bell.notify_one();
        }
        if commits >= 8 * QUEUED || bytes >= 8 * QUEUED_BYTES {
            // What went wrong, if anything, is told to whoever asks for a view.
            drop(self.apply_all());
        }
    }

    fn start(self: &Arc<Self>) {
        let mut thread = self.signal.thread.lock();
        if thread.is_none() {
            let inner = Arc::clone(self);
            let spawned = thread::Builder::new().name("vql-apply".into());
            // Without a thread the queue is applied when somebody looks, or when it is long.
            *thread = spawned.spawn(move || inner.work()).ok();
        }
    }

    /// Ends the thread and waits for it.
    pub(super) fn stop(&self) {
        let thread = self.signal.thread.lock().take();
        if let Some(thread) = thread {
            *self.signal.awake.lock() = true;
            self.signal.bell.notify_one();
            // A thread that panicked has nothing more to say.
            drop(thread.join());
        }
    }

    fn work(self: Arc<Self>) {
        let mut kept = self.log.lock().as_ref().map_or(0, LogWriter::bytes);
        while !self.closed.load(Ordering::Acquire) {
            self.rest();
            self.settle();
            drop(self.apply_all());
            let bytes = self.log.lock().as_ref().map_or(0, LogWriter::bytes);
            if bytes >= kept + LOG_BYTES {
                drop(self.checkpoint());
                kept = self.log.lock().as_ref().map_or(0, LogWriter::bytes);
            }
        }
    }

    /// Waits for something to do.
    fn rest(&self) {
        self.signal.resting.store(true, Ordering::Release);
        let mut awake = self.signal.awake.lock();
        // A commit between the last look and the line above rang for nobody.
        let queued = !self.queue.lock().commits.is_empty() && self.apply_error.lock().is_none();
        if !*awake && !queued && !self.closed.load(Ordering::Acquire) {
            match self.options.sync {
                SyncMode::Interval(ms) => {
                    let limit = Duration::from_millis(u64::from(ms.max(1)));
                    self.signal.bell.wait_for(&mut awake, limit);
                }
                SyncMode::Full | SyncMode::Off => self.signal.bell.wait(&mut awake),
            }
        }
        *awake = false;
    }

    /// Waits until commits have paused or enough of them are queued.
    fn settle(&self) {
        let mut before = self.acknowledged();
        for _ in 0..PATIENCE {
            let (commits, bytes) = {
                let queue = self.queue.lock();
                (queue.commits.len(), queue.bytes)
            };
            let full = commits >= QUEUED || bytes >= QUEUED_BYTES;
            if commits == 0 || full || self.closed.load(Ordering::Acquire) {
                return;
            }
            thread::sleep(IDLE);
            let now = self.acknowledged();
            if now == before {
                return;
            }
            before = now;
        }
    }
}
