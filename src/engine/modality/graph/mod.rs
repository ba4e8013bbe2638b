//! Edges to other hexads.

pub mod codec;

use std::collections::BTreeMap;

use crate::engine::base::{HexadId, Value};

/// The outgoing edges of a hexad, in the order given. Targets that do not exist are allowed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Edges {
    /// No two have the same predicate and target.
    pub edges: Vec<Edge>,
}

/// One edge.
#[derive(Clone, Debug, PartialEq)]
pub struct Edge {
    /// Its type, as in `-[:CITES]->`; compared without regard to ASCII case.
    pub predicate: String,
    /// The id it points to.
    pub target: HexadId,
    /// What is said of it.
    pub properties: BTreeMap<String, Value>,
}
