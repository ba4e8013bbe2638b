//! Citations that lead back to where they began: nobody can cite what was written after him and is
//! cited by it.

use std::collections::{HashMap, HashSet, VecDeque};

use crate::engine::base::Result;
use crate::engine::exec::context::Context;
use crate::engine::modality::graph::{Direction, Follow};

/// Edges that are looked at for the way back from one hexad.
const LOOKED_AT: usize = 100_000;

/// The hexads that may lie on a cycle: all that do, and those between two of them.
#[derive(Debug, Default)]
pub struct Knots(HashSet<u32>);

impl Knots {
    /// Of all edges of these types, together.
    pub(super) fn of(ctx: &Context<'_>, cites: &[String]) -> Result<Self> {
        let citing = citing(ctx, cites)?;
        if citing.is_empty() {
            return Ok(Self::default());
        }
        let mut out: HashMap<u32, Vec<u32>> = HashMap::new();
        for node in ctx.graph()?.nodes()? {
            ctx.budget.tick()?;
            let targets = cited(ctx, node, &citing)?;
            if !targets.is_empty() {
                out.insert(node, targets);
            }
        }
        let mut into: HashMap<u32, Vec<u32>> = HashMap::new();
        let mut nodes: Vec<u32> = out.keys().copied().collect();
        nodes.sort_unstable();
        for node in &nodes {
            for target in &out[node] {
                into.entry(*target).or_default().push(*node);
            }
        }
        let rest = trimmed(&nodes.into_iter().collect(), &out, &into);
        Ok(Self(trimmed(&rest, &into, &out)))
    }

    /// Whether a hexad may lie on a cycle.
    pub fn contains(&self, iid: u32) -> bool {
        self.0.contains(&iid)
    }
}

/// What is left of some hexads when those that lead nowhere are taken away, again and again.
fn trimmed(
    of: &HashSet<u32>,
    out: &HashMap<u32, Vec<u32>>,
    into: &HashMap<u32, Vec<u32>>,
) -> HashSet<u32> {
    let within = |node: &u32| {
        out.get(node).map_or(0, |next| next.iter().filter(|target| of.contains(target)).count())
    };
    let mut left: HashMap<u32, usize> = of.iter().map(|node| (*node, within(node))).collect();
    let mut ends: Vec<u32> = of.iter().copied().filter(|node| left[node] == 0).collect();
    while let Some(end) = ends.pop() {
        left.remove(&end);
        for before in into.get(&end).map(Vec::as_slice).unwrap_or_default() {
            if let Some(count) = left.get_mut(before) {
                *count -= 1;
                if *count == 0 {
                    ends.push(*before);
                }
            }
        }
    }
    left.into_keys().collect()
}

/// The predicates of these names that there are.
fn citing(ctx: &Context<'_>, cites: &[String]) -> Result<Vec<Follow>> {
    let predicates = ctx.predicates()?;
    Ok(cites.iter().filter_map(|name| predicates.find(name)).map(Follow::Only).collect())
}

fn cited(ctx: &Context<'_>, node: u32, citing: &[Follow]) -> Result<Vec<u32>> {
    let mut targets = Vec::new();
    for follow in citing {
        ctx.graph()?.visit(node, *follow, Direction::Out, &mut |_, target| targets.push(target))?;
    }
    Ok(targets)
}

/// The shortest way from a hexad over edges of these types back to it; `None` when there is none, or
/// none that is near enough to be found.
pub(super) fn back(ctx: &Context<'_>, start: u32, cites: &[String]) -> Result<Option<Vec<u32>>> {
    let citing = citing(ctx, cites)?;
    let mut from: HashMap<u32, u32> = HashMap::new();
    let (mut next, mut looked) = (VecDeque::from([start]), 0);
    while let Some(node) = next.pop_front() {
        ctx.budget.tick()?;
        for target in cited(ctx, node, &citing)? {
            looked += 1;
            if target == start {
                let mut way = vec![node];
                while let Some(before) =
                    way.last().filter(|n| **n != start).and_then(|n| from.get(n))
                {
                    way.push(*before);
                }
                way.reverse();
                return Ok(Some(way));
            }
            if looked < LOOKED_AT && !from.contains_key(&target) {
                from.insert(target, node);
                next.push_back(target);
            }
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_nowhere_is_taken_away() {
        let edges = [(1, 2), (2, 3), (3, 2), (3, 4), (5, 1)];
        let (mut out, mut into) = (HashMap::new(), HashMap::new());
        for (a, b) in edges {
            out.entry(a).or_insert_with(Vec::new).push(b);
            into.entry(b).or_insert_with(Vec::new).push(a);
        }
        let all: HashSet<u32> = [1, 2, 3, 5].into();
        let rest = trimmed(&trimmed(&all, &out, &into), &into, &out);
        assert_eq!(rest, HashSet::from([2, 3]));
    }
}
