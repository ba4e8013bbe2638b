//! What the client at the other end can do, and how it counts.

use tower_lsp::ls_types as lsp;

use super::document::Encoding;

/// What a client said about itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Abilities {
    /// How it counts columns.
    pub(super) encoding: Encoding,
    /// It asks for findings itself; then they are not pushed.
    pub(super) pulls: bool,
    /// It can be told that findings it asked for are out of date.
    pub(super) refreshes: bool,
    /// It can be asked for settings.
    pub(super) configures: bool,
    /// It shows how work goes on that the server began.
    pub(super) progresses: bool,
    /// It shows outlines with levels.
    pub(super) levels: bool,
    /// It tells of files that change, when it is asked to.
    pub(super) watches: bool,
    /// It fills in templates.
    pub(super) snippets: bool,
}

impl Abilities {
    /// Reads what the client said.
    pub(super) fn of(said: &lsp::ClientCapabilities) -> Self {
        let offered = said.general.as_ref().and_then(|g| g.position_encodings.as_deref());
        let text = said.text_document.as_ref();
        let workspace = said.workspace.as_ref();
        let completion = text.and_then(|text| text.completion.as_ref());
        let item = completion.and_then(|completion| completion.completion_item.as_ref());
        let symbols = text.and_then(|text| text.document_symbol.as_ref());
        let watching = workspace.and_then(|workspace| workspace.did_change_watched_files.as_ref());
        let diagnostics = workspace.and_then(|workspace| workspace.diagnostics.as_ref());
        Self {
            encoding: Encoding::choose(offered),
            pulls: text.is_some_and(|text| text.diagnostic.is_some()),
            refreshes: diagnostics.is_some_and(|d| d.refresh_support == Some(true)),
            configures: workspace.is_some_and(|w| w.configuration == Some(true)),
            progresses: said.window.as_ref().is_some_and(|w| w.work_done_progress == Some(true)),
            levels: symbols.is_some_and(|s| s.hierarchical_document_symbol_support == Some(true)),
            watches: watching.is_some_and(|w| w.dynamic_registration == Some(true)),
            snippets: item.is_some_and(|item| item.snippet_support == Some(true)),
        }
    }
}
