//! A plan for other values of the same statement: the same indexes in the same order, asked for the new
//! values. Nothing is weighed.
//!
//! Whatever the values, the answer is the same as with any other plan: each index is asked what the new
//! condition means, and every condition that no index answers for good is asked of the rows. Where the
//! new values do not allow the same questions, there is no such plan.

use std::mem::discriminant;

use crate::engine::plan::access::{self, Access, Ask, Facts};
use crate::engine::plan::logical::Filter;
use crate::engine::plan::physical::{Plan, Step, Why, only_ranks};

/// The plan for `filter`, which is the condition `plan` was made for but for its values.
pub fn again(plan: &Plan, filter: &Filter, facts: &Facts, total: u64) -> Option<Plan> {
    let conjuncts = filter.conjuncts();
    let members = access::members(filter, facts);
    let mut steps = Vec::with_capacity(plan.steps.len());
    for step in &plan.steps {
        let member = members.get(step.conjunct)?;
        let same = alike(&member.access, &step.access)
            && access::exact(&member.access) == access::exact(&step.access)
            && member.settles == step.settles;
        if !same {
            return None;
        }
        steps.push(Step { access: member.access.clone(), ..step.clone() });
    }
    // Nothing may be left out.
    for (number, conjunct) in conjuncts.iter().enumerate() {
        let answered = steps.iter().any(|s| s.exact && s.answered().any(|c| c == number));
        let ranked = plan.choices.iter().any(|c| c.conjunct == number && c.why == Why::Ranked);
        let asked = answered || ranked || plan.residual.contains(&number) || only_ranks(conjunct);
        if !asked || members.get(number).is_none_or(|m| m.access == Access::Nothing) {
            return None;
        }
    }
    if plan.residual.iter().any(|number| *number >= conjuncts.len()) {
        return None;
    }
    Some(Plan { total, steps, ..plan.clone() })
}

/// True when two plans ask the same indexes in the same order and go on in the same way.
pub fn same_shape(one: &Plan, other: &Plan) -> bool {
    shape(one).eq(shape(other))
        && one.residual == other.residual
        && one.finish == other.finish
        && discriminant(&one.search) == discriminant(&other.search)
}

/// The indexes a plan asks: for which conjunct, and whether for good.
pub fn shape(plan: &Plan) -> impl Iterator<Item = (usize, bool)> + '_ {
    plan.steps.iter().map(|step| (step.conjunct, step.exact))
}

/// True when two questions go to the same indexes.
fn alike(one: &Access, other: &Access) -> bool {
    match (one, other) {
        (Access::All, Access::All) | (Access::Nothing, Access::Nothing) => true,
        (Access::And(a), Access::And(b)) | (Access::Or(a), Access::Or(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| alike(a, b))
        }
        (Access::Not(a), Access::Not(b)) => alike(a, b),
        (Access::Probe(a), Access::Probe(b)) => {
            let same = match (&a.ask, &b.ask) {
                (Ask::FieldIn(a, _), Ask::FieldIn(b, _))
                | (Ask::FieldRange(a, ..), Ask::FieldRange(b, ..)) => a == b,
                (Ask::Pattern(a), Ask::Pattern(b)) => {
                    a.iter().map(|(name, _)| name).eq(b.iter().map(|(name, _)| name))
                }
                (Ask::Present(a), Ask::Present(b)) => a == b,
                (a, b) => discriminant(a) == discriminant(b),
            };
            same && a.exact == b.exact
        }
        _ => false,
    }
}
