//! The shape of a text: what can be folded, and what a growing selection takes in.

use tower_lsp::ls_types as lsp;

use crate::lsp::features::folding::{self, FoldKind};
use crate::lsp::features::selection;
use crate::lsp::session::View;

/// What can be folded.
pub(in crate::lsp) fn folds(view: &View) -> Vec<lsp::FoldingRange> {
    let kind = |kind| match kind {
        FoldKind::Code => None,
        FoldKind::Comment => Some(lsp::FoldingRangeKind::Comment),
        FoldKind::Region => Some(lsp::FoldingRangeKind::Region),
    };
    let folded = |fold: folding::Fold| {
        let range = view.range(fold.span);
        lsp::FoldingRange {
            start_line: range.start.line,
            start_character: Some(range.start.character),
            end_line: range.end.line,
            end_character: Some(range.end.character),
            kind: kind(fold.kind),
            collapsed_text: None,
        }
    };
    folding::folds(&view.document.analysis()).into_iter().map(folded).collect()
}

/// What selections at these positions grow to, each step with the next one around it.
pub(in crate::lsp) fn selections(
    view: &View,
    positions: &[lsp::Position],
) -> Vec<lsp::SelectionRange> {
    let analysis = view.document.analysis();
    let grown = |position: &lsp::Position| {
        let spans = selection::selection(&analysis, view.offset(*position));
        let around = |parent: Option<lsp::SelectionRange>, range: lsp::Range| {
            Some(lsp::SelectionRange { range, parent: parent.map(Box::new) })
        };
        let ranges = spans.iter().rev().map(|span| view.range(*span));
        let here = lsp::Range { start: *position, end: *position };
        ranges.fold(None, around).unwrap_or(lsp::SelectionRange { range: here, parent: None })
    };
    positions.iter().map(grown).collect()
}
