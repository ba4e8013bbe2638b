//! What is always so is said once: `a AND TRUE` is `a`, `a OR TRUE` is `TRUE`, `1 < 2` is `TRUE`.

use crate::engine::plan::logical::{Filter, Scalar, Test};

pub(super) fn rewrite(filter: &Filter) -> Option<Filter> {
    match filter {
        Filter::Not(inner) => match inner.as_ref() {
            Filter::Const(holds) => Some(Filter::Const(!holds)),
            _ => None,
        },
        Filter::And(members) => among(members, true),
        Filter::Or(members) => among(members, false),
        Filter::Leaf(leaf) => match &leaf.test {
            Test::Compare(Scalar::Const(a), op, Scalar::Const(b)) => {
                // What does not compare is left to those who know why.
                a.compare(b).map(|order| Filter::Const(op.accepts(order)))
            }
            Test::IsNull(Scalar::Const(value)) => Some(Filter::Const(value.is_null())),
            _ => None,
        },
        Filter::Const(_) => None,
    }
}

/// `neutral` among the members says nothing, its opposite says everything.
fn among(members: &[Filter], neutral: bool) -> Option<Filter> {
    if members.is_empty() || members.contains(&Filter::Const(!neutral)) {
        return Some(Filter::Const(if members.is_empty() { neutral } else { !neutral }));
    }
    if !members.contains(&Filter::Const(neutral)) {
        return None;
    }
    let rest: Vec<Filter> =
        members.iter().filter(|m| **m != Filter::Const(neutral)).cloned().collect();
    Some(if neutral { Filter::And(rest) } else { Filter::Or(rest) })
}
