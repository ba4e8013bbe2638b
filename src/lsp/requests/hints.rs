//! Words shown in the text without their being there: types, dimensions, the names of arguments.

use tower_lsp::ls_types as lsp;

use crate::engine::base::Span;
use crate::lsp::features::hints::{self, HintKind};
use crate::lsp::session::View;

/// The hints in a range.
pub(in crate::lsp) fn hints(view: &View, range: lsp::Range) -> Vec<lsp::InlayHint> {
    if view.settings.inlay_hints == Some(false) {
        return Vec::new();
    }
    let found = hints::hints(&view.document.analysis(), view.span(range), &*view.catalogue);
    let shown = |hint: hints::Hint| {
        let is_type = hint.kind == HintKind::Type;
        lsp::InlayHint {
            position: view.range(Span { start: hint.at, end: hint.at }).start,
            label: lsp::InlayHintLabel::String(hint.text),
            kind: Some(if is_type {
                lsp::InlayHintKind::TYPE
            } else {
                lsp::InlayHintKind::PARAMETER
            }),
            text_edits: None,
            tooltip: None,
            padding_left: Some(is_type),
            padding_right: Some(!is_type),
            data: None,
        }
    };
    found.into_iter().map(shown).collect()
}
