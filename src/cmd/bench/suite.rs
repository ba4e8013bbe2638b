//! The suites: what is done, how often, and what the answers must be.

use std::collections::BTreeSet;

use super::data::{BUCKETS, Draw, Source, name, word};
use super::measure::{Cost, Meter, cpu};
use super::subject::{Answer, Result, Subject};

/// Items of one transaction of the load.
const BATCH: usize = 1000;
/// Rounds of a suite; subjects take turns, so that noise meets all of them.
const ROUNDS: usize = 5;

/// What one suite found, a cost per subject in the order given.
pub(crate) struct Finding {
    /// `load`, `get`, `knn` ..
    pub(crate) suite: &'static str,
    /// What one operation is.
    pub(crate) operation: String,
    /// Per subject; `None` where the subject cannot do it.
    pub(crate) costs: Vec<Cost>,
    /// Share of the exact answer found, ours against by hand, where both answer the same question.
    pub(crate) agreement: Option<f64>,
    /// The ratio of CPU (ours / by hand) we hold ourselves to.
    pub(crate) bar: Option<f64>,
}

/// Runs suites over subjects that hold the same data.
pub(crate) struct Runner<'a> {
    /// Ours first.
    pub(crate) subjects: Vec<Box<dyn Subject + 'a>>,
    /// Where items and queries come from.
    pub(crate) source: Source,
    /// Items loaded.
    pub(crate) size: usize,
    /// Items inserted after the load.
    pub(crate) inserted: usize,
    /// Told what is being done.
    pub(crate) progress: &'a mut dyn FnMut(&str),
}

type Query<'q> = dyn Fn(&mut dyn Subject, usize) -> Result<Answer> + 'q;

impl Runner<'_> {
    /// Loads every subject.
    pub(crate) fn load(&mut self) -> Result<Finding> {
        let mut costs = Vec::new();
        for subject in &mut self.subjects {
            (self.progress)(&format!("load: {}", subject.name()));
            let items: Vec<_> = (0..self.size).map(|n| (n, self.source.item(n))).collect();
            let start = std::time::Instant::now();
            let before = cpu();
            subject.load(&mut items.into_iter(), BATCH)?;
            subject.finish()?;
            let each = self.size.max(1) as u32;
            let wall = start.elapsed() / each;
            let cpu = cpu().saturating_sub(before) / each;
            costs.push(Cost { cpu, median: wall, p99: wall, fsyncs: None, operations: self.size });
        }
        Ok(Finding {
            suite: "load",
            operation: format!("one of {} items, {BATCH} a transaction, searchable", self.size),
            costs,
            agreement: None,
            bar: Some(1.0),
        })
    }

    /// Durable inserts, one at a time.
    pub(crate) fn insert(&mut self) -> Result<Finding> {
        const COUNT: usize = 200;
        let mut meters: Vec<Meter> = self.subjects.iter().map(|_| Meter::default()).collect();
        for round in 0..ROUNDS {
            let from = self.size + self.inserted + round * COUNT;
            for (subject, meter) in self.subjects.iter_mut().zip(&mut meters) {
                (self.progress)(&format!("insert: {}", subject.name()));
                let mut items: Vec<_> = (0..COUNT).map(|n| self.source.item(from + n)).collect();
                items.reverse();
                let before = subject.fsyncs();
                meter.round(COUNT, |n| {
                    let item = items.pop().expect("one item per operation");
                    subject.insert(from + n, item)?;
                    if n + 1 == COUNT { subject.settle_writes() } else { Ok(()) }
                })?;
                if let (Some(before), Some(after)) = (before, subject.fsyncs()) {
                    meter.fsyncs(after - before);
                }
            }
        }
        self.inserted += ROUNDS * COUNT;
        for subject in &mut self.subjects {
            subject.finish()?;
        }
        Ok(Finding {
            suite: "insert",
            operation: "one item, durable when answered".to_owned(),
            costs: meters.into_iter().map(Meter::cost).collect(),
            agreement: None,
            bar: Some(1.3),
        })
    }

    /// Everything that only reads.
    pub(crate) fn reads(&mut self, wanted: &dyn Fn(&str) -> bool) -> Result<Vec<Finding>> {
        let size = self.size.max(1);
        let source = self.source.clone();
        let pick = |n: usize| name(Draw(n as u64 ^ 0x9e37).below(size));
        let mut found = Vec::new();
        if wanted("get") {
            let ask = |s: &mut dyn Subject, n: usize| s.get(&pick(n));
            found.push(self.ask("get", "all of one item by id", 1000, Some(1.0), &ask)?);
        }
        if wanted("knn") {
            let ask = |s: &mut dyn Subject, n: usize| s.nearest(&source.query(n), 10);
            let what = "10 nearest by cosine";
            found.push(self.ask("knn", what, 40, Some(0.125), &ask)?);
        }
        if wanted("knn-filtered") {
            for (suite, below) in [
                ("knn of 0.1 %", BUCKETS / 1000),
                ("knn of 1 %", BUCKETS / 100),
                ("knn of 10 %", BUCKETS / 10),
                ("knn of 50 %", BUCKETS / 2),
            ] {
                let ask =
                    |s: &mut dyn Subject, n: usize| s.nearest_where(&source.query(n), below, 10);
                let what = "10 nearest where a field is below a bound";
                found.push(self.ask(suite, what, 40, Some(1.0), &ask)?);
            }
        }
        if wanted("text") {
            let ask = |s: &mut dyn Subject, n: usize| {
                let (a, b) = terms(n);
                s.text(&a, &b, 10)
            };
            found.push(self.ask(
                "text",
                "10 best by BM25, either of two words",
                100,
                Some(0.25),
                &ask,
            )?);
        }
        if wanted("2-hop") {
            let ask = |s: &mut dyn Subject, n: usize| s.two_hops(&pick(n));
            found.push(self.ask("2-hop", "all within two edges", 200, Some(0.1), &ask)?);
        }
        if wanted("hybrid") {
            let ask = |s: &mut dyn Subject, n: usize| {
                s.hybrid(&word(n % 10), &pick(n), &source.query(n), 10)
            };
            let what = "10 nearest with a word that link to an item within two edges";
            found.push(self.ask("hybrid", what, 100, Some(1.0), &ask)?);
        }
        Ok(found)
    }

    fn ask(
        &mut self,
        suite: &'static str,
        operation: &str,
        count: usize,
        bar: Option<f64>,
        ask: &Query<'_>,
    ) -> Result<Finding> {
        let mut answers: Vec<Vec<Answer>> = Vec::new();
        for subject in &mut self.subjects {
            (self.progress)(&format!("{suite}: {}", subject.name()));
            let warm_up = (0..count.min(20)).map(|n| ask(subject.as_mut(), n));
            answers.push(warm_up.collect::<Result<_>>()?);
        }
        let mut meters: Vec<Meter> = self.subjects.iter().map(|_| Meter::default()).collect();
        for round in 0..ROUNDS {
            for (subject, meter) in self.subjects.iter_mut().zip(&mut meters) {
                meter.round(count, |n| {
                    std::hint::black_box(ask(subject.as_mut(), round * count + n)?);
                    Ok(())
                })?;
            }
        }
        let agreement = match answers.as_slice() {
            [ours, theirs, ..] => Some(overlap(ours, theirs)),
            _ => None,
        };
        let costs = meters.into_iter().map(Meter::cost).collect();
        Ok(Finding { suite, operation: operation.to_owned(), costs, agreement, bar })
    }
}

/// Two words of middling frequency.
fn terms(n: usize) -> (String, String) {
    let mut draw = Draw(n as u64 ^ 0x7e97);
    (word(20 + draw.below(500)), word(20 + draw.below(2000)))
}

/// The share of the second's answers that the first has, over all questions.
fn overlap(ours: &[Answer], theirs: &[Answer]) -> f64 {
    let (mut found, mut all) = (0, 0);
    for (ours, theirs) in ours.iter().zip(theirs) {
        let ours: BTreeSet<&String> = ours.iter().collect();
        all += theirs.len();
        found += theirs.iter().filter(|id| ours.contains(id)).count();
    }
    if all == 0 { 1.0 } else { f64::from(found as u32) / f64::from(all as u32) }
}
