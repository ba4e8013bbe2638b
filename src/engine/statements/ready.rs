//! What need not be made twice: parsed texts, checks that found nothing, and plans.
//!
//! A plan is kept by the normalized text of its statement and shared by all sessions. The first runs
//! choose for themselves; when the last five chose the same, that choice is kept and made for the values
//! of each later run without weighing anything again. A statement that is planned differently for
//! different values therefore never stops choosing. A kept choice is given up when the semantic
//! properties change that decide what a name means, when the source grew or shrank by a tenth, when
//! statistics were renewed, when another number of rows is enough, and when a step of it found ten
//! times more or less than expected. It never says which rows there are, only in which order indexes
//! are asked ([`again`]).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

use crate::engine::catalog::Snapshot;
use crate::engine::lang::resolve::Ty;
use crate::engine::lang::{Parse, parse};
use crate::engine::outcome::Params;
use crate::engine::plan::access::Facts;
use crate::engine::plan::again::{again, same_shape};
use crate::engine::plan::logical::Filter;
use crate::engine::plan::physical::{Goal, Plan};

use super::recent::Recent;

/// Statements of which something is kept.
pub const SLOTS: usize = 500;
/// Texts that are kept parsed.
const TEXTS: usize = 256;
/// Longer texts are parsed each time.
const LONG: usize = 16 * 1024;
/// Runs that must choose the same before it is kept.
pub const RUNS: u32 = 5;
/// Queries of one statement whose plans are kept.
const SIDES: usize = 8;

/// Everything that is kept.
pub struct Ready {
    slots: Mutex<Recent<String, Arc<Slot>>>,
    parses: Mutex<Recent<String, Arc<Parse>>>,
    statistics: Arc<AtomicU64>,
}

impl Default for Ready {
    fn default() -> Self {
        Self {
            slots: Mutex::new(Recent::new(SLOTS)),
            parses: Mutex::new(Recent::new(TEXTS)),
            statistics: Arc::default(),
        }
    }
}

impl Ready {
    /// The place of a statement, by its exact normal form.
    pub fn slot(&self, exact: &str) -> Arc<Slot> {
        let mut slots = self.slots.lock();
        if let Some(slot) = slots.get(exact) {
            return Arc::clone(slot);
        }
        let slot = Arc::new(Slot { statistics: Arc::clone(&self.statistics), ..Slot::default() });
        slots.put(exact.to_owned(), Arc::clone(&slot));
        slot
    }

    /// A text parsed, perhaps long ago: the same text always has the same tree.
    pub fn parse(&self, text: &str) -> Arc<Parse> {
        if text.len() > LONG {
            return Arc::new(parse(text));
        }
        if let Some(known) = self.parses.lock().get(text) {
            return Arc::clone(known);
        }
        let parsed = Arc::new(parse(text));
        self.parses.lock().put(text.to_owned(), Arc::clone(&parsed));
        parsed
    }

    /// Counts how often statistics were renewed, for whoever renews them.
    pub fn renewals(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.statistics)
    }

    /// Statistics were renewed: every plan is chosen again.
    pub fn statistics_changed(&self) {
        self.statistics.fetch_add(1, Ordering::Relaxed);
    }

    /// Forgets everything.
    pub fn clear(&self) {
        self.slots.lock().clear();
        self.parses.lock().clear();
    }
}

/// The names and the types of the parameters a check was made with.
type Checked = (Arc<Snapshot>, Vec<(String, Ty)>);

/// What is kept of one statement.
#[derive(Default)]
pub struct Slot {
    checked: Mutex<Option<Checked>>,
    plans: Mutex<Vec<Option<Kept>>>,
    chosen: AtomicU64,
    reused: AtomicU64,
    statistics: Arc<AtomicU64>,
}

/// A choice that was made by so many runs in a row.
struct Kept {
    facts: Arc<Facts>,
    total: u64,
    need: Option<u64>,
    recall: f64,
    statistics: u64,
    plan: Plan,
    runs: u32,
}

/// What a plan depends on besides its statement.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// What is known of the data.
    pub facts: &'a Arc<Facts>,
    /// Rows of the source.
    pub total: u64,
    /// What the query wants of its rows.
    pub goal: &'a Goal,
    /// The share of the nearest vectors that must be found.
    pub recall: f64,
}

fn types(params: &Params) -> Vec<(String, Ty)> {
    params.iter().map(|(name, value)| (name.clone(), Ty::of(value))).collect()
}

impl Slot {
    /// Whether the checker has been over the statement with these names and types and found nothing.
    pub fn is_checked(&self, names: &Arc<Snapshot>, params: &Params) -> bool {
        self.checked.lock().as_ref().is_some_and(|(known, with)| {
            Arc::ptr_eq(known, names)
                && with.len() == params.len()
                && with.iter().zip(params).all(|((a, ty), (b, v))| a == b && *ty == Ty::of(v))
        })
    }

    /// The checker found nothing.
    pub fn checked(&self, names: &Arc<Snapshot>, params: &Params) {
        *self.checked.lock() = Some((Arc::clone(names), types(params)));
    }

    /// The plan that is kept for query `number` of the statement, for the values of this filter.
    pub fn plan(&self, number: usize, filter: &Filter, around: Surroundings<'_>) -> Option<Plan> {
        let plans = self.plans.lock();
        let kept = plans.get(number)?.as_ref().filter(|kept| kept.runs >= RUNS)?;
        if !self.fits(kept, around) {
            return None;
        }
        again(&kept.plan, filter, around.facts, around.total)
    }

    /// A kept plan is used.
    pub fn is_reused(&self) {
        self.reused.fetch_add(1, Ordering::Relaxed);
    }

    /// A run chose this plan for query `number`.
    pub fn chose(&self, number: usize, plan: &Plan, around: Surroundings<'_>) {
        self.chosen.fetch_add(1, Ordering::Relaxed);
        if number >= SIDES {
            return;
        }
        let mut plans = self.plans.lock();
        if plans.len() <= number {
            plans.resize_with(number + 1, || None);
        }
        let runs = match &plans[number] {
            Some(kept) if self.fits(kept, around) && same_shape(&kept.plan, plan) => kept.runs + 1,
            _ => 1,
        };
        plans[number] = Some(Kept {
            facts: Arc::clone(around.facts),
            total: around.total,
            need: around.goal.need,
            recall: around.recall,
            statistics: self.statistics.load(Ordering::Relaxed),
            plan: plan.clone(),
            runs,
        });
    }

    /// The plan kept for query `number` was misled by the data.
    pub fn misled(&self, number: usize) {
        if let Some(place) = self.plans.lock().get_mut(number) {
            *place = None;
        }
    }

    /// How often a plan was chosen for the values of a run, and how often a kept one was used.
    pub fn counts(&self) -> (u64, u64) {
        (self.chosen.load(Ordering::Relaxed), self.reused.load(Ordering::Relaxed))
    }

    fn fits(&self, kept: &Kept, around: Surroundings<'_>) -> bool {
        let same = Arc::ptr_eq(&kept.facts, around.facts) || kept.facts == *around.facts;
        same && kept.total.abs_diff(around.total) <= kept.total / 10
            && kept.need == around.goal.need
            && (kept.recall - around.recall).abs() < f64::EPSILON
            && kept.statistics == self.statistics.load(Ordering::Relaxed)
    }
}
