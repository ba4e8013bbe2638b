//! The requests and notifications of the protocol, each in a few lines: take a view before the
//! first wait, so that the order of messages is the order of the texts they see; then let
//! `requests` work where nobody else has to wait.

use std::time::Duration;

use tower_lsp::LanguageServer;
use tower_lsp::jsonrpc::{Error, Result};
use tower_lsp::ls_types as lsp;

use super::abilities::Abilities;
use super::backend::Backend;
use super::requests;
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
        self.look_around_later();
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

    async fn did_save(&self, _: lsp::DidSaveTextDocumentParams) {
        // Whoever saves has a moment, and somebody else may have written to the database.
        if self.session.settings().database.is_some() {
            self.look_around_later();
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
        let backend = self.clone();
        tokio::spawn(async move {
            let said = match sent {
                Some(said) => Some(said),
                None => backend.ask_for_settings().await,
            };
            if let Some(said) = said {
                backend.session.set(said);
                backend.report_all().await;
                backend.look_around_later();
            }
        });
    }

    async fn did_change_watched_files(&self, _: lsp::DidChangeWatchedFilesParams) {
        self.look_around_later();
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
        let completion = self.answer(&at.text_document.uri, move |view, _| {
            requests::completion::completion(view, at.position)
        });
        completion.await
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

    async fn execute_command(
        &self,
        params: lsp::ExecuteCommandParams,
    ) -> Result<Option<lsp::LSPAny>> {
        self.execute(params).await.map(Some)
    }
}
