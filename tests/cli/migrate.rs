//! `vql migrate`: data in and out.

use std::io::Write as _;

use crate::harness::Place;

/// Hexads in the data format, one a line.
fn lines(count: usize) -> String {
    (0..count)
        .map(|n| {
            format!(
                r#"{{"id":"n:{n:04}","document":{{"title":"Note {n}","body":"About the number {n}","n":{n}}},"vector":{{"embedding":[{n},1,0.5],"model":"toy"}},"graph":[{{"predicate":"NEXT","target":"n:{:04}"}}],"semantic":{{"types":["toy:Note"]}},"spatial":{{"latitude":{},"longitude":7.5}}}}"#,
                n + 1,
                n % 90
            ) + "\n"
        })
        .collect()
}

#[test]
fn what_is_exported_is_what_was_imported() {
    let place = Place::new();
    place.write("in.jsonl", lines(50));
    let run = place.vql(["migrate", "import", "in.jsonl", "a.db", "--batch", "7"]);
    assert_eq!(run.code, 0, "{run}");
    assert!(run.err.contains("50 read, 50 inserted, 0 replaced, 0 skipped, 0 rejected"), "{run}");
    assert!(run.out.is_empty(), "{run}");
    assert_eq!(place.vql(["migrate", "export", "a.db", "a.jsonl"]).code, 0);
    assert_eq!(place.vql(["migrate", "import", "a.jsonl", "b.db"]).code, 0);
    let again = place.vql(["migrate", "export", "b.db", "-"]);
    assert_eq!(again.out, place.read("a.jsonl"));
    assert_eq!(again.out.lines().count(), 50);
    let run = place.vql(["repl", "b.db", "-c", "COUNT HEXADS"]);
    assert_eq!(run.out, "{\"count\":50}\n");
    let query = "SELECT TEMPORAL.author FROM HEXAD 'n:0007'";
    assert_eq!(
        place.vql(["repl", "a.db", "--format", "tsv", "-c", query]).out.lines().nth(1),
        Some("user")
    );
}

#[test]
fn an_import_says_who_did_it() {
    let place = Place::new();
    place.write("in.jsonl", lines(1));
    assert_eq!(place.vql(["migrate", "import", "in.jsonl", "a.db"]).code, 0);
    let ask = "SELECT PROVENANCE.actor, TEMPORAL.author FROM HEXAD 'n:0000'";
    let run = place.vql(["repl", "a.db", "--format", "csv", "-c", ask]);
    assert!(run.out.contains("user,user"), "{run}");
}

#[test]
fn compressed_files_and_standard_input_are_read_too() {
    let place = Place::new();
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(lines(5).as_bytes()).unwrap();
    place.write("in.jsonl.gz", gz.finish().unwrap());
    let run = place.vql(["migrate", "import", "in.jsonl.gz", "a.db"]);
    assert!(run.code == 0 && run.err.contains("5 inserted"), "{run}");
    let run = place.with_input(["migrate", "import", "-", "b.db"], lines(3));
    assert!(run.code == 0 && run.err.contains("3 inserted"), "{run}");
    let run = place.vql(["migrate", "export", "a.db", "out.jsonl.gz"]);
    assert_eq!(run.code, 0, "{run}");
    let run = place.vql(["migrate", "import", "out.jsonl.gz", "b.db", "--on-conflict", "skip"]);
    assert!(run.err.contains("2 inserted, 0 replaced, 3 skipped"), "{run}");
    assert!(!place.path("out.jsonl.gz.partial").exists());
}

#[test]
fn tables_come_in_by_a_mapping() {
    let place = Place::new();
    place.write(
        "p.csv",
        "Code,Name,Lat,Lon,Height\nx1,\"Peak, high\",46.5,8.0,4100\nx2,Hill,50,9,300\n",
    );
    let run = place.vql([
        "migrate",
        "import",
        "p.csv",
        "c.db",
        "--map",
        "id=Code",
        "--map",
        "title=Name",
        "--map",
        "spatial.latitude=Lat",
        "--map",
        "spatial.longitude=Lon",
        "--map",
        "document.height=Height",
    ]);
    assert!(run.code == 0 && run.err.contains("2 inserted"), "{run}");
    let query = "SELECT id, DOCUMENT.title, DOCUMENT.height, SPATIAL.latitude FROM hexads \
                 WHERE FIELD height > 1000";
    let run = place.vql(["repl", "c.db", "--format", "csv", "-c", query]);
    assert!(run.out.ends_with("\r\nx1,\"Peak, high\",4100,46.5\r\n"), "{run}");
    let run = place.vql(["migrate", "import", "p.csv", "d.db", "--map", "id=Nope"]);
    assert!(run.code != 0 && run.err.contains("Nope"), "{run}");
    assert_eq!(place.vql(["migrate", "import", "missing.csv", "d.db"]).code, 2);
    place.write("odd.txt", "");
    let run = place.vql(["migrate", "import", "odd.txt", "d.db"]);
    assert!(run.code == 2 && run.err.contains("--input-format"), "{run}");
}

#[test]
fn lines_that_cannot_be_loaded_are_reported_collected_and_do_not_stop_the_others() {
    let place = Place::new();
    let bad = [
        r#"{"id":"a","document":{"title":"good"}}"#,
        r#"{"id":"b","document":{"title":"no end"}"#,
        r#"{"id":"c","colour":"red"}"#,
        r#"{"id":"d","spatial":{"latitude":99,"longitude":0}}"#,
        r#"{"id":"e","tensor":{"shape":[2,2],"dtype":"float32","data":[1,2,3]}}"#,
        r#"{"id":"f\u0007","document":{"title":"bell"}}"#,
        r#"{"id":"g","document":{"title":"good too"}}"#,
    ];
    place.write("in.jsonl", bad.join("\n"));
    let run = place.vql(["migrate", "import", "in.jsonl", "t.db"]);
    assert_eq!(run.code, 1, "{run}");
    assert!(run.err.contains("7 read, 2 inserted, 0 replaced, 0 skipped, 5 rejected"), "{run}");
    for (line, word) in [(2, ""), (3, "colour"), (4, "latitude"), (5, "tensor"), (6, "id")] {
        let found = run.err.lines().find(|text| text.contains(&format!("in.jsonl:{line}: ")));
        assert!(found.is_some_and(|text| text.contains(word)), "{line} {word}\n{run}");
    }
    let rejects = place.read("in.jsonl.rejects.jsonl");
    let rejects: Vec<serde_json::Value> =
        rejects.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rejects.len(), 5);
    assert_eq!(rejects[1]["text"], bad[2]);
    assert_eq!(rejects[2]["kind"], "InvalidCoordinates");
    assert_eq!(place.script("COUNT HEXADS"), "{\"count\":2}\n");
    // Strict stops at once, and says what is wrong with which line.
    let run = place.vql(["migrate", "import", "in.jsonl", "s.db", "--strict"]);
    assert!(run.code == 1 && run.err.contains("line 2"), "{run}");
}

#[test]
fn conflicts_are_decided_by_the_user() {
    let place = Place::new();
    place.write("a.jsonl", "{\"id\":\"a\",\"document\":{\"title\":\"old\"}}\n");
    place.write("b.jsonl", "{\"id\":\"a\",\"document\":{\"title\":\"new\"}}\n");
    assert_eq!(place.vql(["migrate", "import", "a.jsonl", "t.db"]).code, 0);
    let title = || place.script("SELECT DOCUMENT.title FROM HEXAD 'a'");
    let run = place.vql(["migrate", "import", "b.jsonl", "t.db"]);
    assert!(run.code == 1 && run.err.contains("InsertConflict"), "{run}");
    assert!(run.err.contains("--on-conflict skip"), "{run}");
    let run = place.vql(["migrate", "import", "b.jsonl", "t.db", "--on-conflict", "skip"]);
    assert!(run.code == 0 && title().contains("old"), "{run}");
    let run = place.vql(["migrate", "import", "b.jsonl", "t.db", "--on-conflict", "replace"]);
    assert!(run.code == 0 && title().contains("new"), "{run}");
    assert!(run.err.contains("1 replaced"), "{run}");
}

#[test]
fn programs_get_the_figures() {
    let place = Place::new();
    place.write("in.jsonl", lines(4));
    let run = place.vql(["migrate", "import", "in.jsonl", "t.db", "--format", "jsonl", "-q"]);
    let row: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((&row["file"], &row["inserted"]), (&"in.jsonl".into(), &4.into()), "{run}");
    assert!(run.err.is_empty(), "{run}");
}

#[test]
fn exporting_what_is_not_there_leaves_nothing_behind() {
    let place = Place::new();
    let run = place.vql(["migrate", "export", "missing.db", "out.jsonl"]);
    assert_eq!(run.code, 3, "{run}");
    assert!(!place.path("out.jsonl").exists() && !place.path("missing.db").exists());
}
