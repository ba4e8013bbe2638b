//! What is wrong with a text: pushed after a pause, or asked for.

use tower_lsp::ls_types as lsp;

use crate::engine::base::{Kind, Span};
use crate::engine::lang::Diagnostic;
use crate::lsp::live::Stop;
use crate::lsp::session::{LARGEST, View};
use crate::lsp::to_proto;

/// No more findings than this are shown for one document: nobody reads them.
const FINDINGS: usize = 1000;

/// The findings of a document; unfinished when it is `stale` before the end.
pub(in crate::lsp) fn findings(view: &View, stale: &dyn Fn() -> bool) -> Vec<lsp::Diagnostic> {
    if view.document.is_large() {
        let message = format!("texts over {} MB are not looked at", LARGEST >> 20);
        let found = Diagnostic::warning(Kind::ResourceExhausted, Span::default(), message);
        return vec![to_proto::diagnostic(view, &found)];
    }
    let found = view.document.analysis().findings(&view.catalogue, FINDINGS, stale);
    let lint = view.settings.lint.unwrap_or(true);
    let shown = found.iter().filter(|found| lint || found.rule.is_none());
    shown.map(|found| to_proto::diagnostic(view, found)).collect()
}

/// The findings for a client that asks, who may already know them.
pub(in crate::lsp) fn report(
    view: &View,
    known: Option<String>,
    stop: &Stop,
) -> lsp::DocumentDiagnosticReport {
    let lint = view.settings.lint.unwrap_or(true);
    let id = format!("{}.{}.{lint}", view.document.revision, view.catalogue.generation());
    if known.is_some_and(|known| known == id) {
        let unchanged = lsp::UnchangedDocumentDiagnosticReport { result_id: id };
        return lsp::RelatedUnchangedDocumentDiagnosticReport {
            related_documents: None,
            unchanged_document_diagnostic_report: unchanged,
        }
        .into();
    }
    full(Some(id), findings(view, &|| stop.is_set()))
}

/// The findings of a document that is not open.
pub(in crate::lsp) fn nothing() -> lsp::DocumentDiagnosticReport {
    full(None, Vec::new())
}

fn full(result_id: Option<String>, items: Vec<lsp::Diagnostic>) -> lsp::DocumentDiagnosticReport {
    let report = lsp::FullDocumentDiagnosticReport { result_id, items };
    lsp::RelatedFullDocumentDiagnosticReport {
        related_documents: None,
        full_document_diagnostic_report: report,
    }
    .into()
}
