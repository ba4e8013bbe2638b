//! What an entity is: types, properties, and who verified it.

pub mod codec;
pub mod valid;

use std::collections::BTreeMap;

use crate::engine::base::{Timestamp, Value};

pub mod conditions;
pub mod index;

pub use conditions::{Flat, TypeHierarchy};
#[cfg(test)]
mod tests;

pub use index::SemanticIndex;

/// The semantics of a hexad.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Semantics {
    /// Type names or IRIs, sorted, without repetition.
    pub types: Vec<String>,
    /// Any JSON value by name.
    pub properties: BTreeMap<String, Value>,
    /// Statements of verifiers about this hexad.
    pub verifications: Vec<Verification>,
}

/// Somebody vouches for the hexad.
#[derive(Clone, Debug, PartialEq)]
pub struct Verification {
    /// Who, as in `VERIFIED BY fda-validator`.
    pub verifier: String,
    /// What kind of proof was given, as in `HAS PROOF integrity`.
    pub proof: Option<String>,
    /// When.
    pub at: Option<Timestamp>,
}
