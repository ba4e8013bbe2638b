//! Texts: edits in every encoding, in any number, and what is said about the result.

use serde_json::json;

use super::editor::{Editor, URI};
use crate::harness::Place;

/// How many units of an encoding a text has.
fn units(text: &str, encoding: &str) -> usize {
    match encoding {
        "utf-8" => text.len(),
        "utf-16" => text.encode_utf16().count(),
        _ => text.chars().count(),
    }
}

fn with_encodings(place: &Place, encodings: &[&str]) -> Editor {
    Editor::with(place, &[], &json!({ "general": { "positionEncodings": encodings } }))
}

#[test]
fn columns_are_counted_as_the_client_counts() {
    for encoding in ["utf-8", "utf-16", "utf-32"] {
        let place = Place::new();
        let mut editor = with_encodings(&place, &[encoding]);
        let before = "SELECT * FROM hexads WHERE title = '😀é日' AND ";
        editor.open(&format!("{before}LENGHT(title) > 3 LIMIT 1"));
        let at = units(before, encoding);
        let found = editor.findings();
        let misspelt = found.iter().find(|d| d["code"] == "UnknownFunction").unwrap();
        assert_eq!(misspelt["range"]["start"], json!({ "line": 0, "character": at }), "{encoding}");
        assert_eq!(misspelt["range"]["end"], json!({ "line": 0, "character": at + 6 }));
        // Between the astral character and the next one.
        let inside = units("SELECT * FROM hexads WHERE title = '😀", encoding);
        editor.change(Some([(0, inside), (0, inside)]), "𝄞\r\n");
        assert!(editor.seen().contains("'😀𝄞\r\né日'"), "{encoding}");
        editor.change(Some([(0, inside), (1, 1)]), "");
        let after = "SELECT * FROM hexads WHERE title = '😀";
        let rest = if encoding == "utf-8" { "é日' AND " } else { "日' AND " };
        let seen = editor.seen();
        // In UTF-8 column 1 of the second line is in the middle of `é`: its start is meant.
        assert_eq!(seen, format!("{after}{rest}LENGHT(title) > 3 LIMIT 1"), "{encoding}");
        assert_eq!(editor.leave(), 0);
    }
}

#[test]
fn the_encoding_both_sides_understand_best_is_chosen() {
    let place = Place::new();
    for (offered, chosen) in [
        (&["utf-16", "utf-8"][..], "utf-8"),
        (&["utf-32"], "utf-32"),
        (&["utf-32", "utf-16"], "utf-16"),
        (&["latin-1"], "utf-16"),
    ] {
        let mut editor = Editor::silent(&place, &[]);
        let capabilities = json!({ "general": { "positionEncodings": offered } });
        let hello = editor.ask("initialize", json!({ "capabilities": capabilities }));
        assert_eq!(hello["capabilities"]["positionEncoding"], chosen);
    }
}

#[test]
fn ten_thousand_edits_leave_the_text_the_client_has() {
    const WORDS: &[&str] =
        &["SELECT ", "a ", "FROM hexads", ";\n", "'", "\r\n", "é", "😀", "-- c\n", "(", "/*", "*/"];
    let place = Place::new();
    let mut editor = with_encodings(&place, &["utf-32"]);
    let mut text: Vec<char> = "SELECT * FROM hexads LIMIT 1;\n".repeat(20).chars().collect();
    editor.open(&text.iter().collect::<String>());
    let mut seed = 1_u64;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) as usize % below.max(1)
    };
    for round in 0..10_000 {
        let from = random(text.len() + 1);
        let to = (from + random(if text.len() > 2000 { 40 } else { 6 })).min(text.len());
        // A position inside of `\r\n` is one the client cannot name.
        let splits = |at: usize| at > 0 && text.get(at) == Some(&'\n') && text[at - 1] == '\r';
        if splits(from) || splits(to) {
            continue;
        }
        let new = WORDS[random(WORDS.len())];
        editor.change(Some([place_of(&text, from), place_of(&text, to)]), new);
        text.splice(from..to, new.chars());
        if round % 500 == 0 {
            // Questions in between see their own text and disturb nothing.
            let (line, character) = place_of(&text, from);
            editor.request("textDocument/completion", Editor::at(line, character));
        }
    }
    let text: String = text.into_iter().collect();
    assert_eq!(editor.seen(), text);
    let changed = editor.findings();
    // What was found by edits is what is found in the text itself.
    editor.tell("textDocument/didClose", json!({ "textDocument": { "uri": URI } }));
    editor.seen_closed();
    editor.open(&text);
    assert_eq!(editor.findings(), changed);
    assert_eq!(editor.leave(), 0);
}

/// The line and column of a character, counted in characters.
fn place_of(text: &[char], at: usize) -> (usize, usize) {
    let ends = |i: usize| text[i] == '\n' || (text[i] == '\r' && text.get(i + 1) != Some(&'\n'));
    let starts: Vec<usize> = (0..at).filter(|i| ends(*i)).map(|i| i + 1).collect();
    let start = starts.last().copied().unwrap_or(0);
    // `\r` before the cursor, `\n` behind it: the line is not over.
    let line = starts.len();
    (line, at - start)
}

#[test]
fn quick_typing_is_judged_once_it_pauses() {
    let place = Place::new();
    let mut editor = Editor::plain(&place);
    editor.open("");
    assert!(editor.findings().is_empty());
    let statement = "SELEC DOCUMENT FROM hexads LIMIT 1;";
    for (at, c) in statement.char_indices() {
        editor.change(Some([(0, at), (0, at)]), &c.to_string());
    }
    let found = editor.findings();
    assert_eq!(found.len(), 1, "{found:?}");
    let published = |m: &&serde_json::Value| m["method"] == "textDocument/publishDiagnostics";
    assert!(editor.told.iter().filter(published).count() < statement.len() / 2);
    assert_eq!(editor.leave(), 0);
}

#[test]
fn an_edit_from_the_past_is_not_made() {
    let place = Place::new();
    let mut editor = Editor::plain(&place);
    editor.open("SHOW STATUS");
    editor.change(None, "SHOW STORES");
    let old = json!({ "textDocument": { "uri": URI, "version": 1 }, "contentChanges": [
        { "range": { "start": { "line": 0, "character": 0 }, "end": { "line": 0, "character": 4 } },
          "text": "DROP" } ] });
    editor.tell("textDocument/didChange", old);
    assert_eq!(editor.seen(), "SHOW STORES");
    assert_eq!(editor.leave(), 0);
}

#[test]
fn a_document_too_large_is_kept_and_says_so() {
    let place = Place::new();
    let mut editor = Editor::plain(&place);
    let text = format!("-- {}\nSELEC", "x".repeat(9 << 20));
    editor.open(&text);
    let [found] = editor.findings().try_into().unwrap();
    assert_eq!(found["code"], "ResourceExhausted");
    editor.change(None, "SELEC");
    assert_eq!(editor.findings()[0]["code"], "UnexpectedToken");
    assert_eq!(editor.leave(), 0);
}

#[test]
fn findings_go_with_the_document() {
    let place = Place::new();
    let mut editor = Editor::plain(&place);
    editor.open("SELEC");
    assert_eq!(editor.findings().len(), 1);
    editor.tell("textDocument/didClose", json!({ "textDocument": { "uri": URI } }));
    let told = editor.told("textDocument/publishDiagnostics", |p| p["version"].is_null());
    assert_eq!(told["diagnostics"], json!([]));
    let nothing = editor.ask("textDocument/completion", Editor::at(0, 0));
    assert!(nothing.is_null());
    assert_eq!(editor.leave(), 0);
}
