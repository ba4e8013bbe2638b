//! Rights, applied: what is hidden from a view, which act a statement is, and whether what it writes
//! may be written. What a right is and which one counts is said in [`crate::engine::auth`].

pub mod admit;
mod hide;
mod write;

#[cfg(test)]
mod mask_tests;
#[cfg(test)]
mod matrix_tests;

pub use hide::hidden;
pub use write::{check, claim};
