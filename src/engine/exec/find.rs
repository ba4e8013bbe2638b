//! Finds the rows of a query over the present state: indexes first, then the rows that are left one
//! by one, then the rankings.

use std::rc::Rc;
use std::sync::Arc;

use roaring::RoaringBitmap;

use crate::engine::base::{Iid, Kind, Modality, Result};
use crate::engine::exec::context::Context;
use crate::engine::exec::entity::Entity;
use crate::engine::exec::eval::{self, Env};
use crate::engine::exec::row::Row;
use crate::engine::exec::trace::Part;
use crate::engine::exec::{candidates, select};
use crate::engine::modality::semantic;
use crate::engine::modality::semantic::index::SemanticIndex;
use crate::engine::plan::access::{Access, Facts};
use crate::engine::plan::logical::{Filter, Select, Source};
use crate::engine::plan::physical::{self, Plan};

/// From so few rows on, looking at them is cheaper than asking one more index.
const FEW: u64 = 32;

/// What is known of the data.
///
/// Every query asks; it changes only with the commits.
pub fn facts(ctx: &Context<'_>) -> Result<Arc<Facts>> {
    let laid = ctx.view.derived(|known: Option<&Facts>, written| {
        let mut facts = match known {
            Some(facts) => facts.clone(),
            None => committed_facts(ctx)?.as_ref().clone(),
        };
        for put in written.iter().filter(|put| put.modality == Modality::Semantic) {
            if let Some(record) = ctx.view.record_at(put.modality, put.iid, put.version)? {
                let semantics = semantic::codec::decode(&record.body)?;
                facts.properties.extend(semantics.properties.into_keys());
            }
        }
        Ok(facts)
    })?;
    laid.map_or_else(|| committed_facts(ctx), Ok)
}

fn committed_facts(ctx: &Context<'_>) -> Result<Arc<Facts>> {
    let lsn = ctx.view.lsn();
    if let Some((at, facts)) = ctx.indexes.facts.lock().as_ref()
        && *at == lsn
    {
        return Ok(Arc::clone(facts));
    }
    let properties = match SemanticIndex::properties(ctx.view.ground()) {
        Ok(properties) => properties.into_keys().collect(),
        // Who asks for one of them is told by the file, which is being made again.
        Err(error) if error.kind == Kind::StoreUnavailable => {
            return Ok(Arc::new(Facts::default()));
        }
        Err(error) => return Err(error),
    };
    let facts = Arc::new(Facts { properties });
    *ctx.indexes.facts.lock() = Some((lsn, Arc::clone(&facts)));
    Ok(facts)
}

/// The plan of a query, with the filter it is about.
pub fn plan(ctx: &Context<'_>, select: &Select) -> Result<(Plan, Filter)> {
    let filter = physical::without_limits(&select.filter);
    let total = select::source(ctx, select)?.len();
    let facts = facts(ctx)?;
    let mut failed = None;
    let mut estimate = |access: &Access| {
        candidates::estimate(ctx, access, total).unwrap_or_else(|e| {
            failed.get_or_insert(e);
            total
        })
    };
    let plan = physical::choose(&filter, &facts, total, &mut estimate);
    match failed {
        Some(error) => Err(error),
        None => Ok((plan, filter)),
    }
}

/// What was found and what it took.
pub struct Found {
    /// The hexads that pass.
    pub rows: RoaringBitmap,
    /// Rows after each step that was taken.
    pub after: Vec<u64>,
    /// Hexads that were read one by one.
    pub read: u64,
}

/// The hexads of a query that satisfy all conjuncts but those that let only the best pass. With
/// `need`, so many in the order of their ids are enough.
pub fn passing(ctx: &Context<'_>, select: &Select, need: Option<usize>) -> Result<Found> {
    let budget = ctx.budget;
    let (plan, filter) = budget.part(Part::Choose, || plan(ctx, select), |_| 0)?;
    let source = select::source(ctx, select)?;
    // The source is shared and may be large: it is copied only when nothing makes it smaller.
    let mut narrowed: Option<RoaringBitmap> = None;
    let mut residual = plan.residual.clone();
    let mut after = vec![];
    for (number, step) in plan.steps.iter().enumerate() {
        let left = narrowed.as_ref().unwrap_or(&source);
        if left.len() <= FEW {
            if step.exact {
                residual.extend(step.answered());
            }
            continue;
        }
        let ask = || match step.exact {
            true => candidates::exactly(ctx, &step.access, left),
            false => candidates::set(ctx, &step.access, left),
        };
        let rows = |found: &Option<RoaringBitmap>| found.as_ref().unwrap_or(left).len();
        let found = budget.part(Part::Step(number), ask, rows)?;
        match found {
            Some(found) => narrowed = Some(found),
            // The index has no answer today; the rows have.
            None if step.exact => residual.extend(step.answered()),
            None => {}
        }
        after.push(narrowed.as_ref().unwrap_or(&source).len());
    }
    let left = narrowed.unwrap_or_else(|| Arc::unwrap_or_clone(source));
    residual.sort_unstable();
    let rest: Vec<Filter> =
        residual.iter().filter_map(|index| filter.conjuncts().get(*index).cloned()).collect();
    let rest = Filter::all(rest);
    let always = rest == Filter::Const(true) && select.source != Source::Reflect;
    if always {
        return Ok(Found { rows: left, after, read: 0 });
    }
    let read = Reader { ctx, select, rest: &rest };
    budget.part(Part::Residual, || read.all(&left, after, need), |found| found.rows.len())
}

/// Reads rows one by one.
struct Reader<'r, 'v> {
    ctx: &'r Context<'v>,
    select: &'r Select,
    rest: &'r Filter,
}

impl Reader<'_, '_> {
    fn all(&self, left: &RoaringBitmap, after: Vec<u64>, need: Option<usize>) -> Result<Found> {
        let mut rows = RoaringBitmap::new();
        let mut read = 0;
        let order: Vec<u32> = match need {
            Some(_) => by_id(self.ctx, left)?,
            None => left.iter().collect(),
        };
        for iid in order {
            self.ctx.budget.tick()?;
            if need.is_some_and(|need| rows.len() as usize >= need) {
                break;
            }
            read += 1;
            let Some(entity) = Entity::now(self.ctx.view, Iid(iid))? else { continue };
            let row = Row::of(Rc::new(entity));
            if select::of_source(&self.select.source, &row)?
                && eval::holds(self.ctx, self.rest, &Env::of(&row))?
            {
                rows.insert(iid);
            }
        }
        Ok(Found { rows, after, read })
    }
}

/// Internal ids in the order of the ids.
pub fn by_id(ctx: &Context<'_>, rows: &RoaringBitmap) -> Result<Vec<u32>> {
    let mut named = Vec::with_capacity(rows.len() as usize);
    for iid in rows {
        if let Some(name) = ctx.view.id_of(Iid(iid))? {
            named.push((name, iid));
        }
    }
    named.sort_unstable();
    Ok(named.into_iter().map(|(_, iid)| iid).collect())
}
