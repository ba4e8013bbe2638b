//! Completion for shells: `vql completions` prints the script a shell loads; the scripts of bash, zsh
//! and fish then ask the program itself, which answers here with commands, flags, databases, and the
//! words and stored names that can go on in a statement. It only reads, and is silent about failures:
//! the command itself will say why.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::CommandFactory as _;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
use clap_complete::env::{CompleteEnv, Shells};
use clap_complete::generate;

use super::args::{Cli, CompletionsArgs, Shell};
use super::database::Database;
use super::error::{CmdError, Result};
use super::exit::ExitStatus;
use super::ui::Ui;
use crate::config::DEFAULT_TARGET;
use crate::engine::Engine;
use crate::engine::catalog::Snapshot;
use crate::engine::lang::complete::{Names, complete};
use crate::engine::lang::resolve::{Catalog, NameKind};

/// The variable by which the scripts ask, with the name of the shell.
const ASKED: &str = "VQL_COMPLETE";
/// Stored ids offered at once.
const IDS: usize = 50;

/// Prints the script of one shell.
pub fn run(args: &CompletionsArgs, ui: &mut Ui) -> Result<ExitStatus> {
    ui.print(&script(args.shell))?;
    Ok(ExitStatus::Ok)
}

/// The completion script of `shell`.
pub fn script(shell: Shell) -> String {
    let mut script = Vec::new();
    let mut asking = |name: &str| {
        let shell = Shells::builtins();
        let shell = shell.completer(name).expect("clap knows the shell");
        let written = shell.write_registration(ASKED, "vql", "vql", "vql", &mut script);
        written.expect("memory can be written");
    };
    match shell {
        Shell::Bash => asking("bash"),
        Shell::Zsh => asking("zsh"),
        Shell::Fish => asking("fish"),
        Shell::PowerShell => {
            generate(clap_complete::Shell::PowerShell, &mut Cli::command(), "vql", &mut script);
        }
        Shell::Elvish => {
            generate(clap_complete::Shell::Elvish, &mut Cli::command(), "vql", &mut script);
        }
        Shell::Nushell => {
            generate(clap_complete_nushell::Nushell, &mut Cli::command(), "vql", &mut script);
        }
    }
    String::from_utf8_lossy(&script).into_owned()
}

/// Answers the script of a shell; false when nobody asked.
pub fn answered() -> Result<bool> {
    let here = std::env::current_dir().ok();
    let asked = CompleteEnv::with_factory(command).var(ASKED).completer("vql");
    asked
        .try_complete(std::env::args_os(), here.as_deref())
        .map_err(|cause| CmdError::usage(cause.to_string().trim().to_owned()))
}

/// The command line, with what can stand where a database or a statement is expected.
fn command() -> clap::Command {
    let database = || ArgValueCompleter::new(databases);
    let statement = || ArgValueCompleter::new(statements);
    let either = ArgValueCompleter::new(|typed: &OsStr| {
        let mut found = databases(typed);
        found.extend(statements(typed));
        found
    });
    Cli::command()
        .mut_subcommand("repl", |repl| {
            repl.mut_arg("target", |arg| arg.add(database()))
                .mut_arg("command", |arg| arg.add(statement()))
        })
        .mut_subcommand("explain", |explain| explain.mut_arg("what", |arg| arg.add(either)))
        .mut_subcommand("migrate", |migrate| {
            migrate
                .mut_subcommand("import", |import| {
                    import.mut_arg("target", |arg| arg.add(database()))
                })
                .mut_subcommand("export", |export| {
                    export.mut_arg("target", |arg| arg.add(database()))
                })
        })
}

/// Databases in the directory that is typed, and directories that may hold some.
fn databases(typed: &OsStr) -> Vec<CompletionCandidate> {
    let typed = typed.to_string_lossy();
    let (folder, start) = typed.rfind('/').map_or(("", &*typed), |at| typed.split_at(at + 1));
    let path = if folder.is_empty() { Path::new(".") } else { Path::new(folder) };
    let Ok(entries) = std::fs::read_dir(path) else { return Vec::new() };
    let mut found: Vec<(String, bool)> = entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let name = entry.file_name().into_string().ok()?;
            let hidden = name.starts_with('.') && !start.starts_with('.');
            let fits = name.starts_with(start) && !hidden && entry.path().is_dir();
            fits.then(|| (name, is_database(&entry.path())))
        })
        .collect();
    found.sort_by_key(|(name, ours)| (!ours, name.clone()));
    let candidate = |(name, ours): (String, bool)| {
        let slash = if ours { "" } else { "/" };
        let help = ours.then(|| "database".into());
        CompletionCandidate::new(format!("{folder}{name}{slash}")).help(help)
    };
    found.into_iter().map(candidate).collect()
}

fn is_database(path: &Path) -> bool {
    path.join("FORMAT").is_file()
}

/// What can go on in a statement, each time with all of the statement before it, because to the shell
/// it is one word. The quote it begins with is the business of the shell.
fn statements(typed: &OsStr) -> Vec<CompletionCandidate> {
    let typed = typed.to_string_lossy();
    let text = typed.strip_prefix(['\'', '"']).unwrap_or(&typed);
    let known = Known::of_command_line();
    let found = complete(text, text.len(), &known);
    let before = text.get(..found.replace.start as usize).unwrap_or("");
    found
        .items
        .into_iter()
        .map(|item| {
            let help = item.detail.map(Into::into);
            CompletionCandidate::new(format!("{before}{}", item.text)).help(help)
        })
        .collect()
}

/// The names stored in the database that the command line is about.
struct Known {
    stored: Option<(Engine, Arc<Snapshot>)>,
}

impl Known {
    /// The database is the first argument that is one, else the default one.
    fn of_command_line() -> Self {
        let words = std::env::args_os().skip_while(|word| word != "--").skip(3);
        let named = words.map(PathBuf::from).find(|path| is_database(path));
        let path = named.unwrap_or_else(|| PathBuf::from(DEFAULT_TARGET));
        let open = |path: &Path| {
            let mut database = Database::new(path.to_str()?, true).ok()?;
            let engine = database.engine().ok()?.clone();
            let names = engine.names().ok()?;
            Some((engine, names))
        };
        Self { stored: if is_database(&path) { open(&path) } else { None } }
    }
}

impl Names for Known {
    fn names(&self, of: NameKind) -> Vec<String> {
        let names = self.stored.as_ref().map(|(_, names)| Catalog::names(&**names, of));
        names.unwrap_or_default()
    }

    fn ids(&self, prefix: &str, limit: usize) -> Vec<String> {
        let found = self.stored.as_ref().map(|(engine, _)| engine.ids(prefix, limit.min(IDS)));
        found.and_then(std::result::Result::ok).unwrap_or_default()
    }
}
