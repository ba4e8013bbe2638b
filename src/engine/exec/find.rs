//! Finds the rows of a query over the present state: indexes first, then the rows that are left one
//! by one, then the rankings.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::Arc;

use roaring::RoaringBitmap;

use crate::engine::base::{Error, Iid, Kind, Modality, Result};
use crate::engine::exec::best_first::{Best, BestFirst};
use crate::engine::exec::context::Context;
use crate::engine::exec::entity::Entity;
use crate::engine::exec::eval::{self, Env};
use crate::engine::exec::measures::Measures;
use crate::engine::exec::row::Row;
use crate::engine::exec::trace::Part;
use crate::engine::exec::{candidates, rank, select};
use crate::engine::modality::semantic;
use crate::engine::modality::semantic::index::SemanticIndex;
use crate::engine::plan::access::Facts;
use crate::engine::plan::choose::Chooser;
use crate::engine::plan::logical::{Filter, Select, Source};
use crate::engine::plan::physical::{self, Finish, Goal, Plan, Step, Why};
use crate::engine::plan::rules;
use crate::engine::statements::ready::Surroundings;

/// How many times more or fewer rows than expected make the way on be chosen again.
const OFF: f64 = 10.0;

/// Microseconds of expected work from which on it is measured.
const LONG: f64 = 500.0;

/// What is known of the data.
///
/// Every query asks; it changes only with the commits.
pub fn facts(ctx: &Context<'_>) -> Result<Arc<Facts>> {
    if let Some(mask) = ctx.view.mask() {
        return mask.kept(|| shown_facts(ctx));
    }
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

/// The same of what somebody may see of a database.
fn shown_facts(ctx: &Context<'_>) -> Result<Facts> {
    let mut facts = Facts::default();
    ctx.view.scan(Modality::Semantic, &mut |record| {
        facts.properties.extend(semantic::codec::decode(&record.body)?.properties.into_keys());
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(facts)
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

/// What a query wants of its rows.
pub fn goal(select: &Select, need: Option<usize>) -> Goal {
    let rankings = rank::rankings(&select.filter, &select.when);
    let need = need.map(|n| n as u64);
    // Of a query for the k nearest no more are needed, however many rows it shows.
    let limit = match rankings.as_slice() {
        [one] => rank::limit(&one.test),
        _ => None,
    };
    Goal {
        need: match (need, limit) {
            (Some(need), Some(limit)) => Some(need.min(limit)),
            (need, limit) => need.or(limit),
        },
        rankings: rankings.into_iter().map(|leaf| Arc::new(leaf.clone())).collect(),
    }
}

/// How a query is answered, and what that was chosen by.
pub struct Planned {
    /// The filter, without the conjuncts that let only the best pass.
    pub filter: Filter,
    /// The plan.
    pub plan: Plan,
    /// What it was chosen by, for choosing again; nothing when it is kept from an earlier run.
    pub chooser: Option<Chooser>,
    /// The number of the query in its statement.
    number: usize,
}

impl Planned {
    /// The number of a step for whoever measures: its place in the plan; steps that were only chosen
    /// while the plan ran come after those, by their conjunct.
    fn number_of(&self, step: &Step) -> usize {
        let steps = &self.plan.steps;
        let at = steps.iter().position(|planned| planned.conjunct == step.conjunct);
        at.unwrap_or(steps.len() + step.conjunct)
    }
}

/// The plan of a query that wants all its rows, with the filter it is about.
pub fn plan(ctx: &Context<'_>, select: &Select) -> Result<(Plan, Filter)> {
    let planned = planned(ctx, select, &goal(select, None))?;
    Ok((planned.plan, planned.filter))
}

/// The plan of a query.
pub fn planned(ctx: &Context<'_>, select: &Select, goal: &Goal) -> Result<Planned> {
    let (filter, rules) = rules::rewrite(&physical::without_limits(&select.filter));
    let total = select::source(ctx, select)?.len();
    let facts = facts(ctx)?;
    let mut world = Measures::of(ctx, total);
    let chooser = Chooser::new(&filter, &facts, total, goal, &mut world);
    world.finish()?;
    #[cfg(test)]
    if let Some(number) = ctx.forced {
        let mut every = chooser.every();
        ctx.indexes.plans.store(every.len(), std::sync::atomic::Ordering::Relaxed);
        let plan = every.swap_remove(number % every.len());
        return Ok(Planned { filter, plan, chooser: Some(chooser), number: 0 });
    }
    let plan = Plan { rules, ..chooser.plan() };
    #[cfg(test)]
    {
        *ctx.indexes.plan.lock() = Some(plan.clone());
    }
    Ok(Planned { filter, plan, chooser: Some(chooser), number: 0 })
}

/// The plan that is really used: one that is kept from earlier runs of the statement, or the one that
/// is best now. `runs` when it is about to be used.
pub fn chosen(
    ctx: &Context<'_>,
    select: &Select,
    goal: &Goal,
    number: usize,
    runs: bool,
) -> Result<Planned> {
    let slot = ctx.budget.slot().filter(|_| !ctx.keeps_plan);
    let Some(slot) = slot else { return planned(ctx, select, goal) };
    let (filter, rules) = rules::rewrite(&physical::without_limits(&select.filter));
    let (facts, total) = (facts(ctx)?, select::source(ctx, select)?.len());
    let around = Surroundings { facts: &facts, total, goal, recall: ctx.recall };
    let kept = slot.plan(number, &filter, around);
    if let Some(plan) = kept.filter(|plan| plan.rules == rules && ranks_same(plan, &filter, goal)) {
        if runs {
            slot.is_reused();
        }
        return Ok(Planned { filter, plan, chooser: None, number });
    }
    let planned = planned(ctx, select, goal)?;
    if runs {
        slot.chose(number, &planned.plan, around);
    }
    Ok(Planned { number, ..planned })
}

/// Whether the conjunct that a kept plan leaves to the ranking is still the one that ranks: other values
/// may have been rewritten into another number of conjuncts.
fn ranks_same(plan: &Plan, filter: &Filter, goal: &Goal) -> bool {
    let ranking = |conjunct: usize| match (filter.conjuncts().get(conjunct), &*goal.rankings) {
        (Some(Filter::Leaf(leaf)), [one]) => leaf.number == one.number,
        _ => false,
    };
    plan.choices.iter().filter(|c| c.why == Why::Ranked).all(|c| ranking(c.conjunct))
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

/// What the steps of a plan left.
struct Narrowed {
    left: RoaringBitmap,
    residual: Vec<usize>,
    finish: Finish,
    after: Vec<u64>,
}

/// Takes the steps of a plan. When one of them leaves far more or less than expected, the way on is
/// chosen again.
fn narrow(
    ctx: &Context<'_>,
    (select, goal): (&Select, &Goal),
    planned: &Planned,
    source: Arc<RoaringBitmap>,
) -> Result<Narrowed> {
    let mut steps: VecDeque<Step> = planned.plan.steps.clone().into();
    let mut residual = planned.plan.residual.clone();
    let mut finish = planned.plan.finish;
    // The source is shared and may be large: it is copied only when nothing makes it smaller.
    let mut narrowed: Option<RoaringBitmap> = None;
    let mut unanswered = vec![];
    let mut asked = vec![];
    let mut after = vec![];
    while let Some(step) = steps.pop_front() {
        let left = narrowed.as_ref().unwrap_or(&source);
        asked.push(step.conjunct);
        let ask = || {
            if step.exact {
                candidates::exactly(ctx, &step.access, left)
            } else {
                candidates::set(ctx, &step.access, left)
            }
        };
        let rows = |found: &Option<RoaringBitmap>| found.as_ref().unwrap_or(left).len();
        let began = ctx.budget.now();
        let found = ctx.budget.part(Part::Step(planned.number_of(&step)), ask, rows)?;
        let micros = ctx.budget.now().0.saturating_sub(began.0) as f64;
        let answered = found.is_some();
        match found {
            Some(found) => narrowed = Some(found),
            // The index has no answer today; the rows have.
            None if step.exact => unanswered.extend(step.answered()),
            None => {}
        }
        let left = narrowed.as_ref().unwrap_or(&source).len();
        after.push(left);
        if answered && !ctx.keeps_plan {
            learn(ctx, planned, &step, &asked, left, micros);
        }
        if !ctx.keeps_plan && is_off(left as f64, step.expected.rows) && !steps.is_empty() {
            let onward = match &planned.chooser {
                Some(chooser) => chooser.onward(&asked, left),
                None => misled(ctx, (select, goal), planned)?.onward(&asked, left),
            };
            steps = onward.steps.into();
            residual = onward.residual;
            finish = onward.finish;
        }
    }
    residual.extend(unanswered.into_iter().filter(|c| !residual.contains(c)).collect::<Vec<_>>());
    let left = narrowed.unwrap_or_else(|| Arc::unwrap_or_clone(source));
    Ok(Narrowed { left, residual, finish, after })
}

/// A kept plan found far more or less than it should: it is given up, and everything weighed.
fn misled(
    ctx: &Context<'_>,
    (select, goal): (&Select, &Goal),
    planned: &Planned,
) -> Result<Chooser> {
    if let Some(slot) = ctx.budget.slot() {
        slot.misled(planned.number);
    }
    let weighed = self::planned(ctx, select, goal)?;
    weighed.chooser.ok_or_else(|| Error::new(Kind::InternalError, "a plan nobody chose"))
}

/// Takes note of what a step really gave and took. A plan that is kept teaches nothing: what it expects
/// is of other values.
fn learn(
    ctx: &Context<'_>,
    planned: &Planned,
    step: &Step,
    asked: &[usize],
    left: u64,
    micros: f64,
) {
    let Some(chooser) = &planned.chooser else { return };
    let mut lessons = ctx.indexes.statistics.lessons();
    lessons.hear(&chooser.shape_of(asked), step.expected.rows, left as f64);
    // Of little work the time says little.
    let expected = step.expected.cost.micros();
    if expected > LONG {
        lessons.hear(&chooser.time_of(step.conjunct), expected, micros);
    }
}

/// Whether a count is so far from what was expected that the plan is no longer to be trusted.
fn is_off(actual: f64, expected: f64) -> bool {
    let (actual, expected) = (actual.max(1.0), expected.max(1.0));
    actual > expected * OFF || expected > actual * OFF
}

/// The hexads of a query that satisfy all conjuncts but those that let only the best pass. With
/// `need`, so many in the order of their ids are enough.
pub fn passing(ctx: &Context<'_>, select: &Select, need: Option<usize>) -> Result<Found> {
    let mut goal = goal(select, need);
    // Whoever asks here ranks afterwards, if anything ranks.
    goal.need = goal.need.filter(|_| goal.rankings.is_empty());
    let (planned, narrowed) = begun(ctx, select, &goal)?;
    tested(ctx, select, &planned, narrowed, need)
}

/// What a query found.
pub enum Sought {
    /// The hexads that pass; they are still to be ranked, if anything ranks.
    Passing(Found),
    /// The best of them, best first, as many as are needed.
    Best(Best),
}

/// As [`passing`], for a query of which only `need` rows in its own order matter: they may be ranked
/// before they are tested.
pub fn sought(ctx: &Context<'_>, select: &Select, need: Option<usize>) -> Result<Sought> {
    let goal = goal(select, need);
    let (planned, narrowed) = begun(ctx, select, &goal)?;
    match (narrowed.finish, goal.rankings.as_slice(), goal.need) {
        (Finish::RankFirst, [ranking], Some(most)) => {
            let rest = rest(&planned, &narrowed.residual);
            let search = BestFirst { ctx, select, ranking, rest: &rest };
            let most = usize::try_from(most).unwrap_or(usize::MAX);
            let part = Part::Rank(ranking.number);
            let best = || search.run(&narrowed.left, most);
            Ok(Sought::Best(ctx.budget.part(part, best, |best| best.rows.len() as u64)?))
        }
        (_, rankings, _) => {
            let need = need.filter(|_| rankings.is_empty());
            tested(ctx, select, &planned, narrowed, need).map(Sought::Passing)
        }
    }
}

/// Chooses a plan and takes its steps.
fn begun(ctx: &Context<'_>, select: &Select, goal: &Goal) -> Result<(Planned, Narrowed)> {
    let number = ctx.budget.next_query();
    let choose = || chosen(ctx, select, goal, number, true);
    let planned = ctx.budget.part(Part::Choose, choose, |_| 0)?;
    ctx.budget.planned(&planned.plan);
    if let Some(trace) = ctx.budget.trace() {
        trace.chose(&planned.plan, &planned.filter);
    }
    let source = select::source(ctx, select)?;
    let narrowed = narrow(ctx, (select, goal), &planned, source)?;
    Ok((planned, narrowed))
}

/// The conjuncts of these numbers.
fn rest(planned: &Planned, residual: &[usize]) -> Filter {
    let conjuncts = planned.filter.conjuncts();
    Filter::all(residual.iter().filter_map(|index| conjuncts.get(*index).cloned()).collect())
}

fn tested(
    ctx: &Context<'_>,
    select: &Select,
    planned: &Planned,
    narrowed: Narrowed,
    need: Option<usize>,
) -> Result<Found> {
    let Narrowed { left, residual, after, .. } = narrowed;
    let rest = rest(planned, &residual);
    let always = rest == Filter::Const(true) && select.source != Source::Reflect;
    if always {
        return Ok(Found { rows: left, after, read: 0 });
    }
    let read = Reader { ctx, select, rest: &rest };
    let read = || read.all(&left, after, need);
    let found = ctx.budget.part(Part::Residual, read, |found| found.rows.len())?;
    let chooser = planned.chooser.as_ref().filter(|_| !ctx.keeps_plan);
    if let Some((shape, share)) = chooser.and_then(|chooser| chooser.tested_alone(&residual)) {
        let expected = share * found.read as f64;
        ctx.indexes.statistics.lessons().hear(&shape, expected, found.rows.len() as f64);
    }
    Ok(found)
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
