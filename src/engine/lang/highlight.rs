//! What every byte of a text is, for colors: in the shell and in editors.
//!
//! The parser decides, so a word is a keyword only where it is used as one. Which class has which
//! color is the business of whoever shows it.

use super::diag::Diagnostic;
use super::kind::{Kw, SyntaxKind as K};
use super::parse::parse;
use super::tree::{Element, Leaf, Node, Tree};
use crate::engine::base::Span;

/// The classes of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// A word used as a keyword.
    Keyword,
    /// One of the eight modalities.
    Modality,
    /// A string, a regular expression, a path.
    String,
    /// A number or an instant.
    Number,
    /// `TRUE`, `FALSE`, `NULL`.
    Constant,
    /// A comment.
    Comment,
    /// `$name`
    Parameter,
    /// A sign that compares or computes.
    Operator,
    /// Brackets, commas, dots, semicolons.
    Punctuation,
    /// The name of a function.
    Function,
    /// A bare id.
    Id,
    /// Any other name.
    Name,
    /// What the language does not have, or what an error points at.
    Error,
    /// Blanks.
    Blank,
}

/// The text in ranges of one class each, in order and without gaps.
pub fn highlight(text: &str) -> Vec<(Span, Class)> {
    let parsed = parse(text);
    let mut ranges = classes(&parsed.tree);
    mark_errors(text, &mut ranges, &parsed.diagnostics);
    ranges
}

/// The same for a text that is parsed, without marking errors.
pub fn classes(tree: &Tree) -> Vec<(Span, Class)> {
    let mut painter = Painter { ranges: Vec::new() };
    painter.node(tree.root(), false);
    painter.ranges
}

struct Painter {
    ranges: Vec<(Span, Class)>,
}

impl Painter {
    fn node(&mut self, node: Node<'_>, skipped: bool) {
        let skipped = skipped || node.kind() == K::Error;
        for child in node.children() {
            match child {
                Element::Node(inner) => self.node(inner, skipped),
                Element::Leaf(leaf) => self.ranges.push((leaf.span, class(leaf, skipped))),
            }
        }
    }
}

/// The class of a leaf; in skipped text a keyword is still shown as one, since it probably is.
fn class(leaf: Leaf, skipped: bool) -> Class {
    match leaf.kind {
        K::Whitespace => Class::Blank,
        K::LineComment | K::BlockComment => Class::Comment,
        K::Keyword if matches!(leaf.kw, Some(Kw::True | Kw::False | Kw::Null)) => Class::Constant,
        K::Keyword => Class::Keyword,
        K::ModalityWord => Class::Modality,
        K::Word if skipped => match leaf.kw {
            Some(kw) if kw.modality().is_some() => Class::Modality,
            Some(_) => Class::Keyword,
            None => Class::Name,
        },
        K::Word | K::Name => Class::Name,
        K::FunctionName => Class::Function,
        K::Id | K::LegacySource => Class::Id,
        K::Number | K::Timestamp => Class::Number,
        K::String | K::Regex | K::Glob => Class::String,
        K::Param => Class::Parameter,
        K::Unknown => Class::Error,
        kind if kind.is_comparison() => Class::Operator,
        K::Plus
        | K::Minus
        | K::Star
        | K::Slash
        | K::Arrow
        | K::BackArrow
        | K::FatArrow
        | K::ForAll
        | K::ThereIs
        | K::ElementOf
        | K::Bar
        | K::Question => Class::Operator,
        _ => Class::Punctuation,
    }
}

/// Marks what errors point at, but not at the end of the text: there somebody is still typing.
fn mark_errors(text: &str, ranges: &mut [(Span, Class)], diagnostics: &[Diagnostic]) {
    let typed = text.trim_end().len();
    for diagnostic in diagnostics.iter().filter(|d| d.is_error()) {
        let span = diagnostic.span;
        if span.start == span.end || span.end as usize >= typed {
            continue;
        }
        let first = ranges.partition_point(|(range, _)| range.end <= span.start);
        let hit = ranges.iter_mut().skip(first).take_while(|(range, _)| range.start < span.end);
        for (_, class) in hit.filter(|(_, class)| !matches!(class, Class::Blank | Class::Comment)) {
            *class = Class::Error;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(text: &str) -> Vec<(&str, Class)> {
        let ranges = highlight(text);
        let joined: String = ranges.iter().map(|(s, _)| &text[s.range()]).collect();
        assert_eq!(joined, text);
        ranges.iter().map(|(s, c)| (&text[s.range()], *c)).filter(|r| r.1 != Class::Blank).collect()
    }

    #[test]
    fn words_have_the_class_of_their_role() {
        use Class::{Function, Keyword, Modality, Name, Number, Operator, Punctuation};
        assert_eq!(
            classes("SELECT graph, count FROM hexads WHERE now(x) > 3"),
            [
                ("SELECT", Keyword),
                ("graph", Modality),
                (",", Punctuation),
                ("count", Name),
                ("FROM", Keyword),
                ("hexads", Name),
                ("WHERE", Keyword),
                ("now", Function),
                ("(", Punctuation),
                ("x", Name),
                (")", Punctuation),
                (">", Operator),
                ("3", Number),
            ]
        );
    }

    #[test]
    fn errors_are_marked_but_not_while_typing() {
        let marked = |text| {
            let all = classes(text);
            all.into_iter()
                .filter(|c| c.1 == Class::Error)
                .map(|c| c.0.to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(marked("SELECT GRPAH FROM HEXAD x"), ["GRPAH"]);
        assert!(marked("SELECT GRAPH FRO").is_empty());
        assert_eq!(marked("SELECT ¤ FROM hexads"), ["¤"]);
    }
}
