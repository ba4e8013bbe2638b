//! Rows ranked before they are tested: best first, until enough of them pass. For a filter that no
//! index answers, over rows of which only the best are wanted.

use std::cmp::Ordering;
use std::rc::Rc;

use roaring::RoaringBitmap;

use crate::engine::base::{Iid, Result};
use crate::engine::exec::context::Context;
use crate::engine::exec::entity::Entity;
use crate::engine::exec::eval::{self, Env};
use crate::engine::exec::row::Row;
use crate::engine::exec::top::{self, Ranked};
use crate::engine::exec::{rank, select};
use crate::engine::plan::logical::{Filter, Leaf, Select, Source, Test};

/// What was found, and what it took.
#[derive(Debug, Default)]
pub struct Best {
    /// The best rows, best first.
    pub rows: Vec<Ranked>,
    /// Rows that were read to be tested.
    pub read: u64,
}

/// The search for the best rows of one ranking.
pub struct BestFirst<'r, 'v> {
    /// The surroundings.
    pub ctx: &'r Context<'v>,
    /// The query.
    pub select: &'r Select,
    /// Its one ranking.
    pub ranking: &'r Leaf,
    /// What no index and not the ranking answers.
    pub rest: &'r Filter,
}

impl BestFirst<'_, '_> {
    /// The best `need` of `left`.
    pub fn run(&self, left: &RoaringBitmap, need: usize) -> Result<Best> {
        let most = rank::limit(&self.ranking.test)
            .map_or(need, |k| usize::try_from(k).unwrap_or(usize::MAX).min(need));
        let mut found = Best::default();
        if most == 0 {
            return Ok(found);
        }
        let all = left.len() as usize;
        let mut tested = RoaringBitmap::new();
        let mut ask = (2 * most).max(16).min(all.max(1));
        loop {
            let list = self.in_order(top::best(self.ctx, self.ranking, left, Some(ask))?)?;
            let complete = list.len() < ask || ask >= all;
            for (score, _, iid) in list {
                if found.rows.len() >= most {
                    break;
                }
                if !tested.insert(iid) {
                    continue;
                }
                // From here on they are all too far.
                if !self.near_enough(score) {
                    return Ok(found);
                }
                if self.passes(iid, &mut found.read)? {
                    let mut row = Ranked { iid, ..Ranked::default() };
                    top::score(self.ranking, &mut row, score);
                    found.rows.push(row);
                }
            }
            if complete || found.rows.len() >= most {
                return Ok(found);
            }
            ask = ask.saturating_mul(4).min(all);
        }
    }

    /// Best first, ties by id.
    fn in_order(&self, list: Vec<(u32, f64)>) -> Result<Vec<(f64, String, u32)>> {
        let mut named = Vec::with_capacity(list.len());
        for (iid, score) in list {
            named.push((score, self.ctx.id_of(iid)?, iid));
        }
        named.sort_by(|a, b| match b.0.total_cmp(&a.0) {
            Ordering::Equal => a.1.cmp(&b.1),
            order => order,
        });
        Ok(named)
    }

    fn near_enough(&self, score: f64) -> bool {
        match &self.ranking.test {
            Test::Similar(search) => search.within.is_none_or(|least| score >= least),
            _ => true,
        }
    }

    fn passes(&self, iid: u32, read: &mut u64) -> Result<bool> {
        self.ctx.budget.tick()?;
        if *self.rest == Filter::Const(true) && self.select.source != Source::Reflect {
            return Ok(true);
        }
        *read += 1;
        let Some(entity) = Entity::now(self.ctx.view, Iid(iid))? else { return Ok(false) };
        let row = Row::of(Rc::new(entity));
        Ok(select::of_source(&self.select.source, &row)?
            && eval::holds(self.ctx, self.rest, &Env::of(&row))?)
    }
}
