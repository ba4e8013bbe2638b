//! Leaves into the document, with the blanks and comments between them.

use super::comments::{Comment, Comments, Owned};
use super::doc::{Blank, Doc, Shape};
use crate::engine::lang::kind::SyntaxKind as K;
use crate::engine::lang::tree::{Leaf, Tree};

/// What stands between two leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gap {
    /// Nothing.
    None,
    /// A blank.
    Space,
    /// A blank, or a line end when the group breaks.
    Line,
    /// Nothing, or a line end when the group breaks.
    Soft,
    /// A line end.
    Hard,
    /// A line end, and an empty line if there was one.
    Statement,
}

/// Writes leaves in the order of the output.
pub(super) struct Writer {
    comments: Comments,
    out: Doc,
    /// Comments behind the last leaf, not yet printed: a comma still goes before them.
    trailing: Vec<Comment>,
    /// Comments of leaves that were left out.
    carried: Vec<Comment>,
    /// The gap somebody asked for before the next leaf.
    asked: Option<Gap>,
    empty: bool,
}

impl Writer {
    /// A writer of a tree into an empty document; comments that begin before `from` are not written.
    pub(super) fn new(tree: &Tree, source: &str, from: u32, out: Doc) -> Self {
        Self {
            comments: Comments::attach(tree, source, from),
            out,
            trailing: Vec::new(),
            carried: Vec::new(),
            asked: None,
            empty: true,
        }
    }

    pub(super) fn open(&mut self, shape: Shape) {
        self.out.open(shape);
    }

    pub(super) fn close(&mut self) {
        self.out.close();
    }

    /// Asks for a gap before the next leaf.
    pub(super) fn ask(&mut self, gap: Gap) {
        self.asked = Some(gap);
    }

    /// Writes what stands before a leaf now, so that it lands outside a group opened next: the gap
    /// asked for (or `gap`) and the comments that lead the leaf.
    pub(super) fn settle(&mut self, leaf: Leaf, gap: Gap) {
        let gap = self.asked.take().unwrap_or(gap);
        let mut leading = std::mem::take(&mut self.carried);
        let (own, blank_before) = self.comments.take_leading(leaf);
        leading.extend(own);
        self.gap_and_leading(gap, &leading, blank_before);
        self.asked = Some(Gap::None);
    }

    /// Writes a gap now.
    pub(super) fn gap_now(&mut self, gap: Gap) {
        self.gap(gap, false);
        self.asked = Some(Gap::None);
    }

    /// Writes a leaf: the gap, its comments, its text.
    pub(super) fn leaf(&mut self, leaf: Leaf, text: &str, gap: Gap) {
        let gap = self.asked.take().unwrap_or(gap);
        let hugs = matches!(leaf.kind, K::Comma | K::Semicolon);
        if self.comments.is_empty() {
            if !hugs {
                self.gap(gap, false);
            }
            self.text(text);
            return;
        }
        let owned = self.comments.take(leaf);
        let mut leading = std::mem::take(&mut self.carried);
        let Owned { leading: own, trailing, blank_before } = owned;
        leading.extend(own);
        if hugs && leading.is_empty() {
            self.text(text);
            self.trailing.extend(trailing);
            return;
        }
        self.gap_and_leading(gap, &leading, blank_before);
        self.text(text);
        self.trailing.extend(trailing);
    }

    /// Writes text that has no leaf of its own.
    pub(super) fn extra(&mut self, text: &str, gap: Gap) {
        let gap = self.asked.take().unwrap_or(gap);
        // A comma or bracket goes before the comments behind what it closes.
        if !(matches!(text, "," | ")") && gap == Gap::None) {
            self.gap(gap, false);
        }
        self.text(text);
    }

    /// Leaves a leaf out but keeps its comments for the next one.
    pub(super) fn skip(&mut self, leaf: Leaf) {
        let owned = self.comments.take(leaf);
        self.carried.extend(owned.leading);
        self.carried.extend(owned.trailing);
    }

    fn text(&mut self, text: &str) {
        self.empty = false;
        self.out.text(text);
    }

    fn gap_and_leading(&mut self, gap: Gap, leading: &[Comment], blank_before: bool) {
        if leading.is_empty() {
            self.gap(gap, blank_before);
            return;
        }
        for (n, comment) in leading.iter().enumerate() {
            let keeps_blank = gap == Gap::Statement && (n > 0 || !self.empty);
            let gap = if gap == Gap::Statement { gap } else { Gap::Hard };
            self.gap(gap, keeps_blank && comment.blank_before);
            self.text(&comment.text);
        }
        let last = if gap == Gap::Statement { gap } else { Gap::Hard };
        self.gap(last, blank_before);
    }

    fn gap(&mut self, gap: Gap, blank: bool) {
        let must_break = self.flush_trailing();
        if self.empty {
            return;
        }
        match gap {
            Gap::Statement if blank => self.out.blank(Blank::Empty),
            Gap::Hard | Gap::Statement => self.out.blank(Blank::Hard),
            _ if must_break => self.out.blank(Blank::Hard),
            Gap::None => {}
            Gap::Space => self.out.text(" "),
            Gap::Line => self.out.blank(Blank::Line),
            Gap::Soft => self.out.blank(Blank::Soft),
        }
    }

    /// Prints the comments behind the last leaf; true when the line must end after them.
    fn flush_trailing(&mut self) -> bool {
        let mut must_break = false;
        if self.trailing.is_empty() {
            return must_break;
        }
        for comment in std::mem::take(&mut self.trailing) {
            if must_break {
                self.out.blank(Blank::Hard);
            } else {
                self.out.text(" ");
            }
            // What follows a line end stays on a line of its own.
            must_break |= comment.to_line_end;
            self.out.text(&comment.text);
        }
        must_break
    }

    /// The document, with the comments at the end of the text.
    pub(super) fn finish(mut self) -> Doc {
        let mut rest = std::mem::take(&mut self.carried);
        rest.append(&mut self.comments.at_end.leading);
        self.flush_trailing();
        for comment in rest {
            if !self.empty {
                self.out.blank(if comment.blank_before { Blank::Empty } else { Blank::Hard });
            }
            self.text(&comment.text);
        }
        if !self.empty {
            self.out.blank(Blank::Hard);
        }
        self.out
    }
}
