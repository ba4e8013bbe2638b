//! What is wrong with a text.

use tower_lsp::ls_types as lsp;

use crate::lsp::session::View;
use crate::lsp::to_proto;

/// No more findings than this are shown for one document: nobody reads them.
const FINDINGS: usize = 1000;

/// The findings of a document; unfinished when it is `stale` before the end.
pub(in crate::lsp) fn findings(view: &View, stale: &dyn Fn() -> bool) -> Vec<lsp::Diagnostic> {
    let found = view.document.analysis().findings(&view.catalogue, FINDINGS, stale);
    let lint = view.settings.lint.unwrap_or(true);
    let shown = found.iter().filter(|found| lint || found.rule.is_none());
    shown.map(|found| to_proto::diagnostic(view, found)).collect()
}
