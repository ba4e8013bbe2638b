//! `EXPLAIN`: the plan that is really used, as a tree of lines.

use crate::engine::base::{Error, Result};
use crate::engine::exec::statement::Job;
use crate::engine::lang::ast::Explain;
use crate::engine::outcome::Outcome;

/// Runs `EXPLAIN`.
pub fn run(job: &Job<'_>, explain: &Explain) -> Result<Outcome> {
    let _ = job;
    Err(Error::not_supported("EXPLAIN", explain.statement.span))
}
