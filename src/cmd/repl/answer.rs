//! Puts an answer before the reader: in the chosen form, through the pager when it is long, with
//! a last line that says how much and how long. Errors go the same way.

use std::time::Duration;

use serde_json::Value as Json;

use super::script::Piece;
use crate::cmd::args::Format;
use crate::cmd::error::{CmdError, Result};
use crate::cmd::explain::paint;
use crate::cmd::format::{self, Answer, Page};
use crate::cmd::pager;
use crate::cmd::ui::Ui;
use crate::engine::base::span::Places;
use crate::engine::base::{Error, Span, Value};
use crate::engine::lang::Diagnostic;
use crate::engine::lang::diag::{RenderOptions, payload, render};
use crate::engine::outcome::Outcome;

/// Diagnostics shown for one statement.
const SHOWN: usize = 10;

/// How answers are shown at the moment.
#[derive(Clone, Debug)]
pub(super) struct Look {
    /// The form.
    pub(super) format: Format,
    /// Whether the last line says how long it took.
    pub(super) timing: bool,
    /// The user's pager; `None` takes the usual one, empty none.
    pub(super) pager: Option<String>,
    /// A person waits for the answer.
    pub(super) interactive: bool,
}

/// Shows the answer to one statement.
pub(super) fn show(ui: &mut Ui, look: &Look, answer: &Answer<'_>) -> Result<()> {
    let size = ui.size();
    let page = Page { width: size.map(|(width, _)| width), color: ui.color() };
    if let (Format::Table, Some(plan)) = (look.format, &answer.outcome.explained)
        && is_tree(answer.outcome)
    {
        // A tree is easier to read without a frame around it.
        text(ui, look, &paint::tree(plan, page.width, page.color))?;
        return finish(ui, look, answer);
    }
    if look.format == Format::Table
        && let Some(lines) = tree_lines(answer.outcome)
    {
        // The plan of a server, which comes as its lines.
        text(ui, look, &lines)?;
        return finish(ui, look, answer);
    }
    let form = format::form(look.format);
    match size {
        Some(_) if look.interactive => {
            let mut written = Vec::new();
            form.write(answer, &page, &mut written)?;
            text(ui, look, &String::from_utf8_lossy(&written))?;
        }
        _ => form.write(answer, &page, ui.out())?,
    }
    finish(ui, look, answer)
}

/// The lines of a plan.
fn tree_lines(outcome: &Outcome) -> Option<String> {
    let plan = outcome.tag.starts_with("EXPLAIN") && outcome.columns.len() == 1;
    (plan && is_tree(outcome)).then(|| {
        let line = |row: &Vec<Value>| {
            row.first().and_then(Value::as_str).unwrap_or_default().to_owned() + "\n"
        };
        outcome.rows.iter().map(line).collect()
    })
}

/// True for a plan as lines, not as one value.
fn is_tree(outcome: &Outcome) -> bool {
    outcome.rows.iter().all(|row| matches!(row.as_slice(), [Value::Text(_)]))
}

/// What is said behind an answer.
fn finish(ui: &mut Ui, look: &Look, answer: &Answer<'_>) -> Result<()> {
    // A program may wait for the answer before it writes the next statement.
    ui.flush()?;
    for notice in &answer.outcome.notices {
        ui.warn(&notice.message, notice.hint.as_deref());
    }
    if look.interactive {
        ui.note(&last_line(answer.outcome, look.timing.then_some(answer.elapsed)));
    } else if look.timing {
        ui.message(&last_line(answer.outcome, Some(answer.elapsed)));
    } else {
        ui.detail(&last_line(answer.outcome, Some(answer.elapsed)));
    }
    Ok(())
}

/// Shows a text, one screen at a time when it is long and a person reads it.
pub(super) fn text(ui: &mut Ui, look: &Look, text: &str) -> Result<()> {
    ui.flush()?;
    let long = ui.size().is_some_and(|(_, height)| text.lines().count() + 2 > height);
    if !(long && look.interactive && pager::show(look.pager.as_deref(), text)?) {
        ui.print(text)?;
    }
    ui.flush()
}

/// `(3 rows, 1.2 ms)`
fn last_line(outcome: &Outcome, elapsed: Option<Duration>) -> String {
    let mut parts = Vec::new();
    match outcome.affected {
        Some(1) => parts.push(format!("{}: 1 hexad", outcome.tag)),
        Some(n) => parts.push(format!("{}: {n} hexads", outcome.tag)),
        None if outcome.columns.is_empty() => parts.push(format!("{}: done", outcome.tag)),
        None => {}
    }
    match outcome.rows.len() {
        _ if outcome.columns.is_empty() || outcome.affected.is_some() => {}
        1 => parts.push("1 row".to_owned()),
        n => parts.push(format!("{n} rows")),
    }
    if let Some(elapsed) = elapsed {
        parts.push(duration(elapsed));
    }
    format!("({})", parts.join(", "))
}

/// A duration as people say it.
pub(super) fn duration(elapsed: Duration) -> String {
    let ms = elapsed.as_secs_f64() * 1000.0;
    match ms {
        ms if ms < 10.0 => format!("{ms:.2} ms"),
        ms if ms < 1000.0 => format!("{ms:.0} ms"),
        ms => format!("{:.2} s", ms / 1000.0),
    }
}

/// Shows what is wrong with a statement: for people on standard error and, when a program waits
/// for one line a statement, as that line.
pub(super) fn refuse(
    ui: &mut Ui,
    look: &Look,
    name: &str,
    piece: &Piece,
    found: &[Diagnostic],
) -> Result<()> {
    if let Some(first) = found.first() {
        answer_failure(ui, look, &payload(&Places::of(&piece.text), first))?;
    }
    // The snippet shows the place in the whole script.
    let (text, shift) = in_script(piece);
    let width = ui.size().map_or(120, |(width, _)| width);
    let options = RenderOptions { name, color: ui.color_messages(), width };
    let places = Places::of(&text);
    for diagnostic in found.iter().take(SHOWN) {
        let mut moved = diagnostic.clone();
        moved.span =
            Span::new(diagnostic.span.start as usize + shift, diagnostic.span.end as usize + shift);
        ui.message(&render(&places, &moved, &options));
    }
    if found.len() > SHOWN {
        ui.message(&format!("and {} more errors", found.len() - SHOWN));
    }
    Ok(())
}

/// Shows an error of the engine about a statement.
pub(super) fn fail(
    ui: &mut Ui,
    look: &Look,
    name: &str,
    piece: &Piece,
    error: &Error,
) -> Result<()> {
    if error.span.is_some() {
        return refuse(ui, look, name, piece, &[Diagnostic::from(error)]);
    }
    answer_failure(ui, look, &placeless(error))?;
    ui.fail(&CmdError::from(error.clone()));
    Ok(())
}

/// Shows that a statement could not even begin.
pub(super) fn fail_to_open(ui: &mut Ui, look: &Look, error: &CmdError) -> Result<()> {
    answer_failure(ui, look, &placeless(&error.payload()))?;
    ui.fail(error);
    Ok(())
}

fn answer_failure(ui: &mut Ui, look: &Look, payload: &Json) -> Result<()> {
    if look.format == Format::Json {
        ui.print(&format::failure(payload))?;
        ui.flush()?;
    }
    Ok(())
}

/// The payload of an error without a place.
fn placeless(error: &Error) -> Json {
    let mut json = payload(&Places::of(""), &Diagnostic::from(error));
    if let Some(fields) = json.get_mut("error").and_then(Json::as_object_mut) {
        fields.insert("span".to_owned(), Json::Null);
    }
    json
}

/// The statement where it stands, and how far its start moved.
fn in_script(piece: &Piece) -> (String, usize) {
    let before = "\n".repeat(piece.line) + &piece.lead;
    let shift = before.len();
    (before + &piece.text, shift)
}
