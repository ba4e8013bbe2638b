//! What all threads of a database share, and in which order its locks are taken.
//!
//! ```text
//! files    Mutex    the writer's connections: held while a batch is applied
//!   seen   RwLock   what views show: read to begin a view, written for the moment files move on
//!     names, queue, pool
//! commits  Mutex    who is about to commit; never held while the log is written
//!   log    Mutex    held by the one leader that writes
//! ```
//! Locks further right are taken last. `commits` and `log` are never held together with `files`.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;

use parking_lot::{Condvar, Mutex, RwLock};

use crate::engine::base::{Clock, Error, Kind, Lsn, Result, Timestamp};
use crate::engine::log::segment::DatabaseId;
use crate::engine::log::{LogWriter, writer};

use super::background::Signal;
use super::commit::Commits;
use super::directory::Gate;
use super::files::{Commit, Files};
use super::health::Health;
use super::index::Appliers;
use super::names::Names;
use super::options::{OpenOptions, Recovery, Status, SyncMode};
use super::place::Place;
use super::pool::Pool;
use super::presence::Presence;
use super::sink::LogSink;

/// What views show.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The last commit in the files.
    pub(super) lsn: Lsn,
    /// Its time.
    pub(super) time: Timestamp,
    /// The last commit each file was changed by.
    pub(super) files: [Lsn; Place::COUNT],
    /// Which hexads there are; read when first asked for.
    pub(super) presence: Option<Presence>,
    /// A batch reached some files only: no view may begin until it has reached all.
    pub(super) uneven: bool,
}

/// Durable commits that are not in the files yet.
#[derive(Debug, Default)]
pub(super) struct Queue {
    /// In order.
    pub(super) commits: VecDeque<Commit>,
    /// What they weigh together.
    pub(super) bytes: usize,
}

/// A database.
pub(super) struct Inner {
    pub(super) dir: PathBuf,
    pub(super) database: DatabaseId,
    pub(super) options: OpenOptions,
    pub(super) read_only: bool,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) appliers: Appliers,
    /// False while there is no directory yet.
    pub(super) made: AtomicBool,
    pub(super) closed: AtomicBool,
    pub(super) making: Mutex<()>,
    pub(super) lock: Mutex<Option<std::fs::File>>,
    pub(super) gate: RwLock<Option<Gate>>,
    pub(super) commits: Mutex<Commits>,
    pub(super) committed: Condvar,
    pub(super) log: Mutex<Option<LogWriter>>,
    pub(super) files: Mutex<Option<Files>>,
    pub(super) seen: RwLock<Seen>,
    pub(super) names: RwLock<Names>,
    pub(super) queue: Mutex<Queue>,
    pub(super) pool: Pool,
    /// The last acknowledged commit.
    pub(super) acknowledged: AtomicU64,
    /// `seen.lsn` for whoever may not wait for it.
    pub(super) shown: AtomicU64,
    /// Somebody follows the commits, as far as can be told without the lock on them.
    pub(super) followed: AtomicBool,
    /// The files are open for the writer and for one reader, and stay so.
    pub(super) ready: AtomicBool,
    /// Something was acknowledged before it was on the disk.
    pub(super) lax: AtomicBool,
    pub(super) last_time: Mutex<Timestamp>,
    pub(super) next_iid: Mutex<Option<u32>>,
    pub(super) recovery: Mutex<Recovery>,
    /// Which files cannot be used.
    pub(super) health: Arc<Health>,
    /// Makes files again.
    pub(super) rebuilder: Mutex<Option<JoinHandle<()>>>,
    /// When a commit is safe unless it says so itself.
    pub(super) mode: RwLock<SyncMode>,
    /// Who wants the log before it is let go of.
    pub(super) sink: RwLock<Option<Arc<dyn LogSink>>>,
    pub(super) apply_error: Mutex<Option<Error>>,
    pub(super) signal: Signal,
}

impl Inner {
    /// The last acknowledged commit.
    pub(super) fn acknowledged(&self) -> Lsn {
        Lsn(self.acknowledged.load(Ordering::Acquire))
    }

    /// The commit new views show, as far as can be told without waiting.
    pub(super) fn shown(&self) -> Lsn {
        Lsn(self.shown.load(Ordering::Acquire))
    }

    /// When a commit is safe unless it says so itself.
    pub(super) fn sync_mode(&self) -> SyncMode {
        *self.mode.read()
    }

    /// Nobody knows any more what the disk holds: this process never writes again.
    pub(super) fn stop_for_good(&self, reason: &str) {
        self.commits.lock().stopped.get_or_insert_with(|| reason.to_owned());
    }

    /// Fails when this process never writes again.
    pub(super) fn check_going(&self) -> Result<()> {
        match &self.commits.lock().stopped {
            Some(reason) => Err(writer::stopped(reason)),
            None => Ok(()),
        }
    }

    /// Fails when the database was closed.
    pub(super) fn check_open(&self) -> Result<()> {
        if self.closed.load(Ordering::Acquire) {
            return Err(Error::new(Kind::StoreUnavailable, "the database was closed"));
        }
        Ok(())
    }

    /// Fails when this process may not write.
    pub(super) fn check_writable(&self) -> Result<()> {
        self.check_open()?;
        if self.read_only {
            let message = format!("{} is open for reading only", self.dir.display());
            return Err(Error::new(Kind::ReadOnlyStore, message));
        }
        Ok(())
    }

    /// A commit time later than any before, even when the clock was set back.
    pub(super) fn stamp(&self) -> Timestamp {
        let mut last = self.last_time.lock();
        *last = self.clock.now().max(Timestamp(last.0 + 1));
        *last
    }

    /// What it says about itself.
    pub(super) fn status(&self) -> Status {
        let mut status = Status {
            lsn: self.acknowledged(),
            read_only: self.read_only,
            sync: self.sync_mode(),
            recovery: self.recovery.lock().clone(),
            ailments: self.health.all(),
            degraded: self.health.all().into_iter().map(|(modality, _)| modality).collect(),
            queued: self.queue.lock().commits.len(),
            ..Status::default()
        };
        {
            let seen = self.seen.read();
            status.applied = seen.lsn;
            status.lsn = status.lsn.max(seen.lsn);
            status.files = Place::all().map(|p| (p.name(), seen.files[p.index()])).collect();
        }
        if let Some(log) = self.log.lock().as_ref() {
            status.fsyncs = log.fsyncs();
            status.log_writes = log.writes();
            status.log_bytes = log.bytes();
        }
        status.stopped.clone_from(&self.commits.lock().stopped);
        status
    }
}

/// Answers waiting to be fetched, by ticket.
pub(super) type Answers = BTreeMap<u64, Result<Lsn>>;
