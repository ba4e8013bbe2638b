//! From an access to a set of internal ids: probes asked of the indexes, cheapest first.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::rc::Rc;

use roaring::RoaringBitmap;

use crate::engine::base::{Iid, Modality, Result, Value};
use crate::engine::exec::conjunction::Conjunction;
use crate::engine::exec::context::Context;
use crate::engine::exec::entity::Entity;
use crate::engine::exec::eval::Env;
use crate::engine::exec::measures::Measures;
use crate::engine::exec::prepared::Prepared;
use crate::engine::exec::row::Row;
use crate::engine::exec::{leaf, similarity};
use crate::engine::lang::ast::CompareOp;
use crate::engine::modality::document::field_index::ValueRange;
use crate::engine::modality::document::text_search;
use crate::engine::modality::graph::{PatternEdge, reach};
use crate::engine::modality::semantic::conditions::Flat;
use crate::engine::modality::semantic::index::SemanticIndex;
use crate::engine::modality::spatial::Position;
use crate::engine::modality::spatial::index::SpatialIndex;
use crate::engine::modality::temporal::index::TemporalIndex;
use crate::engine::modality::tensor::index::TensorIndex;
use crate::engine::modality::vector::search::{self, VectorQuery};
use crate::engine::plan::access::{Access, Ask, Probe, exact};
use crate::engine::plan::logical::{Filter, Test};
use crate::engine::plan::world::rows_of;

/// From so few rows on, looking at them is cheaper than asking one more index.
const FEW: u64 = 32;

/// The set of an access within `source`; `None` when no index could help.
pub fn set(
    ctx: &Context<'_>,
    access: &Access,
    source: &RoaringBitmap,
) -> Result<Option<RoaringBitmap>> {
    ctx.budget.check()?;
    Ok(match access {
        // What is inside a NOT must have been asked completely: less than all of it would be too
        // little left here.
        Access::Not(inner) if exact(inner) => {
            whole(ctx, inner, source)?.map(|found| source - &found)
        }
        Access::All | Access::Not(_) => None,
        Access::Nothing => Some(RoaringBitmap::new()),
        Access::Probe(probe) => ask(ctx, probe, source)?.map(|found| found & source),
        Access::And(inner) => {
            let mut left: Option<RoaringBitmap> = None;
            for member in by_cost(ctx, inner, source)? {
                if left.as_ref().is_some_and(|left| left.len() <= FEW) {
                    break;
                }
                if let Some(found) = set(ctx, member, source)? {
                    left = Some(match left {
                        Some(left) => left & found,
                        None => found,
                    });
                }
            }
            left
        }
        Access::Or(inner) => {
            let mut all = RoaringBitmap::new();
            for member in inner {
                match set(ctx, member, source)? {
                    Some(found) => all |= found,
                    None => return Ok(None),
                }
            }
            Some(all)
        }
    })
}

/// The set of an exact access, with every member of it asked.
fn whole(
    ctx: &Context<'_>,
    access: &Access,
    source: &RoaringBitmap,
) -> Result<Option<RoaringBitmap>> {
    Ok(match access {
        Access::And(inner) => {
            let mut left = source.clone();
            for member in inner {
                match whole(ctx, member, source)? {
                    Some(found) => left &= found,
                    None => return Ok(None),
                }
            }
            Some(left)
        }
        Access::Or(inner) => {
            let mut all = RoaringBitmap::new();
            for member in inner {
                match whole(ctx, member, source)? {
                    Some(found) => all |= found,
                    None => return Ok(None),
                }
            }
            Some(all)
        }
        Access::Not(inner) => whole(ctx, inner, source)?.map(|found| source - &found),
        other => set(ctx, other, source)?,
    })
}

/// The set of an access that is used instead of the filter: exact, nothing left out.
pub fn exactly(
    ctx: &Context<'_>,
    access: &Access,
    source: &RoaringBitmap,
) -> Result<Option<RoaringBitmap>> {
    if exact(access) { whole(ctx, access, source) } else { Ok(None) }
}

fn by_cost<'a>(
    ctx: &Context<'_>,
    members: &'a [Access],
    source: &RoaringBitmap,
) -> Result<Vec<&'a Access>> {
    let mut world = Measures::of(ctx, source.len());
    let mut costed: Vec<(f64, &Access)> =
        members.iter().map(|member| (rows_of(member, &mut world).0, member)).collect();
    world.finish()?;
    costed.sort_by(|a, b| a.0.total_cmp(&b.0));
    Ok(costed.into_iter().map(|(_, member)| member).collect())
}

fn bound(end: Option<&(Value, bool)>) -> Bound<Value> {
    match end {
        None => Bound::Unbounded,
        Some((value, true)) => Bound::Included(value.clone()),
        Some((value, false)) => Bound::Excluded(value.clone()),
    }
}

/// The range of two ends, when the index of fields orders such values.
pub fn range(low: Option<&(Value, bool)>, high: Option<&(Value, bool)>) -> Option<ValueRange> {
    ValueRange::new(bound(low), bound(high))
}

/// Asks one index; `None` when it has no answer. It may answer about hexads outside of `within` too.
///
/// Some indexes know only what is committed: what they say of hexads that the transaction has written
/// is replaced by what the test itself says of them.
pub fn ask(
    ctx: &Context<'_>,
    probe: &Probe,
    within: &RoaringBitmap,
) -> Result<Option<RoaringBitmap>> {
    let found = ask_index(ctx, probe, within)?;
    let speaks_of = match &probe.ask {
        Ask::FieldIn(..) | Ask::FieldRange(..) => Modality::Document,
        Ask::Type(_) | Ask::VerifiedBy(_) | Ask::Proof(_) => Modality::Semantic,
        Ask::ModifiedBy(_) => Modality::Temporal,
        Ask::Shape | Ask::Rank(..) => Modality::Tensor,
        // These see what the view shows.
        Ask::Ids(_)
        | Ask::Present(_)
        | Ask::Text
        | Ask::Similar
        | Ask::Radius
        | Ask::Bounds
        | Ask::Pattern(_) => return Ok(found),
    };
    match (found, ctx.view.uncommitted(speaks_of)) {
        (Some(found), Some(uncommitted)) => tested(ctx, probe, found, uncommitted).map(Some),
        (found, _) => Ok(found),
    }
}

/// What an index found, with `uncommitted` hexads tested one by one.
fn tested(
    ctx: &Context<'_>,
    probe: &Probe,
    mut found: RoaringBitmap,
    uncommitted: &RoaringBitmap,
) -> Result<RoaringBitmap> {
    found -= uncommitted;
    for iid in &(uncommitted & ctx.view.live()?.as_ref()) {
        ctx.budget.tick()?;
        let Some(entity) = Entity::now(ctx.view, Iid(iid))? else { continue };
        let row = Row::of(Rc::new(entity));
        if leaf::holds(ctx, &probe.leaf, &Env::of(&row))? {
            found.insert(iid);
        }
    }
    Ok(found)
}

fn ask_index(
    ctx: &Context<'_>,
    probe: &Probe,
    within: &RoaringBitmap,
) -> Result<Option<RoaringBitmap>> {
    let view = ctx.view;
    let ground = view.ground();
    let found = match &probe.ask {
        Ask::Ids(ids) => {
            let mut found = RoaringBitmap::new();
            for id in ids {
                found.extend(view.iid(id)?.map(|iid| iid.0));
            }
            found
        }
        Ask::FieldIn(path, values) => {
            let mut found = RoaringBitmap::new();
            for value in values {
                let Some(range) = ValueRange::equal(value) else { return Ok(None) };
                match ctx.indexes.fields.find(ground, path, &range)? {
                    Some(more) => found |= more,
                    None => return Ok(None),
                }
            }
            found
        }
        Ask::FieldRange(path, low, high) => {
            let Some(range) = range(low.as_ref(), high.as_ref()) else { return Ok(None) };
            return ctx.indexes.fields.find(ground, path, &range);
        }
        Ask::Present(modality) => (*view.present(*modality)?).clone(),
        Ask::Type(names) => {
            let mut found = RoaringBitmap::new();
            for name in names {
                found |= SemanticIndex::with_type(ground, name, &Flat)?;
            }
            found
        }
        Ask::VerifiedBy(who) => SemanticIndex::verified_by(ground, who)?,
        Ask::Proof(kind) => SemanticIndex::with_proof(ground, kind)?,
        Ask::ModifiedBy(who) => TemporalIndex::modified_by(ground, who)?,
        Ask::Text | Ask::Similar | Ask::Radius | Ask::Bounds | Ask::Shape => {
            return of_test(ctx, probe, within);
        }
        Ask::Rank(op, n) => {
            let (low, high) = match op {
                CompareOp::Equal => (Bound::Included(*n), Bound::Included(*n)),
                CompareOp::Less => (Bound::Unbounded, Bound::Excluded(*n)),
                CompareOp::LessEqual => (Bound::Unbounded, Bound::Included(*n)),
                CompareOp::Greater => (Bound::Excluded(*n), Bound::Unbounded),
                CompareOp::GreaterEqual => (Bound::Included(*n), Bound::Unbounded),
                CompareOp::NotEqual => return Ok(None),
            };
            TensorIndex::with_rank(ground, low, high)?
        }
        Ask::Pattern(seeds) => return pattern(ctx, probe, seeds),
    };
    Ok(Some(found))
}

fn of_test(
    ctx: &Context<'_>,
    probe: &Probe,
    within: &RoaringBitmap,
) -> Result<Option<RoaringBitmap>> {
    let view = ctx.view;
    Ok(match &probe.leaf.test {
        Test::FullText(_) => match ctx.prepared(&probe.leaf)?.as_ref() {
            Prepared::Text(query) => {
                Some(ctx.indexes.text.candidates(&text_search::records(view), query)?)
            }
            _ => None,
        },
        Test::Similar(wanted) => match (ctx.prepared(&probe.leaf)?.as_ref(), wanted.within) {
            (Prepared::Vector(target), Some(least)) => {
                let metric = similarity::metric(wanted.metric);
                let fewer = ctx.view.is_masked() || within.len() < ctx.population()?;
                let query = VectorQuery {
                    filter: fewer.then_some(within),
                    ..VectorQuery::new(&wanted.embedding, &target.numbers, metric)
                };
                let found = ctx.indexes.vector.within(&search::records(view), &query, least)?;
                let mut found: RoaringBitmap = found.iter().map(|(iid, _)| iid.0).collect();
                if let Some(own) = target.own {
                    found.remove(own);
                }
                Some(found)
            }
            _ => None,
        },
        Test::Radius(circle) => {
            let center = Position { latitude: circle.latitude, longitude: circle.longitude };
            let found = SpatialIndex::within_radius(view, center, circle.kilometers)?;
            Some(found.keys().map(|iid| iid.0).collect())
        }
        Test::Bounds(bounds) => Some(SpatialIndex::within_bounds(view, &leaf::corners(bounds))?),
        Test::Shape(_, shape) => {
            let shape: Vec<usize> = shape.iter().map(|n| *n as usize).collect();
            Some(TensorIndex::with_shape(view.ground(), &shape)?)
        }
        _ => None,
    })
}

/// Sets of hexads that may stand at the places of a pattern, narrowed along its edges until nothing
/// changes; the set of the row's place is the answer.
fn pattern(
    ctx: &Context<'_>,
    probe: &Probe,
    seeds: &[(String, String)],
) -> Result<Option<RoaringBitmap>> {
    let conjunction = Conjunction::of(std::slice::from_ref(&Filter::Leaf(probe.leaf.clone())));
    let edges = conjunction.edges(ctx.predicates()?)?;
    if !edges.iter().any(|e| e.left == 0 || e.right == 0) {
        return Ok(None);
    }
    let mut known: HashMap<usize, RoaringBitmap> = HashMap::new();
    let names: BTreeMap<&str, usize> =
        conjunction.variables.iter().enumerate().map(|(i, n)| (n.as_str(), i)).collect();
    for (name, id) in seeds {
        if let Some(place) = names.get(name.as_str()) {
            let one = ctx.view.iid(id)?.map(|iid| iid.0).into_iter().collect();
            narrow(&mut known, *place, one);
        }
    }
    settle(ctx, &edges, &mut known)?;
    if let Some(found) = known.remove(&0) {
        return Ok(Some(found));
    }
    // Nothing is known but that an edge must begin or end at the row.
    let graph = ctx.graph()?;
    let mut found: Option<RoaringBitmap> = None;
    for edge in edges.iter().filter(|e| !e.hops.may_stay()) {
        let direction = match (edge.left, edge.right) {
            (0, _) => edge.direction,
            (_, 0) => edge.direction.reversed(),
            _ => continue,
        };
        let ends = graph.ends(edge.follow, direction)?;
        found = Some(match found {
            Some(found) => found & ends,
            None => ends,
        });
    }
    Ok(found)
}

/// Follows the edges from what is known, both ways, until nothing changes.
///
/// On a path that visits no place twice every hexad that is left then belongs to a match: each of its
/// edges leads on to a hexad that is left too.
fn settle(
    ctx: &Context<'_>,
    edges: &[PatternEdge],
    known: &mut HashMap<usize, RoaringBitmap>,
) -> Result<()> {
    let graph = ctx.graph()?;
    let mut spend = |_: u64| ctx.budget.tick();
    // Sets only shrink: one of the same size as when it was last followed is the same.
    let mut followed = vec![[None; 2]; edges.len()];
    // Once to know every place and once to tell the row, each at most an edge a round.
    for _ in 0..2 * edges.len() {
        let mut changed = false;
        for (edge, sizes) in edges.iter().zip(&mut followed) {
            let ways = [
                (edge.left, edge.right, edge.direction),
                (edge.right, edge.left, edge.direction.reversed()),
            ];
            for (way, (from, to, direction)) in ways.into_iter().enumerate() {
                let Some(set) = known.get(&from) else { continue };
                let size = set.len();
                if sizes[way] == Some(size) {
                    continue;
                }
                sizes[way] = Some(size);
                let reached = reach(graph, set, edge.follow, direction, edge.hops, &mut spend)?;
                changed |= narrow(known, to, reached);
                // From one hexad alone: whatever is left at the other end leads back to it.
                let left = known.get(&to).map_or(0, RoaringBitmap::len);
                if size == 1 && left > 0 && from != to {
                    sizes[1 - way] = Some(left);
                }
            }
        }
        if !changed {
            break;
        }
    }
    Ok(())
}

/// Keeps of a place only what was reached; true when that is less than before.
fn narrow(known: &mut HashMap<usize, RoaringBitmap>, place: usize, reached: RoaringBitmap) -> bool {
    let Some(set) = known.get_mut(&place) else {
        known.insert(place, reached);
        return true;
    };
    let before = set.len();
    *set &= reached;
    set.len() < before
}
