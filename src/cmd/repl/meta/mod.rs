//! Commands to the shell itself. One table drives help, completion, documentation and tests; what
//! the commands do is in [`act`] and [`help`].

use super::shell::{Flow, Shell};
use crate::cmd::error::{CmdError, Result};
use crate::cmd::exit::ExitStatus;
use crate::engine::lang::diag::closest;

mod act;
pub mod help;
mod watch;

/// What stands after the name of a command, for completion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Argument {
    /// Nothing.
    None,
    /// A name of a file or database.
    File,
    /// A statement of the language.
    Statement,
    /// A form of output.
    Format,
    /// `on` or `off`.
    Switch,
    /// A modality, contract or hexad.
    Name,
    /// A parameter that has a value.
    Parameter,
    /// A topic of `\help`.
    Topic,
    /// Anything else.
    Free,
}

/// One command.
pub struct Meta {
    /// Its names: the first one is shown, the others work too. All without the sign.
    pub names: &'static [&'static str],
    /// What may follow, as shown by help.
    pub usage: &'static str,
    /// What may follow, as completed.
    pub argument: Argument,
    /// One line.
    pub about: &'static str,
    run: fn(&mut Shell<'_>, &str) -> Result<Flow>,
}

impl Meta {
    /// The name that is shown.
    pub fn name(&self) -> &'static str {
        self.names.first().expect("every command has a name")
    }
}

macro_rules! table {
    ($($names:expr, $usage:literal, $argument:ident, $about:literal, $run:path;)*) => {
        &[$(Meta {
            names: &$names,
            usage: $usage,
            argument: Argument::$argument,
            about: $about,
            run: $run,
        },)*]
    };
}

/// Every command, in the order of help.
pub const TABLE: &[Meta] = table! {
    ["help", "h", "?"], "[TOPIC]", Topic, "this list, or the syntax of a statement", help::help;
    ["quit", "q", "exit"], "", None, "leave", act::quit;
    ["connect", "c", "open"], "[TARGET]", File, "go on with another database", act::connect;
    ["conninfo"], "", None, "which database this is and how it is open", act::conninfo;
    ["status"], "", None, "what the database says about itself", act::status;
    ["describe", "d"], "[NAME]", Name, "a hexad, contract or modality", act::describe;
    ["tables", "dt"], "", None, "the stores", act::stores;
    ["explain"], "STMT", Statement, "the plan of a statement", act::explain;
    ["analyze"], "STMT", Statement, "the plan of a statement and what it really cost", act::analyze;
    ["drift"], "[ID]", Name, "how far the modalities of a hexad have moved apart", act::drift;
    ["format", "mode", "f"], "[FORMAT]", Format, "the form of results", act::format;
    ["x"], "", None, "switch between table and expanded", act::turn;
    ["timing", "timer"], "[on|off]", Switch, "say how long statements take", act::timing;
    ["set"], "[NAME VALUE]", Parameter, "give a value to `$NAME`, or list the values", act::set;
    ["unset"], "NAME", Parameter, "take the value of `$NAME` away", act::unset;
    ["i", "include", "read"], "FILE", File, "run the statements of a file", act::include;
    ["o", "output"], "[FILE]", File, "write results to a file, or to the terminal again", act::output;
    ["import"], "FILE", File, "load hexads from a file", act::import;
    ["export"], "FILE", File, "write all hexads to a file", act::export;
    ["edit", "e"], "", None, "edit the last statement and run it", act::edit;
    ["g", "again"], "", None, "run the last statement again", act::again;
    ["watch"], "[SECONDS] [TIMES]", Free, "run the last statement again and again", watch::watch;
    ["history", "s"], "[TEXT]", Free, "the statements you typed, or those with a text", act::history;
    ["echo"], "[TEXT]", Free, "print a text", act::echo;
    ["keys"], "", None, "the keys of the editor", help::keys;
};

/// Finds a command by any of its names.
pub fn find(name: &str) -> Option<&'static Meta> {
    TABLE.iter().find(|meta| meta.names.contains(&name))
}

/// Obeys the command in `line`, which starts with `\` or `.`.
pub fn run(shell: &mut Shell<'_>, line: &str) -> Result<Flow> {
    let (name, rest) = split(line);
    let Some(meta) = find(name) else { return Err(unknown(name)) };
    // A semicolon out of habit ends a command as it ends a statement.
    let rest = match meta.argument {
        Argument::Statement | Argument::Free => rest,
        _ => rest.trim_end_matches(';').trim_end(),
    };
    if meta.argument == Argument::None && !rest.is_empty() {
        let message = format!("`\\{name}` takes nothing after it");
        return Err(CmdError::new(ExitStatus::Failed, message));
    }
    (meta.run)(shell, rest)
}

/// The name without its sign, and what follows it.
pub fn split(line: &str) -> (&str, &str) {
    let line = line.trim();
    let line = line.strip_prefix(['\\', '.']).unwrap_or(line);
    match line.find(|c: char| c.is_whitespace()) {
        Some(at) => {
            let (name, rest) = line.split_at(at);
            (name, rest.trim())
        }
        None => (line.trim_end_matches(';'), ""),
    }
}

fn unknown(name: &str) -> CmdError {
    let error = CmdError::new(ExitStatus::Failed, format!("unknown command `\\{name}`"));
    let names = TABLE.iter().flat_map(|meta| meta.names.iter().copied());
    match closest(name, names) {
        Some(best) => error.hint(format!("did you mean `\\{best}`?")),
        None => error.hint("`\\help` lists the commands"),
    }
}

/// What a command needs and did not get.
fn needs(name: &str, what: &str) -> CmdError {
    CmdError::new(ExitStatus::Failed, format!("`\\{name}` needs {what}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_name_means_two_things() {
        let mut seen = BTreeSet::new();
        for meta in TABLE {
            for name in meta.names {
                assert!(seen.insert(name), "{name}");
            }
        }
    }

    #[test]
    fn the_spellings_people_know_are_there() {
        for name in [
            "connect", "explain", "analyze", "timing", "format", "status", "describe", "d",
            "import", "export", "edit", "i", "o", "set", "unset", "watch", "drift", "history",
            "conninfo", "help", "quit", "q", "tables", "mode", "exit", "?",
        ] {
            assert!(find(name).is_some(), "{name}");
        }
    }

    #[test]
    fn a_slip_is_answered_with_what_was_meant() {
        assert_eq!(unknown("hlep").hints, ["did you mean `\\help`?"]);
        assert_eq!(unknown("zzzzzz").hints, ["`\\help` lists the commands"]);
    }

    #[test]
    fn the_name_ends_at_a_blank() {
        assert_eq!(split("\\set a  b c "), ("set", "a  b c"));
        assert_eq!(split(".quit;"), ("quit", ""));
        assert_eq!(split("\\"), ("", ""));
    }
}
