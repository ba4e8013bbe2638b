//! Groups of rows and the aggregates over them.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::base::{Result, Value};
use crate::engine::exec::aggregate::{Accumulator, Function};
use crate::engine::exec::context::Context;
use crate::engine::exec::eval::Env;
use crate::engine::exec::row::Row;
use crate::engine::exec::{order, scalar};
use crate::engine::lang::ast::AggregateFn;
use crate::engine::plan::logical::{Aggregate, Scalar, Select};

/// One group.
pub struct Group<'v> {
    /// The values of the keys.
    pub keys: Vec<Value>,
    /// The values of the aggregates.
    pub aggregates: Vec<Value>,
    /// A row of it; nothing for the one group over no rows.
    pub first: Option<Row<'v>>,
}

struct Growing<'v> {
    keys: Vec<Value>,
    sums: Vec<Running>,
    first: Option<Row<'v>>,
}

struct Running {
    sum: Accumulator,
    /// The values seen, when each counts once.
    seen: Option<BTreeSet<String>>,
}

impl Running {
    fn of(aggregate: &Aggregate) -> Self {
        let function = match aggregate.function {
            AggregateFn::Count => Function::Count,
            AggregateFn::Sum => Function::Sum,
            AggregateFn::Avg => Function::Avg,
            AggregateFn::Min => Function::Min,
            AggregateFn::Max => Function::Max,
        };
        let seen = aggregate.distinct.then(BTreeSet::new);
        Self { sum: Accumulator::new(function), seen }
    }

    fn add(&mut self, aggregate: &Aggregate, value: &Value) -> Result<()> {
        if let Some(seen) = &mut self.seen
            && !value.is_null()
            && !seen.insert(order::canonical(value))
        {
            return Ok(());
        }
        self.sum.add(value, aggregate.span)
    }
}

/// The groups of `rows`, by their keys. Without keys there is one group, even over no rows.
pub fn groups<'v>(ctx: &Context<'v>, select: &Select, rows: &[Row<'v>]) -> Result<Vec<Group<'v>>> {
    let fresh = |keys: Vec<Value>| Growing {
        keys,
        sums: select.aggregates.iter().map(Running::of).collect(),
        first: None,
    };
    let mut groups: BTreeMap<String, Growing<'v>> = BTreeMap::new();
    if select.group.is_empty() {
        groups.insert(String::new(), fresh(vec![]));
    }
    for row in rows {
        ctx.budget.tick()?;
        let env = Env::of(row);
        let keys = select.group.iter().map(|key| scalar::value(ctx, key, &env));
        let keys: Vec<Value> = keys.collect::<Result<_>>()?;
        let name: Vec<String> = keys.iter().map(order::canonical).collect();
        let group = groups.entry(name.join("\u{1}")).or_insert_with(|| fresh(keys));
        for (aggregate, running) in select.aggregates.iter().zip(&mut group.sums) {
            add(ctx, aggregate, running, &env)?;
        }
        group.first.get_or_insert_with(|| row.clone());
    }
    Ok(groups
        .into_values()
        .map(|group| Group {
            keys: group.keys,
            aggregates: group.sums.iter().map(|running| running.sum.finish()).collect(),
            first: group.first,
        })
        .collect())
}

fn add<'v>(
    ctx: &Context<'v>,
    aggregate: &Aggregate,
    running: &mut Running,
    env: &Env<'_, 'v>,
) -> Result<()> {
    let Some(over) = &aggregate.value else {
        // COUNT(*) counts rows, whatever is in them.
        return running.add(aggregate, &Value::Bool(true));
    };
    let value = scalar::value(ctx, over, env)?;
    match (over, &value) {
        // A field with several values brings all of them.
        (Scalar::Field(field), Value::List(items))
            if field.many && aggregate.function != AggregateFn::Count =>
        {
            items.iter().try_for_each(|item| running.add(aggregate, item))
        }
        _ => running.add(aggregate, &value),
    }
}
