//! What is wrong with a text, where, and what to write instead.
//!
//! Parser, binder and linter all report through [`Diagnostic`]; [`render()`] shows it to people,
//! [`payload()`] to programs. Deciding *whether* something is wrong happens elsewhere.

mod payload;
mod render;
mod suggest;

pub use payload::payload;
pub use render::{RenderOptions, render};
pub use suggest::{closest, did_you_mean};

use crate::engine::base::{Error, Kind, Span};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The statement cannot be executed.
    Error,
    /// It can, but probably should not.
    Warning,
    /// It could be said better.
    Hint,
}

impl Severity {
    /// The word shown before the kind.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Hint => "hint",
        }
    }
}

/// A text edit that would put it right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What is replaced.
    pub span: Span,
    /// By what.
    pub text: String,
}

/// A text with edits made in it; of edits that overlap or say the same, the first one.
pub fn apply(text: &str, edits: &[Fix]) -> String {
    let mut edits: Vec<&Fix> = edits.iter().collect();
    edits.sort_by_key(|edit| edit.span);
    edits.dedup();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        let range = edit.span.range();
        if range.start >= at {
            out.push_str(text.get(at..range.start).unwrap_or(""));
            out.push_str(&edit.text);
            at = range.end;
        }
    }
    out.push_str(text.get(at..).unwrap_or(""));
    out
}

/// One finding about a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// What kind; [`Kind::Lint`] for findings of the linter.
    pub kind: Kind,
    /// The rule of the linter (`VQL001`), when it was one.
    pub rule: Option<&'static str>,
    /// How bad.
    pub severity: Severity,
    /// Where.
    pub span: Span,
    /// The fact, lower case, without a full stop.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    /// What could stand at this place, when the parser knows.
    pub expected: Vec<String>,
    /// The edit that would put it right, when it is certain enough to apply.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// An error.
    pub fn error(kind: Kind, span: Span, message: impl Into<String>) -> Self {
        Self {
            kind,
            rule: None,
            severity: Severity::Error,
            span,
            message: message.into(),
            hint: None,
            expected: Vec::new(),
            fix: None,
        }
    }

    /// A warning.
    pub fn warning(kind: Kind, span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(kind, span, message) }
    }

    /// A finding of the linter.
    pub fn lint(
        rule: &'static str,
        severity: Severity,
        span: Span,
        message: impl Into<String>,
    ) -> Self {
        Self { rule: Some(rule), severity, ..Self::error(Kind::Lint, span, message) }
    }

    /// The same, with advice.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same, with what could stand there.
    #[must_use]
    pub fn expected<T: Into<String>>(mut self, words: impl IntoIterator<Item = T>) -> Self {
        self.expected = words.into_iter().map(Into::into).collect();
        self
    }

    /// The same, with the edit that puts it right.
    #[must_use]
    pub fn fix(mut self, span: Span, text: impl Into<String>) -> Self {
        self.fix = Some(Fix { span, text: text.into() });
        self
    }

    /// The name in brackets: the rule of the linter or the kind.
    pub fn name(&self) -> &'static str {
        self.rule.unwrap_or_else(|| self.kind.name())
    }

    /// True for errors.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl From<&Error> for Diagnostic {
    /// An engine error about a statement, to be shown at its place (the start when it has none).
    fn from(error: &Error) -> Self {
        let mut diagnostic =
            Self::error(error.kind, error.span.unwrap_or_default(), error.message.clone());
        diagnostic.hint.clone_from(&error.hint);
        diagnostic
    }
}

impl From<Diagnostic> for Error {
    fn from(diagnostic: Diagnostic) -> Self {
        Self {
            kind: diagnostic.kind,
            message: diagnostic.message,
            span: Some(diagnostic.span),
            hint: diagnostic.hint,
        }
    }
}
