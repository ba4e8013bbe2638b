//! What is known by name: from a schema file, from a database, from the texts themselves; and the
//! statements that are run there.

use serde_json::{Value, json};

use super::editor::{Editor, URI};
use crate::harness::Place;

const DATA: &str = "
    INSERT HEXAD 'paper-1' WITH DOCUMENT (title = 'Drift', year = 2024);
    INSERT HEXAD 'paper-2' WITH DOCUMENT (title = 'Proof', year = 2025);
    CREATE CONTRACT Recent AS (DOCUMENT.year > 2000);
";

fn database(place: &Place) {
    place.script(DATA);
}

#[test]
fn names_come_from_a_schema_file() {
    let place = Place::new();
    database(&place);
    let run = place.vql(["lsp", "--print-schema", "--database", "t.db"]);
    assert_eq!(run.code, 0, "{run}");
    place.write("schema.json", &run.out);
    let mut editor = Editor::with(&place, &["--schema", "schema.json"], &json!({}));
    editor.open("SELECT DOCUMENT.yeer FROM hexads LIMIT 1");
    editor.finds(&["UnknownField"]);
    assert!(editor.offered(0, 18).contains(&"year".to_owned()));
    assert_eq!(editor.leave(), 0);
}

#[test]
fn a_schema_file_that_cannot_be_read_is_said_and_does_no_harm() {
    let place = Place::new();
    place.write("schema.json", "{\"fields\": 1}");
    let mut editor = Editor::with(&place, &["--schema", "schema.json"], &json!({}));
    let told = editor.told("window/showMessage", |_| true);
    assert!(told["message"].as_str().unwrap().contains("schema.json"), "{told}");
    editor.open("SHOW STATUS");
    assert!(editor.findings().is_empty());
    // Once it is right it is read again.
    place.write("schema.json", "{\"fields\": {\"document\": {\"year\": \"Int\"}}}");
    editor.tell("workspace/didChangeWatchedFiles", json!({ "changes": [] }));
    editor.open("SELECT DOCUMENT. FROM hexads");
    editor.told("textDocument/publishDiagnostics", |p| !p["diagnostics"][0].is_null());
    while !editor.offered(0, 16).contains(&"year".to_owned()) {
        std::thread::yield_now();
    }
    assert_eq!(editor.leave(), 0);
}

#[test]
fn statements_run_on_a_database_that_is_only_read() {
    let place = Place::new();
    database(&place);
    let mut editor = Editor::with(&place, &["--database", "t.db"], &json!({}));
    let connect = json!({ "command": "vql.server.connect", "arguments": [] });
    let connected = editor.ask("workspace/executeCommand", connect);
    assert!(connected["database"].as_str().unwrap().ends_with("t.db"), "{connected}");
    editor.open("SHOW STATUS;\nSELECT id FROM hexads ORDER BY id LIMIT 2;\nDELETE HEXAD 'paper-1'");
    let run = |editor: &mut Editor, command: &str, line: usize| {
        let place = json!({ "uri": URI, "position": { "line": line, "character": 3 } });
        let params = json!({ "command": command, "arguments": [place] });
        let id = editor.request("workspace/executeCommand", params);
        editor.answer(id)
    };
    let answer = run(&mut editor, "vql.server.run", 1);
    let text = answer["result"]["text"].as_str().unwrap();
    assert!(text.contains("paper-1") && text.contains("paper-2"), "{answer}");
    assert_eq!(answer["result"]["answer"]["row_count"], 2, "{answer}");
    let answer = run(&mut editor, "vql.server.explain", 1);
    assert!(answer["result"]["text"].as_str().unwrap().contains("limit 2"), "{answer}");
    let answer = run(&mut editor, "vql.server.run", 2);
    assert_eq!(answer["error"]["code"], -32803, "{answer}");
    // Ids and names of the database are offered.
    editor.change(None, "SELECT * FROM HEXAD paper");
    assert!(editor.offered(0, 25).contains(&"paper-2".to_owned()));
    // Another process writes meanwhile.
    place.script("INSERT HEXAD 'paper-3' WITH DOCUMENT (title = 'New', pages = 3);");
    editor.change(None, "SELECT COUNT(*) FROM hexads");
    let answer = run(&mut editor, "vql.server.run", 0);
    assert!(answer["result"]["text"].as_str().unwrap().contains('3'), "{answer}");
    editor.ask(
        "workspace/executeCommand",
        json!({ "command": "vql.server.connect", "arguments": [] }),
    );
    editor.change(None, "SELECT DOCUMENT. FROM hexads");
    assert!(editor.offered(0, 16).contains(&"pages".to_owned()));
    assert_eq!(editor.leave(), 0);
}

#[test]
fn without_a_database_nothing_runs_and_the_reason_is_said() {
    let place = Place::new();
    let mut editor = Editor::plain(&place);
    let run = |arguments: Value| json!({ "command": "vql.server.run", "arguments": arguments });
    let error = editor.refused("workspace/executeCommand", run(json!([{ "text": "SHOW STATUS" }])));
    assert!(error["message"].as_str().unwrap().contains("no database is connected"), "{error}");
    for wrong in [json!([]), json!([1]), json!([{ "uri": URI }])] {
        let error = editor.refused("workspace/executeCommand", run(wrong));
        assert_eq!(error["code"], -32602, "{error}");
    }
    let error = editor
        .refused("workspace/executeCommand", json!({ "command": "vql.fly", "arguments": [] }));
    assert!(error["message"].as_str().unwrap().contains("`vql.fly`"), "{error}");
    let connect =
        json!({ "command": "vql.server.connect", "arguments": [{ "database": "none.db" }] });
    let error = editor.refused("workspace/executeCommand", connect);
    assert!(error["message"].as_str().unwrap().contains("none.db"), "{error}");
    assert_eq!(editor.leave(), 0);
}

#[test]
fn a_contract_created_in_one_text_is_known_in_another() {
    let place = Place::new();
    database(&place);
    let run = place.vql(["lsp", "--print-schema", "--database", "t.db"]);
    place.write("schema.json", &run.out);
    let mut editor = Editor::with(&place, &["--schema", "schema.json"], &json!({}));
    editor.open("SELECT * FROM hexads WHERE SATISFIES Fresh LIMIT 1");
    editor.finds(&["ContractNotFound"]);
    let other = "file:///contracts.vql";
    let item = json!({ "uri": other, "languageId": "vql", "version": 1,
        "text": "CREATE CONTRACT Fresh AS (DOCUMENT.year > 2020);" });
    editor.tell("textDocument/didOpen", json!({ "textDocument": item }));
    editor.finds(&[]);
    assert!(editor.offered(0, 37).contains(&"Fresh".to_owned()));
    editor.tell("textDocument/didClose", json!({ "textDocument": { "uri": other } }));
    editor.finds(&["ContractNotFound"]);
    assert_eq!(editor.leave(), 0);
}

#[test]
fn a_saved_text_stays_known_when_it_is_closed() {
    let place = Place::new();
    let mut editor = Editor::plain(&place);
    editor.open("CREATE CONTRACT Fresh AS (DOCUMENT.year > 2020);");
    let document = json!({ "textDocument": { "uri": URI } });
    editor.tell("textDocument/didSave", document.clone());
    editor.tell("textDocument/didClose", document);
    let other = "file:///use.vql";
    let item = json!({ "uri": other, "languageId": "vql", "version": 1,
        "text": "SELECT * FROM hexads WHERE SATISFIES Fresh LIMIT 1" });
    editor.tell("textDocument/didOpen", json!({ "textDocument": item }));
    let at =
        json!({ "textDocument": { "uri": other }, "position": { "line": 0, "character": 40 } });
    let found = editor.ask("textDocument/definition", at);
    assert_eq!(found[0]["uri"], URI, "{found}");
    assert_eq!(editor.leave(), 0);
}
