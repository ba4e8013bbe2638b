//! `vql explain`: the plan of one statement, shown like any other answer.

use std::io::Read as _;
use std::path::Path;

use super::args::{ExplainArgs, ReplArgs, Step};
use super::error::{CmdError, Result};
use super::exit::ExitStatus;
use super::repl;
use super::ui::Ui;
use crate::config::Config;
use crate::engine::lang;

/// Explains a statement.
pub fn run(
    args: &ExplainArgs,
    config: &Config,
    params: &[(String, String)],
    ui: &mut Ui,
) -> Result<ExitStatus> {
    let (target, statement) = match args.what.as_slice() {
        [statement] => (None, statement),
        [target, statement] => (Some(target.clone()), statement),
        _ => return Err(CmdError::usage("expected a database and one statement, or only that")),
    };
    let mut text = statement.clone();
    if text == "-" {
        text.clear();
        let read = std::io::stdin().read_to_string(&mut text);
        read.map_err(|cause| CmdError::file("read", Path::new("<stdin>"), &cause))?;
    }
    // What stands behind a semicolon would be run, not explained.
    if lang::parse(&text).script.statements.len() > 1 {
        return Err(CmdError::usage("expected one statement to explain"));
    }
    let words = if args.analyze { "EXPLAIN ANALYZE" } else { "EXPLAIN" };
    let steps = [Step::Command(format!("{words} {}", text.trim()))];
    let shell = ReplArgs { target, reach: args.reach.clone(), ..ReplArgs::default() };
    repl::run(&shell, &steps, config, params, ui)
}
