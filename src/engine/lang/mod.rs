//! VQL as text: lexer, error-resilient parser, lossless tree, typed AST, diagnostics, formatter.
//!
//! Pure: no files, no clock, no database; and it cannot fail: every text gives a tree and a list of
//! diagnostics. What the words *mean* (which fields exist, which types compare) is decided by the
//! binder ([`resolve`]) on top of [`ast`], never in the parser.
#![warn(clippy::disallowed_methods, clippy::indexing_slicing)]

pub mod ast;
pub mod complete;
pub mod diag;
pub mod fences;
pub mod format;
pub mod highlight;
pub mod kind;
#[cfg(test)]
mod laws;
pub mod lexer;
pub mod lint;
pub mod names;
pub mod parse;
pub mod resolve;
pub mod split;
pub mod topics;
pub mod tree;
pub mod words;

pub use diag::{Diagnostic, Severity};
pub use parse::{Parse, parse};
pub use split::{End, Piece, statements};
