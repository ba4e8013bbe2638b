//! `NOT` moves inwards: `NOT NOT a` is `a`, `NOT (a OR b)` is `NOT a AND NOT b`, and the other way round.
//!
//! It stops at the tests: `NOT a < 5` also holds for what has no `a`, which `a >= 5` does not.

use super::plain;
use crate::engine::plan::logical::Filter;

pub(super) fn rewrite(filter: &Filter) -> Option<Filter> {
    let Filter::Not(inner) = filter else { return None };
    let each = |members: &[Filter]| -> Vec<Filter> {
        members.iter().map(|member| Filter::Not(Box::new(member.clone()))).collect()
    };
    match inner.as_ref() {
        Filter::Not(twice) if plain(twice) => Some(twice.as_ref().clone()),
        Filter::Or(members) if plain(inner) => Some(Filter::And(each(members))),
        Filter::And(members) if plain(inner) => Some(Filter::Or(each(members))),
        _ => None,
    }
}
