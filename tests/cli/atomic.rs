//! All or nothing, through the program: one transaction for a whole script, a process that dies with a
//! transaction open, snapshots between two runs.

use crate::harness::Place;

const TWO: &str = "INSERT HEXAD 'a' WITH DOCUMENT(n = 1); INSERT HEXAD 'b' WITH DOCUMENT(n = 2);";

#[test]
fn a_single_transaction_is_written_as_a_whole() {
    let place = Place::new();
    let run = place.with_input(["repl", "t.db", "-1"], TWO);
    assert_eq!(run.code, 0, "{run}");
    assert_eq!(place.script("COUNT HEXADS"), "{\"count\":2}\n");
    // One commit, whatever the number of statements.
    let status = place.script("SHOW STATUS");
    assert!(status.contains("\"commits\":1,"), "{status}");
}

#[test]
fn a_single_transaction_that_fails_writes_nothing() {
    let place = Place::new();
    place.script("INSERT HEXAD 'x' WITH DOCUMENT(n = 0)");
    place.write(
        "s.vql",
        "INSERT HEXAD 'c' WITH DOCUMENT(n = 3);\nINSERT HEXAD 'x' WITH DOCUMENT(n = 4);",
    );
    let run = place.vql(["repl", "t.db", "--single-transaction", "-c", TWO, "-f", "s.vql"]);
    assert_eq!(run.code, 1, "{run}");
    assert!(run.err.contains("InsertConflict") && run.err.contains("rolled back"), "{run}");
    assert_eq!(place.script("COUNT HEXADS"), "{\"count\":1}\n");
}

#[test]
fn a_script_that_ends_the_single_transaction_is_told_so() {
    let place = Place::new();
    let run = place.with_input(["repl", "t.db", "-1"], format!("{TWO} COMMIT;"));
    assert_eq!(run.code, 0, "{run}");
    assert!(run.err.contains("ended the single transaction itself"), "{run}");
    let run = place.with_input(["repl", "t.db", "-1"], "BEGIN;");
    assert!(run.code == 1 && run.err.contains("a transaction is open already"), "{run}");
    let run = place.with_input(["repl", "t.db", "-1", "--keep-going"], TWO);
    assert_eq!(run.code, 2, "{run}");
}

#[test]
fn killed_in_the_middle_of_a_transaction_nothing_of_it_is_there() {
    let place = Place::new();
    let mut talk = place.talk(&["repl", "t.db", "--format", "json", "--no-init"]);
    let id = talk.id().to_string();
    talk.ask("INSERT HEXAD 'a' WITH DOCUMENT(title = 'kept words', n = 1);\n");
    talk.ask("BEGIN;\n");
    talk.ask("INSERT HEXAD 'b' WITH DOCUMENT(title = 'lost words', n = 2);\n");
    talk.ask("UPDATE HEXAD 'a' SET DOCUMENT.n = 9;\n");
    let seen = talk.ask("SELECT id FROM hexads WHERE FULLTEXT CONTAINS 'lost';\n").to_string();
    assert!(seen.contains("\"b\""), "it sees its own writes: {seen}");
    let killed = std::process::Command::new("/bin/kill").args(["-KILL", &id]).status().unwrap();
    assert!(killed.success());
    talk.wait();
    assert_eq!(place.script("SELECT id, n FROM hexads"), "{\"id\":\"a\",\"n\":1}\n");
    assert_eq!(
        place.script("SELECT id FROM hexads WHERE FULLTEXT CONTAINS 'words'"),
        "{\"id\":\"a\"}\n"
    );
    assert_eq!(place.script("CHECK INTEGRITY"), "");
}

#[test]
fn a_snapshot_is_there_in_the_next_run_and_in_a_copy() {
    let place = Place::new();
    place.script(&format!("{TWO} CREATE SNAPSHOT s; DELETE HEXAD 'a';"));
    place.script("SNAPSHOT INTO 'copy.db'");
    place.script("RESTORE SNAPSHOT s; DROP SNAPSHOT s");
    assert_eq!(place.script("COUNT HEXADS"), "{\"count\":2}\n");
    let copy = |text: &str| place.vql(["repl", "copy.db", "--format", "jsonl", "-c", text]).out;
    assert_eq!(copy("COUNT HEXADS"), "{\"count\":1}\n");
    assert_eq!(copy("RESTORE SNAPSHOT s; COUNT HEXADS").lines().last(), Some("{\"count\":2}"));
    assert_eq!(copy("CHECK INTEGRITY"), "");
    let run = place.vql(["repl", "t.db", "-c", "SNAPSHOT INTO 'copy.db'"]);
    assert!(run.code != 0 && run.err.contains("was not touched"), "{run}");
}
