//! The typed syntax of VQL: plain owned data, one type per construct, a [`Span`] on every node.
//!
//! This is what the binder, the executor and the shell read. It says what was written, in canonical
//! shape: two spellings of one thing (`=` and `==`, `AT TIME` and `AS OF`, `FROM` before `SELECT`)
//! give the same tree. It knows nothing of comments and layout; those live in the lossless tree.
//!
//! A text with syntax errors still gives an AST. The holes are `Error` variants
//! ([`ConditionKind::Error`], [`ExprKind::Error`], [`SourceKind::Error`], [`StatementKind::Error`]);
//! whoever executes refuses a text that has error diagnostics, so it never meets them.

mod access;
mod condition;
mod expr;
mod query;
mod spanless;
mod statement;

pub use access::*;
pub use condition::*;
pub use expr::*;
pub use query::*;
pub use spanless::{Spanless, without_spans};
pub use statement::*;

use crate::engine::base::{Modality, Span};

/// A text: its statements in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Script {
    /// The statements, without empty ones.
    pub statements: Vec<Statement>,
}

/// A name as written. Names keep their case; keywords compare without it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Name {
    /// The text.
    pub text: String,
    /// Where.
    pub span: Span,
}

impl Name {
    /// True when the name is `word`, in any case.
    pub fn is(&self, word: &str) -> bool {
        self.text.eq_ignore_ascii_case(word)
    }
}

/// A parameter: `$name`, `$1` or `@name`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Param {
    /// The name or number, without the sign before it.
    pub name: String,
    /// Where, with the sign.
    pub span: Span,
}

/// One of the eight modalities, named in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ModalityRef {
    /// Which.
    pub modality: Modality,
    /// Where.
    pub span: Span,
}

/// What stands in an id position: a hexad, a store, a verifier, a version, an actor, a contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdRef {
    /// How it is written.
    pub kind: IdKind,
    /// Where.
    pub span: Span,
}

/// How an id is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdKind {
    /// A bare word, possibly with hyphens and dots, or a bare UUID (kept as written).
    Word(String),
    /// A string.
    Text(String),
    /// A parameter.
    Param(Param),
}

impl IdRef {
    /// The id, unless it is a parameter.
    pub fn literal(&self) -> Option<&str> {
        match &self.kind {
            IdKind::Word(text) | IdKind::Text(text) => Some(text),
            IdKind::Param(_) => None,
        }
    }

    /// The parameter, when it is one.
    pub fn param(&self) -> Option<&Param> {
        match &self.kind {
            IdKind::Param(param) => Some(param),
            IdKind::Word(_) | IdKind::Text(_) => None,
        }
    }
}
