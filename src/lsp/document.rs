//! The text of an open document, and how protocol positions and byte offsets translate.
//!
//! Positions outside of the text are clamped: a client that is one edit ahead must not hurt us.

use tower_lsp::ls_types::{Position, PositionEncodingKind, Range, TextDocumentContentChangeEvent};

use crate::engine::base::Span;

/// The units in which the client counts columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// UTF-16 code units, what every client understands.
    #[default]
    Utf16,
    /// Unicode scalar values.
    Utf32,
}

impl Encoding {
    /// The best of those a client offers; UTF-16 when it offers none.
    pub fn choose(offered: Option<&[PositionEncodingKind]>) -> Self {
        let offers = |kind: &PositionEncodingKind| offered.is_some_and(|all| all.contains(kind));
        if offers(&PositionEncodingKind::UTF8) {
            Self::Utf8
        } else if offers(&PositionEncodingKind::UTF32) && !offers(&PositionEncodingKind::UTF16) {
            Self::Utf32
        } else {
            Self::Utf16
        }
    }

    /// Its name in the protocol.
    pub fn kind(self) -> PositionEncodingKind {
        match self {
            Self::Utf8 => PositionEncodingKind::UTF8,
            Self::Utf16 => PositionEncodingKind::UTF16,
            Self::Utf32 => PositionEncodingKind::UTF32,
        }
    }

    fn units(self, c: char) -> u32 {
        match self {
            Self::Utf8 => c.len_utf8() as u32,
            Self::Utf16 => c.len_utf16() as u32,
            Self::Utf32 => 1,
        }
    }
}

/// A text whose lines are known.
#[derive(Clone, Debug)]
pub struct Text {
    text: String,
    /// Where each line starts.
    lines: Vec<usize>,
}

impl Default for Text {
    fn default() -> Self {
        Self::new(String::new())
    }
}

impl Text {
    /// Finds the lines of a text.
    pub fn new(text: String) -> Self {
        let mut lines = vec![0];
        let bytes = text.as_bytes();
        for (at, byte) in bytes.iter().enumerate() {
            let ends = match byte {
                b'\n' => true,
                b'\r' => bytes.get(at + 1) != Some(&b'\n'),
                _ => false,
            };
            if ends {
                lines.push(at + 1);
            }
        }
        Self { text, lines }
    }

    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The byte a position stands for, on a character boundary.
    pub fn offset(&self, position: Position, encoding: Encoding) -> usize {
        let line = position.line as usize;
        let Some(start) = self.lines.get(line).copied() else { return self.text.len() };
        let end = self.lines.get(line + 1).copied().unwrap_or(self.text.len());
        let words = self.text.get(start..end).unwrap_or("").trim_end_matches(['\n', '\r']);
        let mut left = position.character;
        for (at, c) in words.char_indices() {
            let units = encoding.units(c);
            if left < units {
                return start + at;
            }
            left -= units;
        }
        start + words.len()
    }

    /// The position of a byte.
    pub fn position(&self, offset: usize, encoding: Encoding) -> Position {
        let mut at = offset.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        let line = self.lines.partition_point(|start| *start <= at).saturating_sub(1);
        let start = self.lines.get(line).copied().unwrap_or(0);
        let before = self.text.get(start..at).unwrap_or("");
        let character = before.chars().map(|c| encoding.units(c)).sum();
        Position { line: line as u32, character }
    }

    /// The range of a span.
    pub fn range(&self, span: Span, encoding: Encoding) -> Range {
        Range {
            start: self.position(span.start as usize, encoding),
            end: self.position(span.end as usize, encoding),
        }
    }

    /// The bytes of a range, the smaller end first.
    pub fn bytes(&self, range: Range, encoding: Encoding) -> std::ops::Range<usize> {
        let (a, b) = (self.offset(range.start, encoding), self.offset(range.end, encoding));
        a.min(b)..a.max(b)
    }

    /// All of it.
    pub fn whole(&self, encoding: Encoding) -> Range {
        self.range(Span::new(0, self.text.len()), encoding)
    }

    /// The text after a change.
    #[must_use]
    pub fn changed(self, change: TextDocumentContentChangeEvent, encoding: Encoding) -> Self {
        let Some(range) = change.range else { return Self::new(change.text) };
        let bytes = self.bytes(range, encoding);
        let mut text = self.text;
        text.replace_range(bytes, &change.text);
        Self::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn columns_are_counted_in_the_units_of_the_client() {
        let text = Text::new("a😀b\r\né".to_owned());
        let at = |character| Position { line: 0, character };
        for (encoding, column) in [(Encoding::Utf8, 5), (Encoding::Utf16, 3), (Encoding::Utf32, 2)]
        {
            assert_eq!(text.offset(at(column), encoding), 5, "{encoding:?}");
            assert_eq!(text.position(5, encoding), at(column), "{encoding:?}");
            assert_eq!(text.offset(at(99), encoding), 6, "{encoding:?}");
        }
        // Between the two halves of a surrogate pair there is no place: its start is meant.
        assert_eq!(text.offset(at(2), Encoding::Utf16), 1);
        assert_eq!(text.offset(Position { line: 9, character: 0 }, Encoding::Utf16), 10);
    }

    proptest! {
        #[test]
        fn every_boundary_comes_back(text in "[a😀é\r\n ]{0,40}") {
            let text = Text::new(text);
            for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
                for (at, c) in text.as_str().char_indices() {
                    // Inside `\r\n` a position is clamped to the end of the line.
                    if c != '\n' {
                        let position = text.position(at, encoding);
                        prop_assert_eq!(text.offset(position, encoding), at);
                    }
                }
            }
        }
    }
}
