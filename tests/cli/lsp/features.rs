//! The way to each feature and back: what is asked in positions is answered in positions. What the
//! features themselves find is tested beside them.

use serde_json::{Value, json};

use super::editor::{Editor, URI};
use crate::harness::Place;

/// A contract, its use behind an astral character, and a variable.
const TEXT: &str = "CREATE CONTRACT Fresh AS (DOCUMENT.year > 2000);
SELECT '😀' AS face FROM hexads WHERE SATISFIES Fresh LIMIT 1;
SELECT * FROM hexads WHERE (a)-[:cites]->(b)
  AND a.year > 2000 LIMIT 1;
";

fn editor(place: &Place) -> Editor {
    let levels = json!({ "textDocument": {
        "documentSymbol": { "hierarchicalDocumentSymbolSupport": true } } });
    let mut editor = Editor::with(place, &[], &levels);
    editor.open(TEXT);
    editor
}

/// Where places of the document begin: `line:character`.
fn starts(places: &Value) -> Vec<String> {
    let mut starts: Vec<String> = places
        .as_array()
        .unwrap_or_else(|| panic!("{places}"))
        .iter()
        .map(|place| {
            let start = &place["range"]["start"];
            format!("{}:{}", start["line"], start["character"])
        })
        .collect();
    starts.sort();
    starts
}

#[test]
fn names_are_found_where_they_are_made_and_used() {
    let place = Place::new();
    place.write("other.vql", "SELECT * FROM hexads WHERE SATISFIES Fresh LIMIT 2;");
    let mut editor = editor(&place);
    // The files of the folder are read behind our back.
    let mut at = Editor::at(1, 49);
    at["context"] = json!({ "includeDeclaration": true });
    let found = loop {
        let found = editor.ask("textDocument/references", at.clone());
        if found.as_array().unwrap().len() > 2 {
            break found;
        }
    };
    assert_eq!(starts(&found), ["0:16", "0:37", "1:48"]);
    let other = found.as_array().unwrap().iter().find(|l| l["uri"] != URI).unwrap();
    assert!(other["uri"].as_str().unwrap().ends_with("/other.vql"));
    let made = editor.ask("textDocument/definition", Editor::at(1, 49));
    assert_eq!(starts(&made), ["0:16"]);
    let shown = editor.ask("textDocument/documentHighlight", Editor::at(2, 28));
    assert_eq!(starts(&shown), ["2:28", "3:6"]);
    assert!(editor.ask("textDocument/definition", Editor::at(0, 1)).is_null());
    assert_eq!(editor.leave(), 0);
}

#[test]
fn names_are_changed_everywhere_or_nowhere() {
    let place = Place::new();
    let mut editor = editor(&place);
    let found = editor.ask("textDocument/prepareRename", Editor::at(1, 49));
    assert_eq!(found["placeholder"], "Fresh");
    assert!(editor.ask("textDocument/prepareRename", Editor::at(1, 1)).is_null());
    let mut at = Editor::at(1, 49);
    at["newName"] = json!("Recent");
    let edit = editor.ask("textDocument/rename", at.clone());
    assert_eq!(starts(&edit["changes"][URI]), ["0:16", "1:48"]);
    at["newName"] = json!("no name");
    assert_eq!(editor.refused("textDocument/rename", at)["code"], -32803);
    assert_eq!(editor.leave(), 0);
}

#[test]
fn a_text_has_an_outline_and_a_shape() {
    let place = Place::new();
    let mut editor = editor(&place);
    let document = json!({ "textDocument": { "uri": URI } });
    let outline = editor.ask("textDocument/documentSymbol", document.clone());
    assert_eq!(outline[0]["name"], "Fresh", "{outline}");
    assert_eq!(outline[0]["selectionRange"]["start"], json!({ "line": 0, "character": 16 }));
    let all = editor.ask("workspace/symbol", json!({ "query": "frsh" }));
    assert_eq!(all[0]["name"], "Fresh", "{all}");
    let folds = editor.ask("textDocument/foldingRange", document);
    assert_eq!((&folds[0]["startLine"], &folds[0]["endLine"]), (&json!(2), &json!(3)));
    let at = json!({ "line": 1, "character": 49 });
    let params = json!({ "textDocument": { "uri": URI }, "positions": [at] });
    let grown = editor.ask("textDocument/selectionRange", params);
    assert_eq!(grown[0]["range"]["start"]["character"], 48, "{grown}");
    assert!(grown[0]["parent"].is_object());
    assert_eq!(editor.leave(), 0);
}

/// Tokens as the editor keeps them: their absolute places and kinds.
fn placed(data: &[u64]) -> Vec<(u64, u64, u64)> {
    let (mut line, mut start) = (0, 0);
    data.chunks(5)
        .map(|token| {
            line += token[0];
            start = if token[0] == 0 { start + token[1] } else { token[1] };
            (line, start, token[2])
        })
        .collect()
}

fn numbers(data: &Value) -> Vec<u64> {
    data.as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).collect()
}

#[test]
fn tokens_come_whole_in_part_and_as_what_has_changed() {
    let place = Place::new();
    let mut editor = editor(&place);
    let document = json!({ "textDocument": { "uri": URI } });
    let whole = editor.ask("textDocument/semanticTokens/full", document.clone());
    let mut data = numbers(&whole["data"]);
    // The string has four UTF-16 units, and what stands behind it is placed by them.
    assert!(placed(&data).contains(&(1, 7, 4)), "{:?}", placed(&data));
    assert!(placed(&data).contains(&(1, 12, 2)), "{:?}", placed(&data));
    let range =
        json!({ "start": { "line": 1, "character": 0 }, "end": { "line": 1, "character": 9 } });
    let part = json!({ "textDocument": { "uri": URI }, "range": range });
    let part = editor.ask("textDocument/semanticTokens/range", part);
    assert!(placed(&numbers(&part["data"])).iter().all(|(line, ..)| *line == 1));
    editor.change(Some([(1, 7), (1, 11)]), "year");
    let mut since = document.clone();
    since["previousResultId"] = whole["resultId"].clone();
    let delta = editor.ask("textDocument/semanticTokens/full/delta", since.clone());
    let edits = delta["edits"].as_array().unwrap();
    assert!(edits.len() == 1 && edits[0]["data"].as_array().unwrap().len() <= 10, "{delta}");
    for edit in edits {
        let start = edit["start"].as_u64().unwrap() as usize;
        let gone = edit["deleteCount"].as_u64().unwrap() as usize;
        data.splice(start..start + gone, numbers(&edit["data"]));
    }
    let now = editor.ask("textDocument/semanticTokens/full", document);
    assert_eq!(data, numbers(&now["data"]));
    // Whoever has lost count gets all of them.
    let all = editor.ask("textDocument/semanticTokens/full/delta", since);
    assert_eq!(numbers(&all["data"]), data);
    assert_eq!(editor.leave(), 0);
}

#[test]
fn what_brackets_take_is_shown() {
    let place = Place::new();
    let mut editor = editor(&place);
    editor.change(None, "SELECT * FROM hexads WHERE round(DOCUMENT.year, ");
    let help = editor.ask("textDocument/signatureHelp", Editor::at(0, 48));
    let label = help["signatures"][0]["label"].as_str().unwrap();
    assert!(label.to_lowercase().starts_with("round("), "{help}");
    assert_eq!(help["activeParameter"], 1, "{help}");
    assert!(editor.ask("textDocument/signatureHelp", Editor::at(0, 3)).is_null());
    assert_eq!(editor.leave(), 0);
}

#[test]
fn statements_can_be_run_from_the_margin_where_there_is_a_database() {
    let place = Place::new();
    place.script("INSERT HEXAD 'paper-1' WITH DOCUMENT (title = 'Drift', year = 2024);");
    let mut editor = Editor::plain(&place);
    let document = json!({ "textDocument": { "uri": URI } });
    editor.open("SELECT id FROM hexads LIMIT 1;");
    assert_eq!(editor.ask("textDocument/codeLens", document.clone()), json!([]));
    let connect = json!({ "command": "vql.server.connect", "arguments": [{ "database": "t.db" }] });
    editor.ask("workspace/executeCommand", connect);
    let lenses = editor.ask("textDocument/codeLens", document);
    let shown = |lens: &Value| {
        if lens["command"].is_null() {
            editor.ask("codeLens/resolve", lens.clone())
        } else {
            lens.clone()
        }
    };
    let lenses: Vec<Value> = lenses.as_array().unwrap().iter().map(shown).collect();
    let titles: Vec<&Value> = lenses.iter().map(|lens| &lens["command"]["title"]).collect();
    assert_eq!(titles, ["Run", "Explain: 1 row"]);
    for (lens, wanted) in [(&lenses[0], "paper-1"), (&lenses[1], "limit 1")] {
        let answer = editor.ask("workspace/executeCommand", lens["command"].clone());
        assert!(answer["text"].as_str().unwrap().contains(wanted), "{answer}");
    }
    assert_eq!(editor.leave(), 0);
}

#[test]
fn words_are_explained_and_put_right() {
    let place = Place::new();
    let mut editor = editor(&place);
    editor.open("SELECT '😀', LENGHT(title) FROM hexads");
    let hover = editor.ask("textDocument/hover", Editor::at(0, 28));
    assert!(hover["contents"]["value"].as_str().unwrap().contains("FROM"), "{hover}");
    assert!(editor.ask("textDocument/hover", Editor::at(0, 11)).is_null());
    let all =
        json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 0, "character": 40 } });
    let mut params = json!({ "textDocument": { "uri": URI }, "range": all });
    params["context"] = json!({ "diagnostics": [] });
    let actions = editor.ask("textDocument/codeAction", params.clone());
    let actions = actions.as_array().unwrap().clone();
    let fix = actions.iter().find(|a| a["diagnostics"][0]["code"] == "UnknownFunction").unwrap();
    assert_eq!(fix["edit"]["changes"][URI][0]["newText"], "length", "{fix}");
    assert_eq!(fix["edit"]["changes"][URI][0]["range"]["start"]["character"], 13);
    // Fixing everything is offered to those who ask for it.
    let of_kind = |kind: &str| actions.iter().any(|a| a["kind"] == kind);
    assert!(of_kind("quickfix") && !of_kind("source.fixAll.vql"), "{actions:?}");
    params["context"]["only"] = json!(["source.fixAll"]);
    let fixes = editor.ask("textDocument/codeAction", params);
    assert_eq!(fixes[0]["kind"], "source.fixAll.vql");
    assert_eq!(fixes[0]["edit"]["changes"][URI].as_array().unwrap().len(), 2, "{fixes}");
    assert_eq!(fixes.as_array().unwrap().len(), 1);
    let rule = json!({ "command": "vql.server.rule", "arguments": [{ "rule": "VQL001" }] });
    let said = editor.ask("workspace/executeCommand", rule);
    assert!(said["text"].as_str().unwrap().contains("LIMIT"), "{said}");
    assert_eq!(editor.leave(), 0);
}

#[test]
fn what_is_offered_says_more_when_it_is_looked_at() {
    let place = Place::new();
    let snippets = json!({ "textDocument": {
        "completion": { "completionItem": { "snippetSupport": true } } } });
    for (abilities, inserted) in [(snippets, "substring(${1:"), (json!({}), "substring")] {
        let mut editor = Editor::with(&place, &[], &abilities);
        editor.open("SELECT subs");
        let list = editor.ask("textDocument/completion", Editor::at(0, 11));
        let item = list["items"][0].clone();
        let new = item["textEdit"]["newText"].as_str().unwrap();
        assert!(new.starts_with(inserted), "{item}");
        assert_eq!(item["insertTextFormat"] == 2, inserted.ends_with(':'), "{item}");
        let resolved = editor.ask("completionItem/resolve", item);
        let about = resolved["documentation"]["value"].as_str().unwrap();
        assert!(about.contains("substring("), "{resolved}");
        assert_eq!(editor.leave(), 0);
    }
}

#[test]
fn types_stand_beside_names_and_plans_in_hovers_where_there_is_a_database() {
    let place = Place::new();
    place.script("INSERT HEXAD 'paper-1' WITH DOCUMENT (title = 'Drift', year = 2024);");
    let progress = json!({ "window": { "workDoneProgress": true } });
    let mut editor = Editor::with(&place, &["--database", "t.db"], &progress);
    let ended = |p: &Value| p["value"]["kind"] == "end";
    assert_eq!(editor.told("$/progress", ended)["token"], "vql/look");
    editor.open("SELECT DOCUMENT.year FROM hexads LIMIT 1;");
    let range =
        json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 1, "character": 0 } });
    let params = json!({ "textDocument": { "uri": URI }, "range": range });
    let connect = json!({ "command": "vql.server.connect", "arguments": [] });
    editor.ask("workspace/executeCommand", connect);
    let hints = editor.ask("textDocument/inlayHint", params.clone());
    assert_eq!(hints[0]["position"]["character"], 20, "{hints}");
    assert!(hints[0]["label"].as_str().unwrap().contains("Int"), "{hints}");
    let hover = editor.ask("textDocument/hover", Editor::at(0, 2));
    assert!(hover["contents"]["value"].as_str().unwrap().contains("limit 1"), "{hover}");
    let settings = json!({ "settings": { "vql": { "inlayHints": false } } });
    editor.tell("workspace/didChangeConfiguration", settings);
    assert_eq!(editor.ask("textDocument/inlayHint", params), json!([]));
    assert_eq!(editor.leave(), 0);
}

#[test]
fn statements_in_markdown_are_looked_at_and_nothing_around_them() {
    let place = Place::new();
    let mut editor = editor(&place);
    let uri = "file:///page.md";
    let text = "# SELEC 😀\n\n```vql\nSELEC;\n```\n\n```sh\nSELEC\n```\n";
    let item = json!({ "uri": uri, "languageId": "markdown", "version": 1, "text": text });
    editor.tell("textDocument/didOpen", json!({ "textDocument": item }));
    let told = editor.told("textDocument/publishDiagnostics", |p| p["uri"] == uri);
    let found = told["diagnostics"].as_array().unwrap();
    assert_eq!(found.len(), 1, "{told}");
    assert_eq!(found[0]["range"]["start"], json!({ "line": 3, "character": 0 }));
    let params = json!({ "textDocument": { "uri": uri },
        "options": { "tabSize": 8, "insertSpaces": true } });
    assert_eq!(editor.ask("textDocument/formatting", params), json!([]));
    assert_eq!(editor.leave(), 0);
}
