//! An entity across its modalities: assembled, validated, changed and written as one.

pub mod input;

pub use input::{HexadInput, ProvenanceInput};
