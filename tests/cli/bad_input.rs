//! Data, directories and disks that are not as they should be: a clear error, the right exit code,
//! and nothing that was there is lost.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::harness::{Place, Run, run};

fn place() -> Place {
    let place = Place::new();
    place.script(
        "INSERT HEXAD 'a' WITH DOCUMENT(title = 'Tides'), VECTOR([0.1, 0.2, 0.3]);
         INSERT HEXAD 'b' WITH DOCUMENT(title = 'Dunes'), GRAPH(NEAR, 'nowhere');",
    );
    place
}

/// Runs one statement on `t.db`.
fn vql(place: &Place, statement: &str) -> Run {
    place.vql(["repl", "t.db", "-c", statement])
}

/// Runs a statement that must be refused for this reason, and checks that nothing changed.
fn refused(place: &Place, statement: &str, kind: &str) -> Run {
    let before = place.script("SELECT * FROM hexads");
    let run = vql(place, statement);
    let shown = statement.chars().take(100).collect::<String>();
    assert_eq!((run.code, run.out.as_str()), (1, ""), "{shown}\n{run}");
    assert!(run.err.contains(&format!("error[{kind}]")), "{shown}\n{run}");
    assert_eq!(place.script("SELECT * FROM hexads"), before, "{shown}");
    run
}

#[test]
fn data_that_breaks_a_rule_of_its_modality() {
    let place = place();
    let insert = |data: &str| format!("INSERT HEXAD 'x' WITH DOCUMENT(title = 'X'), {data}");
    refused(&place, &insert("VECTOR([1, 2])"), "VectorDimensionMismatch");
    refused(&place, &insert("SPATIAL(latitude = 99, longitude = 0)"), "InvalidCoordinates");
    refused(&place, &insert("SPATIAL(latitude = 9, longitude = 181)"), "InvalidCoordinates");
    refused(&place, &insert("TENSOR([2, 2], [1, 2, 3])"), "ShapeMismatch");
    refused(&place, &insert("VECTOR([1, 2, 1e999])"), "InvalidNumber");
    let run = vql(&place, &insert("VECTOR([1, 2, NaN])"));
    assert_eq!(run.code, 1, "{run}");
    refused(&place, "INSERT HEXAD 'a' WITH DOCUMENT(title = 'Again')", "InsertConflict");
}

#[test]
fn a_query_vector_of_another_length_is_an_error_not_an_empty_answer() {
    let place = place();
    let query = "SELECT id FROM hexads WHERE VECTOR SIMILAR TO [0.1, 0.2] LIMIT 3";
    let run = refused(&place, query, "VectorDimensionMismatch");
    assert!(run.err.contains('3') && run.err.contains('2'), "{run}");
}

#[test]
fn ids_that_cannot_be_seen_are_refused() {
    let place = place();
    for id in ["x\ty", "x\ny", "x\u{7}y", ""] {
        refused(
            &place,
            &format!("INSERT HEXAD '{id}' WITH DOCUMENT(title = 'X')"),
            "InvalidHexadId",
        );
    }
    let long = "x".repeat(257);
    refused(&place, &format!("INSERT HEXAD '{long}' WITH DOCUMENT(title = 'X')"), "InvalidHexadId");
}

#[test]
fn an_edge_to_nowhere_is_allowed_and_reported() {
    let place = place();
    let run = vql(&place, "SHOW HEALTH");
    assert!(run.code == 0 && run.out.contains("does not exist: b -[NEAR]-> nowhere"), "{run}");
    let run = vql(&place, "DESCRIBE HEXAD 'b'");
    assert!(run.code == 0 && run.out.contains("nowhere"), "{run}");
}

#[test]
fn a_long_text_is_kept_whole_and_a_long_statement_is_refused() {
    let place = place();
    let body = "tide ".repeat(2 << 20);
    place
        .write("long.jsonl", format!("{{\"id\":\"long\",\"document\":{{\"body\":\"{body}\"}}}}\n"));
    let run = place.vql(["migrate", "import", "long.jsonl", "t.db"]);
    assert_eq!(run.code, 0, "{run}");
    let run = vql(&place, "SELECT DOCUMENT.body FROM HEXAD 'long'");
    let row: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(row["document.body"].as_str().map(str::len), Some(body.len()));
    let statement = format!("INSERT 'x' '{body}';\nCOUNT HEXADS");
    let run = place.with_input(["repl", "t.db"], statement);
    assert!(run.code == 1 && run.err.contains("StatementTooLarge"), "{run}");
}

#[test]
fn what_is_not_a_database_is_left_alone() {
    let place = Place::new();
    place.write("photos/a.txt", "mine");
    place.write("file.db", "mine too");
    for target in ["photos", "file.db"] {
        for statement in ["SHOW STATUS", "INSERT 'a' 'b'"] {
            let run = place.vql(["repl", target, "-c", statement]);
            assert_eq!(run.code, 3, "{target} {statement}\n{run}");
            assert!(run.err.contains("error[NotADatabase]"), "{run}");
        }
    }
    assert_eq!(place.read("photos/a.txt"), "mine");
    assert_eq!(fs::read_dir(place.path("photos")).unwrap().count(), 1);
    assert_eq!(place.read("file.db"), "mine too");
}

#[test]
fn a_directory_in_which_a_database_was_being_made_becomes_one() {
    let place = Place::new();
    for leftover in ["t.db/LOCK", "t.db/graph.db", "t.db/graph.db-journal"] {
        place.write(leftover, "");
    }
    let run =
        place.with_input(["migrate", "import", "-", "t.db"], "{\"id\":\"e\",\"title\":\"E\"}\n");
    assert_eq!(run.code, 0, "{run}");
    assert_eq!(place.script("COUNT HEXADS"), "{\"count\":1}\n");
}

#[test]
fn a_database_of_a_newer_version_is_not_touched() {
    let place = place();
    let path = place.path("t.db/FORMAT");
    let format = fs::read(&path).unwrap();
    let newer = String::from_utf8_lossy(&format).replacen('1', "9001", 1);
    assert_ne!(newer.as_bytes(), format, "FORMAT says {newer}");
    fs::write(&path, newer).unwrap();
    let run = vql(&place, "SHOW STATUS");
    assert!(run.code == 3 && run.err.contains("error[NewerFormat]"), "{run}");
    fs::write(&path, format).unwrap();
    assert_eq!(place.script("COUNT HEXADS"), "{\"count\":2}\n");
}

#[test]
fn a_second_process_may_read_but_not_write() {
    let place = place();
    let mut first = place.talk(&["repl", "t.db", "--format", "json"]);
    assert_eq!(first.ask("INSERT HEXAD 'c' WITH DOCUMENT(title = 'C');\n")["affected"], 1);
    let run = vql(&place, "COUNT HEXADS");
    assert_eq!((run.code, run.out.as_str()), (0, "{\"count\":3}\n"), "{run}");
    let run = vql(&place, "INSERT HEXAD 'd' WITH DOCUMENT(title = 'D')");
    assert!(run.code == 3 && run.err.contains("error[DatabaseLocked]"), "{run}");
    let run = place.with_input(["migrate", "import", "-", "t.db"], "{\"id\":\"e\"}\n");
    assert!(run.code == 3 && run.err.contains("error[DatabaseLocked]"), "{run}");
    assert_eq!(first.ask("INSERT HEXAD 'd' WITH DOCUMENT(title = 'D');\n")["affected"], 1);
    assert_eq!(first.end().code, 0);
    assert_eq!(vql(&place, "INSERT HEXAD 'e' WITH DOCUMENT(title = 'E')").code, 0);
    assert_eq!(place.script("COUNT HEXADS"), "{\"count\":5}\n");
}

#[test]
fn read_only_means_read_only() {
    let place = place();
    let run = place.vql(["repl", "t.db", "--read-only", "-c", "INSERT 'x' 'y'"]);
    assert!(run.code == 1 && run.err.contains("error[ReadOnlyStore]"), "{run}");
    let run = place.vql(["repl", "new.db", "--read-only", "-c", "INSERT 'x' 'y'"]);
    assert!(run.code == 3 && !place.path("new.db").exists(), "{run}");
}

#[test]
fn a_write_that_names_nothing_needs_force() {
    let place = place();
    refused(&place, "DELETE FROM hexads", "UnboundedWrite");
    let run = place.vql(["repl", "t.db", "--force", "-c", "DELETE FROM hexads"]);
    assert_eq!(run.code, 0, "{run}");
    assert_eq!(place.script("COUNT HEXADS"), "{\"count\":0}\n");
}

#[test]
fn a_full_disk_stops_the_write_and_not_the_reading() {
    let place = place();
    let big = "water ".repeat(40_000);
    let line = |n: usize| format!("{{\"id\":\"n{n}\",\"document\":{{\"body\":\"{n} {big}\"}}}}\n");
    place.write("big.jsonl", (0..60).map(line).collect::<String>());
    // The database is moved to a file system of a few megabytes.
    let script = "mount -t tmpfs -o size=6m tmpfs full && cp -r t.db full/ && \
         { $VQL migrate import big.jsonl full/t.db --batch 5 2>err; echo \"import $?\"; \
           $VQL repl full/t.db -c \"SELECT id FROM hexads WHERE id = 'a'\"; echo \"read $?\"; \
           $VQL repl full/t.db -c 'CHECK INTEGRITY' >check; echo \"check $?\"; }";
    let Some(run) = in_namespace(&place, "full", script) else {
        eprintln!("{SKIPPED}");
        return;
    };
    let err = place.read("err");
    assert!(run.out.starts_with("import 1\n"), "{run}\n{err}");
    assert!(err.contains("error[DiskFull]"), "{err}");
    assert!(run.out.contains("{\"id\":\"a\"}\nread 0\ncheck 0\n"), "{run}\n{err}");
}

#[test]
fn a_directory_that_cannot_be_written_can_be_read() {
    let place = place();
    let script = "mount --bind t.db t.db && mount -o remount,ro,bind t.db && \
         { $VQL repl t.db -c 'COUNT HEXADS'; echo \"read $?\"; \
           $VQL repl t.db -c \"INSERT 'x' 'y'\"; echo \"write $?\"; }";
    let Some(run) = in_namespace(&place, "t.db", script) else {
        eprintln!("{SKIPPED}");
        return;
    };
    assert!(run.out.starts_with("{\"count\":2}\nread 0\n"), "{run}");
    assert!(!run.out.contains("write 0"), "{run}");
    assert!(run.err.contains("error["), "{run}");
    assert_eq!(place.script("COUNT HEXADS"), "{\"count\":2}\n");
}

const SKIPPED: &str = "skipped: this system does not allow mounts in a namespace of one's own";

/// Runs a script where it may mount things; `None` where the system does not let us.
fn in_namespace(place: &Place, directory: &str, script: &str) -> Option<Run> {
    fs::create_dir_all(place.path(directory)).unwrap();
    let shell = |script: &str| {
        let mut command = Command::new("/usr/bin/unshare");
        command.args(["-rm", "/bin/sh", "-c", script]).current_dir(place.root());
        command.env("VQL", env!("CARGO_BIN_EXE_vql"));
        run(&mut command, b"")
    };
    let possible = Path::new("/usr/bin/unshare").exists()
        && shell("mkdir probe && mount -t tmpfs -o size=1m tmpfs probe").code == 0;
    if !possible {
        return None;
    }
    Some(shell(script))
}
