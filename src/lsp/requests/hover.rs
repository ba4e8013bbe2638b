//! What there is to say about a place; where a database is connected, with what it knows.

use std::time::Duration;

use tower_lsp::ls_types as lsp;

use super::{Among, markdown};
use crate::lsp::features::hover::{self, Ask};
use crate::lsp::live::Stop;
use crate::lsp::session::View;

/// How long a database may think about what is only looked at in passing.
pub(super) const PATIENCE: Duration = Duration::from_millis(500);

/// What there is to say about a position.
pub(in crate::lsp) fn hover(
    view: &View,
    texts: &[View],
    position: lsp::Position,
    stop: &Stop,
) -> Option<lsp::Hover> {
    let among = Among::of(view, texts);
    let found = hover::hover(&among.analyses(), 0, view.offset(position), &view.catalogue)?;
    let mut text = found.text;
    if let Some(answer) = found.ask.and_then(|ask| asked(view, &ask, stop)) {
        text.push_str(&answer);
    }
    Some(lsp::Hover {
        contents: lsp::HoverContents::Markup(markdown(text)),
        range: Some(view.range(found.span)),
    })
}

/// What the database answers; a question that fails or takes long is not worth a word here.
fn asked(view: &View, ask: &Ask, stop: &Stop) -> Option<String> {
    let live = view.catalogue.live()?;
    let (title, statement) = match ask {
        Ask::Plan(statement) => ("Plan", statement),
        Ask::Drift(statement) => ("Drift", statement),
        Ask::Contract(statement) => ("Stored", statement),
    };
    let answer = live.run(statement, stop, Some(PATIENCE)).ok()?;
    Some(format!("\n\n---\n\n{title}:\n\n```text\n{}\n```", answer.text.trim_end()))
}
