//! `a AND (b AND c)` is `a AND b AND c`, and so for `OR`; of one member nothing but the member is left.

use crate::engine::plan::logical::Filter;

pub(super) fn rewrite(filter: &Filter) -> Option<Filter> {
    let (members, and) = match filter {
        Filter::And(members) => (members, true),
        Filter::Or(members) => (members, false),
        _ => return None,
    };
    let nested = |member: &Filter| match member {
        Filter::And(_) => and,
        Filter::Or(_) => !and,
        _ => false,
    };
    if members.len() == 1 {
        return members.first().cloned();
    }
    if !members.iter().any(nested) {
        return None;
    }
    let mut flat = vec![];
    for member in members {
        match member {
            Filter::And(inner) if and => flat.extend(inner.iter().cloned()),
            Filter::Or(inner) if !and => flat.extend(inner.iter().cloned()),
            other => flat.push(other.clone()),
        }
    }
    Some(if and { Filter::And(flat) } else { Filter::Or(flat) })
}
