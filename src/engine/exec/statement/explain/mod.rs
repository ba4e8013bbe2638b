//! `EXPLAIN`: the plan that is really used, as a value; `EXPLAIN ANALYZE`: the same after it was run
//! and measured. A write is made ready as it would be and dropped: nothing of it is ever committed.

mod hint;
mod measure;
mod tree;

use std::sync::Arc;

use crate::engine::base::{Error, Result, Value};
use crate::engine::exec::budget::Budget;
use crate::engine::exec::context::Context;
use crate::engine::exec::statement::{Job, table};
use crate::engine::lang::ast::{Explain, Name, Statement};
use crate::engine::outcome::Outcome;
use crate::engine::plan::explain::{Explained, text};
use crate::engine::plan::logical::Select;

/// The forms of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Lines of a tree.
    Text,
    /// One value.
    Json,
}

/// Runs `EXPLAIN`.
pub fn run(job: &Job<'_>, explain: &Explain) -> Result<Outcome> {
    let form = form(&explain.options)?;
    let explained = explained(job, &explain.statement, explain.analyze)?;
    let rows = match form {
        Form::Text => {
            text::plain(&explained).into_iter().map(|line| vec![Value::Text(line)]).collect()
        }
        Form::Json => vec![vec![explained.to_value()]],
    };
    let mut outcome = table("EXPLAIN", &["plan"], rows);
    outcome.explained = Some(Arc::new(explained));
    Ok(outcome)
}

fn form(options: &[Name]) -> Result<Form> {
    let mut chosen = None;
    for option in options {
        let form = if option.is("text") {
            Form::Text
        } else if option.is("json") {
            Form::Json
        } else {
            let construct = format!("EXPLAIN ({})", option.text);
            return Err(Error::not_supported(&construct, option.span)
                .hint("the forms of a plan are text and json"));
        };
        if chosen.is_some_and(|chosen| chosen != form) {
            return Err(Error::not_supported("EXPLAIN in two forms at once", option.span));
        }
        chosen = Some(form);
    }
    Ok(chosen.unwrap_or(Form::Text))
}

/// The plan of a statement, run and measured if `analyze`.
pub fn explained(job: &Job<'_>, statement: &Statement, analyze: bool) -> Result<Explained> {
    let view = job.view()?;
    if !analyze {
        // A plan alone asks no embedder: any vector of the same length has the same plan.
        return job.memo.listen(|| tree::of(job, &view, statement, None));
    }
    let left = job.budget.left();
    let slot = job.budget.slot().cloned();
    let budget = Budget::new(&left, job.shared.clock.as_ref()).traced().keeping(slot);
    let measured = Job { control: &left, budget: &budget, ..*job };
    measure::run(&measured, &view, statement)
}

/// The plan of a query that runs, in one line.
pub fn brief(
    ctx: &Context<'_>,
    select: &Select,
    default_limit: bool,
    text: &str,
) -> Result<String> {
    let root = tree::of_select(ctx, select, default_limit, text)?;
    Ok(text::brief(&Explained::new("SELECT", root)))
}
