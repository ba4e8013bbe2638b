//! Reads a script piece by piece: statements as soon as they are complete, meta commands line by
//! line. Runs nothing itself.
//!
//! Input is taken as it arrives, never waited for beyond what a statement needs, so that a program
//! can write a statement, read the answer and only then write the next one.

use std::collections::VecDeque;
use std::io::{self, BufRead};
use std::ops::Range;

use super::cut::{self, is_meta};
use crate::engine::base::limit;

/// Something to do, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// What.
    pub(super) kind: PieceKind,
    /// The text of the statement or the meta command.
    pub(super) text: String,
    /// What stands before it on its first line.
    pub(super) lead: String,
    /// Lines before its first line.
    pub(super) line: usize,
}

/// Statement or meta command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PieceKind {
    /// A statement of the language.
    Statement,
    /// A command to the shell.
    Meta,
}

/// A script that is being read.
pub(super) struct Script<R> {
    input: R,
    /// Bytes that are not yet known to be text.
    raw: Vec<u8>,
    /// Text that is not consumed, from the start of the line of the next piece.
    text: String,
    /// How much of the first line of `text` is consumed.
    at: usize,
    /// Lines before `text`.
    line: usize,
    ready: VecDeque<Piece>,
    ended: bool,
}

impl<R: BufRead> Script<R> {
    /// Starts to read.
    pub(super) fn new(input: R) -> Self {
        Self {
            input,
            raw: Vec::new(),
            text: String::new(),
            at: 0,
            line: 0,
            ready: VecDeque::new(),
            ended: false,
        }
    }

    /// The next piece; `None` at the end.
    pub(super) fn next_piece(&mut self) -> io::Result<Option<Piece>> {
        loop {
            if let Some(piece) = self.ready.pop_front() {
                return Ok(Some(piece));
            }
            if self.ended {
                return Ok(None);
            }
            if self.read_some()? {
                self.take_pieces();
            }
        }
    }

    /// Takes what the input has; false when it brought nothing that could complete a piece.
    fn read_some(&mut self) -> io::Result<bool> {
        let chunk = self.input.fill_buf()?;
        let size = chunk.len();
        // Only these end a piece; a long text that arrives in drops is not scanned for each drop.
        let ends = size == 0 || chunk.iter().any(|b| matches!(b, b';' | b'\n'));
        self.raw.extend_from_slice(chunk);
        self.input.consume(size);
        self.ended = size == 0;
        let good = match std::str::from_utf8(&self.raw) {
            Ok(text) => text.len(),
            Err(error) if error.error_len().is_none() && !self.ended => error.valid_up_to(),
            Err(_) => return Err(io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8")),
        };
        let rest = self.raw.split_off(good);
        let text = String::from_utf8(std::mem::replace(&mut self.raw, rest));
        self.text.push_str(&text.expect("it was checked above"));
        Ok(ends)
    }

    /// Moves the complete pieces of the text to `ready`.
    fn take_pieces(&mut self) {
        // What follows a meta command has to be cut afresh: its quotes were not ours.
        while self.take_run() {}
        if self.text.len() - self.at > limit::STATEMENT_BYTES + (1 << 16) {
            // The parser says that it is too large; where the next one starts nobody can tell.
            self.ended = true;
        }
        if self.ended {
            self.take_rest();
        }
        self.forget_lines();
    }

    /// Takes statements up to the next meta command, and that one too: then it says true.
    fn take_run(&mut self) -> bool {
        while let Some(part) = cut::first(&self.text, self.at) {
            if is_meta(self.text.get(part.range.start..).unwrap_or("")) {
                return self.take_meta(part.range.start);
            }
            if !part.complete {
                return false;
            }
            self.at = part.range.end;
            self.push(PieceKind::Statement, part.range);
        }
        false
    }

    /// A meta command ends with its line.
    fn take_meta(&mut self, start: usize) -> bool {
        let rest = self.text.get(start..).unwrap_or("");
        let end = match rest.find('\n') {
            Some(end) => end,
            None if self.ended => rest.len(),
            None => return false,
        };
        self.push(PieceKind::Meta, start..start + end);
        self.at = start + end;
        true
    }

    /// At the end the last statement needs no semicolon.
    fn take_rest(&mut self) {
        if let Some(part) = cut::first(&self.text, self.at) {
            self.push(PieceKind::Statement, part.range.start..self.text.len());
        }
        self.at = self.text.len();
    }

    fn push(&mut self, kind: PieceKind, range: Range<usize>) {
        let before = self.text.get(..range.start).unwrap_or("");
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let lines = before.matches('\n').count();
        self.ready.push_back(Piece {
            kind,
            text: self.text.get(range).unwrap_or("").trim_end().to_owned(),
            lead: before.get(line_start..).unwrap_or("").to_owned(),
            line: self.line + lines,
        });
    }

    /// Drops the lines that are consumed.
    fn forget_lines(&mut self) {
        let consumed = self.text.get(..self.at).unwrap_or("");
        let keep = consumed.rfind('\n').map_or(0, |at| at + 1);
        self.line += consumed.matches('\n').count();
        self.text.drain(..keep);
        self.at -= keep;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Vec<(PieceKind, String, usize)> {
        let mut script = Script::new(text.as_bytes());
        let mut found = Vec::new();
        while let Some(piece) = script.next_piece().unwrap() {
            found.push((piece.kind, piece.text, piece.line));
        }
        found
    }

    fn statement(text: &str, line: usize) -> (PieceKind, String, usize) {
        (PieceKind::Statement, text.to_owned(), line)
    }

    fn meta(text: &str, line: usize) -> (PieceKind, String, usize) {
        (PieceKind::Meta, text.to_owned(), line)
    }

    #[test]
    fn statements_end_with_a_semicolon_and_the_last_one_need_not() {
        let text = "SHOW STATUS; SHOW\nHEALTH;\n\n-- done\nCOUNT HEXADS\n";
        let expected = [
            statement("SHOW STATUS;", 0),
            statement("SHOW\nHEALTH;", 0),
            statement("COUNT HEXADS", 4),
        ];
        assert_eq!(pieces(text), expected);
    }

    #[test]
    fn a_meta_command_is_one_line_and_its_quotes_are_its_own() {
        let text = "\\set a it's; so\nSHOW STATUS;\n.help\nSHOW HEALTH";
        let expected = [
            meta("\\set a it's; so", 0),
            statement("SHOW STATUS;", 1),
            meta(".help", 2),
            statement("SHOW HEALTH", 3),
        ];
        assert_eq!(pieces(text), expected);
    }

    #[test]
    fn a_semicolon_inside_a_string_or_comment_ends_nothing() {
        let text = "INSERT 'a;b' /* ; */ 'c' -- ;\n;\n";
        assert_eq!(pieces(text), [statement("INSERT 'a;b' /* ; */ 'c' -- ;\n;", 0)]);
    }

    #[test]
    fn nothing_is_nothing() {
        for text in ["", "\n\n", "  -- only a comment\n", ";;\n;"] {
            assert_eq!(pieces(text), [], "{text:?}");
        }
    }

    #[test]
    fn what_stands_before_it_on_the_line_is_known() {
        let mut script = Script::new("SHOW STATUS; SHOW HEALTH;".as_bytes());
        script.next_piece().unwrap();
        let second = script.next_piece().unwrap().unwrap();
        assert_eq!(second.lead, "SHOW STATUS; ");
    }

    #[test]
    fn bytes_that_are_no_text_are_an_error() {
        let mut script = Script::new(&b"SHOW \xff STATUS;"[..]);
        assert!(script.next_piece().is_err());
    }
}
