//! The requests and notifications of the protocol, each in a few lines: take a view before the
//! first wait, so that the order of messages is the order of the texts they see; then let
//! `requests` work where nobody else has to wait.

use std::time::Duration;

use tower_lsp::LanguageServer;
use tower_lsp::jsonrpc::{Error, Result};
use tower_lsp::ls_types as lsp;

use super::abilities::Abilities;
use super::backend::{Backend, work};
use super::requests;
use super::session::Tokens;
use super::settings::Settings;

impl LanguageServer for Backend {
    async fn initialize(&self, params: lsp::InitializeParams) -> Result<lsp::InitializeResult> {
        let abilities = Abilities::of(&params.capabilities);
        let said = params.initialization_options.filter(|options| !options.is_null());
        let said = said.map(serde_json::from_value::<Settings>).transpose();
        let said =
            said.map_err(|error| Error::invalid_params(format!("initializationOptions: {error}")))?;
        let folder = params.workspace_folders.and_then(|all| Some(all.into_iter().next()?.uri));
        #[expect(deprecated, reason = "older clients say nothing else")]
        let folder = folder.or(params.root_uri);
        self.begin_at(folder.and_then(|uri| Some(uri.to_file_path()?.into_owned())));
        self.session.begin(abilities, said);
        Ok(lsp::InitializeResult {
            capabilities: requests::capabilities(abilities),
            server_info: Some(lsp::ServerInfo {
                name: "vql".to_owned(),
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            }),
            ..lsp::InitializeResult::default()
        })
    }

    async fn initialized(&self, _: lsp::InitializedParams) {
        self.watch_later();
        self.look_around_later(true);
    }

    async fn shutdown(&self) -> Result<()> {
        self.end();
        Ok(())
    }

    async fn did_open(&self, params: lsp::DidOpenTextDocumentParams) {
        let document = self.session.open(params.text_document);
        self.report(&document, Duration::ZERO);
    }

    async fn did_change(&self, params: lsp::DidChangeTextDocumentParams) {
        if let Some(document) = self.session.change(params) {
            self.report(&document, self.session.settings().pause());
        }
    }

    async fn did_save(&self, params: lsp::DidSaveTextDocumentParams) {
        self.session.saved(&params.text_document.uri);
        // Whoever saves has a moment, and somebody else may have written to the database.
        if self.session.settings().database.is_some() {
            self.look_around_later(false);
        }
    }

    async fn did_close(&self, params: lsp::DidCloseTextDocumentParams) {
        let uri = params.text_document.uri;
        let (closed, others) = self.session.close(&uri);
        if closed && !self.session.abilities().pulls {
            self.client.publish_diagnostics(uri, Vec::new(), None).await;
        }
        if others {
            self.report_all().await;
        }
    }

    async fn did_change_configuration(&self, params: lsp::DidChangeConfigurationParams) {
        // Some clients send the settings, others want to be asked for them.
        let sent = params.settings.get("vql").cloned().unwrap_or(params.settings);
        let sent =
            sent.is_object().then(|| serde_json::from_value::<Settings>(sent).ok()).flatten();
        let ask = sent.is_none();
        if let Some(said) = sent {
            self.session.set(said);
        }
        let backend = self.clone();
        tokio::spawn(async move {
            if ask {
                match backend.ask_for_settings().await {
                    Some(said) => backend.session.set(said),
                    None => return,
                }
            }
            backend.report_all().await;
            backend.look_around_later(false);
        });
    }

    async fn did_change_watched_files(&self, _: lsp::DidChangeWatchedFilesParams) {
        self.look_around_later(true);
    }

    async fn diagnostic(
        &self,
        params: lsp::DocumentDiagnosticParams,
    ) -> Result<lsp::DocumentDiagnosticReportResult> {
        let known = params.previous_result_id;
        let uri = params.text_document.uri;
        let report =
            self.answer(&uri, move |view, stop| requests::diagnostics::report(view, known, stop));
        Ok(report.await?.unwrap_or_else(requests::diagnostics::nothing).into())
    }

    async fn completion(
        &self,
        params: lsp::CompletionParams,
    ) -> Result<Option<lsp::CompletionResponse>> {
        let at = params.text_document_position;
        let found = self.answer_among(&at.text_document.uri, move |view, texts, _| {
            requests::completion::completion(view, texts, at.position)
        });
        found.await
    }

    async fn completion_resolve(&self, item: lsp::CompletionItem) -> Result<lsp::CompletionItem> {
        let Some(uri) = requests::completion::origin(&item) else { return Ok(item) };
        let asked = item.clone();
        let resolved = self.answer_among(&uri, move |view, texts, _| {
            requests::completion::resolved(view, texts, asked)
        });
        Ok(resolved.await?.unwrap_or(item))
    }

    async fn hover(&self, params: lsp::HoverParams) -> Result<Option<lsp::Hover>> {
        let at = params.text_document_position_params;
        let found = self.answer_among(&at.text_document.uri, move |view, texts, stop| {
            requests::hover::hover(view, texts, at.position, stop)
        });
        Ok(found.await?.flatten())
    }

    async fn inlay_hint(
        &self,
        params: lsp::InlayHintParams,
    ) -> Result<Option<Vec<lsp::InlayHint>>> {
        let range = params.range;
        let uri = params.text_document.uri;
        self.answer(&uri, move |view, _| requests::hints::hints(view, range)).await
    }

    async fn code_action(
        &self,
        params: lsp::CodeActionParams,
    ) -> Result<Option<lsp::CodeActionResponse>> {
        let uri = params.text_document.uri.clone();
        let layout = self.layout(&uri);
        self.answer(&uri, move |view, stop| {
            // Settings that cannot be read are reported by those who lay out texts.
            let layout = layout().unwrap_or_default();
            requests::actions::actions(view, &params, layout, stop)
        })
        .await
    }

    async fn formatting(
        &self,
        params: lsp::DocumentFormattingParams,
    ) -> Result<Option<Vec<lsp::TextEdit>>> {
        self.lay_out(&params.text_document.uri, None).await
    }

    async fn range_formatting(
        &self,
        params: lsp::DocumentRangeFormattingParams,
    ) -> Result<Option<Vec<lsp::TextEdit>>> {
        self.lay_out(&params.text_document.uri, Some(params.range)).await
    }

    async fn on_type_formatting(
        &self,
        params: lsp::DocumentOnTypeFormattingParams,
    ) -> Result<Option<Vec<lsp::TextEdit>>> {
        let at = params.text_document_position;
        // The `;` that was typed stands before the cursor.
        let character = at.position.character.saturating_sub(1);
        let before = lsp::Position { character, ..at.position };
        let range = lsp::Range { start: before, end: before };
        self.lay_out(&at.text_document.uri, Some(range)).await
    }

    async fn goto_definition(
        &self,
        params: lsp::GotoDefinitionParams,
    ) -> Result<Option<lsp::GotoDefinitionResponse>> {
        let at = params.text_document_position_params;
        let found = self.answer_among(&at.text_document.uri, move |view, texts, _| {
            requests::navigation::definition(view, texts, at.position)
        });
        Ok(found.await?.filter(|all| !all.is_empty()).map(lsp::GotoDefinitionResponse::Array))
    }

    async fn references(&self, params: lsp::ReferenceParams) -> Result<Option<Vec<lsp::Location>>> {
        let at = params.text_document_position;
        let definitions = params.context.include_declaration;
        self.answer_among(&at.text_document.uri, move |view, texts, _| {
            requests::navigation::references(view, texts, at.position, definitions)
        })
        .await
    }

    async fn document_highlight(
        &self,
        params: lsp::DocumentHighlightParams,
    ) -> Result<Option<Vec<lsp::DocumentHighlight>>> {
        let at = params.text_document_position_params;
        self.answer(&at.text_document.uri, move |view, _| {
            requests::navigation::highlights(view, at.position)
        })
        .await
    }

    async fn prepare_rename(
        &self,
        at: lsp::TextDocumentPositionParams,
    ) -> Result<Option<lsp::PrepareRenameResponse>> {
        let found = self.answer(&at.text_document.uri, move |view, _| {
            requests::rename::prepare(view, at.position)
        });
        Ok(found.await?.flatten())
    }

    async fn rename(&self, params: lsp::RenameParams) -> Result<Option<lsp::WorkspaceEdit>> {
        let (at, name) = (params.text_document_position, params.new_name);
        let edits = self.answer_among(&at.text_document.uri, move |view, texts, _| {
            requests::rename::edits(view, texts, at.position, &name)
        });
        edits.await?.transpose()
    }

    async fn document_symbol(
        &self,
        params: lsp::DocumentSymbolParams,
    ) -> Result<Option<lsp::DocumentSymbolResponse>> {
        let levels = self.session.abilities().levels;
        self.answer(&params.text_document.uri, move |view, _| {
            requests::outline::document(view, levels)
        })
        .await
    }

    async fn symbol(
        &self,
        params: lsp::WorkspaceSymbolParams,
    ) -> Result<Option<lsp::WorkspaceSymbolResponse>> {
        let texts = self.session.texts();
        work(move |_| Some(requests::outline::workspace(&texts, &params.query))).await
    }

    async fn semantic_tokens_full(
        &self,
        params: lsp::SemanticTokensParams,
    ) -> Result<Option<lsp::SemanticTokensResult>> {
        let all = self.tokens(&params.text_document.uri).await?;
        Ok(all.map(|(now, _)| whole(&now).into()))
    }

    async fn semantic_tokens_full_delta(
        &self,
        params: lsp::SemanticTokensDeltaParams,
    ) -> Result<Option<lsp::SemanticTokensFullDeltaResult>> {
        let known = params.previous_result_id;
        let all = self.tokens(&params.text_document.uri).await?;
        Ok(all.map(|(now, before)| match before.filter(|before| before.id == known) {
            None => whole(&now).into(),
            Some(before) => lsp::SemanticTokensDelta {
                edits: requests::tokens::difference(&before.all, &now.all),
                result_id: Some(now.id),
            }
            .into(),
        }))
    }

    async fn semantic_tokens_range(
        &self,
        params: lsp::SemanticTokensRangeParams,
    ) -> Result<Option<lsp::SemanticTokensRangeResult>> {
        let range = params.range;
        let found = self.answer(&params.text_document.uri, move |view, _| {
            let data = requests::tokens::tokens(view, Some(range));
            lsp::SemanticTokens { result_id: None, data }.into()
        });
        found.await
    }

    async fn folding_range(
        &self,
        params: lsp::FoldingRangeParams,
    ) -> Result<Option<Vec<lsp::FoldingRange>>> {
        self.answer(&params.text_document.uri, |view, _| requests::shape::folds(view)).await
    }

    async fn selection_range(
        &self,
        params: lsp::SelectionRangeParams,
    ) -> Result<Option<Vec<lsp::SelectionRange>>> {
        self.answer(&params.text_document.uri, move |view, _| {
            requests::shape::selections(view, &params.positions)
        })
        .await
    }

    async fn signature_help(
        &self,
        params: lsp::SignatureHelpParams,
    ) -> Result<Option<lsp::SignatureHelp>> {
        let at = params.text_document_position_params;
        let found = self.answer_among(&at.text_document.uri, move |view, texts, _| {
            requests::signature::help(view, texts, at.position)
        });
        Ok(found.await?.flatten())
    }

    async fn code_lens(&self, params: lsp::CodeLensParams) -> Result<Option<Vec<lsp::CodeLens>>> {
        self.answer(&params.text_document.uri, |view, _| requests::margin::lenses(view)).await
    }

    async fn code_lens_resolve(&self, lens: lsp::CodeLens) -> Result<lsp::CodeLens> {
        let Some(uri) = requests::margin::origin(&lens) else { return Ok(lens) };
        let asked = lens.clone();
        let resolved =
            self.answer(&uri, move |view, stop| requests::margin::resolved(view, stop, asked));
        Ok(resolved.await?.unwrap_or(lens))
    }

    async fn document_link(
        &self,
        params: lsp::DocumentLinkParams,
    ) -> Result<Option<Vec<lsp::DocumentLink>>> {
        self.answer(&params.text_document.uri, |view, _| requests::margin::links(view)).await
    }

    async fn execute_command(
        &self,
        params: lsp::ExecuteCommandParams,
    ) -> Result<Option<lsp::LSPAny>> {
        self.execute(params).await.map(Some)
    }
}

/// All tokens, under the name they can be asked about again.
fn whole(tokens: &Tokens) -> lsp::SemanticTokens {
    lsp::SemanticTokens { result_id: Some(tokens.id.clone()), data: tokens.all.to_vec() }
}
