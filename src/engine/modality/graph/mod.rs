//! Edges to other hexads.

pub mod codec;
pub mod valid;

use std::collections::BTreeMap;

use crate::engine::base::{HexadId, Value};

pub mod csr;
pub mod index;
pub mod lookup;
pub mod neighbors;
pub mod pattern;
mod uncommitted;
pub mod walk;

#[cfg(test)]
mod tests;

pub use index::{Dangling, GraphIndex, GraphView};
pub use lookup::GraphLookup;
pub use neighbors::{Direction, Follow, Neighbors, PredicateId, Predicates};
pub use pattern::{PatternEdge, Search, match_pattern, matches};
pub use uncommitted::predicates;
pub use walk::{Hops, reach};

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
