//! Ranking conditions: what they score, how many they let pass, and how several become one order.
//!
//! A ranking condition ranks where it is a top-level conjunct; under OR and NOT it only filters.
//! `NEAREST k` lets the k best of the rows pass that satisfy all other conjuncts; several of them
//! choose from the same rows, independently. Under OR and NOT the k best of all hexads are meant.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use roaring::RoaringBitmap;

use crate::engine::base::{Iid, Result};
use crate::engine::exec::context::Context;
use crate::engine::exec::entity::Entity;
use crate::engine::exec::row::Row;
use crate::engine::exec::{fuse, leaf, prepared, text};
use crate::engine::lang::resolve::Subject;
use crate::engine::modality::spatial::Position;
use crate::engine::plan::logical::{Filter, Leaf, Test, When};

/// The scores a test gives to rows; greater is better, `None` is out.
pub fn scores(ctx: &Context<'_>, test: &Leaf, rows: &[Row<'_>]) -> Result<Vec<Option<f64>>> {
    match &test.test {
        Test::Similar(search) => {
            let target = prepared::target(ctx, search, test.span)?;
            rows.iter()
                .map(|row| {
                    ctx.budget.tick()?;
                    leaf::similarity_of(search, &target, row)
                })
                .collect()
        }
        Test::NearestPoint { latitude, longitude, .. } => {
            let from = Position { latitude: *latitude, longitude: *longitude };
            rows.iter().map(|row| Ok(distance(row, from)?.map(|km| -km))).collect()
        }
        Test::FullText(_) => text::scores(ctx, test, rows),
        _ => Ok(vec![None; rows.len()]),
    }
}

/// Kilometers from a row's place to a position.
pub fn distance(row: &Row<'_>, from: Position) -> Result<Option<f64>> {
    Ok(row.entity.spatial()?.map(|place| place.distance_km(from)))
}

/// True for a test that ranks.
pub fn ranks(test: &Test) -> bool {
    match test {
        Test::Similar(search) => search.subject == Subject::Row,
        Test::FullText(_) | Test::NearestPoint { .. } => true,
        _ => false,
    }
}

/// How many rows a test lets pass.
pub fn limit(test: &Test) -> Option<u64> {
    match test {
        Test::Similar(search) => search.nearest,
        Test::NearestPoint { k, .. } => Some(*k),
        _ => None,
    }
}

/// The ranking tests among the conjuncts of a filter. Full text ranks only the present: there are
/// no statistics of the words of the past.
pub fn rankings<'f>(filter: &'f Filter, when: &When) -> Vec<&'f Leaf> {
    let past = *when != When::Now;
    filter
        .conjuncts()
        .iter()
        .filter_map(|member| match member {
            Filter::Leaf(leaf) if past && matches!(leaf.test, Test::FullText(_)) => None,
            Filter::Leaf(leaf) if ranks(&leaf.test) => Some(leaf.as_ref()),
            _ => None,
        })
        .collect()
}

/// The hexads a k-nearest test lets pass where it only filters: the best of all.
pub fn members(ctx: &Context<'_>, test: &Leaf) -> Result<RoaringBitmap> {
    let mut rows = vec![];
    for iid in ctx.view.ever()?.iter() {
        ctx.budget.tick()?;
        if let Some(entity) = Entity::now(ctx.view, Iid(iid))? {
            rows.extend(ctx.states(entity)?.into_iter().map(Row::of));
        }
    }
    let scored = scores(ctx, test, &rows)?;
    let mut best: Vec<(usize, f64)> =
        scored.iter().enumerate().filter_map(|(i, s)| s.map(|s| (i, s))).collect();
    best.sort_by(|a, b| better(&rows, *a, *b));
    let k = limit(&test.test).unwrap_or(u64::MAX);
    Ok(best
        .into_iter()
        .take(usize::try_from(k).unwrap_or(usize::MAX))
        .map(|(i, _)| rows[i].entity.iid().0)
        .collect())
}

/// Best score first, ties by id, then by version.
fn better(rows: &[Row<'_>], a: (usize, f64), b: (usize, f64)) -> Ordering {
    let (x, y) = (&rows[a.0].entity, &rows[b.0].entity);
    b.1.total_cmp(&a.1).then_with(|| x.id().cmp(y.id())).then_with(|| x.version().cmp(&y.version()))
}

/// Scores rows by all rankings, drops what no k-nearest test lets pass, and fuses the scores.
pub fn apply<'v>(
    ctx: &Context<'v>,
    rankings: &[&Leaf],
    mut rows: Vec<Row<'v>>,
) -> Result<Vec<Row<'v>>> {
    let mut columns = vec![];
    for test in rankings {
        columns.push(scores(ctx, test, &rows)?);
    }
    let mut keep = vec![true; rows.len()];
    for (test, column) in rankings.iter().zip(&columns) {
        let mut best: Vec<(usize, f64)> =
            column.iter().enumerate().filter_map(|(i, s)| s.map(|s| (i, s))).collect();
        best.sort_by(|a, b| better(&rows, *a, *b));
        let k = limit(&test.test).map_or(usize::MAX, |k| usize::try_from(k).unwrap_or(usize::MAX));
        let mut passes = vec![false; rows.len()];
        best.iter().take(k).for_each(|(i, _)| passes[*i] = true);
        keep.iter_mut().zip(passes).for_each(|(keep, pass)| *keep &= pass);
    }
    set_scores(rankings, &columns, &keep, &mut rows);
    let mut kept = keep.into_iter();
    rows.retain(|_| kept.next().unwrap_or(false));
    Ok(rows)
}

fn set_scores(
    rankings: &[&Leaf],
    columns: &[Vec<Option<f64>>],
    keep: &[bool],
    rows: &mut [Row<'_>],
) {
    let mut fused: BTreeMap<u32, f64> = BTreeMap::new();
    for (test, column) in rankings.iter().zip(columns) {
        let kept: Vec<(Iid, f64)> = column
            .iter()
            .enumerate()
            .filter(|(i, _)| keep[*i])
            .filter_map(|(i, s)| s.map(|s| (Iid(i as u32), s)))
            .collect();
        for (row, rank) in fuse::ranks(&kept) {
            *fused.entry(row.0).or_default() += fuse::share(rank);
        }
        for (row, score) in rows.iter_mut().zip(column) {
            match &test.test {
                Test::Similar(_) => row.similarity = row.similarity.or(*score),
                Test::NearestPoint { .. } => {
                    row.distance_km = row.distance_km.or(score.map(|s| -s));
                }
                _ => {}
            }
            // A place is ordered by distance, which is a column of its own.
            let scored = !matches!(test.test, Test::NearestPoint { .. });
            if rankings.len() == 1 && scored {
                row.score = *score;
            }
        }
    }
    if rankings.len() > 1 {
        for (index, row) in rows.iter_mut().enumerate() {
            row.score = fused.get(&(index as u32)).copied();
        }
    }
}
