//! Which comment belongs to which leaf.
//!
//! A comment on the line of a leaf trails it; a comment on a line of its own leads the leaf behind
//! it. The rule looks only at line ends, and the printer keeps those, so it finds the same owners in
//! its own output.

use crate::engine::lang::kind::SyntaxKind as K;
use crate::engine::lang::tree::{Leaf, Tree};

/// A comment and how it stands.
#[derive(Clone, Debug)]
pub(super) struct Comment {
    /// Its text, without blanks at its end.
    pub(super) text: String,
    /// It runs to the end of its line.
    pub(super) to_line_end: bool,
    /// There is an empty line before it.
    pub(super) blank_before: bool,
}

/// The comments of one leaf.
#[derive(Clone, Debug, Default)]
pub(super) struct Owned {
    pub(super) leading: Vec<Comment>,
    pub(super) trailing: Vec<Comment>,
    /// There is an empty line before the leaf itself (behind its leading comments).
    pub(super) blank_before: bool,
}

/// All comments of a text, by the first byte of the leaf that owns them; those behind the last leaf
/// belong to the end of the text.
pub(super) struct Comments {
    /// Sorted by the owner.
    owned: Vec<(u32, Owned)>,
    pub(super) at_end: Owned,
}

impl Comments {
    /// True when there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.owned.is_empty()
    }

    /// Takes what belongs to a leaf.
    pub(super) fn take(&mut self, leaf: Leaf) -> Owned {
        self.find(leaf).map(std::mem::take).unwrap_or_default()
    }

    /// Takes what stands before a leaf: its leading comments, and whether an empty line follows.
    pub(super) fn take_leading(&mut self, leaf: Leaf) -> (Vec<Comment>, bool) {
        self.find(leaf).map_or_else(Default::default, |owned| {
            (std::mem::take(&mut owned.leading), std::mem::take(&mut owned.blank_before))
        })
    }

    fn find(&mut self, leaf: Leaf) -> Option<&mut Owned> {
        let at = self.owned.binary_search_by_key(&leaf.span.start, |(owner, _)| *owner).ok()?;
        self.owned.get_mut(at).map(|(_, owned)| owned)
    }

    /// Attaches the comments of a tree that begin at `from` or later.
    pub(super) fn attach(tree: &Tree, source: &str, from: u32) -> Self {
        let mut comments = Self { owned: Vec::new(), at_end: Owned::default() };
        if !tree.is_commented() {
            return comments;
        }
        let mut last: Option<u32> = None;
        let mut between = Between::default();
        for leaf in tree.leaves() {
            let text = leaf.text(source);
            match leaf.kind {
                K::Whitespace => between.blanks(text),
                K::LineComment | K::BlockComment if leaf.span.start < from => {
                    between = Between::default();
                }
                K::LineComment | K::BlockComment => {
                    let comment = between.comment(leaf.kind, text);
                    if between.on_the_line
                        && let Some(owner) = last
                    {
                        comments.of(owner).trailing.push(comment);
                    } else {
                        between.leading.push(comment);
                    }
                    if text.contains('\n') {
                        between.line_ends = 0;
                    }
                }
                _ => {
                    let owned = std::mem::take(&mut between);
                    comments.give(leaf.span.start, owned);
                    last = Some(leaf.span.start);
                    between.on_the_line = true;
                }
            }
        }
        comments.at_end =
            Owned { leading: between.leading, blank_before: false, trailing: Vec::new() };
        comments
    }

    /// What belongs to a leaf, which must be the last one met.
    fn of(&mut self, owner: u32) -> &mut Owned {
        if self.owned.last().is_none_or(|(last, _)| *last != owner) {
            self.owned.push((owner, Owned::default()));
        }
        self.owned.last_mut().map(|(_, owned)| owned).expect("one was pushed just now")
    }

    fn give(&mut self, owner: u32, between: Between) {
        let blank_before = between.line_ends > 1;
        if blank_before || !between.leading.is_empty() {
            let owned = self.of(owner);
            owned.leading = between.leading;
            owned.blank_before = blank_before;
        }
    }
}

/// What was seen since the last leaf.
#[derive(Default)]
struct Between {
    leading: Vec<Comment>,
    /// No line end yet since the last leaf.
    on_the_line: bool,
    /// Line ends since the last leaf or comment.
    line_ends: usize,
}

impl Between {
    fn blanks(&mut self, text: &str) {
        if text == " " {
            return;
        }
        let ends = text.bytes().filter(|b| *b == b'\n').count();
        self.line_ends += ends;
        if ends > 0 {
            self.on_the_line = false;
        }
    }

    fn comment(&mut self, kind: K, text: &str) -> Comment {
        let blank_before = self.line_ends > 1;
        self.line_ends = 0;
        Comment {
            text: text.trim_end().replace("\r\n", "\n"),
            to_line_end: kind == K::LineComment,
            blank_before,
        }
    }
}
