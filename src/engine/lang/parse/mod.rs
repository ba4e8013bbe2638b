//! The parser: text to lossless tree, typed AST and diagnostics in one pass.
//!
//! Recursive descent, hand-written, named after the productions of the reference grammar. Each
//! function records its leaves in the tree and returns its piece of the AST. It never fails: an
//! error is reported, the leaves up to a place where it makes sense to go on are skipped into an
//! `Error` node, and parsing goes on, so that one pass finds several errors. Nesting, statement size
//! and the number of diagnostics are bounded; time is linear in the text.

mod access;
mod chunk;
mod condition;
mod expected;
mod expr;
mod literal;
mod normalize;
mod parser;
mod pattern;
mod proof;
mod query;
mod select;
mod source;
mod statement;
mod transaction;
mod write;

pub use chunk::{Chunk, Chunks, chunks};
pub use expected::{Class, Expected};

use super::ast::Script;
use super::diag::Diagnostic;
use super::tree::Tree;
use parser::Parser;

/// What a text is.
#[derive(Clone, Debug)]
pub struct Parse {
    /// Every byte of it.
    pub tree: Tree,
    /// What it says; with holes where there are errors.
    pub script: Script,
    /// What is wrong with it, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

impl Parse {
    /// True when nothing is wrong enough to keep it from being executed.
    pub fn is_ok(&self) -> bool {
        !self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// The errors among the diagnostics.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter().filter(|d| d.is_error())
    }
}

/// Parses a text.
pub fn parse(text: &str) -> Parse {
    parse_to_end(text).0
}

/// Parses a text and tells what could have stood at its end.
pub fn parse_to_end(text: &str) -> (Parse, Expected) {
    let mut parser = Parser::new(text);
    let script = parser.script();
    parser.finish(script)
}
