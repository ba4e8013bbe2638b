//! What the brackets around the cursor take.

use std::sync::Arc;

use tower_lsp::ls_types as lsp;

use crate::lsp::analysis::Analysis;
use crate::lsp::features::signature;
use crate::lsp::session::View;

/// The signature at a position.
pub(in crate::lsp) fn help(
    view: &View,
    texts: &[View],
    position: lsp::Position,
) -> Option<lsp::SignatureHelp> {
    let others = texts.iter().filter(|other| other.document.uri != view.document.uri);
    let kept: Vec<Arc<Analysis>> =
        std::iter::once(view).chain(others).map(|view| view.document.analysis()).collect();
    let analyses: Vec<&Analysis> = kept.iter().map(|analysis| &**analysis).collect();
    let found = signature::signature(&analyses, 0, view.offset(position))?;
    // The protocol counts the label in UTF-16, whatever the client said about positions.
    let units = |byte: u32| {
        let before = found.label.get(..byte as usize).unwrap_or("");
        before.encode_utf16().count() as u32
    };
    let params = found.params.iter().map(|span| lsp::ParameterInformation {
        label: lsp::ParameterLabel::LabelOffsets([units(span.start), units(span.end)]),
        documentation: None,
    });
    let signature = lsp::SignatureInformation {
        label: found.label.clone(),
        documentation: Some(markdown(found.about.clone())),
        parameters: Some(params.collect()),
        active_parameter: None,
    };
    Some(lsp::SignatureHelp {
        signatures: vec![signature],
        active_signature: Some(0),
        active_parameter: Some(found.active as u32),
    })
}

fn markdown(value: String) -> lsp::Documentation {
    let kind = lsp::MarkupKind::Markdown;
    lsp::Documentation::MarkupContent(lsp::MarkupContent { kind, value })
}
