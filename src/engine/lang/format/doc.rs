//! The layout algebra: what could break, and the printer that decides where it does.
//!
//! A group is printed on one line when it fits, otherwise every line of its own breaks; a fill
//! breaks only where it must. A document is one list of steps, with the width of every group written
//! at its beginning when it is closed; printing is one walk over the list.

use unicode_width::UnicodeWidthStr as _;

/// Columns kept free for the sign that may follow a group: `),`.
const RESERVE: u32 = 2;
/// The width of what can never be on one line.
const NEVER: u32 = u32::MAX / 4;

/// What can be said about the space between two texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blank {
    /// A blank, or a line end where the group around breaks.
    Line,
    /// Nothing, or a line end where the group around breaks.
    Soft,
    /// A line end.
    Hard,
    /// A line end and an empty line.
    Empty,
}

/// What kind of list is being collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// One step further in.
    Indent,
    /// Broken as a whole or not at all.
    Group,
    /// Broken at those lines behind which the next item does not fit.
    Fill,
}

/// One step of a document.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// A stretch of the texts.
    Text {
        from: u32,
        to: u32,
        width: u32,
    },
    Blank(Blank),
    /// Everything up to the step `end`, which closes it.
    Open {
        shape: Shape,
        end: u32,
        width: u32,
    },
    Close,
}

/// A document.
#[derive(Debug, Default)]
pub(super) struct Doc {
    steps: Vec<Step>,
    texts: String,
    /// The lists that are open: where they begin, and how wide they are so far.
    open: Vec<(usize, u32)>,
}

impl Doc {
    /// Nothing again, with the room it had.
    pub(super) fn clear(&mut self) {
        self.steps.clear();
        self.texts.clear();
        self.open.clear();
    }

    pub(super) fn text(&mut self, text: &str) {
        let from = self.texts.len() as u32;
        self.texts.push_str(text);
        let width = width_of(text);
        self.widen(width);
        self.steps.push(Step::Text { from, to: self.texts.len() as u32, width });
    }

    pub(super) fn blank(&mut self, blank: Blank) {
        self.widen(match blank {
            Blank::Line => 1,
            Blank::Soft => 0,
            Blank::Hard | Blank::Empty => NEVER,
        });
        self.steps.push(Step::Blank(blank));
    }

    pub(super) fn open(&mut self, shape: Shape) {
        self.open.push((self.steps.len(), 0));
        self.steps.push(Step::Open { shape, end: 0, width: 0 });
    }

    pub(super) fn close(&mut self) {
        let Some((at, wide)) = self.open.pop() else { return };
        let last = self.steps.len() as u32;
        self.steps.push(Step::Close);
        if let Some(Step::Open { end, width, .. }) = self.steps.get_mut(at) {
            (*end, *width) = (last, wide);
        }
        self.widen(wide);
    }

    fn widen(&mut self, by: u32) {
        if let Some((_, width)) = self.open.last_mut() {
            *width = (*width + by).min(NEVER);
        }
    }

    /// Prints it into `out`, which is empty, on lines of `width` columns, where it can be broken,
    /// indented by steps of `indent`.
    pub(super) fn print(&mut self, width: usize, indent: usize, out: &mut String) {
        while !self.open.is_empty() {
            self.close();
        }
        let width = u32::try_from(width).unwrap_or(NEVER / 2).min(NEVER / 2);
        Printer { out, texts: &self.texts, steps: &self.steps, column: 0, width }.all(indent);
    }
}

fn width_of(text: &str) -> u32 {
    let plain = |b: u8| (b' '..=b'~').contains(&b);
    if text.bytes().all(plain) {
        return text.len() as u32;
    }
    if text.contains('\n') { NEVER } else { text.width() as u32 }
}

struct Printer<'a> {
    out: &'a mut String,
    texts: &'a str,
    steps: &'a [Step],
    column: u32,
    width: u32,
}

/// How the list around is printed.
#[derive(Clone, Copy)]
struct Around {
    indent: usize,
    flat: bool,
    fill: bool,
}

impl Printer<'_> {
    fn all(&mut self, step: usize) {
        let mut around = Around { indent: 0, flat: false, fill: false };
        let mut outer = Vec::with_capacity(16);
        let steps = self.steps;
        for (at, one) in steps.iter().enumerate() {
            match *one {
                Step::Text { from, to, width } => self.text(from, to, width),
                Step::Blank(blank) => self.blank(blank, at, around),
                Step::Open { shape, width, .. } => {
                    outer.push(around);
                    match shape {
                        Shape::Indent => {
                            around.indent += step;
                            around.fill = false;
                        }
                        Shape::Group | Shape::Fill => {
                            around.flat = around.flat || self.fits(width);
                            around.fill = shape == Shape::Fill;
                        }
                    }
                }
                Step::Close => around = outer.pop().unwrap_or(around),
            }
        }
    }

    fn blank(&mut self, blank: Blank, at: usize, around: Around) {
        match blank {
            Blank::Line if around.flat => self.space(),
            Blank::Soft if around.flat => {}
            Blank::Line if around.fill && self.fits(self.piece(at + 1).saturating_add(1)) => {
                self.space();
            }
            Blank::Line | Blank::Soft | Blank::Hard => self.new_line(around.indent),
            Blank::Empty => self.empty_line(around.indent),
        }
    }

    fn fits(&self, width: u32) -> bool {
        self.column.saturating_add(width).saturating_add(RESERVE) <= self.width
    }

    /// The width of what stands from `at` up to the next line of the same list.
    fn piece(&self, mut at: usize) -> u32 {
        let mut sum = 0_u32;
        while let Some(step) = self.steps.get(at) {
            sum = sum.saturating_add(match *step {
                Step::Text { width, .. } => width,
                Step::Blank(Blank::Line) => return sum.saturating_add(1),
                Step::Blank(Blank::Soft) => 0,
                Step::Blank(_) => NEVER,
                Step::Open { end, width, .. } => {
                    at = end as usize;
                    width
                }
                Step::Close => break,
            });
            at += 1;
        }
        sum
    }

    fn space(&mut self) {
        self.out.push(' ');
        self.column += 1;
    }

    fn text(&mut self, from: u32, to: u32, width: u32) {
        let text = self.texts.get(from as usize..to as usize).unwrap_or("");
        self.out.push_str(text);
        if width < NEVER {
            self.column += width;
        } else if let Some((_, last)) = text.rsplit_once('\n') {
            self.column = last.width() as u32;
        }
    }

    /// Ends the line, unless nothing stands on it yet. No line ends with blanks.
    fn new_line(&mut self, indent: usize) {
        let printed = self.out.trim_end_matches(' ').len();
        self.out.truncate(printed);
        if !(self.out.is_empty() || self.out.ends_with('\n')) {
            self.out.push('\n');
        }
        self.out.extend(std::iter::repeat_n(' ', indent));
        self.column = indent as u32;
    }

    /// Ends the line and leaves the next one empty.
    fn empty_line(&mut self, indent: usize) {
        self.new_line(0);
        if !(self.out.is_empty() || self.out.ends_with("\n\n")) {
            self.out.push('\n');
        }
        self.out.extend(std::iter::repeat_n(' ', indent));
        self.column = indent as u32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(items: usize, shape: Shape) -> String {
        let mut doc = Doc::default();
        doc.text("[");
        doc.open(shape);
        for i in 0..items {
            if i > 0 {
                doc.text(",");
                doc.blank(Blank::Line);
            }
            doc.text("12345");
        }
        doc.close();
        doc.text("]");
        let mut out = String::new();
        doc.print(100, 2, &mut out);
        out
    }

    #[test]
    fn what_fits_stays_on_one_line() {
        assert_eq!(list(3, Shape::Group), "[12345, 12345, 12345]");
        assert_eq!(list(30, Shape::Group).lines().count(), 30);
    }

    #[test]
    fn a_fill_breaks_where_it_must() {
        let out = list(100, Shape::Fill);
        assert!(out.lines().all(|l| l.len() <= 100 && !l.ends_with(' ')), "{out}");
        assert_eq!(out.lines().count(), 8);
    }
}
