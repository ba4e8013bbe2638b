//! Cuts a text into statements with the lexer of the language: by semicolons that are not inside a
//! string or comment, and before a backslash at the start of a line.

use std::ops::Range;

use crate::engine::lang::kind::SyntaxKind;
use crate::engine::lang::lexer::{Context, Flaw, next};

/// One statement of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// Where, from its first word to its semicolon.
    pub(super) range: Range<usize>,
    /// Whether its end was found; otherwise more text may belong to it.
    pub(super) complete: bool,
    /// Whether it ends inside a string, comment or bracket.
    pub(super) open: bool,
}

/// The first statement at or after byte `from`; `None` when only blanks and comments are left.
pub(super) fn first(text: &str, from: usize) -> Option<Part> {
    let mut context = Context::default();
    let mut at = from;
    let mut start = None;
    let mut end = from;
    let mut depth = 0_usize;
    while at < text.len() {
        let leaf = next(text, at, &mut context);
        at = leaf.end;
        if leaf.flaw == Some(Flaw::Unterminated) {
            // Its rest may not have arrived: nothing behind it can be trusted.
            let from = start.unwrap_or(leaf.start);
            return Some(Part { range: from..text.len(), complete: false, open: true });
        }
        match leaf.kind {
            kind if kind.is_trivia() => continue,
            SyntaxKind::Semicolon => match start {
                Some(start) => {
                    return Some(Part { range: start..leaf.end, complete: true, open: false });
                }
                None => continue,
            },
            SyntaxKind::LeftParen | SyntaxKind::LeftBracket | SyntaxKind::LeftBrace => depth += 1,
            SyntaxKind::RightParen | SyntaxKind::RightBracket | SyntaxKind::RightBrace => {
                depth = depth.saturating_sub(1);
            }
            _ => {}
        }
        if let Some(start) = start
            && speaks_to_the_shell(text, leaf.start)
        {
            return Some(Part { range: start..end, complete: true, open: false });
        }
        start.get_or_insert(leaf.start);
        end = leaf.end;
        if start == Some(leaf.start) && is_meta(text.get(leaf.start..).unwrap_or("")) {
            // The rest of the line is not in the language.
            break;
        }
    }
    start.map(|start| Part { range: start..end, complete: false, open: depth > 0 })
}

/// True for a backslash at the start of a line.
fn speaks_to_the_shell(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or("");
    text.get(at..).is_some_and(|rest| rest.starts_with('\\'))
        && before.trim_end_matches([' ', '\t']).ends_with('\n')
}

/// True for a line that speaks to the shell: `\help`, `.help`.
pub(super) fn is_meta(text: &str) -> bool {
    let mut letters = text.chars();
    match letters.next() {
        Some('\\') => true,
        Some('.') => letters.next().is_some_and(char::is_alphabetic),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Option<(&str, bool)> {
        first(text, 0).map(|part| (text.get(part.range).unwrap(), part.complete))
    }

    #[test]
    fn a_semicolon_ends_a_statement_unless_it_is_text() {
        assert_eq!(cut(" ; SHOW STATUS ; SHOW"), Some(("SHOW STATUS ;", true)));
        assert_eq!(cut("INSERT 'a;b' /* ; */ 'c'"), Some(("INSERT 'a;b' /* ; */ 'c'", false)));
        assert_eq!(cut("SHOW STATUS -- ;\n"), Some(("SHOW STATUS", false)));
        assert_eq!(cut(" -- nothing\n ;;"), None);
    }

    #[test]
    fn what_is_open_may_go_on() {
        for open in ["INSERT 'a;", "SHOW /* ; ", "SELECT * FROM hexads WHERE (a = 1"] {
            assert!(first(open, 0).unwrap().open, "{open}");
        }
        assert!(!first("SHOW STATUS", 0).unwrap().open);
    }

    #[test]
    fn a_backslash_at_the_start_of_a_line_is_not_of_the_statement() {
        assert_eq!(cut("SHOW STATUS\n\\timing\n"), Some(("SHOW STATUS", true)));
        assert_eq!(cut("\\set a it's; b\nSHOW"), Some(("\\", false)));
    }
}
