//! An entity across its modalities: assembled, validated, changed and written as one.
//!
//! What comes in is a [`HexadInput`]; [`Draft`] turns inputs and [`Change`]s into the write set of a
//! statement, [`assemble`] reads an entity back. Queries and their conditions are not at home here.

pub mod assemble;
pub mod change;
mod edit;
pub mod input;
pub mod json;
pub mod write;

pub use assemble::{Hexad, assemble, assemble_at};
pub use change::Change;
pub use input::{HexadInput, ProvenanceInput, Restored};
pub use write::{Author, Draft};
