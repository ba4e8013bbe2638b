//! What a graph pattern binds for one row, as a value: `SELECT GRAPH((h)-[:CITES]->(x))`.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use crate::engine::base::{Result, Value};
use crate::engine::exec::conjunction::Conjunction;
use crate::engine::exec::context::Context;
use crate::engine::exec::eval::Env;
use crate::engine::exec::order;
use crate::engine::modality::graph::{Search, match_pattern};
use crate::engine::plan::logical::{Filter, Leaf, Pattern, Test};

/// Bindings listed for one row at most.
const MOST: usize = 10_000;

/// One map from variables to ids for each binding, each once, in order; null without any.
pub fn list<'v>(ctx: &Context<'v>, pattern: &Pattern, env: &Env<'_, 'v>) -> Result<Value> {
    let leaf = Leaf {
        number: usize::MAX,
        test: Test::Pattern(pattern.clone()),
        span: crate::engine::base::Span::default(),
    };
    let conjunction = Conjunction::of(&[Filter::Leaf(leaf.into())]);
    let mut search = List { ctx, names: &conjunction.variables, found: vec![] };
    let mut start = vec![None; conjunction.variables.len()];
    start[0] = Some(env.row.entity.iid().0);
    match_pattern(ctx.graph()?, &conjunction.edges(ctx.predicates()?)?, &start, &mut search)?;
    let mut seen = BTreeSet::new();
    let mut found = search.found;
    found.retain(|map| seen.insert(order::canonical(map)));
    found.sort_by_key(order::canonical);
    Ok(if found.is_empty() { Value::Null } else { Value::List(found) })
}

struct List<'s, 'v> {
    ctx: &'s Context<'v>,
    names: &'s [String],
    found: Vec<Value>,
}

impl Search for List<'_, '_> {
    fn spend(&mut self, _: u64) -> Result<()> {
        self.ctx.budget.tick()
    }

    fn found(&mut self, binding: &[Option<u32>]) -> Result<ControlFlow<()>> {
        let mut map = BTreeMap::new();
        for (name, node) in self.names.iter().zip(binding) {
            if let (Some(node), false) = (node, name.starts_with('(')) {
                map.insert(name.clone(), Value::Text(self.ctx.id_of(*node)?));
            }
        }
        self.found.push(Value::Map(map));
        let full = self.found.len() >= MOST;
        Ok(if full { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }
}
