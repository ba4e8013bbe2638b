//! The goals: ratios within one run that vql holds itself to, and whether they are met.

use super::suite::Finding;

/// At most so many times the cost of another subject for the same operation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bar {
    /// The other subject.
    pub(crate) against: &'static str,
    /// The greatest ratio, ours over theirs.
    pub(crate) most: f64,
}

/// The share of the exact answer below which a ratio says nothing.
pub(crate) const RECALL: f64 = 0.98;

/// Microseconds that checking and planning a statement may take, its parsing included.
const PLAN_US: f64 = 30.0;
/// How many times the throughput of one writer 64 have.
const WRITERS: f64 = 20.0;
/// From one size to five times as much: cost of a search, and speed of a load.
const GROWTH: f64 = 1.5;
const LOAD_RATE: f64 = 0.8;

const fn bar(against: &'static str, most: f64) -> Bar {
    Bar { against, most }
}

/// The bars of a line of the table.
pub(crate) fn of(name: &str) -> &'static [Bar] {
    match name {
        "load" => const { &[bar("sqlite", 1.0)] },
        "insert" => const { &[bar("sqlite", 1.3)] },
        "get" => const { &[bar("sqlite", 1.0), bar("row", 3.0)] },
        "knn" => const { &[bar("sqlite", 0.125), bar("usearch", 1.5)] },
        "knn of 0.1 %" | "knn of 1 %" | "knn of 10 %" | "knn of 50 %" => {
            const { &[bar("sqlite", 1.0)] }
        }
        "text" => const { &[bar("sqlite", 1.0), bar("tantivy", 2.0)] },
        "2-hop" => const { &[bar("sqlite", 1.0), bar("adjacency", 2.0)] },
        "hybrid" => const { &[bar("sqlite", 0.2)] },
        _ => const { &[] },
    }
}

/// One goal and how it stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Goal {
    /// What is held against what.
    pub(crate) name: String,
    /// The figure.
    pub(crate) value: f64,
    /// Its bound.
    pub(crate) bar: f64,
    /// Whether more is better.
    pub(crate) at_least: bool,
}

impl Goal {
    /// Whether it is met.
    pub(crate) fn met(&self) -> bool {
        if self.at_least { self.value >= self.bar } else { self.value <= self.bar }
    }
}

/// The cost of a subject for a line, in seconds: CPU time, or wall time when one of the two that are
/// compared works in another process.
pub(crate) fn cost(finding: &Finding, subject: usize, by_wall: bool) -> Option<f64> {
    let cost = finding.costs.get(subject)?.as_ref()?;
    let time = if by_wall { cost.wall.mid } else { cost.cpu.mid };
    (!time.is_zero()).then_some(time.as_secs_f64())
}

/// The ratio of ours to that of another subject.
pub(crate) fn ratio(finding: &Finding, other: usize, remote: &[bool]) -> Option<f64> {
    let by_wall = remote.get(other).copied().unwrap_or(false);
    Some(cost(finding, 0, by_wall)? / cost(finding, other, by_wall)?)
}

/// The goals of one size.
pub(crate) fn goals(names: &[&str], remote: &[bool], findings: &[Finding]) -> Vec<Goal> {
    let mut goals = Vec::new();
    for finding in findings {
        let mut most = |name: String, value: f64, bar: f64| {
            goals.push(Goal { name, value, bar, at_least: false });
        };
        for bar in finding.bars {
            let other = names.iter().position(|name| *name == bar.against);
            if let Some(value) = other.and_then(|other| ratio(finding, other, remote)) {
                most(format!("{} against {}", finding.name, bar.against), value, bar.most);
            }
        }
        if finding.name == "plan"
            && let Some(seconds) = cost(finding, 0, false)
        {
            most("plan and parse, microseconds".to_owned(), seconds * 1e6, PLAN_US);
        }
    }
    let rate = |name: &str| {
        let finding = findings.iter().find(|finding| finding.name == name)?;
        cost(finding, 0, true)
    };
    if let (Some(one), Some(many)) = (rate("1 writer"), rate("64 writers")) {
        let name = "throughput of 64 writers against 1".to_owned();
        goals.push(Goal { name, value: one / many, bar: WRITERS, at_least: true });
    }
    for finding in findings.iter().filter(|finding| finding.suite.starts_with("knn")) {
        if let Some(value) = finding.recall.first().copied().flatten() {
            let name = format!("recall of {}", finding.name);
            goals.push(Goal { name, value, bar: RECALL, at_least: true });
        }
    }
    goals
}

/// The suites that search, and so must not grow with the data.
const SEARCHES: [&str; 7] = ["get", "knn", "knn-filtered", "text", "hops", "hybrid", "as-of"];

/// The goals of growing from one size to a greater one.
pub(crate) fn growth(small: &[Finding], large: &[Finding]) -> Vec<Goal> {
    let mut goals = Vec::new();
    for after in large {
        let Some(before) = small.iter().find(|finding| finding.name == after.name) else {
            continue;
        };
        let (Some(was), Some(is)) = (cost(before, 0, false), cost(after, 0, false)) else {
            continue;
        };
        if after.suite == "load" {
            let name = "load rate, larger against smaller".to_owned();
            goals.push(Goal { name, value: was / is, bar: LOAD_RATE, at_least: true });
        } else if SEARCHES.contains(&after.suite) {
            let name = format!("{}, larger against smaller", after.name);
            goals.push(Goal { name, value: is / was, bar: GROWTH, at_least: false });
        }
    }
    goals
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::cmd::bench::measure::{Cost, Spread};

    fn finding(name: &'static str, costs: &[u64]) -> Finding {
        let mut finding = Finding::new(name, name, "");
        finding.costs = costs
            .iter()
            .map(|us| {
                let mid = Duration::from_micros(*us);
                let spread = Spread { mid, low: mid, high: mid };
                Some(Cost { cpu: spread, wall: spread, ..Cost::default() })
            })
            .collect();
        finding
    }

    #[test]
    fn a_goal_is_missed_when_the_ratio_is_over_the_bar() {
        let names = ["vql", "row"];
        let goals = goals(&names, &[false, false], &[finding("get", &[31, 10])]);
        let met: Vec<(&str, bool)> = goals.iter().map(|g| (g.name.as_str(), g.met())).collect();
        assert_eq!(met, [("get against row", false)]);
    }

    #[test]
    fn a_load_that_slows_down_with_size_misses_its_goal() {
        let goals = growth(&[finding("load", &[10])], &[finding("load", &[20])]);
        assert!(goals.len() == 1 && !goals[0].met(), "{goals:?}");
        let goals = growth(&[finding("knn", &[10])], &[finding("knn", &[14])]);
        assert!(goals.len() == 1 && goals[0].met(), "{goals:?}");
    }
}
