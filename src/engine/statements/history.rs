//! Figures by normalized statement, since the database was opened: a bounded number of statements, the
//! ones that ran last, in memory only.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;

use crate::engine::base::Timestamp;

use super::Ran;
use super::recent::Recent;

/// Statements remembered.
pub const MOST: usize = 1000;

/// Steps of the histogram for each doubling of the time.
const STEPS: f64 = 4.0;
/// Steps in all: up to an hour and beyond.
const BUCKETS: usize = 132;

/// The history of all statements.
pub struct History {
    entries: Mutex<Recent<Arc<str>, Figures>>,
    on: AtomicBool,
}

impl Default for History {
    fn default() -> Self {
        Self { entries: Mutex::new(Recent::new(MOST)), on: AtomicBool::new(true) }
    }
}

/// What is known of one statement.
#[derive(Clone, Debug)]
pub struct Figures {
    /// Its keyword.
    pub kind: &'static str,
    /// Runs.
    pub calls: u64,
    /// Runs that failed.
    pub errors: u64,
    /// Rows answered or written, over all runs.
    pub rows: u64,
    /// Microseconds, over all runs.
    pub total: u64,
    /// Microseconds of the slowest run.
    pub longest: u64,
    /// Rows of the files that were read, over all runs.
    pub records: u64,
    /// How often a run had another plan than the one before.
    pub plan_changes: u64,
    /// When the last run began.
    pub last: Timestamp,
    shape: Option<u64>,
    times: Box<[u32; BUCKETS]>,
}

impl Figures {
    fn new(ran: &Ran<'_>) -> Self {
        Self {
            kind: ran.kind,
            calls: 0,
            errors: 0,
            rows: 0,
            total: 0,
            longest: 0,
            records: 0,
            plan_changes: 0,
            last: ran.at,
            shape: None,
            times: Box::new([0; BUCKETS]),
        }
    }

    fn add(&mut self, ran: &Ran<'_>) {
        self.calls += 1;
        self.errors += u64::from(ran.error.is_some());
        self.rows = self.rows.saturating_add(ran.rows);
        self.total = self.total.saturating_add(ran.micros);
        self.longest = self.longest.max(ran.micros);
        self.records = self.records.saturating_add(ran.read.rows);
        self.last = self.last.max(ran.at);
        if let Some(shape) = ran.shape {
            self.plan_changes += u64::from(self.shape.is_some_and(|known| known != shape));
            self.shape = Some(shape);
        }
        if let Some(count) = self.times.get_mut(bucket(ran.micros)) {
            *count = count.saturating_add(1);
        }
    }

    /// Microseconds of a run, on average.
    pub fn mean(&self) -> f64 {
        self.total as f64 / self.calls.max(1) as f64
    }

    /// Microseconds within which this share of the runs was done, a fifth too many at most.
    pub fn within(&self, share: f64) -> f64 {
        let wanted = (self.calls as f64 * share).ceil() as u64;
        let mut seen = 0;
        for (at, count) in self.times.iter().enumerate() {
            seen += u64::from(*count);
            if seen >= wanted {
                return upper(at).min(self.longest as f64);
            }
        }
        self.longest as f64
    }
}

/// The step of the histogram a time belongs to.
fn bucket(micros: u64) -> usize {
    let at = ((micros.max(1)) as f64).log2() * STEPS;
    (at.ceil() as usize).min(BUCKETS - 1)
}

/// The longest time of a step.
fn upper(bucket: usize) -> f64 {
    (bucket as f64 / STEPS).exp2()
}

impl History {
    /// A statement ran.
    pub fn ran(&self, statement: &str, ran: &Ran<'_>) {
        if !self.on.load(Ordering::Relaxed) {
            return;
        }
        let mut entries = self.entries.lock();
        if let Some(figures) = entries.get(statement) {
            figures.add(ran);
            return;
        }
        let mut figures = Figures::new(ran);
        figures.add(ran);
        entries.put(Arc::from(statement), figures);
    }

    /// All statements, those first that took longest in all.
    pub fn all(&self) -> Vec<(Arc<str>, Figures)> {
        let mut all: Vec<(Arc<str>, Figures)> =
            self.entries.lock().iter().map(|(text, f)| (Arc::clone(text), f.clone())).collect();
        all.sort_by(|a, b| b.1.total.cmp(&a.1.total).then_with(|| a.0.cmp(&b.0)));
        all
    }

    /// Forgets everything; goes on, or stops.
    pub fn restart(&self, on: bool) {
        self.on.store(on, Ordering::Relaxed);
        self.entries.lock().clear();
    }

    /// Whether statements are counted.
    pub fn is_on(&self) -> bool {
        self.on.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::base::Kind;
    use crate::engine::store::Tally;

    fn ran(micros: u64) -> Ran<'static> {
        Ran {
            kind: "SELECT",
            at: Timestamp(5),
            micros,
            rows: 2,
            error: None,
            shape: Some(1),
            memory: 0,
            read: Tally::default(),
            principal: "owner",
        }
    }

    #[test]
    fn runs_add_up_and_the_histogram_knows_how_long_most_took() {
        let history = History::default();
        for micros in 1..=100 {
            history.ran("a", &ran(micros * 1000));
        }
        history.ran("a", &Ran { error: Some(Kind::Cancelled), shape: Some(2), ..ran(1) });
        history.ran("a", &Ran { shape: None, ..ran(1) });
        let all = history.all();
        let (_, figures) = &all[0];
        assert_eq!((figures.calls, figures.errors, figures.rows), (102, 1, 204));
        assert_eq!((figures.plan_changes, figures.longest), (1, 100_000));
        let p95 = figures.within(0.95);
        assert!((95_000.0..=120_000.0).contains(&p95), "{p95}");
        assert!((49_000.0..=62_000.0).contains(&figures.within(0.5)));
        history.restart(true);
        assert!(history.all().is_empty());
    }

    #[test]
    fn statements_that_ran_last_are_kept_and_no_more() {
        let history = History::default();
        for n in 0..MOST + 10 {
            history.ran(&format!("s{n}"), &ran(1));
        }
        let all = history.all();
        assert_eq!(all.len(), MOST);
        assert!(!all.iter().any(|(text, _)| &**text == "s0"));
        history.restart(false);
        history.ran("a", &ran(1));
        assert!(history.all().is_empty() && !history.is_on());
    }

    #[test]
    fn every_time_has_a_step() {
        for micros in [0, 1, 2, 3, 1000, 10_000_000_000, u64::MAX] {
            assert!(bucket(micros) < BUCKETS);
            if micros < 1_000_000_000 {
                assert!(upper(bucket(micros)) >= micros as f64 * 0.999, "{micros}");
            }
        }
    }
}
