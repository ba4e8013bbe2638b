//! The lossless tree: every byte of the text is in exactly one leaf.
//!
//! Leaves carry the *role* the parser gave a word (keyword, name, modality ..), which is what the
//! formatter and the highlighter need; the meaning is in the AST. Nodes begin and end with a leaf
//! that is not trivia; blanks and comments between two nodes belong to the node around both.

use super::kind::{Kw, SyntaxKind};
use crate::engine::base::Span;

/// The tree of a text.
#[derive(Clone, Debug)]
pub struct Tree {
    /// The node of kind [`SyntaxKind::Script`].
    pub root: Node,
}

/// An inner node.
#[derive(Clone, Debug)]
pub struct Node {
    /// What.
    pub kind: SyntaxKind,
    /// Where.
    pub span: Span,
    /// Its parts in order.
    pub children: Vec<Element>,
}

/// A part of a node.
#[derive(Clone, Debug)]
pub enum Element {
    /// An inner node.
    Node(Node),
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
    /// The leaves in order.
    pub fn leaves(&self) -> Vec<Leaf> {
        let mut leaves = Vec::new();
        self.root.collect_leaves(&mut leaves);
        leaves
    }
}

impl Node {
    fn collect_leaves(&self, into: &mut Vec<Leaf>) {
        for child in &self.children {
            match child {
                Element::Node(node) => node.collect_leaves(into),
                Element::Leaf(leaf) => into.push(*leaf),
            }
        }
    }

    /// The nodes among the children.
    pub fn nodes(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|child| match child {
            Element::Node(node) => Some(node),
            Element::Leaf(_) => None,
        })
    }

    /// The first child node of a kind.
    pub fn find(&self, kind: SyntaxKind) -> Option<&Self> {
        self.nodes().find(|node| node.kind == kind)
    }
}

/// A place in the list of parts where a node may later begin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Checkpoint(usize);

/// Puts a tree together from the outside in.
#[derive(Debug, Default)]
pub(super) struct Builder {
    parts: Vec<Element>,
    open: Vec<(SyntaxKind, usize)>,
}

impl Builder {
    pub(super) fn leaf(&mut self, leaf: Leaf) {
        self.parts.push(Element::Leaf(leaf));
    }

    pub(super) fn checkpoint(&self) -> Checkpoint {
        Checkpoint(self.parts.len())
    }

    pub(super) fn open(&mut self, kind: SyntaxKind) {
        self.open.push((kind, self.parts.len()));
    }

    pub(super) fn open_at(&mut self, checkpoint: Checkpoint, kind: SyntaxKind) {
        self.open.push((kind, checkpoint.0.min(self.parts.len())));
    }

    pub(super) fn close(&mut self) {
        let Some((kind, from)) = self.open.pop() else { return };
        let children: Vec<Element> = self.parts.drain(from..).collect();
        let edge = |element: Option<&Element>| match element {
            Some(Element::Node(node)) => Some(node.span),
            Some(Element::Leaf(leaf)) => Some(leaf.span),
            None => None,
        };
        // A node without leaves says nothing and is left out, but for the root.
        let (first, last) = (edge(children.first()), edge(children.last()));
        match (first, last) {
            (Some(first), Some(last)) => {
                let span = first.to(last);
                self.parts.push(Element::Node(Node { kind, span, children }));
            }
            _ if kind == SyntaxKind::Script => {
                self.parts.push(Element::Node(Node { kind, span: Span::default(), children }));
            }
            _ => {}
        }
    }

    pub(super) fn finish(mut self) -> Tree {
        while !self.open.is_empty() {
            self.close();
        }
        let root = match self.parts.pop() {
            Some(Element::Node(node)) if node.kind == SyntaxKind::Script => node,
            _ => Node { kind: SyntaxKind::Script, span: Span::default(), children: Vec::new() },
        };
        Tree { root }
    }
}
