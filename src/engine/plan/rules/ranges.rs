//! Bounds of one field become one: `a > 1 AND a > 3` is `a > 3`, `a >= 1 AND a <= 5` is
//! `a BETWEEN 1 AND 5`.

use std::cmp::Ordering;
use std::sync::Arc;

use super::{Comparison, comparison};
use crate::engine::lang::ast::CompareOp;
use crate::engine::plan::logical::{Filter, Leaf, Scalar, Test};

pub(super) fn rewrite(filter: &Filter) -> Option<Filter> {
    let Filter::And(members) = filter else { return None };
    for (at, member) in members.iter().enumerate() {
        let Some(one) = comparison(member) else { continue };
        for (behind, other) in members.iter().enumerate().skip(at + 1) {
            let Some(two) = comparison(other).filter(|two| two.field == one.field) else {
                continue;
            };
            if let Some(both) = both(&one, &two) {
                let mut rest = members.clone();
                rest.remove(behind);
                rest[at] = match both {
                    Both::This(filter) => filter,
                    Both::Second => other.clone(),
                };
                return Some(Filter::And(rest));
            }
        }
    }
    None
}

/// Two bounds of one field as one.
enum Both {
    /// The second says all of it.
    Second,
    /// This says it.
    This(Filter),
}

/// Two bounds as one, where they can be.
fn both(one: &Comparison<'_>, two: &Comparison<'_>) -> Option<Both> {
    use CompareOp::{Greater, GreaterEqual, Less, LessEqual};
    let order = one.value.compare(two.value)?;
    let leaf = |test| {
        let (number, span) = (one.leaf.number, one.leaf.span.to(two.leaf.span));
        Filter::Leaf(Arc::new(Leaf { number, test, span }))
    };
    let first = || Some(Both::This(leaf(one.leaf.test.clone())));
    match (one.op, two.op) {
        (Greater | GreaterEqual, Greater | GreaterEqual) => match order {
            Ordering::Greater => first(),
            Ordering::Equal if one.op == Greater => first(),
            Ordering::Less | Ordering::Equal => Some(Both::Second),
        },
        (Less | LessEqual, Less | LessEqual) => match order {
            Ordering::Less => first(),
            Ordering::Equal if one.op == Less => first(),
            Ordering::Greater | Ordering::Equal => Some(Both::Second),
        },
        (GreaterEqual, LessEqual) if order.is_le() => Some(Both::This(leaf(between(one, two)))),
        (LessEqual, GreaterEqual) if order.is_ge() => Some(Both::This(leaf(between(two, one)))),
        _ => None,
    }
}

fn between(low: &Comparison<'_>, high: &Comparison<'_>) -> Test {
    let constant = |of: &Comparison<'_>| Scalar::Const(of.value.clone());
    Test::Between(Scalar::Field(Arc::new(low.field.clone())), constant(low), constant(high))
}
