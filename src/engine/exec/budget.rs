//! What one statement may use: time, rows held, memory; and the ear for "stop".
//!
//! Every operator asks here once per row. Asking the clock costs more than a row, so it is asked
//! every few hundred rows.

use std::cell::{Cell, OnceCell};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::Duration;

use crate::engine::base::{Clock, Error, Kind, Result, Timestamp};
use crate::engine::exec::trace::{Actual, Part, Trace};
use crate::engine::outcome::Control;
use crate::engine::plan::again;
use crate::engine::plan::physical::Plan;
use crate::engine::statements::ready::Slot;
use crate::engine::store::tally;

/// Bytes of rows one statement may hold at once.
pub const MEMORY_BYTES: usize = 1 << 30;
/// Rows between two looks at the clock.
const STRIDE: u32 = 256;

/// The allowance of one statement.
pub struct Budget<'a> {
    control: &'a Control,
    clock: &'a dyn Clock,
    deadline: Option<Timestamp>,
    ticks: Cell<u32>,
    held: Cell<usize>,
    trace: Option<Trace>,
    slot: OnceCell<Arc<Slot>>,
    queries: Cell<usize>,
    shape: Cell<Option<u64>>,
}

impl<'a> Budget<'a> {
    /// Starts to count now.
    pub fn new(control: &'a Control, clock: &'a dyn Clock) -> Self {
        let deadline = control.timeout.map(|allowed| {
            let micros = i64::try_from(allowed.as_micros()).unwrap_or(i64::MAX);
            Timestamp(clock.now().0.saturating_add(micros))
        });
        Self {
            control,
            clock,
            deadline,
            ticks: Cell::new(0),
            held: Cell::new(0),
            trace: None,
            slot: OnceCell::new(),
            queries: Cell::new(0),
            shape: Cell::new(None),
        }
    }

    /// The same; what every operator does is measured.
    #[must_use]
    pub fn traced(self) -> Self {
        Self { trace: Some(Trace::default()), ..self }
    }

    /// The same; plans of the statement may be kept from earlier runs, and for later ones.
    #[must_use]
    pub fn keeping(self, slot: Option<Arc<Slot>>) -> Self {
        if let Some(slot) = slot {
            self.keep_in(slot);
        }
        self
    }

    /// From now on plans of the statement are kept here, unless they are kept somewhere already.
    pub fn keep_in(&self, slot: Arc<Slot>) {
        self.slot.get_or_init(|| slot);
    }

    /// Where plans of the statement are kept.
    pub fn slot(&self) -> Option<&Arc<Slot>> {
        self.slot.get()
    }

    /// The number of the next query of the statement, from 0.
    pub fn next_query(&self) -> usize {
        let number = self.queries.get();
        self.queries.set(number + 1);
        number
    }

    /// Takes note of a plan that is used.
    pub fn planned(&self, plan: &Plan) {
        let mut hasher = DefaultHasher::new();
        self.shape.get().hash(&mut hasher);
        plan.steps.len().hash(&mut hasher);
        for step in again::shape(plan) {
            step.hash(&mut hasher);
        }
        (plan.finish as u8).hash(&mut hasher);
        self.shape.set(Some(hasher.finish()));
    }

    /// Which plans were used: equal numbers, equal plans.
    pub fn shape(&self) -> Option<u64> {
        self.shape.get()
    }

    /// What was measured, when it is.
    pub fn trace(&self) -> Option<&Trace> {
        self.trace.as_ref()
    }

    /// Runs one part of a statement; what it did is remembered when the statement is measured. `rows`
    /// tells how many rows came of it.
    pub fn part<T>(
        &self,
        part: Part,
        work: impl FnOnce() -> Result<T>,
        rows: impl FnOnce(&T) -> u64,
    ) -> Result<T> {
        let Some(trace) = &self.trace else { return work() };
        let (began, read, held) = (self.clock.now(), tally(), self.held.get());
        let done = work()?;
        let micros = self.clock.now().0.saturating_sub(began.0);
        trace.add(
            part,
            Actual {
                rows: rows(&done),
                micros: u64::try_from(micros).unwrap_or(0),
                loops: 1,
                held: self.held.get().saturating_sub(held) as u64,
                read: tally().since(read),
            },
        );
        Ok(done)
    }

    /// The time on the clock of the statement.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Bytes of rows that are held.
    pub fn held(&self) -> usize {
        self.held.get()
    }

    /// One row of work: an error when the caller asked to stop or the time is over.
    pub fn tick(&self) -> Result<()> {
        self.control.check()?;
        let ticks = self.ticks.get().wrapping_add(1);
        self.ticks.set(ticks);
        if ticks % STRIDE == 1 { self.look_at_the_clock() } else { Ok(()) }
    }

    /// The same, for work that takes long by itself.
    pub fn check(&self) -> Result<()> {
        self.control.check()?;
        self.look_at_the_clock()
    }

    /// Accounts for `bytes` more of held rows.
    pub fn hold(&self, bytes: usize) -> Result<()> {
        let held = self.held.get().saturating_add(bytes);
        self.held.set(held);
        if held > MEMORY_BYTES {
            let message =
                format!("the statement holds more than {} MiB of rows", MEMORY_BYTES >> 20);
            return Err(Error::new(Kind::ResourceExhausted, message)
                .hint("add a condition, select fewer columns, or lower LIMIT"));
        }
        Ok(())
    }

    /// The bounds of work that somebody else does for the statement: what is left of them.
    pub fn left(&self) -> Control {
        let mut control = self.control.clone();
        control.timeout = self.deadline.map(|deadline| {
            let micros = deadline.0.saturating_sub(self.clock.now().0);
            Duration::from_micros(u64::try_from(micros).unwrap_or(0))
        });
        control
    }

    fn look_at_the_clock(&self) -> Result<()> {
        match self.deadline {
            Some(deadline) if self.clock.now() >= deadline => {
                Err(Error::new(Kind::QueryTimeout, "the statement ran out of time"))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    struct Steps(AtomicI64);

    impl Clock for Steps {
        fn now(&self) -> Timestamp {
            Timestamp(self.0.fetch_add(1_000_000, Ordering::Relaxed))
        }
    }

    #[test]
    fn time_runs_out() {
        let control = Control { timeout: Some(Duration::from_secs(2)), ..Control::default() };
        let clock = Steps(AtomicI64::new(0));
        let budget = Budget::new(&control, &clock);
        assert!(budget.check().is_ok());
        assert_eq!(budget.check().map_err(|e| e.kind), Err(Kind::QueryTimeout));
    }

    #[test]
    fn a_caller_can_stop_it_at_any_row() {
        let control = Control::default();
        let clock = Steps(AtomicI64::new(0));
        let budget = Budget::new(&control, &clock);
        assert!(budget.tick().is_ok());
        control.cancel.store(true, Ordering::Relaxed);
        assert_eq!(budget.tick().map_err(|e| e.kind), Err(Kind::Cancelled));
    }

    #[test]
    fn memory_has_an_end() {
        let control = Control::default();
        let clock = Steps(AtomicI64::new(0));
        let budget = Budget::new(&control, &clock);
        assert!(budget.hold(MEMORY_BYTES).is_ok());
        assert_eq!(budget.hold(1).map_err(|e| e.kind), Err(Kind::ResourceExhausted));
    }
}
