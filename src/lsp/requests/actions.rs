//! What can be done at a place: remedies, other ways to say the same, everything put right at once.

use std::collections::HashMap;

use serde_json::json;
use tower_lsp::ls_types as lsp;

use crate::engine::lang::diag::Fix;
use crate::engine::lang::format::Options;
use crate::lsp::commands;
use crate::lsp::features::actions::{self, Action, ActionKind, Command};
use crate::lsp::live::Stop;
use crate::lsp::session::View;
use crate::lsp::to_proto;

/// All that has a certain remedy is put right.
const FIX_ALL: lsp::CodeActionKind = lsp::CodeActionKind::new("source.fixAll.vql");

/// The kinds of action there are.
pub(in crate::lsp) fn kinds() -> Vec<lsp::CodeActionKind> {
    use lsp::CodeActionKind as K;
    vec![K::QUICKFIX, K::REFACTOR_REWRITE, K::REFACTOR_EXTRACT, FIX_ALL]
}

/// What can be done in a range.
pub(in crate::lsp) fn actions(
    view: &View,
    params: &lsp::CodeActionParams,
    layout: Options,
    stop: &Stop,
) -> lsp::CodeActionResponse {
    let only = params.context.only.as_deref();
    let wanted =
        |kind: &lsp::CodeActionKind| only.is_none_or(|only| only.iter().any(|o| within(kind, o)));
    let analysis = view.document.analysis();
    let range = view.span(params.range);
    let found = analysis.findings_in(range, &view.catalogue);
    let all = actions::actions(&analysis, range, &found, layout).into_iter();
    let mut offered: lsp::CodeActionResponse = all
        .filter(|action| wanted(&kind(action.kind)))
        .filter(|action| {
            !(matches!(action.command, Some(Command::Explain(_)))
                && view.catalogue.live().is_none())
        })
        .map(|action| {
            let about = action.finding.and_then(|index| found.get(index));
            let about = about.map(|found| vec![to_proto::diagnostic(view, found)]);
            lsp::CodeActionOrCommand::CodeAction(shown(view, action, about))
        })
        .collect();
    // Asked for by name: nobody wants to read it in every menu.
    if only.is_some() && wanted(&FIX_ALL) {
        let found = analysis.findings(&view.catalogue, usize::MAX, &|| stop.is_set());
        let edits = actions::fix_all(&found);
        if !edits.is_empty() {
            offered.push(lsp::CodeActionOrCommand::CodeAction(lsp::CodeAction {
                title: "Fix all that has a certain remedy".to_owned(),
                kind: Some(FIX_ALL),
                edit: Some(edit(view, edits)),
                ..lsp::CodeAction::default()
            }));
        }
    }
    offered
}

/// True when a kind is `wanted` or one of those below it.
fn within(kind: &lsp::CodeActionKind, wanted: &lsp::CodeActionKind) -> bool {
    let rest = kind.as_str().strip_prefix(wanted.as_str());
    wanted.as_str().is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn kind(kind: ActionKind) -> lsp::CodeActionKind {
    match kind {
        ActionKind::QuickFix => lsp::CodeActionKind::QUICKFIX,
        ActionKind::Rewrite => lsp::CodeActionKind::REFACTOR_REWRITE,
        ActionKind::Extract => lsp::CodeActionKind::REFACTOR_EXTRACT,
    }
}

fn shown(view: &View, action: Action, about: Option<Vec<lsp::Diagnostic>>) -> lsp::CodeAction {
    let command = action.command.map(|command| {
        let (name, argument) = match command {
            Command::ExplainRule(code) => (commands::RULE, json!({ "rule": code })),
            Command::Explain(statement) => (commands::RUN, json!({ "text": statement })),
        };
        lsp::Command {
            title: action.title.clone(),
            command: name.to_owned(),
            arguments: Some(vec![argument]),
        }
    });
    lsp::CodeAction {
        title: action.title,
        kind: Some(kind(action.kind)),
        diagnostics: about,
        edit: (!action.edits.is_empty()).then(|| edit(view, action.edits)),
        command,
        is_preferred: action.preferred.then_some(true),
        ..lsp::CodeAction::default()
    }
}

fn edit(view: &View, edits: Vec<Fix>) -> lsp::WorkspaceEdit {
    let edits = edits
        .into_iter()
        .map(|fix| lsp::TextEdit { range: view.range(fix.span), new_text: fix.text });
    let changes = HashMap::from([(view.document.uri.clone(), edits.collect())]);
    lsp::WorkspaceEdit { changes: Some(changes), ..lsp::WorkspaceEdit::default() }
}
