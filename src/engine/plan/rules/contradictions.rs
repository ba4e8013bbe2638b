//! What cannot be is `FALSE`: `a = 1 AND a = 2`, `a > 5 AND a < 3`, `b AND NOT b`. Then no index is
//! asked and no row read.

use std::cmp::Ordering;

use super::{Comparison, comparison, plain, same};
use crate::engine::lang::ast::CompareOp;
use crate::engine::plan::logical::Filter;

pub(super) fn rewrite(filter: &Filter) -> Option<Filter> {
    let Filter::And(members) = filter else { return None };
    for (at, member) in members.iter().enumerate() {
        for other in &members[at + 1..] {
            let opposite = |a: &Filter, b: &Filter| match a {
                Filter::Not(inner) => plain(inner) && same(inner, b),
                _ => false,
            };
            if opposite(member, other) || opposite(other, member) {
                return Some(Filter::Const(false));
            }
            if let (Some(one), Some(two)) = (comparison(member), comparison(other))
                && one.field == two.field
                && apart(&one, &two)
            {
                return Some(Filter::Const(false));
            }
        }
    }
    None
}

/// Whether no value satisfies both.
fn apart(one: &Comparison<'_>, two: &Comparison<'_>) -> bool {
    use CompareOp::{Equal, Greater, GreaterEqual, Less, LessEqual, NotEqual};
    let Some(order) = one.value.compare(two.value) else { return false };
    match (one.op, two.op) {
        (Equal, op) => !op.accepts(order),
        (op, Equal) => !op.accepts(order.reverse()),
        (Greater | GreaterEqual, Less | LessEqual) => {
            order.is_gt() || order.is_eq() && (one.op == Greater || two.op == Less)
        }
        (Less | LessEqual, Greater | GreaterEqual) => {
            order == Ordering::Less || order.is_eq() && (one.op == Less || two.op == Greater)
        }
        (Greater | GreaterEqual, Greater | GreaterEqual)
        | (Less | LessEqual, Less | LessEqual)
        | (NotEqual, _)
        | (_, NotEqual) => false,
    }
}
