//! The forms of results, through the binary.

use crate::harness::Place;

fn place() -> Place {
    let place = Place::new();
    place.script(
        "INSERT HEXAD 'a' WITH DOCUMENT(title = 'River, \"wide\"', body = 'One\nTwo', year = 1999),
             VECTOR([0.1, -0.4, 0.25, 1, 2, 3, 4, 5, 6, 7]);
         INSERT HEXAD 'b' WITH DOCUMENT(title = 'Lake', depth = 2.5), SEMANTIC(Water);",
    );
    place
}

const QUERY: &str = "SELECT id, DOCUMENT.title, DOCUMENT.year, VECTOR FROM hexads ORDER BY id";

#[test]
fn every_form_says_the_same() {
    let place = place();
    for format in ["json", "jsonl", "csv", "tsv", "table", "expanded", "markdown"] {
        let args = ["repl", "t.db", "--format", format, "-c", QUERY];
        let run = place.vql(args).redacted(&place);
        assert_eq!(run.code, 0, "{run}");
        insta::assert_snapshot!(format!("form_{format}"), run);
    }
}

#[test]
fn a_pipe_gets_json_lines_and_whole_vectors() {
    let place = place();
    let run = place.vql(["repl", "t.db", "-c", QUERY]);
    let rows: Vec<serde_json::Value> =
        run.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), 2, "{run}");
    assert_eq!(rows[0]["id"], "a");
    assert!(run.out.contains("0.1,-0.4,0.25"), "{run}");
    let table = place.vql(["repl", "t.db", "--format", "table", "-c", QUERY]);
    assert!(!table.out.contains('…'), "{table}");
}

#[test]
fn columns_of_one_name_keep_their_values() {
    let place = place();
    let query = "SELECT DOCUMENT.title AS x, DOCUMENT.year AS x FROM HEXAD 'a'";
    let run = place.vql(["repl", "t.db", "-c", query]);
    assert_eq!(run.out.trim(), r#"{"x":"River, \"wide\"","x_2":1999}"#, "{run}");
}

#[test]
fn a_select_of_everything_hides_what_nothing_fills_from_people_only() {
    let place = place();
    let args = |format| ["repl", "t.db", "--format", format, "-c", "SELECT * FROM HEXAD 'b'"];
    let table = place.vql(args("expanded"));
    assert!(!table.out.contains("spatial"), "{table}");
    let json = place.vql(args("json"));
    assert!(json.out.contains("\"spatial\":null"), "{json}");
}

#[test]
fn notices_and_times_never_mix_with_results() {
    let place = place();
    let args = ["repl", "t.db", "--format", "csv", "-c", "\\timing on", "-c", "COUNT HEXADS"];
    let run = place.vql(args);
    assert_eq!(run.out, "count\r\n2\r\n", "{run}");
    assert!(run.err.contains("1 row, "), "{run}");
    let mut quiet = args.to_vec();
    quiet.push("-q");
    let run = place.vql(quiet);
    assert_eq!(run.out, "count\r\n2\r\n", "{run}");
}
