//! The pages of `docs/reference` that are made from tables of the code. Run the tests with
//! `VQL_BLESS=1` to write them anew.

use std::fmt::Write as _;
use std::path::Path;

use vql::engine::Params;
use vql::engine::base::{Kind, Modality, Value};
use vql::engine::lang::lint::RULES;
use vql::engine::lang::resolve::functions::FUNCTIONS;
use vql::engine::lang::resolve::proofs::PROOF_TYPES;
use vql::engine::lang::resolve::registry::REGISTRY;
use vql::engine::lang::topics::{TOPICS, Topic};

use crate::artifacts::fresh;
use crate::constructs::{FIXTURE, database};
use crate::suite::Database;

const MADE: &str = "<!-- Made from the code by tests/cli/reference.rs; edit there. -->\n";

fn check(name: &str, text: &str) {
    fresh(&Path::new("docs/reference").join(name), text.as_bytes());
}

#[test]
fn errors_page_is_fresh() {
    let mut text = format!(
        "{MADE}\n# Errors\n\nEvery error has one of these kinds, and the kinds belong to the codes in \
         the first column.\nNeither is ever renamed. An error is the same everywhere: `kind` in the \
         brackets on the\nterminal, and in JSON `{{\"error\": {{code, kind, message, span, hint, \
         recoverable}}}}`, with lines and\ncolumns from 1, the end exclusive, columns in Unicode \
         scalar values.\n\nA kind marked *may pass* is recoverable: the same statement may succeed \
         later.\n\n| code | kind | what happened | |\n|---|---|---|---|\n"
    );
    let mut kinds: Vec<Kind> = Kind::ALL.to_vec();
    kinds.sort_by_key(|kind| kind.code());
    for kind in kinds {
        let passes = if kind.recoverable() { "may pass" } else { "" };
        let row =
            format!("| `{}` | `{}` | {} | {passes} |", kind.code(), kind.name(), kind.about());
        writeln!(text, "{row}").unwrap();
    }
    check("errors.md", &text);
}

#[test]
fn lint_page_is_fresh() {
    let mut text = format!(
        "{MADE}\n# Lint rules\n\n`vql fmt --lint` reports what these rules find, next to what the \
         parser and the type checker find.\nA lint never makes a file fail, whatever its level: only \
         errors of the parser and the checker do.\nAn `error` here says that executing the statement \
         is refused or dangerous.\n\nTo silence a rule for one statement, write `-- vql: \
         allow(VQL001)` in it, before it, or behind it on\nits last line; several rules are \
         separated by commas.\n`-- vql: allow-file(VQL001)` silences it for the whole file. \
         `--fix` applies the edits that findings come with.\n"
    );
    for rule in RULES {
        let level = rule.severity.name();
        write!(
            text,
            "\n## {}\n\nLevel: {level}.\nFound: {}.\nAdvice: {}.\n\n",
            rule.code, rule.message, rule.advice
        )
        .unwrap();
        write!(text, "```sql\n{}\n```\n", rule.example).unwrap();
    }
    check("lint.md", &text);
}

#[test]
fn statements_page_is_fresh() {
    let mut text = format!(
        "{MADE}\n# Statements\n\nHow each statement is written, what it means, and how it can fail. In \
         the syntax, words in capitals are\nkeywords (in any case), `[ ]` is optional, `|` is a choice, \
         `..` goes on likewise. The\n[grammar](grammar.md) has every detail, [queries](queries.md) says \
         what queries mean, [errors](errors.md) lists\nevery kind of error. `\\help` in the shell shows \
         the same.\n\nAny statement can end with a syntax error (`UnexpectedToken` and its sisters), \
         with `NotSupported` when this\nversion cannot run it, and with `StatementTooLarge` or \
         `NestingTooDeep` at the [limits](data-format.md).\nThe errors listed are those of the statement \
         itself. The examples are run by a test, on this data:\n\n```vql\n{}\n```\n",
        vql::engine::lang::format::format(FIXTURE).unwrap().trim_end()
    );
    // The errors change nothing, so that one database does for all of them; and one for the examples.
    let (mut for_errors, mut for_examples) = (database(), database());
    for topic in TOPICS {
        text.push_str(&section(topic, &mut for_examples, &mut for_errors));
    }
    check("statements.md", &text);
}

/// The section about a topic; runs its examples.
fn section(topic: &Topic, for_examples: &mut Database, for_errors: &mut Database) -> String {
    let answer = for_examples.run(topic.example, &Params::new());
    let refused = answer.starts_with("error NotSupported: ");
    assert!(refused || !answer.starts_with("error"), "{}\n{answer}", topic.example);
    let mut text =
        format!("\n## {}\n\n*{}*\n\n```text\n{}\n```\n\n", topic.name, topic.about, topic.syntax);
    writeln!(text, "{}", topic.means).unwrap();
    if refused {
        text.push_str("\n*Not supported by this version: it ends with `NotSupported`.*\n");
    }
    let example = vql::engine::lang::format::format(topic.example).unwrap();
    write!(text, "\n```vql\n{example}```\n").unwrap();
    if !topic.errors.is_empty() {
        text.push_str("\n| error | for example |\n|---|---|\n");
    }
    for (kind, example) in topic.errors {
        let answer = for_errors.run(example, &Params::new());
        let expected = format!("error {}: ", kind.name());
        let parsed = vql::engine::lang::parse(example);
        let found = parsed.errors().any(|d| d.kind == *kind) || answer.starts_with(&expected);
        assert!(found, "{example}: {} expected\n{answer}", kind.name());
        writeln!(text, "| `{}` | `{}` |", kind.name(), example.replace('|', "\\|")).unwrap();
    }
    text
}

/// A hexad with the fields that the examples of the functions name.
const FIELDS: &str = "INSERT HEXAD 'c' WITH DOCUMENT(published = '2019-05-01', currency = 'eur', \
     name = 'C', doi = 'doi:1', section = 'x', content = 'drift', homepage = 'https://c.org', \
     price = 1.5, area_km2 = 4, stars = 3, nickname = 'c')";

#[test]
fn every_example_of_a_function_runs() {
    let mut database = database();
    let made = database.run(FIELDS, &Params::new());
    assert!(!made.starts_with("error"), "{made}");
    let numbers = Value::Vector([1.0, 0.0].into());
    let params = Params::from([("query".to_owned(), numbers)]);
    for function in FUNCTIONS {
        let mut text = format!("SELECT {} FROM hexads", function.example);
        if !vql::engine::lang::parse(&text).is_ok() {
            text = format!("SELECT id FROM hexads WHERE {}", function.example);
        }
        let answer = database.run(&text, &params);
        assert!(!answer.starts_with("error"), "{text}\n{answer}");
        let text = format!("SELECT {}(1, 2, 3, 4, 5, 6, 7, 8, 9) FROM hexads", function.names[0]);
        let answer = database.run(&text, &params);
        let refused = answer.starts_with("error TypeMismatch: ");
        assert!(refused || function.usage().contains("value, .."), "{text}\n{answer}");
    }
}

#[test]
fn functions_page_is_fresh() {
    let mut text = format!(
        "{MADE}\n# Functions\n\nFunctions stand wherever an expression may: in conditions, select \
         lists and `ORDER BY`. Names are\nread in any case. A function of a missing value is null, \
         except where the table says otherwise.\n\nA function that is not known is an error \
         (`UnknownFunction`), and so are too few or too many arguments and\narguments of a type it does \
         not take (`TypeMismatch`). The examples are run by a test.\n\n| function | result | what it gives | example \
         |\n|---|---|---|---|\n"
    );
    for function in FUNCTIONS {
        let others = function.names.get(1..).unwrap_or_default();
        let also = if others.is_empty() {
            String::new()
        } else {
            format!(" Also `{}`.", others.join("`, `"))
        };
        let row = format!(
            "| `{}` | {} | {}{also} | `{}` |",
            function.usage(),
            function.returns.name(),
            function.about,
            function.example
        );
        writeln!(text, "{row}").unwrap();
    }
    text.push_str("\n## Types of proof\n\n| type | what it proves |\n|---|---|\n");
    for proof in PROOF_TYPES {
        writeln!(text, "| `{}` | {} |", proof.name, proof.about).unwrap();
    }
    check("functions.md", &text);
}

#[test]
fn fields_page_is_fresh() {
    let mut text = format!(
        "{MADE}\n# Fields\n\nThese fields every hexad can be asked for, whatever is stored; each is \
         written `MODALITY.field`, in any\ncase. Where *many* is said there may be several values, \
         and a comparison holds when it holds for one\nof them.\n\nBeside them every field of a \
         document is `DOCUMENT.field` (`DOCUMENT.author.name` for nested ones),\nevery semantic \
         property `SEMANTIC.property`, every other embedding `VECTOR.name`, and `GRAPH.predicate`\n\
         gives the targets of the edges with that predicate. A bare name is the document field, \
         else the\nsemantic property. `id`, `types`, `score`, `similarity`, `distance_km`, \
         `drift_score`, `drift_type`,\n`version`, `created_at` and `modified_at` are of the row \
         itself, and hide document fields of the same\nname from bare names only.\n"
    );
    for modality in Modality::ALL {
        let title = modality.keyword();
        write!(text, "\n## {title}\n\n| field | type | what it is | also |\n|---|---|---|---|\n")
            .unwrap();
        for field in REGISTRY.iter().filter(|field| field.modality == modality) {
            let (name, others) = field.names.split_first().unwrap();
            let ty = field.ty.name();
            let ty = if field.many { format!("{ty}, many") } else { ty.to_owned() };
            let others: Vec<String> = others.iter().map(|o| format!("`{o}`")).collect();
            writeln!(text, "| `{name}` | {ty} | {} | {} |", field.about, others.join(", "))
                .unwrap();
        }
    }
    check("fields.md", &text);
}
