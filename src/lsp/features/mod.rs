//! What an editor asks about a text, one file for each request: pure functions over [`Analysis`],
//! byte places and the [`Catalogue`](super::catalogue::Catalogue).
//!
//! Nothing here speaks the protocol: places are bytes of the text, answers are small types of their
//! own, and `requests` translates both. Work is done for the statement at hand, and for all of them
//! only where the whole text was asked about.

pub mod actions;
pub mod completion;
pub mod folding;
pub mod hints;
pub mod hover;
pub mod lens;
pub mod links;
pub mod markdown;
pub mod navigate;
pub mod rename;
pub mod selection;
pub mod signature;
pub mod symbols;
pub mod tokens;

#[cfg(test)]
mod laws;

use super::analysis::{Analysis, Part};
use crate::engine::base::Span;
use crate::engine::lang::ast::{Expr, Statement};
use crate::engine::lang::kind::SyntaxKind as K;
use crate::engine::lang::names::{self, Mention};
use crate::engine::lang::resolve::walk::{self, Met};
use crate::engine::lang::tree::Leaf;

/// Where the statement of a part stands in the text, without comments around it and its `;`.
pub fn body(part: &Part<'_>) -> Option<Span> {
    part.statement().map(|statement| part.absolute(statement.span))
}

/// The part that typing at a byte goes on with: behind the blanks and comments after a statement
/// without its `;` that statement.
pub fn part_typed(text: &Analysis, offset: usize) -> Option<Part<'_>> {
    let part = text.at(offset)?;
    let at = part.relative(offset) as u32;
    let words = |part: &Part<'_>, at: u32| {
        let leaves = part.parse().tree.leaves().take_while(|leaf| leaf.span.start < at);
        leaves.filter(|leaf| !leaf.kind.is_trivia()).last()
    };
    if words(&part, at).is_some() {
        return Some(part);
    }
    let before = part.index.checked_sub(1).and_then(|index| text.part(index));
    let open = before.filter(|b| words(b, u32::MAX).is_some_and(|l| l.kind != K::Semicolon));
    open.or(Some(part))
}

/// The mentions in a part; places are those of the part.
fn mentions(part: &Part<'_>) -> Vec<Mention> {
    part.statement().map(names::mentions).unwrap_or_default()
}

/// The leaf of a part at a byte of the text: of two that meet there the one that is a word, else the
/// one behind.
fn leaf_at(part: &Part<'_>, offset: usize) -> Option<Leaf> {
    let at = part.relative(offset) as u32;
    let mut found: Option<Leaf> = None;
    for leaf in part.parse().tree.leaves().skip_while(|leaf| leaf.span.end < at) {
        if leaf.span.start > at {
            break;
        }
        if found.is_none_or(|before| !is_word(before) || before.span.end < at) {
            found = Some(leaf);
        }
    }
    found
}

/// True for leaves that are no sign and no blank.
fn is_word(leaf: Leaf) -> bool {
    matches!(
        leaf.kind,
        K::Word
            | K::Keyword
            | K::ModalityWord
            | K::Name
            | K::FunctionName
            | K::Id
            | K::Number
            | K::String
            | K::Timestamp
            | K::Param
            | K::LegacySource
    )
}

/// The text of a part from one of its places.
fn words<'a>(part: &Part<'a>, span: Span) -> &'a str {
    part.text.get(span.range()).unwrap_or("")
}

/// Shows `see` every expression of a statement, in whatever clause it stands.
fn each_expr<'a>(statement: &'a Statement, see: &mut dyn FnMut(&'a Expr)) {
    let mut meet = |met: Met<'a>| {
        if let Met::Expr(expr) = met {
            see(expr);
        }
    };
    walk::statement(statement, &mut meet);
}

/// The analysis of a text that is no file.
#[cfg(test)]
fn analysis(text: &str) -> Analysis {
    Analysis::of(std::sync::Arc::new(super::document::Text::new(text.to_owned())))
}

/// A text without the first `|` in it, and where that stood.
#[cfg(test)]
fn marked(text: &str) -> (String, usize) {
    let at = text.find('|').unwrap_or(text.len());
    (text.replacen('|', "", 1), at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_goes_on_with_the_statement_that_has_no_end() {
        let text = "SHOW STATUS;\nSELECT id  \n-- c\n";
        let analysis = analysis(text);
        let typed = |at| part_typed(&analysis, at).map(|part| part.index);
        let begins = text.find("SELECT").unwrap();
        assert_eq!(typed(begins - 1), analysis.at(begins - 1).map(|part| part.index));
        assert_eq!(typed(begins + 3), Some(1));
        for at in begins + 9..=text.len() {
            assert_eq!(typed(at), Some(1), "{at}");
        }
    }

    #[test]
    fn of_two_leaves_the_word_is_taken() {
        let text = "SHOW STATUS; SELECT id,year FROM hexads";
        let analysis = analysis(text);
        let leaf = |at| {
            let part = analysis.at(at).unwrap();
            leaf_at(&part, at).map(|leaf| leaf.text(part.text).to_owned())
        };
        let start = text.find("SELECT").unwrap();
        assert_eq!(leaf(start), Some("SELECT".to_owned()));
        assert_eq!(leaf(start + 9), Some("id".to_owned()));
        assert_eq!(leaf(start + 10), Some("year".to_owned()));
        assert_eq!(leaf(text.len()), Some("hexads".to_owned()));
    }
}
