//! Expressions: literals, parameters, paths, calls, aggregates, arrays, sums of instants.

use super::{ModalityRef, Name, Param};
use crate::engine::base::{Span, Timestamp, Value};

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where.
    pub span: Span,
}

/// The kinds of expression.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// A number, string, boolean or `NULL`.
    Literal(Value),
    /// A bare instant (`2026-01-31T10:00:00Z`) or `TIMESTAMP '..'`.
    Time(TimeKind),
    /// `INTERVAL '30 days'`: the text.
    Interval(String),
    /// `$name`.
    Param(Param),
    /// `[1, 2, 3]`, possibly nested; an element may be [`ExprKind::Elided`].
    Array(Vec<Expr>),
    /// `DOCUMENT.title`, `h.embedding`, `id`, `DOCUMENT`.
    Path(Path),
    /// `coherence(GRAPH, VECTOR)`.
    Call(Call),
    /// `COUNT(*)`, `AVG(DOCUMENT.severity)`.
    Aggregate(Aggregate),
    /// `NOW() - INTERVAL '1 day'`: a first term and the terms added or taken away, left to right.
    Sum {
        /// The first term.
        first: Box<Expr>,
        /// The others.
        rest: Vec<(AddOp, Expr)>,
    },
    /// `/pattern/` after `MATCHES`: the regular expression, `\/` unescaped.
    Regex(String),
    /// `...`: left out by the author of a document; the binder refuses it (`Elided`).
    Elided,
    /// A hole left by a syntax error.
    Error,
}

/// `+` or `-`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddOp {
    /// `+`
    Add,
    /// `-`
    Subtract,
}

/// A point in time as written.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeRef {
    /// How.
    pub kind: TimeKind,
    /// Where.
    pub span: Span,
}

/// How a point in time is written.
#[derive(Clone, Debug, PartialEq)]
pub enum TimeKind {
    /// ISO 8601, bare or in quotes.
    Instant(Timestamp),
    /// Anything else: a relative time (`'yesterday'`, `'last 7 days'`), or an instant that does not
    /// exist (`2026-02-31`), which the binder reports as `InvalidTimestamp`.
    Text(String),
    /// A parameter.
    Param(Param),
}

/// A name with dots.
///
/// A first segment that is the name of a modality (in any case) is taken off: `document.title` has
/// the modality and one segment, `h.embedding` has two segments and no modality, `DOCUMENT` alone
/// has the modality and no segment. At least one of the two is there.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// The modality it starts with.
    pub modality: Option<ModalityRef>,
    /// The other segments.
    pub segments: Vec<Name>,
    /// Where.
    pub span: Span,
}

impl Path {
    /// The only segment of a path without a modality: a variable, an alias or a bare field.
    pub fn bare(&self) -> Option<&Name> {
        match (&self.modality, self.segments.as_slice()) {
            (None, [name]) => Some(name),
            _ => None,
        }
    }

    /// The segments joined with dots, without the modality.
    pub fn field(&self) -> String {
        self.segments.iter().map(|s| s.text.as_str()).collect::<Vec<_>>().join(".")
    }
}

/// `name(arg, ..)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The function.
    pub name: Name,
    /// The arguments.
    pub args: Vec<Expr>,
    /// A comparison after the first argument: `assert(a.x > 1, ..)`.
    pub compared: Option<(CompareOp, Box<Expr>)>,
    /// Where.
    pub span: Span,
}

/// `COUNT(*)`, `COUNT(DISTINCT DOCUMENT.author)`, `AVG(DOCUMENT.severity)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Aggregate {
    /// Which.
    pub function: AggregateFn,
    /// Over distinct values only.
    pub distinct: bool,
    /// Over what; `None` is `*` (only for `COUNT`).
    pub path: Option<Path>,
    /// Where.
    pub span: Span,
}

/// The aggregates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AggregateFn {
    /// How many.
    Count,
    /// The sum.
    Sum,
    /// The mean.
    Avg,
    /// The least.
    Min,
    /// The greatest.
    Max,
}

impl AggregateFn {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Count, Self::Sum, Self::Avg, Self::Min, Self::Max];

    /// The keyword, in capitals.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::Count => "COUNT",
            Self::Sum => "SUM",
            Self::Avg => "AVG",
            Self::Min => "MIN",
            Self::Max => "MAX",
        }
    }

    /// Finds an aggregate by its keyword, in any case.
    pub fn from_keyword(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.keyword().eq_ignore_ascii_case(word))
    }
}

/// A comparison sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CompareOp {
    /// `==` or `=`
    Equal,
    /// `!=` or `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
}

impl CompareOp {
    /// The canonical sign.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
        }
    }

    /// True when two values in this order satisfy the comparison.
    pub fn accepts(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterEqual => order.is_ge(),
        }
    }
}

impl Expr {
    /// The value of a constant: a literal, a bare instant, an array of constants.
    pub fn constant(&self) -> Option<Value> {
        match &self.kind {
            ExprKind::Literal(value) => Some(value.clone()),
            ExprKind::Time(TimeKind::Instant(instant)) => Some(Value::Time(*instant)),
            ExprKind::Array(items) => {
                items.iter().map(Self::constant).collect::<Option<Vec<_>>>().map(Value::List)
            }
            _ => None,
        }
    }

    /// The numbers of a flat array of numbers.
    pub fn numbers(&self) -> Option<Vec<f64>> {
        match &self.kind {
            ExprKind::Array(items) => items.iter().map(Self::number).collect(),
            _ => None,
        }
    }

    /// The number, when it is a number.
    pub fn number(&self) -> Option<f64> {
        match &self.kind {
            ExprKind::Literal(value) => value.as_f64(),
            _ => None,
        }
    }

    /// The text, when it is a string.
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            ExprKind::Literal(value) => value.as_str(),
            _ => None,
        }
    }

    /// The path, when it is one.
    pub fn path(&self) -> Option<&Path> {
        match &self.kind {
            ExprKind::Path(path) => Some(path),
            _ => None,
        }
    }
}
