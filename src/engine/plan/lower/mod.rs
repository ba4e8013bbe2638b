//! From the syntax tree to the algebra: names resolved, parameters filled in, contracts opened.
//!
//! The checker has been over the statement before, so most failures here are about values only
//! known now: parameters. What the algebra has no word for is refused here by name; nothing is left
//! out in silence.

mod condition;
mod expr;
mod query;

pub use condition::numbers;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::engine::base::{Error, Kind, Result, Span, Timestamp, Value};
use crate::engine::lang::ast::{
    Condition, GraphPattern, IdKind, IdRef, Param, Query, TimeKind, TimeRef,
};
use crate::engine::lang::resolve::Scope;
use crate::engine::lang::resolve::instants::When;
use crate::engine::lang::resolve::walk::{self, Met};
use crate::engine::outcome::Params;

/// How deep contracts may name contracts.
const CONTRACT_DEPTH: usize = 16;

/// A contract as lowering needs it.
#[derive(Clone, Debug)]
pub struct Contract {
    /// What must hold of a hexad.
    pub condition: Condition,
    /// Values for its parameters where `SATISFIES` gives none.
    pub defaults: BTreeMap<String, Value>,
}

/// Finds a contract by name.
pub type Contracts<'a> = &'a dyn Fn(&str) -> Option<Contract>;

/// Embeds a text with the embedder of a name, or the default one; gives the name as well.
pub type Embed<'a> = &'a dyn Fn(Option<&str>, &str) -> Result<(String, Arc<[f32]>)>;

/// What lowering counts over a whole statement.
#[derive(Debug, Default)]
pub struct Counts {
    leaves: Cell<usize>,
    used: RefCell<BTreeSet<String>>,
}

/// Lowers statements.
pub struct Lowering<'a> {
    /// The text spans point into.
    pub text: &'a str,
    /// The values of parameters.
    pub params: &'a Params,
    /// The instant the statement runs at.
    pub now: Timestamp,
    /// The contracts there are.
    pub contracts: Contracts<'a>,
    /// What makes vectors of texts.
    pub embed: Embed<'a>,
    scope: Scope,
    row_is_first: bool,
    leaves: &'a Cell<usize>,
    /// Parameters that were asked for.
    used: &'a RefCell<BTreeSet<String>>,
    depth: usize,
    /// A contract is being opened: spans are those of its use.
    inside: Option<Span>,
}

impl<'a> Lowering<'a> {
    /// Of one statement.
    pub fn new(
        text: &'a str,
        params: &'a Params,
        now: Timestamp,
        contracts: Contracts<'a>,
        embed: Embed<'a>,
        counts: &'a Counts,
    ) -> Self {
        let scope = Scope::default();
        let (depth, inside, row_is_first) = (0, None, false);
        let Counts { leaves, used } = counts;
        Self {
            text,
            params,
            now,
            contracts,
            embed,
            scope,
            row_is_first,
            leaves,
            used,
            depth,
            inside,
        }
    }

    /// The same with other variables.
    #[must_use]
    pub fn with_scope(&self, scope: Scope, patterns: &[&GraphPattern]) -> Self {
        // Where no place of a pattern is named, its first one is the row.
        let row_is_first =
            !patterns.iter().flat_map(|p| &p.nodes).any(|node| node.variable.is_some());
        Self {
            text: self.text,
            params: self.params,
            now: self.now,
            contracts: self.contracts,
            embed: self.embed,
            scope,
            row_is_first,
            leaves: self.leaves,
            used: self.used,
            depth: self.depth,
            inside: self.inside,
        }
    }

    /// The same with the variables of a condition that stands alone.
    #[must_use]
    pub fn scoped(&self, condition: Option<&Condition>) -> Self {
        self.with_scope(Scope::of_condition(condition), &patterns(condition))
    }

    /// The same with the variables of a query.
    #[must_use]
    pub fn scoped_query(&self, query: &Query) -> Self {
        self.with_scope(Scope::of_query(query), &patterns(query.condition.as_ref()))
    }

    fn at(&self, span: Span) -> Span {
        self.inside.unwrap_or(span)
    }

    /// The value of a parameter.
    pub fn param(&self, param: &Param) -> Result<Value> {
        self.used.borrow_mut().insert(param.name.clone());
        self.params.get(&param.name).cloned().ok_or_else(|| {
            let message = format!("parameter ${} has no value", param.name);
            Error::new(Kind::MissingParameter, message).at(self.at(param.span))
        })
    }

    /// The text in an id position.
    pub fn id(&self, id: &IdRef) -> Result<String> {
        match &id.kind {
            IdKind::Word(text) | IdKind::Text(text) => Ok(text.clone()),
            IdKind::Param(param) => match self.param(param)? {
                Value::Text(text) => Ok(text),
                Value::Int(n) => Ok(n.to_string()),
                other => Err(self.wrong_parameter(param, "text", &other)),
            },
        }
    }

    /// An instant.
    pub fn instant(&self, time: &TimeRef) -> Result<Timestamp> {
        self.time_kind(&time.kind, time.span)
    }

    fn time_kind(&self, kind: &TimeKind, span: Span) -> Result<Timestamp> {
        let text = match kind {
            TimeKind::Instant(instant) => return Ok(*instant),
            TimeKind::Text(text) => text.clone(),
            TimeKind::Param(param) => match self.param(param)? {
                Value::Time(instant) => return Ok(instant),
                Value::Text(text) => text,
                other => return Err(self.wrong_parameter(param, "an instant", &other)),
            },
        };
        When::parse(&text).map(|when| when.resolve(self.now)).ok_or_else(|| {
            Error::new(Kind::InvalidTimestamp, format!("`{text}` is not an instant"))
                .at(self.at(span))
                .hint("write ISO 8601, or `now`, `yesterday`, `last 7 days`, `last 24 hours`")
        })
    }

    fn wrong_parameter(&self, param: &Param, wanted: &str, got: &Value) -> Error {
        let message = format!(
            "parameter ${} should be {wanted}, not a value of type {}",
            param.name,
            got.type_name()
        );
        Error::new(Kind::InvalidParameter, message).at(self.at(param.span))
    }

    fn number_leaf(&self) -> usize {
        let number = self.leaves.get();
        self.leaves.set(number + 1);
        number
    }

    fn refuse<T>(&self, construct: &str, span: Span) -> Result<T> {
        Err(Error::not_supported(construct, self.at(span)))
    }

    fn wrong<T>(&self, kind: Kind, message: impl Into<String>, span: Span) -> Result<T> {
        Err(Error::new(kind, message).at(self.at(span)))
    }
}

/// The graph patterns of a condition.
fn patterns(condition: Option<&Condition>) -> Vec<&GraphPattern> {
    let mut found = vec![];
    if let Some(condition) = condition {
        walk::condition(condition, &mut |met| {
            if let Met::Pattern(pattern) = met {
                found.push(pattern);
            }
        });
    }
    found
}
