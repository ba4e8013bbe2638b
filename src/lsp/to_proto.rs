//! What the language says, in the words of the protocol.

use tower_lsp::ls_types as lsp;

use super::session::View;
use crate::engine::lang::complete::{Item, ItemKind};
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

/// A candidate for the word at `range`; `place` keeps the order of the language.
pub(super) fn completion(item: &Item, range: lsp::Range, place: usize) -> lsp::CompletionItem {
    let kind = match item.kind {
        ItemKind::Field => lsp::CompletionItemKind::FIELD,
        ItemKind::Id => lsp::CompletionItemKind::VALUE,
        ItemKind::Param => lsp::CompletionItemKind::VARIABLE,
        ItemKind::Modality => lsp::CompletionItemKind::MODULE,
        ItemKind::Contract => lsp::CompletionItemKind::INTERFACE,
        ItemKind::ProofType => lsp::CompletionItemKind::ENUM_MEMBER,
        ItemKind::Source => lsp::CompletionItemKind::CLASS,
        ItemKind::Function => lsp::CompletionItemKind::FUNCTION,
        ItemKind::Name => lsp::CompletionItemKind::PROPERTY,
        ItemKind::Keyword => lsp::CompletionItemKind::KEYWORD,
    };
    lsp::CompletionItem {
        label: item.text.clone(),
        kind: Some(kind),
        detail: item.detail.clone(),
        sort_text: Some(format!("{place:05}")),
        filter_text: Some(item.text.clone()),
        text_edit: Some(lsp::CompletionTextEdit::Edit(lsp::TextEdit {
            range,
            new_text: item.text.clone(),
        })),
        ..lsp::CompletionItem::default()
    }
}
