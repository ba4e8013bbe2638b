//! The suites: what is done, how often, and that the answers are what they must be.

use std::path::Path;
use std::time::{Duration, Instant};

use super::bar::{self, Bar};
use super::data::Source;
use super::measure::{Cost, Mark, Meter, own_cpu};
use super::question::{Kind, Question, REVISED, Shape, revised, shapes};
use super::subject::{Answer, Hand, Result, Subject, whole};
use super::truth::{Check, Share, Truth};

/// Items of one transaction of the load.
const BATCH: usize = 1000;
/// Rounds of a suite; subjects take turns, so that noise meets all of them.
const ROUNDS: usize = 5;
/// Questions of each shape that are asked before it is measured, and whose answers are checked.
const CHECKED: usize = 20;

/// What one line of the table says, a cost per subject in the order given.
pub(crate) struct Finding {
    /// The suite it belongs to.
    pub(crate) suite: &'static str,
    /// `load`, `get`, `knn of 1 %` ..
    pub(crate) name: String,
    /// What one operation is.
    pub(crate) operation: String,
    /// Per subject; `None` where it cannot do it.
    pub(crate) costs: Vec<Option<Cost>>,
    /// Why a subject cannot: its name, and the reason.
    pub(crate) cannot: Vec<(&'static str, String)>,
    /// Per subject: the share of the exact answers it found.
    pub(crate) recall: Vec<Option<f64>>,
    /// The ratios we hold ourselves to.
    pub(crate) bars: &'static [Bar],
}

impl Finding {
    /// Without anybody's figures yet.
    pub(crate) fn new(suite: &'static str, name: impl Into<String>, operation: &str) -> Self {
        let (name, operation) = (name.into(), operation.to_owned());
        let bars = bar::of(&name);
        let (costs, cannot, recall) = (Vec::new(), Vec::new(), Vec::new());
        Self { suite, name, operation, costs, cannot, recall, bars }
    }
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
    /// What is found so far.
    pub(crate) findings: Vec<Finding>,
    /// What is to be checked at the end.
    pub(crate) checks: Vec<Check>,
    /// Told what is being done.
    pub(crate) progress: &'a mut dyn FnMut(&str),
}

impl Runner<'_> {
    /// Runs everything that is wanted.
    pub(crate) fn run(&mut self, wanted: &dyn Fn(&str) -> bool, place: &Path) -> Result<()> {
        self.load(wanted("load"))?;
        if wanted("insert") {
            self.insert()?;
        }
        if wanted("writers") {
            for writers in [1, 8, 64] {
                self.writers(writers)?;
            }
        }
        if wanted("as-of") {
            self.revise()?;
        }
        let items = self.size + self.inserted;
        for shape in shapes().iter().filter(|shape| wanted(shape.suite)) {
            self.ask(shape)?;
        }
        self.judge(items);
        if wanted("plan") {
            self.plan()?;
        }
        if wanted("mixed") {
            self.mixed()?;
        }
        if wanted("recovery") {
            self.recovery(place)?;
        }
        Ok(())
    }

    /// The figures of every subject that can do something of this kind, made by `measure`.
    fn each(
        &mut self,
        mut finding: Finding,
        kind: Kind,
        mut measure: impl FnMut(&mut dyn Subject, &Source, usize) -> Result<Cost>,
    ) -> Result<()> {
        for (index, subject) in self.subjects.iter_mut().enumerate() {
            if let Some(why) = subject.cannot(kind) {
                finding.cannot.push((subject.name(), why));
                finding.costs.push(None);
                continue;
            }
            (self.progress)(&format!("{}: {}", finding.name, subject.name()));
            let cost = measure(subject.as_mut(), &self.source, index).map_err(|e| {
                format!("{}: {}: {}", finding.name, subject.name(), whole(e.as_ref()))
            })?;
            finding.costs.push(Some(cost));
        }
        self.findings.push(finding);
        Ok(())
    }

    /// Loads every subject. What is not shown has been done all the same.
    fn load(&mut self, shown: bool) -> Result<()> {
        let size = self.size;
        let operation = format!("one of {size} items, {BATCH} a transaction, searchable");
        let finding = Finding::new("load", "load", &operation);
        self.each(finding, Kind::Load, |subject, source, _| {
            let (mut meter, mark) = (Meter::default(), Mark::now());
            let (mut others_cpu, mut others_wall) = (Duration::ZERO, Duration::ZERO);
            let fsyncs = subject.fsyncs();
            for from in (0..size).step_by(BATCH) {
                // Making the items is nobody's work.
                let (start, cpu) = (Instant::now(), own_cpu());
                let numbers = from..size.min(from + BATCH);
                let items: Vec<_> = numbers.map(|n| (n, source.item(n))).collect();
                others_cpu += own_cpu().saturating_sub(cpu);
                others_wall += start.elapsed();
                subject.load(items)?;
            }
            subject.finish()?;
            meter.since(&mark, size, others_cpu, others_wall);
            if let (Some(before), Some(after)) = (fsyncs, subject.fsyncs()) {
                meter.fsyncs(after - before);
            }
            let mut cost = meter.cost();
            (cost.median, cost.p99) = (cost.wall.mid, cost.wall.mid);
            Ok(cost)
        })?;
        if !shown {
            self.findings.pop();
        }
        Ok(())
    }

    /// Durable inserts, one at a time.
    fn insert(&mut self) -> Result<()> {
        const COUNT: usize = 100;
        let from = self.size + self.inserted;
        let finding = Finding::new("insert", "insert", "one item, durable when answered");
        self.each(finding, Kind::Insert, |subject, source, _| {
            let mut meter = Meter::default();
            for round in 0..ROUNDS {
                let from = from + round * COUNT;
                let mut items: Vec<_> = (0..COUNT).rev().map(|n| source.item(from + n)).collect();
                let before = subject.fsyncs();
                meter.round(COUNT, |n| {
                    let item = items.pop().ok_or("one item per operation")?;
                    subject.insert(from + n, item)?;
                    if n + 1 == COUNT { subject.settle() } else { Ok(()) }
                })?;
                if let (Some(before), Some(after)) = (before, subject.fsyncs()) {
                    meter.fsyncs(after - before);
                }
            }
            Ok(meter.cost())
        })?;
        self.inserted += ROUNDS * COUNT;
        self.catch_up(Kind::Insert, from)
    }

    /// Gives what was inserted from item `from` on to those that were not measured inserting it: they
    /// are asked about the same data later. Then all come to rest.
    fn catch_up(&mut self, kind: Kind, from: usize) -> Result<()> {
        let all = self.size + self.inserted;
        for subject in &mut self.subjects {
            if subject.cannot(kind).is_some() && subject.cannot(Kind::Load).is_none() {
                for from in (from..all).step_by(BATCH) {
                    let numbers = from..all.min(from + BATCH);
                    subject.load(numbers.map(|n| (n, self.source.item(n))).collect())?;
                }
            }
        }
        self.rest()
    }

    /// Durable inserts by several threads at once.
    fn writers(&mut self, writers: usize) -> Result<()> {
        const ROUNDS: usize = 3;
        // As many for each number of writers, so that what is done behind them is the same.
        const COUNT: usize = 512;
        let from = self.size + self.inserted;
        let name = if writers == 1 { "1 writer".to_owned() } else { format!("{writers} writers") };
        let operation = "one item by one of so many threads, durable when answered";
        let finding = Finding::new("writers", name, operation);
        self.each(finding, Kind::Writers, |subject, source, _| {
            let mut meter = Meter::default();
            for round in 0..ROUNDS {
                let from = from + round * COUNT;
                let share = COUNT / writers;
                let mut hands = Vec::new();
                for writer in 0..writers {
                    let from = from + writer * share;
                    let items = (from..from + share).map(|n| (n, source.item(n))).collect();
                    hands.push((subject.hand()?, items));
                }
                let (before, mark) = (subject.fsyncs(), Mark::now());
                let calls = at_once(hands)?;
                meter.since(&mark, COUNT, Duration::ZERO, Duration::ZERO);
                meter.calls(calls);
                if let (Some(before), Some(after)) = (before, subject.fsyncs()) {
                    meter.fsyncs(after - before);
                }
                subject.finish()?;
            }
            Ok(meter.cost())
        })?;
        self.inserted += ROUNDS * COUNT;
        self.catch_up(Kind::Writers, from)
    }

    /// Makes a past for the questions about it.
    fn revise(&mut self) -> Result<()> {
        for subject in &mut self.subjects {
            if subject.cannot(Kind::AsOf).is_none() {
                for n in 0..REVISED {
                    subject.revise(revised(self.size.max(1), n))?;
                }
            }
        }
        self.rest()
    }

    fn rest(&mut self) -> Result<()> {
        self.subjects.iter_mut().try_for_each(|subject| subject.finish())
    }

    /// Questions of one shape: all of them made before, some asked before.
    fn ask(&mut self, shape: &Shape) -> Result<()> {
        let (size, count) = (self.size, shape.count);
        let questions: Vec<Question> =
            (0..count * ROUNDS).map(|n| shape.question(&self.source, size, n)).collect();
        let mut finding = Finding::new(shape.suite, shape.name, shape.operation);
        let number = self.findings.len();
        let checked = count.min(CHECKED);
        let mut answers: Vec<Vec<Option<Answer>>> = vec![Vec::new(); checked];
        let kind = questions.first().map_or(Kind::Get, Question::kind);
        let mut meters = Vec::new();
        for subject in &mut self.subjects {
            let why = subject.cannot(kind);
            meters.push(why.is_none().then(Meter::default));
            let name = subject.name();
            (self.progress)(&format!("{}: {name}", shape.name));
            for (question, answers) in questions.iter().zip(&mut answers) {
                let mut asked = || subject.ask(question);
                let failed = |e: Box<dyn std::error::Error + Send + Sync>| {
                    format!("{}: {}: {}", shape.name, name, whole(e.as_ref()))
                };
                answers.push(if why.is_none() { Some(asked().map_err(failed)?) } else { None });
            }
            finding.cannot.extend(why.map(|why| (subject.name(), why)));
        }
        for round in questions.chunks(count) {
            for (subject, meter) in self.subjects.iter_mut().zip(&mut meters) {
                if let Some(meter) = meter {
                    meter.round(round.len(), |n| {
                        std::hint::black_box(subject.ask(&round[n])?);
                        Ok(())
                    })?;
                }
            }
        }
        finding.costs = meters.into_iter().map(|meter| meter.map(Meter::cost)).collect();
        self.findings.push(finding);
        let asked = questions.into_iter().zip(answers);
        self.checks.extend(asked.map(|(question, answers)| Check {
            question,
            answers,
            finding: number,
        }));
        Ok(())
    }

    /// Compares all answers with the exact ones.
    fn judge(&mut self, items: usize) {
        if self.checks.is_empty() {
            return;
        }
        (self.progress)("checking the answers");
        let truth = Truth::new(&self.source, items, &self.checks);
        let mut shares = vec![vec![None::<Share>; self.subjects.len()]; self.findings.len()];
        for (index, check) in self.checks.iter().enumerate() {
            for (number, answer) in check.answers.iter().enumerate() {
                let Some(answer) = answer else { continue };
                let alike = self.subjects[number].ranks_alike();
                let (found, wanted) =
                    truth.judge(&self.source, index, &check.question, answer, alike);
                shares[check.finding][number].get_or_insert_default().add(found, wanted);
            }
        }
        for (finding, shares) in self.findings.iter_mut().zip(shares) {
            finding.recall = shares.into_iter().map(|share| share.map(Share::value)).collect();
        }
        self.checks.clear();
    }

    /// Parsing, checking and planning alone, of all shapes in turn.
    fn plan(&mut self) -> Result<()> {
        const COUNT: usize = 700;
        let size = self.size;
        let operation = "one statement parsed, checked and planned, not run";
        let mut finding = Finding::new("plan", "plan", operation);
        let shapes: Vec<Shape> =
            shapes().into_iter().filter(|s| !matches!(s.suite, "get" | "as-of")).collect();
        let questions: Vec<Question> =
            (0..COUNT).map(|n| shapes[n % shapes.len()].question(&self.source, size, n)).collect();
        for subject in &mut self.subjects {
            let mut meter = Meter::default();
            let mut plans = true;
            for question in questions.iter().take(shapes.len()) {
                plans &= subject.plan(question)?;
            }
            if !plans {
                finding.costs.push(None);
                continue;
            }
            for _ in 0..ROUNDS {
                meter.round(COUNT, |n| subject.plan(&questions[n]).map(drop))?;
            }
            finding.costs.push(Some(meter.cost()));
        }
        self.findings.push(finding);
        Ok(())
    }

    /// Nine questions, then one insert, and again.
    fn mixed(&mut self) -> Result<()> {
        const COUNT: usize = 100;
        const TURNS: [&str; 9] =
            ["get", "knn", "get", "text", "2-hop", "get", "aggregate", "knn of 1 %", "text"];
        let from = self.size + self.inserted;
        let size = self.size;
        let finding = Finding::new("mixed", "mixed", "of ten: nine questions, one durable insert");
        let shapes = shapes();
        self.each(finding, Kind::Writers, |subject, source, _| {
            let mut meter = Meter::default();
            for round in 0..ROUNDS {
                let first = from + round * COUNT;
                let mut work = Vec::new();
                for n in 0..COUNT {
                    let shape = TURNS.get(n % 10);
                    let shape = shape.and_then(|name| shapes.iter().find(|s| s.name == *name));
                    let question = shape.map(|shape| shape.question(source, size, first + n));
                    let item = question.is_none().then(|| source.item(first + n));
                    work.push((first + n, question, item));
                }
                let mut work = work.into_iter();
                meter.round(COUNT, |_| match work.next() {
                    Some((_, Some(question), _)) => subject.ask(&question).map(drop),
                    Some((n, None, Some(item))) => subject.insert(n, item),
                    _ => Ok(()),
                })?;
            }
            Ok(meter.cost())
        })?;
        self.inserted += ROUNDS * COUNT;
        self.rest()
    }

    /// Opens copies of the files as a crash after 200 inserts would leave them.
    fn recovery(&mut self, place: &Path) -> Result<()> {
        const COUNT: usize = 200;
        let from = self.size + self.inserted;
        let operation = "open the files a crash after 200 inserts leaves, and read the last item";
        let finding = Finding::new("recovery", "recovery", operation);
        let mut recall = Vec::new();
        self.each(finding, Kind::Recovery, |subject, source, index| {
            for n in from..from + COUNT {
                subject.insert(n, source.item(n))?;
            }
            let last = from + COUNT - 1;
            let (mut meter, mut share) = (Meter::default(), Share::default());
            for round in 0..ROUNDS {
                let place = place.join(format!("crash-{index}-{round}"));
                let copy = subject.crash(&place)?;
                meter.round(1, |_| {
                    let title = subject.reopen(&copy, last)?;
                    share.add(usize::from(title == [source.item(last).title]), 1);
                    Ok(())
                })?;
                std::fs::remove_dir_all(&place)?;
            }
            recall.resize(index, None);
            recall.push(Some(share.value()));
            Ok(meter.cost())
        })?;
        if let Some(finding) = self.findings.last_mut() {
            finding.recall = recall;
        }
        self.inserted += COUNT;
        self.rest()
    }
}

/// A hand, and what it has to insert.
type Handful = (Box<dyn Hand>, Vec<(usize, super::data::Item)>);

/// Lets every hand insert its items at the same time; answers how long each insert took.
fn at_once(hands: Vec<Handful>) -> Result<Vec<Duration>> {
    std::thread::scope(|scope| {
        let threads: Vec<_> = hands
            .into_iter()
            .map(|(mut hand, items)| {
                scope.spawn(move || -> Result<Vec<Duration>> {
                    let mut calls = Vec::with_capacity(items.len());
                    for (n, item) in items {
                        let start = Instant::now();
                        hand.insert(n, item)?;
                        calls.push(start.elapsed());
                    }
                    Ok(calls)
                })
            })
            .collect();
        let mut calls = Vec::new();
        for thread in threads {
            calls.extend(thread.join().map_err(|_| "a writer stopped")??);
        }
        Ok(calls)
    })
}
