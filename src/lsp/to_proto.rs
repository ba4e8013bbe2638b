//! What the language says, in the words of the protocol.

use tower_lsp::ls_types as lsp;

use super::session::View;
use crate::engine::lang::complete::ItemKind;
use crate::engine::lang::{Diagnostic, Severity};

/// A finding, with a link to where the manual speaks of it.
pub(super) fn diagnostic(view: &View, found: &Diagnostic) -> lsp::Diagnostic {
    let severity = match found.severity {
        Severity::Error => lsp::DiagnosticSeverity::ERROR,
        Severity::Warning => lsp::DiagnosticSeverity::WARNING,
        Severity::Hint => lsp::DiagnosticSeverity::HINT,
    };
    let message = match &found.hint {
        Some(hint) => format!("{}\n{hint}", found.message),
        None => found.message.clone(),
    };
    let page = match found.rule {
        Some(rule) => format!("lint.md#{}", rule.to_ascii_lowercase()),
        None => "errors.md".to_owned(),
    };
    let manual = view.settings.documentation.as_ref();
    let link =
        manual.and_then(|manual| format!("{}/{page}", manual.trim_end_matches('/')).parse().ok());
    lsp::Diagnostic {
        range: view.range(found.span),
        severity: Some(severity),
        code: Some(lsp::NumberOrString::String(found.name().to_owned())),
        code_description: link.map(|href| lsp::CodeDescription { href }),
        source: Some("vql".to_owned()),
        message,
        ..lsp::Diagnostic::default()
    }
}

/// What a candidate is, as the language and as the protocol says it.
pub(super) const KINDS: &[(ItemKind, lsp::CompletionItemKind)] = &[
    (ItemKind::Field, lsp::CompletionItemKind::FIELD),
    (ItemKind::Id, lsp::CompletionItemKind::VALUE),
    (ItemKind::Param, lsp::CompletionItemKind::VARIABLE),
    (ItemKind::Modality, lsp::CompletionItemKind::MODULE),
    (ItemKind::Contract, lsp::CompletionItemKind::INTERFACE),
    (ItemKind::ProofType, lsp::CompletionItemKind::ENUM_MEMBER),
    (ItemKind::Source, lsp::CompletionItemKind::CLASS),
    (ItemKind::Function, lsp::CompletionItemKind::FUNCTION),
    (ItemKind::Name, lsp::CompletionItemKind::PROPERTY),
    (ItemKind::Keyword, lsp::CompletionItemKind::KEYWORD),
];
