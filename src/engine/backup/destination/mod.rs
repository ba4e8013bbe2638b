//! Where backups are kept: what every such place can do, and how users name one.
//!
//! A place holds backups by their names, and a backup appears in it whole or not at all: files are
//! prepared in a folder of this computer, and [`Incoming::seal`] makes them count.

mod address;
mod directory;
#[cfg(feature = "s3")]
mod s3;
mod stream;

use std::path::Path;

pub use address::{Access, Address};
pub(super) use directory::Directory;
pub use stream::{incoming, outgoing};

use super::Watch;
use super::manifest::{FileEntry, Manifest};
use crate::engine::base::{Result, Timestamp};

/// Takes the bytes of a file, block by block; an error of its ends the reading.
pub(super) type Block<'a> = &'a mut dyn FnMut(&[u8]) -> Result<()>;

/// A place for backups.
pub trait Destination {
    /// As messages name it.
    fn describe(&self) -> String;

    /// The names of all backups that count, in no order. Fails when there is no such place.
    fn backups(&self) -> Result<Vec<String>>;

    /// The manifest of a backup, as it was written.
    fn manifest(&self, id: &str) -> Result<Vec<u8>>;

    /// What there is in a backup beside its manifest: names and lengths.
    fn files(&self, id: &str) -> Result<Vec<(String, u64)>>;

    /// Reads a file of a backup. That it is missing, or has another length, is damage.
    fn read(&self, id: &str, entry: &FileEntry, each: Block<'_>) -> Result<()>;

    /// The folder of this computer that the backups lie in, if they lie in one.
    fn root(&self) -> Option<&Path> {
        None
    }

    /// The right to add and remove, which ends when it is dropped; what others who died have left is
    /// removed. A place that does not exist is made.
    fn hold(&self, now: Timestamp) -> Result<Held>;

    /// Begins a backup behind the one with the number `last`.
    fn begin(&self, held: &Held, last: u64) -> Result<Box<dyn Incoming + '_>>;

    /// Removes a backup. If that is cut short, it no longer counts.
    fn remove(&self, held: &Held, id: &str) -> Result<()>;
}

/// The right to change a place; it ends when this is dropped.
#[derive(Debug)]
pub struct Held {
    #[expect(dead_code, reason = "held, not used")]
    lock: Option<std::fs::File>,
}

/// A backup that does not count yet. It is gone when it is dropped without having been sealed.
pub trait Incoming {
    /// Its name.
    fn id(&self) -> &str;

    /// The folder of this computer where its files are made.
    fn dir(&self) -> &Path;

    /// All of its files are there: it counts when this returns, and survives a power cut.
    fn seal(self: Box<Self>, manifest: &Manifest, watch: Watch<'_>) -> Result<()>;
}

/// Names of backups: six digits or more.
pub(super) fn is_id(name: &str) -> bool {
    (6..=18).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_digit())
}

/// The name behind the backup with the number `last`.
pub(super) fn id_after(last: u64) -> String {
    format!("{:06}", last + 1)
}
