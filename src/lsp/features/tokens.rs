//! Semantic tokens: what each word is used as, for the colors of an editor.
//!
//! The legend is a promise to clients: it only ever grows at its end.

use super::mentions;
use crate::engine::base::Span;
use crate::engine::lang::highlight::{Class, classes};
use crate::engine::lang::names::{Mention, Role, Thing};
use crate::engine::lang::resolve::proofs::proof_type;
use crate::lsp::analysis::{Analysis, Part};

/// The kinds of token, by their index in the legend; the names are those of the protocol.
pub const LEGEND: &[&str] = &[
    "keyword",
    "type",
    "string",
    "number",
    "comment",
    "parameter",
    "operator",
    "function",
    "variable",
    "property",
    "class",
    "enumMember",
    "event",
];

/// The modifiers, by their bit.
pub const MODIFIERS: &[&str] = &["declaration", "readonly"];

const KEYWORD: u32 = 0;
const MODALITY: u32 = 1;
const STRING: u32 = 2;
const NUMBER: u32 = 3;
const COMMENT: u32 = 4;
const PARAMETER: u32 = 5;
const OPERATOR: u32 = 6;
const FUNCTION: u32 = 7;
const VARIABLE: u32 = 8;
const PROPERTY: u32 = 9;
const CLASS: u32 = 10;
const CONSTANT: u32 = 11;
const EDGE: u32 = 12;

const DECLARATION: u32 = 1;
const READONLY: u32 = 2;

/// A stretch of one line that is one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// Where.
    pub span: Span,
    /// Its index in [`LEGEND`].
    pub kind: u32,
    /// One bit for each of [`MODIFIERS`].
    pub modifiers: u32,
}

/// The tokens of a text or of the statements that touch a range, in order, each on one line.
pub fn tokens(parts: &Analysis, range: Option<Span>) -> Vec<Token> {
    let mut found = Vec::new();
    let Some(range) = range else {
        parts.parts().for_each(|part| of_part(&part, &mut found));
        return found;
    };
    for part in parts.touching(range) {
        of_part(&part, &mut found);
    }
    found.retain(|token: &Token| token.span.end > range.start && token.span.start < range.end);
    found
}

fn of_part(part: &Part<'_>, found: &mut Vec<Token>) {
    let mentions = mentions(part);
    let mut next = mentions.as_slice();
    for (span, class) in classes(&part.parse().tree) {
        while let [first, rest @ ..] = next
            && first.span.end <= span.start
        {
            next = rest;
        }
        let mention = next.first().filter(|m| m.span.start < span.end && span.start < m.span.end);
        let text = part.text.get(span.range()).unwrap_or("");
        if let Some((kind, modifiers)) = kind(class, mention, text) {
            lines(part, span, &mut |span| found.push(Token { span, kind, modifiers }));
        }
    }
}

/// What a word of this class is; `None` for blanks and punctuation.
fn kind(class: Class, mention: Option<&Mention>, text: &str) -> Option<(u32, u32)> {
    let plain = |kind| Some((kind, 0));
    match class {
        Class::Keyword => plain(KEYWORD),
        Class::Modality => plain(MODALITY),
        Class::Number => plain(NUMBER),
        Class::Constant => Some((CONSTANT, READONLY)),
        Class::Comment => plain(COMMENT),
        Class::Parameter => plain(PARAMETER),
        Class::Operator => plain(OPERATOR),
        Class::Function => plain(FUNCTION),
        Class::String | Class::Id | Class::Name => {
            let string = matches!(class, Class::String);
            let Some(mention) = mention else {
                let proof = matches!(class, Class::Name) && proof_type(text).is_some();
                return plain(match class {
                    Class::String => STRING,
                    Class::Id => CONSTANT,
                    _ if proof => CONSTANT,
                    _ => VARIABLE,
                });
            };
            let kind = match mention.symbol.thing {
                Thing::Hexad if string => STRING,
                Thing::Variable | Thing::Alias => VARIABLE,
                Thing::Contract | Thing::Prepared => CLASS,
                Thing::Hexad | Thing::Snapshot | Thing::Savepoint => CONSTANT,
                Thing::Param => PARAMETER,
                Thing::EdgeType => EDGE,
                Thing::Field => PROPERTY,
            };
            let defined = mention.role == Role::Defines;
            Some((kind, if defined { DECLARATION } else { 0 }))
        }
        Class::Error | Class::Punctuation | Class::Blank => None,
    }
}

/// A place cut at line ends: clients expect tokens of one line.
fn lines(part: &Part<'_>, span: Span, see: &mut dyn FnMut(Span)) {
    let mut at = span.start as usize;
    for line in part.text.get(span.range()).unwrap_or("").split_inclusive('\n') {
        let words = line.trim_end_matches(['\n', '\r']);
        if !words.is_empty() {
            see(part.absolute(Span::new(at, at + words.len())));
        }
        at += line.len();
    }
}

#[cfg(test)]
mod tests {
    use super::super::analysis;
    use super::*;

    fn shown(text: &str) -> Vec<(&str, &'static str)> {
        let found = tokens(&analysis(text), None);
        found.iter().map(|t| (&text[t.span.range()], LEGEND[t.kind as usize])).collect()
    }

    #[test]
    fn words_are_what_they_are_used_as() {
        assert_eq!(
            shown("SELECT paper.title AS t FROM hexads WHERE (h)-[:CITES]->(paper) -- a"),
            [
                ("SELECT", "keyword"),
                ("paper", "variable"),
                ("title", "property"),
                ("AS", "keyword"),
                ("t", "variable"),
                ("FROM", "keyword"),
                ("hexads", "variable"),
                ("WHERE", "keyword"),
                ("h", "variable"),
                ("-", "operator"),
                ("CITES", "event"),
                ("->", "operator"),
                ("paper", "variable"),
                ("-- a", "comment"),
            ]
        );
    }

    #[test]
    fn a_comment_of_two_lines_is_two_tokens() {
        assert_eq!(shown("/* a\n b */"), [("/* a", "comment"), (" b */", "comment")]);
    }

    #[test]
    fn a_range_has_its_tokens_alone() {
        let text = "SHOW STATUS;\nSHOW PEERS;\nSHOW STORES;";
        let at = text.find("PEERS").unwrap();
        let found = tokens(&analysis(text), Some(Span::new(at, at + 2)));
        assert_eq!(found.len(), 1);
        assert_eq!(&text[found[0].span.range()], "PEERS");
    }
}
