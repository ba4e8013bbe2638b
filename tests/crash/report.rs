//! What the run of a class found: one row of the table, and every violation with its seed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

/// The result of one class.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// Faults that were made.
    pub(crate) count: u64,
    /// Named counters, such as what was detected and what was harmless.
    pub(crate) counters: BTreeMap<&'static str, u64>,
    /// The longest of what was measured.
    pub(crate) worst: BTreeMap<&'static str, Duration>,
    /// Promises that were broken: how to run it again, and what happened.
    pub(crate) violations: Vec<String>,
    /// What could not be run here, and why.
    pub(crate) skipped: Vec<String>,
}

/// Violations shown in full; the rest are counted.
const SHOWN: usize = 8;

impl Report {
    /// A class that cannot run here at all.
    pub(crate) fn skip(why: impl Into<String>) -> Self {
        Self { skipped: vec![why.into()], ..Self::default() }
    }

    pub(crate) fn add(&mut self, counter: &'static str, n: u64) {
        *self.counters.entry(counter).or_default() += n;
    }

    pub(crate) fn time(&mut self, what: &'static str, took: Duration) {
        let worst = self.worst.entry(what).or_default();
        *worst = (*worst).max(took);
    }

    pub(crate) fn violation(&mut self, how: impl AsRef<str>, what: impl AsRef<str>) {
        self.violations.push(format!("[{}] {}", how.as_ref(), what.as_ref()));
    }

    /// Takes another report in.
    pub(crate) fn merge(&mut self, other: Self) {
        self.count += other.count;
        for (name, n) in other.counters {
            self.add(name, n);
        }
        for (name, took) in other.worst {
            self.time(name, took);
        }
        self.violations.extend(other.violations);
        self.skipped.extend(other.skipped);
        self.skipped.dedup();
    }

    /// As a row of a Markdown table.
    pub(crate) fn row(&self, class: &str, took: Duration) -> String {
        let mut found: Vec<String> =
            self.counters.iter().map(|(name, n)| format!("{n} {name}")).collect();
        found.extend(
            self.worst.iter().map(|(name, t)| format!("worst {name} {} ms", t.as_millis())),
        );
        format!(
            "| {class} | {} | {} | {} | {:.0} s |",
            self.count,
            self.violations.len(),
            found.join(", "),
            took.as_secs_f64()
        )
    }

    /// The violations and what was skipped, for people.
    pub(crate) fn details(&self, class: &str) -> String {
        let mut text = String::new();
        for why in &self.skipped {
            writeln!(text, "!! SKIPPED {class}: {why}").expect("a string takes everything");
        }
        for violation in self.violations.iter().take(SHOWN) {
            writeln!(text, "VIOLATION {class} {violation}").expect("a string takes everything");
        }
        if self.violations.len() > SHOWN {
            writeln!(text, "  and {} more", self.violations.len() - SHOWN)
                .expect("a string takes everything");
        }
        text
    }
}
