//! The blanks between two leaves, and how a leaf is spelled.

use super::KeywordCase;
use super::writer::Gap;
use crate::engine::lang::kind::{Kw, SyntaxKind as K};
use crate::engine::lang::tree::Leaf;

/// What stands before `next` when its construct does not say otherwise. `around` are the kinds of
/// the nodes around it, outermost first.
pub(super) fn gap(last: Option<Leaf>, next: Leaf, source: &str, around: &[K]) -> Gap {
    let Some(last) = last else { return Gap::None };
    let parent = around.last().copied().unwrap_or(K::Script);
    let tight = around.contains(&K::Pattern)
        || matches!(next.kind, K::Comma | K::Semicolon | K::RightParen | K::RightBracket)
        || matches!(last.kind, K::LeftParen | K::LeftBracket)
        || (parent == K::SignedNumber && next.kind == K::Number)
        || is_instance(last, next, source, parent)
        || is_whole_path(last, next, source)
        || dot_is_tight(last, next, parent)
        || (next.kind == K::LeftParen && paren_is_tight(last, around))
        || (is_parameter(around) && (next.kind == K::Equal || last.kind == K::Equal));
    if tight { Gap::None } else { Gap::Space }
}

/// `hexads@instance`, also when it was written with blanks.
fn is_instance(last: Leaf, next: Leaf, source: &str, parent: K) -> bool {
    parent == K::Source
        && next.kind == K::Name
        && (next.text(source).starts_with('@') || last.text(source) == "@")
}

/// `verisim:papers/*`: behind a blank it would begin a comment.
fn is_whole_path(last: Leaf, next: Leaf, source: &str) -> bool {
    last.kind == K::LegacySource && next.kind == K::Glob && next.text(source).starts_with("/*")
}

/// A dot is tight on both sides, but for the one after the range of a quantified proof.
fn dot_is_tight(last: Leaf, next: Leaf, parent: K) -> bool {
    next.kind == K::Dot
        || (last.kind == K::Dot && parent != K::ProofBlock && !is_open_block(parent))
}

/// Conditions stand directly behind the dot of a quantified proof.
fn is_open_block(parent: K) -> bool {
    matches!(parent, K::AndChain | K::OrChain | K::NotCondition | K::ParenCondition)
}

/// `name(` but `IN (`, `AS (`, `hexads (`.
fn paren_is_tight(last: Leaf, around: &[K]) -> bool {
    let mut inner = around.iter().rev();
    let parent = inner.next().copied().unwrap_or(K::Script);
    let outer = inner.next().copied().unwrap_or(K::Script);
    match parent {
        K::Call | K::ModalityData | K::ProofSpec | K::Predicate => true,
        K::List => match outer {
            K::SelectItem => last.kind == K::ModalityWord,
            K::Head => last.kind == K::Name,
            _ => false,
        },
        _ => false,
    }
}

/// `SATISFIES C(least=3)`, `WITH role=admin`
fn is_parameter(around: &[K]) -> bool {
    let mut inner = around.iter().rev();
    inner.next() == Some(&K::Assignment)
        && matches!(inner.next(), Some(K::Predicate | K::ProofSpec | K::Option))
}

/// How a leaf is printed: keywords in the case that is wanted, comparisons in their canonical form,
/// the rest as it was written. Words in small letters are put into `room`.
pub(super) fn spelling<'a>(
    leaf: Leaf,
    source: &'a str,
    around: &[K],
    how: Spelling,
    room: &'a mut String,
) -> &'a str {
    let text = leaf.text(source);
    let compares = || matches!(around.last(), Some(K::Predicate | K::Call));
    match leaf.kind {
        // Literals keep their letters.
        K::Keyword if matches!(leaf.kw, Some(Kw::True | Kw::False)) => text,
        K::Keyword | K::ModalityWord => match (how.case, leaf.kw) {
            (KeywordCase::Upper, Some(kw)) => kw.word(),
            (KeywordCase::Preserve, _) | (KeywordCase::Upper, None) => text,
            (KeywordCase::Lower, _) => {
                room.clear();
                room.push_str(text);
                room.make_ascii_lowercase();
                room
            }
        },
        K::Equal if how.canonical_signs && compares() => "==",
        K::LessGreater if how.canonical_signs && compares() => "!=",
        _ => text,
    }
}

/// What [`spelling`] has to know besides the leaf.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spelling {
    pub(super) case: KeywordCase,
    /// `=` in conditions becomes `==`.
    pub(super) canonical_signs: bool,
}
