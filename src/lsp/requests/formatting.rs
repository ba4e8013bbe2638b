//! The standard layout, as small edits: a whole text, a range, or the statement just ended.

use tower_lsp::ls_types as lsp;

use crate::engine::base::Span;
use crate::engine::lang::format::{Options, format_range};
use crate::lsp::session::View;

/// The edits that lay out the statements that touch a range; all without one. Statements with
/// syntax errors stay as they are.
pub(in crate::lsp) fn edits(
    view: &View,
    range: Option<lsp::Range>,
    options: Options,
) -> Vec<lsp::TextEdit> {
    // `vql fmt` does that for Markdown, with what stands around the statements in view.
    if view.document.markdown {
        return Vec::new();
    }
    let text = view.document.text.as_str();
    let span = range.map_or(Span::new(0, text.len()), |range| view.span(range));
    let edits = format_range(text, span, options).into_iter();
    edits.map(|fix| lsp::TextEdit { range: view.range(fix.span), new_text: fix.text }).collect()
}
