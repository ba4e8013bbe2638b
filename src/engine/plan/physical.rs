//! How the rows of a query are found: which indexes are asked, in which order, and what is left to
//! ask of every row.

use crate::engine::plan::access::{self, Access, Facts};
use crate::engine::plan::logical::{Filter, Select, Test};

/// The way chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Rows of the source.
    pub total: u64,
    /// Indexes asked, cheapest first.
    pub steps: Vec<Step>,
    /// Conjuncts that no index answers for good: asked of every row that is left.
    pub residual: Vec<usize>,
    /// About how many rows are left after the steps.
    pub rows: u64,
}

/// One index asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The conjunct it is about.
    pub conjunct: usize,
    /// The question.
    pub access: Access,
    /// About how many rows the answer has.
    pub estimate: u64,
    /// The conjunct need not be asked again.
    pub exact: bool,
    /// Nor these others.
    pub settles: Vec<usize>,
}

impl Step {
    /// The conjuncts that need not be asked again.
    pub fn answered(&self) -> impl Iterator<Item = usize> {
        std::iter::once(self.conjunct).chain(self.settles.iter().copied())
    }
}

/// Chooses. `estimate` tells about how many rows an access has.
pub fn choose(
    filter: &Filter,
    facts: &Facts,
    total: u64,
    estimate: &mut dyn FnMut(&Access) -> u64,
) -> Plan {
    let mut steps = vec![];
    let mut residual = vec![];
    let members = access::members(filter, facts);
    let settled: Vec<usize> = members.iter().flat_map(|m| m.settles.iter().copied()).collect();
    for (conjunct, access::Member { access, settles }) in members.into_iter().enumerate() {
        if settled.contains(&conjunct) {
            continue;
        }
        let exact = access::exact(&access);
        if !exact && !filter.conjuncts().get(conjunct).is_some_and(only_ranks) {
            residual.push(conjunct);
        }
        if access == Access::All {
            continue;
        }
        let estimate = estimate(&access);
        // An answer that leaves nearly everything and settles nothing is not worth asking for.
        if exact || estimate < total - total / 8 {
            steps.push(Step { conjunct, access, estimate, exact, settles });
        }
    }
    steps.sort_by_key(|step| step.estimate);
    // Independence is assumed, and that is all there is to assume.
    let share = |step: &Step| step.estimate.min(total) as f64 / total.max(1) as f64;
    let rows = steps.iter().map(share).product::<f64>() * total as f64;
    Plan { total, steps, residual, rows: (rows.ceil() as u64).min(total) }
}

/// The filter without the conjuncts that let only the best pass: those come last.
pub fn without_limits(filter: &Filter) -> Filter {
    if !filter.conjuncts().iter().any(limits) {
        return filter.clone();
    }
    Filter::all(filter.conjuncts().iter().filter(|m| !limits(m)).cloned().collect())
}

/// True for a similarity without a threshold: the ranking finds exactly the rows it holds for.
pub fn only_ranks(member: &Filter) -> bool {
    match member {
        Filter::Leaf(leaf) => match &leaf.test {
            Test::Similar(search) => {
                search.subject == crate::engine::lang::resolve::Subject::Row
                    && search.nearest.is_none()
                    && search.within.is_none()
            }
            _ => false,
        },
        _ => false,
    }
}

/// True for a top-level conjunct that lets only the k best pass.
fn limits(member: &Filter) -> bool {
    match member {
        Filter::Leaf(leaf) => match &leaf.test {
            Test::Similar(search) => {
                search.subject == crate::engine::lang::resolve::Subject::Row
                    && search.nearest.is_some()
            }
            Test::NearestPoint { .. } => true,
            _ => false,
        },
        _ => false,
    }
}

/// True when the answer is the number of rows and nothing else has to be known of them.
pub fn only_counts(select: &Select) -> bool {
    select.grouped
        && select.group.is_empty()
        && select.having == Filter::Const(true)
        && select.order.is_empty()
        && !select.aggregates.is_empty()
        && select.aggregates.iter().all(|a| {
            a.value.is_none() && a.function == crate::engine::lang::ast::AggregateFn::Count
        })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::engine::base::{Modality, Span};
    use crate::engine::plan::logical::Leaf;

    fn exists(modality: Modality) -> Filter {
        let number = modality as usize;
        let test = Test::Exists(modality);
        Filter::Leaf(Arc::new(Leaf { number, test, span: Span::default() }))
    }

    fn drift() -> Filter {
        let test = Test::DriftAny(None);
        Filter::Leaf(Arc::new(Leaf { number: 99, test, span: Span::default() }))
    }

    #[test]
    fn the_cheapest_index_is_asked_first_and_the_rest_is_left_to_the_rows() {
        let filter = Filter::And(vec![exists(Modality::Graph), drift(), exists(Modality::Vector)]);
        let mut estimate = |access: &Access| match access {
            Access::Probe(probe) if probe.leaf.number == Modality::Vector as usize => 10,
            _ => 500,
        };
        let plan = choose(&filter, &Facts::default(), 1000, &mut estimate);
        let order: Vec<usize> = plan.steps.iter().map(|s| s.conjunct).collect();
        assert_eq!(order, [2, 0]);
        assert_eq!(plan.residual, [1]);
        assert_eq!(plan.rows, 5);
    }

    #[test]
    fn or_needs_an_index_on_both_sides() {
        let facts = Facts::default();
        let both = Filter::Or(vec![exists(Modality::Graph), exists(Modality::Vector)]);
        assert!(access::exact(&access::access(&both, &facts)));
        let one = Filter::Or(vec![exists(Modality::Graph), drift()]);
        assert_eq!(access::access(&one, &facts), Access::All);
    }

    #[test]
    fn not_needs_an_exact_answer() {
        let facts = Facts::default();
        let not = Filter::Not(Box::new(exists(Modality::Graph)));
        assert!(matches!(access::access(&not, &facts), Access::Not(_)));
        let not = Filter::Not(Box::new(drift()));
        assert_eq!(access::access(&not, &facts), Access::All);
    }
}
