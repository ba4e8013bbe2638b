//! Rewriting a filter into one that means the same and is easier to find rows by: one rule a file.
//!
//! A rule sees one node whose members have been rewritten already and gives another in its place, or
//! nothing. They are tried until none applies. What stands beside a graph pattern shares its variables,
//! so no rule tears a conjunction with a pattern apart.
//!
//! Each rule has its lines in `tests/plan/rules.txt`.

mod absorb;
mod constants;
mod contradictions;
mod duplicates;
mod equalities;
mod flatten;
mod negation;
mod ranges;

use crate::engine::base::Value;
use crate::engine::lang::ast::CompareOp;
use crate::engine::lang::resolve::{FieldRef, Subject};
use crate::engine::plan::access::turned;
use crate::engine::plan::logical::{Filter, Leaf, Scalar, Test};
use crate::engine::plan::variables::mentioned;

/// A rule: another node for this one, or nothing.
type Rule = fn(&Filter) -> Option<Filter>;

/// All rules, by the names plans tell, in the order in which they are tried.
pub const RULES: &[(&str, Rule)] = &[
    ("flatten", flatten::rewrite),
    ("constants", constants::rewrite),
    ("negation", negation::rewrite),
    ("duplicates", duplicates::rewrite),
    ("absorb", absorb::rewrite),
    ("equalities", equalities::rewrite),
    ("ranges", ranges::rewrite),
    ("contradictions", contradictions::rewrite),
];

/// Rewritings of one node at most; each makes a filter smaller or moves a negation inwards.
const ENOUGH: usize = 64;

/// The filter rewritten, and the rules that did it.
pub fn rewrite(filter: &Filter) -> (Filter, Vec<&'static str>) {
    let mut applied = vec![];
    let filter = node(filter, &mut applied);
    applied.sort_unstable();
    applied.dedup();
    (filter, applied)
}

fn node(filter: &Filter, applied: &mut Vec<&'static str>) -> Filter {
    let mut current = match filter {
        Filter::And(members) => Filter::And(members.iter().map(|m| node(m, applied)).collect()),
        Filter::Or(members) => Filter::Or(members.iter().map(|m| node(m, applied)).collect()),
        Filter::Not(inner) => Filter::Not(Box::new(node(inner, applied))),
        leaf @ (Filter::Const(_) | Filter::Leaf(_)) => leaf.clone(),
    };
    for _ in 0..ENOUGH {
        let Some((name, other)) =
            RULES.iter().find_map(|(name, rule)| Some((*name, rule(&current)?)))
        else {
            break;
        };
        applied.push(name);
        // What a rule has made new below may be rewritten as well.
        current = match name {
            "negation" => node(&other, applied),
            _ => other,
        };
    }
    current
}

/// The same but for numbers and places.
fn same(a: &Filter, b: &Filter) -> bool {
    let all =
        |a: &[Filter], b: &[Filter]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b));
    match (a, b) {
        (Filter::Const(a), Filter::Const(b)) => a == b,
        (Filter::And(a), Filter::And(b)) | (Filter::Or(a), Filter::Or(b)) => all(a, b),
        (Filter::Not(a), Filter::Not(b)) => same(a, b),
        (Filter::Leaf(a), Filter::Leaf(b)) => a.test == b.test,
        _ => false,
    }
}

/// Whether a filter has nothing to do with graph patterns and their variables.
fn plain(filter: &Filter) -> bool {
    let mut plain = true;
    mentioned(filter, &mut |_| plain = false);
    filter.each_leaf(&mut |leaf| plain &= !matches!(leaf.test, Test::Pattern(_)));
    plain
}

/// A comparison of a field of the row that has one value with a value of a family that has an order.
struct Comparison<'f> {
    field: &'f FieldRef,
    op: CompareOp,
    value: &'f Value,
    leaf: &'f Leaf,
}

fn comparison(filter: &Filter) -> Option<Comparison<'_>> {
    let Filter::Leaf(leaf) = filter else { return None };
    let Test::Compare(left, op, right) = &leaf.test else { return None };
    let (field, op, value) = match (left, right) {
        (Scalar::Field(field), Scalar::Const(value)) => (field, *op, value),
        (Scalar::Const(value), Scalar::Field(field)) => (field, turned(*op), value),
        _ => return None,
    };
    let single = field.subject == Subject::Row && !field.many;
    (single && ordered(value)).then_some(Comparison { field, op, value, leaf })
}

/// Whether a value is one of those that compare with each other in one way only.
fn ordered(value: &Value) -> bool {
    matches!(value, Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Text(_))
}

#[cfg(test)]
mod tests;
