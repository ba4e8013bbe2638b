//! One file for each thing an editor asks: plain functions from a [`View`](super::session::View) to
//! an answer in the words of the protocol.

pub(super) mod completion;
pub(super) mod diagnostics;
pub(super) mod formatting;

use tower_lsp::ls_types as lsp;

use super::abilities::Abilities;
use super::commands;

/// What the server can do.
pub(super) fn capabilities(abilities: Abilities) -> lsp::ServerCapabilities {
    let triggers = [".", "$", "@", "(", ":", "'", " "].map(str::to_owned).to_vec();
    let sync = lsp::TextDocumentSyncOptions {
        open_close: Some(true),
        change: Some(lsp::TextDocumentSyncKind::INCREMENTAL),
        save: Some(lsp::TextDocumentSyncSaveOptions::Supported(true)),
        ..lsp::TextDocumentSyncOptions::default()
    };
    lsp::ServerCapabilities {
        position_encoding: Some(abilities.encoding.kind()),
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
        diagnostic_provider: abilities.pulls.then(|| {
            lsp::DiagnosticServerCapabilities::Options(lsp::DiagnosticOptions {
                identifier: Some("vql".to_owned()),
                // A contract may be created in one text and used in another.
                inter_file_dependencies: true,
                ..lsp::DiagnosticOptions::default()
            })
        }),
        execute_command_provider: Some(lsp::ExecuteCommandOptions {
            commands: commands::ALL.iter().map(|name| (*name).to_owned()).collect(),
            ..lsp::ExecuteCommandOptions::default()
        }),
        ..lsp::ServerCapabilities::default()
    }
}
