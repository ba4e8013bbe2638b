//! Values, hexads and answers between the engine and the messages of `proto/`. Nothing is decided here.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};
use tonic::Status;

use crate::engine::base::{Timestamp, Value};
use crate::engine::outcome::{Outcome, Params};
use crate::engine::session::hexads::Held;

use super::proto;
use super::proto::value::Kind;

/// How deep a value that comes in may be nested: less than any other parser of ours allows.
const DEPTH: usize = 64;

/// An instant of the engine.
pub fn time_out(time: Timestamp) -> prost_types::Timestamp {
    let (seconds, micros) = (time.0.div_euclid(1_000_000), time.0.rem_euclid(1_000_000));
    prost_types::Timestamp { seconds, nanos: micros as i32 * 1000 }
}

fn time_in(time: &prost_types::Timestamp) -> Result<Timestamp, Status> {
    let micros = time.seconds.checked_mul(1_000_000);
    let micros = micros.and_then(|micros| micros.checked_add(i64::from(time.nanos / 1000)));
    micros.map(Timestamp).ok_or_else(|| Status::invalid_argument("an instant that is out of range"))
}

/// A value of the engine as a message.
pub fn out(value: &Value) -> proto::Value {
    let kind = match value {
        Value::Null => None,
        Value::Bool(b) => Some(Kind::BoolValue(*b)),
        Value::Int(n) => Some(Kind::IntValue(*n)),
        Value::Float(x) => Some(Kind::FloatValue(*x)),
        Value::Text(text) => Some(Kind::TextValue(text.clone())),
        Value::Time(time) => Some(Kind::TimeValue(time_out(*time))),
        Value::Vector(numbers) => {
            Some(Kind::VectorValue(proto::Vector { elements: numbers.to_vec() }))
        }
        Value::List(items) => {
            Some(Kind::ListValue(proto::List { items: items.iter().map(out).collect() }))
        }
        Value::Map(map) => {
            let entries = map.iter().map(|(name, value)| (name.clone(), out(value))).collect();
            Some(Kind::MapValue(proto::Map { entries }))
        }
    };
    proto::Value { kind }
}

/// A message as a value of the engine. Numbers that are not finite are no values.
pub fn into(value: proto::Value) -> Result<Value, Status> {
    nested(value, 0)
}

fn nested(value: proto::Value, depth: usize) -> Result<Value, Status> {
    if depth > DEPTH {
        return Err(Status::invalid_argument(format!("a value nested deeper than {DEPTH}")));
    }
    let Some(kind) = value.kind else { return Ok(Value::Null) };
    Ok(match kind {
        Kind::BoolValue(b) => Value::Bool(b),
        Kind::IntValue(n) => Value::Int(n),
        Kind::FloatValue(x) if x.is_finite() => Value::Float(x),
        Kind::FloatValue(_) => return Err(Status::invalid_argument("a number that is not finite")),
        Kind::TextValue(text) => Value::Text(text),
        Kind::TimeValue(time) => Value::Time(time_in(&time)?),
        Kind::VectorValue(vector) if vector.elements.iter().all(|x| x.is_finite()) => {
            Value::Vector(vector.elements.into())
        }
        Kind::VectorValue(_) => {
            return Err(Status::invalid_argument("a vector with a number that is not finite"));
        }
        Kind::ListValue(list) => Value::List(
            list.items.into_iter().map(|item| nested(item, depth + 1)).collect::<Result<_, _>>()?,
        ),
        Kind::MapValue(map) => Value::Map(
            map.entries
                .into_iter()
                .map(|(name, value)| Ok((name, nested(value, depth + 1)?)))
                .collect::<Result<_, Status>>()?,
        ),
    })
}

/// The parameters of a statement.
pub fn params(from: BTreeMap<String, proto::Value>) -> Result<Params, Status> {
    from.into_iter().map(|(name, value)| Ok((name, into(value)?))).collect()
}

/// A hexad as a line of the data format, which is what says how a hexad is read.
pub fn hexad_json(hexad: proto::Hexad) -> Result<Json, Status> {
    let mut line = Map::new();
    if !hexad.id.is_empty() {
        line.insert("id".to_owned(), hexad.id.into());
    }
    for (modality, value) in hexad.modalities {
        if modality == "id" {
            return Err(Status::invalid_argument("`id` is not a modality"));
        }
        line.insert(modality, into(value)?.to_json());
    }
    Ok(line.into())
}

/// A hexad from its line of the data format.
pub fn hexad_out(held: &Held) -> proto::Hexad {
    let line = serde_json::from_str(&held.json).unwrap_or_default();
    let Json::Object(line) = line else { return proto::Hexad::default() };
    let modalities = line.into_iter().filter(|(name, _)| name != "id");
    let modalities = modalities.map(|(name, json)| (name, out(&Value::from_json(json)))).collect();
    proto::Hexad {
        id: held.id.clone(),
        modalities,
        version: held.version,
        created_at: Some(time_out(held.created_at)),
        modified_at: Some(time_out(held.modified_at)),
    }
}

/// The columns of an answer.
pub fn columns(outcome: &Outcome) -> Vec<proto::Column> {
    outcome.unique_names().into_iter().map(|name| proto::Column { name }).collect()
}

/// One row of an answer.
pub fn row(values: &[Value]) -> proto::Row {
    proto::Row { values: values.iter().map(out).collect() }
}

/// What an answer says beside its rows.
pub fn summary(outcome: &Outcome, elapsed_ms: f64) -> proto::Summary {
    let notices = outcome.notices.iter().map(|notice| proto::Notice {
        message: notice.message.clone(),
        hint: notice.hint.clone().unwrap_or_default(),
    });
    proto::Summary {
        tag: outcome.tag.to_owned(),
        affected: outcome.affected,
        rows: outcome.rows.len() as u64,
        notices: notices.collect(),
        elapsed_ms,
    }
}

/// A whole answer.
pub fn answer(outcome: &Outcome, elapsed_ms: f64) -> proto::QueryResponse {
    proto::QueryResponse {
        columns: columns(outcome),
        rows: outcome.rows.iter().map(|values| row(values)).collect(),
        summary: Some(summary(outcome, elapsed_ms)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::Int),
            (-1e300..1e300).prop_map(Value::Float),
            any::<String>().prop_map(Value::Text),
            any::<i64>().prop_map(|micros| Value::Time(Timestamp(micros))),
            prop::collection::vec(-1e30_f32..1e30, 0..9).prop_map(|v| Value::Vector(v.into())),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::List),
                prop::collection::btree_map(any::<String>(), inner, 0..6).prop_map(Value::Map),
            ]
        })
    }

    proptest! {
        #[test]
        fn every_value_comes_back_as_it_was(value in value()) {
            use prost::Message as _;
            let bytes = out(&value).encode_to_vec();
            let read = proto::Value::decode(&*bytes).unwrap();
            prop_assert_eq!(into(read).unwrap(), value);
        }
    }

    #[test]
    fn what_is_no_value_is_refused() {
        let float = |x| proto::Value { kind: Some(Kind::FloatValue(x)) };
        assert!(into(float(f64::NAN)).is_err());
        let vector = proto::Vector { elements: vec![1.0, f32::INFINITY] };
        assert!(into(proto::Value { kind: Some(Kind::VectorValue(vector)) }).is_err());
        let mut deep = float(1.0);
        for _ in 0..=DEPTH {
            deep = proto::Value { kind: Some(Kind::ListValue(proto::List { items: vec![deep] })) };
        }
        assert!(into(deep).is_err());
    }
}
