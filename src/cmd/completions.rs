//! `vql completions`: prints what a shell needs to complete our command line.

use clap::CommandFactory as _;
use clap_complete::generate;

use super::args::{Cli, CompletionsArgs, Shell};
use super::error::Result;
use super::exit::ExitStatus;
use super::ui::Ui;

/// Prints the script of one shell.
pub fn run(args: &CompletionsArgs, ui: &mut Ui) -> Result<ExitStatus> {
    ui.print(&script(args.shell))?;
    Ok(ExitStatus::Ok)
}

/// The completion script of `shell`.
pub fn script(shell: Shell) -> String {
    let generator = match shell {
        Shell::Bash => clap_complete::Shell::Bash,
        Shell::Zsh => clap_complete::Shell::Zsh,
        Shell::Fish => clap_complete::Shell::Fish,
        Shell::PowerShell => clap_complete::Shell::PowerShell,
        Shell::Elvish => clap_complete::Shell::Elvish,
    };
    let mut script = Vec::new();
    generate(generator, &mut Cli::command(), "vql", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}
