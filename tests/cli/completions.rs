//! `vql completions`: every script is loaded by its shell, where that shell is there, and asked.

use std::path::Path;
use std::process::Command;

use crate::harness::{Place, Run, run};

/// A place with the scripts and a database `my.db` that holds `note-1` and the contract `Dated`.
fn place() -> Place {
    let place = Place::new();
    for (shell, name) in [
        ("bash", "vql.bash"),
        ("zsh", "_vql"),
        ("fish", "vql.fish"),
        ("powershell", "vql.ps1"),
        ("elvish", "vql.elv"),
        ("nushell", "vql.nu"),
    ] {
        let made = place.vql(["completions", shell]);
        assert_eq!(made.code, 0, "{made}");
        place.write(name, made.out);
    }
    let made = place.vql([
        "repl",
        "my.db",
        "-c",
        "INSERT HEXAD 'note-1' WITH DOCUMENT(title = 'x'); CREATE CONTRACT Dated AS (FIELD year > 1)",
    ]);
    assert_eq!(made.code, 0, "{made}");
    place
}

/// Runs a script in a shell that finds `vql`, or says that there is no such shell.
#[expect(clippy::print_stderr, reason = "a test says what it could not check")]
fn shell(place: &Place, program: &str, args: &[&str]) -> Option<Run> {
    let there = ["/usr/bin", "/bin", "/usr/local/bin"];
    if !there.iter().any(|dir| Path::new(dir).join(program).exists()) {
        eprintln!("{program} is not there: its script was not loaded");
        return None;
    }
    let bin = Path::new(env!("CARGO_BIN_EXE_vql")).parent().unwrap().display().to_string();
    // A shell that waits for more than it gets must not hold up the tests.
    let mut command = Command::new("timeout");
    command.arg("60").arg(program).args(args).current_dir(place.root()).env_clear();
    command.env("PATH", format!("{bin}:/usr/local/bin:/usr/bin:/bin"));
    command.env("HOME", place.root()).env("TERM", "dumb").env("LANG", "C.UTF-8");
    Some(run(&mut command, b""))
}

#[test]
fn bash_asks_for_commands_databases_formats_and_stored_names() {
    let place = place();
    let script = r#"source ./vql.bash
ask() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_TYPE=9; COMPREPLY=()
  _clap_complete_vql vql "${!#}" x; printf '%s\n' "${COMPREPLY[@]}"; }
ask vql mig
ask vql repl m
ask vql repl my.db --format js
ask vql repl my.db -c 'SELECT * FROM HEXAD no'
ask vql repl my.db -c 'SELECT * FROM hexads WHERE SATISFIES Da'"#;
    let Some(run) = shell(&place, "bash", &["--norc", "-c", script]) else { return };
    let lines: Vec<&str> = run.out.lines().map(str::trim_end).collect();
    for line in ["migrate", "my.db", "json", "SELECT * FROM HEXAD note-1"] {
        assert!(lines.contains(&line), "{line}\n{run}");
    }
    assert!(run.out.contains("SATISFIES Dated"), "{run}");
}

#[test]
fn fish_asks_too() {
    let place = place();
    let script = "source ./vql.fish
complete -C 'vql mig'
complete -C 'vql repl m'
complete -C 'vql repl my.db --format js'
complete -C \"vql repl my.db -c 'SELECT * FROM HEXAD no\"";
    let Some(run) = shell(&place, "fish", &["--no-config", "-c", script]) else { return };
    for word in ["migrate\t", "my.db\tdatabase", "jsonl\t", "SELECT * FROM HEXAD note-1"] {
        assert!(run.out.contains(word), "{word}\n{run}");
    }
}

#[test]
fn zsh_asks_too() {
    let place = place();
    // The line editor has no terminal here, so what it would be told is printed instead.
    let script = r#"compdef() { registered=$1 }
_describe() { local name=${@[$#]}; [[ $1 == -V && ${4-} == -S ]] && name=$3; print -rl -- ${(P)name} }
source ./_vql
ask() { words=("$@"); CURRENT=$#; $registered; }
ask vql mig
ask vql repl m
ask vql repl my.db --format markd
ask vql repl my.db -c 'SELECT * FROM HEXAD no'"#;
    let Some(run) = shell(&place, "zsh", &["-f", "-c", script]) else { return };
    for word in ["migrate:", "my.db:database", "markdown:", "SELECT * FROM HEXAD note-1"] {
        assert!(run.out.contains(word), "{word}\n{run}");
    }
}

#[test]
fn nushell_loads_its_script() {
    let place = place();
    let Some(run) = shell(&place, "nu", &["-n", "-c", "use vql.nu *; help vql repl"]) else {
        return;
    };
    assert_eq!(run.code, 0, "{run}");
    assert!(run.out.contains("keep-going"), "{run}");
}

#[test]
fn scripts_that_do_not_ask_name_the_commands() {
    let place = place();
    for name in ["vql.ps1", "vql.elv", "vql.nu"] {
        let script = place.read(name);
        for word in ["repl", "migrate", "fmt", "keep-going"] {
            assert!(script.contains(word), "{name}: {word}");
        }
    }
    eprintln!("PowerShell and Elvish are not loaded: they cannot be had here");
}
