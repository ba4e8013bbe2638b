//! One file for each thing an editor asks: plain functions from a [`View`] to
//! an answer in the words of the protocol.

pub(super) mod actions;
pub(super) mod completion;
pub(super) mod diagnostics;
pub(super) mod formatting;
pub(super) mod hints;
pub(super) mod hover;
pub(super) mod margin;
pub(super) mod navigation;
pub(super) mod outline;
pub(super) mod rename;
pub(super) mod shape;
pub(super) mod signature;
pub(super) mod tokens;

use tower_lsp::ls_types as lsp;

use super::abilities::Abilities;
use super::commands;

use std::sync::Arc;

use super::analysis::Analysis;
use super::session::View;

/// The text that was asked about, and behind it all others.
struct Among(Vec<Arc<Analysis>>);

impl Among {
    fn of(view: &View, texts: &[View]) -> Self {
        let others = texts.iter().filter(|other| other.document.uri != view.document.uri);
        Self(std::iter::once(view).chain(others).map(|view| view.document.analysis()).collect())
    }

    fn analyses(&self) -> Vec<&Analysis> {
        self.0.iter().map(|analysis| &**analysis).collect()
    }
}

fn markdown(value: String) -> lsp::MarkupContent {
    lsp::MarkupContent { kind: lsp::MarkupKind::Markdown, value }
}

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
            resolve_provider: Some(true),
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
        hover_provider: Some(lsp::HoverProviderCapability::Simple(true)),
        inlay_hint_provider: Some(lsp::OneOf::Left(true)),
        code_action_provider: Some(lsp::CodeActionProviderCapability::Options(
            lsp::CodeActionOptions {
                code_action_kinds: Some(actions::kinds()),
                ..lsp::CodeActionOptions::default()
            },
        )),
        definition_provider: Some(lsp::OneOf::Left(true)),
        references_provider: Some(lsp::OneOf::Left(true)),
        document_highlight_provider: Some(lsp::OneOf::Left(true)),
        rename_provider: Some(lsp::OneOf::Right(lsp::RenameOptions {
            prepare_provider: Some(true),
            work_done_progress_options: lsp::WorkDoneProgressOptions::default(),
        })),
        document_symbol_provider: Some(lsp::OneOf::Left(true)),
        workspace_symbol_provider: Some(lsp::OneOf::Left(true)),
        semantic_tokens_provider: Some(
            lsp::SemanticTokensOptions {
                legend: tokens::legend(),
                range: Some(true),
                full: Some(lsp::SemanticTokensFullOptions::Delta { delta: Some(true) }),
                ..lsp::SemanticTokensOptions::default()
            }
            .into(),
        ),
        folding_range_provider: Some(lsp::FoldingRangeProviderCapability::Simple(true)),
        selection_range_provider: Some(lsp::SelectionRangeProviderCapability::Simple(true)),
        signature_help_provider: Some(lsp::SignatureHelpOptions {
            trigger_characters: Some(vec!["(".to_owned(), ",".to_owned()]),
            ..lsp::SignatureHelpOptions::default()
        }),
        code_lens_provider: Some(lsp::CodeLensOptions { resolve_provider: Some(true) }),
        document_link_provider: Some(lsp::DocumentLinkOptions {
            resolve_provider: Some(false),
            work_done_progress_options: lsp::WorkDoneProgressOptions::default(),
        }),
        execute_command_provider: Some(lsp::ExecuteCommandOptions {
            commands: commands::ALL.iter().map(|name| (*name).to_owned()).collect(),
            ..lsp::ExecuteCommandOptions::default()
        }),
        ..lsp::ServerCapabilities::default()
    }
}
