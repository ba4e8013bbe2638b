//! What every command has in common: help, wrong usage, settings, color.

use crate::harness::Place;

#[test]
fn help_is_an_answer_and_a_mistake_is_not() {
    let place = Place::new();
    let help = place.vql(["--help"]);
    assert_eq!(help.code, 0, "{help}");
    assert!(help.err.is_empty() && help.out.contains("Usage: vql"), "{help}");
    for args in [vec!["serv"], vec!["repl", "--formt", "json"], vec!["completions", "csh"], vec![]]
    {
        let run = place.vql(&args);
        assert_eq!(run.code, 2, "{args:?}\n{run}");
        assert!(run.out.is_empty(), "{args:?}\n{run}");
    }
    let run = place.vql(["repl", "--param", "nothing", "-c", "SHOW STATUS"]);
    assert_eq!(run.code, 2, "{run}");
}

#[test]
fn the_commands_of_this_version() {
    insta::assert_snapshot!(Place::new().vql(["--help"]));
    insta::assert_snapshot!(Place::new().vql(["repl", "--help"]));
}

#[test]
fn the_version_has_a_name() {
    let run = Place::new().vql(["--version"]);
    assert_eq!(run.out, format!("vql {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_settings_file_that_is_wrong_is_wrong_usage() {
    let place = Place::new();
    place.write("vql.toml", "colour = 'never'\n");
    let run = place.vql(["completions", "bash"]).redacted(&place);
    insta::assert_snapshot!(run, @r"
    exit 2
    ---- stderr
    error: [DIR]/vql.toml:1: unknown field `colour`, expected one of `target`, `format`, `color`, `timeout`, `pager`, `archive`, `archive-failure`, `archive_failure`, `s3`, `serve`, `fmt`, `embedder`
    ");
    let run = place.command(["completions", "bash"]).env("VQL_FORMAT", "xml").output().unwrap();
    assert_eq!(run.status.code(), Some(2));
    let run = place.vql(["completions", "bash", "--config", "missing.toml"]);
    assert_eq!(run.code, 2, "{run}");
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let place = Place::new();
    let mut command = std::process::Command::new("/bin/sh");
    command.current_dir(place.root()).env("VQL", env!("CARGO_BIN_EXE_vql"));
    command.args(["-c", "{ $VQL completions zsh; echo $? >code; } | head -c 10 >first"]);
    assert!(command.status().unwrap().success());
    assert_eq!(place.read("code").trim(), "0");
}
