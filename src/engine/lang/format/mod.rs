//! The formatter: one layout for every accepted text.
//!
//! It works on the lossless tree, statement by statement, so comments and literals stay as they were
//! written, and a statement with syntax errors stays as it is without stopping the others. It proves
//! its own work: the result of each statement is parsed again and must say the same, with the same
//! comments and literals; otherwise the statement is refused with an internal error rather than
//! changed.
//!
//! `-- fmt: off` keeps everything up to `-- fmt: on` as it is, `-- fmt: skip` one statement.

mod comments;
mod doc;
mod proof;
mod range;
mod rules;
mod script;
mod spacing;
mod writer;

pub use range::format_range;
pub use script::{Formatted, format_script};

use super::diag::Diagnostic;

/// What can be chosen about the layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Columns of a line, where it can be broken.
    pub width: usize,
    /// Columns of one step of indentation.
    pub indent: usize,
    /// How keywords are written.
    pub case: KeywordCase,
}

impl Default for Options {
    fn default() -> Self {
        Self { width: 100, indent: 2, case: KeywordCase::Upper }
    }
}

/// How keywords are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeywordCase {
    /// `SELECT`
    #[default]
    Upper,
    /// `select`
    Lower,
    /// As they stand in the text.
    Preserve,
}

impl KeywordCase {
    /// All of them, with the names that settings use.
    pub const ALL: &'static [(Self, &'static str)] =
        &[(Self::Upper, "upper"), (Self::Lower, "lower"), (Self::Preserve, "preserve")];
}

/// Formats a text in the standard layout, or says why it cannot be.
///
/// Formatting twice changes nothing more. The diagnostics of an error are those of the parser, or one
/// of kind `InternalError` when the formatter would have changed what the text says.
pub fn format(text: &str) -> Result<String, Vec<Diagnostic>> {
    let formatted = format_script(text, Options::default());
    if formatted.diagnostics.is_empty() { Ok(formatted.text) } else { Err(formatted.diagnostics) }
}

#[cfg(test)]
mod tests;
