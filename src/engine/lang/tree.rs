//! The lossless tree: every byte of the text is in exactly one leaf.
//!
//! Leaves carry the *role* the parser gave a word (keyword, name, modality ..), which is what the
//! formatter and the highlighter need; the meaning is in the AST. Nodes begin and end with a leaf
//! that is not trivia; blanks and comments between two nodes belong to the node around both.
//!
//! A tree is one list of nodes and leaves, each node before its parts; a [`Node`] is a view of a
//! stretch of it. A tree of a hundred leaves costs one allocation, not forty.

use super::kind::{Kw, SyntaxKind};
use crate::engine::base::Span;

/// The tree of a text.
#[derive(Clone, Debug)]
pub struct Tree {
    entries: Vec<Entry>,
    commented: bool,
}

/// A node or a leaf.
#[derive(Clone, Copy, Debug)]
struct Entry {
    kind: SyntaxKind,
    kw: Option<Kw>,
    span: Span,
    /// Entries of the node, itself included; zero for a leaf.
    size: u32,
}

impl Entry {
    const ROOT: Self =
        Self { kind: SyntaxKind::Script, kw: None, span: Span { start: 0, end: 0 }, size: 1 };

    fn leaf(&self) -> Leaf {
        Leaf { kind: self.kind, span: self.span, kw: self.kw }
    }
}

/// An inner node.
#[derive(Clone, Copy, Debug)]
pub struct Node<'t> {
    head: &'t Entry,
    parts: &'t [Entry],
}

/// A part of a node.
#[derive(Clone, Copy, Debug)]
pub enum Element<'t> {
    /// An inner node.
    Node(Node<'t>),
    /// A leaf.
    Leaf(Leaf),
}

/// A leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// What.
    pub kind: SyntaxKind,
    /// Where.
    pub span: Span,
    /// The keyword its letters spell, whatever its role.
    pub kw: Option<Kw>,
}

impl Leaf {
    /// Its text.
    pub fn text<'a>(&self, source: &'a str) -> &'a str {
        source.get(self.span.range()).unwrap_or("")
    }
}

impl Tree {
    /// The node of kind [`SyntaxKind::Script`].
    pub fn root(&self) -> Node<'_> {
        match self.entries.split_first() {
            Some((head, parts)) => Node { head, parts },
            None => Node { head: &Entry::ROOT, parts: &[] },
        }
    }

    /// True when there are comments.
    pub fn is_commented(&self) -> bool {
        self.commented
    }

    /// The leaves in order.
    pub fn leaves(&self) -> impl DoubleEndedIterator<Item = Leaf> {
        self.root().leaves()
    }
}

impl<'t> Node<'t> {
    /// What.
    pub fn kind(self) -> SyntaxKind {
        self.head.kind
    }

    /// Where.
    pub fn span(self) -> Span {
        self.head.span
    }

    /// Its parts in order.
    pub fn children(self) -> Children<'t> {
        Children { rest: self.parts }
    }

    /// The nodes among the children.
    pub fn nodes(self) -> impl Iterator<Item = Self> {
        self.children().filter_map(|child| match child {
            Element::Node(node) => Some(node),
            Element::Leaf(_) => None,
        })
    }

    /// The first child node of a kind.
    pub fn find(self, kind: SyntaxKind) -> Option<Self> {
        self.nodes().find(|node| node.kind() == kind)
    }

    /// All leaves in it, in order.
    pub fn leaves(self) -> impl DoubleEndedIterator<Item = Leaf> {
        self.parts.iter().filter(|entry| entry.size == 0).map(Entry::leaf)
    }

    /// The leaf it begins with.
    pub fn first_leaf(self) -> Option<Leaf> {
        self.leaves().find(|leaf| !leaf.kind.is_trivia())
    }
}

/// The parts of a node, in order.
#[derive(Clone, Debug)]
pub struct Children<'t> {
    rest: &'t [Entry],
}

impl<'t> Iterator for Children<'t> {
    type Item = Element<'t>;

    fn next(&mut self) -> Option<Element<'t>> {
        let (head, rest) = self.rest.split_first()?;
        if head.size == 0 {
            self.rest = rest;
            return Some(Element::Leaf(head.leaf()));
        }
        let (parts, rest) = rest.split_at_checked(head.size as usize - 1).unwrap_or((rest, &[]));
        self.rest = rest;
        Some(Element::Node(Node { head, parts }))
    }
}

/// A place in the list of parts where a node may later begin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Checkpoint(usize);

/// Puts a tree together from the outside in.
#[derive(Debug)]
pub(super) struct Builder {
    entries: Vec<Entry>,
    /// Where the nodes begin that are not yet closed, the outermost first.
    open: Vec<usize>,
    commented: bool,
}

impl Builder {
    /// A tree with nothing in it but its root.
    pub(super) fn new() -> Self {
        let mut entries = Vec::with_capacity(64);
        entries.push(Entry::ROOT);
        Self { entries, open: Vec::with_capacity(16), commented: false }
    }

    pub(super) fn leaf(&mut self, leaf: Leaf) {
        let Leaf { kind, span, kw } = leaf;
        self.commented |= kind.is_comment();
        self.entries.push(Entry { kind, kw, span, size: 0 });
    }

    pub(super) fn checkpoint(&self) -> Checkpoint {
        Checkpoint(self.entries.len())
    }

    pub(super) fn open(&mut self, kind: SyntaxKind) {
        self.open_at(self.checkpoint(), kind);
    }

    /// Opens a node around what came since the checkpoint. Moves that by one place: nodes are
    /// nested [a few levels](crate::engine::base::limit::DEPTH) deep at most, so this stays linear.
    pub(super) fn open_at(&mut self, checkpoint: Checkpoint, kind: SyntaxKind) {
        let at = checkpoint.0.min(self.entries.len());
        self.open.push(at);
        self.entries.insert(at, Entry { kind, kw: None, span: Span::default(), size: 1 });
    }

    pub(super) fn close(&mut self) {
        let Some(at) = self.open.pop() else { return };
        // A node without leaves says nothing and is left out.
        if at + 1 >= self.entries.len() {
            self.entries.truncate(at);
            return;
        }
        self.seal(at);
    }

    /// Gives the node at `at` all entries behind it.
    fn seal(&mut self, at: usize) {
        let size = (self.entries.len() - at) as u32;
        let first = self.entries.get(at + 1).map_or(0, |entry| entry.span.start);
        let last = self.entries.last().map_or(0, |entry| entry.span.end);
        if let Some(entry) = self.entries.get_mut(at) {
            entry.size = size;
            entry.span = Span { start: first, end: last };
        }
    }

    /// The tree, and a new one begun.
    pub(super) fn take(&mut self) -> Tree {
        while !self.open.is_empty() {
            self.close();
        }
        if self.entries.len() > 1 {
            self.seal(0);
        }
        let Self { entries, commented, .. } = std::mem::replace(self, Self::new());
        Tree { entries, commented }
    }
}
