//! The commit log: every commit of the database, in order, before it is anything else.
//!
//! A commit is durable when its record is here. Segments hold records, records hold one section per
//! modality; a checksum covers every byte of a record, its length included. This room knows nothing
//! of what sections mean, of SQLite or of readers: it appends, it reads back, and it tells a torn
//! end (a write that never finished, cut off) from damage (an error, never a shorter history).

pub mod record;
pub mod recover;
pub mod segment;
pub mod walk;
pub mod wire;
pub mod writer;

mod medium;

pub use record::{LogRecord, Section};
pub use recover::{Tail, TailRequest};
pub use writer::{AppendError, LogWriter};

#[cfg(test)]
pub(crate) use medium::Faults;
