//! Committing: checked against what others changed, written to the log together with whoever else is
//! waiting, answered when it is safe.
//!
//! There is no log thread: the first that waits leads, takes all that wait by then, writes and syncs
//! once, and answers them; whoever came meanwhile elects the next. A lone writer so pays for no switch
//! of threads, and sixty-four share one sync.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::engine::base::{Error, Kind, Lsn, Result};
use crate::engine::log::writer::{self, AppendError, Entry};
use crate::engine::log::{Section, record};

use super::codec;
use super::conflict::{self, Key, Recent, Verdict};
use super::files::Commit;
use super::health::Ailment;
use super::inner::{Answers, Inner};
use super::options::{Committed, SyncMode};
use super::place::Place;
use super::pool::ReaderSet;
use super::space;
use super::trail::{Follower, Touch, Trail};
use super::view::View;
use super::write_set::WriteSet;

/// Who is about to commit.
#[derive(Debug, Default)]
pub(super) struct Commits {
    waiting: Vec<Waiting>,
    leading: bool,
    answers: Answers,
    tickets: u64,
    recent: Recent,
    trail: Trail,
    /// Groups written so far.
    groups: u64,
    /// Why nothing can be committed any more.
    pub(super) stopped: Option<String>,
}

#[derive(Debug)]
struct Waiting {
    ticket: u64,
    writes: Arc<WriteSet>,
    sections: Vec<Section>,
    bytes: usize,
    keys: Vec<Key>,
}

/// What came of a checked commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// It is committed.
    Done(Committed),
    /// Nothing was written: somebody was faster. Prepare it again on a new view, which shows what they
    /// did.
    Again,
}

/// Looks at what was committed, and is on its way, behind the commit a write set was prepared against.
pub(super) type Check<'a> = &'a dyn Fn(&[&Touch]) -> Verdict;

impl Inner {
    /// Commits `writes`; see `Store::commit`.
    pub(super) fn commit(self: &Arc<Self>, writes: WriteSet) -> Result<Committed> {
        match self.attempt(writes, None)? {
            Attempt::Done(committed) => Ok(committed),
            Attempt::Again => Err(conflict()),
        }
    }

    /// Commits `writes` if `check`, when there is one, agrees; see `Store::commit_checked`.
    pub(super) fn attempt(
        self: &Arc<Self>,
        writes: WriteSet,
        check: Option<Check<'_>>,
    ) -> Result<Attempt> {
        self.check_writable()?;
        let time = writes.at;
        if writes.is_empty() {
            return Ok(Attempt::Done(Committed { lsn: self.acknowledged(), time }));
        }
        self.make()?;
        self.get_ready()?;
        let ailments = if self.health.whole() { Vec::new() } else { self.health.all() };
        for (modality, ailment) in ailments {
            // What is being made again takes it from the log; what is lost would never have it.
            if matches!(ailment, Ailment::Lost(_)) && !writes.ops(modality).is_empty() {
                return Err(self.health.refusal(Place::from(modality)));
            }
        }
        let sections = codec::sections(&writes);
        let bytes = record::encoded_len(&sections);
        if bytes > record::MAX_BYTES {
            let message = format!("a commit of {bytes} bytes, the limit is {}", record::MAX_BYTES);
            return Err(
                Error::new(Kind::ResourceExhausted, message).hint("write it in several statements")
            );
        }
        let Some(ticket) = self.enlist(Arc::new(writes), sections, bytes, check)? else {
            return Ok(Attempt::Again);
        };
        let lsn = self.await_answer(ticket)?;
        self.nudge();
        Ok(Attempt::Done(Committed { lsn, time }))
    }

    /// Opens the files for the writer and for one reader before the first commit is acknowledged: a
    /// process that runs out of descriptors afterwards can still apply and show it.
    fn get_ready(&self) -> Result<()> {
        if self.ready.load(Ordering::Acquire) {
            return Ok(());
        }
        self.writer_files(&mut self.files.lock())?;
        let set = ReaderSet::open(&self.dir, &self.health).map_err(|(_, error)| error)?;
        self.pool.put(set, self.shown(), self.health.epoch());
        self.ready.store(true, Ordering::Release);
        Ok(())
    }

    /// Takes a place in the next group, unless somebody else changed what is changed here (`None`) or
    /// `check` objects. Between the check and the place nobody gets in.
    fn enlist(
        &self,
        writes: Arc<WriteSet>,
        sections: Vec<Section>,
        bytes: usize,
        check: Option<Check<'_>>,
    ) -> Result<Option<u64>> {
        let keys = conflict::keys(&writes);
        let touch = self.followed.load(Ordering::Relaxed).then(|| Touch::of(&writes));
        let mut commits = self.commits.lock();
        loop {
            if let Some(reason) = &commits.stopped {
                return Err(writer::stopped(reason));
            }
            if let Some(check) = check {
                match commits.judge(writes.base, check)? {
                    Verdict::Free => {}
                    Verdict::Changed => return Err(conflict()),
                    Verdict::Wait => {
                        if let Some(last) = commits.trail.pending() {
                            while commits.trail.is_pending(last) {
                                self.committed.wait(&mut commits);
                            }
                        }
                        return Ok(None);
                    }
                }
            }
            match commits.recent.check(&keys, &writes.requires, writes.base) {
                Verdict::Free => break,
                Verdict::Wait => self.committed.wait(&mut commits),
                Verdict::Changed => return Ok(None),
            }
        }
        commits.recent.begin(&keys);
        commits.tickets += 1;
        let ticket = commits.tickets;
        if commits.trail.followed() {
            commits.trail.begin(ticket, touch.unwrap_or_else(|| Touch::of(&writes)));
        }
        commits.waiting.push(Waiting { ticket, writes, sections, bytes, keys });
        Ok(Some(ticket))
    }

    /// Begins to write down what commits touch, and gives a view: whatever it does not show will be
    /// written down.
    pub(super) fn follow(self: &Arc<Self>) -> Result<(Follower, View)> {
        let mut follower = {
            let mut commits = self.commits.lock();
            let first = !commits.trail.followed();
            commits.trail.follow(Lsn(0));
            self.followed.store(true, Ordering::Relaxed);
            if first {
                commits.write_down_waiting();
                // What is being written now was taken before anybody followed: the view will show it.
                let group = commits.groups;
                while commits.leading && commits.groups == group {
                    self.committed.wait(&mut commits);
                }
                commits.trail.complete_from(self.acknowledged());
                self.committed.notify_all();
            }
            while !commits.trail.ready() {
                self.committed.wait(&mut commits);
            }
            Follower::new(Arc::clone(self), Lsn(0))
        };
        let view = View::begin(self)?;
        follower.advance(view.lsn());
        Ok((follower, view))
    }

    /// A follower goes on from a later commit, or ends.
    pub(super) fn moved(&self, from: Lsn, to: Option<Lsn>) {
        let mut commits = self.commits.lock();
        if let Some(to) = to {
            commits.trail.follow(to);
        }
        commits.trail.unfollow(from);
        self.followed.store(commits.trail.followed(), Ordering::Relaxed);
    }

    /// What was committed after `after`, oldest first; `None` when nobody knows.
    pub(super) fn touched_since(&self, after: Lsn) -> Option<Vec<Arc<Touch>>> {
        let commits = self.commits.lock();
        let touches = commits.trail.behind(after)?.filter(|touch| touch.lsn.is_some());
        Some(touches.cloned().collect())
    }

    /// Waits for the answer, leading a group where nobody does.
    fn await_answer(self: &Arc<Self>, ticket: u64) -> Result<Lsn> {
        let mut commits = self.commits.lock();
        loop {
            if let Some(answer) = commits.answers.remove(&ticket) {
                return answer;
            }
            if commits.leading {
                self.committed.wait(&mut commits);
                continue;
            }
            commits.leading = true;
            let mut group = std::mem::take(&mut commits.waiting);
            drop(commits);
            let outcome = self.lead(&mut group);
            commits = self.commits.lock();
            commits.leading = false;
            commits.groups += 1;
            commits.settle(group, &outcome);
            self.committed.notify_all();
        }
    }

    /// Writes a group to the log and hands it to the queue. Gives the number of its first commit.
    fn lead(self: &Arc<Self>, group: &mut [Waiting]) -> Result<Lsn, Failure> {
        let bytes: usize = group.iter().map(|w| w.bytes).sum();
        self.check_space(bytes).map_err(Failure::Now)?;
        let sink = self.sink.read().clone();
        if let Some(sink) = &sink {
            sink.ready().map_err(Failure::Now)?;
        }
        let mut guard = self.log.lock();
        let log = guard.as_mut().ok_or_else(|| {
            Failure::Now(Error::new(Kind::StoreUnavailable, "the database was closed"))
        })?;
        let entries = group
            .iter_mut()
            .map(|w| Entry {
                txn: w.ticket,
                time: w.writes.at,
                sections: std::mem::take(&mut w.sections),
            })
            .collect();
        let first = log.append(entries)?;
        let mode = self.sync_mode();
        let full = |w: &Waiting| w.writes.sync.unwrap_or(mode) == SyncMode::Full;
        let forced = group.iter().any(full);
        if forced {
            log.sync()?;
        } else {
            self.lax.store(true, Ordering::Release);
            self.owe(group.iter().map(|w| w.writes.sync.unwrap_or(mode)));
        }
        if let Some(sink) = &sink
            && let Err(error) = sink.grew(log.dir(), log.last(), forced)
        {
            log.take_out(first)?;
            return Err(Failure::Now(error));
        }
        let mut queue = self.queue.lock();
        for (n, waiting) in group.iter().enumerate() {
            queue.bytes += waiting.bytes;
            queue.commits.push_back(Commit {
                lsn: Lsn(first.0 + n as u64),
                time: waiting.writes.at,
                writes: Arc::clone(&waiting.writes),
                bytes: waiting.bytes,
            });
        }
        self.acknowledged.store(log.last().0, Ordering::Release);
        Ok(first)
    }

    /// A commit is only taken when there is room for it in the files as well: once it is in the log it
    /// is acknowledged, and readers need to see it.
    fn check_space(self: &Arc<Self>, bytes: usize) -> Result<()> {
        let needed = |queued: usize, commits: usize| {
            (1 << 20) + 4 * (bytes + queued) as u64 + (commits as u64 + 1) * (128 << 10)
        };
        let (queued, commits) = {
            let queue = self.queue.lock();
            (queue.bytes, queue.commits.len())
        };
        let Some(free) = space::available(&self.dir) else { return Ok(()) };
        if free >= needed(queued, commits) {
            return Ok(());
        }
        let short = || space::available(&self.dir).is_some_and(|free| free < needed(0, 0));
        self.apply_all()?;
        if short() {
            // SQLite's own logs are room as well, once what they hold is in the files.
            self.checkpoint().or_else(|error| match error.kind {
                Kind::DiskFull => Ok(()),
                _ => Err(error),
            })?;
        }
        if short() { Err(writer::full()) } else { Ok(()) }
    }
}

impl Commits {
    /// Asks a check about everything behind `base`.
    fn judge(&self, base: Lsn, check: Check<'_>) -> Result<Verdict> {
        let Some(behind) = self.trail.behind(base) else {
            let message = "too much was committed in the meantime to tell what changed";
            return Err(Error::new(Kind::WriteConflict, message)
                .hint("nothing was written; the same statement may succeed now"));
        };
        let behind: Vec<&Touch> = behind.map(AsRef::as_ref).collect();
        Ok(check(&behind))
    }

    /// Those who wait for the next group leave their touches.
    fn write_down_waiting(&mut self) {
        for waiting in &self.waiting {
            self.trail.begin(waiting.ticket, Touch::of(&waiting.writes));
        }
    }

    /// Notes the outcome of a group for everybody in it.
    fn settle(&mut self, group: Vec<Waiting>, outcome: &Result<Lsn, Failure>) {
        if let Err(Failure::Final(reason)) = outcome {
            self.stopped.get_or_insert_with(|| reason.clone());
        }
        for (n, waiting) in group.into_iter().enumerate() {
            let answer = match outcome {
                Ok(first) => Ok(Lsn(first.0 + n as u64)),
                Err(Failure::Now(error)) => Err(error.clone()),
                Err(Failure::Final(reason)) => Err(writer::stopped(reason)),
            };
            let at = answer.as_ref().map_or(waiting.writes.base, |lsn| *lsn);
            self.recent.end(waiting.keys, at);
            if self.trail.followed() {
                self.trail.end(waiting.ticket, answer.as_ref().ok().copied());
            }
            self.answers.insert(waiting.ticket, answer);
        }
    }
}

/// Why a group was not committed.
enum Failure {
    /// Not this time.
    Now(Error),
    /// Never again.
    Final(String),
}

impl From<AppendError> for Failure {
    fn from(cause: AppendError) -> Self {
        match cause {
            AppendError::Refused(error) => Self::Now(error),
            AppendError::Final(reason) => Self::Final(reason),
        }
    }
}

fn conflict() -> Error {
    let message = "another write changed the same hexad in the meantime";
    Error::new(Kind::WriteConflict, message)
        .hint("nothing was written; the same statement may succeed now")
}
