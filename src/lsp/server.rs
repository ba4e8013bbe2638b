//! The requests and notifications of the protocol, each in a few lines: take a view before the
//! first wait, so that the order of messages is the order of the texts they see; then let
//! `requests` work where nobody else has to wait.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tower_lsp::jsonrpc::{Error, ErrorCode, Result};
use tower_lsp::ls_types as lsp;
use tower_lsp::{Client, LanguageServer};

use super::document::Encoding;
use super::live::{Stop, World};
use super::requests;
use super::session::{Document, Session, View};
use super::settings::Settings;

/// What a client talks to.
pub(super) struct Backend {
    client: Client,
    world: Arc<dyn World>,
    /// Set by `shutdown`: the exit code depends on it.
    orderly: Arc<AtomicBool>,
    session: Arc<Session>,
}

impl Backend {
    pub(super) fn new(
        client: Client,
        settings: Settings,
        world: Arc<dyn World>,
        orderly: Arc<AtomicBool>,
    ) -> Self {
        Self { client, world, orderly, session: Arc::new(Session::new(settings)) }
    }

    /// Publishes the findings of a document after a pause, unless it has changed by then.
    fn report(&self, document: &Document, pause: Duration) {
        let (client, session) = (self.client.clone(), Arc::clone(&self.session));
        let (uri, revision, version) = (document.uri.clone(), document.revision, document.version);
        tokio::spawn(async move {
            tokio::time::sleep(pause).await;
            let Some(view) = session.unchanged(&uri, revision) else { return };
            let watched = (Arc::clone(&session), uri.clone());
            let found = work(move |_| {
                let stale = || watched.0.unchanged(&watched.1, revision).is_none();
                requests::diagnostics::findings(&view, &stale)
            });
            if let Ok(found) = found.await
                && session.unchanged(&uri, revision).is_some()
            {
                client.publish_diagnostics(uri, found, Some(version)).await;
            }
        });
    }

    /// Answers about an open document; about another one there is nothing to say.
    async fn answer<T: Send + 'static>(
        &self,
        uri: &lsp::Uri,
        answer: impl FnOnce(&View, &Stop) -> T + Send + 'static,
    ) -> Result<Option<T>> {
        let Some(view) = self.session.view(uri) else { return Ok(None) };
        work(move |stop| answer(&view, stop)).await.map(Some)
    }

    /// The edits that lay out what touches a range of a document; all of it without one.
    async fn lay_out(
        &self,
        uri: &lsp::Uri,
        range: Option<lsp::Range>,
    ) -> Result<Option<Vec<lsp::TextEdit>>> {
        let world = Arc::clone(&self.world);
        let path: Option<PathBuf> = uri.to_file_path().map(std::borrow::Cow::into_owned);
        let edits = self.answer(uri, move |view, _| {
            let options = world.layout(path.as_deref())?;
            Ok(requests::formatting::edits(view, range, options))
        });
        edits.await?.transpose().map_err(|error: crate::engine::base::Error| failed(error.message))
    }
}

/// An error of a request whose reason lies outside of the protocol.
fn failed(message: impl Into<String>) -> Error {
    let code = ErrorCode::ServerError(REQUEST_FAILED);
    Error { code, message: message.into().into(), data: None }
}

/// The code the protocol gives to requests that were fine and failed.
const REQUEST_FAILED: i64 = -32803;

/// Runs work where it keeps no other message waiting. It is told to stop when whoever waits for it
/// goes away; a panic in it is an error of one request.
async fn work<T: Send + 'static>(work: impl FnOnce(&Stop) -> T + Send + 'static) -> Result<T> {
    let stop = Stop::default();
    let guard = stop.guard();
    let done = tokio::task::spawn_blocking(move || work(&stop)).await;
    drop(guard);
    done.map_err(|_| Error {
        code: ErrorCode::InternalError,
        message: "the request failed inside of the server".into(),
        data: None,
    })
}

impl LanguageServer for Backend {
    async fn initialize(&self, params: lsp::InitializeParams) -> Result<lsp::InitializeResult> {
        let offered = params.capabilities.general.and_then(|general| general.position_encodings);
        let encoding = Encoding::choose(offered.as_deref());
        let said = params.initialization_options.map(serde_json::from_value).transpose();
        let said = said
            .map_err(|error| Error::invalid_params(format!("`initializationOptions`: {error}")))?;
        self.session.begin(encoding, said);
        Ok(lsp::InitializeResult {
            capabilities: requests::capabilities(encoding),
            server_info: Some(lsp::ServerInfo {
                name: "vql".to_owned(),
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            }),
            ..lsp::InitializeResult::default()
        })
    }

    async fn shutdown(&self) -> Result<()> {
        self.orderly.store(true, Ordering::Relaxed);
        self.session.clear();
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

    async fn did_save(&self, _: lsp::DidSaveTextDocumentParams) {}

    async fn did_close(&self, params: lsp::DidCloseTextDocumentParams) {
        let uri = params.text_document.uri;
        if self.session.close(&uri) {
            self.client.publish_diagnostics(uri, Vec::new(), None).await;
        }
    }

    async fn completion(
        &self,
        params: lsp::CompletionParams,
    ) -> Result<Option<lsp::CompletionResponse>> {
        let lsp::TextDocumentPositionParams { text_document, position } =
            params.text_document_position;
        self.answer(&text_document.uri, move |view, _| {
            requests::completion::completion(view, position)
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
        let lsp::TextDocumentPositionParams { text_document, position } =
            params.text_document_position;
        // The `;` that was typed stands before the cursor.
        let before = lsp::Position { character: position.character.saturating_sub(1), ..position };
        self.lay_out(&text_document.uri, Some(lsp::Range { start: before, end: before })).await
    }
}
