//! What is said twice is said once.

use super::same;
use crate::engine::plan::logical::Filter;

pub(super) fn rewrite(filter: &Filter) -> Option<Filter> {
    let (Filter::And(members) | Filter::Or(members)) = filter else { return None };
    let mut once: Vec<Filter> = vec![];
    for member in members {
        if !once.iter().any(|known| same(known, member)) {
            once.push(member.clone());
        }
    }
    if once.len() == members.len() {
        return None;
    }
    Some(if matches!(filter, Filter::And(_)) { Filter::And(once) } else { Filter::Or(once) })
}
