//! Where names come from and where they are used, in all texts that are known.

use tower_lsp::ls_types as lsp;

use crate::engine::lang::names::Role;
use crate::lsp::features::navigate::{self, Occurrence};
use crate::lsp::session::View;

/// The places where the thing at a position gets its name.
pub(in crate::lsp) fn definition(
    view: &View,
    texts: &[View],
    position: lsp::Position,
) -> Vec<lsp::Location> {
    places(view, texts, position, &|found| found.role == Role::Defines)
}

/// The places that mention the thing at a position, with those that make it where they are wanted.
pub(in crate::lsp) fn references(
    view: &View,
    texts: &[View],
    position: lsp::Position,
    definitions: bool,
) -> Vec<lsp::Location> {
    places(view, texts, position, &|found| definitions || found.role != Role::Defines)
}

fn places(
    view: &View,
    texts: &[View],
    position: lsp::Position,
    wanted: &dyn Fn(&Occurrence) -> bool,
) -> Vec<lsp::Location> {
    let analysis = view.document.analysis();
    let Some(found) = navigate::symbol_at(&analysis, view.offset(position)) else {
        return Vec::new();
    };
    let mut all = Vec::new();
    let mut add = |view: &View, home: Option<usize>| {
        let analysis = view.document.analysis();
        let places = navigate::occurrences(&analysis, &found.symbol, home);
        all.extend(places.iter().filter(|place| wanted(place)).map(|place| lsp::Location {
            uri: view.document.uri.clone(),
            range: view.range(place.span),
        }));
    };
    add(view, found.symbol.is_local().then_some(found.part));
    if !found.symbol.is_local() {
        let others = texts.iter().filter(|other| other.document.uri != view.document.uri);
        others.for_each(|other| add(other, None));
    }
    all
}

/// The places in this text to show while the cursor is at a position.
pub(in crate::lsp) fn highlights(
    view: &View,
    position: lsp::Position,
) -> Vec<lsp::DocumentHighlight> {
    let found = navigate::highlights(&view.document.analysis(), view.offset(position));
    let kind = |role| match role {
        Role::Uses => lsp::DocumentHighlightKind::READ,
        Role::Defines | Role::Removes => lsp::DocumentHighlightKind::WRITE,
    };
    let shown = found.iter().map(|place| lsp::DocumentHighlight {
        range: view.range(place.span),
        kind: Some(kind(place.role)),
    });
    shown.collect()
}
