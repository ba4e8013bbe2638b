//! Which hexads an UPDATE or DELETE is about.

use crate::engine::base::{HexadId, Iid, Result};
use crate::engine::exec::statement::Job;
use crate::engine::exec::{find, select};
use crate::engine::lang::ast::{CompareOp, Condition, IdRef};
use crate::engine::lang::resolve::Place;
use crate::engine::plan::logical::{Filter, Scalar, Select, Source, Test, When};
use crate::engine::store::View;

/// The rows that a write changes.
pub struct Targets {
    /// Internal ids, in the order of the ids.
    pub iids: Vec<Iid>,
    /// The statement names one hexad, by id.
    pub named: Option<String>,
}

/// The hexads of a source that satisfy a condition.
pub fn find(
    job: &Job<'_>,
    view: &View,
    source: Source,
    condition: Option<&Condition>,
) -> Result<Targets> {
    let filter = match condition {
        Some(condition) => job.lower(view, |l| l.condition(condition))?,
        None => Filter::Const(true),
    };
    let named = match &source {
        Source::One(id) => Some(id.as_str().to_owned()),
        _ => id_named(&filter),
    };
    let select = rows_of(source, filter);
    job.reads(&select);
    let iids = job.within(view, When::Now, |ctx| {
        let found = select::matching(ctx, &select)?;
        Ok(find::by_id(ctx, &found)?.into_iter().map(Iid).collect())
    })?;
    Ok(Targets { iids, named })
}

/// A query for rows, without columns.
pub fn rows_of(source: Source, filter: Filter) -> Select {
    Select {
        source,
        when: When::Now,
        filter,
        items: vec![],
        group: vec![],
        aggregates: vec![],
        grouped: false,
        having: Filter::Const(true),
        order: vec![],
        limit: None,
        offset: 0,
        tolerance: None,
        repair: None,
        id_added: false,
    }
}

/// The id when a filter is `id == 'x'` and nothing else.
fn id_named(filter: &Filter) -> Option<String> {
    let Filter::Leaf(leaf) = filter else { return None };
    match &leaf.test {
        Test::Compare(Scalar::Field(field), CompareOp::Equal, Scalar::Const(value))
            if field.place() == Some(&Place::Id) =>
        {
            value.as_str().map(str::to_owned)
        }
        _ => None,
    }
}

/// The source of `HEXAD [id]`.
pub fn source(job: &Job<'_>, view: &View, id: Option<&IdRef>) -> Result<Source> {
    match id {
        None => Ok(Source::All),
        Some(id) => {
            let name = job.lower(view, |l| l.id(id))?;
            HexadId::new(name).map(Source::One).map_err(|e| e.at(id.span))
        }
    }
}
