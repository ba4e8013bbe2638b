//! What a field, a literal or a cell of a result holds.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::Timestamp;

/// A value of the language.
///
/// Whole numbers and floats compare by what they are worth; values of different families do not
/// compare at all, and nothing compares with null: such a comparison is false.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// Absent.
    #[default]
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A finite number; NaN and infinities never become values.
    Float(f64),
    /// Text.
    Text(String),
    /// An instant.
    Time(Timestamp),
    /// Numbers in a row: an embedding.
    Vector(Arc<[f32]>),
    /// A sequence.
    List(Vec<Value>),
    /// Names with values, sorted by name.
    Map(BTreeMap<String, Value>),
}

impl Value {
    /// The name of its family, as messages say it.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "Null",
            Self::Bool(_) => "Bool",
            Self::Int(_) => "Int",
            Self::Float(_) => "Float",
            Self::Text(_) => "String",
            Self::Time(_) => "Timestamp",
            Self::Vector(_) => "Vector",
            Self::List(_) => "List",
            Self::Map(_) => "Map",
        }
    }

    /// True for the absent value.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// As a float, when it is a number.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Int(n) => Some(*n as f64),
            Self::Float(x) => Some(*x),
            _ => None,
        }
    }

    /// As text, when it is text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(s) => Some(s),
            _ => None,
        }
    }

    /// Compares two values of one family; `None` when they are not comparable.
    ///
    /// Text that reads as an instant compares with an instant.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => Some(a.cmp(b)),
            (Self::Int(a), Self::Int(b)) => Some(a.cmp(b)),
            (Self::Int(a), Self::Float(b)) => compare_int_float(*a, *b),
            (Self::Float(a), Self::Int(b)) => compare_int_float(*b, *a).map(Ordering::reverse),
            (Self::Float(a), Self::Float(b)) => a.partial_cmp(b),
            (Self::Text(a), Self::Text(b)) => Some(a.as_str().cmp(b.as_str())),
            (Self::Time(a), Self::Time(b)) => Some(a.cmp(b)),
            (Self::Text(a), Self::Time(b)) => Timestamp::parse(a).map(|a| a.cmp(b)),
            (Self::Time(a), Self::Text(b)) => Timestamp::parse(b).map(|b| a.cmp(&b)),
            (Self::Vector(a), Self::Vector(b)) => (a == b).then_some(Ordering::Equal),
            (Self::Vector(a), Self::List(b)) | (Self::List(b), Self::Vector(a)) => {
                let same = a.len() == b.len()
                    && a.iter().zip(b).all(|(x, y)| y.as_f64() == Some(f64::from(*x)));
                same.then_some(Ordering::Equal)
            }
            (Self::List(a), Self::List(b)) => {
                let same = a.len() == b.len()
                    && a.iter().zip(b).all(|(x, y)| x.compare(y) == Some(Ordering::Equal));
                same.then_some(Ordering::Equal)
            }
            (Self::Map(a), Self::Map(b)) => (a == b).then_some(Ordering::Equal),
            _ => None,
        }
    }

    /// A total order for sorting and grouping: by family, then by value; null is its own family.
    pub fn total_cmp(&self, other: &Self) -> Ordering {
        self.family().cmp(&other.family()).then_with(|| match (self, other) {
            (Self::Vector(a), Self::Vector(b)) => lexicographic(a, b, f32::total_cmp),
            (Self::List(a), Self::List(b)) => lexicographic(a, b, Self::total_cmp),
            (Self::Map(a), Self::Map(b)) => {
                let (a, b): (Vec<_>, Vec<_>) = (a.iter().collect(), b.iter().collect());
                lexicographic(&a, &b, |x, y| x.0.cmp(y.0).then_with(|| x.1.total_cmp(y.1)))
            }
            _ => self.compare(other).unwrap_or(Ordering::Equal),
        })
    }

    fn family(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Bool(_) => 1,
            Self::Int(_) | Self::Float(_) => 2,
            Self::Text(_) => 3,
            Self::Time(_) => 4,
            Self::Vector(_) => 5,
            Self::List(_) => 6,
            Self::Map(_) => 7,
        }
    }

    /// From JSON. Numbers that fit `i64` stay whole.
    pub fn from_json(json: serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(b) => Self::Bool(b),
            serde_json::Value::Number(n) => match n.as_i64() {
                Some(whole) => Self::Int(whole),
                None => n.as_f64().map_or(Self::Null, Self::Float),
            },
            serde_json::Value::String(s) => Self::Text(s),
            serde_json::Value::Array(items) => {
                Self::List(items.into_iter().map(Self::from_json).collect())
            }
            serde_json::Value::Object(map) => {
                Self::Map(map.into_iter().map(|(k, v)| (k, Self::from_json(v))).collect())
            }
        }
    }

    /// To JSON. Instants become RFC 3339 text; the `f32` of a vector keep their shortest decimals.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Bool(b) => (*b).into(),
            Self::Int(n) => (*n).into(),
            Self::Float(x) => float_json(*x),
            Self::Text(s) => s.as_str().into(),
            Self::Time(t) => t.to_string().into(),
            Self::Vector(v) => v.iter().map(|x| float_json(shortest(*x))).collect(),
            Self::List(items) => items.iter().map(Self::to_json).collect(),
            Self::Map(map) => map.iter().map(|(k, v)| (k.clone(), v.to_json())).collect(),
        }
    }
}

/// The double that prints as the shortest decimal of `x`, so that `0.1_f32` reads `0.1`.
pub fn shortest(x: f32) -> f64 {
    x.to_string().parse().unwrap_or(f64::from(x))
}

fn float_json(x: f64) -> serde_json::Value {
    serde_json::Number::from_f64(x).map_or(serde_json::Value::Null, serde_json::Value::Number)
}

/// Exact even where an `i64` has more digits than a double.
fn compare_int_float(a: i64, b: f64) -> Option<Ordering> {
    const EDGE: f64 = 9_223_372_036_854_775_808.0;
    if b.is_nan() {
        None
    } else if b >= EDGE {
        Some(Ordering::Less)
    } else if b < -EDGE {
        Some(Ordering::Greater)
    } else {
        let whole = b.trunc() as i64;
        Some(a.cmp(&whole).then_with(|| 0.0.partial_cmp(&b.fract()).unwrap_or(Ordering::Equal)))
    }
}

fn lexicographic<T>(a: &[T], b: &[T], order: impl Fn(&T, &T) -> Ordering) -> Ordering {
    a.iter()
        .zip(b)
        .map(|(x, y)| order(x, y))
        .find(|o| o.is_ne())
        .unwrap_or_else(|| a.len().cmp(&b.len()))
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_and_floats_compare_exactly() {
        let big = Value::Int(9_007_199_254_740_993);
        assert_eq!(big.compare(&Value::Float(9_007_199_254_740_992.0)), Some(Ordering::Greater));
        assert_eq!(Value::Int(-1).compare(&Value::Float(-0.5)), Some(Ordering::Less));
        assert_eq!(Value::Int(2).compare(&Value::Float(2.0)), Some(Ordering::Equal));
    }

    #[test]
    fn families_do_not_mix_and_null_equals_nothing() {
        assert_eq!(Value::Int(1).compare(&Value::from("1")), None);
        assert_eq!(Value::Null.compare(&Value::Null), None);
    }

    #[test]
    fn a_vector_prints_its_shortest_decimals() {
        let v = Value::Vector(vec![0.1, -2.5].into());
        assert_eq!(v.to_json().to_string(), "[0.1,-2.5]");
    }
}
