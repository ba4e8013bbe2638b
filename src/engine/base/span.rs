//! Where something stands in a text.

/// A half-open range of byte offsets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// From two byte offsets.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start: start as u32, end: end as u32 }
    }

    /// The smallest span that covers both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// As a range usable on the text.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A place as people count it: 1-based line and column, columns in Unicode scalar values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// 1-based.
    pub line: u32,
    /// 1-based, in Unicode scalar values.
    pub column: u32,
    /// 0-based byte offset.
    pub offset: u32,
}

impl Position {
    /// The position of byte `offset` of `text` (clamped to its end and to a character boundary).
    ///
    /// Reads all text before it: for many places of one text there is [`Places`].
    pub fn of(text: &str, offset: usize) -> Self {
        let at = boundary(text, offset);
        let mark = Mark::START.after(text.as_bytes().get(..at).unwrap_or(&[]));
        mark.position(at)
    }
}

/// The last character boundary at or before `offset`.
fn boundary(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Lines and columns counted up to some byte.
#[derive(Clone, Copy, Debug)]
struct Mark {
    line: u32,
    column: u32,
}

impl Mark {
    const START: Self = Self { line: 1, column: 1 };

    /// Counted on over `bytes`. Continuation bytes count nothing, so that a mark may stand inside
    /// of a character.
    fn after(self, bytes: &[u8]) -> Self {
        let lines = bytes.split(|b| *b == b'\n').count() - 1;
        let last = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        let tail = bytes.get(last..).unwrap_or(&[]);
        let characters = tail.iter().filter(|b| **b & 0xC0 != 0x80).count() as u32;
        let column = if lines == 0 { self.column + characters } else { 1 + characters };
        Self { line: self.line + lines as u32, column }
    }

    fn position(self, offset: usize) -> Position {
        Position { line: self.line, column: self.column, offset: offset as u32 }
    }
}

/// A text whose places are looked up many times: a look-up does not read the text from its start.
#[derive(Clone, Debug)]
pub struct Places<'a> {
    text: &'a str,
    /// One for every [`Places::STEP`] bytes.
    marks: Vec<Mark>,
}

impl<'a> Places<'a> {
    /// How many bytes a look-up reads at most.
    const STEP: usize = 1024;

    /// Counts the lines of a text once.
    pub fn of(text: &'a str) -> Self {
        let counted = text.as_bytes().chunks(Self::STEP).scan(Mark::START, |mark, chunk| {
            *mark = mark.after(chunk);
            Some(*mark)
        });
        Self { text, marks: std::iter::once(Mark::START).chain(counted).collect() }
    }

    /// The text itself.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// The same as [`Position::of`].
    pub fn at(&self, offset: usize) -> Position {
        let at = boundary(self.text, offset);
        let step = at / Self::STEP;
        let mark = self.marks.get(step).copied().unwrap_or(Mark::START);
        let rest = self.text.as_bytes().get(step * Self::STEP..at).unwrap_or(&[]);
        mark.after(rest).position(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_place_is_the_one_counted_from_the_start(
            parts in prop::collection::vec("(?s).{0,40}|\n|a{300}|é{200}", 0..24),
            share in 0.0..1.1f64,
        ) {
            let text = parts.concat();
            let at = (text.len() as f64 * share) as usize;
            let before = &text[..boundary(&text, at)];
            let expected = Position {
                line: before.matches('\n').count() as u32 + 1,
                column: before.rsplit('\n').next().unwrap().chars().count() as u32 + 1,
                offset: before.len() as u32,
            };
            prop_assert_eq!(Position::of(&text, at), expected);
            prop_assert_eq!(Places::of(&text).at(at), expected);
        }
    }
}
