//! Two runs side by side: what became slower, beyond what the rounds of each lie apart.
//!
//! Runs of two machines do not compare by their times; when both measured another subject too, the
//! ratios to it do, and those are compared.

use std::fmt::Write as _;

use serde_json::Value as Json;

/// Changes below this share are never told, however steady the rounds were.
const LEAST: f64 = 0.05;

/// One figure of both runs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Change {
    /// The size and the line of the table.
    pub(crate) name: String,
    /// What it was, and what it is.
    pub(crate) old: f64,
    /// What it is.
    pub(crate) new: f64,
    /// The share by which it may differ without meaning anything.
    pub(crate) noise: f64,
}

impl Change {
    /// Became more than noise would make it.
    pub(crate) fn worse(&self) -> bool {
        self.new > self.old * (1.0 + self.noise)
    }

    /// Became less than noise would make it.
    pub(crate) fn better(&self) -> bool {
        self.new * (1.0 + self.noise) < self.old
    }
}

/// All changes of one run from another, and how they were compared.
#[derive(Debug)]
pub(crate) struct Comparison {
    /// `CPU time`, or `CPU time as a ratio to sqlite`.
    pub(crate) by: String,
    /// One for each line that both runs have.
    pub(crate) changes: Vec<Change>,
}

impl Comparison {
    /// Between two documents of `vql bench --format json`; an error when they are not.
    pub(crate) fn of(old: &Json, new: &Json) -> Result<Self, String> {
        if old["format"] != new["format"] {
            return Err(
                "it was not written by `vql bench --format json` of this version".to_owned()
            );
        }
        let same = old["machine"] == new["machine"];
        let other = if same { None } else { shared_subject(old, new) };
        let by = match (&other, same) {
            (Some(other), _) => format!("CPU time as a ratio to {other}: the machines differ"),
            (None, true) => "CPU time".to_owned(),
            (None, false) => {
                return Err("it is of another machine, and nothing else was measured in both runs"
                    .to_owned());
            }
        };
        let mut changes = Vec::new();
        for (size, before) in lines(old) {
            let after = lines(new)
                .into_iter()
                .find(|(other_size, line)| *other_size == size && line["name"] == before["name"]);
            let Some((_, after)) = after else { continue };
            if let (Some(was), Some(is)) =
                (figure(before, other.as_deref()), figure(after, other.as_deref()))
            {
                let name = before["name"].as_str().unwrap_or_default();
                let name = if size == 0 { name.to_owned() } else { format!("{size}: {name}") };
                let noise = LEAST + was.1 + is.1;
                changes.push(Change { name, old: was.0, new: is.0, noise });
            }
        }
        if changes.is_empty() {
            return Err("the two runs have no suite and size in common".to_owned());
        }
        Ok(Self { by, changes })
    }

    /// Whether anything became slower.
    pub(crate) fn worse(&self) -> bool {
        self.changes.iter().any(Change::worse)
    }

    /// Lines for people.
    pub(crate) fn shown(&self) -> String {
        let mut text = format!("compared by {}\n", self.by);
        for change in &self.changes {
            let word = match (change.worse(), change.better()) {
                (true, _) => "slower",
                (_, true) => "faster",
                _ => "same",
            };
            let (percent, noise) = ((change.new / change.old - 1.0) * 100.0, change.noise * 100.0);
            writeln!(text, "{word:>7}  {:<32} {percent:+.1} % (noise {noise:.1} %)", change.name)
                .expect("a String takes any text");
        }
        text
    }

    /// For programs.
    pub(crate) fn json(&self) -> Json {
        let changes: Vec<Json> = self
            .changes
            .iter()
            .map(|change| {
                serde_json::json!({
                    "name": change.name, "old": change.old, "new": change.new,
                    "noise": change.noise, "slower": change.worse(), "faster": change.better(),
                })
            })
            .collect();
        serde_json::json!({ "by": self.by, "changes": changes })
    }
}

/// Every line of every run of a document, with its size; 0 for the user's own statements.
fn lines(document: &Json) -> Vec<(u64, &Json)> {
    let runs = document["runs"].as_array().into_iter().flatten();
    runs.flat_map(|run| {
        let size = run["size"].as_u64().unwrap_or(0);
        let suites = run["suites"].as_array().into_iter().flatten();
        suites.map(move |line| (size, line))
    })
    .collect()
}

/// A subject besides vql, in this process, that both runs measured.
fn shared_subject(old: &Json, new: &Json) -> Option<String> {
    let names = |document: &Json| -> Vec<String> {
        let subjects = document["subjects"].as_array().into_iter().flatten();
        let local = subjects.filter(|subject| subject["remote"] != true);
        local.skip(1).filter_map(|subject| Some(subject["name"].as_str()?.to_owned())).collect()
    };
    let others = names(new);
    names(old).into_iter().find(|name| others.contains(name))
}

/// The CPU time of vql, or its ratio to another's, and the share by which its rounds lie apart.
fn figure(line: &Json, other: Option<&str>) -> Option<(f64, f64)> {
    let (mid, apart) = cpu(&line["costs"]["vql"])?;
    let Some(other) = other else { return Some((mid, apart)) };
    let (theirs, their_apart) = cpu(&line["costs"][other])?;
    Some((mid / theirs, apart + their_apart))
}

fn cpu(cost: &Json) -> Option<(f64, f64)> {
    let figure = |name: &str| cost[name].as_f64();
    let mid = figure("cpu_us")?;
    let apart = figure("cpu_high_us")? - figure("cpu_low_us")?;
    (mid > 0.0).then_some((mid, apart / 2.0 / mid))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document(machine: &str, ours: f64, theirs: f64) -> Json {
        let cost =
            |us: f64| json!({ "cpu_us": us, "cpu_low_us": us * 0.99, "cpu_high_us": us * 1.01 });
        json!({
            "format": 1,
            "machine": machine,
            "subjects": [{ "name": "vql", "remote": false }, { "name": "sqlite", "remote": false }],
            "runs": [{ "size": 10, "suites": [
                { "name": "get", "costs": { "vql": cost(ours), "sqlite": cost(theirs) } },
            ] }],
        })
    }

    #[test]
    fn a_fifth_more_is_slower_and_a_hundredth_is_noise() {
        let old = document("m", 100.0, 50.0);
        let compare = |new| Comparison::of(&old, &new).expect("they compare");
        assert!(compare(document("m", 120.0, 50.0)).worse());
        assert!(!compare(document("m", 101.0, 50.0)).worse());
        assert!(compare(document("m", 80.0, 50.0)).changes[0].better());
    }

    #[test]
    fn on_another_machine_the_ratios_count() {
        let old = document("m", 100.0, 50.0);
        let compare = |new| Comparison::of(&old, &new).expect("they compare");
        assert!(!compare(document("n", 200.0, 100.0)).worse());
        assert!(compare(document("n", 200.0, 50.0)).worse());
    }

    #[test]
    fn runs_without_anything_in_common_are_refused() {
        let mut other = document("m", 1.0, 1.0);
        other["runs"][0]["size"] = json!(11);
        assert!(Comparison::of(&document("m", 1.0, 1.0), &other).is_err());
        assert!(Comparison::of(&json!({}), &document("m", 1.0, 1.0)).is_err());
    }
}
