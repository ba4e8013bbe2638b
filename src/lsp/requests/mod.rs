//! One file for each thing an editor asks: plain functions from a [`View`](super::session::View) to
//! an answer in the words of the protocol.

pub(super) mod completion;
pub(super) mod diagnostics;
pub(super) mod formatting;

use tower_lsp::ls_types as lsp;

use super::document::Encoding;

/// What the server can do.
pub(super) fn capabilities(encoding: Encoding) -> lsp::ServerCapabilities {
    let triggers = [".", "$", "@", "(", ":", "'", " "].map(str::to_owned).to_vec();
    let sync = lsp::TextDocumentSyncOptions {
        open_close: Some(true),
        change: Some(lsp::TextDocumentSyncKind::INCREMENTAL),
        ..lsp::TextDocumentSyncOptions::default()
    };
    lsp::ServerCapabilities {
        position_encoding: Some(encoding.kind()),
        text_document_sync: Some(lsp::TextDocumentSyncCapability::Options(sync)),
        completion_provider: Some(lsp::CompletionOptions {
            trigger_characters: Some(triggers),
            ..lsp::CompletionOptions::default()
        }),
        document_formatting_provider: Some(lsp::OneOf::Left(true)),
        document_range_formatting_provider: Some(lsp::OneOf::Left(true)),
        document_on_type_formatting_provider: Some(lsp::DocumentOnTypeFormattingOptions {
            first_trigger_character: ";".to_owned(),
            more_trigger_character: None,
        }),
        ..lsp::ServerCapabilities::default()
    }
}
