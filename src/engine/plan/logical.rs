//! The algebra a query is lowered to: names resolved, parameters filled in, contracts opened.
//!
//! A [`Filter`] is two-valued. A comparison with a missing value is false, and `NOT` is the
//! complement: `NOT DOCUMENT.year > 2020` holds for a document without a year. So every filter and
//! its negation divide the rows in two, and sets of candidates may be complemented.

use std::sync::Arc;

use crate::engine::base::{HexadId, Modality, Span, Timestamp, Value};
use crate::engine::lang::ast::{AggregateFn, CompareOp, Direction, Metric};
use crate::engine::lang::resolve::functions::Function;
use crate::engine::lang::resolve::{FieldRef, Subject};

/// A query, ready to be planned.
#[derive(Clone, Debug, PartialEq)]
pub struct Select {
    /// Which rows there are before any condition.
    pub source: Source,
    /// Which state of them.
    pub when: When,
    /// Which of them.
    pub filter: Filter,
    /// Columns, in order.
    pub items: Vec<Item>,
    /// Keys of the groups; empty for no grouping, or one group over everything.
    pub group: Vec<Scalar>,
    /// Aggregates over each group, wherever the query needs them.
    pub aggregates: Vec<Aggregate>,
    /// Rows are groups.
    pub grouped: bool,
    /// Which groups.
    pub having: Filter,
    /// In which order.
    pub order: Vec<Order>,
    /// How many at most; `None` when the query does not say.
    pub limit: Option<u64>,
    /// How many are passed over first.
    pub offset: u64,
    /// How much drift among the rows it puts up with; `None` for any.
    pub tolerance: Option<Tolerance>,
    /// `WITH DRIFT REPAIR`, where it stands: the rows are brought back together before they are
    /// answered.
    pub repair: Option<Span>,
    /// `id` was put in front by the rules of projection, not by the writer.
    pub id_added: bool,
}

/// `WITH DRIFT STRICT`, `WITH DRIFT TOLERANCE 0.1`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tolerance {
    /// The share of the rows that may have drifted.
    pub share: f64,
    /// Where it stands.
    pub span: Span,
}

/// Which rows there are before any condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// All hexads.
    All,
    /// One hexad, if it exists.
    One(HexadId),
    /// The hexads that have this modality: a store named after it.
    Having(Modality),
    /// Stored queries: hexads whose document has the type `vql_query`.
    Reflect,
}

/// Which state the rows are read in.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum When {
    /// The present one.
    #[default]
    Now,
    /// As of this instant.
    At(Timestamp),
    /// Each hexad in its version of this number or name.
    Version(String, Span),
    /// Every version that was valid between the two instants: one row each.
    Between(Timestamp, Timestamp),
}

/// One column of the answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Scalar,
    /// Where it was asked for.
    pub span: Span,
}

/// One key of the order.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// By what.
    pub value: Scalar,
    /// Greatest first.
    pub descending: bool,
    /// Missing values before all others.
    pub nulls_first: bool,
    /// Where.
    pub span: Span,
}

/// An aggregate over a group.
#[derive(Clone, Debug, PartialEq)]
pub struct Aggregate {
    /// Which function.
    pub function: AggregateFn,
    /// Each value once.
    pub distinct: bool,
    /// Over what; `None` is over rows.
    pub value: Option<Scalar>,
    /// Where.
    pub span: Span,
}

/// A condition of a row: true or false, never in between.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// Always so.
    Const(bool),
    /// All of them. The variables of graph patterns are shared by all members and whatever is
    /// nested in them: one binding must satisfy all.
    And(Vec<Filter>),
    /// At least one of them.
    Or(Vec<Filter>),
    /// Not this one.
    Not(Box<Filter>),
    /// One test.
    Leaf(Arc<Leaf>),
}

/// One test of a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Leaf {
    /// Its number in the query, for what execution prepares once for each.
    pub number: usize,
    /// What is tested.
    pub test: Test,
    /// Where it stands.
    pub span: Span,
}

/// The tests.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// `left op right`
    Compare(Scalar, CompareOp, Scalar),
    /// `LIKE`
    Like(Scalar, Scalar),
    /// `CONTAINS`: text in text without regard to case, or a value in a list.
    Contains(Scalar, Scalar),
    /// `MATCHES`: a regular expression.
    Matches(Scalar, Scalar),
    /// `INCLUDES`: a value in a list.
    Includes(Scalar, Scalar),
    /// `IN`: one of the values, lists opened.
    In(Scalar, Vec<Scalar>),
    /// `BETWEEN low AND high`
    Between(Scalar, Scalar, Scalar),
    /// `IS NULL`
    IsNull(Scalar),
    /// The hexad has the modality.
    Exists(Modality),
    /// `DRIFT(a, b) op value`
    Drift(Modality, Modality, CompareOp, Scalar),
    /// Any score over its threshold, or over this one.
    DriftAny(Option<f64>),
    /// `CONSISTENT(a, b) USING metric op value`
    Consistent(Modality, Modality, Metric, CompareOp, Scalar),
    /// `SATISFIES`: the condition of a contract, its parameters filled in.
    Contract(String, Filter),
    /// `HAS PROOF`
    HasProof(String),
    /// `VERIFIED BY`
    VerifiedBy(String),
    /// `MODIFIED BY`
    ModifiedBy(String),
    /// `FULLTEXT CONTAINS`, or the any-word search of `SEARCH TEXT`.
    FullText(TextSearch),
    /// `FULLTEXT MATCHES`
    FullTextMatches(String),
    /// `SIMILAR TO`
    Similar(VectorSearch),
    /// `WITHIN RADIUS`
    Radius(Circle),
    /// `WITHIN BOUNDS`
    Bounds(BoundingBox),
    /// `NEAREST(latitude, longitude, k)`
    NearestPoint {
        /// Degrees north.
        latitude: f64,
        /// Degrees east.
        longitude: f64,
        /// How many.
        k: u64,
    },
    /// A graph pattern.
    Pattern(Pattern),
    /// `SHAPE op [..]`
    Shape(CompareOp, Vec<u64>),
    /// `RANK op n`
    Rank(CompareOp, Scalar),
    /// An expression that is true.
    True(Scalar),
    /// `HEXAD : { v : Type | .. }`: the hexad is of this type.
    OfType(Subject, String),
}

/// A full-text search.
#[derive(Clone, Debug, PartialEq)]
pub struct TextSearch {
    /// The query as written.
    pub query: String,
    /// Any of the words is enough (`SEARCH TEXT`).
    pub any_word: bool,
}

/// A search by similarity.
#[derive(Clone, Debug, PartialEq)]
pub struct VectorSearch {
    /// Whose embedding.
    pub subject: Subject,
    /// The name of the embedding.
    pub embedding: String,
    /// What it should be close to.
    pub target: VectorTarget,
    /// How closeness is measured.
    pub metric: Metric,
    /// The least similarity that counts.
    pub within: Option<f64>,
    /// `NEAREST k`: only so many.
    pub nearest: Option<u64>,
}

/// The other side of a similarity.
#[derive(Clone, Debug, PartialEq)]
pub enum VectorTarget {
    /// These numbers.
    Numbers(Arc<[f32]>),
    /// The embedding of this hexad, which is itself left out.
    Entity(String),
}

/// A circle on the sphere.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Circle {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// Its radius.
    pub kilometers: f64,
}

/// A box of latitudes and longitudes; `west > east` crosses the antimeridian.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BoundingBox {
    /// Least latitude.
    pub south: f64,
    /// First longitude.
    pub west: f64,
    /// Greatest latitude.
    pub north: f64,
    /// Last longitude.
    pub east: f64,
}

/// A path through the graph; edge `i` joins node `i` and node `i + 1`.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    /// The places.
    pub nodes: Vec<Node>,
    /// What joins them.
    pub edges: Vec<PatternEdge>,
}

/// One place of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// The hexad of the row.
    Row,
    /// A variable.
    Variable(String),
    /// Any hexad, remembered by nobody.
    Anonymous,
}

/// One edge of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternEdge {
    /// The predicate.
    pub predicate: String,
    /// Which way.
    pub direction: Direction,
    /// Least number of hops.
    pub min: u32,
    /// Greatest number of hops; `None` is unbounded.
    pub max: Option<u32>,
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    /// A constant.
    Const(Value),
    /// A field of the row or of a bound hexad.
    Field(Arc<FieldRef>),
    /// A function.
    Call(Function, Vec<Scalar>, Span),
    /// A list of values.
    Array(Vec<Scalar>),
    /// A first term and signed others.
    Sum(Box<Scalar>, Vec<(bool, Scalar)>, Span),
    /// A length of time in microseconds.
    Interval(i64),
    /// A modality as an argument.
    Modality(Modality),
    /// A metric as an argument.
    Metric(Metric),
    /// The drift scores of the hexad.
    DriftScores,
    /// Only these fields of a modality.
    Part(Modality, Vec<String>),
    /// The bindings of a pattern, as a list of maps.
    Bindings(Arc<Pattern>),
    /// Key number `n` of the group.
    Key(usize),
    /// Aggregate number `n` of the group.
    Aggregate(usize),
}

impl Scalar {
    /// The constant, when it is one.
    pub fn constant(&self) -> Option<&Value> {
        match self {
            Self::Const(value) => Some(value),
            _ => None,
        }
    }
}

impl Filter {
    /// The members of a conjunction; the filter itself when it is none.
    pub fn conjuncts(&self) -> &[Self] {
        match self {
            Self::And(members) => members,
            Self::Const(true) => &[],
            other => std::slice::from_ref(other),
        }
    }

    /// All of `members`, flattened.
    pub fn all(members: Vec<Self>) -> Self {
        let mut flat = vec![];
        for member in members {
            match member {
                Self::And(inner) => flat.extend(inner),
                Self::Const(true) => {}
                other => flat.push(other),
            }
        }
        match flat.len() {
            0 => Self::Const(true),
            1 => flat.pop().unwrap_or(Self::Const(true)),
            _ => Self::And(flat),
        }
    }

    /// Calls `visit` with every leaf, contracts opened.
    pub fn each_leaf<'a>(&'a self, visit: &mut dyn FnMut(&'a Leaf)) {
        match self {
            Self::Const(_) => {}
            Self::And(members) | Self::Or(members) => {
                for member in members {
                    member.each_leaf(visit);
                }
            }
            Self::Not(inner) => inner.each_leaf(visit),
            Self::Leaf(leaf) => {
                visit(leaf);
                if let Test::Contract(_, inner) = &leaf.test {
                    inner.each_leaf(visit);
                }
            }
        }
    }
}
