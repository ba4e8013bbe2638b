//! Renaming, in all texts that are known.

use std::collections::HashMap;

use tower_lsp::jsonrpc::{Error, ErrorCode, Result};
use tower_lsp::ls_types as lsp;

use super::Among;
use crate::lsp::backend::REQUEST_FAILED;
use crate::lsp::features::rename;
use crate::lsp::session::View;

/// What would be renamed at a position; nothing where nothing can be.
pub(in crate::lsp) fn prepare(
    view: &View,
    position: lsp::Position,
) -> Option<lsp::PrepareRenameResponse> {
    let found = rename::prepare(&view.document.analysis(), view.offset(position)).ok()?;
    let range = view.range(found.span);
    Some(lsp::PrepareRenameResponse::RangeWithPlaceholder { range, placeholder: found.name })
}

/// The edits that give the thing at a position another name, or why it cannot have it.
pub(in crate::lsp) fn edits(
    view: &View,
    texts: &[View],
    position: lsp::Position,
    name: &str,
) -> Result<lsp::WorkspaceEdit> {
    let others = texts.iter().filter(|other| other.document.uri != view.document.uri);
    let views: Vec<&View> = std::iter::once(view).chain(others).collect();
    let among = Among::of(view, texts);
    let edits =
        rename::rename(&among.analyses(), 0, view.offset(position), name).map_err(|why| Error {
            code: ErrorCode::ServerError(REQUEST_FAILED),
            message: why.into(),
            data: None,
        })?;
    let mut changes: HashMap<lsp::Uri, Vec<lsp::TextEdit>> = HashMap::new();
    for edit in edits {
        if let Some(view) = views.get(edit.text) {
            let change =
                lsp::TextEdit { range: view.range(edit.fix.span), new_text: edit.fix.text };
            changes.entry(view.document.uri.clone()).or_default().push(change);
        }
    }
    Ok(lsp::WorkspaceEdit { changes: Some(changes), ..lsp::WorkspaceEdit::default() })
}
