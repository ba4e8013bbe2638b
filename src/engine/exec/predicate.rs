//! What a transaction asked, kept until it ends: would the answer be made of other rows now?
//!
//! A query whose condition looks at nothing but the hexad itself is asked again only of the hexads
//! that others changed. Whatever looks further (patterns, rankings, drift, functions) may depend on
//! any of them: then any change counts.

use std::rc::Rc;

use crate::engine::base::{Iid, Modality, Result};
use crate::engine::exec::context::Context;
use crate::engine::exec::entity::Entity;
use crate::engine::exec::eval::{self, Env};
use crate::engine::exec::row::Row;
use crate::engine::exec::{rank, select};
use crate::engine::lang::resolve::registry::Virtual;
use crate::engine::lang::resolve::{Place, Pseudo, Subject};
use crate::engine::plan::logical::{Filter, Scalar, Select, Source, Test, When};

/// One query of a transaction.
#[derive(Clone, Debug)]
pub struct Predicate {
    select: Select,
    local: bool,
}

impl Predicate {
    /// What `select` asked. Of the past nothing is asked again: a commit may have been given its time
    /// before that instant and still be on its way.
    pub fn of(select: &Select) -> Self {
        let local = select.when == When::Now
            && rank::rankings(&select.filter, &select.when).is_empty()
            && filter_is_local(&select.filter)
            && select.items.iter().all(|item| is_local(&item.value))
            && select.group.iter().all(is_local)
            && select.order.iter().all(|key| is_local(&key.value))
            && select.aggregates.iter().all(|a| a.value.as_ref().is_none_or(is_local));
        Self { select: select.clone(), local }
    }

    /// Whether only a changed hexad itself can change the answer.
    pub fn is_local(&self) -> bool {
        self.local
    }

    /// Whether the hexad is one of the rows.
    pub fn holds(&self, ctx: &Context<'_>, iid: Iid) -> Result<bool> {
        let Some(entity) = Entity::now(ctx.view, iid)? else { return Ok(false) };
        if entity.header().deleted_at.is_some() {
            return Ok(false);
        }
        if let Source::One(id) = &self.select.source
            && entity.id() != id
        {
            return Ok(false);
        }
        let row = Row::of(Rc::new(entity));
        Ok(select::of_source(&self.select.source, &row)?
            && eval::holds(ctx, &self.select.filter, &Env::of(&row))?)
    }
}

/// Whether a condition looks at nothing but the hexad itself.
pub fn filter_is_local(filter: &Filter) -> bool {
    match filter {
        Filter::Const(_) => true,
        Filter::And(members) | Filter::Or(members) => members.iter().all(filter_is_local),
        Filter::Not(inner) => filter_is_local(inner),
        Filter::Leaf(leaf) => test_is_local(&leaf.test),
    }
}

fn test_is_local(test: &Test) -> bool {
    match test {
        Test::Compare(left, _, right)
        | Test::Like(left, right)
        | Test::Contains(left, right)
        | Test::Matches(left, right)
        | Test::Includes(left, right) => is_local(left) && is_local(right),
        Test::In(left, items) => is_local(left) && items.iter().all(is_local),
        Test::Between(left, low, high) => [left, low, high].into_iter().all(is_local),
        Test::IsNull(scalar) | Test::True(scalar) | Test::Rank(_, scalar) => is_local(scalar),
        Test::Exists(_)
        | Test::HasProof(_)
        | Test::VerifiedBy(_)
        | Test::ModifiedBy(_)
        | Test::FullText(_)
        | Test::FullTextMatches(_)
        | Test::Radius(_)
        | Test::Bounds(_)
        | Test::Shape(..) => true,
        Test::Contract(_, inner) => filter_is_local(inner),
        _ => false,
    }
}

fn is_local(scalar: &Scalar) -> bool {
    match scalar {
        Scalar::Const(_)
        | Scalar::Interval(_)
        | Scalar::Modality(_)
        | Scalar::Metric(_)
        | Scalar::Key(_)
        | Scalar::Aggregate(_) => true,
        Scalar::Field(field) => {
            field.subject == Subject::Row
                && match field.place() {
                    Some(Place::Pseudo(of)) => matches!(
                        of,
                        Pseudo::Version
                            | Pseudo::ModifiedAt
                            | Pseudo::CreatedAt
                            | Pseudo::Modalities
                    ),
                    Some(Place::Virtual(of)) => !matches!(
                        of,
                        Virtual::GraphInDegree
                            | Virtual::GraphDegree
                            | Virtual::GraphCentrality
                            | Virtual::GraphNodes
                            | Virtual::SemanticContract
                    ),
                    None => false,
                    Some(_) => true,
                }
        }
        Scalar::Part(modality, _) => !matches!(modality, Modality::Graph | Modality::Semantic),
        Scalar::Array(items) => items.iter().all(is_local),
        Scalar::Sum(first, others, _) => {
            is_local(first) && others.iter().all(|(_, term)| is_local(term))
        }
        Scalar::Call(..) | Scalar::DriftScores | Scalar::Bindings(_) => false,
    }
}
