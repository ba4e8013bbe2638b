//! The data format: one hexad as one line of JSON, read and written.
//!
//! Reading is a single pass without a tree in between, because most of a line are the numbers of an
//! embedding. Unknown and repeated keys are faults that name the key. Writing is canonical: one
//! hexad has one line, and reading that line gives the same records back. The format is described
//! in `docs/reference/data-format.md`.

mod keep;
mod modality;
mod read;
mod scan;
mod write;

pub use read::{parse, parse_but};
pub use write::{line, record, state};

#[cfg(test)]
mod tests;
