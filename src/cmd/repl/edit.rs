//! What the line editor asks us while a statement is typed: is it complete, how is it colored,
//! what could come next. All answers come from the one parser and the one table of commands.

use std::path::Path;
use std::sync::Arc;

use clap::ValueEnum as _;
use nu_ansi_term::{Color, Style};
use parking_lot::Mutex;
use reedline::{
    Completer, CompletionResult, Highlighter, Span, StyledText, Suggestion, ValidationResult,
    Validator,
};

use super::meta::{self, Argument};
use super::script::is_meta;
use crate::cmd::args::Format;
use crate::engine::lang;
use crate::engine::lang::complete::Names;
use crate::engine::lang::highlight::Class;

/// The names a statement may use, as far as they are known.
pub(super) type Known = Arc<Mutex<Box<dyn Names + Send>>>;

/// Decides whether Enter runs the statement or starts a new line.
pub(super) struct Complete;

impl Validator for Complete {
    fn validate(&self, line: &str) -> ValidationResult {
        if is_complete(line) { ValidationResult::Complete } else { ValidationResult::Incomplete }
    }
}

/// True when there is nothing to wait for: a command, a semicolon at the end, or a text the parser
/// is satisfied with. A text that is wrong is complete too: waiting would not make it right.
pub(super) fn is_complete(text: &str) -> bool {
    let text = text.trim();
    if text.is_empty() || is_meta(text) {
        return true;
    }
    // The old way to continue a line.
    if text.ends_with('\\') {
        return false;
    }
    let parts = lang::statements(text);
    if parts.iter().all(|part| part.complete) {
        return true;
    }
    // Only an error at the very end can be cured by more text.
    let parsed = lang::parse(text);
    parsed
        .diagnostics
        .iter()
        .filter(|found| found.is_error())
        .all(|found| (found.span.start as usize) < text.len() && !is_open(found.kind))
}

/// Something was opened and not closed.
fn is_open(kind: crate::engine::base::Kind) -> bool {
    kind == crate::engine::base::Kind::UnterminatedString
}

/// Colors the line with the lexer of the language.
pub(super) struct Colors;

impl Highlighter for Colors {
    fn highlight(&self, line: &str, _cursor: usize) -> StyledText {
        let mut styled = StyledText::new();
        if is_meta(line.trim_start()) {
            styled.push((Style::new().fg(Color::Purple), line.to_owned()));
            return styled;
        }
        let mut at = 0;
        for (span, class) in lang::highlight(line) {
            let range = span.range();
            push(&mut styled, Style::new(), line.get(at..range.start));
            push(&mut styled, style(class), line.get(range.clone()));
            at = range.end;
        }
        push(&mut styled, Style::new(), line.get(at..));
        styled
    }
}

fn push(styled: &mut StyledText, style: Style, text: Option<&str>) {
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        styled.push((style, text.to_owned()));
    }
}

fn style(class: Class) -> Style {
    match class {
        Class::Keyword => Style::new().fg(Color::Blue).bold(),
        Class::Modality => Style::new().fg(Color::Cyan).bold(),
        Class::String => Style::new().fg(Color::Green),
        Class::Number => Style::new().fg(Color::Yellow),
        Class::Comment => Style::new().fg(Color::DarkGray).italic(),
        Class::Parameter => Style::new().fg(Color::Purple),
        Class::Error => Style::new().fg(Color::Red).underline(),
        _ => Style::new(),
    }
}

/// Completes commands, their arguments and statements.
pub(super) struct Words {
    pub(super) known: Known,
}

impl Completer for Words {
    fn complete(&mut self, line: &str, pos: usize) -> CompletionResult {
        CompletionResult::fresh(self.suggestions(line, pos))
    }
}

impl Words {
    fn suggestions(&self, line: &str, pos: usize) -> Vec<Suggestion> {
        let pos = pos.min(line.len());
        let Some(typed) = line.get(..pos) else { return Vec::new() };
        if is_meta(typed.trim_start()) || typed.trim() == "." {
            return self.command(typed);
        }
        self.statement(line, pos, 0)
    }

    /// Inside a command: its name, or what may follow it.
    fn command(&self, typed: &str) -> Vec<Suggestion> {
        let start = typed.len() - typed.trim_start().len();
        let Some(blank) = typed.get(start..).and_then(|text| text.find(char::is_whitespace)) else {
            return names(typed, start);
        };
        let (name, _) = meta::split(typed);
        let Some(meta) = meta::find(name) else { return Vec::new() };
        let word_start = typed.rfind(char::is_whitespace).map_or(0, |at| at + 1);
        let word = typed.get(word_start..).unwrap_or("");
        let choices: Vec<(String, String)> = match meta.argument {
            Argument::Statement => {
                let from = start + blank + 1;
                let statement = typed.get(from..).unwrap_or("");
                return self.statement(statement, statement.len(), from);
            }
            Argument::File => files(word),
            Argument::Format => Format::value_variants()
                .iter()
                .filter_map(clap::ValueEnum::to_possible_value)
                .map(|value| {
                    let help = value.get_help().map(ToString::to_string).unwrap_or_default();
                    (value.get_name().to_owned(), help)
                })
                .collect(),
            Argument::Switch => ["on", "off"].map(|word| (word.to_owned(), String::new())).into(),
            Argument::Topic => meta::help::TOPICS
                .iter()
                .map(|topic| (topic.name.to_owned(), topic.about.to_owned()))
                .collect(),
            Argument::Name => {
                let known = self.known.lock();
                known.ids(word, 50).into_iter().map(|id| (id, "hexad".to_owned())).collect()
            }
            Argument::None | Argument::Parameter | Argument::Free => Vec::new(),
        };
        choices
            .into_iter()
            .filter(|(text, _)| starts_like(text, word))
            .map(|(text, about)| suggestion(&text, &about, word_start, typed.len(), true))
            .collect()
    }

    fn statement(&self, text: &str, cursor: usize, shift: usize) -> Vec<Suggestion> {
        let known = self.known.lock();
        let found = lang::complete(text, cursor, &**known);
        let (start, end) = (found.replace.start as usize, found.replace.end as usize);
        found
            .items
            .into_iter()
            .map(|item| {
                let detail = item.detail.unwrap_or_default();
                suggestion(&item.text, &detail, start + shift, end + shift, true)
            })
            .collect()
    }
}

/// The names of commands that start like what was typed, with the sign that was typed.
fn names(typed: &str, start: usize) -> Vec<Suggestion> {
    let sign = typed.get(start..=start).unwrap_or("\\");
    let word = typed.get(start + 1..).unwrap_or("");
    meta::TABLE
        .iter()
        .filter_map(|meta| {
            let name = meta.names.iter().find(|name| starts_like(name, word))?;
            let space = meta.argument != Argument::None;
            let text = format!("{sign}{name}");
            Some(suggestion(&text, meta.about, start, typed.len(), space))
        })
        .collect()
}

fn suggestion(text: &str, about: &str, start: usize, end: usize, space: bool) -> Suggestion {
    Suggestion {
        value: text.to_owned(),
        description: (!about.is_empty()).then(|| about.to_owned()),
        span: Span { start, end: end.max(start) },
        append_whitespace: space,
        ..Suggestion::default()
    }
}

fn starts_like(text: &str, word: &str) -> bool {
    text.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word))
}

/// Names in the directory that is typed.
fn files(word: &str) -> Vec<(String, String)> {
    let (folder, _) = word.rfind('/').map_or(("", word), |at| word.split_at(at + 1));
    let path = if folder.is_empty() { Path::new(".") } else { Path::new(folder) };
    let Ok(entries) = std::fs::read_dir(path) else { return Vec::new() };
    let mut found: Vec<(String, String)> = entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let name = entry.file_name().into_string().ok()?;
            let slash = if entry.path().is_dir() { "/" } else { "" };
            Some((format!("{folder}{name}{slash}"), String::new()))
        })
        .filter(|(name, _)| !name.trim_start_matches(folder).starts_with('.'))
        .collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enter_runs_what_is_complete_and_waits_for_what_is_open() {
        for text in ["", "\\help", ".quit", "SHOW STATUS;", "SHOW STATUS", "SELECT * FROM hexads"] {
            assert!(is_complete(text), "{text}");
        }
        for text in [
            "SELECT *",
            "SELECT * FROM",
            "SELECT * FROM hexads WHERE (",
            "INSERT 'title",
            "SHOW STATUS /* why",
            "SELECT * \\",
        ] {
            assert!(!is_complete(text), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_not_waited_for() {
        assert!(is_complete("SELCT * FROM hexads"));
    }
}
