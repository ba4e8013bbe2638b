//! The formatter: one layout for every accepted text.
//!
//! It works on the lossless tree, so comments and literals stay as they were written. It proves its
//! own work: the result is parsed again and must say the same, with the same comments and literals;
//! otherwise the text is refused with an internal error rather than changed. It never touches a text
//! with syntax errors.

mod comments;
mod doc;
mod rules;
mod spacing;
mod writer;

use super::ast::without_spans;
use super::diag::Diagnostic;
use super::kind::SyntaxKind as K;
use super::parse::{Parse, parse};
use crate::engine::base::{Kind, Span, limit};

/// What can be chosen about the layout.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Columns of a line, where it can be broken.
    pub width: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { width: 100 }
    }
}

/// Formats a text in the standard layout, or says why it cannot be.
///
/// Formatting twice changes nothing more. The diagnostics of an error are those of the parser, or one
/// of kind `InternalError` when the formatter would have changed what the text says.
pub fn format(text: &str) -> Result<String, Vec<Diagnostic>> {
    format_parsed(text, &parse(text), Options::default())
}

/// The same, for a text that is already parsed, with options.
pub fn format_parsed(
    text: &str,
    parsed: &Parse,
    options: Options,
) -> Result<String, Vec<Diagnostic>> {
    if !parsed.is_ok() {
        return Err(parsed.errors().cloned().collect());
    }
    let writer = rules::Rules::new(&parsed.tree, text).script(&parsed.tree);
    let formatted = doc::print(&writer.finish(), options.width);
    match difference(text, parsed, &formatted) {
        None => Ok(formatted),
        // Line ends and indentation can carry a statement over its limit.
        Some(_) if formatted.len() > limit::STATEMENT_BYTES => {
            let message =
                format!("laid out, a statement would be over {} bytes", limit::STATEMENT_BYTES);
            Err(vec![Diagnostic::error(Kind::StatementTooLarge, Span::default(), message)])
        }
        Some(what) => {
            let message = format!("formatting would change {what}; the text is left as it is");
            let diagnostic = Diagnostic::error(Kind::InternalError, Span::default(), message)
                .hint("this is a bug of vql: please report the statement");
            Err(vec![diagnostic])
        }
    }
}

/// What the formatted text says differently.
fn difference(text: &str, parsed: &Parse, formatted: &str) -> Option<&'static str> {
    let again = parse(formatted);
    if !again.is_ok() {
        return Some("the syntax");
    }
    if without_spans(&again.script) != without_spans(&parsed.script) {
        return Some("the meaning");
    }
    if comments(text, parsed) != comments(formatted, &again) {
        return Some("a comment");
    }
    (literals(text, parsed) != literals(formatted, &again)).then_some("a literal")
}

/// The comments, sorted: clauses may have moved.
fn comments(text: &str, parsed: &Parse) -> Vec<String> {
    let mut all: Vec<String> = parsed
        .tree
        .leaves()
        .iter()
        .filter(|leaf| leaf.kind.is_comment())
        .map(|leaf| leaf.text(text).trim_end().replace("\r\n", "\n"))
        .collect();
    all.sort_unstable();
    all
}

/// The literals, sorted.
fn literals<'a>(text: &'a str, parsed: &Parse) -> Vec<&'a str> {
    let literal = |kind: K| {
        matches!(kind, K::String | K::Number | K::Timestamp | K::Param | K::Regex | K::Glob | K::Id)
    };
    let mut all: Vec<&str> = parsed
        .tree
        .leaves()
        .iter()
        .filter(|leaf| literal(leaf.kind))
        .map(|leaf| leaf.text(text))
        .collect();
    all.sort_unstable();
    all
}

#[cfg(test)]
mod tests;
