//! `a AND (a OR b)` is `a`, and so is `a OR (a AND b)`.

use super::{plain, same};
use crate::engine::plan::logical::Filter;

pub(super) fn rewrite(filter: &Filter) -> Option<Filter> {
    let (members, and) = match filter {
        Filter::And(members) => (members, true),
        Filter::Or(members) => (members, false),
        _ => return None,
    };
    let inner = |member: &Filter| match (member, and) {
        (Filter::Or(inner), true) | (Filter::And(inner), false) => Some(inner.clone()),
        _ => None,
    };
    let needless = |member: &Filter| {
        let Some(inner) = inner(member) else { return false };
        plain(member)
            && members
                .iter()
                .any(|other| !same(other, member) && inner.iter().any(|part| same(part, other)))
    };
    if !members.iter().any(needless) {
        return None;
    }
    let rest: Vec<Filter> = members.iter().filter(|m| !needless(m)).cloned().collect();
    Some(if and { Filter::And(rest) } else { Filter::Or(rest) })
}
