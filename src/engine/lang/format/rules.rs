//! How each construct is laid out.
//!
//! Clauses stand on their own lines in the documented order; conditions of a clause break at `AND`
//! and `OR`; lists break when they do not fit. Everything else is leaves with the blanks that
//! [`super::spacing`] puts between them.

use super::KeywordCase;
use super::doc::Shape;
use super::spacing::{Spelling, gap, spelling};
use super::writer::{Gap, Writer};
use crate::engine::lang::kind::{Kw, SyntaxKind as K};
use crate::engine::lang::tree::{Element, Leaf, Node, Tree};

/// Writes a whole tree.
pub(super) struct Rules<'a> {
    writer: Writer,
    source: &'a str,
    /// The last leaf written.
    last: Option<Leaf>,
    /// The kinds of the nodes around, outermost first.
    around: Vec<K>,
    /// `=` in conditions becomes `==`: the source is one of the specification.
    canonical_signs: bool,
    /// Options stand on their own lines.
    options_break: bool,
    case: KeywordCase,
    /// Room for a word that is spelled otherwise than in the text.
    room: String,
}

impl<'a> Rules<'a> {
    /// For a writer of the tree of a text.
    pub(super) fn new(writer: Writer, source: &'a str, case: KeywordCase) -> Self {
        Self {
            writer,
            source,
            last: None,
            around: Vec::with_capacity(16),
            canonical_signs: false,
            options_break: false,
            case,
            room: String::new(),
        }
    }

    /// The statements, each with at most one `;`.
    pub(super) fn script(mut self, tree: &Tree) -> Writer {
        let mut closed = true;
        for child in tree.root().children() {
            match child {
                Element::Node(statement) => {
                    self.writer.ask(Gap::Statement);
                    self.canonical_signs = is_canonical(statement);
                    self.options_break = statement.find(K::FromClause).is_some();
                    self.last = None;
                    self.node(statement);
                    closed = false;
                }
                Element::Leaf(leaf) if leaf.kind == K::Semicolon => {
                    if closed {
                        self.writer.skip(leaf);
                    } else {
                        self.leaf(leaf);
                    }
                    closed = true;
                }
                Element::Leaf(_) => {}
            }
        }
        self.writer
    }

    fn node(&mut self, node: Node<'_>) {
        match node.kind() {
            K::ParenCondition
            | K::List
            | K::Row
            | K::Array
            | K::Predicate
            | K::Pattern
            | K::SelectClause
            | K::GroupClause
            | K::OrderClause
            | K::ValuesClause
            | K::WhereClause
            | K::HavingClause
            | K::ProofClause
            | K::SetArm => self.settle(node),
            K::SetClause if starts_with_keyword(node) => self.settle(node),
            _ => {}
        }
        self.around.push(node.kind());
        match node.kind() {
            K::Query => self.query(node),
            K::SetArm => self.set_arm(node),
            K::SelectClause | K::GroupClause | K::OrderClause | K::ValuesClause | K::SetClause => {
                self.list_clause(node);
            }
            K::WhereClause | K::HavingClause => self.condition_clause(node),
            K::AndChain | K::OrChain => self.chain(node),
            K::ParenCondition | K::List | K::Row | K::Array => self.bracketed(node.children()),
            K::Call | K::ModalityData => self.named_brackets(node),
            K::ProofClause => self.proof(node),
            K::Predicate => self.predicate(node),
            K::PatternNode => self.pattern_node(node),
            K::Quantifier => self.quantifier(node),
            _ => self.children(node),
        }
        self.around.pop();
    }

    fn children(&mut self, node: Node<'_>) {
        let mut first = true;
        for child in node.children() {
            if let Element::Node(inner) = child
                && !first
                && self.starts_line(inner)
            {
                self.writer.ask(Gap::Hard);
            }
            first &= matches!(child, Element::Leaf(leaf) if leaf.kind.is_trivia());
            self.element(child);
        }
    }

    fn element(&mut self, element: Element<'_>) {
        match element {
            Element::Node(node) => self.node(node),
            Element::Leaf(leaf) => self.leaf(leaf),
        }
    }

    fn starts_line(&self, node: Node<'_>) -> bool {
        match node.kind() {
            K::FromClause
            | K::Modifier
            | K::WhereClause
            | K::GroupClause
            | K::HavingClause
            | K::ProofClause
            | K::OrderClause
            | K::LimitClause
            | K::OffsetClause
            | K::ValuesClause
            | K::SetOperator
            | K::SetArm => true,
            K::SetClause => starts_with_keyword(node),
            K::Option => self.options_break,
            _ => false,
        }
    }

    // ----- leaves

    fn leaf(&mut self, leaf: Leaf) {
        if leaf.kind.is_trivia() {
            return;
        }
        let how = Spelling { case: self.case, canonical_signs: self.canonical_signs };
        let mut room = std::mem::take(&mut self.room);
        let text = spelling(leaf, self.source, &self.around, how, &mut room);
        self.write(leaf, text);
        self.room = room;
    }

    fn write(&mut self, leaf: Leaf, text: &str) {
        let gap = gap(self.last, leaf, self.source, &self.around);
        self.writer.leaf(leaf, text, gap);
        self.last = Some(leaf);
    }

    /// Writes the gap before a node now, outside the group that the node will open.
    fn settle(&mut self, node: Node<'_>) {
        if let Some(first) = node.first_leaf() {
            let inside = !matches!(node.kind(), K::Pattern | K::Predicate);
            if inside {
                self.around.push(node.kind());
            }
            self.writer.settle(first, gap(self.last, first, self.source, &self.around));
            if inside {
                self.around.pop();
            }
        }
    }

    // ----- queries

    /// The clauses in the documented order, wherever they stood.
    fn query(&mut self, node: Node<'_>) {
        let canonical = self.canonical_signs;
        self.canonical_signs = is_canonical(node);
        let position = |kind: K| node.nodes().position(|n| n.kind() == kind);
        let from_first = position(K::FromClause) < position(K::SelectClause)
            && position(K::FromClause).is_some();
        let mut clauses: Vec<Node<'_>> = node.nodes().collect();
        // `SELECT hexads WHERE` has no FROM that modifiers could follow.
        let without_from = position(K::FromClause).is_none();
        clauses.sort_by_key(|clause| match clause.kind() {
            K::Modifier if without_from => rank(K::WhereClause, false),
            kind => rank(kind, from_first),
        });
        for (n, clause) in clauses.into_iter().enumerate() {
            if n > 0 {
                self.writer.ask(Gap::Hard);
            }
            self.node(clause);
        }
        self.canonical_signs = canonical;
    }

    /// `(`, the query one step further in, `)`.
    fn set_arm(&mut self, node: Node<'_>) {
        self.writer.open(Shape::Indent);
        let mut open = true;
        for child in node.children() {
            match child {
                Element::Leaf(leaf) if leaf.kind == K::RightParen => {
                    self.writer.close();
                    open = false;
                    self.writer.ask(Gap::Hard);
                    self.leaf(leaf);
                }
                Element::Leaf(leaf) => self.leaf(leaf),
                Element::Node(query) => {
                    self.writer.ask(Gap::Hard);
                    self.node(query);
                }
            }
        }
        if open {
            self.writer.close();
        }
    }

    /// Keywords and a list that breaks behind every comma when it does not fit.
    fn list_clause(&mut self, node: Node<'_>) {
        let mut keywords = match node.kind() {
            K::GroupClause | K::OrderClause => 2,
            K::SetClause if !starts_with_keyword(node) => 0,
            _ => 1,
        };
        self.writer.open(Shape::Group);
        self.writer.open(Shape::Indent);
        let mut fresh = true;
        for child in significant(node.children()) {
            if keywords > 0 {
                keywords -= 1;
                self.element(child);
                continue;
            }
            let comma = matches!(child, Element::Leaf(leaf) if leaf.kind == K::Comma);
            let item = matches!(child, Element::Node(node) if node.kind() == K::SelectItem);
            if item && !fresh {
                self.writer.extra(",", Gap::None);
                fresh = true;
            }
            if fresh && !comma {
                self.writer.ask(Gap::Line);
            }
            self.element(child);
            fresh = comma;
        }
        self.writer.close();
        self.writer.close();
    }

    // ----- conditions

    fn condition_clause(&mut self, node: Node<'_>) {
        self.writer.open(Shape::Indent);
        self.children(node);
        self.writer.close();
    }

    /// Members joined by `AND` or `OR`: in a clause each on its own line, else where they fit.
    fn chain(&mut self, node: Node<'_>) {
        let chains = self.around.iter().rev().take_while(|k| matches!(k, K::AndChain | K::OrChain));
        let outside = self.around.len().checked_sub(chains.count() + 1);
        let top = outside
            .and_then(|at| self.around.get(at))
            .is_some_and(|k| matches!(k, K::WhereClause | K::HavingClause));
        if !top {
            if let Some(first) = node.first_leaf() {
                self.writer.settle(first, gap(self.last, first, self.source, &self.around));
            }
            self.writer.open(Shape::Group);
        }
        for child in node.children() {
            if matches!(child, Element::Leaf(leaf) if matches!(leaf.kw, Some(Kw::And | Kw::Or))) {
                self.writer.ask(if top { Gap::Hard } else { Gap::Line });
            }
            self.element(child);
        }
        if !top {
            self.writer.close();
        }
    }

    fn predicate(&mut self, node: Node<'_>) {
        self.writer.open(Shape::Group);
        self.writer.open(Shape::Indent);
        let mut ranks = false;
        for child in node.children() {
            if let Element::Leaf(leaf) = child
                && leaf.kind == K::Keyword
            {
                ranks |= matches!(leaf.kw, Some(Kw::Similar | Kw::Nearest));
                if ranks && matches!(leaf.kw, Some(Kw::Within | Kw::Using)) {
                    self.writer.ask(Gap::Line);
                }
            }
            self.element(child);
        }
        self.writer.close();
        self.writer.close();
    }

    /// Every proof on its own line.
    fn proof(&mut self, node: Node<'_>) {
        self.writer.open(Shape::Indent);
        for child in node.children() {
            if matches!(child, Element::Leaf(leaf) if matches!(leaf.kw, Some(Kw::And | Kw::Or))) {
                self.writer.ask(Gap::Hard);
            }
            self.element(child);
        }
        self.writer.close();
    }

    // ----- brackets

    /// A bracket, its items, a bracket.
    fn bracketed<'t>(&mut self, children: impl Iterator<Item = Element<'t>>) {
        let mut parts = significant(children).peekable();
        let Some(first) = parts.next() else { return };
        if parts.peek().is_none() {
            self.element(first);
            return;
        }
        let numbers = matches!(first, Element::Leaf(leaf) if leaf.kind == K::LeftBracket);
        self.writer.open(Shape::Group);
        self.element(first);
        self.writer.open(Shape::Indent);
        let mut items = 0;
        let mut after_comma = false;
        while let Some(part) = parts.next() {
            if parts.peek().is_some() {
                if items == 0 {
                    self.writer.gap_now(Gap::Soft);
                    if numbers {
                        self.writer.open(Shape::Fill);
                    }
                }
                items += 1;
                if after_comma {
                    self.writer.ask(Gap::Line);
                }
                after_comma = matches!(part, Element::Leaf(leaf) if leaf.kind == K::Comma);
                self.element(part);
                continue;
            }
            if numbers && items > 0 {
                self.writer.close();
            }
            self.writer.close();
            if items > 0 {
                self.writer.ask(Gap::Soft);
            }
            self.element(part);
        }
        self.writer.close();
    }

    /// A name and brackets.
    fn named_brackets(&mut self, node: Node<'_>) {
        let is_open =
            |child: &Element<'_>| matches!(child, Element::Leaf(l) if l.kind == K::LeftParen);
        let mut children = node.children().peekable();
        while let Some(part) = children.next_if(|child| !is_open(child)) {
            self.element(part);
        }
        self.bracketed(children);
    }

    // ----- patterns

    /// `h` becomes `(h)`.
    fn pattern_node(&mut self, node: Node<'_>) {
        let bare = !matches!(
            significant(node.children()).next(),
            Some(Element::Leaf(leaf)) if leaf.kind == K::LeftParen
        );
        if bare {
            self.writer.extra("(", Gap::None);
        }
        self.children(node);
        if bare {
            self.writer.extra(")", Gap::None);
        }
    }

    /// `{1,5}` becomes `*1..5`.
    fn quantifier(&mut self, node: Node<'_>) {
        for child in significant(node.children()) {
            let Element::Leaf(leaf) = child else { continue };
            match leaf.kind {
                K::LeftBrace => self.write(leaf, "*"),
                K::Comma => self.write(leaf, ".."),
                K::RightBrace => self.writer.skip(leaf),
                _ => self.leaf(leaf),
            }
        }
    }
}

fn significant<'t>(
    children: impl Iterator<Item = Element<'t>>,
) -> impl Iterator<Item = Element<'t>> {
    children.filter(|child| !matches!(child, Element::Leaf(leaf) if leaf.kind.is_trivia()))
}

fn starts_with_keyword(node: Node<'_>) -> bool {
    node.first_leaf().is_some_and(|leaf| leaf.kind == K::Keyword)
}

/// The place of a clause in a query.
fn rank(kind: K, from_first: bool) -> u8 {
    match kind {
        K::VerificationClause => 0,
        K::SelectClause => {
            if from_first {
                4
            } else {
                1
            }
        }
        K::FromClause => 2,
        K::Modifier => 3,
        K::WhereClause => 5,
        K::GroupClause => 6,
        K::HavingClause => 7,
        K::ProofClause => 8,
        K::OrderClause => 9,
        K::LimitClause => 10,
        _ => 11,
    }
}

/// True when `=` in the conditions of a statement or query is spelled `==`.
fn is_canonical(node: Node<'_>) -> bool {
    let mut canonical = false;
    for part in node.nodes() {
        match part.kind() {
            K::FromClause | K::Head => {
                canonical |= part
                    .nodes()
                    .any(|source| source.kind() == K::Source && names_specified_source(source));
                let first = part.first_leaf().and_then(|leaf| leaf.kw);
                canonical |=
                    part.kind() == K::Head && matches!(first, Some(Kw::Update | Kw::Create));
            }
            _ => {}
        }
    }
    canonical
}

fn names_specified_source(source: Node<'_>) -> bool {
    source.first_leaf().is_some_and(|leaf| {
        leaf.kind == K::Keyword
            && matches!(leaf.kw, Some(Kw::Hexad | Kw::Federation | Kw::Store | Kw::Reflect))
    })
}
