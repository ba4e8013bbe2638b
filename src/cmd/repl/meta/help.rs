//! `\help`: the list of commands, made from their table, and the syntax of each statement with an
//! example that a test parses.

use std::fmt::Write as _;

use super::{Meta, TABLE, find};
use crate::cmd::error::{CmdError, Result};
use crate::cmd::exit::ExitStatus;
use crate::cmd::repl::shell::{Flow, Shell};
use crate::engine::lang::diag::closest;

/// A statement and how it is written.
pub struct Topic {
    /// The word it is found by.
    pub name: &'static str,
    /// One line.
    pub about: &'static str,
    /// How it is written.
    pub syntax: &'static str,
    /// Something to try.
    pub example: &'static str,
}

/// Every topic, in alphabetical order.
pub const TOPICS: &[Topic] = &[
    Topic {
        name: "CONDITIONS",
        about: "what may stand after WHERE",
        syntax: "MODALITY.field <op> value          = <> < <= > >= LIKE CONTAINS MATCHES IN BETWEEN IS NULL\n\
                 FIELD name <op> value              a field of the document\n\
                 FULLTEXT CONTAINS 'words'          words, \"phrases\", AND, OR, NOT, prefix*\n\
                 VECTOR SIMILAR TO [..] [WITHIN x] [USING metric]\n\
                 (h)-[:PREDICATE]->(x)              also <-[..]-, -[..]-, *1..3, +\n\
                 WITHIN RADIUS(lat, lon, km)        WITHIN BOUNDS(lat, lon, lat, lon)\n\
                 AS OF time | BETWEEN time AND time | VERSION v | MODIFIED BY who\n\
                 MODALITY EXISTS | SATISFIES contract | DRIFT(A, B) > x | CONSISTENT(A, B) USING metric\n\
                 combined with AND, OR, NOT and parentheses",
        example: "SELECT id, DOCUMENT.title FROM hexads\n\
                  WHERE FULLTEXT CONTAINS 'river' AND NOT (h)-[:CITES]->(x)",
    },
    Topic {
        name: "COUNT",
        about: "count hexads",
        syntax: "COUNT HEXADS [WHERE condition]",
        example: "COUNT HEXADS WHERE VECTOR EXISTS",
    },
    Topic {
        name: "CREATE CONTRACT",
        about: "name a condition that hexads can be held to",
        syntax: "CREATE [OR REPLACE] CONTRACT name [FOR proof] AS (condition) [WITH name=value, ..]\n\
                 DROP CONTRACT [IF EXISTS] name",
        example: "CREATE CONTRACT Dated AS (FIELD year >= 1900 AND DOCUMENT EXISTS)",
    },
    Topic {
        name: "DELETE",
        about: "take hexads away, in all modalities",
        syntax: "DELETE HEXAD id\nDELETE FROM hexads WHERE condition",
        example: "DELETE HEXAD 'note-1'",
    },
    Topic {
        name: "DESCRIBE",
        about: "what a hexad, a contract or a modality consists of",
        syntax: "DESCRIBE HEXAD id\nDESCRIBE CONTRACT name\nDESCRIBE modality",
        example: "DESCRIBE VECTOR",
    },
    Topic {
        name: "EXPLAIN",
        about: "the plan of a statement",
        syntax: "EXPLAIN [ANALYZE] statement",
        example: "EXPLAIN SELECT DOCUMENT FROM hexads WHERE FULLTEXT CONTAINS 'river'",
    },
    Topic {
        name: "INSERT",
        about: "write a new hexad, or several",
        syntax: "INSERT HEXAD ['id'] WITH DOCUMENT(field = value, ..), VECTOR([..]), GRAPH(PREDICATE, id),\n\
                 \x20   SEMANTIC(Type), TENSOR([shape], [data]), TEMPORAL(time), PROVENANCE(..), SPATIAL(..)\n\
                 INSERT INTO hexads (field, ..) VALUES (value, ..), ..\n\
                 INSERT 'title' 'body'",
        example: "INSERT HEXAD 'note-1' WITH\n\
                  \x20 DOCUMENT(title = 'Tides', year = 2024),\n\
                  \x20 SPATIAL(latitude = 54.1, longitude = 7.9)",
    },
    Topic {
        name: "PREPARE",
        about: "parse a statement once and run it with values",
        syntax: "PREPARE name [(type, ..)] AS statement\nEXECUTE name(value, ..)\nDEALLOCATE name | ALL",
        example: "PREPARE newer (int) AS SELECT id FROM hexads WHERE FIELD year > $1",
    },
    Topic {
        name: "SEARCH",
        about: "find hexads by text, vector or relation",
        syntax: "SEARCH TEXT 'words' [LIMIT n]\n\
                 SEARCH VECTOR [..] [WITHIN x] [USING metric] [LIMIT n]\n\
                 SEARCH RELATED 'id' [BY 'predicate'] [LIMIT n]",
        example: "SEARCH TEXT 'slow river' LIMIT 5",
    },
    Topic {
        name: "SELECT",
        about: "ask for hexads, or for something computed from them",
        syntax: "SELECT * | modality, .. | MODALITY.field [AS name], .. | COUNT(*), SUM(MODALITY.field), ..\n\
                 FROM hexads | HEXAD [id] | STORE name\n\
                 [WHERE condition] [GROUP BY field, ..] [HAVING condition]\n\
                 [ORDER BY field [ASC | DESC] [NULLS FIRST | LAST], ..] [LIMIT n] [OFFSET n]",
        example: "SELECT id, DOCUMENT.title, DOCUMENT.year FROM hexads\n\
                  WHERE DOCUMENT.year >= 2000 ORDER BY DOCUMENT.year DESC LIMIT 5",
    },
    Topic {
        name: "SET",
        about: "change a setting of the session",
        syntax: "SET name = value",
        example: "SET recall = 0.95",
    },
    Topic {
        name: "SHOW",
        about: "what the database says about itself",
        syntax: "SHOW STATUS | HEALTH | HEXADS | CONTRACTS | SETTINGS | STORES | DRIFT | .. [LIMIT n]",
        example: "SHOW STATUS",
    },
    Topic {
        name: "UPDATE",
        about: "change hexads",
        syntax: "UPDATE HEXAD id SET MODALITY.field = value, ..\n\
                 UPDATE HEXAD SET MODALITY.field = value, .. WHERE condition",
        example: "UPDATE HEXAD 'note-1' SET DOCUMENT.title = 'Spring tides'",
    },
];

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
    let wanted = topic.to_ascii_uppercase();
    let found = TOPICS
        .iter()
        .find(|topic| topic.name == wanted)
        .or_else(|| TOPICS.iter().find(|topic| topic.name.split(' ').any(|word| word == wanted)))
        .or_else(|| TOPICS.iter().find(|topic| topic.syntax.contains(&format!("{wanted} "))));
    if let Some(topic) = found {
        return Ok(format!(
            "{}: {}\n\n{}\n\nexample:\n\n{};",
            topic.name,
            topic.about,
            indented(topic.syntax),
            indented(topic.example)
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

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::lang;

    #[test]
    fn every_example_is_a_statement() {
        for topic in TOPICS {
            let parsed = lang::parse(topic.example);
            let errors: Vec<_> = parsed.diagnostics.iter().filter(|d| d.is_error()).collect();
            assert!(errors.is_empty(), "{}: {errors:?}", topic.name);
            assert_eq!(parsed.script.statements.len(), 1, "{}", topic.name);
        }
    }

    #[test]
    fn topics_are_found_by_any_of_their_words() {
        assert!(text("select").unwrap().contains("[ORDER BY"));
        assert!(text("contract").unwrap().starts_with("CREATE CONTRACT"));
        assert!(text("EXECUTE").unwrap().starts_with("PREPARE"));
        assert!(text("\\timing").unwrap().starts_with("\\timing [on|off]"));
        assert_eq!(text("SELCT").unwrap_err().hints, ["did you mean `SELECT`?"]);
    }
}
