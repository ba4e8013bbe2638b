//! How a server begins and ends, and what it does about messages that are none.

use serde_json::{Value, json};

use super::editor::Editor;
use crate::harness::Place;

#[test]
fn it_says_what_it_can_and_ends_when_told() {
    let place = Place::new();
    let mut editor = Editor::silent(&place, &[]);
    let hello = editor.ask("initialize", json!({ "capabilities": {} }));
    assert_eq!(hello["serverInfo"]["name"], "vql");
    let can = &hello["capabilities"];
    assert_eq!(can["positionEncoding"], "utf-16");
    assert_eq!(can["textDocumentSync"]["change"], 2);
    for ability in [
        "completionProvider",
        "documentFormattingProvider",
        "documentRangeFormattingProvider",
        "documentOnTypeFormattingProvider",
        "executeCommandProvider",
    ] {
        assert!(can[ability].is_object() || can[ability] == true, "{ability}: {can}");
    }
    // Findings are pushed to whoever does not ask for them.
    assert_eq!(can["diagnosticProvider"], Value::Null);
    editor.tell("initialized", json!({}));
    // The input stays open: `exit` is enough.
    assert_eq!(editor.leave(), 0);
}

#[test]
fn leaving_without_a_word_is_a_failure() {
    let place = Place::new();
    assert_eq!(Editor::plain(&place).vanish(), 1);
    let mut editor = Editor::plain(&place);
    editor.tell("exit", Value::Null);
    assert_eq!(editor.end(), 1);
}

#[test]
fn nothing_is_answered_before_hello_or_after_goodbye() {
    let place = Place::new();
    let mut editor = Editor::silent(&place, &[]);
    let error = editor.refused("textDocument/completion", Editor::at(0, 0));
    assert_eq!(error["code"], -32002);
    editor.ask("initialize", json!({ "capabilities": {} }));
    let error = editor.refused("initialize", json!({ "capabilities": {} }));
    assert_eq!(error["code"], -32600);
    editor.ask("shutdown", Value::Null);
    let error = editor.refused("textDocument/completion", Editor::at(0, 0));
    assert_eq!(error["code"], -32600);
    editor.tell("exit", Value::Null);
    assert_eq!(editor.end(), 0);
}

#[test]
fn what_is_no_message_is_answered_and_forgotten() {
    let place = Place::new();
    let mut editor = Editor::plain(&place);
    editor.open("SHOW STATUS");
    for (bytes, code) in [
        (&b"Content-Length: 7\r\n\r\n{\"json\""[..], -32700),
        (b"Content-Length: 4\r\n\r\nnull", -32600),
        (b"Content-Length: 3\r\n\r\n\xff\xff\xff", -32700),
        (b"Content-Length: many\r\n\r\n", -32700),
        (b"GET / HTTP/1.0\r\n\r\n", -32700),
    ] {
        editor.raw(bytes);
        assert_eq!(editor.seen(), "SHOW STATUS");
        let refused = editor.told.iter().position(|m| m["error"]["code"] == code);
        let refused = refused.unwrap_or_else(|| panic!("{code}: {:?}", editor.told));
        assert_eq!(editor.told.remove(refused)["id"], Value::Null);
    }
    let error = editor.refused("textDocument/completion", json!({ "position": "here" }));
    assert_eq!(error["code"], -32602);
    let error = editor.refused("vql/dance", json!({}));
    assert_eq!(error["code"], -32601);
    // What the protocol marks as optional is passed over.
    editor.tell("$/dance", json!({}));
    editor.tell("textDocument/didChange", json!({ "nothing": true }));
    assert_eq!(editor.seen(), "SHOW STATUS");
    assert_eq!(editor.leave(), 0);
}

#[test]
fn a_request_nobody_waits_for_any_more_is_dropped() {
    let place = Place::new();
    let mut editor = Editor::with(&place, &[], &json!({ "textDocument": { "diagnostic": {} } }));
    // Enough to keep the server busy for a while.
    editor.open(&"SELECT DOCUMENT FROM hexads WHERE DOCUMENT.year > 1900;\n".repeat(40_000));
    let id = editor.request("textDocument/diagnostic", Editor::at(0, 0));
    editor.tell("$/cancelRequest", json!({ "id": id }));
    let answer = editor.answer(id);
    assert_eq!(answer["error"]["code"], -32800, "{answer}");
    // Nobody who did not ask for it waits for the cancelled work.
    editor.change(None, "SHOW STATUS;");
    assert_eq!(editor.seen(), "SHOW STATUS;");
    assert_eq!(editor.leave(), 0);
}

#[test]
fn one_server_after_the_other() {
    let place = Place::new();
    for text in ["SHOW STATUS", "SHOW STORES"] {
        let mut editor = Editor::plain(&place);
        editor.open(text);
        assert_eq!(editor.seen(), text);
        assert_eq!(editor.leave(), 0);
    }
}

#[test]
fn a_client_that_is_asked_something_and_goes_is_not_waited_for() {
    let place = Place::new();
    place.script("INSERT HEXAD 'a' WITH DOCUMENT (title = 'A');");
    for exit in [true, false] {
        let mut editor = Editor::silent(&place, &["--database", "t.db"]);
        let abilities = json!({ "window": { "workDoneProgress": true } });
        editor.ask("initialize", json!({ "capabilities": abilities }));
        // It is asked for a place to show the progress of this, and never answers.
        let connect = json!({ "command": "vql.server.connect", "arguments": [] });
        editor.request("workspace/executeCommand", connect);
        if exit {
            editor.tell("exit", Value::Null);
            assert_eq!(editor.end(), 1);
        } else {
            assert_eq!(editor.vanish(), 1);
        }
    }
}
