//! The thread behind a writer: applies what is queued when nobody looks, syncs, writes back.
//!
//! Nothing depends on it but memory and the time recovery takes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use crate::engine::log::{AppendError, LogWriter};

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

/// How committers wake it.
#[derive(Debug)]
pub(super) struct Signal {
    /// The thread has found nothing to do, or was never started.
    resting: AtomicBool,
    awake: Mutex<bool>,
    bell: Condvar,
    thread: Mutex<Option<JoinHandle<()>>>,
    /// Within how many milliseconds the log has to be forced to the disk; nothing is owed otherwise.
    owed: Mutex<Option<u32>>,
    due: Condvar,
    forcer: Mutex<Option<JoinHandle<()>>>,
}

impl Default for Signal {
    fn default() -> Self {
        let (awake, bell, thread) = (Mutex::new(false), Condvar::new(), Mutex::new(None));
        let (owed, due, forcer) = (Mutex::new(None), Condvar::new(), Mutex::new(None));
        Self { resting: AtomicBool::new(true), awake, bell, thread, owed, due, forcer }
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
        let forcer = self.signal.forcer.lock().take();
        if let Some(forcer) = forcer {
            drop(self.signal.owed.lock());
            self.signal.due.notify_one();
            drop(forcer.join());
        }
    }

    /// Commits of these modes are about to be answered before they are on the disk.
    pub(super) fn owe(self: &Arc<Self>, modes: impl Iterator<Item = SyncMode>) {
        let interval = |mode| match mode {
            SyncMode::Interval(ms) => Some(ms.max(1)),
            SyncMode::Full | SyncMode::Off => None,
        };
        let Some(ms) = modes.filter_map(interval).min() else { return };
        let mut owed = self.signal.owed.lock();
        if owed.is_some_and(|sooner| sooner <= ms) {
            return;
        }
        *owed = Some(ms);
        drop(owed);
        self.signal.due.notify_one();
        let mut forcer = self.signal.forcer.lock();
        if forcer.is_none() {
            let inner = Arc::clone(self);
            let spawned = thread::Builder::new().name("vql-sync".into());
            *forcer = spawned.spawn(move || inner.force()).ok();
        }
        if forcer.is_none() {
            // Without a thread for it the window cannot be kept: the next commit asks again.
            *self.signal.owed.lock() = None;
        }
    }

    /// Forces the log to the disk within the window of what was acknowledged before it was there,
    /// whether or not anything more is committed.
    fn force(self: Arc<Self>) {
        while !self.closed.load(Ordering::Acquire) {
            let mut owed = self.signal.owed.lock();
            let Some(ms) = *owed else {
                self.signal.due.wait_for(&mut owed, Duration::from_secs(1));
                continue;
            };
            let waited = self.signal.due.wait_for(&mut owed, Duration::from_millis(u64::from(ms)));
            if !waited.timed_out() && !self.closed.load(Ordering::Acquire) {
                // Somebody owes it sooner.
                continue;
            }
            *owed = None;
            drop(owed);
            self.force_now();
        }
    }

    /// One sync, during which others go on writing.
    fn force_now(&self) {
        let forcing = self.log.lock().as_ref().and_then(LogWriter::forcing);
        let Some(forcing) = forcing else { return };
        match forcing.run() {
            Ok(()) => {
                if let Some(log) = self.log.lock().as_mut() {
                    log.forced(forcing.upto);
                }
            }
            Err(AppendError::Final(reason)) => self.stop_for_good(&reason),
            Err(AppendError::Refused(error)) => self.stop_for_good(&error.message),
        }
    }

    fn work(self: Arc<Self>) {
        let mut kept = self.grown();
        while !self.closed.load(Ordering::Acquire) {
            self.rest();
            self.settle();
            drop(self.apply_all());
            let grown = self.grown();
            if grown.0 >= kept.0 + self.options.checkpoint_bytes
                || grown.1 >= kept.1 + self.options.checkpoint_commits
            {
                // What failed for good is noted where the next commit sees it, the rest is tried again.
                drop(self.checkpoint());
                kept = self.grown();
            }
        }
    }

    /// Bytes of log, and commits.
    fn grown(&self) -> (u64, u64) {
        let bytes = self.log.lock().as_ref().map_or(0, LogWriter::bytes);
        (bytes, self.acknowledged().0)
    }

    /// Waits for something to do.
    fn rest(&self) {
        self.signal.resting.store(true, Ordering::Release);
        let mut awake = self.signal.awake.lock();
        // A commit between the last look and the line above rang for nobody.
        let queued = !self.queue.lock().commits.is_empty() && self.apply_error.lock().is_none();
        if !*awake && !queued && !self.closed.load(Ordering::Acquire) {
            self.signal.bell.wait(&mut awake);
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
