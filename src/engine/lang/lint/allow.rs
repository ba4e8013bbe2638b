//! Comments that silence rules: `-- vql: allow(VQL001, VQL010)`.

use std::collections::BTreeSet;

use crate::engine::base::Span;
use crate::engine::base::span::Places;

/// Which rules are silenced where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowed {
    /// A rule in capitals, and the statement it is silenced for.
    rules: BTreeSet<(String, Span)>,
}

impl Allowed {
    /// Reads the comments of `text`, given by their places, in order.
    ///
    /// `statements` are the places of the statements, in order.
    pub fn of(text: &str, comments: impl IntoIterator<Item = Span>, statements: &[Span]) -> Self {
        let mut rules = BTreeSet::new();
        let places = Places::of(text);
        for comment in comments {
            let Some(words) = text.get(comment.range()) else { continue };
            let Some(statement) = belongs_to(&places, comment, statements) else { continue };
            rules.extend(named(words).map(|rule| (rule, statement)));
        }
        Self { rules }
    }

    /// True when a comment silences `rule` for the statement at `statement`.
    pub fn allows(&self, rule: &str, statement: Span) -> bool {
        self.rules.contains(&(rule.to_ascii_uppercase(), statement))
    }
}

/// The rules a comment names.
fn named(comment: &str) -> impl Iterator<Item = String> {
    let list = comment
        .trim_start_matches(['-', '/', '*', ' ', '\t'])
        .strip_prefix("vql:")
        .and_then(|rest| rest.trim_start().strip_prefix("allow"))
        .and_then(|rest| rest.trim_start().strip_prefix('('))
        .and_then(|rest| rest.split(')').next())
        .unwrap_or("");
    list.split(',').map(|rule| rule.trim().to_ascii_uppercase()).filter(|rule| !rule.is_empty())
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

    #[test]
    fn a_comment_belongs_to_the_statement_it_stands_by() {
        let text = "-- vql: allow(VQL001)\nAAA; -- vql: allow(vql002, VQL003)\nBBB -- vql: deny(x)";
        let at = |needle: &str| {
            let start = text.find(needle).unwrap();
            Span::new(start, start + needle.len())
        };
        let comments = [at("-- vql: allow(VQL001)"), at("-- vql: allow(vql002, VQL003)")];
        let allowed = Allowed::of(text, comments, &[at("AAA"), at("BBB")]);
        for rule in ["VQL001", "VQL002", "VQL003"] {
            assert!(allowed.allows(rule, at("AAA")), "{rule}");
            assert!(!allowed.allows(rule, at("BBB")), "{rule}");
        }
    }
}
