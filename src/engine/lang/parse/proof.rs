//! `PROOF` clauses.

use super::expected::Class;
use super::parser::Parser;
use crate::engine::base::Kind;
use crate::engine::lang::ast::{Condition, ConditionKind, Proof, ProofBlock, ProofJoin, ProofSpec};
use crate::engine::lang::diag::Diagnostic;
use crate::engine::lang::kind::{Kw, SyntaxKind as K};

impl Parser<'_> {
    /// `proof = "PROOF" spec { ("AND" | "OR" | ",") spec } ["THRESHOLD" number]`
    pub(super) fn proof(&mut self) -> Proof {
        let start = self.start();
        self.open(K::ProofClause);
        self.bump_as(K::Keyword);
        let mut specs = Vec::new();
        let mut joined = ProofJoin::And;
        loop {
            specs.extend(self.proof_spec(joined));
            self.recover(|leaf| leaf.kind == K::RightParen || leaf.kw.is_some_and(Kw::is_reserved));
            let span = self.span();
            joined = if self.eat(Kw::And) || self.eat_sign(K::Comma) {
                ProofJoin::And
            } else if self.eat(Kw::Or) {
                let message = "OR proves only the first proof that can be proved";
                self.note(
                    Diagnostic::warning(Kind::Lint, span, message).hint("AND proves all of them"),
                );
                ProofJoin::Or
            } else {
                break;
            };
        }
        let threshold = if self.eat(Kw::Threshold) { self.plain_number() } else { None };
        self.close();
        Proof { specs, threshold, span: self.since(start) }
    }

    /// `spec = name [ "(" id ")" | id | block ] ["WITH" parameters]`
    fn proof_spec(&mut self, joined: ProofJoin) -> Option<ProofSpec> {
        let start = self.start();
        self.open(K::ProofSpec);
        let spec = self.proof_spec_body(joined, start);
        self.close();
        spec
    }

    fn proof_spec_body(&mut self, joined: ProofJoin, start: usize) -> Option<ProofSpec> {
        let proof_type = self.name(Class::ProofType)?;
        let (mut argument, mut block, mut params) = (None, None, Vec::new());
        if self.eat_sign(K::LeftParen) {
            argument = self.id(Class::ContractName);
            self.expect_sign(K::RightParen);
        } else if self.at_sign(K::LeftBrace) {
            block = self.proof_block();
        } else if self.at_proof_argument() {
            argument = self.id(Class::ContractName);
        }
        if !self.panicking && self.eat(Kw::With) {
            params = self.parameters();
        }
        Some(ProofSpec { joined, proof_type, argument, params, block, span: self.since(start) })
    }

    /// `EXISTENCE entity-001`: an argument without parentheses.
    fn at_proof_argument(&mut self) -> bool {
        !self.kw().is_some_and(Kw::is_reserved) && self.at_id()
    }

    /// `"{" ("..." | ("∀" | "∃") name "∈" name "." condition) "}"`
    fn proof_block(&mut self) -> Option<ProofBlock> {
        self.open(K::ProofBlock);
        self.bump();
        let block = self.proof_block_body();
        if !self.panicking {
            self.expect_sign(K::RightBrace);
        }
        self.close();
        block
    }

    fn proof_block_body(&mut self) -> Option<ProofBlock> {
        if self.eat_sign(K::Ellipsis) {
            return Some(ProofBlock::Elided);
        }
        let all = match self.kind() {
            K::ForAll => true,
            K::ThereIs => false,
            _ => {
                self.unexpected_but(&["`∀`", "`∃`", "`...`"]);
                return None;
            }
        };
        self.bump();
        let variable = self.name(Class::Variable)?;
        self.expect_sign(K::ElementOf).then_some(())?;
        let domain = self.name(Class::Name)?;
        self.expect_sign(K::Dot).then_some(())?;
        let span = self.span();
        let condition =
            self.deeper(Self::condition).unwrap_or(Condition { kind: ConditionKind::Error, span });
        Some(ProofBlock::Quantified { all, variable, domain, condition: Box::new(condition) })
    }
}
