//! A total order over values, for ORDER BY, MIN and MAX, and a canonical form, for GROUP BY.
//!
//! Conditions compare with `Value::compare`, which refuses to compare families; a sort cannot refuse.

use std::cmp::Ordering;

use crate::engine::base::Value;

/// Compares any two values but null: first by family, then within it.
pub fn compare(a: &Value, b: &Value) -> Ordering {
    a.compare(b)
        .unwrap_or_else(|| family(a).cmp(&family(b)).then_with(|| canonical(a).cmp(&canonical(b))))
}

/// Compares with the direction and the place of nulls of one ORDER BY key.
pub fn compare_key(a: &Value, b: &Value, descending: bool, nulls_first: bool) -> Ordering {
    match (a.is_null(), b.is_null()) {
        (true, true) => Ordering::Equal,
        (true, false) if nulls_first => Ordering::Less,
        (true, false) => Ordering::Greater,
        (false, true) if nulls_first => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) if descending => compare(b, a),
        (false, false) => compare(a, b),
    }
}

fn family(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Int(_) | Value::Float(_) => 2,
        Value::Text(_) => 3,
        Value::Time(_) => 4,
        Value::Vector(_) | Value::List(_) => 5,
        Value::Map(_) => 6,
    }
}

/// A text equal for equal values and different for different ones: `2` and `2.0` are one group.
pub fn canonical(value: &Value) -> String {
    let mut text = String::new();
    write_canonical(value, &mut text);
    text
}

fn write_canonical(value: &Value, out: &mut String) {
    use std::fmt::Write as _;
    let written = match value {
        Value::Null => write!(out, "null"),
        Value::Bool(b) => write!(out, "{b}"),
        Value::Int(n) => write!(out, "#{n}"),
        Value::Float(x) if x.fract() == 0.0 && x.abs() < 9.0e15 => write!(out, "#{}", *x as i64),
        Value::Float(x) => write!(out, "#{x:e}"),
        Value::Text(s) => write!(out, "{s:?}"),
        Value::Time(t) => write!(out, "@{}", t.0),
        Value::Vector(v) => {
            out.push('[');
            for x in v.iter() {
                write_canonical(&Value::Float(f64::from(*x)), out);
                out.push(',');
            }
            write!(out, "]")
        }
        Value::List(items) => {
            out.push('[');
            for item in items {
                write_canonical(item, out);
                out.push(',');
            }
            write!(out, "]")
        }
        Value::Map(map) => {
            out.push('{');
            for (key, item) in map {
                write_canonical(&Value::from(key.as_str()), out);
                out.push(':');
                write_canonical(item, out);
                out.push(',');
            }
            write!(out, "}}")
        }
    };
    written.expect("a String takes any text");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nulls_stand_where_asked_in_both_directions() {
        let (null, one) = (Value::Null, Value::Int(1));
        for descending in [false, true] {
            assert_eq!(compare_key(&null, &one, descending, false), Ordering::Greater);
            assert_eq!(compare_key(&null, &one, descending, true), Ordering::Less);
        }
    }

    #[test]
    fn families_have_an_order_of_their_own() {
        let sorted = [Value::Bool(true), Value::Int(7), Value::Float(7.5), Value::from("a")];
        for pair in sorted.windows(2) {
            assert_eq!(compare(&pair[0], &pair[1]), Ordering::Less);
        }
    }

    #[test]
    fn whole_floats_group_with_integers() {
        assert_eq!(canonical(&Value::Int(2)), canonical(&Value::Float(2.0)));
        assert_ne!(canonical(&Value::from("2")), canonical(&Value::Int(2)));
        assert_ne!(canonical(&Value::from("null")), canonical(&Value::Null));
    }
}
