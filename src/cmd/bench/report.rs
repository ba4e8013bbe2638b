//! The findings of a benchmark as tables for people and as one JSON document for programs.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Map, Value as Json, json};

use super::bar::{Goal, goals, growth, ratio};
use super::machine;
use super::measure::Cost;
use super::suite::Finding;

/// A subject as it is shown.
pub(crate) struct Named {
    /// Its name.
    pub(crate) name: &'static str,
    /// Whether it works in another process.
    pub(crate) remote: bool,
    /// What it was set to.
    pub(crate) settings: String,
}

/// All suites over data of one size.
pub(crate) struct Run {
    /// Items loaded; `None` for the user's own statements.
    pub(crate) size: Option<usize>,
    /// The lines.
    pub(crate) findings: Vec<Finding>,
    /// Largest resident memory of the process so far, bytes.
    pub(crate) memory: u64,
}

/// Everything.
pub(crate) struct Report {
    /// Ours first.
    pub(crate) subjects: Vec<Named>,
    /// Numbers in an embedding.
    pub(crate) dimensions: usize,
    /// Of the generated data.
    pub(crate) seed: u64,
    /// One for each size.
    pub(crate) runs: Vec<Run>,
}

impl Report {
    fn names(&self) -> Vec<&'static str> {
        self.subjects.iter().map(|subject| subject.name).collect()
    }

    fn remote(&self) -> Vec<bool> {
        self.subjects.iter().map(|subject| subject.remote).collect()
    }

    fn goals(&self, run: &Run) -> Vec<Goal> {
        goals(&self.names(), &self.remote(), &run.findings)
    }

    /// What growing from the first size to the last did.
    fn growth(&self) -> Vec<Goal> {
        match self.runs.as_slice() {
            [small, .., large] => growth(&small.findings, &large.findings),
            _ => Vec::new(),
        }
    }

    /// Tables: a suite a line, then the goals.
    pub(crate) fn table(&self) -> String {
        let mut text = format!("{}\n", machine::line());
        for subject in &self.subjects {
            line(&mut text, &format!("{}: {}", subject.name, subject.settings));
        }
        for run in &self.runs {
            let memory = run.memory >> 20;
            let about = match run.size {
                Some(size) => format!(
                    "\n{size} items, {} dimensions; peak memory {memory} MiB",
                    self.dimensions
                ),
                None => format!("\npeak memory {memory} MiB"),
            };
            line(&mut text, &about);
            line(&mut text, &self.drawn(run));
            for (name, why, suites) in unasked(&run.findings) {
                line(&mut text, &format!("{name} is not asked: {why} ({})", suites.join(", ")));
            }
            listed(&mut text, "goals", &self.goals(run));
        }
        listed(&mut text, "growth", &self.growth());
        text.push_str(
            "\nCPU time of one operation, of servers the time until they answer, and how many times \
             that vql takes;\nmedian, p99: until vql answers; exact: the share of the exact answers it \
             found, of others where that is less\n",
        );
        text
    }

    fn drawn(&self, run: &Run) -> String {
        let mut head = vec!["suite".to_owned()];
        for (index, name) in self.names().iter().enumerate() {
            head.push((*name).to_owned());
            if index == 0 {
                head.extend(["median", "p99", "exact", "fsyncs", "written"].map(str::to_owned));
            }
        }
        let mut builder = tabled::builder::Builder::default();
        builder.push_record(head);
        let remote = self.remote();
        for finding in &run.findings {
            builder.push_record(self.row(finding, &remote));
        }
        let mut drawn = builder.build();
        drawn.with(tabled::settings::Style::rounded());
        drawn.to_string()
    }

    fn row(&self, finding: &Finding, remote: &[bool]) -> Vec<String> {
        let number =
            |x: Option<f64>, digits: usize| x.map_or_else(String::new, |x| format!("{x:.digits$}"));
        let mut row = vec![finding.name.clone()];
        for (index, subject) in self.subjects.iter().enumerate() {
            let cost = finding.costs.get(index).and_then(Option::as_ref);
            let time = cost.map(|c| if subject.remote { c.wall.mid } else { c.cpu.mid });
            let share = finding.recall.get(index).copied().flatten();
            if index > 0 {
                let mut cell = time.map_or_else(String::new, shown);
                if let Some(ratio) = ratio(finding, index, remote) {
                    write!(cell, " x{ratio:.3}").expect("a String takes any text");
                }
                if let Some(share) = share.filter(|share| *share < 1.0) {
                    write!(cell, " exact {share:.3}").expect("a String takes any text");
                }
                row.push(cell);
                continue;
            }
            row.push(time.map_or_else(String::new, shown));
            let recall = number(share, 3);
            row.extend(
                [cost.map(|c| c.median), cost.map(|c| c.p99)]
                    .map(|time| time.map_or_else(String::new, shown)),
            );
            row.push(recall);
            row.push(number(cost.and_then(|cost| cost.fsyncs), 2));
            row.push(number(cost.and_then(|cost| cost.written), 0));
        }
        row
    }

    /// One document; see `docs/benchmarks.md`.
    pub(crate) fn json(&self) -> Json {
        let subjects: Vec<Json> = self
            .subjects
            .iter()
            .map(|s| json!({ "name": s.name, "remote": s.remote, "settings": s.settings }))
            .collect();
        let runs: Vec<Json> = self
            .runs
            .iter()
            .map(|run| {
                let suites: Vec<Json> =
                    run.findings.iter().map(|finding| self.suite(finding)).collect();
                json!({
                    "size": run.size,
                    "peak_memory_bytes": run.memory,
                    "suites": suites,
                    "goals": self.goals(run).iter().map(goal).collect::<Vec<_>>(),
                })
            })
            .collect();
        json!({
            "format": 1,
            "version": env!("CARGO_PKG_VERSION"),
            "machine": machine::about(),
            "dimensions": self.dimensions,
            "seed": self.seed,
            "subjects": subjects,
            "runs": runs,
            "growth": self.growth().iter().map(goal).collect::<Vec<_>>(),
        })
    }

    fn suite(&self, finding: &Finding) -> Json {
        let (mut costs, mut ratios, mut exact) = (Map::new(), Map::new(), Map::new());
        let (mut cannot, mut remote, mut bars) = (Map::new(), Map::new(), Map::new());
        for (index, subject) in self.subjects.iter().enumerate() {
            let name = subject.name.to_owned();
            if let Some(cost) = finding.costs.get(index).and_then(Option::as_ref) {
                costs.insert(name.clone(), cost_json(cost));
                remote.insert(name.clone(), Json::Bool(subject.remote));
            }
            if index > 0
                && let Some(ratio) = ratio(finding, index, &self.remote())
            {
                ratios.insert(name.clone(), json!(ratio));
            }
            if let Some(share) = finding.recall.get(index).copied().flatten() {
                exact.insert(name, json!(share));
            }
        }
        for (name, why) in &finding.cannot {
            cannot.insert((*name).to_owned(), json!(why));
        }
        for bar in finding.bars {
            bars.insert(bar.against.to_owned(), json!(bar.most));
        }
        json!({
            "suite": finding.suite,
            "name": finding.name,
            "operation": finding.operation,
            "costs": costs,
            "remote": remote,
            "cannot": cannot,
            "ratio": ratios,
            "bar": bars,
            "exact": exact,
        })
    }
}

/// Who was not asked, why, and in which lines.
fn unasked(findings: &[Finding]) -> Vec<(&'static str, &str, Vec<&str>)> {
    let mut all: Vec<(&'static str, &str, Vec<&str>)> = Vec::new();
    for finding in findings {
        for (name, why) in &finding.cannot {
            match all.iter_mut().find(|(other, reason, _)| other == name && reason == why) {
                Some((.., suites)) => suites.push(&finding.name),
                None => all.push((name, why, vec![&finding.name])),
            }
        }
    }
    all
}

fn line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

fn listed(text: &mut String, title: &str, goals: &[Goal]) {
    if goals.is_empty() {
        return;
    }
    line(text, title);
    for goal in goals {
        let word = if goal.met() { "met" } else { "missed" };
        let bound = if goal.at_least { "at least" } else { "at most" };
        writeln!(text, "{word:>8}  {:<46} {:>9.3}  {bound} {}", goal.name, goal.value, goal.bar)
            .expect("a String takes any text");
    }
}

fn goal(goal: &Goal) -> Json {
    json!({
        "name": goal.name, "value": goal.value, "bar": goal.bar,
        "at_least": goal.at_least, "met": goal.met(),
    })
}

fn cost_json(cost: &Cost) -> Json {
    json!({
        "cpu_us": micros(cost.cpu.mid),
        "cpu_low_us": micros(cost.cpu.low),
        "cpu_high_us": micros(cost.cpu.high),
        "wall_us": micros(cost.wall.mid),
        "wall_low_us": micros(cost.wall.low),
        "wall_high_us": micros(cost.wall.high),
        "wall_median_us": micros(cost.median),
        "wall_p99_us": micros(cost.p99),
        "fsyncs": cost.fsyncs,
        "written_bytes": cost.written,
        "grown_bytes": cost.memory,
        "operations": cost.operations,
    })
}

fn micros(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e9).round() / 1e3
}

fn shown(time: Duration) -> String {
    let us = time.as_secs_f64() * 1e6;
    if us < 1000.0 { format!("{us:.1} us") } else { format!("{:.2} ms", us / 1000.0) }
}
