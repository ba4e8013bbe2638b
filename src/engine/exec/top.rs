//! Rankings over the present state, asked of the indexes: the best so many of the rows that pass.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::rc::Rc;

use roaring::RoaringBitmap;

use crate::engine::base::{Iid, Result};
use crate::engine::exec::context::Context;
use crate::engine::exec::entity::Entity;
use crate::engine::exec::prepared::{self, Prepared};
use crate::engine::exec::row::Row;
use crate::engine::exec::trace::Part;
use crate::engine::exec::{fuse, rank, similarity};
use crate::engine::modality::document::text_search;
use crate::engine::modality::spatial::Position;
use crate::engine::modality::spatial::index::SpatialIndex;
use crate::engine::modality::vector::search::{self, VectorQuery};
use crate::engine::plan::logical::{Leaf, Test};

/// A hexad with what ranked it, not yet read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ranked {
    /// Which.
    pub iid: u32,
    /// How well it ranks.
    pub score: Option<f64>,
    /// The similarity of its embedding.
    pub similarity: Option<f64>,
    /// Kilometers to the point.
    pub distance_km: Option<f64>,
}

impl Ranked {
    /// The row, read when it is needed.
    pub fn row<'v>(&self, ctx: &Context<'v>) -> Result<Option<Row<'v>>> {
        let Some(entity) = Entity::now(ctx.view, Iid(self.iid))? else { return Ok(None) };
        Ok(Some(Row {
            entity: Rc::new(entity),
            score: self.score,
            similarity: self.similarity,
            distance_km: self.distance_km,
        }))
    }
}

/// Scores the rows that pass by all rankings, best first. With `need`, so many are enough.
pub fn ranked(
    ctx: &Context<'_>,
    rankings: &[&Leaf],
    passing: &RoaringBitmap,
    need: Option<usize>,
) -> Result<Vec<Ranked>> {
    let single = rankings.len() == 1;
    let mut kept = passing.clone();
    let mut lists: Vec<(&Leaf, Vec<(u32, f64)>)> = vec![];
    let (limited, others): (Vec<&Leaf>, Vec<&Leaf>) =
        rankings.iter().copied().partition(|test| rank::limit(&test.test).is_some());
    // What only ranks also says which rows there are to choose the nearest from.
    for test in others {
        let most = need.filter(|_| single);
        let list = ctx.budget.part(
            Part::Rank(test.number),
            || best(ctx, test, &kept, most),
            |list| list.len() as u64,
        )?;
        kept &= list.iter().map(|(iid, _)| *iid).collect::<RoaringBitmap>();
        lists.push((test, list));
    }
    let choice = kept.clone();
    for test in limited {
        let k = rank::limit(&test.test).map(|k| usize::try_from(k).unwrap_or(usize::MAX));
        let most = match (k, need.filter(|_| single)) {
            (Some(k), Some(need)) => Some(k.min(need)),
            (k, need) => k.or(need),
        };
        let list = ctx.budget.part(
            Part::Rank(test.number),
            || best(ctx, test, &choice, most),
            |list| list.len() as u64,
        )?;
        kept &= list.iter().map(|(iid, _)| *iid).collect::<RoaringBitmap>();
        lists.push((test, list));
    }
    let mut found: BTreeMap<u32, Ranked> =
        kept.iter().map(|iid| (iid, Ranked { iid, ..Ranked::default() })).collect();
    // The first vector condition written is the one `similarity` speaks of.
    lists.sort_by_key(|(test, _)| test.number);
    for (test, list) in &lists {
        let scored: Vec<(Iid, f64)> = list
            .iter()
            .filter(|(iid, _)| kept.contains(*iid))
            .map(|(iid, score)| (Iid(*iid), *score))
            .collect();
        if single {
            one(test, &scored, &mut found);
        } else {
            fused(test, &scored, &mut found);
        }
    }
    let mut rows: Vec<Ranked> = found.into_values().collect();
    let all = rows.len() as u64;
    ctx.budget.part(Part::Sort, || sort(ctx, &mut rows), |()| all)?;
    Ok(rows)
}

fn note(test: &Leaf, row: &mut Ranked, score: f64) {
    match &test.test {
        Test::Similar(_) => row.similarity = row.similarity.or(Some(score)),
        Test::NearestPoint { .. } => row.distance_km = row.distance_km.or(Some(-score)),
        _ => {}
    }
}

fn one(test: &Leaf, scored: &[(Iid, f64)], found: &mut BTreeMap<u32, Ranked>) {
    for (iid, by) in scored {
        if let Some(row) = found.get_mut(&iid.0) {
            score(test, row, *by);
        }
    }
}

fn fused(test: &Leaf, scored: &[(Iid, f64)], found: &mut BTreeMap<u32, Ranked>) {
    for (iid, score) in scored {
        if let Some(row) = found.get_mut(&iid.0) {
            note(test, row, *score);
        }
    }
    for (iid, rank) in fuse::ranks(scored) {
        if let Some(row) = found.get_mut(&iid.0) {
            *row.score.get_or_insert(0.0) += fuse::share(rank);
        }
    }
}

/// Best first, ties by id.
fn sort(ctx: &Context<'_>, rows: &mut Vec<Ranked>) -> Result<()> {
    let mut keyed = Vec::with_capacity(rows.len());
    for row in rows.drain(..) {
        let key = row.score.or(row.distance_km.map(|km| -km)).unwrap_or(f64::NEG_INFINITY);
        keyed.push((key, ctx.id_of(row.iid)?, row));
    }
    keyed.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    rows.extend(keyed.into_iter().map(|(_, _, row)| row));
    Ok(())
}

/// Gives a row the score of the one ranking of its query.
pub fn score(test: &Leaf, row: &mut Ranked, score: f64) {
    note(test, row, score);
    // A place is ordered by distance, which is a column of its own.
    if !matches!(test.test, Test::NearestPoint { .. }) {
        row.score = Some(score);
    }
}

/// The best hexads of one ranking, at most `most` of them, ties at the end settled by id.
pub fn best(
    ctx: &Context<'_>,
    test: &Leaf,
    among: &RoaringBitmap,
    most: Option<usize>,
) -> Result<Vec<(u32, f64)>> {
    let all = among.len() as usize;
    let most = most.unwrap_or(all).min(all);
    if most == 0 {
        return Ok(vec![]);
    }
    // More than asked for, so that all that tie with the last one are among them.
    let mut ask = (most + 16).min(all);
    loop {
        ctx.budget.check()?;
        let mut list = asked(ctx, test, among, ask)?;
        let complete = list.len() < ask || ask >= all;
        let decided = match (list.get(most - 1), list.last()) {
            (Some(edge), Some(last)) => edge.1.total_cmp(&last.1) == Ordering::Greater,
            _ => true,
        };
        if complete || decided {
            return cut(ctx, list.split_off(0), most);
        }
        ask = ask.saturating_mul(4).min(all);
    }
}

fn cut(ctx: &Context<'_>, list: Vec<(u32, f64)>, most: usize) -> Result<Vec<(u32, f64)>> {
    if list.len() <= most {
        return Ok(list);
    }
    let mut named = Vec::with_capacity(list.len());
    for (iid, score) in list {
        named.push((score, ctx.id_of(iid)?, iid));
    }
    named.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    named.truncate(most);
    Ok(named.into_iter().map(|(score, _, iid)| (iid, score)).collect())
}

/// Asks the index of a ranking; best first.
fn asked(
    ctx: &Context<'_>,
    test: &Leaf,
    among: &RoaringBitmap,
    most: usize,
) -> Result<Vec<(u32, f64)>> {
    match &test.test {
        Test::Similar(wanted) => {
            let target = prepared::target(ctx, wanted, test.span)?;
            let mut among = Cow::Borrowed(among);
            if let Some(own) = target.own {
                among.to_mut().remove(own);
            }
            let metric = similarity::metric(wanted.metric);
            let query = VectorQuery {
                // A filter that admits everybody costs and does nothing.
                filter: (ctx.view.is_masked() || among.len() < ctx.population()?)
                    .then_some(among.as_ref()),
                exact: ctx.recall >= 1.0,
                recall: ctx.recall,
                ..VectorQuery::new(&wanted.embedding, &target.numbers, metric)
            };
            let records = search::records(ctx.view);
            let found = ctx.indexes.vector.nearest(&records, &query, most);
            Ok(found.map_err(|e| e.at(test.span))?.into_iter().map(|(i, s)| (i.0, s)).collect())
        }
        Test::FullText(_) => {
            let prepared = ctx.prepared(test)?;
            let Prepared::Text(query) = prepared.as_ref() else { return Ok(vec![]) };
            let records = text_search::records(ctx.view);
            let found = ctx.indexes.text.search(&records, query, most, Some(among))?;
            Ok(found.into_iter().map(|(iid, score)| (iid.0, f64::from(score))).collect())
        }
        Test::NearestPoint { latitude, longitude, .. } => {
            let from = Position { latitude: *latitude, longitude: *longitude };
            let found = SpatialIndex::nearest(ctx.view, from, most, Some(among))?;
            Ok(found.into_iter().map(|(iid, km)| (iid.0, -km)).collect())
        }
        _ => Ok(vec![]),
    }
}
