//! Whether a row satisfies a filter: the law that every index and every plan has to agree with.

use std::ops::ControlFlow;

use crate::engine::base::{Error, Kind, Result, Value};
use crate::engine::exec::context::Context;
use crate::engine::exec::leaf;
use crate::engine::exec::row::Row;
use crate::engine::modality::graph::{Search, match_pattern};
use crate::engine::plan::logical::Filter;

/// What names mean while a filter is evaluated: the row, and the hexads variables are bound to.
pub struct Env<'e, 'v> {
    /// The row.
    pub row: &'e Row<'v>,
    /// Variables and the hexads they stand for.
    pub bound: Vec<(String, u32)>,
    /// Keys of the group, when rows are groups.
    pub keys: &'e [Value],
    /// Aggregates of the group.
    pub aggregates: &'e [Value],
}

impl<'e, 'v> Env<'e, 'v> {
    /// Nothing but a row.
    pub fn of(row: &'e Row<'v>) -> Self {
        Self { row, bound: vec![], keys: &[], aggregates: &[] }
    }

    /// The hexad a variable stands for.
    pub fn binding(&self, name: &str) -> Option<u32> {
        self.bound.iter().rev().find(|(n, _)| n == name).map(|(_, iid)| *iid)
    }

    fn with(&self, more: impl IntoIterator<Item = (String, u32)>) -> Self {
        let mut bound = self.bound.clone();
        bound.extend(more);
        Self { row: self.row, bound, keys: self.keys, aggregates: self.aggregates }
    }
}

/// True when the filter holds.
pub fn holds<'v>(ctx: &Context<'v>, filter: &Filter, env: &Env<'_, 'v>) -> Result<bool> {
    match filter {
        Filter::Const(value) => Ok(*value),
        Filter::Or(members) => {
            for member in members {
                if holds(ctx, member, env)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Filter::Not(inner) => holds(ctx, inner, env).map(|held| !held),
        Filter::And(members) => all(ctx, members, env),
        Filter::Leaf(leaf)
            if matches!(leaf.test, crate::engine::plan::logical::Test::Pattern(_)) =>
        {
            all(ctx, std::slice::from_ref(filter), env)
        }
        Filter::Leaf(leaf) => leaf::holds(ctx, leaf, env),
    }
}

/// True when all members hold, for one binding of the variables their patterns share.
pub fn all<'v>(ctx: &Context<'v>, members: &[Filter], env: &Env<'_, 'v>) -> Result<bool> {
    let conjunction = ctx.conjunction(members);
    for index in &conjunction.free {
        if !holds(ctx, &members[*index], env)? {
            return Ok(false);
        }
    }
    if conjunction.plain {
        return members_hold(ctx, members, &conjunction.single, &conjunction.bound, env);
    }
    let mut search = Bindings { ctx, members, conjunction: &conjunction, env, found: false };
    let start: Vec<Option<u32>> = conjunction
        .variables
        .iter()
        .enumerate()
        .map(|(number, name)| match number {
            0 => Some(env.row.entity.iid().0),
            _ => env.binding(name),
        })
        .collect();
    // Variables bound from outside are not asked about by the search.
    for (number, bound) in start.iter().enumerate() {
        if let (true, Some(node)) = (number > 0, bound)
            && !search.admit(number, *node)?
        {
            return Ok(false);
        }
    }
    let edges = conjunction.edges(ctx.predicates()?)?;
    match_pattern(ctx.graph()?, &edges, &start, &mut search)?;
    Ok(search.found)
}

fn members_hold<'v>(
    ctx: &Context<'v>,
    members: &[Filter],
    single: &[(usize, usize)],
    bound: &[usize],
    env: &Env<'_, 'v>,
) -> Result<bool> {
    for index in single.iter().map(|(index, _)| index).chain(bound) {
        if !holds(ctx, &members[*index], env)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The search for a binding: members about one variable are tested when it is bound.
struct Bindings<'s, 'e, 'v> {
    ctx: &'s Context<'v>,
    members: &'s [Filter],
    conjunction: &'s crate::engine::exec::conjunction::Conjunction,
    env: &'s Env<'e, 'v>,
    found: bool,
}

impl Search for Bindings<'_, '_, '_> {
    fn admit(&mut self, variable: usize, node: u32) -> Result<bool> {
        if !self.ctx.exists(node)? {
            return Ok(false);
        }
        let name = &self.conjunction.variables[variable];
        for (index, about) in &self.conjunction.single {
            if *about == variable {
                let env = self.env.with([(name.clone(), node)]);
                if !holds(self.ctx, &self.members[*index], &env)? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    fn spend(&mut self, _: u64) -> Result<()> {
        self.ctx.budget.tick()
    }

    fn found(&mut self, binding: &[Option<u32>]) -> Result<ControlFlow<()>> {
        self.ctx.budget.tick()?;
        let more = self
            .conjunction
            .variables
            .iter()
            .zip(binding)
            .filter_map(|(name, node)| node.map(|node| (name.clone(), node)));
        let env = self.env.with(more);
        for index in &self.conjunction.bound {
            if !holds(self.ctx, &self.members[*index], &env)? {
                return Ok(ControlFlow::Continue(()));
            }
        }
        self.found = true;
        Ok(ControlFlow::Break(()))
    }
}

/// The row a subject means: the row itself, or the hexad a variable is bound to.
pub fn subject<'v>(
    ctx: &Context<'v>,
    subject: &crate::engine::lang::resolve::Subject,
    env: &Env<'_, 'v>,
) -> Result<Option<Row<'v>>> {
    use crate::engine::lang::resolve::Subject;
    match subject {
        Subject::Row => Ok(Some(env.row.clone())),
        Subject::Variable(name) => match env.binding(name) {
            Some(iid) => Ok(ctx.entity(iid)?.map(Row::of)),
            None => Err(Error::new(
                Kind::UnknownVariable,
                format!("no pattern binds `{name}` where it is used"),
            )
            .hint("join the condition to its graph pattern with AND")),
        },
    }
}
