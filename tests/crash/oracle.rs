//! What a killed process said it had done, against what is there: outside of the process, so that
//! nothing it believes counts.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::Value as Json;

/// A value some write gave to a hexad; `None` where it deleted it.
#[derive(Clone, Debug)]
struct Step {
    value: Option<u64>,
    /// Which write of which writer.
    write: String,
    answered: Option<Instant>,
}

/// The state of everything the writers touch.
#[derive(Clone, Debug, Default)]
pub(crate) struct Oracle {
    hexads: BTreeMap<String, Vec<Step>>,
    /// Answers since the last look.
    pub(crate) answers: u64,
    /// What the writers could not go on after.
    pub(crate) fatal: Vec<String>,
}

/// What a look at a database told.
#[derive(Clone, Debug, Default)]
pub(crate) struct Look {
    /// Answered writes that are not there although that is allowed.
    pub(crate) lost: u64,
    /// How long before the cut the first of them was answered.
    pub(crate) window: Duration,
    /// How long after the moment of the cut the last of them was answered.
    pub(crate) after: Duration,
}

impl Oracle {
    /// Takes in a line a writer printed.
    pub(crate) fn hear(&mut self, line: &str, at: Instant) {
        let mut words = line.split(' ');
        let kind = words.next().unwrap_or_default();
        let write =
            format!("{} {}", words.next().unwrap_or_default(), words.next().unwrap_or_default());
        match kind {
            "try" => {
                for (id, value) in words.filter_map(|word| word.split_once('=')) {
                    let step =
                        Step { value: value.parse().ok(), write: write.clone(), answered: None };
                    self.hexads.entry(id.to_owned()).or_insert_with(base).push(step);
                }
            }
            "ok" => {
                self.answers += 1;
                for step in self.hexads.values_mut().flatten().filter(|s| s.write == write) {
                    step.answered = Some(at);
                }
            }
            "no" => {
                for steps in self.hexads.values_mut() {
                    steps.retain(|step| step.write != write);
                }
            }
            _ => self.fatal.push(line.to_owned()),
        }
    }

    /// Compares with an export and goes on from what is there. `forgiven`: answers after this moment
    /// may be lost; `None` when none may be.
    pub(crate) fn look(
        &mut self,
        export: &str,
        cut: Instant,
        forgiven: Option<Instant>,
    ) -> Result<Look, String> {
        let mut found = BTreeMap::new();
        for line in export.lines() {
            let json: Json = serde_json::from_str(line).map_err(|e| e.to_string())?;
            let (id, hexad) = consistent(&json)?;
            found.insert(id, hexad);
        }
        let mut look = Look::default();
        let mut there: BTreeMap<&str, (bool, bool)> = BTreeMap::new();
        for (id, steps) in &self.hexads {
            if id.starts_with('s') {
                shared(id, steps, found.get(id).copied(), forgiven)?;
                continue;
            }
            let reached = reached(id, steps, found.get(id).copied(), forgiven)?;
            for (n, step) in steps.iter().enumerate().skip(1) {
                let is = n <= reached;
                if let Some(at) = step.answered.filter(|_| !is) {
                    look.lost += 1;
                    look.window = look.window.max(cut.saturating_duration_since(at));
                    look.after = look.after.max(at.saturating_duration_since(cut));
                }
                let seen = there.entry(&step.write).or_default();
                // A later write hides whether this one came through.
                if n == reached || !is {
                    *seen = (seen.0 || is, seen.1 || !is);
                }
            }
        }
        if let Some((write, _)) = there.iter().find(|(_, (some, other))| *some && *other) {
            return Err(format!("the write `{write}` is there in part"));
        }
        for (id, steps) in &mut self.hexads {
            let value = found.get(id).copied();
            *steps = vec![Step { value, write: String::new(), answered: Some(cut) }];
        }
        Ok(look)
    }
}

fn base() -> Vec<Step> {
    vec![Step { value: None, write: String::new(), answered: None }]
}

/// The last step that is there.
fn reached(
    id: &str,
    steps: &[Step],
    value: Option<u64>,
    forgiven: Option<Instant>,
) -> Result<usize, String> {
    let owed =
        |step: &Step| step.answered.is_some_and(|at| forgiven.is_none_or(|forgiven| at < forgiven));
    let least = steps.iter().rposition(owed).unwrap_or_default();
    let place = steps.iter().rposition(|step| step.value == value);
    match place {
        Some(n) if n >= least => Ok(n),
        _ => {
            let said: Vec<String> = steps
                .iter()
                .map(|s| format!("{:?}{}", s.value, if s.answered.is_some() { "!" } else { "" }))
                .collect();
            Err(format!("{id} is {value:?}; it was told {} (! answered)", said.join(", ")))
        }
    }
}

/// Several writers change it in an order nobody outside knows: one of their values, and none of the
/// answered changes is missing from its versions.
fn shared(
    id: &str,
    steps: &[Step],
    value: Option<u64>,
    forgiven: Option<Instant>,
) -> Result<(), String> {
    if forgiven.is_none() && !steps.iter().any(|step| step.value == value) {
        return Err(format!("{id} is {value:?}, which nobody wrote"));
    }
    let answered = steps.iter().skip(1).filter(|step| step.answered.is_some()).count();
    if forgiven.is_none() && answered > 0 && value == steps[0].value {
        return Err(format!(
            "{id} is {value:?} as before, though {answered} changes were answered"
        ));
    }
    Ok(())
}

/// The number that all modalities of a hexad carry.
fn consistent(json: &Json) -> Result<(String, u64), String> {
    let id = json["id"].as_str().unwrap_or_default().to_owned();
    let document = &json["document"];
    let value = document["n"].as_u64().ok_or_else(|| format!("{id} has no number: {json}"))?;
    let graph = json["graph"].as_array().cloned().unwrap_or_default();
    let knows = format!("k{value}");
    let word = format!("common word{value} text");
    let agree = [
        ("document", document["body"].as_str() == Some(word.as_str())),
        ("vector", json["vector"]["embedding"][3].as_f64() == Some(value as f64)),
        ("tensor", json["tensor"]["data"][0].as_f64() == Some(value as f64)),
        ("graph", graph.iter().any(|edge| edge["target"].as_str() == Some(knows.as_str()))),
        ("semantic", json["semantic"]["properties"]["n"].as_u64().is_none_or(|n| n == value)),
        ("spatial", json["spatial"]["latitude"].as_f64() == Some((value % 80) as f64 + 0.25)),
        ("provenance", json["provenance"].as_array().is_some_and(|events| !events.is_empty())),
    ];
    if let Some((modality, _)) = agree.iter().find(|(_, same)| !same) {
        return Err(format!("{id} is {value} in its document and not in {modality}: {json}"));
    }
    Ok((id, value))
}
