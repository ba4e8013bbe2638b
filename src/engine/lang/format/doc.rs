//! The layout algebra: what could break, and the printer that decides where it does.
//!
//! A group is printed on one line when it fits, otherwise every line of its own breaks; a fill
//! breaks only where it must. Widths are computed while the document is built, so printing is linear.

use unicode_width::UnicodeWidthStr as _;

/// Columns kept free for the sign that may follow a group: `),`.
const RESERVE: usize = 2;
/// Columns of one step of indentation.
const STEP: usize = 2;
/// The width of what can never be on one line.
const NEVER: usize = usize::MAX / 4;

/// A document.
#[derive(Debug)]
pub(super) enum Doc {
    /// Printed as it is.
    Text(String),
    /// A blank, or a line end where the group around breaks.
    Line,
    /// Nothing, or a line end where the group around breaks.
    Soft,
    /// A line end.
    Hard,
    /// A line end and an empty line.
    Blank,
    /// One step further in.
    Indent(Vec<Doc>),
    /// Broken as a whole or not at all.
    Group(Vec<Doc>, usize),
    /// Broken at those lines behind which the next item does not fit.
    Fill(Vec<Doc>, usize),
}

impl Doc {
    fn width(&self) -> usize {
        match self {
            Self::Text(text) if text.contains('\n') => NEVER,
            Self::Text(text) => text.width(),
            Self::Line => 1,
            Self::Soft => 0,
            Self::Hard | Self::Blank => NEVER,
            Self::Indent(docs) => width(docs),
            Self::Group(_, width) | Self::Fill(_, width) => *width,
        }
    }
}

fn width(docs: &[Doc]) -> usize {
    docs.iter().fold(0, |sum, doc| (sum + doc.width()).min(NEVER))
}

/// What kind of list is being collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Indent,
    Group,
    Fill,
}

/// Collects a document from the outside in.
#[derive(Debug, Default)]
pub(super) struct Collector {
    done: Vec<Doc>,
    open: Vec<(Shape, Vec<Doc>)>,
}

impl Collector {
    pub(super) fn push(&mut self, doc: Doc) {
        match self.open.last_mut() {
            Some((_, docs)) => docs.push(doc),
            None => self.done.push(doc),
        }
    }

    pub(super) fn open(&mut self, shape: Shape) {
        self.open.push((shape, Vec::new()));
    }

    pub(super) fn close(&mut self) {
        let Some((shape, docs)) = self.open.pop() else { return };
        let width = width(&docs);
        self.push(match shape {
            Shape::Indent => Doc::Indent(docs),
            Shape::Group => Doc::Group(docs, width),
            Shape::Fill => Doc::Fill(docs, width),
        });
    }

    pub(super) fn finish(mut self) -> Vec<Doc> {
        while !self.open.is_empty() {
            self.close();
        }
        self.done
    }
}

/// Prints a document on lines of `width` columns, where it can be broken.
pub(super) fn print(docs: &[Doc], width: usize) -> String {
    let mut printer = Printer { out: String::new(), column: 0, width };
    printer.all(docs, 0, false);
    printer.out
}

struct Printer {
    out: String,
    column: usize,
    width: usize,
}

impl Printer {
    fn all(&mut self, docs: &[Doc], indent: usize, flat: bool) {
        for doc in docs {
            self.one(doc, indent, flat);
        }
    }

    fn one(&mut self, doc: &Doc, indent: usize, flat: bool) {
        match doc {
            Doc::Text(text) => self.text(text),
            Doc::Line if flat => self.text(" "),
            Doc::Soft if flat => {}
            Doc::Line | Doc::Soft | Doc::Hard => self.new_line(indent),
            Doc::Blank => self.blank_line(indent),
            Doc::Indent(docs) => self.all(docs, indent + STEP, flat),
            Doc::Group(docs, width) => {
                let fits = flat || self.fits(*width);
                self.all(docs, indent, fits);
            }
            Doc::Fill(docs, width) => {
                if flat || self.fits(*width) {
                    self.all(docs, indent, true);
                } else {
                    self.fill(docs, indent);
                }
            }
        }
    }

    fn fits(&self, width: usize) -> bool {
        self.column + width + RESERVE <= self.width
    }

    fn fill(&mut self, docs: &[Doc], indent: usize) {
        let mut items = docs.split_inclusive(|doc| matches!(doc, Doc::Line));
        // Each piece ends with its line; whether that breaks depends on the piece behind it.
        let mut next = items.next();
        while let Some(piece) = next {
            next = items.next();
            let (line, item) = match piece.split_last() {
                Some((Doc::Line, item)) => (true, item),
                _ => (false, piece),
            };
            self.all(item, indent, false);
            if line {
                let following = next.map_or(0, width);
                if self.fits(1 + following) { self.text(" ") } else { self.new_line(indent) }
            }
        }
    }

    fn text(&mut self, text: &str) {
        self.out.push_str(text);
        match text.rsplit_once('\n') {
            Some((_, last)) => self.column = last.width(),
            None => self.column += text.width(),
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
        self.column = indent;
    }

    /// Ends the line and leaves the next one empty.
    fn blank_line(&mut self, indent: usize) {
        self.new_line(0);
        if !(self.out.is_empty() || self.out.ends_with("\n\n")) {
            self.out.push('\n');
        }
        self.out.extend(std::iter::repeat_n(' ', indent));
        self.column = indent;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(items: usize, shape: Shape) -> Vec<Doc> {
        let mut c = Collector::default();
        c.push(Doc::Text("[".into()));
        c.open(shape);
        for i in 0..items {
            if i > 0 {
                c.push(Doc::Text(",".into()));
                c.push(Doc::Line);
            }
            c.push(Doc::Text("12345".into()));
        }
        c.close();
        c.push(Doc::Text("]".into()));
        c.finish()
    }

    #[test]
    fn what_fits_stays_on_one_line() {
        assert_eq!(print(&list(3, Shape::Group), 100), "[12345, 12345, 12345]");
        assert_eq!(print(&list(30, Shape::Group), 100).lines().count(), 30);
    }

    #[test]
    fn a_fill_breaks_where_it_must() {
        let out = print(&list(100, Shape::Fill), 100);
        assert!(out.lines().all(|l| l.len() <= 100 && !l.ends_with(' ')), "{out}");
        assert_eq!(out.lines().count(), 8);
    }
}
