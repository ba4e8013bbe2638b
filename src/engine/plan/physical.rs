//! How the rows of a query are found: which indexes are asked, in which order, and what is left to
//! ask of every row. The choosing is done in [`crate::engine::plan::choose`].

use std::fmt;

use crate::engine::plan::access::Access;
use crate::engine::plan::cost::{Cost, Estimate};
use crate::engine::plan::logical::{Filter, Leaf, Select, Test};

/// The way chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Rows of the source.
    pub total: u64,
    /// Indexes asked, in this order.
    pub steps: Vec<Step>,
    /// Conjuncts that no index answers for good: asked of every row that is left, in this order.
    pub residual: Vec<usize>,
    /// About how many rows are left after the steps.
    pub rows: u64,
    /// How the answer is made of them.
    pub finish: Finish,
    /// What reading and testing them comes to; its rows are those that pass.
    pub reading: Estimate,
    /// What ranking comes to, where something ranks.
    pub ranking: Option<Estimate>,
    /// How the nearest vectors are searched, where that is asked.
    pub search: Search,
    /// What finding, testing and ranking cost together.
    pub cost: Cost,
    /// The rules that rewrote the filter before.
    pub rules: Vec<&'static str>,
    /// For each conjunct why an index is asked, or not.
    pub choices: Vec<Choice>,
    /// Other ways that were considered, the cheapest first. The chosen one is not among them.
    pub alternatives: Vec<Alternative>,
}

/// One index asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The conjunct it is about.
    pub conjunct: usize,
    /// The question.
    pub access: Access,
    /// About how many rows the answer has, of all rows of the source.
    pub estimate: u64,
    /// The conjunct need not be asked again.
    pub exact: bool,
    /// Other conjuncts that need not be asked again when this one was answered.
    pub settles: Vec<usize>,
    /// What is expected of it where it stands.
    pub expected: Estimate,
}

/// How rows become the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Finish {
    /// All of them are tested; those that pass are ranked or sorted.
    #[default]
    TestAll,
    /// They are tested in the order of their ids until there are enough.
    TestUntilEnough,
    /// They are ranked first and tested best first, until there are enough.
    RankFirst,
}

impl fmt::Display for Finish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TestAll => "every row that is left is tested",
            Self::TestUntilEnough => {
                "rows are tested in the order of their ids until there are enough"
            }
            Self::RankFirst => "rows are tested best first until there are enough",
        })
    }
}

/// How the nearest vectors are searched.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Search {
    /// No vector is searched by nearness.
    #[default]
    None,
    /// Every candidate is compared: nothing is missed.
    Exact,
    /// The graph of the vectors proposes; about this share of the nearest is found.
    Approximate(f64),
}

/// Why an index is asked for a conjunct, or not.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// The conjunct.
    pub conjunct: usize,
    /// Why.
    pub why: Why,
}

/// The reasons.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Why {
    /// The index is asked: without it the query would cost so many microseconds more.
    Saves(f64),
    /// There is an index, but asking it would cost so many microseconds more than testing the rows.
    Costs(f64),
    /// No index answers such a condition.
    NoIndex,
    /// It is answered together with another conjunct.
    Settled,
    /// The ranking answers it.
    Ranked,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Saves(micros) => write!(f, "asking the index saves {}", Micros(*micros)),
            Self::Costs(micros) => {
                write!(f, "asking the index would cost {} more", Micros(*micros))
            }
            Self::NoIndex => f.write_str("no index answers it"),
            Self::Settled => f.write_str("answered together with the pattern"),
            Self::Ranked => f.write_str("answered by the ranking"),
        }
    }
}

/// Microseconds, in a unit that reads well.
#[derive(Clone, Copy, Debug)]
pub struct Micros(pub f64);

impl fmt::Display for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            micros if micros >= 1_000_000.0 => write!(f, "{:.1} s", micros / 1_000_000.0),
            micros if micros >= 1000.0 => write!(f, "{:.1} ms", micros / 1000.0),
            micros if micros >= 10.0 => write!(f, "{micros:.0} us"),
            micros => write!(f, "{micros:.1} us"),
        }
    }
}

/// A way that was considered and not taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Alternative {
    /// The conjuncts for which an index would be asked, in order.
    pub steps: Vec<usize>,
    /// How the answer would be made.
    pub finish: Finish,
    /// What it would cost.
    pub cost: Cost,
    /// Rows left after its steps.
    pub rows: u64,
}

impl Step {
    /// The conjuncts that need not be asked again.
    pub fn answered(&self) -> impl Iterator<Item = usize> {
        std::iter::once(self.conjunct).chain(self.settles.iter().copied())
    }
}

/// What a query wants of its rows, as far as the plan depends on it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Goal {
    /// So many in the order of the ids, or in that of the one ranking, are enough.
    pub need: Option<u64>,
    /// What ranks the rows.
    pub rankings: Vec<std::sync::Arc<Leaf>>,
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
    use crate::engine::plan::access::{self, Facts};

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
