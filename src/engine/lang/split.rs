//! A text cut into statements, without parsing them.
//!
//! This is how scripts and the shell read: a statement ends at its `;`, never inside a string, a
//! comment, a path or a regular expression. The pieces cover the text without gaps.

use super::kind::SyntaxKind;
use super::lexer::{Context, Flaw, next};
use crate::engine::base::Span;

/// One statement of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// All of it: blanks and comments before it, and its `;`.
    pub span: Span,
    /// From its first word to its last, without the `;`; empty when there is only trivia.
    pub body: Span,
    /// How it ends.
    pub end: End,
}

/// How a statement of a text ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With its `;`.
    Semicolon,
    /// With the text: nothing is open, only the `;` is missing.
    Missing,
    /// In the middle of a string, a comment or brackets: more must follow.
    Open,
}

impl Piece {
    /// True when there are only blanks and comments.
    pub fn is_blank(&self) -> bool {
        self.body.start == self.body.end
    }

    /// True when it ends with its `;`.
    pub fn is_complete(&self) -> bool {
        self.end == End::Semicolon
    }
}

/// The statements of a text, in order; the last piece may be incomplete or blank.
///
/// A quote or comment that is never closed makes the rest of the text one open statement. Linear in
/// the text; a reader that gets its lines one by one should only ask after a line that holds a `;`.
pub fn statements(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut context = Context::default();
    let mut at = 0;
    let mut cut = Cut::from(0);
    while at < text.len() {
        let leaf = next(text, at, &mut context);
        at = leaf.end;
        if leaf.flaw == Some(Flaw::Unterminated) && leaf.kind != SyntaxKind::Regex {
            cut.grow(leaf.kind, leaf.start, text.len());
            pieces.push(cut.piece(text.len(), End::Open));
            return pieces;
        }
        if leaf.kind == SyntaxKind::Semicolon {
            pieces.push(cut.piece(at, End::Semicolon));
            cut = Cut::from(at);
            continue;
        }
        cut.grow(leaf.kind, leaf.start, leaf.end);
    }
    if at > cut.start {
        let end = if cut.depth > 0 { End::Open } else { End::Missing };
        pieces.push(cut.piece(at, end));
    }
    pieces
}

/// A statement being read.
struct Cut {
    start: usize,
    body: Option<(usize, usize)>,
    depth: usize,
}

impl Cut {
    fn from(start: usize) -> Self {
        Self { start, body: None, depth: 0 }
    }

    fn grow(&mut self, kind: SyntaxKind, start: usize, end: usize) {
        if kind.is_trivia() {
            return;
        }
        self.body = Some((self.body.map_or(start, |(first, _)| first), end));
        match kind {
            SyntaxKind::LeftParen | SyntaxKind::LeftBracket | SyntaxKind::LeftBrace => {
                self.depth += 1;
            }
            SyntaxKind::RightParen | SyntaxKind::RightBracket | SyntaxKind::RightBrace => {
                self.depth = self.depth.saturating_sub(1);
            }
            _ => {}
        }
    }

    fn piece(&self, end: usize, how: End) -> Piece {
        let (first, last) = self.body.unwrap_or((end, end));
        Piece { span: Span::new(self.start, end), body: Span::new(first, last), end: how }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bodies(text: &str) -> Vec<(&str, End)> {
        let pieces = statements(text);
        let joined: String = pieces.iter().map(|p| &text[p.span.range()]).collect();
        assert_eq!(joined, text);
        pieces.iter().map(|p| (&text[p.body.range()], p.end)).collect()
    }

    #[test]
    fn statements_end_at_their_semicolons() {
        assert_eq!(
            bodies("SHOW STATUS; -- a;b\nSELECT ';' FROM x /* ; */ ;\n"),
            [
                ("SHOW STATUS", End::Semicolon),
                ("SELECT ';' FROM x", End::Semicolon),
                ("", End::Missing)
            ]
        );
        assert_eq!(bodies("FULLTEXT MATCHES /a;b/"), [("FULLTEXT MATCHES /a;b/", End::Missing)]);
        assert_eq!(
            bodies("FROM FEDERATION /*; x"),
            [("FROM FEDERATION /*", End::Semicolon), ("x", End::Missing)]
        );
    }

    #[test]
    fn what_is_open_asks_for_more() {
        assert_eq!(bodies("a; b 'x;\ny"), [("a", End::Semicolon), ("b 'x;\ny", End::Open)]);
        assert_eq!(bodies("a (1, 2").last().map(|b| b.1), Some(End::Open));
        assert_eq!(bodies("a /* x").last().map(|b| b.1), Some(End::Open));
        assert_eq!(bodies("a (1, 2);").last().map(|b| b.1), Some(End::Semicolon));
    }
}
