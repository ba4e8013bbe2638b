//! What the operators of one statement really did, for `EXPLAIN ANALYZE`, the slow log and the
//! adaptive planner. Only remembers; who measures is [`Budget::part`].
//!
//! [`Budget::part`]: crate::engine::exec::budget::Budget::part

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use crate::engine::plan::logical::Filter;
use crate::engine::plan::physical::Plan;
use crate::engine::store::Tally;

/// A part of the work of a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Choosing how the rows are found.
    Choose,
    /// Every hexad of the source looked at, without any index.
    Scan,
    /// One index asked: the number of the step in the plan. The rows are those that are left.
    Step(usize),
    /// What is left read one by one and asked what no index answers.
    Residual,
    /// One ranking, by the number of its test.
    Rank(usize),
    /// Rows put in order, scores of several rankings fused.
    Sort,
    /// Rows grouped.
    Group,
    /// Columns made.
    Project,
    /// The rows of two sides combined, by the number of the set operation.
    Combine(usize),
}

/// What one part did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Actual {
    /// Rows that came of it, over all loops.
    pub rows: u64,
    /// Microseconds it took.
    pub micros: u64,
    /// How often it ran.
    pub loops: u64,
    /// Bytes of rows it holds afterwards, more than before.
    pub held: u64,
    /// What it read.
    pub read: Tally,
}

impl Actual {
    fn and(&mut self, other: Self) {
        self.rows += other.rows;
        self.micros += other.micros;
        self.loops += other.loops;
        self.held += other.held;
        self.read.rows += other.read.rows;
        self.read.bytes += other.read.bytes;
        self.read.pages += other.read.pages;
    }
}

/// What was measured of a statement.
#[derive(Debug, Default)]
pub struct Trace {
    parts: RefCell<BTreeMap<(usize, Part), Actual>>,
    plans: RefCell<BTreeMap<usize, (Plan, Filter)>>,
    side: Cell<usize>,
}

impl Trace {
    /// Remembers what a part did; a part that runs again adds to what it did before.
    pub fn add(&self, part: Part, actual: Actual) {
        self.parts.borrow_mut().entry((self.side.get(), part)).or_default().and(actual);
    }

    /// From now on it is about this side of a set query, from 0.
    pub fn begin_side(&self, side: usize) {
        self.side.set(side);
    }

    /// Remembers how the rows of a side are found, and the filter that is about.
    pub fn chose(&self, plan: &Plan, filter: &Filter) {
        self.plans.borrow_mut().insert(self.side.get(), (plan.clone(), filter.clone()));
    }

    /// How the rows of a side were found.
    pub fn plan(&self, side: usize) -> Option<(Plan, Filter)> {
        self.plans.borrow().get(&side).cloned()
    }

    /// Microseconds that all parts took.
    pub fn micros(&self) -> u64 {
        self.parts.borrow().values().map(|actual| actual.micros).sum()
    }

    /// Microseconds that choosing took.
    pub fn choosing(&self) -> u64 {
        let parts = self.parts.borrow();
        parts.iter().filter(|((_, part), _)| *part == Part::Choose).map(|(_, a)| a.micros).sum()
    }

    /// What a part of one side did; nothing when it never ran.
    pub fn of(&self, side: usize, part: Part) -> Option<Actual> {
        self.parts.borrow().get(&(side, part)).copied()
    }
}
