//! Folding: statements, brackets, comments and regions that take more than one line.

use std::collections::BTreeSet;

use super::body;
use crate::engine::base::Span;
use crate::engine::lang::kind::SyntaxKind as K;
use crate::engine::lang::tree::Leaf;
use crate::lsp::analysis::{Analysis, Part};

/// What can be folded away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FoldKind {
    /// A statement or what stands in brackets.
    Code,
    /// Comments.
    Comment,
    /// What stands between `-- region` and `-- endregion`.
    Region,
}

/// A stretch of several lines: from the first to the last byte of what is folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fold {
    /// Where; it starts on the line that stays visible.
    pub span: Span,
    /// What.
    pub kind: FoldKind,
}

/// Everything that can be folded, in order; no two folds have the same first and last line.
pub fn folds(parts: &Analysis) -> Vec<Fold> {
    let mut folder = Folder { found: Vec::new(), regions: Vec::new(), comments: None };
    for part in parts.parts() {
        folder.part(&part);
    }
    folder.comments();
    finish(parts.text(), folder.found)
}

/// Keeps what spans lines, the outermost of those on the same lines.
fn finish(text: &str, mut found: Vec<Fold>) -> Vec<Fold> {
    found.sort_by_key(|fold| (fold.span.start, std::cmp::Reverse(fold.span.end)));
    let mut lines = Lines { text, at: 0, line: 0 };
    let starts: Vec<usize> = found.iter().map(|fold| lines.of(fold.span.start as usize)).collect();
    let mut seen = BTreeSet::new();
    let mut kept = Vec::new();
    for (fold, start) in found.into_iter().zip(starts) {
        let inside = text.get(fold.span.range()).unwrap_or("");
        let more = inside.matches('\n').count();
        if more > 0 && seen.insert((start, start + more)) {
            kept.push(fold);
        }
    }
    kept
}

/// Counts lines of places that come in order.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl Lines<'_> {
    fn of(&mut self, offset: usize) -> usize {
        let between = self.text.get(self.at..offset).unwrap_or("");
        self.line += between.matches('\n').count();
        self.at = self.at.max(offset);
        self.line
    }
}

struct Folder {
    found: Vec<Fold>,
    /// Where the regions begin that are not yet ended.
    regions: Vec<u32>,
    /// The comments on consecutive lines seen last.
    comments: Option<Span>,
}

impl Folder {
    fn add(&mut self, span: Span, kind: FoldKind) {
        self.found.push(Fold { span, kind });
    }

    fn part(&mut self, part: &Part<'_>) {
        if let Some(body) = body(part) {
            self.add(body, FoldKind::Code);
        }
        let mut open: Vec<Leaf> = Vec::new();
        for leaf in part.parse().tree.leaves() {
            match leaf.kind {
                K::LeftParen | K::LeftBracket | K::LeftBrace => open.push(leaf),
                K::RightParen | K::RightBracket | K::RightBrace => {
                    if let Some(from) = open.pop() {
                        self.add(part.absolute(from.span.to(leaf.span)), FoldKind::Code);
                    }
                }
                _ => {}
            }
            self.trivia(part, leaf);
        }
    }

    /// Joins line comments that stand below each other.
    fn trivia(&mut self, part: &Part<'_>, leaf: Leaf) {
        let place = part.absolute(leaf.span);
        let text = leaf.text(part.text);
        match leaf.kind {
            K::LineComment => match region(text) {
                Some(true) => {
                    self.comments();
                    self.regions.push(place.start);
                }
                Some(false) => {
                    self.comments();
                    if let Some(start) = self.regions.pop() {
                        self.add(Span { start, end: place.end }, FoldKind::Region);
                    }
                }
                None => {
                    self.comments = Some(self.comments.map_or(place, |before| before.to(place)));
                }
            },
            K::BlockComment => {
                self.comments();
                self.add(place, FoldKind::Comment);
            }
            K::Whitespace if text.matches('\n').count() < 2 => {}
            _ => self.comments(),
        }
    }

    /// The comments seen last are a block of their own.
    fn comments(&mut self) {
        if let Some(span) = self.comments.take() {
            self.add(span, FoldKind::Comment);
        }
    }
}

/// Whether a comment begins a region, or ends one.
fn region(comment: &str) -> Option<bool> {
    let words = comment.trim_start_matches(['-', '#', ' ', '\t']);
    let word = words.split([' ', '\t', ':']).next().unwrap_or("").trim_end();
    match word.to_ascii_lowercase().as_str() {
        "region" => Some(true),
        "endregion" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::analysis;
    use super::*;

    fn folded(text: &str) -> Vec<(usize, usize, FoldKind)> {
        let line = |at: u32| text[..at as usize].matches('\n').count();
        let found = folds(&analysis(text)).into_iter();
        found.map(|f| (line(f.span.start), line(f.span.end), f.kind)).collect()
    }

    #[test]
    fn what_takes_several_lines_is_folded() {
        let text = "-- one\n-- two\nSELECT id\nFROM hexads\nWHERE (\n  a = 1\n)\nLIMIT 3;\n\nSHOW STATUS;\n/* a\n b */\n";
        assert_eq!(
            folded(text),
            [
                (0, 1, FoldKind::Comment),
                (2, 7, FoldKind::Code),
                (4, 6, FoldKind::Code),
                (10, 11, FoldKind::Comment)
            ]
        );
    }

    #[test]
    fn regions_nest() {
        let text =
            "-- region a\nSHOW STATUS;\n-- #region b\nSHOW PEERS;\n-- endregion\n-- #endregion\n";
        assert_eq!(folded(text), [(0, 5, FoldKind::Region), (2, 4, FoldKind::Region)]);
        assert!(folded("-- endregion\nSHOW STATUS;\n-- region").is_empty());
    }
}
