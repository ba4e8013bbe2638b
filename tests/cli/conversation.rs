//! A program talks to the shell through pipes: one line for each statement, before the next one
//! is read.

use crate::harness::Place;

#[test]
fn every_statement_is_answered_before_the_next_is_read() {
    let place = Place::new();
    let mut talk = place.talk(&["repl", "t.db", "--format", "json", "--keep-going"]);
    let answer = talk.ask("INSERT HEXAD 'a' WITH DOCUMENT(title = 'Tides', year = 2024);\n");
    assert_eq!(answer["affected"], 1, "{answer}");
    let answer = talk.ask("SELECT id, DOCUMENT.title FROM hexads;\n");
    assert_eq!(answer["columns"], serde_json::json!(["id", "document.title"]));
    assert_eq!(answer["rows"], serde_json::json!([{"id": "a", "document.title": "Tides"}]));
    assert_eq!(answer["row_count"], 1);
    assert!(answer["elapsed_ms"].is_number());
    let answer = talk.ask("INSERT HEXAD 'a' WITH DOCUMENT(title = 'Again');\n");
    assert_eq!(answer["error"]["kind"], "InsertConflict");
    let answer = talk.ask("SELECT id FROM hexads WHERE DOCUMENT.year = $y;\n");
    assert_eq!(answer["error"]["kind"], "MissingParameter", "{answer}");
    // Two at once are two lines.
    let first =
        talk.ask("\\set y 2024\nSELECT id FROM hexads WHERE DOCUMENT.year = $y; SHOW STATUS;");
    assert_eq!(first["row_count"], 1, "{first}");
    let second = talk.ask("");
    assert_eq!(second["error"], serde_json::Value::Null, "{second}");
    // What is left at the end runs without its semicolon.
    talk.say("COUNT HEXADS");
    let run = talk.end();
    assert_eq!(run.out.lines().count(), 1, "{run}");
    assert!(run.out.contains(r#""rows":[{"count":1}]"#) && run.code == 1, "{run}");
}

#[test]
fn ctrl_c_between_statements_ends_the_program() {
    let place = Place::new();
    let mut talk = place.talk(&["repl", "t.db", "--format", "json"]);
    talk.ask("INSERT HEXAD 'a' WITH DOCUMENT(title = 'Tides');\n");
    let id = talk.id().to_string();
    // The answer is flushed before the shell is idle again, so one signal may come too early to
    // end it; it is repeated until the program is gone.
    let killer = std::thread::spawn(move || {
        let mut gone = false;
        while !gone {
            let status = std::process::Command::new("/bin/kill").args(["-INT", &id]).output();
            gone = !status.unwrap().status.success();
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    });
    let run = talk.wait();
    assert_eq!(run.code, 130, "{run}");
    killer.join().unwrap();
    assert_eq!(place.script("COUNT HEXADS"), "{\"count\":1}\n");
}
