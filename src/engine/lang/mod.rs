//! VQL as text: lexer, error-resilient parser, lossless tree, typed AST, diagnostics, formatter.
//!
//! Pure: no files, no clock, no database; and it cannot fail: every text gives a tree and a list of
//! diagnostics. What the words *mean* (which fields exist, which types compare) is decided by the
//! binder on top of [`ast`], never here.
#![warn(clippy::disallowed_methods, clippy::indexing_slicing)]

pub mod ast;
pub mod diag;

pub use diag::{Diagnostic, Severity};
pub mod resolve;
