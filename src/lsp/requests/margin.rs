//! What stands beside the text: things to do above statements, and links in it.

use serde_json::json;
use tower_lsp::ls_types as lsp;

use crate::lsp::commands;
use crate::lsp::features::lens;
use crate::lsp::features::links::{self, Target};
use crate::lsp::session::View;

/// What can be done with each statement; nothing where no database is connected.
pub(in crate::lsp) fn lenses(view: &View) -> Vec<lsp::CodeLens> {
    if view.catalogue.live().is_none() || view.settings.code_lens == Some(false) {
        return Vec::new();
    }
    let uri = view.document.uri.as_str();
    let shown = |lens: lens::Lens| {
        let range = view.range(lens.span);
        let argument = json!({ "uri": uri, "range": range, "text": lens.statement });
        lsp::CodeLens {
            range,
            command: Some(lsp::Command {
                title: lens.kind.title().to_owned(),
                command: commands::RUN.to_owned(),
                arguments: Some(vec![argument]),
            }),
            data: None,
        }
    };
    lens::lenses(&view.document.analysis()).into_iter().map(shown).collect()
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
