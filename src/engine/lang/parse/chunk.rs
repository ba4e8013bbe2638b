//! A text parsed statement by statement, so that what is kept is one statement and not all of them.
//!
//! The lexer and the parser go on from one statement to the next: the pieces are what parsing the
//! whole text would give, cut behind each `;` and the comments on its line.

use super::Parse;
use super::parser::Parser;
use crate::engine::base::Span;
use crate::engine::lang::ast::Script;
use crate::engine::lang::kind::SyntaxKind as K;

/// One statement with the blanks and comments before it, its `;` and the comments behind that on
/// the same line. The last one may hold no statement.
#[derive(Clone, Debug)]
pub struct Chunk {
    /// All of it; chunks follow each other without gaps.
    pub span: Span,
    /// What it is; places are those of the whole text.
    pub parse: Parse,
}

/// The statements of a text, one after the other.
pub struct Chunks<'a> {
    parser: Parser<'a>,
    at: usize,
    done: bool,
}

/// Parses a text statement by statement.
pub fn chunks(text: &str) -> Chunks<'_> {
    Chunks { parser: Parser::new(text), at: 0, done: false }
}

impl Iterator for Chunks<'_> {
    type Item = Chunk;

    fn next(&mut self) -> Option<Chunk> {
        if self.done {
            return None;
        }
        let (script, end) = self.parser.one_statement();
        self.done = end >= self.parser.text.len();
        let span = Span::new(self.at, end);
        self.at = end;
        (span.start < span.end).then(|| Chunk { span, parse: self.parser.part(script) })
    }
}

impl Parser<'_> {
    /// Parses the next statement; gives it, and where the trivia behind its line begins.
    fn one_statement(&mut self) -> (Script, usize) {
        let mut statements = Vec::new();
        self.skip_semicolons();
        if self.kind() == K::Eof {
            self.take_trivia();
            return (Script { statements }, self.text.len());
        }
        statements.push(self.whole_statement());
        if self.kind() == K::Semicolon {
            self.bump();
        }
        let end = self.take_trivia_of_line();
        (Script { statements }, end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::lang::parse::parse;
    use proptest::prelude::*;

    fn pieces(text: &str) -> Vec<&str> {
        chunks(text).map(|chunk| &text[chunk.span.range()]).collect()
    }

    #[test]
    fn a_chunk_ends_with_the_comments_of_its_line() {
        assert_eq!(
            pieces("-- a\nSHOW STATUS; -- b\n;; SHOW PEERS /* c */; CHECKPOINT\n-- d\n"),
            ["-- a\nSHOW STATUS; -- b", "\n;; SHOW PEERS /* c */;", " CHECKPOINT", "\n-- d\n"]
        );
        assert_eq!(pieces("; -- only\n"), ["; -- only\n"]);
        assert!(pieces("").is_empty());
    }

    proptest! {
        #[test]
        fn chunks_are_the_parse_of_the_whole_text(
            words in prop::collection::vec(
                "SELECT|SHOW|STATUS|FROM|hexads|;|;|'|\"|\n|-- c\n|/\\* d \\*/|WHERE|a = 1|\\(|\\)| ",
                0..30,
            ),
        ) {
            let text = words.join(" ");
            let whole = parse(&text);
            let all: Vec<Chunk> = chunks(&text).collect();
            let joined: String = all.iter().map(|c| &text[c.span.range()]).collect();
            prop_assert_eq!(&joined, &text);
            let statements: Vec<_> =
                all.iter().flat_map(|c| c.parse.script.statements.clone()).collect();
            prop_assert_eq!(statements, whole.script.statements.clone());
            let leaves: Vec<_> = all.iter().flat_map(|c| c.parse.tree.leaves()).collect();
            prop_assert_eq!(leaves, whole.tree.leaves().collect::<Vec<_>>());
            let mut found: Vec<_> = all.iter().flat_map(|c| c.parse.diagnostics.clone()).collect();
            found.sort_by_key(|d| d.span.start);
            prop_assert_eq!(found, whole.diagnostics);
        }
    }
}
