//! `PROOF` clauses: types that exist, and how they are joined.

use super::super::fields::Scope;
use super::super::proofs::{PROOF_TYPES, proof_type};
use super::condition::At;
use super::{Checker, suggest};
use crate::engine::base::Kind;
use crate::engine::lang::ast::{Name, Proof, ProofBlock, ProofSpec};

impl<'a> Checker<'a> {
    pub(super) fn proof_type(&mut self, name: &Name) {
        if proof_type(&name.text).is_none() {
            let known = || PROOF_TYPES.iter().map(|p| p.name);
            let message = format!("unknown proof type `{}`", name.text);
            let found = self.wrong(Kind::InvalidProofType, name.span, message);
            found.expected = known().map(str::to_owned).collect();
            suggest(found, &name.text, known());
        }
    }

    pub(super) fn proof(&mut self, proof: &'a Proof) {
        for spec in &proof.specs {
            self.proof_type(&spec.proof_type);
            for a in &spec.params {
                self.param_value(&a.value);
            }
            spec.argument.iter().filter_map(|id| id.param()).for_each(|p| self.param(p));
            self.proof_block(spec);
        }
        self.unit_interval(proof.threshold, proof.span, "the threshold of a proof");
    }

    fn proof_block(&mut self, spec: &'a ProofSpec) {
        match &spec.block {
            None => {}
            Some(ProofBlock::Elided) => self.elided(spec.span),
            Some(ProofBlock::Quantified { variable, condition, .. }) => {
                let inner = Scope::of_condition(Some(condition)).with_row(&variable.text);
                let outer = std::mem::replace(&mut self.scope, inner);
                self.leaves(condition);
                self.condition(condition, At::Nested);
                self.scope = outer;
            }
        }
    }
}
