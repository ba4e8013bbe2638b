//! `vql repl`: an interactive shell, or a script from the command line, files or standard input.
//!
//! This file decides which of the two it is and where the statements come from; [`shell`] runs
//! them, [`meta`] holds the commands to the shell itself.

use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::{Format, ReplArgs, Step};
use super::error::{CmdError, Result};
use super::exit::ExitStatus;
use super::target::{self, Reach, Wish};
use super::ui::Ui;
use crate::config::Config;
use crate::engine::plan::explain::Explained;

mod answer;
mod cut;
mod demo;
mod edit;
mod history;
mod interactive;
pub mod meta;
pub mod params;
mod progress;
mod prompt;
mod script;
mod shell;

use self::demo::Demo;
use self::script::Script;
use self::shell::{Flow, Shell, Wishes};

/// How deep files may run files.
const FILE_DEPTH: usize = 16;

/// Runs the shell or a script.
pub fn run(
    args: &ReplArgs,
    steps: &[Step],
    config: &Config,
    params: &[(String, String)],
    ui: &mut Ui,
) -> Result<ExitStatus> {
    let interactive = steps.is_empty() && io::stdin().is_terminal() && io::stdout().is_terminal();
    if interactive && args.single_transaction {
        return Err(CmdError::usage(
            "`--single-transaction` needs `-c`, `-f` or a script as input",
        ));
    }
    let demo = args.demo.then(|| Demo::prepare(args.target.as_deref(), ui)).transpose()?;
    let target = match &demo {
        Some(demo) => demo.target(),
        None => args.target.as_deref().unwrap_or(&config.target.value),
    };
    let wish = Wish { read_only: args.read_only, accept_loss: args.accept_loss };
    let target = target::choose(target, wish, &args.reach, config)?;
    let wishes = Wishes {
        format: config.format.value,
        timeout: config.timeout.value,
        keep_going: args.keep_going,
        force: args.force,
        interactive,
    };
    let mut shell = Shell::new(target, args.reach.clone(), wishes, config, ui)?;
    for (name, value) in params {
        shell.set(name, params::typed(value));
    }
    let status = if interactive {
        interactive::run(&mut shell, demo.as_ref(), args.no_init)?
    } else {
        run_steps(&mut shell, steps, args.single_transaction)?
    };
    shell.close()?;
    Ok(status)
}

/// Runs one `EXPLAIN` on a database and hands over the plan; what goes wrong is shown as everywhere.
pub fn plan_of(
    (target, reach): (Option<&str>, &Reach),
    text: &str,
    config: &Config,
    params: &[(String, String)],
    ui: &mut Ui,
) -> Result<(ExitStatus, Option<Arc<Explained>>)> {
    let target = target.unwrap_or(&config.target.value);
    let wish = Wish { read_only: false, accept_loss: false };
    let target = target::choose(target, wish, reach, config)?;
    let wishes = Wishes {
        // A plan that comes as lines is shown as it is, whoever reads it.
        format: config.format.value.or(Some(Format::Table)),
        timeout: config.timeout.value,
        keep_going: false,
        force: false,
        interactive: false,
    };
    let mut shell = Shell::new(target, reach.clone(), wishes, config, ui)?;
    for (name, value) in params {
        shell.set(name, params::typed(value));
    }
    shell.keep_plan();
    let status = run_steps(&mut shell, &[Step::Command(text.to_owned())], false)?;
    let plan = shell.plan();
    shell.close()?;
    Ok((status, plan))
}

/// Runs `-c` and `-f` in the order of the command line, or standard input when there are none; when
/// `single`, as one transaction.
fn run_steps(shell: &mut Shell<'_>, steps: &[Step], single: bool) -> Result<ExitStatus> {
    if single && shell.transact("BEGIN")? == Flow::Stop {
        return Ok(shell.status());
    }
    let end = run_each(shell, steps)?;
    if single && end != Flow::Stop {
        shell.commit_single()?;
    }
    Ok(shell.status())
}

fn run_each(shell: &mut Shell<'_>, steps: &[Step]) -> Result<Flow> {
    let stdin = [Step::File(PathBuf::from("-"))];
    for step in if steps.is_empty() { &stdin } else { steps } {
        let flow = match step {
            Step::Command(text) => run_script(shell, "<command>", text.as_bytes())?,
            Step::File(path) => run_file(shell, path)?,
        };
        match flow {
            Flow::Next => {}
            end @ (Flow::Stop | Flow::Quit) => return Ok(end),
        }
    }
    Ok(Flow::Next)
}

/// Runs a file, `-` for standard input.
fn run_file(shell: &mut Shell<'_>, path: &Path) -> Result<Flow> {
    if path == Path::new("-") {
        return run_script(shell, "<stdin>", BufReader::with_capacity(1 << 16, io::stdin()));
    }
    if shell.depth() >= FILE_DEPTH {
        return Err(CmdError::usage(format!("`{}`: files run files too deeply", path.display())));
    }
    let file = File::open(path).map_err(|e| CmdError::file("read", path, &e))?;
    let name = path.display().to_string();
    shell.enter(1);
    let flow = run_script(shell, &name, BufReader::with_capacity(1 << 16, file));
    shell.enter(-1);
    flow
}

/// Runs pieces as they come until the end, a failure that stops the script, or `\quit`.
fn run_script(shell: &mut Shell<'_>, name: &str, input: impl BufRead) -> Result<Flow> {
    let mut script = Script::new(input);
    loop {
        let piece = match script.next_piece() {
            Ok(Some(piece)) => piece,
            Ok(None) => return Ok(Flow::Next),
            Err(cause) => return Err(CmdError::file("read", Path::new(name), &cause)),
        };
        match shell.run(name, &piece)? {
            Flow::Next => {}
            end => return Ok(end),
        }
    }
}
