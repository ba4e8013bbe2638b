//! From a checked statement to an answer.
//!
//! The evaluator over assembled hexads is the law; indexes only make it faster. Nothing here knows
//! how anything is stored.

pub mod aggregate;
pub mod budget;
pub mod fuse;
pub mod like;
pub mod order;
