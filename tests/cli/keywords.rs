//! One list of keywords, the lexer's, and its copies in editors and documents. Run the tests with
//! `VQL_BLESS=1` to write the copies anew: `VQL_BLESS=1 cargo test --test cli -- keywords`.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;
use vql::engine::lang::ast::AggregateFn;
use vql::engine::lang::kind::Kw;

use crate::artifacts::fresh;

/// How editors color a keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Group {
    Modality,
    Aggregate,
    Constant,
    Operator,
    Other,
}

impl Group {
    const ALL: [Self; 5] =
        [Self::Modality, Self::Constant, Self::Operator, Self::Other, Self::Aggregate];

    fn of(kw: Kw) -> Self {
        match kw {
            kw if kw.modality().is_some() => Self::Modality,
            kw if AggregateFn::from_keyword(kw.word()).is_some() => Self::Aggregate,
            Kw::True | Kw::False | Kw::Null => Self::Constant,
            Kw::And
            | Kw::Or
            | Kw::Not
            | Kw::In
            | Kw::Is
            | Kw::Like
            | Kw::Contains
            | Kw::Matches
            | Kw::Includes
            | Kw::Between
            | Kw::Exists
            | Kw::Similar
            | Kw::Within => Self::Operator,
            _ => Self::Other,
        }
    }

    /// Its words. An aggregate is one only before a parenthesis (`MIN QUORUM`, `COUNT hexads`).
    fn words(self) -> Vec<&'static str> {
        let own = |kw: &&Kw| {
            let group = Self::of(**kw);
            group == self || (self == Self::Other && group == Self::Aggregate)
        };
        Kw::ALL.iter().filter(own).map(|kw| kw.word()).collect()
    }

    /// The rule of the grammar for Visual Studio Code.
    fn rule(self) -> &'static str {
        match self {
            Self::Modality => "modalities",
            Self::Aggregate => "aggregates",
            Self::Constant => "constants",
            Self::Operator => "word-operators",
            Self::Other => "keywords",
        }
    }

    /// The group of the Vim syntax.
    fn vim(self) -> &'static str {
        match self {
            Self::Modality => "vqlModality",
            Self::Aggregate => "vqlAggregate",
            Self::Constant => "vqlConstant",
            Self::Operator => "vqlWordOperator",
            Self::Other => "vqlKeyword",
        }
    }
}

#[test]
fn no_keyword_is_left_out() {
    let mut all: Vec<&str> = Group::ALL.iter().flat_map(|group| group.words()).collect();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all, Kw::ALL.iter().map(|kw| kw.word()).collect::<Vec<_>>());
}

/// The longest words first, so that an alternative never hides a longer one.
fn alternatives(words: &[&str], bar: &str) -> String {
    let mut words = words.to_vec();
    words.sort_by_key(|word| (std::cmp::Reverse(word.len()), *word));
    words.join(bar)
}

#[test]
fn keywords_of_the_textmate_grammar() {
    let path = Path::new("editors/vscode/syntaxes/vql.tmLanguage.json");
    let mut text = fs::read_to_string(path).unwrap();
    let grammar: Value = serde_json::from_str(&text).unwrap();
    for group in Group::ALL {
        let rule = group.rule();
        let kept = grammar["repository"][rule]["match"].as_str().unwrap();
        let after = if group == Group::Aggregate { r"(?=\s*\()" } else { r"(?!\w)" };
        let made = format!(r"(?i)(?<![\w.])(?:{}){after}", alternatives(&group.words(), "|"));
        let line = |pattern: &str| {
            let name = grammar["repository"][rule]["name"].as_str().unwrap();
            format!("\"{rule}\": {{ \"name\": \"{name}\", \"match\": {} }}", Value::from(pattern))
        };
        assert!(text.contains(&line(kept)), "the rule `{rule}` stands on one line");
        text = text.replace(&line(kept), &line(&made));
    }
    fresh(path, text.as_bytes());
}

/// Writes what stands between the two marks of a file.
fn between(path: &str, marks: [&str; 2], made: &str) {
    let text = fs::read_to_string(path).unwrap();
    let (before, rest) = text.split_once(marks[0]).unwrap();
    let (_, after) = rest.split_once(marks[1]).unwrap();
    let text = [before, marks[0], made, marks[1], after].concat();
    fresh(Path::new(path), text.as_bytes());
}

#[test]
fn keywords_of_the_vim_syntax() {
    let mut made = String::new();
    for group in Group::ALL {
        let words = alternatives(&group.words(), r"\|");
        let ahead = if group == Group::Aggregate { r"\ze\s*(" } else { r"\>" };
        writeln!(made, r"syntax match {} /\<\%({words}\){ahead}/", group.vim()).unwrap();
    }
    between("editors/nvim/syntax/vql.vim", ["\" >>>\n", "\" <<<\n"], &made);
}

#[test]
fn keywords_of_the_tree_sitter_grammar() {
    let mut made = String::new();
    for (name, group) in [
        ("MODALITIES", Group::Modality),
        ("CONSTANTS", Group::Constant),
        ("OPERATORS", Group::Operator),
        ("KEYWORDS", Group::Other),
    ] {
        writeln!(made, "const {name} = '{}'.split(' ');", group.words().join(" ")).unwrap();
    }
    between("editors/tree-sitter-vql/grammar.js", ["// >>>\n", "// <<<\n"], &made);
}

#[test]
fn keywords_of_the_documentation() {
    let mut text = "# Keywords\n\nEvery keyword of VQL, in any case. The words marked with `*` are reserved: they name nothing, \
        except after a dot\nor `FIELD`. The others are keywords only where the grammar expects them.\n"
        .to_owned();
    let mut letter = ' ';
    for kw in Kw::ALL {
        let first = kw.word().chars().next().unwrap();
        text += if first == letter { ", " } else { "\n- " };
        letter = first;
        write!(text, "`{}`{}", kw.word(), if kw.is_reserved() { "\\*" } else { "" }).unwrap();
    }
    text += "\n";
    fresh(Path::new("docs/reference/keywords.md"), text.as_bytes());
}

#[test]
fn keywords_of_the_console() {
    let mut made = String::new();
    for (name, group) in [
        ("MODALITIES", Group::Modality),
        ("CONSTANTS", Group::Constant),
        ("OPERATORS", Group::Operator),
        ("KEYWORDS", Group::Other),
    ] {
        writeln!(made, "const {name} = '{}'.split(' ');", group.words().join(" ")).unwrap();
    }
    between("console/src/language.ts", ["// >>>\n", "// <<<\n"], &made);
}
