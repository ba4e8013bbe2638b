//! The user's own statements on the user's own database: each is run again and again for itself, and
//! nothing is written.

use std::path::Path;
use std::time::{Duration, Instant};

use super::measure::Meter;
use super::subject::Result;
use super::suite::Finding;
use crate::cmd::database::Database;
use crate::cmd::error::{CmdError, Result as CmdResult};
use crate::engine::lang;
use crate::engine::lang::ast::StatementKind;
use crate::engine::outcome::{Control, Params};

/// Rounds of a statement, the time one should take, and how often it is run in it at most.
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_millis(200);
const MOST: u32 = 500;
/// Characters of a statement that name it.
const NAME: usize = 60;

/// What is only read; the file may hold nothing else, but it may set the session up.
fn reads(kind: &StatementKind) -> bool {
    matches!(
        kind,
        StatementKind::Query(_)
            | StatementKind::Count(_)
            | StatementKind::Search(_)
            | StatementKind::Show(_)
            | StatementKind::Describe(_)
            | StatementKind::Explain(_)
    )
}

/// Measures the statements of a file.
pub(super) fn run(
    target: &Path,
    file: &Path,
    params: &Params,
    progress: &mut dyn FnMut(&str),
) -> CmdResult<Vec<Finding>> {
    let text = std::fs::read_to_string(file).map_err(|e| CmdError::file("read", file, &e))?;
    let parse = lang::parse(&text);
    let place =
        |at: u32| text.get(..at as usize).map_or(1, |before| before.matches('\n').count() + 1);
    let wrong =
        |at: u32, why: &str| CmdError::usage(format!("{}:{}: {why}", file.display(), place(at)));
    if let Some(found) = parse.diagnostics.iter().find(|found| found.is_error()) {
        return Err(wrong(found.span.start, &found.message));
    }
    for statement in &parse.script.statements {
        if !reads(&statement.kind) && !matches!(statement.kind, StatementKind::Set(_)) {
            let why =
                format!("{} is not a question; only reading is measured", statement.kind.keyword());
            return Err(wrong(statement.span.start, &why));
        }
    }
    let mut database = Database::new(&target.to_string_lossy(), true)?;
    let mut findings = Vec::new();
    for statement in &parse.script.statements {
        let (from, to) = (statement.span.start as usize, statement.span.end as usize);
        let source = text.get(from..to).unwrap_or_default();
        let number = findings.len() + 1;
        progress(&format!("statement {number}"));
        let mut once = || -> CmdResult<u64> {
            let outcome = database.execute(&text, statement, params, &Control::default());
            let outcome =
                outcome.map_err(|failure| failed(failure, file, place(statement.span.start)))?;
            Ok(outcome.rows.len() as u64)
        };
        if matches!(statement.kind, StatementKind::Set(_)) {
            once()?;
            continue;
        }
        findings.push(measured(number, source, &mut once)?);
    }
    database.close()?;
    if findings.is_empty() {
        return Err(CmdError::usage(format!("{} has no statement to measure", file.display())));
    }
    Ok(findings)
}

fn failed(failure: crate::cmd::database::Failure, file: &Path, line: usize) -> CmdError {
    let mut error = match failure {
        crate::cmd::database::Failure::Open(error) => return error,
        crate::cmd::database::Failure::Statement(error) => CmdError::from(error),
    };
    error.message = format!("{}:{line}: {}", file.display(), error.message);
    error
}

fn measured(
    number: usize,
    source: &str,
    once: &mut dyn FnMut() -> CmdResult<u64>,
) -> CmdResult<Finding> {
    let rows = once()?;
    let start = Instant::now();
    once()?;
    let each = start.elapsed().max(Duration::from_nanos(1));
    let count = (ROUND.as_nanos() / each.as_nanos()).clamp(1, u128::from(MOST)) as usize;
    let mut meter = Meter::default();
    let mut stopped = None;
    for _ in 0..ROUNDS {
        let round: Result<()> = meter.round(count, |_| match once() {
            Ok(_) => Ok(()),
            Err(error) => {
                let message = error.message.clone();
                stopped = Some(error);
                Err(message.into())
            }
        });
        if let (Err(_), Some(error)) = (round, stopped.take()) {
            return Err(error);
        }
    }
    let words = source.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut name: String = words.chars().take(NAME).collect();
    if name.len() < words.len() {
        name.push_str("..");
    }
    let operation = format!("{words}; {rows} rows");
    let mut finding = Finding::new("own", format!("{number}: {name}"), &operation);
    finding.costs.push(Some(meter.cost()));
    Ok(finding)
}
