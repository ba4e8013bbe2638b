//! `vql explain`: the plan of one statement, as a tree that fits the page, as JSON, or as a picture in
//! a file of its own.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use super::args::{ExplainArgs, Format};
use super::error::{CmdError, Result};
use super::exit::ExitStatus;
use super::format::cell;
use super::repl;
use super::ui::Ui;
use crate::config::Config;
use crate::engine::lang;

mod html;
pub mod paint;

/// Explains a statement.
pub fn run(
    args: &ExplainArgs,
    config: &Config,
    params: &[(String, String)],
    ui: &mut Ui,
) -> Result<ExitStatus> {
    let (target, statement) = match args.what.as_slice() {
        [statement] => (None, statement),
        [target, statement] => (Some(target.as_str()), statement),
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
    let text = text.trim();
    let (status, plan) =
        repl::plan_of((target, &args.reach), &format!("{words} {text}"), config, params, ui)?;
    let Some(plan) = plan else {
        if let (ExitStatus::Ok, Some(path)) = (status, &args.html) {
            let message = format!("nothing was drawn into {}", path.display());
            return Err(CmdError::usage(message)
                .hint("plans of a server come as text: draw where its database is"));
        }
        return Ok(status);
    };
    if let Some(path) = &args.html {
        let page = html::page(&plan, text);
        fs::write(path, page).map_err(|cause| CmdError::file("write", path, &cause))?;
        ui.note(&format!("the picture of the plan is in {}", path.display()));
    }
    match config.format.value {
        Some(Format::Json | Format::Jsonl) => {
            ui.print(&format!("{}\n", cell::exact(&plan.to_value())))?;
        }
        _ if args.html.is_some() => {}
        _ => {
            let width = ui.size().map(|(width, _)| width);
            let color = ui.color();
            ui.print(&paint::tree(&plan, width, color))?;
        }
    }
    ui.flush()?;
    Ok(status)
}
