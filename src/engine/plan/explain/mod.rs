//! A plan as a value to look at: operators with what is expected of them and what they really did.
//!
//! Made by `exec::statement::explain`, shown as text ([`text`]), as JSON ([`json`]) and, by the
//! command line, as a picture. Nothing is chosen or run here.

pub mod json;
pub mod text;

use crate::engine::base::Modality;
use crate::engine::plan::cost::Estimate;

/// The version of the JSON form; see `docs/reference/explain.md`.
pub const SCHEMA: i64 = 1;

/// A statement explained.
#[derive(Clone, Debug, PartialEq)]
pub struct Explained {
    /// The keyword of the statement.
    pub statement: &'static str,
    /// The last operator; what it reads from is below it.
    pub root: Op,
    /// What running it took, when it was run.
    pub run: Option<Run>,
    /// What could be better.
    pub hints: Vec<Hint>,
    /// What else should be known: that nothing was written, which embedders are asked.
    pub notes: Vec<String>,
}

/// One operator.
#[derive(Clone, Debug, PartialEq)]
pub struct Op {
    /// Its number in the plan, from 1, in the order of the text form.
    pub id: u32,
    /// What it does.
    pub kind: OpKind,
    /// The modality it works in, when it is one.
    pub modality: Option<Modality>,
    /// What it does, in words.
    pub label: String,
    /// The conditions it answers, as written.
    pub predicates: Vec<String>,
    /// Whether what it finds needs no second look; only for what finds rows.
    pub exact: Option<bool>,
    /// What is expected.
    pub expected: Option<Expected>,
    /// What it really did.
    pub actual: Option<Done>,
    /// Why it is there, or why it did nothing.
    pub reason: Option<String>,
    /// What could have stood in its place.
    pub alternatives: Vec<Alternative>,
    /// What it reads from.
    pub inputs: Vec<Op>,
}

/// What operators do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OpKind {
    /// Writes new hexads.
    Insert,
    /// Changes hexads.
    Update,
    /// Deletes hexads.
    Delete,
    /// The rows written in the statement.
    Values,
    /// Brings hexads back together.
    Repair,
    /// Makes vectors of texts.
    Embed,
    /// `UNION`, `UNION ALL`, `INTERSECT`, `EXCEPT`.
    Set,
    /// The first so many rows.
    Limit,
    /// Without the first so many rows.
    Offset,
    /// Makes the columns.
    Project,
    /// Puts rows in order.
    Sort,
    /// Groups rows.
    Group,
    /// Counts rows.
    Count,
    /// Makes one order of several rankings.
    Fuse,
    /// Scores rows.
    Rank,
    /// Asks each row.
    Filter,
    /// Asks an index.
    Index,
    /// Looks at every hexad.
    Scan,
    /// Where the rows come from.
    Source,
}

impl OpKind {
    /// Its name in the JSON form.
    pub fn name(self) -> &'static str {
        match self {
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Values => "values",
            Self::Repair => "repair",
            Self::Embed => "embed",
            Self::Set => "set",
            Self::Limit => "limit",
            Self::Offset => "offset",
            Self::Project => "project",
            Self::Sort => "sort",
            Self::Group => "group",
            Self::Count => "count",
            Self::Fuse => "fuse",
            Self::Rank => "rank",
            Self::Filter => "filter",
            Self::Index => "index",
            Self::Scan => "scan",
            Self::Source => "source",
        }
    }
}

/// What is expected of an operator.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expected {
    /// Rows that come out of it.
    pub rows: f64,
    /// Microseconds of one core, by modality; without one it is work of the engine itself. Empty when
    /// nobody knows.
    pub micros: Vec<(Option<Modality>, f64)>,
    /// What the number of rows rests on.
    pub origin: Option<String>,
}

impl Expected {
    /// So many rows, at an unknown price.
    pub fn rows(rows: f64) -> Self {
        Self { rows, ..Self::default() }
    }

    /// What the planner expects.
    pub fn of(estimate: &Estimate) -> Self {
        let mut micros: Vec<(Option<Modality>, f64)> = estimate
            .cost
            .by_modality()
            .map(|(modality, micros)| (Some(modality), micros))
            .collect();
        let own = estimate.cost.in_engine();
        if own > 0.0 || micros.is_empty() {
            micros.push((None, own));
        }
        Self { rows: estimate.rows, micros, origin: Some(estimate.origin.to_string()) }
    }

    /// All microseconds together, when they are known.
    pub fn cost(&self) -> Option<f64> {
        (!self.micros.is_empty()).then(|| self.micros.iter().map(|(_, micros)| micros).sum())
    }
}

/// What an operator did.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Done {
    /// Rows that came out of it, over all loops.
    pub rows: u64,
    /// Microseconds, without what it reads from; `None` where it was not measured apart.
    pub micros: Option<u64>,
    /// How often it ran.
    pub loops: u64,
    /// Bytes of rows it holds.
    pub memory: u64,
    /// Rows of the files that were read and checked.
    pub records: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Pages of the files that were not in a cache.
    pub pages: u64,
}

/// Another way that was considered.
#[derive(Clone, Debug, PartialEq)]
pub struct Alternative {
    /// What.
    pub label: String,
    /// What it would be expected to find and to cost.
    pub expected: Option<Expected>,
    /// Why it was not taken.
    pub reason: String,
}

/// What running the statement took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// Rows of the answer.
    pub rows: u64,
    /// Microseconds for choosing the plan.
    pub planning: u64,
    /// Microseconds in all.
    pub micros: u64,
    /// Bytes of rows held at the end.
    pub memory: u64,
    /// Rows of the files that were read and checked.
    pub records: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Pages of the files that were not in a cache.
    pub pages: u64,
}

/// Something the user can do about a plan. Only what is true of this very plan is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// Its name, which does not change.
    pub code: &'static str,
    /// What is so.
    pub message: String,
    /// What to do about it.
    pub advice: String,
}

/// The estimate that was farthest from the truth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Worst {
    /// The operator.
    pub op: u32,
    /// How many times too many or too few, at least 1.
    pub factor: f64,
    /// There were more rows than expected.
    pub too_low: bool,
}

impl Op {
    /// An operator of which nothing is known but what it does.
    pub fn new(kind: OpKind, label: impl Into<String>) -> Self {
        Self {
            id: 0,
            kind,
            modality: None,
            label: label.into(),
            predicates: vec![],
            exact: None,
            expected: None,
            actual: None,
            reason: None,
            alternatives: vec![],
            inputs: vec![],
        }
    }

    /// The same, in a modality.
    #[must_use]
    pub fn within(self, modality: Option<Modality>) -> Self {
        Self { modality, ..self }
    }

    /// The same, with what is expected of it.
    #[must_use]
    pub fn expecting(self, expected: Expected) -> Self {
        Self { expected: Some(expected), ..self }
    }

    /// The same, with so many rows expected.
    #[must_use]
    pub fn expecting_rows(self, rows: f64) -> Self {
        self.expecting(Expected::rows(rows))
    }

    /// The same, with what it did.
    #[must_use]
    pub fn having_done(self, actual: Option<Done>) -> Self {
        Self { actual, ..self }
    }

    /// The same, reading from `input`.
    #[must_use]
    pub fn over(mut self, input: Self) -> Self {
        self.inputs.push(input);
        self
    }

    /// Rows expected to come out of it.
    pub fn rows(&self) -> Option<f64> {
        self.expected.as_ref().map(|expected| expected.rows)
    }

    /// Calls `visit` with every operator and its depth, in the order of the text form.
    pub fn each<'a>(&'a self, visit: &mut dyn FnMut(&'a Self, usize)) {
        self.each_below(0, visit);
    }

    fn each_below<'a>(&'a self, depth: usize, visit: &mut dyn FnMut(&'a Self, usize)) {
        visit(self, depth);
        for input in &self.inputs {
            input.each_below(depth + 1, visit);
        }
    }

    fn number(&mut self, next: &mut u32) {
        self.id = *next;
        *next += 1;
        for input in &mut self.inputs {
            input.number(next);
        }
    }
}

impl Explained {
    /// A plan with its operators numbered.
    pub fn new(statement: &'static str, mut root: Op) -> Self {
        root.number(&mut 1);
        Self { statement, root, run: None, hints: vec![], notes: vec![] }
    }

    /// Microseconds expected in each modality, the most first; without one it is the engine itself.
    pub fn by_modality(&self) -> Vec<(Option<Modality>, f64)> {
        let mut sums: Vec<(Option<Modality>, f64)> = vec![];
        self.root.each(&mut |op, _| {
            for (of, micros) in op.expected.iter().flat_map(|e| &e.micros) {
                match sums.iter_mut().find(|(known, _)| known == of) {
                    Some((_, sum)) => *sum += micros,
                    None => sums.push((*of, *micros)),
                }
            }
        });
        sums.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        sums
    }

    /// The estimate that was farthest from the truth, when the statement was run and one was off.
    pub fn worst(&self) -> Option<Worst> {
        let mut worst: Option<Worst> = None;
        self.root.each(&mut |op, _| {
            // An operator that was stopped because enough was found says nothing about estimates.
            let stopped = matches!(op.kind, OpKind::Limit | OpKind::Project | OpKind::Offset);
            let (Some(expected), Some(actual)) = (op.rows(), &op.actual) else { return };
            if stopped {
                return;
            }
            let (expected, actual) = (expected.max(1.0), (actual.rows as f64).max(1.0));
            let factor = (expected / actual).max(actual / expected);
            // Where several are as wrong, the lowest misled those above it.
            if factor > 1.0 && factor >= worst.map_or(1.0, |worst| worst.factor) {
                worst = Some(Worst { op: op.id, factor, too_low: actual > expected });
            }
        });
        worst
    }

    /// The operator with this number.
    pub fn op(&self, id: u32) -> Option<&Op> {
        let mut found = None;
        self.root.each(&mut |op, _| {
            if op.id == id {
                found = Some(op);
            }
        });
        found
    }
}
