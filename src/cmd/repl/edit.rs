//! What the line editor asks us while a statement is typed: is it complete, how is it colored,
//! what could come next. All answers come from the one parser and the one table of commands.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::ValueEnum as _;
use nu_ansi_term::{Color, Style};
use parking_lot::Mutex;
use reedline::{
    Completer, CompletionResult, Highlighter, Span, StyledText, Suggestion, ValidationResult,
    Validator,
};

use super::cut::{self, is_meta};
use super::meta::{self, Argument};
use crate::cmd::args::Format;
use crate::engine::base::Modality;
use crate::engine::lang;
use crate::engine::lang::complete::{Names, complete};
use crate::engine::lang::highlight::{Class, highlight};
use crate::engine::lang::resolve::NameKind;

/// Ids offered at once.
const IDS: usize = 50;

/// What the editor knows of the database and the session, renewed before each line.
#[derive(Default)]
pub(super) struct Known {
    pub(super) source: Option<Arc<dyn Names + Send + Sync>>,
    pub(super) params: Vec<String>,
}

impl Names for Known {
    fn names(&self, of: NameKind) -> Vec<String> {
        self.source.as_ref().map(|source| source.names(of)).unwrap_or_default()
    }

    fn ids(&self, prefix: &str, limit: usize) -> Vec<String> {
        self.source.as_ref().map(|source| source.ids(prefix, limit)).unwrap_or_default()
    }

    fn params(&self) -> Vec<String> {
        self.params.clone()
    }

    fn snapshots(&self) -> Vec<String> {
        self.source.as_ref().map(|source| source.snapshots()).unwrap_or_default()
    }
}

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
///
/// It is asked for every line that is drawn, also for one that was called back from the history,
/// which nobody asks for a hint: so it is what notes that there is something on the line.
pub(super) struct Colors {
    pub(super) color: bool,
    pub(super) typed: Arc<AtomicBool>,
}

impl Highlighter for Colors {
    fn highlight(&self, line: &str, _cursor: usize) -> StyledText {
        if !line.is_empty() {
            self.typed.store(true, Ordering::Relaxed);
        }
        let mut styled = StyledText::new();
        if !self.color {
            styled.push((Style::new(), line.to_owned()));
            return styled;
        }
        if is_meta(line.trim_start()) {
            styled.push((Style::new().fg(Color::Purple), line.to_owned()));
            return styled;
        }
        for (span, class) in highlight(line) {
            let text = line.get(span.range()).unwrap_or("");
            styled.push((style(class), text.to_owned()));
        }
        styled
    }
}

fn style(class: Class) -> Style {
    match class {
        Class::Keyword => Style::new().fg(Color::Blue).bold(),
        Class::Modality => Style::new().fg(Color::Cyan).bold(),
        Class::String => Style::new().fg(Color::Green),
        Class::Number | Class::Constant => Style::new().fg(Color::Yellow),
        Class::Comment => Style::new().fg(Color::DarkGray).italic(),
        Class::Parameter | Class::Function => Style::new().fg(Color::Purple),
        Class::Error => Style::new().fg(Color::Red).underline(),
        Class::Operator | Class::Punctuation | Class::Id | Class::Name | Class::Blank => {
            Style::new()
        }
    }
}

/// Completes commands, their arguments and statements.
pub(super) struct Words {
    pub(super) known: Arc<Mutex<Known>>,
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
            Argument::Topic => lang::topics::TOPICS
                .iter()
                .map(|topic| (topic.name.to_owned(), topic.about.to_owned()))
                .collect(),
            Argument::Statement => {
                let from = typed.len() - meta::split(typed).1.len();
                let statement = typed.get(from..).unwrap_or("");
                return self.statement(statement, statement.len(), from);
            }
            Argument::Name => self.names(word),
            Argument::Parameter => {
                let known = self.known.lock();
                known.params().into_iter().map(|name| (name, "parameter".to_owned())).collect()
            }
            Argument::None | Argument::Free => Vec::new(),
        };
        choices
            .into_iter()
            .filter(|(text, _)| starts_like(text, word))
            .map(|(text, about)| suggestion(&text, &about, word_start, typed.len(), true))
            .collect()
    }
}

impl Words {
    /// What may stand at the cursor of a statement that begins at `shift` of the line.
    fn statement(&self, text: &str, cursor: usize, shift: usize) -> Vec<Suggestion> {
        let known = self.known.lock();
        let found = complete(text, cursor, &*known);
        let (start, end) = (found.replace.start as usize, found.replace.end as usize);
        let items = found.items.into_iter();
        items
            .map(|item| {
                let about = item.detail.unwrap_or_default();
                suggestion(&item.text, &about, start + shift, end + shift, true)
            })
            .collect()
    }

    /// What can be described: modalities, contracts, hexads.
    fn names(&self, word: &str) -> Vec<(String, String)> {
        let known = self.known.lock();
        let named = |names: Vec<String>, about: &str| {
            names.into_iter().map(|name| (name, about.to_owned())).collect::<Vec<_>>()
        };
        let mut found = named(Modality::ALL.map(|m| m.keyword().to_owned()).into(), "modality");
        found.extend(named(known.ids(word, IDS), "hexad"));
        found
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
