//! The proof that formatting a statement changed nothing but its layout.

use crate::engine::base::{Kind, Span, limit};
use crate::engine::lang::ast::Spanless as _;
use crate::engine::lang::diag::Diagnostic;
use crate::engine::lang::kind::SyntaxKind as K;
use crate::engine::lang::parse::{Chunk, parse};
use crate::engine::lang::tree::{Leaf, Tree};

/// Checks that `formatted` says what the chunk of `text` says, but for its comments before the byte
/// `from`, which were not asked for.
pub(super) fn check(
    text: &str,
    chunk: &Chunk,
    from: u32,
    formatted: &str,
) -> Result<(), Vec<Diagnostic>> {
    let Some(what) = difference(text, chunk, from, formatted) else { return Ok(()) };
    let span = chunk.parse.script.statements.first().map_or(chunk.span, |s| s.span);
    // Line ends and indentation can carry a statement over its limit.
    if formatted.len() > limit::STATEMENT_BYTES {
        let message =
            format!("laid out, a statement would be over {} bytes", limit::STATEMENT_BYTES);
        let start = Span { start: span.start, end: span.start };
        return Err(vec![Diagnostic::error(Kind::StatementTooLarge, start, message)]);
    }
    let message = format!("formatting would change {what}; the statement is left as it is");
    let diagnostic = Diagnostic::error(Kind::InternalError, span, message);
    Err(vec![diagnostic.hint("this is a bug of vql: please report the statement")])
}

/// What the formatted text says differently.
fn difference(text: &str, chunk: &Chunk, from: u32, formatted: &str) -> Option<&'static str> {
    let again = parse(formatted);
    if !again.is_ok() {
        return Some("the syntax");
    }
    if !again.script.says(&chunk.parse.script) {
        return Some("the meaning");
    }
    let old = Leaves { text, tree: &chunk.parse.tree, from };
    let new = Leaves { text: formatted, tree: &again.tree, from: 0 };
    let commented = old.tree.is_commented() || new.tree.is_commented();
    if commented && !old.same(&new, |leaf| leaf.kind.is_comment()) {
        return Some("a comment");
    }
    (!old.same(&new, is_literal)).then_some("a literal")
}

fn is_literal(leaf: &Leaf) -> bool {
    matches!(
        leaf.kind,
        K::String | K::Number | K::Timestamp | K::Param | K::Regex | K::Glob | K::Id
    )
}

/// The leaves of one side.
struct Leaves<'a> {
    text: &'a str,
    tree: &'a Tree,
    from: u32,
}

impl Leaves<'_> {
    /// True when both sides have the same leaves of a sort; clauses may have moved, so their order
    /// does not count.
    fn same(&self, other: &Self, sort: impl Fn(&Leaf) -> bool) -> bool {
        if self.of(&sort).eq(other.of(&sort)) {
            return true;
        }
        let sorted = |side: &Self| {
            let mut all: Vec<String> =
                side.of(&sort).map(|text| text.replace("\r\n", "\n")).collect();
            all.sort_unstable();
            all
        };
        sorted(self) == sorted(other)
    }

    fn of(&self, sort: impl Fn(&Leaf) -> bool) -> impl Iterator<Item = &str> {
        self.tree
            .leaves()
            .filter(move |leaf| sort(leaf) && (leaf.span.start >= self.from))
            .map(|leaf| leaf.text(self.text).trim_end())
    }
}
