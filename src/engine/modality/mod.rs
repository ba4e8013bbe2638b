//! The eight places an entity lives in, each in a room of its own.
//!
//! A modality defines its record, the record's canonical bytes, what makes a record valid, its
//! conditions as predicates, and the indexes that answer them. Modalities do not know each other:
//! pairs meet in `hexad`, `drift` and `exec`.

pub mod document;
pub mod graph;
pub mod provenance;
pub mod semantic;
pub mod spatial;
pub mod temporal;
pub mod tensor;
pub mod vector;
