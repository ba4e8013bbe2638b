//! What may stand at the cursor, and what is to be said of it once somebody looks.

use serde::{Deserialize, Serialize};
use tower_lsp::ls_types as lsp;

use super::{Among, markdown};
use crate::engine::lang::complete::ItemKind;
use crate::lsp::features::completion::{self, Candidate};
use crate::lsp::session::View;
use crate::lsp::to_proto;

/// What a candidate brings along to be asked about.
#[derive(Serialize, Deserialize)]
struct Origin {
    uri: lsp::Uri,
    kind: usize,
    detail: Option<String>,
}

/// The candidates at a position.
pub(in crate::lsp) fn completion(
    view: &View,
    texts: &[View],
    position: lsp::Position,
) -> lsp::CompletionResponse {
    let among = Among::of(view, texts);
    let at = view.offset(position);
    let found = completion::completion(&among.analyses(), 0, at, &view.catalogue);
    let range = view.range(found.replace);
    // A whole statement is nothing without its places to fill in.
    let fits =
        |c: &Candidate| view.abilities.snippets || !(c.snippet && c.kind == ItemKind::Keyword);
    let candidates = found.candidates.into_iter().filter(fits).enumerate();
    let items = candidates.map(|(place, candidate)| item(view, candidate, range, place)).collect();
    lsp::CompletionResponse::List(lsp::CompletionList { is_incomplete: true, items })
}

/// The document a candidate was offered in.
pub(in crate::lsp) fn origin(item: &lsp::CompletionItem) -> Option<lsp::Uri> {
    Some(serde_json::from_value::<Origin>(item.data.clone()?).ok()?.uri)
}

/// A candidate with all there is to say about it.
pub(in crate::lsp) fn resolved(
    view: &View,
    texts: &[View],
    mut item: lsp::CompletionItem,
) -> lsp::CompletionItem {
    let origin = item.data.clone().and_then(|data| serde_json::from_value::<Origin>(data).ok());
    let Some(origin) = origin else { return item };
    let Some((kind, _)) = to_proto::KINDS.get(origin.kind) else { return item };
    let among = Among::of(view, texts);
    let detail = origin.detail.as_deref();
    let about = completion::about(*kind, &item.label, detail, &among.analyses(), &view.catalogue);
    item.documentation = about.map(markdown).map(lsp::Documentation::MarkupContent);
    item
}

/// A candidate for the words at `range`; `place` keeps the order of the language.
fn item(view: &View, candidate: Candidate, range: lsp::Range, place: usize) -> lsp::CompletionItem {
    let snippet = candidate.snippet && view.abilities.snippets;
    // Whoever cannot fill in places gets the words without them.
    let plain = candidate.snippet && !snippet;
    let new_text = if plain { candidate.label.clone() } else { candidate.insert };
    let kind = to_proto::KINDS.iter().position(|(kind, _)| *kind == candidate.kind).unwrap_or(0);
    let origin = Origin { uri: view.document.uri.clone(), kind, detail: candidate.detail.clone() };
    let shown = if candidate.snippet && candidate.kind == ItemKind::Keyword {
        lsp::CompletionItemKind::SNIPPET
    } else {
        to_proto::KINDS.get(kind).map_or(lsp::CompletionItemKind::TEXT, |(_, shown)| *shown)
    };
    lsp::CompletionItem {
        filter_text: Some(candidate.label.clone()),
        label: candidate.label,
        label_details: Some(lsp::CompletionItemLabelDetails {
            detail: candidate.tail,
            description: candidate.detail.clone(),
        }),
        kind: Some(shown),
        detail: candidate.detail,
        sort_text: Some(format!("{place:05}")),
        insert_text_format: snippet.then_some(lsp::InsertTextFormat::SNIPPET),
        text_edit: Some(lsp::CompletionTextEdit::Edit(lsp::TextEdit { range, new_text })),
        data: serde_json::to_value(origin).ok(),
        ..lsp::CompletionItem::default()
    }
}
