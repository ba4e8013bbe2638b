//! The state of one client: its open texts, what it set, and what is known by name.
//!
//! Texts change here and nowhere else, each before its notification first waits; whoever answers
//! takes a [`View`] first and sees the same text to its end.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use parking_lot::Mutex;
use tower_lsp::ls_types as lsp;

use super::abilities::Abilities;
use super::analysis::Analysis;
use super::catalogue::Catalogue;
use super::document::Text;
use super::features::markdown;
use super::live::Live;
use super::settings::Settings;
use crate::engine::base::Span;
use crate::engine::catalog::Snapshot;

/// A text over this many bytes is kept and formatted, but not analyzed.
pub(super) const LARGEST: usize = 8 << 20;

/// A document as the client sees it.
#[derive(Debug)]
pub(super) struct Document {
    /// Its name.
    pub(super) uri: lsp::Uri,
    /// Its text.
    pub(super) text: Arc<Text>,
    /// It is Markdown: only what is fenced as VQL in it is looked at.
    pub(super) markdown: bool,
    /// The version the client gave it.
    pub(super) version: i32,
    /// Which state of all states of all texts it is.
    pub(super) revision: u64,
    analysis: Mutex<Stage>,
}

/// How far the analysis of a document is.
#[derive(Debug)]
enum Stage {
    /// Nobody asked yet.
    Wanted(Before),
    Done(Arc<Analysis>),
}

/// What the analysis of a document can start from.
#[derive(Clone, Debug)]
enum Before {
    Nothing,
    Analysis(Arc<Analysis>),
    /// The document before the edit, which is being analyzed.
    Document(Arc<Document>),
}

impl Document {
    fn new(item: lsp::TextDocumentItem, revision: u64) -> Self {
        let lsp::TextDocumentItem { uri, language_id, version, text } = item;
        let markdown = language_id == "markdown";
        let (text, analysis) =
            (Arc::new(Text::new(text)), Mutex::new(Stage::Wanted(Before::Nothing)));
        Self { uri, text, markdown, version, revision, analysis }
    }

    /// The document after an edit. Waits for nobody: edits are made between messages.
    fn changed(self: &Arc<Self>, text: Text, version: i32, revision: u64) -> Self {
        let before = match self.analysis.try_lock().as_deref() {
            None => Before::Document(Arc::clone(self)),
            Some(Stage::Wanted(before)) => before.clone(),
            Some(Stage::Done(analysis)) => Before::Analysis(Arc::clone(analysis)),
        };
        let analysis = Mutex::new(Stage::Wanted(before));
        let (uri, markdown) = (self.uri.clone(), self.markdown);
        Self { uri, text: Arc::new(text), markdown, version, revision, analysis }
    }

    /// True for a text that is too large to be analyzed.
    pub(super) fn is_large(&self) -> bool {
        self.text.as_str().len() > LARGEST
    }

    /// The text that is looked at; its places are those of the whole text.
    fn words(&self) -> Arc<Text> {
        if self.markdown {
            return Arc::new(Text::new(markdown::mask(self.text.as_str())));
        }
        Arc::clone(&self.text)
    }

    /// What it says; of a text that is too large: nothing.
    pub(super) fn analysis(&self) -> Arc<Analysis> {
        let mut stage = self.analysis.lock();
        let analysis = match &*stage {
            Stage::Done(analysis) => return Arc::clone(analysis),
            Stage::Wanted(_) if self.is_large() => Analysis::of(Arc::new(Text::default())),
            Stage::Wanted(Before::Nothing) => Analysis::of(self.words()),
            Stage::Wanted(Before::Analysis(before)) => before.edited(self.words()),
            Stage::Wanted(Before::Document(before)) => before.analysis().edited(self.words()),
        };
        let analysis = Arc::new(analysis);
        *stage = Stage::Done(Arc::clone(&analysis));
        analysis
    }
}

/// One document as it was when somebody asked, with all that belongs to an answer.
#[derive(Clone)]
pub(super) struct View {
    /// The document.
    pub(super) document: Arc<Document>,
    /// What was known by name.
    pub(super) catalogue: Arc<Catalogue>,
    /// What was set.
    pub(super) settings: Arc<Settings>,
    /// What the client can.
    pub(super) abilities: Abilities,
}

impl View {
    /// The range of a span.
    pub(super) fn range(&self, span: Span) -> lsp::Range {
        self.document.text.range(span, self.abilities.encoding)
    }

    /// The byte of a position.
    pub(super) fn offset(&self, position: lsp::Position) -> usize {
        self.document.text.offset(position, self.abilities.encoding)
    }

    /// The bytes of a range.
    pub(super) fn span(&self, range: lsp::Range) -> Span {
        let bytes = self.document.text.bytes(range, self.abilities.encoding);
        Span::new(bytes.start, bytes.end)
    }
}

/// The state of one client.
pub(super) struct Session {
    state: Mutex<State>,
    /// The tokens each document had when they were last asked for.
    tokens: Mutex<HashMap<lsp::Uri, Tokens>>,
}

/// Tokens, and the name they were given out under.
#[derive(Clone)]
pub(super) struct Tokens {
    pub(super) id: String,
    pub(super) all: Arc<[lsp::SemanticToken]>,
}

struct State {
    documents: HashMap<lsp::Uri, Arc<Document>>,
    /// The texts of the workspace; those that are open are there too.
    files: BTreeMap<lsp::Uri, Arc<Document>>,
    /// Those of them that were saved from here since the files were read.
    fresh: BTreeSet<lsp::Uri>,
    catalogue: Arc<Catalogue>,
    /// The contracts that each document creates.
    contracts: BTreeMap<lsp::Uri, BTreeSet<String>>,
    settings: Arc<Settings>,
    abilities: Abilities,
    revision: u64,
}

impl Session {
    pub(super) fn new(settings: Settings) -> Self {
        Self {
            state: Mutex::new(State {
                documents: HashMap::new(),
                files: BTreeMap::new(),
                fresh: BTreeSet::new(),
                catalogue: Arc::default(),
                contracts: BTreeMap::new(),
                settings: Arc::new(settings),
                abilities: Abilities::default(),
                revision: 0,
            }),
            tokens: Mutex::default(),
        }
    }

    /// Keeps the tokens of a document, and gives those that were kept before.
    pub(super) fn keep_tokens(&self, uri: &lsp::Uri, tokens: Tokens) -> Option<Tokens> {
        // Of a document that has been closed meanwhile nothing is kept.
        let state = self.state.lock();
        state.documents.get(uri)?;
        self.tokens.lock().insert(uri.clone(), tokens)
    }

    /// Notes what the client can and what it asked for when it began.
    pub(super) fn begin(&self, abilities: Abilities, said: Option<Settings>) {
        self.state.lock().abilities = abilities;
        if let Some(said) = said {
            self.set(said);
        }
    }

    /// Changes what was set.
    pub(super) fn set(&self, said: Settings) {
        let mut state = self.state.lock();
        state.settings = Arc::new(Settings::clone(&state.settings).overridden(said));
    }

    /// What was set.
    pub(super) fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.state.lock().settings)
    }

    /// What the client can.
    pub(super) fn abilities(&self) -> Abilities {
        self.state.lock().abilities
    }

    /// What is known by name.
    pub(super) fn catalogue(&self) -> Arc<Catalogue> {
        Arc::clone(&self.state.lock().catalogue)
    }

    /// Notes what was found around the texts; false when nothing was and is known.
    pub(super) fn learn(&self, stored: Option<Arc<Snapshot>>, live: Option<Arc<dyn Live>>) -> bool {
        let mut state = self.state.lock();
        let news = stored.is_some() || state.catalogue.stored().is_some();
        if news {
            state.catalogue = Arc::new(state.catalogue.with(stored, live));
        }
        news
    }

    /// Notes which contracts a document creates; true when that changed what is known.
    pub(super) fn declares(&self, uri: &lsp::Uri, revision: u64, all: BTreeSet<String>) -> bool {
        let mut state = self.state.lock();
        let current = state.documents.get(uri).is_some_and(|d| d.revision == revision);
        if !current || state.contracts.get(uri).map_or(all.is_empty(), |known| *known == all) {
            return false;
        }
        state.contracts.insert(uri.clone(), all);
        state.gather()
    }

    /// Takes a document in, or a new one in place of it.
    pub(super) fn open(&self, item: lsp::TextDocumentItem) -> Arc<Document> {
        let mut state = self.state.lock();
        state.revision += 1;
        let document = Arc::new(Document::new(item, state.revision));
        state.documents.insert(document.uri.clone(), Arc::clone(&document));
        document
    }

    /// Makes edits in a document. `None` when it is not open, or when the edits are those of a
    /// version before the one that is known.
    pub(super) fn change(&self, params: lsp::DidChangeTextDocumentParams) -> Option<Arc<Document>> {
        let lsp::VersionedTextDocumentIdentifier { uri, version } = params.text_document;
        let mut state = self.state.lock();
        let before = Arc::clone(state.documents.get(&uri)?);
        let whole = params.content_changes.iter().any(|change| change.range.is_none());
        if version < before.version && !whole {
            return None;
        }
        state.revision += 1;
        let mut text = Text::clone(&before.text);
        for change in params.content_changes {
            text = text.changed(change, state.abilities.encoding);
        }
        let document = Arc::new(before.changed(text, version, state.revision));
        state.documents.insert(uri, Arc::clone(&document));
        Some(document)
    }

    /// Forgets a document. Says whether it was open, and whether that changed what is known by name.
    pub(super) fn close(&self, uri: &lsp::Uri) -> (bool, bool) {
        let mut state = self.state.lock();
        let open = state.documents.remove(uri).is_some();
        self.tokens.lock().remove(uri);
        // The file itself is known still.
        let file = state.files.get(uri).map(|file| file.analysis().contracts());
        let others = match file {
            Some(contracts) => state.contracts.insert(uri.clone(), contracts),
            None => state.contracts.remove(uri),
        };
        (open, others.is_some() && state.gather())
    }

    /// Notes that a file now has the text of the open document.
    pub(super) fn saved(&self, uri: &lsp::Uri) {
        let mut state = self.state.lock();
        if let Some(document) = state.documents.get(uri).filter(|d| !d.markdown).map(Arc::clone) {
            state.files.insert(uri.clone(), document);
            state.fresh.insert(uri.clone());
        }
    }

    /// Forgets everything.
    pub(super) fn clear(&self) {
        let mut state = self.state.lock();
        state.documents.clear();
        state.files.clear();
        state.fresh.clear();
        self.tokens.lock().clear();
    }

    /// Notes the texts of the workspace; true when that changed what is known by name.
    pub(super) fn found(&self, texts: Vec<(lsp::Uri, String)>) -> bool {
        let mut known = self.state.lock().files.clone();
        let mut files: BTreeMap<lsp::Uri, Arc<Document>> = texts
            .into_iter()
            .map(|(uri, text)| {
                let same = known.remove(&uri).filter(|file| file.text.as_str() == text);
                let file = same.unwrap_or_else(|| {
                    let language = "vql".to_owned();
                    let item = lsp::TextDocumentItem::new(uri.clone(), language, 0, text);
                    Arc::new(Document::new(item, 0))
                });
                (uri, file)
            })
            .collect();
        // Parsed before anybody has to wait for it.
        let mut contracts: Vec<_> =
            files.iter().map(|(uri, file)| (uri.clone(), file.analysis().contracts())).collect();
        let mut state = self.state.lock();
        // What was saved while the files were read is newer than what was read.
        for uri in std::mem::take(&mut state.fresh) {
            if let Some(file) = state.files.get(&uri) {
                contracts.push((uri.clone(), file.analysis().contracts()));
                files.insert(uri, Arc::clone(file));
            }
        }
        let open: Vec<lsp::Uri> = state.documents.keys().cloned().collect();
        state.contracts.retain(|uri, _| open.contains(uri));
        for (uri, contracts) in contracts {
            if !open.contains(&uri) {
                state.contracts.insert(uri, contracts);
            }
        }
        state.files = files;
        state.gather()
    }

    /// A document as it is now; `None` when it is not open.
    pub(super) fn view(&self, uri: &lsp::Uri) -> Option<View> {
        let state = self.state.lock();
        let document = Arc::clone(state.documents.get(uri)?);
        Some(state.view(document))
    }

    /// All open documents as they are now.
    pub(super) fn views(&self) -> Vec<View> {
        let state = self.state.lock();
        let mut all: Vec<_> = state.documents.values().map(Arc::clone).collect();
        all.sort_by_key(|document| document.revision);
        all.into_iter().map(|document| state.view(document)).collect()
    }

    /// All texts that are known: those that are open, and the others of the workspace.
    pub(super) fn texts(&self) -> Vec<View> {
        let mut texts = self.views();
        let state = self.state.lock();
        let closed = state.files.iter().filter(|(uri, _)| !state.documents.contains_key(uri));
        texts.extend(closed.map(|(_, file)| state.view(Arc::clone(file))));
        texts
    }

    /// The document as it is now, if it still is what it was at `revision`.
    pub(super) fn unchanged(&self, uri: &lsp::Uri, revision: u64) -> Option<View> {
        self.view(uri).filter(|view| view.document.revision == revision)
    }
}

impl State {
    /// Puts the contracts of all documents together; true when they are others than before.
    fn gather(&mut self) -> bool {
        let all = self.contracts.values().flatten().cloned().collect();
        let before = self.catalogue.generation();
        self.catalogue = Arc::new(self.catalogue.declaring(all));
        self.catalogue.generation() != before
    }

    fn view(&self, document: Arc<Document>) -> View {
        View {
            document,
            catalogue: Arc::clone(&self.catalogue),
            settings: Arc::clone(&self.settings),
            abilities: self.abilities,
        }
    }
}
