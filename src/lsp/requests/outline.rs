//! What texts consist of: the outline of one, and what all of them define.

use tower_lsp::ls_types as lsp;

use crate::lsp::features::symbols::{self, SymbolEntry, SymbolKind};
use crate::lsp::session::View;

/// No more symbols than this are given for one question about the workspace.
const SYMBOLS: usize = 500;

/// The outline of a text; without its levels for clients that know none.
pub(in crate::lsp) fn document(view: &View, levels: bool) -> lsp::DocumentSymbolResponse {
    let found = symbols::outline(&view.document.analysis());
    if levels {
        return lsp::DocumentSymbolResponse::Nested(
            found.into_iter().map(|entry| nested(view, entry)).collect(),
        );
    }
    let mut flat = Vec::new();
    for entry in &found {
        flatten(view, entry, None, &mut flat);
    }
    lsp::DocumentSymbolResponse::Flat(flat)
}

/// What the texts define for each other, under names that are like `query`.
pub(in crate::lsp) fn workspace(texts: &[View], query: &str) -> lsp::WorkspaceSymbolResponse {
    let mut flat = Vec::new();
    for view in texts {
        let found = symbols::defined(&view.document.analysis(), query);
        for entry in &found {
            flatten(view, entry, None, &mut flat);
        }
    }
    flat.truncate(SYMBOLS);
    lsp::WorkspaceSymbolResponse::Flat(flat)
}

fn kind(kind: SymbolKind) -> lsp::SymbolKind {
    match kind {
        SymbolKind::Query => lsp::SymbolKind::FUNCTION,
        SymbolKind::Write => lsp::SymbolKind::METHOD,
        SymbolKind::Statement => lsp::SymbolKind::EVENT,
        SymbolKind::Hexad => lsp::SymbolKind::OBJECT,
        SymbolKind::Contract => lsp::SymbolKind::INTERFACE,
        SymbolKind::Prepared => lsp::SymbolKind::CLASS,
        SymbolKind::Mark => lsp::SymbolKind::CONSTANT,
        SymbolKind::Variable => lsp::SymbolKind::VARIABLE,
        SymbolKind::Alias => lsp::SymbolKind::FIELD,
        SymbolKind::Param => lsp::SymbolKind::TYPE_PARAMETER,
    }
}

#[expect(deprecated, reason = "the field is there and wants a value")]
fn nested(view: &View, entry: SymbolEntry) -> lsp::DocumentSymbol {
    let children: Vec<_> = entry.children.into_iter().map(|entry| nested(view, entry)).collect();
    lsp::DocumentSymbol {
        name: entry.name,
        detail: Some(entry.detail),
        kind: kind(entry.kind),
        tags: None,
        deprecated: None,
        range: view.range(entry.span),
        selection_range: view.range(entry.name_span),
        children: (!children.is_empty()).then_some(children),
    }
}

#[expect(deprecated, reason = "the field is there and wants a value")]
fn flatten(
    view: &View,
    entry: &SymbolEntry,
    container: Option<&str>,
    all: &mut Vec<lsp::SymbolInformation>,
) {
    all.push(lsp::SymbolInformation {
        name: entry.name.clone(),
        kind: kind(entry.kind),
        tags: None,
        deprecated: None,
        location: lsp::Location {
            uri: view.document.uri.clone(),
            range: view.range(entry.name_span),
        },
        container_name: container.map(str::to_owned),
    });
    for child in &entry.children {
        flatten(view, child, Some(&entry.name), all);
    }
}
