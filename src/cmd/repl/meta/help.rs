//! `\help`: the list of commands, made from their table, and what the table of topics of the language
//! says about each statement.

use std::fmt::Write as _;

use super::{Meta, TABLE, find};
use crate::cmd::error::{CmdError, Result};
use crate::cmd::exit::ExitStatus;
use crate::cmd::repl::shell::{Flow, Shell};
use crate::engine::lang::diag::closest;
use crate::engine::lang::topics::{self, TOPICS};

/// The keys that are worth knowing.
const KEYS: &str = "\
Enter          run the statement, or start a new line when it is not complete
Alt-Enter      start a new line
Tab            complete; again for the next one
Right, Ctrl-E  take the gray hint
Up, Down       earlier and later statements
Ctrl-R         search the history
Ctrl-O         edit in $EDITOR
Ctrl-C         throw the line away; while a statement runs: stop it
Ctrl-D         leave, on an empty line
Ctrl-L         clear the screen";

pub(super) fn keys(shell: &mut Shell<'_>, _: &str) -> Result<Flow> {
    shell.say(KEYS)?;
    Ok(Flow::Next)
}

pub(super) fn help(shell: &mut Shell<'_>, rest: &str) -> Result<Flow> {
    shell.say(&text(rest)?)?;
    Ok(Flow::Next)
}

/// What `\help TOPIC` says.
pub fn text(topic: &str) -> Result<String> {
    if topic.is_empty() {
        return Ok(overview());
    }
    let command = topic.strip_prefix(['\\', '.']);
    if let Some(meta) = find(command.unwrap_or(topic)) {
        return Ok(about(meta));
    }
    if let Some(topic) = topics::find(topic) {
        return Ok(format!(
            "{}: {}\n\n{}\n\n{}\n\nexample:\n\n{};",
            topic.name,
            topic.about,
            indented(topic.syntax),
            wrapped(topic.means),
            indented(topic.example.trim_end_matches(';'))
        ));
    }
    let error = CmdError::new(ExitStatus::Failed, format!("there is no help about `{topic}`"));
    let names = TOPICS.iter().map(|topic| topic.name);
    Err(match closest(topic, names) {
        Some(best) => error.hint(format!("did you mean `{best}`?")),
        None => error.hint("`\\help` lists the topics"),
    })
}

fn overview() -> String {
    let mut text = String::from("Statements end with `;`. Commands to the shell:\n\n");
    for meta in TABLE {
        let name = format!("\\{} {}", meta.name(), meta.usage);
        writeln!(text, "  {:26} {}", name.trim_end(), meta.about).ok();
    }
    text.push_str("\n`\\help TOPIC` shows the syntax of a statement and an example:\n\n");
    for topic in TOPICS {
        writeln!(text, "  {:26} {}", topic.name, topic.about).ok();
    }
    text.push_str("\nThe dot works as well as the backslash: `.help`, `.quit`, `.mode json`.");
    text
}

fn about(meta: &Meta) -> String {
    let usage = format!("\\{} {}", meta.name(), meta.usage);
    let mut text = format!("{}: {}", usage.trim_end(), meta.about);
    if let Some((_, others)) = meta.names.split_first().filter(|(_, others)| !others.is_empty()) {
        let others: Vec<String> = others.iter().map(|name| format!("\\{name}")).collect();
        write!(text, "\nalso {}", others.join(", ")).ok();
    }
    text
}

/// Prose on lines of a width that is easy to read.
fn wrapped(text: &str) -> String {
    const WIDTH: usize = 80;
    let mut out = String::new();
    let mut column = 0;
    for word in text.split(' ') {
        if column > 0 && column + 1 + word.len() > WIDTH {
            out.push('\n');
            column = 0;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += word.len();
    }
    out
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_are_found_by_any_of_their_words() {
        assert!(text("select").unwrap().contains("[ORDER BY"));
        assert!(text("contract").unwrap().starts_with("CREATE CONTRACT"));
        assert!(text("EXECUTE").unwrap().starts_with("PREPARE"));
        assert!(text("\\timing").unwrap().starts_with("\\timing [on|off]"));
        assert_eq!(text("SELCT").unwrap_err().hints, ["did you mean `SELECT`?"]);
    }
}
