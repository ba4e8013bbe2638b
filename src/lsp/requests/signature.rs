//! What the brackets around the cursor take.

use tower_lsp::ls_types as lsp;

use super::{Among, markdown};
use crate::lsp::features::signature;
use crate::lsp::session::View;

/// The signature at a position.
pub(in crate::lsp) fn help(
    view: &View,
    texts: &[View],
    position: lsp::Position,
) -> Option<lsp::SignatureHelp> {
    let among = Among::of(view, texts);
    let found = signature::signature(&among.analyses(), 0, view.offset(position))?;
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
        documentation: Some(lsp::Documentation::MarkupContent(markdown(found.about.clone()))),
        parameters: Some(params.collect()),
        active_parameter: None,
    };
    Some(lsp::SignatureHelp {
        signatures: vec![signature],
        active_signature: Some(0),
        active_parameter: Some(found.active as u32),
    })
}
