//! Backups: a folder of full copies and of the commits since, each with a manifest that is written last.
//!
//! What a place of backups is, [`destination`] says: a directory, a bucket, a stream. In a directory:
//!
//! ```text
//! DEST/
//!   LOCK                      held by whoever adds or removes
//!   000001/  manifest.json    a full backup
//!            data/            FORMAT and the nine files, all at one commit
//!   000002/  manifest.json    an incremental one: what was committed since 000001
//!            log/             one segment of commit log
//!   000003.partial/           being made, or left by somebody who died: counts for nothing
//! ```
//!
//! What a backup says of itself stands in [`manifest`]. Restoring makes a database of its own, with
//! a new identity: two continuations of one history never meet in one place.

mod choose;
mod create;
pub mod destination;
mod file;
pub mod manifest;
mod prune;
mod restore;
mod shelf;
mod verify;

pub use choose::Point;
pub use create::create;
pub use destination::{Access, Address, Destination};
pub use manifest::Manifest;
pub use prune::{Keep, Pruned, prune};
pub use restore::{Restored, Wanted, restore};
pub use shelf::{Listed, list};
pub use verify::{Verdict, verify};

use crate::engine::base::Result;

/// Is told what is being worked on; an error of its ends the work, which then leaves nothing behind.
pub type Watch<'a> = &'a mut dyn FnMut(&str) -> Result<()>;
