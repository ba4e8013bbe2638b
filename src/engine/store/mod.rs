//! The files of a database: committed through one log, kept in SQLite, read through views.
//!
//! A commit is durable when it is in the log ([`crate::engine::log`]); it reaches the SQLite files a
//! little later, in batches, one modality after the other, but always before anybody can look. A
//! [`View`] shows one commit over all files. Every row carries a checksum that is verified whenever
//! the row is read: damage is an error that names the place, never a different answer.
//!
//! This is the only room that says SQL. It does not know what records mean, and it never reads a
//! clock: see `docs/internals/format.md` for what is on the disk.

pub mod copy;
pub mod index;
pub mod index_fields;
pub mod index_graph;
pub mod index_postings;
pub mod index_spatial;
pub mod index_touched;
pub mod options;
pub mod record;
pub mod several;
pub mod write_set;

mod apply;
mod background;
mod catalog;
mod codec;
mod commit;
mod conflict;
mod directory;
mod door;
mod files;
mod ground;
mod health;
mod inner;
mod loss;
mod mask;
mod names;
mod open;
mod overlay;
mod page_sum;
mod place;
mod pool;
mod presence;
mod reads;
mod rebuild;
mod replay;
mod rows;
mod schema;
mod sink;
mod space;
mod sqlite;
mod state;
mod tally;
mod trail;
#[cfg(test)]
pub(crate) mod trial;
mod verify;
mod verify_index;
mod verify_log;
mod view;

#[cfg(test)]
mod tests;

pub use commit::Attempt;
pub use conflict::Verdict;
pub use door::Store;
pub use ground::Ground;
pub use health::Ailment;
pub use index::{Applier, Appliers, Changes, IndexReader, IndexTx, RecordScan};
pub use mask::{Mask, Trim};
pub use options::{Committed, Fault, OpenOptions, Recovery, Status, SyncMode};
pub use overlay::{Overlay, Written};
pub use reads::Reads;
pub use record::{Appended, HexadHeader, Name, PastRecord, Record};
pub use several::Several;
pub use sink::LogSink;
pub use space::available as available_space;
pub use tally::{Tally, tally};
pub use trail::{Follower, Touch};
pub use view::View;
pub use write_set::{CatalogOp, Derivation, Op, Producer, RecordMeta, Space, WriteSet};
