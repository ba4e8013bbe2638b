//! From a checked statement to a plan: lowering, rewriting, choosing how to find the rows.
//!
//! Everything here is a pure function of values: the statement, its parameters, the present instant,
//! contracts, statistics. It never touches storage, so every step can be tested as a table of inputs
//! and outputs.
#![warn(clippy::disallowed_methods)]

pub mod access;
pub mod again;
pub mod choose;
pub mod cost;
pub mod explain;
pub mod learn;
pub mod logical;
pub mod lower;
pub mod physical;
pub mod rules;
pub mod shape;
pub mod stats;
pub mod variables;
pub mod world;

pub use logical::{Filter, Leaf, Scalar, Select, Test};
