//! Files made from the command line itself are checked in and must be fresh. Run the tests with
//! `VQL_BLESS=1` to write them anew.

use std::fs;
use std::path::Path;

use clap::CommandFactory as _;
use vql::cmd::args::{Cli, Shell};
use vql::cmd::completions::script;

pub(crate) fn fresh(path: &Path, made: &[u8]) {
    if std::env::var_os("VQL_BLESS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, made).unwrap();
    }
    let kept = fs::read(path).unwrap_or_default();
    assert!(kept == made, "{} is stale: run the tests with VQL_BLESS=1", path.display());
}

#[test]
fn completions_are_fresh() {
    for (shell, name) in [
        (Shell::Bash, "vql.bash"),
        (Shell::Zsh, "vql.zsh"),
        (Shell::Fish, "vql.fish"),
        (Shell::PowerShell, "vql.ps1"),
        (Shell::Elvish, "vql.elv"),
        (Shell::Nushell, "vql.nu"),
    ] {
        fresh(&Path::new("completions").join(name), script(shell).as_bytes());
    }
}

#[test]
fn manual_pages_are_fresh() {
    let mut command = Cli::command();
    command.build();
    page(&command, "vql");
}

/// Writes or checks the page of a command and those of its subcommands.
fn page(command: &clap::Command, name: &str) {
    let mut text = Vec::new();
    let man = clap_mangen::Man::new(command.clone()).title(name).date("");
    man.render(&mut text).unwrap();
    fresh(&Path::new("man").join(format!("{name}.1")), &text);
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        page(sub, &format!("{name}-{}", sub.get_name()));
    }
}
