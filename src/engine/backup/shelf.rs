//! The backups in one place: which there are, which continues which, what is wrong with each at a look.

use super::destination::Destination;
use super::manifest::{Form, Manifest};
use crate::engine::base::{Error, Kind, Result};

/// All backups in a place.
pub(super) struct Shelf<'a> {
    /// The place.
    pub(super) place: &'a dyn Destination,
    /// All backups, the oldest first; those that cannot be read say why.
    pub(super) all: Vec<(String, Result<Manifest>)>,
}

impl<'a> Shelf<'a> {
    /// Reads every manifest.
    pub(super) fn open(place: &'a dyn Destination) -> Result<Self> {
        let mut ids = place.backups()?;
        ids.sort_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
        let mut all = Vec::new();
        for id in ids {
            match place.manifest(&id).and_then(|bytes| Manifest::decode(&bytes, &id)) {
                // That says nothing about the backup.
                Err(error) if error.kind == Kind::StoreUnavailable => return Err(error),
                manifest => all.push((id, manifest)),
            }
        }
        Ok(Self { place, all })
    }

    /// The number of the newest, or zero.
    pub(super) fn last(&self) -> u64 {
        self.all.iter().filter_map(|(id, _)| id.parse().ok()).max().unwrap_or(0)
    }

    /// The manifest of a backup.
    pub(super) fn get(&self, id: &str) -> Result<&Manifest> {
        match self.all.iter().find(|(known, _)| known == id) {
            Some((_, Ok(manifest))) => Ok(manifest),
            Some((_, Err(error))) => Err(error.clone()),
            None => {
                let message = format!("there is no backup {id} at {}", self.place.describe());
                Err(Error::new(Kind::NotFound, message)
                    .hint("`vql backup list` names those there are"))
            }
        }
    }

    /// A backup and all it needs, the full one first.
    pub(super) fn chain(&self, id: &str) -> Result<Vec<&Manifest>> {
        let mut chain = vec![self.get(id)?];
        while let Some(child) = chain.last().filter(|m| m.kind == Form::Incremental) {
            let broken = |why: &str| {
                let message = format!("backup {} cannot be used: {why}", child.id);
                Error::new(Kind::Corruption, message).hint("use another backup")
            };
            let Some(parent) = &child.parent else {
                return Err(broken("it does not say what it continues"));
            };
            let parent = self.get(parent).map_err(|error| {
                broken(&format!("{parent}, which it continues: {}", error.message))
            })?;
            let fits = parent.database == child.database
                && Some(&parent.blake3) == child.parent_blake3.as_ref()
                && parent.lsn + 1 == child.first_lsn
                && chain.iter().all(|m| m.id != parent.id);
            if !fits {
                return Err(broken(&format!("{} is not what it continues", parent.id)));
            }
            chain.push(parent);
        }
        chain.reverse();
        Ok(chain)
    }

    /// Whether the files of a backup are there, in the lengths its manifest names.
    fn lengths(&self, manifest: &Manifest) -> Result<()> {
        let there = self.place.files(&manifest.id)?;
        for file in &manifest.files {
            let found = there.iter().find(|(name, _)| *name == file.name);
            if found.map(|(_, bytes)| *bytes) != Some(file.bytes) {
                let message = format!("{} is missing or has another length", file.name);
                return Err(Error::new(Kind::Corruption, message));
            }
        }
        Ok(())
    }

    /// Fails when there are files the manifest does not know of.
    pub(super) fn strays(&self, manifest: &Manifest) -> Result<()> {
        for (name, _) in self.place.files(&manifest.id)? {
            if !manifest.files.iter().any(|file| file.name == name) {
                let message = format!("backup {}: {name} does not belong to it", manifest.id);
                return Err(Error::new(Kind::Corruption, message));
            }
        }
        Ok(())
    }
}

/// One backup in a list.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its name.
    pub id: String,
    /// What it says of itself, if it can be read.
    pub manifest: Option<Manifest>,
    /// What is the matter with it, as far as a look without reading its files tells.
    pub fault: Option<Error>,
}

/// The backups at `place`, the oldest first. Their files are not read: see [`super::verify()`].
pub fn list(place: &dyn Destination) -> Result<Vec<Listed>> {
    let shelf = Shelf::open(place)?;
    let listed = shelf.all.iter().map(|(id, manifest)| {
        let fault = shelf.chain(id).and_then(|_| shelf.lengths(shelf.get(id)?)).err();
        Listed { id: id.clone(), manifest: manifest.as_ref().ok().cloned(), fault }
    });
    Ok(listed.collect())
}
