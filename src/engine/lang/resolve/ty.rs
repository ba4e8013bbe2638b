//! The types the checker reasons with: coarser than values, and honest about what it cannot know.
//!
//! Fields are dynamic, so most of the work is done by [`Ty::Any`]: it fits everything. A type here
//! never makes a statement valid; it only rules out what can never be true.

use std::fmt;

use crate::engine::base::Value;

/// The type of an expression or a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ty {
    /// Unknown before the statement runs, or different from hexad to hexad.
    Any,
    /// Only ever null.
    Null,
    /// True or false.
    Bool,
    /// A whole number.
    Int,
    /// A number.
    Float,
    /// Text.
    Text,
    /// An instant.
    Time,
    /// A length of time.
    Interval,
    /// Numbers in a row, with their count when it is known.
    Vector(Option<u32>),
    /// A sequence.
    List,
    /// Names with values; a whole modality is one.
    Map,
}

impl Ty {
    /// The type of a value.
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Bool,
            Value::Int(_) => Self::Int,
            Value::Float(_) => Self::Float,
            Value::Text(_) => Self::Text,
            Value::Time(_) => Self::Time,
            Value::Vector(v) => Self::Vector(u32::try_from(v.len()).ok()),
            Value::List(_) => Self::List,
            Value::Map(_) => Self::Map,
        }
    }

    /// The name as messages and `DESCRIBE` say it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Any => "Any",
            Self::Null => "Null",
            Self::Bool => "Bool",
            Self::Int => "Int",
            Self::Float => "Float",
            Self::Text => "String",
            Self::Time => "Timestamp",
            Self::Interval => "Interval",
            Self::Vector(_) => "Vector",
            Self::List => "List",
            Self::Map => "Map",
        }
    }

    /// What holds values of both types: the smaller common type, or `Any`.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        match (self, other) {
            (a, b) if a == b => a,
            (Self::Null, b) => b,
            (a, Self::Null) => a,
            (Self::Int, Self::Float) | (Self::Float, Self::Int) => Self::Float,
            (Self::Vector(_), Self::Vector(_)) => Self::Vector(None),
            (
                Self::Any
                | Self::Bool
                | Self::Int
                | Self::Float
                | Self::Text
                | Self::Time
                | Self::Interval
                | Self::Vector(_)
                | Self::List
                | Self::Map,
                _,
            ) => Self::Any,
        }
    }

    /// True when a value of this type may be a number.
    pub fn may_be_number(self) -> bool {
        matches!(self, Self::Any | Self::Null | Self::Int | Self::Float)
    }

    /// True when a value of this type may be text.
    pub fn may_be_text(self) -> bool {
        matches!(self, Self::Any | Self::Null | Self::Text)
    }

    /// True when a value of this type may be a vector; a list of numbers is one.
    pub fn may_be_vector(self) -> bool {
        matches!(self, Self::Any | Self::Null | Self::Vector(_) | Self::List)
    }

    /// True when a value of this type may be an instant; text may read as one.
    pub fn may_be_time(self) -> bool {
        matches!(self, Self::Any | Self::Null | Self::Time | Self::Text)
    }

    /// True when values of this type have an order: `<`, `ORDER BY`, `MIN` and `MAX`.
    pub fn ordered(self) -> bool {
        !matches!(self, Self::Vector(_) | Self::List | Self::Map)
    }

    /// True when some value of this type may equal some value of `other`.
    ///
    /// Text and instants meet because text that reads as an instant compares as one.
    pub fn meets(self, other: Self) -> bool {
        match (self, other) {
            (Self::Any | Self::Null, _) | (_, Self::Any | Self::Null) => true,
            (Self::Int | Self::Float, b) => matches!(b, Self::Int | Self::Float),
            (Self::Text | Self::Time, b) => matches!(b, Self::Text | Self::Time),
            (Self::Vector(Some(a)), Self::Vector(Some(b))) => a == b,
            (Self::Vector(_) | Self::List, b) => matches!(b, Self::Vector(_) | Self::List),
            (Self::Bool | Self::Interval | Self::Map, b) => self == b,
        }
    }
}

impl fmt::Display for Ty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Vector(Some(n)) => write!(f, "Vector<{n}>"),
            other => f.write_str(other.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Ty; 12] = [
        Ty::Any,
        Ty::Null,
        Ty::Bool,
        Ty::Int,
        Ty::Float,
        Ty::Text,
        Ty::Time,
        Ty::Interval,
        Ty::Vector(None),
        Ty::Vector(Some(3)),
        Ty::List,
        Ty::Map,
    ];

    #[test]
    fn meeting_is_symmetric_and_reflexive() {
        for a in ALL {
            assert!(a.meets(a), "{a}");
            for b in ALL {
                assert_eq!(a.meets(b), b.meets(a), "{a} {b}");
            }
        }
    }

    #[test]
    fn a_join_holds_both_sides() {
        for a in ALL {
            for b in ALL {
                let joined = a.join(b);
                assert_eq!(joined, b.join(a), "{a} {b}");
                assert!(joined.meets(a) && joined.meets(b), "{a} {b} {joined}");
            }
        }
    }
}
