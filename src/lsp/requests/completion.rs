//! What may stand at the cursor.

use tower_lsp::ls_types as lsp;

use crate::engine::lang::complete::complete;
use crate::lsp::session::View;
use crate::lsp::to_proto;

/// The candidates at a position.
pub(in crate::lsp) fn completion(view: &View, position: lsp::Position) -> lsp::CompletionResponse {
    let analysis = view.document.analysis();
    let cursor = view.offset(position);
    let (start, text) = analysis.at(cursor).map_or((0, ""), |part| (part.start, part.text));
    let found = complete(text, cursor.saturating_sub(start as usize), &view.catalogue.offers());
    let mut replace = found.replace;
    (replace.start, replace.end) = (replace.start + start, replace.end + start);
    let range = view.range(replace);
    let items = found.items.iter().enumerate();
    let items = items.map(|(place, item)| to_proto::completion(item, range, place)).collect();
    lsp::CompletionResponse::List(lsp::CompletionList { is_incomplete: true, items })
}
