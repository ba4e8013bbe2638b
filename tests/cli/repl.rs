//! `vql repl` as a script: where statements come from, how it ends, what goes to which stream.

use crate::harness::Place;

/// A statement that fails in the parser, and so does not need a database.
const WRONG: &str = "SELECT GRAPH, VECTRO FROM HEXAD 'x';";

#[test]
fn an_error_names_the_place_shows_it_and_says_what_to_do() {
    let place = Place::new();
    let run = place.with_input(["repl"], format!("\n-- first\n  {WRONG}\n"));
    insta::assert_snapshot!(run, @r"
    exit 1
    ---- stderr
    error[InvalidModality]: unknown modality `VECTRO`
      --> <stdin>:3:17
       |
     3 |   SELECT GRAPH, VECTRO FROM HEXAD 'x';
       |                 ^^^^^^ expected one of GRAPH, VECTOR, TENSOR, SEMANTIC, DOCUMENT, TEMPORAL, PROVENANCE, SPATIAL
       = help: did you mean `VECTOR`?
    ");
}

#[test]
fn a_question_to_a_database_that_does_not_exist_creates_nothing() {
    let place = Place::new();
    let run = place.vql(["repl", "missing.db", "-c", "SELECT * FROM hexads"]);
    assert_eq!(run.code, 3, "{run}");
    assert!(run.err.contains("no database at `missing.db`") && run.err.contains("help:"), "{run}");
    assert!(!place.path("missing.db").exists());
    let run = place.vql(["repl", "-c", "SHOW STATUS"]);
    assert_eq!((run.code, run.out.as_str()), (3, ""), "{run}");
    let run = place.vql(["repl", "http://localhost:1", "-c", "SHOW STATUS"]);
    assert_eq!(run.code, 3, "{run}");
}

#[test]
fn a_script_stops_at_the_first_error_unless_told_otherwise() {
    let place = Place::new();
    let script = format!("{WRONG}\n\\echo after\n");
    let run = place.with_input(["repl"], &script);
    assert_eq!((run.code, run.out.as_str()), (1, ""), "{run}");
    let run = place.with_input(["repl", "--keep-going"], &script);
    assert_eq!((run.code, run.out.as_str()), (1, "after\n"), "{run}");
    let run = place.vql(["repl", "-c", WRONG, "-c", "\\echo after"]);
    assert_eq!((run.code, run.out.as_str()), (1, ""), "{run}");
    let run = place.vql(["repl", "-c", "\\hlep", "-c", "\\echo after"]);
    assert_eq!((run.code, run.out.as_str()), (1, ""), "{run}");
}

#[test]
fn steps_run_in_the_order_of_the_command_line() {
    let place = Place::new();
    place.write("a.vql", "\\echo file a");
    place.write("sub/b.vql", "\\i a.vql\n\\echo file b\n");
    let run = place.vql(["repl", "-f", "sub/b.vql", "-c", "\\echo one", "-f", "a.vql"]);
    assert_eq!(run.out, "file a\nfile b\none\nfile a\n", "{run}");
    let run = place.with_input(["repl", "-c", "\\echo one", "-f", "-"], "\\echo two");
    assert_eq!(run.out, "one\ntwo\n", "{run}");
    place.write("loop.vql", "\\i loop.vql\n");
    let run = place.vql(["repl", "-f", "loop.vql"]);
    assert!(run.code == 2 && run.err.contains("too deeply"), "{run}");
    let run = place.vql(["repl", "-f", "missing.vql"]);
    assert_eq!(run.code, 2, "{run}");
}

#[test]
fn quit_ends_a_script_well() {
    let run = Place::new().with_input(["repl"], "\\echo a\n\\q\n\\echo b\n");
    assert_eq!((run.code, run.out.as_str()), (0, "a\n"), "{run}");
}

#[test]
fn every_meta_command_is_in_the_help_and_has_help() {
    let place = Place::new();
    let help = place.vql(["repl", "-c", "\\help"]);
    assert_eq!(help.code, 0, "{help}");
    for meta in vql::cmd::repl::meta::TABLE {
        assert!(help.out.contains(&format!("  \\{}", meta.name())), "{}", meta.name());
        let run = place.vql(["repl", "-c", &format!(".help {}", meta.name())]);
        assert!(run.code == 0 && run.out.contains(meta.about), "{run}");
    }
    let run = place.vql(["repl", "-c", "\\help SELECT"]);
    insta::assert_snapshot!(run);
}

#[test]
fn a_program_gets_one_line_for_each_statement_as_soon_as_it_is_said() {
    let place = Place::new();
    let mut talk = place.talk(&["repl", "--format", "json", "--keep-going"]);
    let answer = talk.ask(&format!("{WRONG}\n"));
    assert_eq!(answer["error"]["kind"], "InvalidModality");
    assert_eq!(answer["error"]["span"]["start"]["column"], 15);
    assert_eq!(answer["error"]["hint"], "did you mean `VECTOR`?");
    // The place counts from the start of the statement, whatever was said before.
    let answer = talk.ask(&format!("\n-- again\n{WRONG} "));
    assert_eq!(answer["error"]["span"]["start"]["line"], 1);
    // A statement may arrive in pieces.
    talk.say("SHOW\n  STA");
    let answer = talk.ask("TUS;");
    assert_eq!(answer["error"]["kind"], "StoreUnavailable");
    assert!(answer["error"]["span"].is_null());
    let answer = talk.ask("\\conninfo\n");
    assert_eq!(answer["columns"], serde_json::json!(["name", "value"]));
    let run = talk.end();
    assert_eq!((run.code, run.out.as_str()), (3, ""), "{run}");
}

#[test]
fn parameters_are_typed_and_listed() {
    let place = Place::new();
    let args = ["repl", "--format", "json", "--param", "n=3", "--param", "$v=[1, 2.5]"];
    let run = place.with_input(args, "\\set topic two words\n\\unset n\n\\set\n").redacted(&place);
    insta::assert_snapshot!(run, @r#"
    exit 0
    ---- stdout
    {"columns":["name","type","value"],"rows":[{"name":"$topic","type":"String","value":"two words"},{"name":"$v","type":"List","value":[1,2.5]}],"row_count":2,"elapsed_ms":0}
    "#);
}

#[test]
fn results_can_go_to_a_file() {
    let place = Place::new();
    let script = "\\set a 1\n\\o out.csv\n\\set\n\\o\n\\echo back\n";
    let run = place.with_input(["repl", "--format", "csv"], script);
    assert_eq!((run.code, run.out.as_str()), (0, "back\n"), "{run}");
    assert_eq!(place.read("out.csv"), "name,type,value\r\n$a,Int,1\r\n");
    let run = place.vql(["repl", "-o", "all.txt", "-c", "\\echo here"]);
    assert_eq!((run.code, run.out.as_str()), (0, ""), "{run}");
    assert_eq!(place.read("all.txt"), "here\n");
    let run = place.vql(["repl", "-o", "no/such/dir.txt", "-c", "\\echo here"]);
    assert_eq!(run.code, 2, "{run}");
}

#[test]
fn no_escape_sequence_reaches_a_pipe() {
    let place = Place::new();
    for format in ["table", "expanded", "json", "jsonl", "csv", "tsv", "markdown"] {
        let run = place.with_input(
            ["repl", "--format", format, "--keep-going"],
            format!(
                "\\set a 'b'\n\\set\n\\help\n\\keys\n\\conninfo\n{WRONG}\n\\nope\nSHOW STATUS;"
            ),
        );
        assert!(!run.out.contains('\u{1b}') && !run.err.contains('\u{1b}'), "{format}: {run}");
    }
    let run = place.vql(["repl", "--color", "always", "-c", WRONG]);
    assert!(run.err.contains('\u{1b}'), "{run}");
    let mut command = place.command(["repl", "-c", WRONG]);
    let forced = command.env("CLICOLOR_FORCE", "1").output().unwrap();
    assert!(forced.stderr.contains(&0x1b));
}

#[test]
fn input_that_is_no_text_is_refused() {
    let place = Place::new();
    let run = place.with_input(["repl"], b"SHOW \xff;");
    assert!(run.code == 2 && run.err.contains("not UTF-8"), "{run}");
    let run = place.with_input(["repl"], "SHOW STATUS\u{0};");
    assert_eq!(run.code, 1, "{run}");
}

#[test]
fn a_statement_over_the_limit_is_refused_and_ends_the_script() {
    let place = Place::new();
    let run = place.with_input(["repl"], format!("INSERT 'a' '{}", "x".repeat(3 << 20)));
    assert!(run.code == 1 && run.err.contains("error[StatementTooLarge]"), "{run}");
    assert!(run.err.len() < 2000);
}

#[test]
fn explain_takes_one_statement() {
    let place = Place::new();
    let run = place.vql(["explain", "SHOW STATUS; SHOW HEALTH"]);
    assert_eq!(run.code, 2, "{run}");
    for args in [
        vec!["explain", "missing.db", "SELECT * FROM hexads"],
        vec!["explain", "missing.db", "--analyze", "SELECT * FROM hexads"],
        vec!["explain", "--analyze", "missing.db", "SELECT * FROM hexads", "-q"],
    ] {
        let run = place.vql(&args);
        assert!(run.code == 3 && run.err.contains("`missing.db`"), "{args:?}\n{run}");
    }
    let run = place.vql(["explain", "a.db", "SHOW STATUS", "SHOW HEALTH"]);
    assert_eq!(run.code, 2, "{run}");
}
