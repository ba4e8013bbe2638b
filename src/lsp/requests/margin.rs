//! What stands beside the text: things to do above statements, and links in it.

use serde::{Deserialize, Serialize};
use serde_json::json;
use tower_lsp::ls_types as lsp;

use super::hover::PATIENCE;
use crate::lsp::commands;
use crate::lsp::features::lens::{self, LensKind};
use crate::lsp::features::links::{self, Target};
use crate::lsp::live::Stop;
use crate::lsp::session::View;

/// What a lens without a command carries until it is shown.
#[derive(Debug, Serialize, Deserialize)]
struct Later {
    uri: lsp::Uri,
    command: lsp::Command,
}

/// What can be done with each statement; nothing where no database is connected.
pub(in crate::lsp) fn lenses(view: &View) -> Vec<lsp::CodeLens> {
    if view.catalogue.live().is_none() || view.settings.code_lens == Some(false) {
        return Vec::new();
    }
    let uri = &view.document.uri;
    let shown = |lens: lens::Lens| {
        let range = view.range(lens.span);
        let argument = json!({ "uri": uri.as_str(), "range": range, "text": lens.statement });
        let command = lsp::Command {
            title: lens.kind.title().to_owned(),
            command: commands::RUN.to_owned(),
            arguments: Some(vec![argument]),
        };
        if lens.kind != LensKind::Explain {
            return lsp::CodeLens { range, command: Some(command), data: None };
        }
        // What it costs is asked when it comes into sight.
        let later = serde_json::to_value(Later { uri: uri.clone(), command });
        lsp::CodeLens { range, command: None, data: later.ok() }
    };
    lens::lenses(&view.document.analysis()).into_iter().map(shown).collect()
}

/// The text a lens without a command belongs to.
pub(in crate::lsp) fn origin(lens: &lsp::CodeLens) -> Option<lsp::Uri> {
    Some(serde_json::from_value::<Later>(lens.data.clone()?).ok()?.uri)
}

/// A lens with its command, which says what the database expects of the statement.
pub(in crate::lsp) fn resolved(view: &View, stop: &Stop, mut lens: lsp::CodeLens) -> lsp::CodeLens {
    let later = lens.data.take().and_then(|data| serde_json::from_value::<Later>(data).ok());
    let Some(Later { mut command, .. }) = later else { return lens };
    let argument = command.arguments.as_ref().and_then(|arguments| arguments.first());
    if let Some(statement) = argument.and_then(|argument| argument["text"].as_str())
        && let Some(expected) = expected(view, stop, statement)
    {
        command.title = format!("{}: {expected}", command.title);
    }
    lens.command = Some(command);
    lens
}

/// How many rows a plan expects to find; nothing when the database cannot say or takes long.
fn expected(view: &View, stop: &Stop, explain: &str) -> Option<String> {
    let explain = format!("EXPLAIN (json) {}", explain.strip_prefix("EXPLAIN ")?);
    let answer = view.catalogue.live()?.run(&explain, stop, Some(PATIENCE)).ok()?;
    lens::expectation(&answer.json["rows"][0]["plan"])
}

/// The words that lead somewhere: to files, relative to the text, and to pages of the manual.
pub(in crate::lsp) fn links(view: &View) -> Vec<lsp::DocumentLink> {
    let path = view.document.uri.to_file_path();
    let folder = path.as_ref().and_then(|path| path.parent());
    let manual = view.settings.documentation.as_deref();
    let found = links::links(&view.document.analysis()).into_iter().filter_map(|link| {
        let target = match link.target {
            Target::File(name) => lsp::Uri::from_file_path(folder?.join(name))?,
            Target::Page(page) => {
                format!("{}/{page}", manual?.trim_end_matches('/')).parse().ok()?
            }
        };
        let range = view.range(link.span);
        Some(lsp::DocumentLink { range, target: Some(target), tooltip: None, data: None })
    });
    found.collect()
}
