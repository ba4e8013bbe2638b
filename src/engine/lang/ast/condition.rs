//! Conditions: what may stand after `WHERE` and `HAVING`, in a contract, in a proof block.

use super::{
    AsOf, Assignment, Call, CompareOp, Expr, ExprKind, IdRef, ModalityRef, Name, Param, Path,
    TimeRef,
};
use crate::engine::base::Span;

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// What it asks.
    pub kind: ConditionKind,
    /// Where.
    pub span: Span,
}

/// The kinds of condition.
///
/// `And` and `Or` hold two or more members, in the order written; a chain of one connective is one
/// node, so that ten thousand of them do not nest.
#[derive(Clone, Debug, PartialEq)]
pub enum ConditionKind {
    /// All of them.
    And(Vec<Condition>),
    /// At least one of them.
    Or(Vec<Condition>),
    /// Not this one.
    Not(Box<Condition>),
    /// `( .. )`
    Paren(Box<Condition>),
    /// `TRUE` or `FALSE`.
    Literal(bool),
    /// `(h)-[:CITES*1..3]->(paper)` and `?x -[:CITES+]-> ?y`.
    Pattern(GraphPattern),
    /// `DRIFT(VECTOR, DOCUMENT) > 0.3`
    Drift {
        /// One side.
        left: ModalityRef,
        /// The other.
        right: ModalityRef,
        /// How the score compares.
        op: CompareOp,
        /// With what.
        value: Expr,
    },
    /// Bare `DRIFT` or `DRIFT THRESHOLD 0.3`: any pair of modalities has drifted.
    DriftAny {
        /// The least score that counts.
        threshold: Option<f64>,
    },
    /// `CONSISTENT(VECTOR, SEMANTIC) USING COSINE > 0.8`
    Consistent {
        /// One side.
        left: ModalityRef,
        /// The other.
        right: ModalityRef,
        /// The metric; the binder reports a wrong one (`ConsistencyMetricInvalid`).
        metric: Name,
        /// The threshold; without one the configured default decides.
        test: Option<(CompareOp, Expr)>,
    },
    /// `VECTOR EXISTS`, `TENSOR NOT EXISTS`
    Exists {
        /// Which modality.
        modality: ModalityRef,
        /// `NOT EXISTS`
        negated: bool,
    },
    /// `SATISFIES Contract(least=3)`
    Satisfies {
        /// The contract.
        contract: Name,
        /// Its parameters: names with constants (bare words are strings).
        params: Vec<Assignment>,
    },
    /// `HAS PROOF CITATION`: a stored proof of this type exists.
    HasProof(Name),
    /// `VERIFIED BY fda-validator`
    VerifiedBy(IdRef),
    /// `VERIFIED(condition)`
    Verified(Box<Condition>),
    /// `FULLTEXT CONTAINS 'graph database'` (a string or a parameter).
    FullText(Expr),
    /// `FULLTEXT MATCHES /regex/`: [`ExprKind::Regex`], or a string holding the regular expression.
    FullTextMatches(Expr),
    /// `FIELD author.name == 'Ada'`: a field of the document, or in `HAVING` of the group.
    Field {
        /// The segments of the name.
        path: Vec<Name>,
        /// What is asked of it.
        test: Test,
    },
    /// `AS OF ..`: the instant the whole statement reads at; must be a top-level conjunct.
    AsOf(AsOf),
    /// `BETWEEN a AND b`: versions valid in the interval.
    Between {
        /// From.
        from: TimeRef,
        /// To.
        to: TimeRef,
    },
    /// `VERSION v3-final`
    Version(IdRef),
    /// `MODIFIED BY alice`
    ModifiedBy(IdRef),
    /// `h.embedding SIMILAR TO [..] WITHIN 0.8 USING COSINE`
    Similar {
        /// The embedding asked about (`VECTOR`, `h.embedding`).
        subject: Path,
        /// What it should be close to.
        target: VectorTarget,
        /// The least similarity; `None` only ranks.
        within: Option<Expr>,
        /// The metric; `None` is cosine.
        metric: Option<MetricRef>,
    },
    /// `h.embedding NEAREST 10 TO [..] USING EUCLIDEAN`
    Nearest {
        /// The embedding asked about.
        subject: Path,
        /// How many.
        k: u64,
        /// What it should be close to; `None` is the embedding of the `FROM HEXAD` entity.
        target: Option<VectorTarget>,
        /// The metric; `None` is cosine.
        metric: Option<MetricRef>,
    },
    /// `WITHIN RADIUS(51.5, -0.12, 5 km)`
    Radius {
        /// Degrees north.
        latitude: Expr,
        /// Degrees east.
        longitude: Expr,
        /// The distance, in `unit`.
        radius: Expr,
        /// The unit written after it; without one the number is kilometers.
        unit: Option<Unit>,
    },
    /// `WITHIN BOUNDS(min_latitude, min_longitude, max_latitude, max_longitude)`
    Bounds {
        /// South.
        min_latitude: Expr,
        /// West.
        min_longitude: Expr,
        /// North.
        max_latitude: Expr,
        /// East.
        max_longitude: Expr,
    },
    /// `NEAREST(51.5, -0.12, 10)`: the `k` places closest to a point.
    NearestPoint {
        /// Degrees north.
        latitude: Expr,
        /// Degrees east.
        longitude: Expr,
        /// How many.
        k: Expr,
    },
    /// `DOCUMENT.year >= 2020`, `DOCUMENT CONTAINS 'x'`, `id IN $ids`
    Comparison {
        /// The left side.
        left: Expr,
        /// What is asked of it.
        test: Test,
    },
    /// `tensor.data SHAPE == [2, 3]`; without a sign it is equality.
    Shape {
        /// The tensor asked about.
        subject: Expr,
        /// The comparison.
        op: CompareOp,
        /// An array.
        shape: Expr,
    },
    /// `tensor.data RANK == 3`; without a sign it is equality.
    Rank {
        /// The tensor asked about.
        subject: Expr,
        /// The comparison.
        op: CompareOp,
        /// A number or parameter.
        rank: Expr,
    },
    /// A function that is itself a condition: `CONTAINS(h.content, 'x')`.
    Predicate(Call),
    /// `HEXAD : { h : Base | condition }`
    Refinement {
        /// The variable.
        variable: Name,
        /// The type it refines.
        base: Name,
        /// What must hold of it.
        condition: Box<Condition>,
    },
    /// `...`: left out by the author of a document; the binder refuses it (`Elided`).
    Elided,
    /// A hole left by a syntax error.
    Error,
}

/// What is asked of the left side of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// `== value`, `< value` ..
    Compare(CompareOp, Expr),
    /// `LIKE 'a%'`
    Like(Expr),
    /// `CONTAINS 'x'`
    Contains(Expr),
    /// `MATCHES /regex/`: [`ExprKind::Regex`] or an expression that gives a regular expression.
    Matches(Expr),
    /// `INCLUDES 'x'`: a list holds the value.
    Includes(Expr),
    /// `IN (a, b)`, `IN [a, b]`
    In(Vec<Expr>),
    /// `IN $list`
    InParam(Param),
    /// `BETWEEN low AND high`
    Between(Expr, Expr),
    /// `IS NULL`
    IsNull,
    /// `IS NOT NULL`
    IsNotNull,
    /// A hole left by a syntax error.
    Error,
}

/// A path through the graph: `nodes.len() == edges.len() + 1`, edge `i` joins node `i` and `i + 1`.
#[derive(Clone, Debug, PartialEq)]
pub struct GraphPattern {
    /// The places.
    pub nodes: Vec<PatternNode>,
    /// What joins them.
    pub edges: Vec<PatternEdge>,
    /// Where.
    pub span: Span,
}

/// `(paper)`, `(?x)`, `()`.
#[derive(Clone, Debug, PartialEq)]
pub struct PatternNode {
    /// The variable; `h` is the hexad of the row. `None` binds nothing.
    pub variable: Option<Name>,
    /// Written with `?`.
    pub question: bool,
    /// Where.
    pub span: Span,
}

/// `-[:CITES*1..3]->`
#[derive(Clone, Debug, PartialEq)]
pub struct PatternEdge {
    /// Which way it points.
    pub direction: Direction,
    /// The predicate.
    pub edge_type: Name,
    /// How many hops; `None` is exactly one.
    pub quantifier: Option<Quantifier>,
    /// Where.
    pub span: Span,
}

/// Which way an edge points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// `-[..]->`
    Out,
    /// `<-[..]-`
    In,
    /// `-[..]-`
    Either,
}

/// How many hops: `*` is 0.., `+` is 1.., `*m..n` and `{m,n}` are both bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quantifier {
    /// At least.
    pub min: u32,
    /// At most; `None` is unbounded.
    pub max: Option<u32>,
    /// Where.
    pub span: Span,
}

/// What an embedding is compared with.
#[derive(Clone, Debug, PartialEq)]
pub struct VectorTarget {
    /// How it is given.
    pub kind: TargetKind,
    /// Where.
    pub span: Span,
}

/// How the other side of a vector comparison is given.
#[derive(Clone, Debug, PartialEq)]
pub enum TargetKind {
    /// `[0.1, 0.2]` or `VECTOR([0.1, 0.2])`: an [`ExprKind::Array`].
    Array(Expr),
    /// `$query`
    Param(Param),
    /// `ENTITY 'id'`: the embedding of another hexad.
    Entity(IdRef),
    /// A variable.
    Variable(Name),
    /// `EMBED('some text')`: an [`ExprKind::Call`].
    Call(Expr),
    /// A hole left by a syntax error.
    Error,
}

/// A metric named in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MetricRef {
    /// Which.
    pub metric: Metric,
    /// Where.
    pub span: Span,
}

/// The metrics of vector conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Metric {
    /// Cosine similarity.
    Cosine,
    /// Euclidean distance.
    Euclidean,
    /// Dot product.
    DotProduct,
    /// Jaccard similarity.
    Jaccard,
}

impl Metric {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Cosine, Self::Euclidean, Self::DotProduct, Self::Jaccard];

    /// The keyword, in capitals.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::Cosine => "COSINE",
            Self::Euclidean => "EUCLIDEAN",
            Self::DotProduct => "DOT_PRODUCT",
            Self::Jaccard => "JACCARD",
        }
    }

    /// Finds a metric by its keyword, in any case.
    pub fn from_keyword(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.keyword().eq_ignore_ascii_case(word))
    }
}

/// A unit of length after a radius.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// `m`
    Meter,
    /// `km`
    Kilometer,
    /// `mi`
    Mile,
}

impl Unit {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Meter, Self::Kilometer, Self::Mile];

    /// How it is written.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Meter => "m",
            Self::Kilometer => "km",
            Self::Mile => "mi",
        }
    }

    /// How many kilometers one of it is.
    pub fn kilometers(self) -> f64 {
        match self {
            Self::Meter => 0.001,
            Self::Kilometer => 1.0,
            Self::Mile => 1.609_344,
        }
    }

    /// Finds a unit by its symbol, in any case.
    pub fn from_symbol(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|u| u.symbol().eq_ignore_ascii_case(word))
    }
}

impl Condition {
    /// The members of a top-level conjunction, parentheses seen through; one member otherwise.
    pub fn conjuncts(&self) -> Vec<&Self> {
        match &self.kind {
            ConditionKind::And(members) => members.iter().flat_map(Self::conjuncts).collect(),
            ConditionKind::Paren(inner) => inner.conjuncts(),
            _ => vec![self],
        }
    }
}

impl Test {
    /// True when the test compares with `==` (or `=`) against a constant.
    pub fn equals_constant(&self) -> Option<&Expr> {
        match self {
            Self::Compare(CompareOp::Equal, value)
                if !matches!(value.kind, ExprKind::Path(_) | ExprKind::Error) =>
            {
                Some(value)
            }
            _ => None,
        }
    }
}
