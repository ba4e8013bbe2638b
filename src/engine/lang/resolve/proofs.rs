//! The types of proof a statement can ask for, and the names that mean the same.
//!
//! Whether a type can be proved by this version is the executor's business; here it has a meaning.

/// One type of proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProofType {
    /// The keyword, in capitals.
    pub name: &'static str,
    /// The type it is another word for.
    pub means: Option<&'static str>,
    /// What it proves.
    pub about: &'static str,
}

const fn proves(name: &'static str, about: &'static str) -> ProofType {
    ProofType { name, means: None, about }
}

const fn alias(name: &'static str, means: &'static str, about: &'static str) -> ProofType {
    ProofType { name, means: Some(means), about }
}

/// Every type of proof.
pub const PROOF_TYPES: &[ProofType] = &[
    proves("EXISTENCE", "The entity exists in all its modalities."),
    proves("INTEGRITY", "The content has the hash the record of it states."),
    proves("CONSISTENCY", "Two modalities have drifted no further than a threshold."),
    proves("PROVENANCE", "The chain of events is unbroken."),
    proves("FRESHNESS", "The data is no older than a limit."),
    proves("ACCESS", "The principal may read what it reads."),
    proves("CITATION", "What is cited exists and is cited."),
    proves("CUSTOM", "A circuit of the user's accepts."),
    proves("ZKP", "A claim holds, without showing why."),
    proves("PROVEN", "A certificate of a prover accompanies the data."),
    proves("SANCTIFY", "The contract was reviewed at a security level."),
    alias("AUTHORIZATION", "ACCESS", "Another word for ACCESS."),
    alias("AUTHENTICITY", "INTEGRITY", "Another word for INTEGRITY."),
    alias("PLONK", "ZKP", "Another word for ZKP."),
    proves("UNIVERSAL", "A condition holds for every row of the result."),
];

/// Finds a type of proof, in any case.
pub fn proof_type(word: &str) -> Option<&'static ProofType> {
    PROOF_TYPES.iter().find(|p| p.name.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alias_means_a_type_that_is_none() {
        for proof in PROOF_TYPES {
            if let Some(means) = proof.means {
                assert_eq!(proof_type(means).and_then(|p| p.means), None, "{}", proof.name);
                assert!(proof_type(means).is_some(), "{}", proof.name);
            }
        }
    }
}
