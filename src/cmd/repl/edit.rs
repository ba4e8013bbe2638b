//! What the line editor asks us while a statement is typed: is it complete, how is it colored,
//! what could come next. All answers come from the one parser and the one table of commands.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::ValueEnum as _;
use nu_ansi_term::{Color, Style};
use reedline::{
    Completer, CompletionResult, DefaultHinter, Highlighter, Hinter, History, Span, StyledText,
    Suggestion, ValidationResult, Validator,
};

use super::cut::{self, is_meta};
use super::meta::{self, Argument};
use crate::cmd::args::Format;
use crate::engine::lang;
use crate::engine::lang::kind::SyntaxKind as K;
use crate::engine::lang::lexer::{self, Flaw, Lexed};

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
    match cut::first(text, 0) {
        None => return true,
        Some(part) if part.complete => return true,
        Some(part) if part.open => return false,
        Some(_) => {}
    }
    // Only an error at the very end can be cured by more text.
    let parsed = lang::parse(text);
    parsed.errors().all(|found| (found.span.start as usize) < text.len())
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
        for leaf in lexer::lex(line) {
            let text = line.get(leaf.start..leaf.end).unwrap_or("");
            styled.push((style(&leaf), text.to_owned()));
        }
        styled
    }
}

fn style(leaf: &Lexed) -> Style {
    if leaf.flaw == Some(Flaw::BadNumber) {
        return Style::new().fg(Color::Red).underline();
    }
    match leaf.kind {
        K::Word if leaf.kw.is_some_and(|kw| kw.modality().is_some()) => {
            Style::new().fg(Color::Cyan).bold()
        }
        K::Word if leaf.kw.is_some() => Style::new().fg(Color::Blue).bold(),
        K::String | K::Regex | K::Glob => Style::new().fg(Color::Green),
        K::Number | K::Timestamp => Style::new().fg(Color::Yellow),
        K::LineComment | K::BlockComment => Style::new().fg(Color::DarkGray).italic(),
        K::Param => Style::new().fg(Color::Purple),
        K::Unknown => Style::new().fg(Color::Red).underline(),
        _ => Style::new(),
    }
}

/// Hints from the history, in gray; remembers on the way whether anything was typed at all.
pub(super) struct Hints {
    pub(super) inner: DefaultHinter,
    pub(super) typed: Arc<AtomicBool>,
}

impl Hinter for Hints {
    fn handle(
        &mut self,
        line: &str,
        pos: usize,
        history: &dyn History,
        color: bool,
        directory: &str,
    ) -> String {
        if !line.is_empty() {
            self.typed.store(true, Ordering::Relaxed);
        }
        self.inner.handle(line, pos, history, color, directory)
    }

    fn complete_hint(&self) -> String {
        self.inner.complete_hint()
    }

    fn next_hint_token(&self) -> String {
        self.inner.next_hint_token()
    }
}

/// Completes commands, their arguments and statements.
pub(super) struct Words;

impl Completer for Words {
    fn complete(&mut self, line: &str, pos: usize) -> CompletionResult {
        CompletionResult::fresh(Self::suggestions(line, pos))
    }
}

impl Words {
    fn suggestions(line: &str, pos: usize) -> Vec<Suggestion> {
        let pos = pos.min(line.len());
        let Some(typed) = line.get(..pos) else { return Vec::new() };
        if is_meta(typed.trim_start()) || typed.trim() == "." {
            return Self::command(typed);
        }
        Vec::new()
    }

    /// Inside a command: its name, or what may follow it.
    fn command(typed: &str) -> Vec<Suggestion> {
        let start = typed.len() - typed.trim_start().len();
        if !typed.trim_start().contains(char::is_whitespace) {
            return names(typed, start);
        }
        let (name, _) = meta::split(typed);
        let Some(meta) = meta::find(name) else { return Vec::new() };
        let word_start = typed.rfind(char::is_whitespace).map_or(0, |at| at + 1);
        let word = typed.get(word_start..).unwrap_or("");
        let choices: Vec<(String, String)> = match meta.argument {
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
            Argument::Statement
            | Argument::Name
            | Argument::None
            | Argument::Parameter
            | Argument::Free => Vec::new(),
        };
        choices
            .into_iter()
            .filter(|(text, _)| starts_like(text, word))
            .map(|(text, about)| suggestion(&text, &about, word_start, typed.len(), true))
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
