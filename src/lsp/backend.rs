//! What the requests share: work that keeps nobody waiting, findings published after a pause, and
//! the names that are looked up around the texts.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::json;
use tower_lsp::jsonrpc::{Error, ErrorCode, Result};
use tower_lsp::ls_types as lsp;
use tower_lsp::{Client, NotCancellable, OngoingProgress, Unbounded};

use super::live::{Live, Stop, World};
use super::requests;
use super::session::{Document, Session, Tokens, View};
use super::settings::Settings;
use crate::engine::base;
use crate::engine::catalog::Snapshot;
use crate::engine::lang::format::Options;

/// The code the protocol gives to requests that were fine and failed.
pub(super) const REQUEST_FAILED: i64 = -32803;

/// What a client talks to. Cheap to clone; every clone talks to the same client.
#[derive(Clone)]
pub(super) struct Backend {
    pub(super) client: Client,
    pub(super) world: Arc<dyn World>,
    pub(super) session: Arc<Session>,
    /// Set by `shutdown`: the exit code depends on it.
    orderly: Arc<AtomicBool>,
    /// Where relative names begin.
    root: Arc<Mutex<Option<PathBuf>>>,
}

impl Backend {
    pub(super) fn new(
        client: Client,
        settings: Settings,
        world: Arc<dyn World>,
        orderly: Arc<AtomicBool>,
    ) -> Self {
        let session = Arc::new(Session::new(settings));
        Self { client, world, session, orderly, root: Arc::default() }
    }

    /// Notes that the client said `shutdown`.
    pub(super) fn end(&self) {
        self.orderly.store(true, Ordering::Relaxed);
        self.session.clear();
    }

    /// Notes where relative names begin.
    pub(super) fn begin_at(&self, folder: Option<PathBuf>) {
        *self.root.lock() = folder;
    }

    /// A name as the workspace means it.
    fn absolute(&self, name: &str) -> PathBuf {
        let path = Path::new(name.strip_prefix("file:").unwrap_or(name));
        match &*self.root.lock() {
            Some(root) => root.join(path),
            None => path.to_owned(),
        }
    }

    /// `vql/text`: a document as the server sees it, for whoever doubts that it sees the same.
    #[expect(clippy::unused_async, reason = "the protocol wants a future")]
    pub(super) async fn text(&self, params: lsp::TextDocumentIdentifier) -> Result<lsp::LSPAny> {
        let view = self.session.view(&params.uri);
        Ok(view.map_or(lsp::LSPAny::Null, |view| {
            let document = &view.document;
            json!({ "text": document.text.as_str(), "version": document.version })
        }))
    }

    /// Publishes the findings of a document after a pause, unless it has changed by then.
    pub(super) fn report(&self, document: &Document, pause: Duration) {
        let backend = self.clone();
        let (uri, revision, version) = (document.uri.clone(), document.revision, document.version);
        tokio::spawn(async move {
            tokio::time::sleep(pause).await;
            let Some(view) = backend.session.unchanged(&uri, revision) else { return };
            let session = Arc::clone(&backend.session);
            let found = work(move |_| {
                let uri = &view.document.uri;
                if session.declares(uri, revision, view.document.analysis().contracts()) {
                    return None;
                }
                let stale = || session.unchanged(uri, revision).is_none();
                Some(requests::diagnostics::findings(&view, &stale))
            });
            match found.await {
                // The contracts are others now: all texts are judged again.
                Ok(None) => backend.report_all().await,
                Ok(Some(found))
                    if !backend.session.abilities().pulls
                        && backend.session.unchanged(&uri, revision).is_some() =>
                {
                    backend.client.publish_diagnostics(uri, found, Some(version)).await;
                }
                _ => {}
            }
        });
    }

    /// Judges all texts again: something around them has changed.
    pub(super) async fn report_all(&self) {
        let abilities = self.session.abilities();
        for view in self.session.views() {
            self.report(&view.document, Duration::ZERO);
        }
        if abilities.pulls && abilities.refreshes {
            let refreshed = self.client.workspace_diagnostic_refresh().await;
            drop(refreshed);
        }
    }

    /// Answers about an open document; about another one there is nothing to say.
    pub(super) async fn answer<T: Send + 'static>(
        &self,
        uri: &lsp::Uri,
        answer: impl FnOnce(&View, &Stop) -> T + Send + 'static,
    ) -> Result<Option<T>> {
        let Some(view) = self.session.view(uri) else { return Ok(None) };
        work(move |stop| answer(&view, stop)).await.map(Some)
    }

    /// The same with all texts that are known.
    pub(super) async fn answer_among<T: Send + 'static>(
        &self,
        uri: &lsp::Uri,
        answer: impl FnOnce(&View, &[View], &Stop) -> T + Send + 'static,
    ) -> Result<Option<T>> {
        let texts = self.session.texts();
        self.answer(uri, move |view, stop| answer(view, &texts, stop)).await
    }

    /// What says how a document is to be laid out; it reads files.
    pub(super) fn layout(
        &self,
        uri: &lsp::Uri,
    ) -> impl Fn() -> base::Result<Options> + Send + 'static {
        let world = Arc::clone(&self.world);
        let path = uri.to_file_path().map(std::borrow::Cow::into_owned);
        move || world.layout(path.as_deref())
    }

    /// The edits that lay out what touches a range of a document; all of it without one.
    pub(super) async fn lay_out(
        &self,
        uri: &lsp::Uri,
        range: Option<lsp::Range>,
    ) -> Result<Option<Vec<lsp::TextEdit>>> {
        let layout = self.layout(uri);
        let edits = self
            .answer(uri, move |view, _| Ok(requests::formatting::edits(view, range, layout()?)));
        edits.await?.transpose().map_err(|error| failed(&error))
    }

    /// The tokens of a document as they are now, and as they were given out before.
    pub(super) async fn tokens(&self, uri: &lsp::Uri) -> Result<Option<(Tokens, Option<Tokens>)>> {
        let session = Arc::clone(&self.session);
        self.answer(uri, move |view, _| {
            let all = requests::tokens::tokens(view, None).into();
            let now = Tokens { id: view.document.revision.to_string(), all };
            let before = session.keep_tokens(&view.document.uri, now.clone());
            (now, before)
        })
        .await
    }

    /// Asks the client to tell of files that change, where it can.
    pub(super) fn watch_later(&self) {
        if !self.session.abilities().watches {
            return;
        }
        let watcher = json!({ "watchers": [{ "globPattern": "**/*.vql" }] });
        let registration = lsp::Registration {
            id: "files".to_owned(),
            method: "workspace/didChangeWatchedFiles".to_owned(),
            register_options: Some(watcher),
        };
        let client = self.client.clone();
        tokio::spawn(async move { client.register_capability(vec![registration]).await });
    }

    /// Reads the texts of the workspace.
    pub(super) async fn read_files(&self) {
        let folder = self.root.lock().clone();
        let Some(folder) = folder else { return };
        let (world, session) = (Arc::clone(&self.world), Arc::clone(&self.session));
        let read = work(move |_| {
            let texts = world.texts(&folder).into_iter();
            session.found(texts.filter_map(|(path, text)| Some((uri_of(&path)?, text))).collect())
        });
        if read.await == Ok(true) {
            self.report_all().await;
        }
    }

    /// Looks up the names the settings speak of, and judges all texts again. What cannot be looked
    /// up is said to the user, and nothing is known.
    pub(super) async fn look_around(&self) -> Result<Option<String>> {
        let settings = self.session.settings();
        let world = Arc::clone(&self.world);
        let around = match (&settings.database, &settings.schema) {
            (Some(database), _) if !database.is_empty() => Some((self.absolute(database), true)),
            (_, Some(schema)) if !schema.is_empty() => Some((self.absolute(schema), false)),
            _ => None,
        };
        let progress = match &around {
            Some((path, true)) => self.progress(format!("Look at {}", path.display())).await,
            _ => None,
        };
        let found = work(move |_| match around {
            None => Ok(Names::default()),
            Some((path, true)) => connected(&*world, &path),
            Some((path, false)) => world.schema(&path).map(|names| (Some(names), None)),
        });
        let found = found.await;
        if let Some(progress) = progress {
            progress.finish().await;
        }
        let (found, failure) = match found? {
            Ok(found) => (found, None),
            Err(error) => (Names::default(), Some(error)),
        };
        let name = found.1.as_ref().map(|live| live.name().to_owned());
        if self.session.learn(found.0, found.1) {
            self.report_all().await;
        }
        match failure {
            None => Ok(name),
            Some(error) => Err(failed(&error)),
        }
    }

    /// Shows that work goes on that nobody asked for, where the client can show it.
    async fn progress(&self, title: String) -> Option<OngoingProgress<Unbounded, NotCancellable>> {
        if !self.session.abilities().progresses {
            return None;
        }
        let token = lsp::NumberOrString::String("vql/look".to_owned());
        self.client.create_work_done_progress(token.clone()).await.ok()?;
        Some(self.client.progress(token, title).begin().await)
    }

    /// The same for a notification, which has no answer: the user is told. With the `files` of the
    /// workspace, if these may have changed.
    pub(super) fn look_around_later(&self, files: bool) {
        let backend = self.clone();
        tokio::spawn(async move {
            if files {
                backend.read_files().await;
            }
            if let Err(error) = backend.look_around().await {
                backend.client.show_message(lsp::MessageType::WARNING, error.message).await;
            }
        });
    }

    /// Asks the client for the settings, where it can be asked.
    pub(super) async fn ask_for_settings(&self) -> Option<Settings> {
        if !self.session.abilities().configures {
            return None;
        }
        let item = lsp::ConfigurationItem { scope_uri: None, section: Some("vql".to_owned()) };
        let said = self.client.configuration(vec![item]).await.ok()?.into_iter().next()?;
        serde_json::from_value(said).ok()
    }
}

fn uri_of(path: &Path) -> Option<lsp::Uri> {
    lsp::Uri::from_file_path(path)
}

/// What is known by name, and the database it is known from.
type Names = (Option<Arc<Snapshot>>, Option<Arc<dyn Live>>);

fn connected(world: &dyn World, path: &Path) -> base::Result<Names> {
    let live = world.connect(&path.display().to_string())?;
    let names = live.names()?;
    Ok((Some(names), Some(live)))
}

/// An error of a request whose reason lies outside of the protocol.
pub(super) fn failed(error: &base::Error) -> Error {
    let message = match &error.hint {
        Some(hint) => format!("{}; {hint}", error.message),
        None => error.message.clone(),
    };
    Error { code: ErrorCode::ServerError(REQUEST_FAILED), message: message.into(), data: None }
}

/// Runs work where it keeps no other message waiting. It is told to stop when whoever waits for it
/// goes away; a panic in it is an error of one request.
pub(super) async fn work<T: Send + 'static>(
    work: impl FnOnce(&Stop) -> T + Send + 'static,
) -> Result<T> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_that_nobody_waits_for_is_told_to_stop() {
        let (stopped, seen) = std::sync::mpsc::channel();
        let (began, begins) = std::sync::mpsc::channel();
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let waiting = runtime.spawn(work(move |stop| {
            began.send(()).unwrap();
            while !stop.is_set() {
                std::thread::yield_now();
            }
            stopped.send(()).unwrap();
        }));
        begins.recv().unwrap();
        waiting.abort();
        seen.recv_timeout(Duration::from_mins(1)).unwrap();
    }

    #[test]
    fn work_that_panics_is_an_error_of_one_request() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let failed = runtime.block_on(work(|_| -> () { panic!("as wanted") })).unwrap_err();
        assert_eq!(failed.code, ErrorCode::InternalError);
        assert_eq!(runtime.block_on(work(|_| 1)), Ok(1));
    }
}
