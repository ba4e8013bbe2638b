//! The JSON form of a plan, as a value of the language: what `EXPLAIN (json)` answers.
//!
//! The schema is `docs/reference/explain.md`. Names are never reused for something else; new ones may
//! come, and what is not known is null.

use std::collections::BTreeMap;

use crate::engine::base::{Modality, Value};

use super::{Alternative, Done, Expected, Explained, Hint, Op, Run, SCHEMA};

fn map(entries: Vec<(&str, Value)>) -> Value {
    let entries = entries.into_iter().map(|(name, value)| (name.to_owned(), value));
    Value::Map(entries.collect::<BTreeMap<String, Value>>())
}

fn int(n: u64) -> Value {
    Value::Int(i64::try_from(n).unwrap_or(i64::MAX))
}

/// To a thousandth: more would be noise.
fn float(x: f64) -> Value {
    Value::Float((x * 1000.0).round() / 1000.0)
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn texts<'a>(all: impl IntoIterator<Item = &'a String>) -> Value {
    Value::List(all.into_iter().cloned().map(Value::Text).collect())
}

fn optional<T>(value: Option<T>, of: impl FnOnce(T) -> Value) -> Value {
    value.map_or(Value::Null, of)
}

/// The name of a modality, or of the work that belongs to none.
pub fn modality(of: Option<Modality>) -> &'static str {
    of.map_or("engine", Modality::name)
}

impl Explained {
    /// The plan as a value.
    pub fn to_value(&self) -> Value {
        let shares = self.by_modality();
        let whole: f64 = shares.iter().map(|(_, micros)| micros).sum();
        let share = |(of, micros): (Option<Modality>, f64)| {
            map(vec![
                ("modality", text(modality(of))),
                ("cost_us", float(micros)),
                ("share", float(if whole > 0.0 { micros / whole } else { 0.0 })),
            ])
        };
        let worst = |worst: super::Worst| {
            map(vec![
                ("op", int(worst.op.into())),
                ("factor", float(worst.factor)),
                ("direction", text(if worst.too_low { "too_low" } else { "too_high" })),
            ])
        };
        map(vec![
            ("version", Value::Int(SCHEMA)),
            ("statement", text(self.statement)),
            ("analyzed", Value::Bool(self.run.is_some())),
            ("plan", op(&self.root)),
            ("cost_us", if shares.is_empty() { Value::Null } else { float(whole) }),
            ("modalities", Value::List(shares.into_iter().map(share).collect())),
            ("run", optional(self.run.as_ref(), run)),
            ("worst_estimate", optional(self.worst(), worst)),
            ("hints", Value::List(self.hints.iter().map(hint).collect())),
            ("notes", texts(&self.notes)),
        ])
    }
}

fn op(of: &Op) -> Value {
    map(vec![
        ("id", int(of.id.into())),
        ("kind", text(of.kind.name())),
        ("modality", optional(of.modality, |m| text(m.name()))),
        ("label", text(&of.label)),
        ("predicates", texts(&of.predicates)),
        ("exact", optional(of.exact, Value::Bool)),
        ("estimate", optional(of.expected.as_ref(), expected)),
        ("actual", optional(of.actual.as_ref(), done)),
        ("reason", optional(of.reason.as_deref(), text)),
        ("alternatives", Value::List(of.alternatives.iter().map(alternative).collect())),
        ("inputs", Value::List(of.inputs.iter().map(op).collect())),
    ])
}

fn expected(of: &Expected) -> Value {
    let split = |(of, micros): &(Option<Modality>, f64)| (modality(*of).to_owned(), float(*micros));
    map(vec![
        ("rows", float(of.rows)),
        ("cost_us", optional(of.cost(), float)),
        ("cost_by_modality", Value::Map(of.micros.iter().map(split).collect())),
        ("origin", optional(of.origin.as_deref(), text)),
    ])
}

fn done(of: &Done) -> Value {
    map(vec![
        ("rows", int(of.rows)),
        ("time_us", optional(of.micros, int)),
        ("loops", int(of.loops)),
        ("memory_bytes", int(of.memory)),
        ("records_read", int(of.records)),
        ("bytes_read", int(of.bytes)),
        ("pages_fetched", int(of.pages)),
    ])
}

fn alternative(of: &Alternative) -> Value {
    map(vec![
        ("label", text(&of.label)),
        ("estimate", optional(of.expected.as_ref(), expected)),
        ("reason", text(&of.reason)),
    ])
}

fn run(of: &Run) -> Value {
    map(vec![
        ("rows", int(of.rows)),
        ("planning_us", int(of.planning)),
        ("time_us", int(of.micros)),
        ("memory_bytes", int(of.memory)),
        ("records_read", int(of.records)),
        ("bytes_read", int(of.bytes)),
        ("pages_fetched", int(of.pages)),
    ])
}

fn hint(of: &Hint) -> Value {
    map(vec![("code", text(of.code)), ("message", text(&of.message)), ("advice", text(&of.advice))])
}
