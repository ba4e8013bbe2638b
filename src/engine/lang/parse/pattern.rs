//! Graph patterns: `(h)-[:CITES*1..3]->(paper)` and `?x -[:CITES+]-> ?y`.

use super::expected::Class;
use super::parser::Parser;
use crate::engine::base::Kind;
use crate::engine::lang::ast::{Direction, GraphPattern, PatternEdge, PatternNode, Quantifier};
use crate::engine::lang::kind::{Kw, SyntaxKind as K};

impl Parser<'_> {
    /// True before `(x)-[`, `(x)<-[`, `?x -[`, `x -[`.
    pub(super) fn at_pattern(&mut self) -> bool {
        let mut n = match self.kind() {
            K::LeftParen => match (self.nth_kind(1), self.nth_kind(2), self.nth_kind(3)) {
                (K::Question, K::Word, K::RightParen) => 4,
                (K::Word, K::RightParen, _) => 3,
                (K::RightParen, _, _) => 2,
                (K::Question, ..) => return true,
                _ => return false,
            },
            K::Question => return true,
            K::Word => 1,
            _ => return false,
        };
        if self.nth_kind(n) == K::BackArrow {
            return true;
        }
        n += 1;
        self.nth_kind(n - 1) == K::Minus && self.nth_kind(n) == K::LeftBracket
    }

    /// `pattern = node edge node { edge node }`
    pub(super) fn pattern(&mut self) -> GraphPattern {
        let start = self.start();
        self.open(K::Pattern);
        let mut nodes = vec![self.pattern_node()];
        let mut edges = Vec::new();
        while !self.panicking && matches!(self.kind(), K::Minus | K::BackArrow) {
            edges.push(self.pattern_edge());
            nodes.push(self.pattern_node());
        }
        if edges.is_empty() {
            self.expected.sign(K::Minus);
            self.invalid_pattern(&["an edge such as -[:TYPE]->"]);
        }
        self.close();
        GraphPattern { nodes, edges, span: self.since(start) }
    }

    /// `node = "(" [ ["?"] name ] ")" | ["?"] name`
    fn pattern_node(&mut self) -> PatternNode {
        let start = self.start();
        self.open(K::PatternNode);
        let parens = self.eat_sign(K::LeftParen);
        let question = self.eat_sign(K::Question);
        let empty = parens && !question && self.at_sign(K::RightParen);
        let variable = if empty || self.panicking { None } else { self.name(Class::Variable) };
        if parens {
            self.expect_sign(K::RightParen);
        }
        self.close();
        PatternNode { variable, question, span: self.since(start) }
    }

    /// `edge = ("-" | "<-") "[" ":" name [quantifier] "]" ("->" | "-")`
    fn pattern_edge(&mut self) -> PatternEdge {
        let start = self.start();
        self.open(K::PatternEdge);
        let back = self.kind() == K::BackArrow;
        self.bump();
        if !self.eat_sign(K::LeftBracket) || !self.eat_sign(K::Colon) {
            self.invalid_pattern(&["`[:TYPE]`"]);
        }
        let edge_type = if self.panicking { None } else { self.edge_type() };
        let edge_type = edge_type.unwrap_or_else(|| self.missing_name());
        let quantifier = if self.panicking { None } else { self.quantifier() };
        if !self.panicking && !self.eat_sign(K::RightBracket) {
            self.invalid_pattern(&["`]`"]);
        }
        let direction = match (back, self.kind()) {
            (false, K::Arrow) => Direction::Out,
            (false, K::Minus) => Direction::Either,
            (true, K::Minus) => Direction::In,
            _ => {
                self.expected.sign(K::Arrow);
                self.expected.sign(K::Minus);
                self.invalid_pattern(if back { &["`-`"] } else { &["`->`", "`-`"] });
                Direction::Either
            }
        };
        if !self.panicking {
            self.bump();
        }
        self.close();
        PatternEdge { direction, edge_type, quantifier, span: self.since(start) }
    }

    fn edge_type(&mut self) -> Option<crate::engine::lang::ast::Name> {
        self.want(Class::EdgeType);
        let leaf = self.nth(0);
        if leaf.kind == K::Word && !leaf.kw.is_some_and(Kw::is_reserved) {
            return Some(self.bump_name(K::Name));
        }
        self.invalid_pattern(&["an edge type"]);
        None
    }

    /// `quantifier = "*" [ range ] | "+" | "{" m "," n "}"`
    fn quantifier(&mut self) -> Option<Quantifier> {
        let start = self.start();
        self.expected.sign(K::Star);
        self.expected.sign(K::Plus);
        self.expected.sign(K::LeftBrace);
        let kind = self.kind();
        if !matches!(kind, K::Star | K::Plus | K::LeftBrace) {
            return None;
        }
        self.open(K::Quantifier);
        self.bump();
        let (min, max) = match kind {
            K::Plus => (1, None),
            K::Star => self.star_range(),
            _ => self.brace_range(),
        };
        self.close();
        let span = self.since(start);
        if max.is_some_and(|max| max < min) && !self.panicking {
            self.note(crate::engine::lang::diag::Diagnostic::error(
                Kind::InvalidGraphPattern,
                span,
                "the upper bound of the path is below the lower one",
            ));
        }
        Some(Quantifier { min, max, span })
    }

    /// `range = m | m ".." n | m ".." | ".." n`, or nothing
    fn star_range(&mut self) -> (u32, Option<u32>) {
        let min = (self.kind() == K::Number).then(|| self.hops());
        if !self.eat_sign(K::DotDot) {
            return (min.unwrap_or(0), min);
        }
        match min {
            Some(min) if self.kind() != K::Number => (min, None),
            _ => (min.unwrap_or(0), Some(self.hops())),
        }
    }

    /// `m "," n "}"`
    fn brace_range(&mut self) -> (u32, Option<u32>) {
        let min = self.hops();
        if !self.panicking && !self.eat_sign(K::Comma) {
            self.invalid_pattern(&["a range such as *1..3"]);
        }
        let max = if self.panicking { None } else { Some(self.hops()) };
        self.expect_sign(K::RightBrace);
        (min, max)
    }

    fn hops(&mut self) -> u32 {
        if self.panicking {
            return 0;
        }
        if self.kind() != K::Number {
            self.invalid_pattern(&["a number of hops"]);
            return 0;
        }
        let span = self.span();
        let hops = self.text_here().parse::<u32>();
        self.bump();
        hops.unwrap_or_else(|_| {
            self.note(crate::engine::lang::diag::Diagnostic::error(
                Kind::InvalidNumber,
                span,
                "not a number of hops",
            ));
            0
        })
    }

    fn invalid_pattern(&mut self, expected: &[&str]) {
        let diagnostic = self.unexpected_diagnostic(Kind::InvalidGraphPattern, expected);
        self.report(diagnostic.hint("a path reads (a)-[:TYPE]->(b), (a)<-[:TYPE*1..3]-(b)"));
    }
}
