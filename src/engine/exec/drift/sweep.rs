//! The sweep: measures what nobody asked for, and looks again at what was measured, in the background.
//!
//! A round goes through all hexads in slices. A slice works for a moment on a view of its own and is
//! followed by a longer rest, so that a round never takes more than a fifth of one core. Whatever does
//! not agree with the board, because a record was changed behind everybody's back, is put right there.
//! Where a round stands is kept with the scores: the next process goes on from there.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use crate::engine::Shared;
use crate::engine::base::{Iid, Result};
use crate::engine::drift::board::Entry;
use crate::engine::exec::context::Context;
use crate::engine::exec::drift::rules::Rules;
use crate::engine::exec::drift::scoreboard::{SweepState, facts};
use crate::engine::exec::drift::{history, measure};
use crate::engine::exec::entity::Entity;
use crate::engine::exec::normalize;
use crate::engine::exec::statement::unasked;
use crate::engine::plan::logical::When;

/// How long a slice works.
const WORK: Duration = Duration::from_millis(20);
/// How long it rests afterwards.
const REST: Duration = Duration::from_millis(80);
/// Hexads of a slice at most, however fast it is.
const SLICE: usize = 512;

/// The thread of one database.
#[derive(Debug, Default)]
pub struct Sweep {
    signal: Arc<Signal>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug, Default)]
struct Signal {
    stop: Mutex<bool>,
    bell: Condvar,
    cancel: Arc<AtomicBool>,
}

impl Signal {
    /// Rests; false when it is time to end.
    fn rest(&self, time: Duration) -> bool {
        let mut stop = self.stop.lock();
        if !*stop {
            self.bell.wait_for(&mut stop, time);
        }
        !*stop
    }
}

impl Sweep {
    /// Starts the thread. A database that cannot be written keeps no scores and is not swept.
    pub fn start(shared: &Arc<Shared>) {
        let (weak, signal) = (Arc::downgrade(shared), Arc::clone(&shared.sweep.signal));
        let spawned = thread::Builder::new().name("vql-drift".into());
        // Without a thread everything is measured when somebody asks.
        *shared.sweep.thread.lock() = spawned.spawn(move || run(&weak, &signal)).ok();
    }

    /// Another period counts from now on.
    pub fn ring(&self) {
        self.signal.bell.notify_all();
    }

    /// Ends the thread.
    pub fn stop(&self) {
        *self.signal.stop.lock() = true;
        self.signal.cancel.store(true, Ordering::Relaxed);
        self.signal.bell.notify_all();
        if let Some(thread) = self.thread.lock().take()
            && thread.thread().id() != thread::current().id()
        {
            // A thread that panicked has lost nothing but scores that are measured again.
            drop(thread.join());
        }
    }
}

impl Drop for Sweep {
    fn drop(&mut self) {
        self.stop();
    }
}

fn run(weak: &Weak<Shared>, signal: &Arc<Signal>) {
    loop {
        let Some(period) = weak.upgrade().map(|shared| shared.indexes.scores.period()) else {
            return;
        };
        // Zero is never; it is asked again when the bell rings.
        let idle = if period == 0 { u64::from(u32::MAX) } else { period };
        if !signal.rest(Duration::from_secs(idle)) {
            return;
        }
        let Some(shared) = weak.upgrade() else { return };
        if shared.indexes.scores.period() == 0 || period != shared.indexes.scores.period() {
            continue;
        }
        drop(shared);
        // A round that fails, for a store that is ill or a hexad that cannot be read, is begun again
        // after the period; who asks for that hexad is told.
        drop(round(weak, signal));
    }
}

/// Looks at every hexad once, from where the last round stopped.
fn round(weak: &Weak<Shared>, signal: &Signal) -> Result<()> {
    let Some(shared) = weak.upgrade() else { return Ok(()) };
    let began = shared.clock.now();
    // Where the last process stopped is known once its scores are read.
    within(&shared, &signal.cancel, |ctx| ctx.board().map(drop))?;
    let mut state = shared.indexes.scores.sweep();
    state = SweepState { began: Some(state.began.unwrap_or(began)), ..state };
    drop(shared);
    loop {
        let Some(shared) = weak.upgrade() else { return Ok(()) };
        let next = slice(&shared, state.next, &signal.cancel)?;
        state.next = next.unwrap_or_default();
        let through = next.is_none().then(|| shared.clock.now());
        if through.is_some() {
            state = SweepState { next: 0, began: None, through };
        }
        shared.indexes.scores.swept(state);
        if through.is_some() {
            settle(&shared)?;
            shared.indexes.scores.save()?;
            return normalize::sweep(&shared, &signal.cancel);
        }
        drop(shared);
        if !signal.rest(REST) {
            return Ok(());
        }
    }
}

/// One round without a rest, from the beginning.
pub(crate) fn now(shared: &Shared) -> Result<()> {
    let mut next = Some(0);
    while let Some(from) = next {
        next = slice(shared, from, &Arc::default())?;
    }
    let through = Some(shared.clock.now());
    shared.indexes.scores.swept(SweepState { next: 0, began: None, through });
    settle(shared)?;
    shared.indexes.scores.save()?;
    normalize::sweep(shared, &Arc::default())
}

/// Works for a moment from hexad number `from` on; gives where to go on, `None` at the end.
fn slice(shared: &Shared, from: u32, cancel: &Arc<AtomicBool>) -> Result<Option<u32>> {
    let began = shared.clock.now();
    let most = i64::try_from(WORK.as_micros()).unwrap_or(i64::MAX);
    let over = || shared.clock.now().0.saturating_sub(began.0) >= most;
    within(shared, cancel, |ctx| {
        let board = Arc::clone(ctx.board()?);
        for (count, (iid, entry)) in board.entries().filter(|(iid, _)| *iid >= from).enumerate() {
            if count == SLICE || count > 0 && over() {
                return Ok(Some(iid));
            }
            ctx.budget.check()?;
            look(ctx, shared, &board, iid, entry)?;
        }
        Ok(None)
    })
}

/// Measures a hexad, and puts it right on the board when the board says something else.
fn look(
    ctx: &Context<'_>,
    shared: &Shared,
    board: &Arc<crate::engine::drift::board::Board>,
    iid: u32,
    entry: &Entry,
) -> Result<()> {
    let Some(entity) = Entity::now(ctx.view, Iid(iid))? else { return Ok(()) };
    let Some(known) = entry.scores() else {
        return ctx.drift(&entity).map(drop);
    };
    let read = facts(ctx.view, Iid(iid))?.map(|(facts, _)| facts);
    if read.as_ref() != Some(&entry.facts) || measure(ctx, &entity)? != *known {
        shared.indexes.scores.corrected(board, iid, read);
    }
    Ok(())
}

/// Writes down what was measured.
fn settle(shared: &Shared) -> Result<()> {
    let Some(board) = shared.indexes.scores.current() else { return Ok(()) };
    let cancel = Arc::default();
    within(shared, &cancel, |ctx| {
        history::settle(&shared.store, ctx.rules()?, &board, ctx.view, ctx.now).map(drop)
    })
}

/// The surroundings of a query nobody asked.
fn within<T>(
    shared: &Shared,
    cancel: &Arc<AtomicBool>,
    with: impl FnOnce(&Context<'_>) -> Result<T>,
) -> Result<T> {
    unasked(shared, cancel, |job| {
        let view = shared.store.view()?;
        let rules = || Rules::read(job, &view);
        let contracts = || Ok(Vec::new());
        let indexes = &shared.indexes;
        with(&Context::new(&view, indexes, job.budget, job.now, When::Now, &contracts, &rules))
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, AtomicU64};

    use super::*;
    use crate::engine::Engine;
    use crate::engine::base::HexadId;
    use crate::engine::exec::law_tests::{Counting, Ticking};
    use crate::engine::hexad::HexadInput;
    use crate::engine::modality::document::Document;
    use crate::engine::outcome::Options;

    /// Time goes on by a millisecond whenever somebody looks: a slice ends after a few hexads.
    fn open(path: &std::path::Path) -> Engine {
        let options = Options { create: true, ..Options::default() };
        let clock = Arc::new(Ticking(AtomicI64::new(1_767_225_600_000_000)));
        Engine::open(path, options, clock, Arc::new(Counting(AtomicU64::new(1)))).unwrap()
    }

    /// A slice of a round that is told to stop at the first rest; where the next one begins.
    fn slice_of_a_round(engine: &Engine) -> u32 {
        let signal = Signal::default();
        *signal.stop.lock() = true;
        round(&Arc::downgrade(&engine.shared), &signal).unwrap();
        engine.shared.indexes.scores.sweep().next
    }

    #[test]
    fn a_round_goes_on_where_the_last_process_stopped() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("rounds.db");
        let engine = open(&path);
        let title = |n: i32| Document { title: Some(format!("Title {n}")), ..Document::default() };
        let input = |n| HexadInput {
            id: Some(HexadId::new(format!("h{n:03}")).unwrap()),
            document: Some(title(n)),
            ..HexadInput::default()
        };
        engine.insert((0..200).map(input).collect()).unwrap();
        let first = slice_of_a_round(&engine);
        assert!(first > 0 && first < 150, "a slice is short: {first}");
        engine.close().unwrap();
        drop(engine);
        let engine = open(&path);
        let second = slice_of_a_round(&engine);
        assert!(second > first, "{second} after {first}");
        engine.close().unwrap();
    }
}
