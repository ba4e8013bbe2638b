//! The requests and notifications of the protocol: each takes its snapshot of the document before
//! it first waits, so that the order of messages is the order of the texts they see.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use parking_lot::Mutex;
use tower_lsp::jsonrpc::{Error, ErrorCode, Result};
use tower_lsp::ls_types as lsp;
use tower_lsp::{Client, LanguageServer};

use super::document::{Encoding, Text};
use super::to_proto;
use crate::engine::lang::complete::complete;
use crate::engine::lang::format::{Options, format_script};
use crate::engine::lang::resolve::NoCatalog;
use crate::engine::lang::{lint, parse};

/// How long typing must pause before findings are published.
const PAUSE: Duration = Duration::from_millis(120);

/// No more findings than this are published for one document: nobody reads them.
const FINDINGS: usize = 1000;

/// A document as the client sees it.
#[derive(Clone, Debug)]
struct Document {
    text: Arc<Text>,
    version: i32,
}

/// What a client talks to.
pub(super) struct Backend {
    client: Client,
    layout: Options,
    /// Set by `shutdown`: the exit code depends on it.
    orderly: Arc<AtomicBool>,
    encoding: OnceLock<Encoding>,
    documents: Arc<Mutex<HashMap<lsp::Uri, Document>>>,
}

impl Backend {
    pub(super) fn new(client: Client, layout: Options, orderly: Arc<AtomicBool>) -> Self {
        let documents = Arc::default();
        Self { client, layout, orderly, encoding: OnceLock::new(), documents }
    }

    fn encoding(&self) -> Encoding {
        self.encoding.get().copied().unwrap_or_default()
    }

    fn text(&self, uri: &lsp::Uri) -> Option<Arc<Text>> {
        Some(Arc::clone(&self.documents.lock().get(uri)?.text))
    }

    /// Publishes the findings of a document after a pause, unless it has changed by then.
    fn report(&self, uri: lsp::Uri, version: i32, pause: Duration) {
        let (client, encoding) = (self.client.clone(), self.encoding());
        let documents = Arc::clone(&self.documents);
        tokio::spawn(async move {
            tokio::time::sleep(pause).await;
            let current = || {
                let documents = documents.lock();
                documents.get(&uri).filter(|d| d.version == version).map(|d| Arc::clone(&d.text))
            };
            let Some(text) = current() else { return };
            let found = blocking(move || diagnostics(&text, encoding)).await;
            if let (Ok(found), Some(_)) = (found, current()) {
                client.publish_diagnostics(uri, found, Some(version)).await;
            }
        });
    }
}

/// What is wrong with a text.
fn diagnostics(text: &Text, encoding: Encoding) -> Vec<lsp::Diagnostic> {
    let source = text.as_str();
    let found = lint::findings(source, &parse(source), &NoCatalog);
    found.iter().take(FINDINGS).map(|d| to_proto::diagnostic(text, encoding, d)).collect()
}

/// Runs work where it keeps no other message waiting; a panic in it is an error of one request.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Error {
        code: ErrorCode::InternalError,
        message: "the request failed inside of the server".into(),
        data: None,
    })
}

fn capabilities(encoding: Encoding) -> lsp::ServerCapabilities {
    let triggers = [".", "$", "@", "(", ":", "'", " "].map(str::to_owned).to_vec();
    lsp::ServerCapabilities {
        position_encoding: Some(encoding.kind()),
        text_document_sync: Some(lsp::TextDocumentSyncCapability::Options(
            lsp::TextDocumentSyncOptions {
                open_close: Some(true),
                change: Some(lsp::TextDocumentSyncKind::INCREMENTAL),
                ..lsp::TextDocumentSyncOptions::default()
            },
        )),
        completion_provider: Some(lsp::CompletionOptions {
            trigger_characters: Some(triggers),
            ..lsp::CompletionOptions::default()
        }),
        document_formatting_provider: Some(lsp::OneOf::Left(true)),
        ..lsp::ServerCapabilities::default()
    }
}

impl LanguageServer for Backend {
    async fn initialize(&self, params: lsp::InitializeParams) -> Result<lsp::InitializeResult> {
        let offered = params.capabilities.general.and_then(|general| general.position_encodings);
        let encoding = *self.encoding.get_or_init(|| Encoding::choose(offered.as_deref()));
        Ok(lsp::InitializeResult {
            capabilities: capabilities(encoding),
            server_info: Some(lsp::ServerInfo {
                name: "vql".to_owned(),
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            }),
            ..lsp::InitializeResult::default()
        })
    }

    async fn shutdown(&self) -> Result<()> {
        self.orderly.store(true, Ordering::Relaxed);
        self.documents.lock().clear();
        Ok(())
    }

    async fn did_open(&self, params: lsp::DidOpenTextDocumentParams) {
        let lsp::TextDocumentItem { uri, version, text, .. } = params.text_document;
        let document = Document { text: Arc::new(Text::new(text)), version };
        self.documents.lock().insert(uri.clone(), document);
        self.report(uri, version, Duration::ZERO);
    }

    async fn did_change(&self, params: lsp::DidChangeTextDocumentParams) {
        let lsp::VersionedTextDocumentIdentifier { uri, version } = params.text_document;
        let encoding = self.encoding();
        {
            let mut documents = self.documents.lock();
            let Some(document) = documents.get_mut(&uri) else { return };
            let mut text = Text::clone(&document.text);
            for change in params.content_changes {
                text = text.changed(change, encoding);
            }
            *document = Document { text: Arc::new(text), version };
        }
        self.report(uri, version, PAUSE);
    }

    async fn did_save(&self, _: lsp::DidSaveTextDocumentParams) {}

    async fn did_close(&self, params: lsp::DidCloseTextDocumentParams) {
        let uri = params.text_document.uri;
        self.documents.lock().remove(&uri);
        self.client.publish_diagnostics(uri, Vec::new(), None).await;
    }

    async fn completion(
        &self,
        params: lsp::CompletionParams,
    ) -> Result<Option<lsp::CompletionResponse>> {
        let lsp::TextDocumentPositionParams { text_document, position } =
            params.text_document_position;
        let Some(text) = self.text(&text_document.uri) else { return Ok(None) };
        let encoding = self.encoding();
        let items = blocking(move || {
            let cursor = text.offset(position, encoding);
            let found = complete(text.as_str(), cursor, &NoCatalog);
            let range = text.range(found.replace, encoding);
            let items = found.items.iter().enumerate();
            items.map(|(place, item)| to_proto::completion(item, range, place)).collect::<Vec<_>>()
        });
        Ok(Some(lsp::CompletionResponse::Array(items.await?)))
    }

    async fn formatting(
        &self,
        params: lsp::DocumentFormattingParams,
    ) -> Result<Option<Vec<lsp::TextEdit>>> {
        let Some(text) = self.text(&params.text_document.uri) else { return Ok(None) };
        let (encoding, layout) = (self.encoding(), self.layout);
        let edits = blocking(move || {
            // Statements that cannot be parsed are left as they are; the others are laid out.
            let formatted = format_script(text.as_str(), layout).text;
            let range = text.whole(encoding);
            let changed = formatted != text.as_str();
            changed.then_some(lsp::TextEdit { range, new_text: formatted }).into_iter().collect()
        });
        Ok(Some(edits.await?))
    }
}
