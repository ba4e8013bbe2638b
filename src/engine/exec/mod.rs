//! From a checked statement to an answer.
//!
//! The evaluator over assembled hexads is the law; indexes only make it faster. Nothing here knows
//! how anything is stored.

pub mod access;
pub mod aggregate;
pub mod best_first;
pub mod bindings;
pub mod budget;
pub mod candidates;
pub mod conjunction;
pub mod content;
pub mod context;
pub mod drift;
pub mod entity;
pub mod eval;
pub mod field;
pub mod find;
pub mod function;
pub mod fuse;
pub mod group;
pub mod leaf;
pub mod like;
pub mod measures;
pub mod normalize;
pub mod order;
pub mod past;
pub mod predicate;
pub mod prepared;
pub mod rank;
pub mod row;
pub mod scalar;
pub mod select;
pub mod similarity;
pub mod statement;
pub mod statistics;
pub mod text;
pub mod top;
pub mod trace;

#[cfg(test)]
mod drift_tests;
#[cfg(test)]
mod explain_tests;
#[cfg(test)]
mod law_tests;
#[cfg(test)]
mod normalize_tests;
#[cfg(test)]
mod overlay_tests;
#[cfg(test)]
mod plan_tests;
#[cfg(test)]
mod policy_tests;
#[cfg(test)]
mod snapshot_tests;
#[cfg(test)]
mod statements_tests;
#[cfg(test)]
mod statistics_tests;
#[cfg(test)]
mod transaction_tests;
