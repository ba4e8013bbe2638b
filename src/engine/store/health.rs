//! Which modality files cannot be used at the moment, and why: what keeps one damaged file from
//! stopping the others. Making a file again stands in `rebuild.rs`.

use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::RwLock;

use crate::engine::base::{Error, Kind, Modality, Result};

use super::directory;
use super::place::Place;

/// What is the matter with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ailment {
    /// It is being made again from the log; so many of a hundred parts are done.
    Rebuilding(u8),
    /// It cannot be made again, for this reason.
    Lost(String),
}

impl fmt::Display for Ailment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rebuilding(percent) => write!(f, "is being rebuilt ({percent} %)"),
            Self::Lost(reason) => write!(f, "is lost: {reason}"),
        }
    }
}

/// The files that cannot be used.
#[derive(Debug, Default)]
pub(super) struct Health {
    ill: RwLock<[Option<Ailment>; 8]>,
    /// Counts the changes: connections opened before one are not used after it.
    epoch: AtomicU64,
}

impl Health {
    /// What is the matter with the file of `place`.
    pub(super) fn of(&self, place: Place) -> Option<Ailment> {
        let modality = place.modality()?;
        self.ill.read()[modality as usize].clone()
    }

    /// Every modality that cannot be used.
    pub(super) fn all(&self) -> Vec<(Modality, Ailment)> {
        let ill = self.ill.read();
        Modality::ALL.into_iter().filter_map(|m| Some((m, ill[m as usize].clone()?))).collect()
    }

    /// True when every file is well.
    pub(super) fn whole(&self) -> bool {
        self.ill.read().iter().all(Option::is_none)
    }

    /// Says what is the matter, or that nothing is any more.
    pub(super) fn set(&self, modality: Modality, ailment: Option<Ailment>) {
        let mut ill = self.ill.write();
        let entry = &mut ill[modality as usize];
        if entry.is_some() != ailment.is_some() {
            self.epoch.fetch_add(1, Ordering::AcqRel);
        }
        *entry = ailment;
    }

    /// How often a file has been lost or found again.
    pub(super) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// The error for whoever needs the file of `place`.
    pub(super) fn refusal(&self, place: Place) -> Error {
        let ailment = self.of(place);
        let hint = match &ailment {
            Some(Ailment::Rebuilding(_)) => {
                "the other modalities serve meanwhile; SHOW STATUS says when it is done"
            }
            Some(Ailment::Lost(_)) => {
                "close the database and put this file of a backup in its place: what was committed \
                 since is replayed from the log; the other modalities serve meanwhile"
            }
            None => "try again",
        };
        let what = ailment.map_or_else(|| "is not open".to_owned(), |a| a.to_string());
        Error::new(Kind::StoreUnavailable, format!("{} {what}", place.name())).hint(hint)
    }
}

/// True for what only a damaged or missing file answers.
pub(super) fn is_damage(error: &Error, path: &Path) -> bool {
    error.kind == Kind::Corruption || !path.exists()
}

/// Puts the damaged file of `place` aside under the extension `damaged`, with what SQLite keeps beside
/// it; one that was put aside earlier gives way. Says whether there was one.
pub(super) fn put_aside(dir: &Path, place: Place) -> Result<bool> {
    let file = place.path(dir);
    let there = file.exists();
    for rest in directory::OF_SQLITE {
        let from = dir.join(format!("{}{rest}", place.file_name()));
        if from.exists() {
            let to = dir.join(format!("{}.damaged{rest}", place.file_name()));
            std::fs::rename(&from, &to).map_err(|e| directory::io_error(&from, &e))?;
        }
    }
    Ok(there)
}
