//! What the meta commands do; the table that names them is in the folder's `mod.rs`.

use std::path::{Path, PathBuf};
use std::process::Command;

use clap::ValueEnum as _;

use super::needs;
use crate::cmd::args::{Format, ImportArgs, OnConflict};
use crate::cmd::error::{CmdError, Result, plain};
use crate::cmd::exit::ExitStatus;
use crate::cmd::migrate;
use crate::cmd::repl::history as past;
use crate::cmd::repl::params::typed;
use crate::cmd::repl::run_file;
use crate::cmd::repl::script::{Piece, PieceKind};
use crate::cmd::repl::shell::{Flow, Shell};
use crate::cmd::target::{self, Wish};
use crate::engine::TransactionState;
use crate::engine::base::{Modality, Value};
use crate::engine::outcome::{Column, Outcome};

#[expect(clippy::unnecessary_wraps, reason = "every command has this shape")]
pub(super) fn quit(_: &mut Shell<'_>, _: &str) -> Result<Flow> {
    Ok(Flow::Quit)
}

pub(super) fn connect(shell: &mut Shell<'_>, rest: &str) -> Result<Flow> {
    let target = if rest.is_empty() { &shell.config.target.value } else { unquoted(rest) };
    let mut next = target::choose(target, Wish::default(), &shell.reach, shell.config)?;
    // Who cannot be reached is said before the one that can be is left.
    let state = if shell.interactive() { next.greet()? } else { String::new() };
    shell.connect(next)?;
    if shell.interactive() {
        let path = shell.target.shown();
        shell.ui.note(&format!("now on `{path}`{state}"));
    }
    Ok(Flow::Next)
}

pub(super) fn conninfo(shell: &mut Shell<'_>, _: &str) -> Result<Flow> {
    let transaction = match shell.target.transaction() {
        TransactionState::None => "none",
        TransactionState::Open => "open",
        TransactionState::Failed => "failed: ROLLBACK ends it",
    };
    let rows = [
        ("target", shell.target.full()),
        ("state", shell.target.state()),
        ("transaction", transaction.to_owned()),
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
        ("format", format_name(shell.look.format)),
        ("format from", shell.config.format.origin.to_string()),
        ("target from", shell.config.target.origin.to_string()),
    ];
    let rows = rows.map(|(name, value)| vec![Value::from(name), Value::from(value)]);
    shell.show(&outcome(&["name", "value"], rows.to_vec()))?;
    Ok(Flow::Next)
}

pub(super) fn status(shell: &mut Shell<'_>, _: &str) -> Result<Flow> {
    statement(shell, "SHOW STATUS".to_owned())
}

pub(super) fn stores(shell: &mut Shell<'_>, _: &str) -> Result<Flow> {
    statement(shell, "SHOW STORES".to_owned())
}

/// Without a name the modalities; a modality by its keyword; a contract when it says so; any
/// other name is a hexad.
pub(super) fn describe(shell: &mut Shell<'_>, rest: &str) -> Result<Flow> {
    let first = rest.split_whitespace().next().unwrap_or("").to_ascii_uppercase();
    let text = match first.as_str() {
        "" => "SHOW HEALTH".to_owned(),
        "CONTRACT" | "HEXAD" => format!("DESCRIBE {rest}"),
        word if Modality::from_keyword(word).is_some() => format!("DESCRIBE {word}"),
        _ => format!("DESCRIBE HEXAD {}", quoted(unquoted(rest))),
    };
    statement(shell, text)
}

pub(super) fn explain(shell: &mut Shell<'_>, rest: &str) -> Result<Flow> {
    if rest.is_empty() {
        return Err(needs("explain", "a statement"));
    }
    statement(shell, format!("EXPLAIN {rest}"))
}

pub(super) fn analyze(shell: &mut Shell<'_>, rest: &str) -> Result<Flow> {
    if rest.is_empty() {
        return Err(needs("analyze", "a statement"));
    }
    statement(shell, format!("EXPLAIN ANALYZE {rest}"))
}

pub(super) fn drift(shell: &mut Shell<'_>, rest: &str) -> Result<Flow> {
    let text = match rest {
        "" => "SHOW DRIFT".to_owned(),
        id => format!("DRIFT DETECT FROM HEXAD {}", quoted(unquoted(id))),
    };
    statement(shell, text)
}

pub(super) fn format(shell: &mut Shell<'_>, rest: &str) -> Result<Flow> {
    if rest.is_empty() {
        shell.ui.note(&format!("format is {}", format_name(shell.look.format)));
        return Ok(Flow::Next);
    }
    let Ok(format) = Format::from_str(rest, true) else {
        let names: Vec<String> =
            Format::value_variants().iter().map(|format| format_name(*format)).collect();
        let message = format!("`{rest}` is not a format");
        let hint = format!("choose one of {}", names.join(", "));
        return Err(CmdError::new(ExitStatus::Failed, message).hint(hint));
    };
    shell.look.format = format;
    if shell.interactive() {
        shell.ui.note(&format!("format is {}", format_name(format)));
    }
    Ok(Flow::Next)
}

pub(super) fn turn(shell: &mut Shell<'_>, _: &str) -> Result<Flow> {
    let next = match shell.look.format {
        Format::Expanded => Format::Table,
        _ => Format::Expanded,
    };
    format(shell, &format_name(next))
}

pub(super) fn timing(shell: &mut Shell<'_>, rest: &str) -> Result<Flow> {
    shell.look.timing = match rest.to_ascii_lowercase().as_str() {
        "" => !shell.look.timing,
        "on" | "true" | "1" => true,
        "off" | "false" | "0" => false,
        _ => return Err(needs("timing", "`on`, `off` or nothing")),
    };
    if shell.interactive() {
        let word = if shell.look.timing { "on" } else { "off" };
        shell.ui.note(&format!("timing is {word}"));
    }
    Ok(Flow::Next)
}

pub(super) fn set(shell: &mut Shell<'_>, rest: &str) -> Result<Flow> {
    if rest.is_empty() {
        let rows = shell
            .params()
            .iter()
            .map(|(name, value)| {
                vec![format!("${name}").into(), value.type_name().into(), value.clone()]
            })
            .collect();
        shell.show(&outcome(&["name", "type", "value"], rows))?;
        return Ok(Flow::Next);
    }
    let (name, value) = rest
        .split_once(|c: char| c.is_whitespace() || c == '=')
        .ok_or_else(|| needs("set", "a name and a value"))?;
    let value = value.trim_start().trim_start_matches('=').trim();
    let text = format!("{name}={value}");
    let (name, value) = crate::cmd::args::parameter(&text)
        .map_err(|message| CmdError::new(ExitStatus::Failed, message))?;
    shell.set(&name, typed(&value));
    Ok(Flow::Next)
}

pub(super) fn unset(shell: &mut Shell<'_>, rest: &str) -> Result<Flow> {
    let name = rest.trim_start_matches(['$', '@']);
    if name.is_empty() {
        return Err(needs("unset", "a name"));
    }
    if !shell.unset(name) {
        let message = format!("parameter `${name}` has no value");
        return Err(CmdError::new(ExitStatus::Failed, message));
    }
    Ok(Flow::Next)
}

pub(super) fn include(shell: &mut Shell<'_>, rest: &str) -> Result<Flow> {
    if rest.is_empty() {
        return Err(needs("i", "a file"));
    }
    run_file(shell, Path::new(unquoted(rest)))
}

pub(super) fn output(shell: &mut Shell<'_>, rest: &str) -> Result<Flow> {
    let path = (!rest.is_empty()).then(|| PathBuf::from(unquoted(rest)));
    shell.ui.redirect(path.as_deref())?;
    Ok(Flow::Next)
}

pub(super) fn import(shell: &mut Shell<'_>, rest: &str) -> Result<Flow> {
    if rest.is_empty() {
        return Err(needs("import", "a file"));
    }
    let database = shell.target.files("`\\import`")?;
    let args = ImportArgs {
        embed: None,
        files: vec![PathBuf::from(unquoted(rest))],
        target: database.path().display().to_string(),
        input_format: None,
        map: Vec::new(),
        on_conflict: OnConflict::Fail,
        strict: false,
        rejects: None,
        batch: migrate::BATCH,
        restart: false,
    };
    let status = migrate::import_into(database, &args, &shell.interrupt, shell.ui)?;
    Ok(shell.ended(status))
}

pub(super) fn export(shell: &mut Shell<'_>, rest: &str) -> Result<Flow> {
    if rest.is_empty() {
        return Err(needs("export", "a file, `-` for the output"));
    }
    let path = Path::new(unquoted(rest));
    let status =
        migrate::export_from(shell.target.files("`\\export`")?, path, &shell.interrupt, shell.ui)?;
    Ok(shell.ended(status))
}

pub(super) fn edit(shell: &mut Shell<'_>, _: &str) -> Result<Flow> {
    if !shell.interactive() {
        let message = "`\\edit` needs a terminal";
        return Err(CmdError::new(ExitStatus::Failed, message));
    }
    let before = shell.last.as_ref().map_or("", |piece| piece.text.as_str()).to_owned();
    let editor = shell.config.env.editor.clone().unwrap_or_else(|| "vi".to_owned());
    let text = in_editor(&editor, &before)?;
    let text = text.trim();
    if text.is_empty() || text == before {
        shell.ui.note("nothing changed, nothing runs");
        return Ok(Flow::Next);
    }
    shell.ui.note(text);
    statement(shell, text.to_owned())
}

pub(super) fn again(shell: &mut Shell<'_>, _: &str) -> Result<Flow> {
    let piece = shell.last.clone().ok_or_else(|| needs("g", "a statement that ran before"))?;
    shell.statement("<again>", &piece)
}

pub(super) fn history(shell: &mut Shell<'_>, rest: &str) -> Result<Flow> {
    let entries = match shell.config.history() {
        Some(path) => past::entries(&path).map_err(|e| CmdError::file("read", &path, &e))?,
        None => Vec::new(),
    };
    let wanted = rest.to_lowercase();
    let rows = entries
        .into_iter()
        .enumerate()
        .filter(|(_, entry)| entry.to_lowercase().contains(&wanted))
        .map(|(n, entry)| vec![Value::Int(n as i64 + 1), Value::from(entry)])
        .collect();
    shell.show(&outcome(&["n", "statement"], rows))?;
    Ok(Flow::Next)
}

pub(super) fn echo(shell: &mut Shell<'_>, rest: &str) -> Result<Flow> {
    shell.say(rest)?;
    Ok(Flow::Next)
}

/// Runs a statement that a command stands for.
pub(super) fn statement(shell: &mut Shell<'_>, text: String) -> Result<Flow> {
    let last = shell.last.clone();
    let piece = Piece { kind: PieceKind::Statement, text, lead: String::new(), line: 0 };
    let flow = shell.statement("<command>", &piece)?;
    // `\watch` repeats what the user typed, not what a command did for them.
    if last.is_some() {
        shell.last = last;
    }
    Ok(flow)
}

/// Lets the user edit a text.
fn in_editor(editor: &str, text: &str) -> Result<String> {
    let failed = |cause: &std::io::Error| {
        CmdError::new(ExitStatus::Failed, format!("cannot run `{editor}`: {}", plain(cause)))
            .hint("set EDITOR to the editor you want")
    };
    let file = tempfile::Builder::new()
        .prefix("vql-")
        .suffix(".vql")
        .tempfile()
        .map_err(|cause| failed(&cause))?;
    std::fs::write(file.path(), text).map_err(|cause| failed(&cause))?;
    let mut words = editor.split_whitespace();
    let program = words.next().unwrap_or("vi");
    let status = Command::new(program)
        .args(words)
        .arg(file.path())
        .status()
        .map_err(|cause| failed(&cause))?;
    if !status.success() {
        return Err(CmdError::new(ExitStatus::Failed, format!("`{editor}` failed")));
    }
    std::fs::read_to_string(file.path()).map_err(|cause| failed(&cause))
}

pub(super) fn outcome(columns: &[&str], rows: Vec<Vec<Value>>) -> Outcome {
    let columns = columns.iter().map(|name| Column { name: (*name).to_owned() }).collect();
    Outcome { tag: "META", columns, rows, ..Outcome::default() }
}

fn format_name(format: Format) -> String {
    format.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
}

/// A name without the quotes around it.
fn unquoted(text: &str) -> &str {
    let text = text.trim();
    for quote in ['\'', '"'] {
        if let Some(inner) = text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return inner;
        }
    }
    text
}

/// A name as a string of the language.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}
