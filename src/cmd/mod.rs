//! The command line: text in, text out. Every verb has a thin file of its own; this one chooses
//! among them and turns the way they end into an exit code, in this place only.

use std::process::ExitCode;

use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _};

pub mod args;
pub mod audit;
pub mod backup;
pub mod bench;
pub mod completions;
pub mod database;
pub mod error;
pub mod examples;
pub mod exit;
pub mod explain;
pub mod fmt;
pub mod format;
pub mod interrupt;
pub mod lsp;
pub mod migrate;
pub mod pager;
pub mod repl;
#[cfg(feature = "serve")]
pub mod serve;
pub mod target;
pub mod ui;

use self::args::{Cli, Color, Command};
use self::error::Result;
use self::exit::ExitStatus;
use self::ui::Ui;
use crate::config::{Config, Env};

/// Runs the program with the arguments of the process.
pub fn main() -> ExitCode {
    match completions::answered() {
        Ok(false) => {}
        Ok(true) => return ExitStatus::Ok.into(),
        // Whoever asked is a script: messages would end up in the line that is typed.
        Err(_) => return ExitStatus::Usage.into(),
    }
    let matches = match Cli::command().try_get_matches() {
        Ok(matches) => matches,
        Err(error) => return misunderstood(&error),
    };
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => return misunderstood(&error),
    };
    let env = Env::read();
    let mut ui = Ui::new(cli.shared.color.unwrap_or(Color::Auto), &env.terminal);
    let result = run(&cli, &matches, env, &mut ui);
    // What was written must have arrived before success is reported.
    let result = result.and_then(|status| ui.flush().map(|()| status));
    let status = result.unwrap_or_else(|error| {
        ui.fail(&error);
        if error.broken_pipe { ExitStatus::Ok } else { error.status }
    });
    status.into()
}

fn run(cli: &Cli, matches: &ArgMatches, env: Env, ui: &mut Ui) -> Result<ExitStatus> {
    let isolated = matches!(&cli.command, Command::Fmt(args) if args.layout.isolated);
    let load = if isolated { Config::isolated } else { Config::load };
    let config = load(&cli.shared, env)?;
    *ui = Ui::new(config.color.value, &config.env.terminal);
    ui.speak(cli.shared.quiet, cli.shared.verbose);
    ui.redirect(cli.shared.output.as_deref())?;
    match &cli.command {
        Command::Audit(command) => audit::run(command, &config, ui),
        Command::Backup(command) => backup::run(command, &config, ui),
        Command::Bench(args) => bench::run(args, &config, &cli.shared.param, ui),
        Command::Fmt(args) => fmt::run(args, &config, ui),
        Command::Lsp(args) => lsp::run(args, &config, ui),
        #[cfg(feature = "serve")]
        Command::Serve(args) => serve::run(args, cli, &config, ui),
        Command::Completions(args) => completions::run(args, ui),
        Command::Explain(args) => explain::run(args, &config, &cli.shared.param, ui),
        Command::Migrate(command) => migrate::run(command, &config, ui),
        Command::Repl(args) => {
            let steps = matches.subcommand_matches("repl").map(|found| args.steps(found));
            repl::run(args, &steps.unwrap_or_default(), &config, &cli.shared.param, ui)
        }
    }
}

/// Help and version are answers, everything else clap says is wrong usage; clap knows the stream.
fn misunderstood(error: &clap::Error) -> ExitCode {
    let printed = error.print();
    match (error.use_stderr(), printed) {
        (true, _) => ExitStatus::Usage.into(),
        (false, Err(cause)) if cause.kind() != std::io::ErrorKind::BrokenPipe => {
            ExitStatus::Failed.into()
        }
        (false, _) => ExitStatus::Ok.into(),
    }
}
