//! What is answered about a text: findings that are asked for, completion, layout.

use serde_json::{Value, json};

use super::editor::{Editor, URI};
use crate::harness::Place;

#[test]
fn findings_can_be_asked_for() {
    let place = Place::new();
    let mut editor = Editor::with(&place, &[], &json!({ "textDocument": { "diagnostic": {} } }));
    editor.open("SHOW STATUS;\nSELEC;\nSELECT DOCUMENT FROM hexads");
    let document = json!({ "textDocument": { "uri": URI } });
    let report = editor.ask("textDocument/diagnostic", document.clone());
    assert_eq!(report["kind"], "full");
    let items = report["items"].as_array().unwrap();
    let codes: Vec<&str> = items.iter().map(|d| d["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["UnexpectedToken", "VQL001"]);
    assert_eq!(items[0]["severity"], 1);
    assert_eq!(items[1]["range"]["start"]["line"], 2);
    let mut again = document.clone();
    again["previousResultId"] = report["resultId"].clone();
    assert_eq!(editor.ask("textDocument/diagnostic", again.clone())["kind"], "unchanged");
    editor.change(Some([(1, 0), (1, 5)]), "SHOW STATUS");
    let report = editor.ask("textDocument/diagnostic", again);
    assert_eq!(report["items"].as_array().unwrap().len(), 1);
    // They are not pushed as well.
    let pushed = |m: &Value| m["method"] == "textDocument/publishDiagnostics";
    assert!(!editor.told.iter().any(pushed), "{:?}", editor.told);
    assert_eq!(editor.leave(), 0);
}

#[test]
fn findings_of_the_linter_can_be_turned_off_while_running() {
    let place = Place::new();
    let mut editor = Editor::plain(&place);
    editor.open("SELECT DOCUMENT FROM hexads");
    editor.finds(&["VQL001"]);
    let settings = json!({ "settings": { "vql": { "lint": false } } });
    editor.tell("workspace/didChangeConfiguration", settings);
    editor.finds(&[]);
    // A client that wants to be asked.
    let configurable = json!({ "workspace": { "configuration": true } });
    let mut editor = Editor::with(&place, &[], &configurable);
    editor.open("SELECT DOCUMENT FROM hexads");
    editor.finds(&["VQL001"]);
    editor.settings = json!({ "lint": false });
    editor.tell("workspace/didChangeConfiguration", json!({ "settings": null }));
    editor.finds(&[]);
    assert_eq!(editor.leave(), 0);
}

#[test]
fn comments_silence_rules_here_too() {
    let place = Place::new();
    let mut editor = Editor::plain(&place);
    let text = "SELECT DOCUMENT FROM hexads; -- vql: allow(VQL001)\nSELECT DOCUMENT FROM hexads;\n";
    editor.open(text);
    assert_eq!(editor.findings()[0]["range"]["start"]["line"], 1);
    editor.change(Some([(0, 0), (0, 0)]), "-- vql: allow-file(VQL001)\n");
    editor.finds(&[]);
    assert_eq!(editor.leave(), 0);
}

#[test]
fn completion_knows_the_place() {
    let place = Place::new();
    let mut editor = Editor::plain(&place);
    editor.open("SHOW STATUS;\nSELECT DOCUMENT FROM hexads WHERE FULLTEXT CON\n");
    let offered = editor.offered(1, 47);
    assert_eq!(offered, ["CONTAINS"]);
    let list = editor.ask("textDocument/completion", Editor::at(1, 47));
    let edit = &list["items"][0]["textEdit"];
    assert_eq!(edit["range"]["start"], json!({ "line": 1, "character": 43 }));
    // Behind a `;` a statement begins.
    assert!(editor.offered(0, 12).contains(&"SELECT".to_owned()));
    assert_eq!(editor.leave(), 0);
}

/// A text after the edits of the server, which must not overlap.
fn edited(text: &str, edits: &Value) -> String {
    let offset = |place: &Value| {
        let line = place["line"].as_u64().unwrap() as usize;
        let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        start + place["character"].as_u64().unwrap() as usize
    };
    let mut text_now = text.to_owned();
    for edit in edits.as_array().unwrap().iter().rev() {
        let range = offset(&edit["range"]["start"])..offset(&edit["range"]["end"]);
        text_now.replace_range(range, edit["newText"].as_str().unwrap());
    }
    text_now
}

#[test]
fn texts_are_laid_out_in_whole_in_part_and_while_typing() {
    let place = Place::new();
    let mut editor = Editor::plain(&place);
    let text = "show   status;\nselec 1;\nshow   peers;";
    editor.open(text);
    let document = json!({ "uri": URI });
    let options = json!({ "tabSize": 8, "insertSpaces": true });
    let params = json!({ "textDocument": document, "options": options });
    let edits = editor.ask("textDocument/formatting", params.clone());
    assert_eq!(edited(text, &edits), "SHOW STATUS;\nselec 1;\nSHOW PEERS;\n");
    let mut part = params.clone();
    part["range"] =
        json!({ "start": { "line": 2, "character": 0 }, "end": { "line": 2, "character": 1 } });
    let edits = editor.ask("textDocument/rangeFormatting", part);
    assert_eq!(edited(text, &edits), "show   status;\nselec 1;\nSHOW PEERS;\n");
    let mut typed = params.clone();
    typed["position"] = json!({ "line": 0, "character": 14 });
    typed["ch"] = json!(";");
    let edits = editor.ask("textDocument/onTypeFormatting", typed);
    assert_eq!(edited(text, &edits), "SHOW STATUS;\nselec 1;\nshow   peers;");
    assert_eq!(editor.leave(), 0);
}

#[test]
fn the_layout_of_the_project_is_the_one_of_the_editor() {
    let place = Place::new();
    place.write("sub/vql.toml", "[fmt]\nkeyword-case = 'lower'\n");
    let mut editor = Editor::plain(&place);
    let uri = format!("file://{}", place.path("sub/q.vql").display());
    let item = json!({ "uri": uri, "languageId": "vql", "version": 1, "text": "SHOW STATUS;" });
    editor.tell("textDocument/didOpen", json!({ "textDocument": item }));
    let params = json!({ "textDocument": { "uri": uri },
        "options": { "tabSize": 8, "insertSpaces": true } });
    let edits = editor.ask("textDocument/formatting", params.clone());
    assert_eq!(edited("SHOW STATUS;", &edits), "show status;\n");
    // A file of settings that is wrong is named, and nothing is laid out.
    place.write("sub/vql.toml", "[fmt]\nkeyword = 'lower'\n");
    let error = editor.refused("textDocument/formatting", params);
    assert!(error["message"].as_str().unwrap().contains("vql.toml:2"), "{error}");
    assert_eq!(editor.leave(), 0);
}
