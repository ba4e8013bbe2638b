//! Values as records may hold them: what JSON can say, finite, named, and not nested too deep.
//!
//! Modalities share these rules; which fault kind a broken rule gets is theirs to say.

use std::collections::BTreeMap;

use super::{Fault, Kind, Value, limit};

/// Bytes of the name of a field, property, predicate, type or embedding.
pub const NAME_BYTES: usize = 1024;

/// Refuses a name that is empty, over [`NAME_BYTES`] or holds control characters.
pub fn check_name(what: &str, name: &str) -> Result<(), Fault> {
    let wrong = if name.is_empty() {
        format!("{what} may not be empty")
    } else if name.len() > NAME_BYTES {
        format!("{what} of {} bytes, the limit is {NAME_BYTES}", name.len())
    } else if let Some(c) = name.chars().find(|c| c.is_control()) {
        format!("{what} holds the control character U+{:04X}", u32::from(c))
    } else {
        return Ok(());
    };
    Err(Fault::new(Kind::ConstraintViolation, "", wrong))
}

/// The value as a record holds it: instants become text, vectors become lists of numbers.
///
/// Numbers that are not finite and nesting over [`limit::DEPTH`] are refused.
pub fn plain(value: Value) -> Result<Value, Fault> {
    plain_within(value, limit::DEPTH)
}

/// The same for every value of a map, whose names are checked too.
pub fn plain_map(map: BTreeMap<String, Value>) -> Result<BTreeMap<String, Value>, Fault> {
    plain_map_within(map, limit::DEPTH)
}

fn plain_within(value: Value, depth: usize) -> Result<Value, Fault> {
    if depth == 0 {
        let message = format!("nested more than {} levels deep", limit::DEPTH);
        return Err(Fault::new(Kind::NestingTooDeep, "", message));
    }
    Ok(match value {
        Value::Float(x) if !x.is_finite() => {
            return Err(Fault::new(Kind::ConstraintViolation, "", format!("{x} is not finite")));
        }
        Value::Time(at) => Value::Text(at.to_string()),
        Value::Vector(numbers) => {
            let numbers = numbers.iter().map(|x| Value::Float(super::value::shortest(*x)));
            return plain_within(Value::List(numbers.collect()), depth);
        }
        Value::List(items) => {
            let items = items.into_iter().enumerate().map(|(i, item)| {
                plain_within(item, depth - 1).map_err(|fault| fault.within(&format!("[{i}]")))
            });
            Value::List(items.collect::<Result<_, _>>()?)
        }
        Value::Map(map) => Value::Map(plain_map_within(map, depth - 1)?),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Text(_) => value,
    })
}

fn plain_map_within(
    map: BTreeMap<String, Value>,
    depth: usize,
) -> Result<BTreeMap<String, Value>, Fault> {
    map.into_iter()
        .map(|(name, value)| {
            check_name("a name", &name)?;
            match plain_within(value, depth) {
                Ok(value) => Ok((name, value)),
                Err(fault) => Err(fault.within(&name)),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_and_vectors_become_what_json_can_say() {
        let value = Value::List(vec![
            Value::Time(crate::engine::base::Timestamp(0)),
            Value::Vector(vec![0.1_f32].into()),
        ]);
        let expected = Value::List(vec![
            Value::from("1970-01-01T00:00:00Z"),
            Value::List(vec![Value::Float(0.1)]),
        ]);
        assert_eq!(plain(value), Ok(expected));
    }

    #[test]
    fn faults_say_where() {
        let bad = Value::List(vec![Value::Int(1), Value::Float(f64::NAN)]);
        let fault = plain_map(BTreeMap::from([("a".to_owned(), bad)])).unwrap_err();
        assert_eq!((fault.key.as_str(), fault.kind), ("a[1]", Kind::ConstraintViolation));
        let deep = (0..limit::DEPTH).fold(Value::Null, |inner, _| Value::List(vec![inner]));
        assert_eq!(plain(deep).unwrap_err().kind, Kind::NestingTooDeep);
        let fault = plain_map(BTreeMap::from([("a\n".to_owned(), Value::Null)])).unwrap_err();
        assert!(fault.message.contains("U+000A"), "{}", fault.message);
    }
}
