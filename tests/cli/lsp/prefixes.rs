//! Half-typed statements: at every prefix of a statement the server answers, and where a word may
//! begin it has something to offer, unless only a number, a text, a sign or a new name can stand there.
//!
//! The statements are those of the manual, and some of the public corpus when `VQL_CORPUS` names it;
//! all of them with `VQL_PREFIXES=all`.

use std::path::Path;

use serde_json::{Value, json};

use super::editor::{Editor, URI};
use crate::harness::Place;

/// The statements of the manual.
fn of_the_manual() -> Vec<String> {
    let page = std::fs::read_to_string("docs/reference/statements.md").unwrap();
    let fenced = page.split("```vql\n").skip(1).filter_map(|rest| rest.split("```").next());
    fenced.map(str::to_owned).collect()
}

/// Accepted statements of the corpus.
fn of_the_corpus() -> Vec<String> {
    let Some(folder) = std::env::var_os("VQL_CORPUS") else { return Vec::new() };
    let all = std::env::var_os("VQL_PREFIXES").is_some_and(|wanted| wanted == "all");
    let cases = Path::new(&folder).join("cases");
    let files = std::fs::read_dir(cases).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|p| p.extension().is_some_and(|e| e == "json")).collect();
    files.sort();
    let accepted = files.iter().filter_map(|path| {
        let about: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let text = std::fs::read_to_string(path.with_extension("vql")).ok()?;
        (about["expect"] == "accept").then_some(text)
    });
    accepted.step_by(if all { 1 } else { 24 }).collect()
}

/// True where a word may begin: behind a blank that is in no string and no comment.
fn is_between_words(typed: &str) -> bool {
    let mut open: Option<char> = None;
    let mut last = ' ';
    for c in typed.chars() {
        open = match open {
            // A comment ends with its line, or is one that never ends here.
            Some('-') => Some('-').filter(|_| c != '\n'),
            Some('*') => Some('*').filter(|_| !(last == '*' && c == '/')),
            Some(quote) => Some(quote).filter(|_| c != quote || last == '\\'),
            None if matches!(c, '\'' | '"') => Some(c),
            None if last == '-' && c == '-' => Some('-'),
            None if last == '/' && c == '*' => Some('*'),
            // A regular expression or path may hold anything.
            None if c == '/' => return false,
            None => None,
        };
        last = c;
    }
    open.is_none() && typed.ends_with(' ')
}

#[test]
fn every_prefix_is_answered_and_completed() {
    let place = Place::new();
    let mut editor = Editor::with(&place, &[], &json!({ "textDocument": { "diagnostic": {} } }));
    editor.open("");
    let (mut asked, mut begins, mut silent) = (0, 0, Vec::new());
    for text in of_the_manual().into_iter().chain(of_the_corpus()) {
        editor.change(None, "");
        let (mut line, mut column) = (0, 0);
        for (at, c) in text.char_indices() {
            editor.change(Some([(line, column), (line, column)]), &c.to_string());
            (line, column) = if c == '\n' { (line + 1, 0) } else { (line, column + c.len_utf16()) };
            let typed = &text[..at + c.len_utf8()];
            asked += 1;
            let offered = editor.offered(line, column);
            if is_between_words(typed) {
                begins += 1;
                if offered.is_empty() {
                    silent.push(typed.to_owned());
                }
            }
            if asked % 17 == 0 {
                everything_else(&mut editor, line, column);
            }
        }
        assert_eq!(editor.seen(), text);
    }
    assert!(asked > 1000, "{asked}");
    // What is left is numbers, texts, signs and new names.
    assert!(begins > 100 && silent.len() * 5 < begins, "{} of {begins}: {silent:#?}", silent.len());
    assert_eq!(editor.leave(), 0);
}

/// Asks everything else that can be asked about a place; errors are failures.
fn everything_else(editor: &mut Editor, line: usize, column: usize) {
    let document = json!({ "textDocument": { "uri": URI } });
    for method in ["diagnostic", "semanticTokens/full", "documentSymbol", "foldingRange"] {
        editor.ask(&format!("textDocument/{method}"), document.clone());
    }
    for method in ["hover", "signatureHelp", "definition", "documentHighlight", "prepareRename"] {
        editor.ask(&format!("textDocument/{method}"), Editor::at(line, column));
    }
    let at = Editor::at(line, column)["position"].clone();
    let range = json!({ "start": { "line": 0, "character": 0 }, "end": at });
    let mut params = document.clone();
    params["range"] = range;
    editor.ask("textDocument/inlayHint", params.clone());
    params["context"] = json!({ "diagnostics": [] });
    editor.ask("textDocument/codeAction", params);
    let mut positions = document;
    positions["positions"] = json!([at]);
    editor.ask("textDocument/selectionRange", positions);
}
