//! What is done with one text: read, treat, write back, and say what was found. Runs on any thread,
//! so it prints nothing itself.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use nu_ansi_term::{Color as Ink, Style};
use serde_json::Value;

use super::find::{Input, is_markdown};
use super::options;
use super::replace::replace;
use super::report::{self, Report};
use crate::cmd::args::{FmtArgs, Range, ReportFormat};
use crate::cmd::error::{CmdError, Result, plain};
use crate::config::layout::{Layouts, Wishes};
use crate::engine::base::Span;
use crate::engine::base::span::Places;
use crate::engine::lang::diag::{Fix, apply};
use crate::engine::lang::fences::blocks;
use crate::engine::lang::format::{Options, format_range, format_script};
use crate::engine::lang::resolve::NoCatalog;
use crate::engine::lang::{Diagnostic, Severity, lint, parse};

/// What is done with every text.
#[derive(Clone, Copy)]
pub(super) struct Task<'a> {
    pub(super) args: &'a FmtArgs,
    pub(super) layouts: &'a Layouts,
    pub(super) wishes: Wishes,
    pub(super) report: Report,
}

/// What came of one text.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// For standard output.
    pub(super) printed: String,
    /// For standard error.
    pub(super) messages: String,
    /// For standard error, when more is wanted.
    pub(super) detail: Option<String>,
    /// It could not be read or written.
    pub(super) error: Option<CmdError>,
    /// The findings as results of SARIF.
    pub(super) sarif: Vec<Value>,
    pub(super) changed: bool,
    pub(super) broken: bool,
    /// The linter found something that is an error.
    pub(super) rejected: bool,
}

/// A text treated.
struct Treated {
    text: String,
    found: Vec<Diagnostic>,
    broken: bool,
}

impl Task<'_> {
    /// Treats one input.
    pub(super) fn run(&self, input: &Input) -> Outcome {
        let mut outcome = Outcome::default();
        let done = match input {
            Input::File(path) => self.file(path, &mut outcome),
            Input::Stdin => self.standard_input(false, &mut outcome),
            Input::Passed => self.standard_input(true, &mut outcome),
        };
        if let Err(error) = done {
            outcome.broken = true;
            outcome.error = Some(error);
        }
        outcome
    }

    fn standard_input(&self, passed: bool, outcome: &mut Outcome) -> Result<()> {
        let path = self.args.which.stdin_filename.as_deref();
        let name = path.map_or_else(|| "<stdin>".to_owned(), |path| path.display().to_string());
        let mut bytes = Vec::new();
        if let Err(cause) = io::stdin().lock().read_to_end(&mut bytes) {
            let message = format!("cannot read standard input: {}", plain(&cause));
            return Err(CmdError::usage(message));
        }
        let text = decode(&name, bytes)?;
        let printed = if passed {
            text
        } else {
            let layout = path.unwrap_or(Path::new("stdin.vql"));
            let treated = self.treat(layout, &text)?;
            self.tell(&name, &text, &treated, outcome);
            treated.text
        };
        if !(self.args.check || self.args.diff) && (!self.args.lint || self.args.fix) {
            outcome.printed.push_str(&printed);
        }
        Ok(())
    }

    fn file(&self, path: &Path, outcome: &mut Outcome) -> Result<()> {
        let name = path.display().to_string();
        let bytes = fs::read(path).map_err(|cause| CmdError::file("read", path, &cause))?;
        let text = decode(&name, bytes)?;
        let treated = self.treat(path, &text)?;
        self.tell(&name, &text, &treated, outcome);
        if outcome.changed && !(self.args.check || self.args.diff) {
            replace(path, &treated.text).map_err(|cause| CmdError::file("write", path, &cause))?;
            let verb = if self.args.lint { "fixed" } else { "formatted" };
            outcome.detail = Some(format!("{verb} {name}"));
        }
        Ok(())
    }

    /// Formats or lints a text of this name.
    fn treat(&self, path: &Path, text: &str) -> Result<Treated> {
        let options = options(&self.layouts.of(path, &self.wishes)?);
        if !is_markdown(path) {
            return Ok(self.vql(text, options, self.args.fix));
        }
        if self.args.range.is_some() {
            return Err(CmdError::usage("`--range` works on VQL files, not on Markdown"));
        }
        let mut treated = self.markdown(text, options, self.args.fix);
        if self.args.fix && treated.text != text {
            // What is left is found at its place in the text as it is now.
            treated = self.markdown(&treated.text, options, false);
        }
        Ok(treated)
    }

    fn markdown(&self, text: &str, options: Options, fix: bool) -> Treated {
        let mut treated =
            Treated { text: String::with_capacity(text.len()), found: Vec::new(), broken: false };
        let mut at = 0;
        for block in blocks(text) {
            let inner = self.vql(&block.body, options, fix);
            treated.text.push_str(text.get(at..block.range.start).unwrap_or(""));
            // A fence stands on a line of its own.
            let mut body = block.indented(&inner.text);
            if !(body.is_empty() || body.ends_with('\n')) {
                body.push('\n');
            }
            treated.text.push_str(&body);
            at = block.range.end;
            treated.broken |= inner.broken;
            treated.found.extend(inner.found.into_iter().map(|mut finding| {
                finding.span = block.place(finding.span);
                if let Some(fix) = &mut finding.fix {
                    fix.span = block.place(fix.span);
                }
                finding
            }));
        }
        treated.text.push_str(text.get(at..).unwrap_or(""));
        treated
    }

    fn vql(&self, text: &str, options: Options, fix: bool) -> Treated {
        if self.args.lint {
            return lint_text(text, fix);
        }
        if let Some(range) = self.args.range {
            let edits = format_range(text, span_of(text, range), options);
            return Treated { text: apply(text, &edits), found: Vec::new(), broken: false };
        }
        let formatted = format_script(text, options);
        Treated { text: formatted.text, found: formatted.diagnostics, broken: formatted.broken > 0 }
    }

    /// Says what was found and what would change.
    fn tell(&self, name: &str, old: &str, treated: &Treated, outcome: &mut Outcome) {
        outcome.changed = treated.text != old;
        outcome.broken = treated.broken;
        let mut found = treated.found.clone();
        let dry = self.args.check || self.args.diff;
        let by_machine = self.report.format != ReportFormat::Text;
        if outcome.changed && dry && by_machine {
            found.push(unformatted(old, &treated.text));
        } else if outcome.changed && self.args.diff {
            outcome.printed.push_str(&self.diff(name, old, &treated.text));
        } else if outcome.changed && self.args.check {
            outcome.printed.extend(["would reformat ", name, "\n"]);
        }
        if found.is_empty() {
            return;
        }
        // Findings of a fixed text are about the fixed text.
        let places = Places::of(if self.args.lint { &treated.text } else { old });
        for finding in &found {
            outcome.rejected |= self.args.lint && lint::rejects(finding);
            let shown = self.report.show(name, &places, finding);
            if self.report.to_out {
                outcome.printed.push_str(&shown);
            } else {
                outcome.messages.push_str(&shown);
            }
        }
        if self.report.format == ReportFormat::Sarif {
            outcome.sarif = found.iter().map(|f| report::result(name, &places, f)).collect();
        }
    }

    fn diff(&self, name: &str, old: &str, new: &str) -> String {
        let diff = similar::TextDiff::from_lines(old, new);
        let diff = diff.unified_diff().header(name, name).to_string();
        if !self.report.color_diff {
            return diff;
        }
        let mut colored = String::with_capacity(diff.len() * 2);
        for line in diff.split_inclusive('\n') {
            let (body, end) = line.strip_suffix('\n').map_or((line, ""), |body| (body, "\n"));
            let style = match body.as_bytes() {
                [b'-', b'-', b'-', ..] | [b'+', b'+', b'+', ..] => Ink::Default.bold(),
                [b'-', ..] => Ink::Red.normal(),
                [b'+', ..] => Ink::Green.normal(),
                [b'@', ..] => Ink::Cyan.normal(),
                _ => Style::new(),
            };
            colored.push_str(&style.paint(body).to_string());
            colored.push_str(end);
        }
        colored
    }
}

/// Lints; when edits are wanted, until no finding comes with one, or they lead to others for long.
fn lint_text(text: &str, fix: bool) -> Treated {
    const ROUNDS: usize = 10;
    let mut text = text.to_owned();
    let mut found = lint::findings(&text, &parse(&text), &NoCatalog);
    for _ in 0..ROUNDS {
        let edits: Vec<Fix> = found.iter().filter_map(|f| f.fix.clone()).collect();
        if !fix || edits.is_empty() {
            break;
        }
        text = apply(&text, &edits);
        found = lint::findings(&text, &parse(&text), &NoCatalog);
    }
    Treated { text, found, broken: false }
}

fn decode(name: &str, bytes: Vec<u8>) -> Result<String> {
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        CmdError::usage(format!("`{name}` is not UTF-8 text: byte {at} is wrong"))
    })
}

/// What a machine is told about a text that is not in the standard layout.
fn unformatted(old: &str, new: &str) -> Diagnostic {
    let alike = old.bytes().zip(new.bytes()).take_while(|(a, b)| a == b).count();
    let start = alike.min(old.len());
    let span = Span::new(start, start);
    Diagnostic::lint("unformatted", Severity::Warning, span, "the layout is not the standard one")
        .hint("run `vql fmt`")
}

/// The bytes between two places; beyond the end of a line or text is its end.
fn span_of(text: &str, range: Range) -> Span {
    let offset = |(line, column): (u32, u32)| {
        let mut lines = text.split_inclusive('\n');
        let before: usize = lines.by_ref().take(line as usize - 1).map(str::len).sum();
        let line = lines.next().unwrap_or("").trim_end_matches(['\r', '\n']);
        let column = column as usize - 1;
        before + line.char_indices().nth(column).map_or(line.len(), |(at, _)| at)
    };
    Span::new(offset(range.start), offset(range.end))
}
