//! `a = 1 OR a = 2 OR a IN (3, 4)` is `a IN (1, 2, 3, 4)`: one question to the index.

use std::sync::Arc;

use super::{comparison, ordered};
use crate::engine::lang::ast::CompareOp;
use crate::engine::lang::resolve::{FieldRef, Subject};
use crate::engine::plan::logical::{Filter, Leaf, Scalar, Test};

pub(super) fn rewrite(filter: &Filter) -> Option<Filter> {
    let Filter::Or(members) = filter else { return None };
    for (at, member) in members.iter().enumerate() {
        let Some((field, leaf, mut values)) = listed(member) else { continue };
        let mut rest: Vec<Filter> = members[..at].to_vec();
        let place = rest.len();
        let mut merged = false;
        let mut span = leaf.span;
        for other in &members[at + 1..] {
            match listed(other) {
                Some((same, also, more)) if same == field => {
                    merged = true;
                    span = span.to(also.span);
                    for value in more {
                        if !values.contains(&value) {
                            values.push(value);
                        }
                    }
                }
                _ => rest.push(other.clone()),
            }
        }
        if merged {
            let test = Test::In(Scalar::Field(Arc::new(field.clone())), values);
            let leaf = Leaf { number: leaf.number, test, span };
            rest.insert(place, Filter::Leaf(Arc::new(leaf)));
            return Some(Filter::Or(rest));
        }
    }
    None
}

/// The field and the values it has to have one of.
fn listed(filter: &Filter) -> Option<(&FieldRef, &Leaf, Vec<Scalar>)> {
    if let Some(found) = comparison(filter).filter(|found| found.op == CompareOp::Equal) {
        return Some((found.field, found.leaf, vec![Scalar::Const(found.value.clone())]));
    }
    let Filter::Leaf(leaf) = filter else { return None };
    let Test::In(Scalar::Field(field), items) = &leaf.test else { return None };
    let single = field.subject == Subject::Row && !field.many;
    let simple = items.iter().all(|item| item.constant().is_some_and(ordered));
    (single && simple).then(|| (field.as_ref(), leaf.as_ref(), items.clone()))
}
