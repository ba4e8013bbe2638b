//! The text of a statement as it is remembered: its words without its values, spelled one way.
//!
//! Blanks and comments between words do not count, nor does the case of a keyword where it is used as
//! one; names are as they were written. What is inside a string always counts for [`Normal::exact`],
//! and is never part of [`Normal::redacted`].

use crate::engine::lang::kind::SyntaxKind as K;
use crate::engine::lang::parse;
use crate::engine::lang::tree::Leaf;

/// Longer texts are not taken apart: only their first word is remembered.
pub const LONG: usize = 64 * 1024;

/// The two normal forms of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Normal {
    /// With its values: texts that are equal in this form are the same statement.
    pub exact: String,
    /// Without them: `?` stands for every string, number, instant, id and pattern, and for a list of
    /// them.
    pub redacted: String,
}

impl Normal {
    /// Of the text of one statement.
    pub fn of(text: &str) -> Self {
        if text.len() > LONG {
            let first = text.split_whitespace().next().unwrap_or_default();
            let first: String = first.chars().filter(char::is_ascii_alphabetic).take(16).collect();
            let redacted = format!("{} .. (long)", first.to_ascii_uppercase());
            return Self { exact: text.to_owned(), redacted };
        }
        let parsed = parse(text);
        let mut exact = Words::default();
        let mut redacted = Words::default();
        for leaf in parsed.tree.leaves().filter(|leaf| !skipped(leaf)) {
            let word = spelled(&leaf, text);
            exact.push(&word);
            redacted.push(if is_value(leaf.kind) { "?" } else { &word });
        }
        Self { exact: exact.text(), redacted: collapsed(redacted.0).text() }
    }
}

/// The words of a part of a statement without its values: for conditions shown where values are not.
pub fn redacted(part: &str) -> String {
    let mut words = Words::default();
    for leaf in crate::engine::lang::lexer::lex(part) {
        if !leaf.kind.is_trivia() {
            let word = part.get(leaf.start..leaf.end).unwrap_or_default();
            words.push(if is_value(leaf.kind) { "?" } else { word });
        }
    }
    collapsed(words.0).text()
}

fn skipped(leaf: &Leaf) -> bool {
    leaf.kind.is_trivia() || matches!(leaf.kind, K::Semicolon | K::Eof)
}

fn spelled(leaf: &Leaf, text: &str) -> String {
    match (leaf.kind, leaf.kw) {
        (K::Keyword | K::ModalityWord, Some(kw)) => kw.word().to_owned(),
        _ => leaf.text(text).to_owned(),
    }
}

fn is_value(kind: K) -> bool {
    matches!(kind, K::String | K::Number | K::Timestamp | K::Id | K::Regex | K::Glob)
}

/// Words one after the other.
#[derive(Default)]
struct Words(Vec<String>);

impl Words {
    fn push(&mut self, word: &str) {
        self.0.push(word.to_owned());
    }

    fn text(&self) -> String {
        let mut text = String::new();
        let mut tight = true;
        for word in &self.0 {
            let closes = matches!(word.as_str(), ")" | "]" | "}" | "," | "." | ":");
            let calls = word == "(" && text.ends_with(|c: char| c.is_alphanumeric());
            if !tight && !closes && !calls {
                text.push(' ');
            }
            text.push_str(word);
            tight = matches!(word.as_str(), "(" | "[" | "{" | "." | ":");
        }
        text
    }
}

/// Lists of values are one value, and lists of such lists are one list.
fn collapsed(words: Vec<String>) -> Words {
    let mut kept: Vec<String> = Vec::with_capacity(words.len());
    for word in words {
        kept.push(word);
        while shorten(&mut kept) {}
    }
    Words(kept)
}

fn shorten(words: &mut Vec<String>) -> bool {
    let tail = |n: usize| words.len().checked_sub(n).and_then(|at| words.get(at..));
    let is = |tail: Option<&[String]>, wanted: &[&str]| {
        tail.is_some_and(|tail| tail.iter().map(String::as_str).eq(wanted.iter().copied()))
    };
    let cut = if is(tail(3), &["?", ",", "?"]) {
        2
    } else if is(tail(2), &["-", "?"]) && !is(tail(3).map(|t| &t[..1]), &["?"]) {
        // The sign of a number.
        words.truncate(words.len() - 2);
        words.push("?".to_owned());
        return true;
    } else if is(tail(7), &["(", "?", ")", ",", "(", "?", ")"])
        || is(tail(7), &["[", "?", "]", ",", "[", "?", "]"])
    {
        4
    } else {
        return false;
    };
    words.truncate(words.len() - cut);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_comments_and_the_case_of_keywords_do_not_count() {
        let one = Normal::of("SELECT id FROM hexads WHERE kind = 'a b' -- so\n LIMIT 3");
        let other = Normal::of("select  id from\n hexads where kind='a b' /* x */ limit 3;");
        assert_eq!(one, other);
        assert_eq!(one.exact, "SELECT id FROM hexads WHERE kind = 'a b' LIMIT 3");
        assert_eq!(one.redacted, "SELECT id FROM hexads WHERE kind = ? LIMIT ?");
    }

    #[test]
    fn blanks_inside_a_string_and_the_case_of_a_name_count() {
        let of = |text: &str| Normal::of(text).exact;
        assert_ne!(
            of("SELECT id FROM hexads WHERE a = 'x y'"),
            of("SELECT id FROM hexads WHERE a = 'x  y'")
        );
        assert_ne!(
            of("SELECT id FROM hexads WHERE A = 1"),
            of("SELECT id FROM hexads WHERE a = 1")
        );
        // A keyword that is used as a name is a name.
        assert_ne!(
            of("SELECT id FROM hexads WHERE DOCUMENT.text = 1"),
            of("SELECT id FROM hexads WHERE DOCUMENT.TEXT = 1")
        );
        assert_ne!(
            of("SELECT id FROM hexads WHERE a = 12"),
            of("SELECT id FROM hexads WHERE a = 1 2")
        );
    }

    #[test]
    fn no_value_is_left_in_the_redacted_form() {
        let texts = [
            "SELECT id FROM HEXAD secret-7 WHERE a = 'secret' AND b IN ('secret', 'secret')",
            "SELECT id FROM hexads WHERE FULLTEXT MATCHES /secret/ AND x = -77",
            "INSERT HEXAD secret WITH DOCUMENT(title = 'secret', n = 77), VECTOR([77, 77])",
            "INSERT INTO hexads (title, n) VALUES ('secret', 77), ('secret', 77)",
            "UPDATE HEXAD 'secret' SET DOCUMENT.title = 'secret' WHERE id = 'secret'",
            "SEARCH TEXT 'secret' LIMIT 77",
            "EXECUTE p('secret', 77)",
            "SELECT id FROM hexads AS OF 2077-01-01T00:00:00Z",
        ];
        for text in texts {
            let redacted = Normal::of(text).redacted;
            assert!(!redacted.contains("secret") && !redacted.contains("77"), "{redacted}");
        }
        assert_eq!(redacted("year > 1977 AND kind = 'secret'"), "year > ? AND kind = ?");
    }

    #[test]
    fn lists_of_values_are_one() {
        let of = |text: &str| Normal::of(text).redacted;
        assert_eq!(
            of("INSERT INTO hexads (a, b) VALUES ('x', 1), ('y', -2), ('z', 3)"),
            of("INSERT INTO hexads (a, b) VALUES ('x', 1)")
        );
        assert_eq!(
            of("SELECT id FROM hexads WHERE h.e SIMILAR TO [1, -2, 3]"),
            of("SELECT id FROM hexads WHERE h.e SIMILAR TO [1]")
        );
    }
}
