//! The names of a database as values: what the checker and completion may know of it.
//!
//! A [`Snapshot`] is filled by the engine from what its stores counted, and then only read. It holds
//! no rows and opens nothing.

mod snapshot;

pub use snapshot::{COLLECTIONS, Snapshot};
