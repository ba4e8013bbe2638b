//! An entity across its modalities: assembled, validated, changed and written as one.
//!
//! What comes in is a [`HexadInput`]; [`Draft`] turns inputs and [`Change`]s into the write set of a
//! statement, [`assemble()`] reads an entity back. Queries and their conditions are not at home here.

pub mod assemble;
pub mod attempt;
pub mod change;
pub mod csv;
mod dimension;
mod edit;
pub mod export;
pub mod import;
pub mod input;
pub mod json;
pub mod replay;
pub mod snapshot;
pub mod write;

pub use assemble::{Hexad, assemble, assemble_at};
pub use change::{Change, Stored};
pub use export::export;
pub use import::{ImportOptions, OnConflict, Progress, Reject, import};
pub use input::{HexadInput, Origin, ProvenanceInput, Restored, Stamped};
pub use replay::{Recorded, replay};
pub use write::{Author, Draft, Step};

#[cfg(test)]
mod tests;
