//! Comments that silence rules: `-- vql: allow(VQL001, VQL010)` for a statement, `-- vql:
//! allow-file(VQL001)` for a whole text.

use crate::engine::base::Span;
use crate::engine::base::span::Places;
use crate::engine::lang::diag::Fix;

/// Which rules are silenced where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowed {
    entries: Vec<Entry>,
}

/// One rule named by one comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The rule, in capitals.
    pub(super) rule: String,
    /// The statement it is silenced for; the whole text without one.
    pub(super) statement: Option<Span>,
    /// Where its name stands in the comment.
    pub(super) place: Span,
    /// The edit that takes the name out.
    pub(super) removal: Fix,
    used: bool,
}

impl Allowed {
    /// Reads the comments of `text`, given by their places, in order.
    ///
    /// `statements` are the places of the statements, in order.
    pub fn of(text: &str, comments: impl IntoIterator<Item = Span>, statements: &[Span]) -> Self {
        let mut comments = comments.into_iter().filter(|c| says(text, *c).is_some()).peekable();
        let mut entries = Vec::new();
        if comments.peek().is_none() {
            return Self { entries };
        }
        let places = Places::of(text);
        for comment in comments {
            let Some((scope, list)) = says(text, comment) else { continue };
            let statement = match scope {
                Scope::File => None,
                Scope::Statement => match belongs_to(&places, comment, statements) {
                    None => continue,
                    statement => statement,
                },
            };
            let names = names(text, list);
            for (at, place) in names.iter().enumerate() {
                let rule = text.get(place.range()).unwrap_or("").to_ascii_uppercase();
                let removal = removal(text, comment, &names, at);
                entries.push(Entry { rule, statement, place: *place, removal, used: false });
            }
        }
        Self { entries }
    }

    /// True when a comment silences `rule` for the statement at `statement`; remembers that it did.
    pub fn allows(&mut self, rule: &str, statement: Span) -> bool {
        let mut allowed = false;
        for entry in &mut self.entries {
            if entry.rule == rule && entry.statement.is_none_or(|place| place == statement) {
                entry.used = true;
                allowed = true;
            }
        }
        allowed
    }

    /// What silenced nothing.
    pub(super) fn unused(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| !entry.used)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    Statement,
    File,
}

/// What a comment silences, and where its list of rules stands.
fn says(text: &str, comment: Span) -> Option<(Scope, Span)> {
    let words = text.get(comment.range())?;
    let rest = words.trim_start_matches(['-', '/', '*', ' ', '\t']).strip_prefix("vql:")?;
    let rest = rest.trim_start();
    let (scope, rest) = match rest.strip_prefix("allow-file") {
        Some(rest) => (Scope::File, rest),
        None => (Scope::Statement, rest.strip_prefix("allow")?),
    };
    let list = rest.trim_start().strip_prefix('(')?;
    let start = comment.start as usize + words.len() - list.len();
    Some((scope, Span::new(start, start + list.find(')')?)))
}

/// The places of the names in a list.
fn names(text: &str, list: Span) -> Vec<Span> {
    let mut names = Vec::new();
    let mut at = list.start as usize;
    for part in text.get(list.range()).unwrap_or("").split(',') {
        let start = at + part.len() - part.trim_start().len();
        if !part.trim().is_empty() {
            names.push(Span::new(start, start + part.trim().len()));
        }
        at += part.len() + 1;
    }
    names
}

/// The edit that takes one name out of a comment: with the comma behind or before it; the only name
/// with its comment, and with its line where nothing else stands on that.
fn removal(text: &str, comment: Span, names: &[Span], at: usize) -> Fix {
    let place = names.get(at).copied().unwrap_or(comment);
    let next = names.get(at + 1);
    let previous = at.checked_sub(1).and_then(|before| names.get(before));
    let span = match (previous, next) {
        (_, Some(next)) => Span { start: place.start, end: next.start },
        (Some(previous), None) => Span { start: previous.end, end: place.end },
        (None, None) => {
            let before = text.get(..comment.start as usize).unwrap_or("");
            let start = before.trim_end_matches([' ', '\t']);
            let behind = text.get(comment.end as usize..).unwrap_or("");
            let alone = start.is_empty() || start.ends_with('\n');
            let line_end = usize::from(alone && behind.starts_with('\n'));
            Span::new(start.len(), comment.end as usize + line_end)
        }
    };
    Fix { span, text: String::new() }
}

/// The statement a comment speaks of: the one that ends before it on the same line, else the one it
/// stands in or before.
fn belongs_to(places: &Places<'_>, comment: Span, statements: &[Span]) -> Option<Span> {
    let (before, after) =
        statements.split_at(statements.partition_point(|s| s.end <= comment.start));
    let line = |offset: u32| places.at(offset as usize).line;
    let behind = before.last().filter(|s| line(s.end) == line(comment.start));
    behind.or_else(|| after.first()).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, needle: &str) -> Span {
        let start = text.find(needle).unwrap();
        Span::new(start, start + needle.len())
    }

    #[test]
    fn a_comment_belongs_to_the_statement_it_stands_by() {
        let text = "-- vql: allow(VQL001)\nAAA; -- vql: allow(vql002, VQL003)\nBBB -- vql: deny(x)";
        let comments =
            [at(text, "-- vql: allow(VQL001)"), at(text, "-- vql: allow(vql002, VQL003)")];
        let mut allowed = Allowed::of(text, comments, &[at(text, "AAA"), at(text, "BBB")]);
        for rule in ["VQL001", "VQL002", "VQL003"] {
            assert!(!allowed.allows(rule, at(text, "BBB")), "{rule}");
        }
        assert_eq!(allowed.unused().count(), 3);
        for rule in ["VQL001", "VQL002", "VQL003"] {
            assert!(allowed.allows(rule, at(text, "AAA")), "{rule}");
        }
        assert_eq!(allowed.unused().count(), 0);
    }

    #[test]
    fn names_are_taken_out_of_their_comment() {
        let text =
            "A; -- vql: allow(V1, V2, V3)\n  -- vql: allow-file(V4)\nB; /* vql: allow(V5) */";
        let comments = [
            at(text, "-- vql: allow(V1, V2, V3)"),
            at(text, "-- vql: allow-file(V4)"),
            at(text, "/* vql: allow(V5) */"),
        ];
        let allowed = Allowed::of(text, comments, &[at(text, "A"), at(text, "B")]);
        let removed: Vec<&str> =
            allowed.unused().map(|entry| &text[entry.removal.span.range()]).collect();
        assert_eq!(
            removed,
            ["V1, ", "V2, ", ", V3", "  -- vql: allow-file(V4)\n", " /* vql: allow(V5) */"]
        );
    }
}
