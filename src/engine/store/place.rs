//! The nine files a commit can change: one per modality, and the catalogue.

use std::path::{Path, PathBuf};

use crate::engine::base::Modality;

/// One of them; its number is the kind of its section in the commit log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place(u8);

impl Place {
    /// How many there are.
    pub(super) const COUNT: usize = 9;
    /// The catalogue.
    pub(super) const CATALOG: Self = Self(8);

    /// All of them, the catalogue last.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        (0..Self::COUNT as u8).map(Self)
    }

    /// The modality, if it is not the catalogue.
    pub(super) fn modality(self) -> Option<Modality> {
        Modality::ALL.get(usize::from(self.0)).copied()
    }

    /// As an index into arrays.
    pub(super) fn index(self) -> usize {
        usize::from(self.0)
    }

    /// As a section of the log names it.
    pub(super) fn kind(self) -> u8 {
        self.0
    }

    /// As status lines name it.
    pub(super) fn name(self) -> &'static str {
        self.modality().map_or("catalog", Modality::name)
    }

    /// As messages name its file.
    pub(super) fn file_name(self) -> String {
        format!("{}.db", self.name())
    }

    /// Its file.
    pub(super) fn path(self, dir: &Path) -> PathBuf {
        dir.join(self.file_name())
    }

    /// The write-ahead log SQLite keeps beside it.
    pub(super) fn wal_path(self, dir: &Path) -> PathBuf {
        dir.join(format!("{}.db-wal", self.name()))
    }
}

impl From<Modality> for Place {
    fn from(modality: Modality) -> Self {
        Self(modality as u8)
    }
}
