//! The folder that backups are kept in: which there are, which continues which, who may change it.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::file::failed;
use super::manifest::{Form, Manifest};
use crate::engine::base::{Error, Kind, Result};

/// The extension of what is not whole.
const PARTIAL: &str = "partial";

/// A folder of backups.
pub(super) struct Shelf {
    dir: PathBuf,
    /// All backups, the oldest first; those that cannot be read say why.
    pub(super) all: Vec<(String, Result<Manifest>)>,
}

/// The right to add and remove; it ends when this is dropped.
pub(super) struct Held(#[expect(dead_code, reason = "held, not used")] File);

impl Shelf {
    /// Looks at `dir`.
    pub(super) fn open(dir: &Path) -> Result<Self> {
        let mut all = Vec::new();
        let entries = fs::read_dir(dir).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => {
                Error::new(Kind::NotFound, format!("there are no backups at {}", dir.display()))
            }
            _ => failed(dir, &e),
        })?;
        for entry in entries {
            let entry = entry.map_err(|e| failed(dir, &e))?;
            let id = entry.file_name().to_string_lossy().into_owned();
            if is_id(&id) {
                let manifest = Manifest::read(&entry.path(), &id);
                all.push((id, manifest));
            }
        }
        all.sort_by(|(a, _), (b, _)| (a.len(), a).cmp(&(b.len(), b)));
        Ok(Self { dir: dir.into(), all })
    }

    /// The right to change the folder.
    pub(super) fn hold(dir: &Path) -> Result<Held> {
        let path = dir.join("LOCK");
        let file = File::options().create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(|e| failed(&path, &e))?;
        match file.try_lock() {
            Ok(()) => Ok(Held(file)),
            Err(TryLockError::WouldBlock) => {
                let message =
                    format!("another process adds or removes backups at {}", dir.display());
                Err(Error::new(Kind::DatabaseLocked, message).hint("wait until it has ended"))
            }
            Err(TryLockError::Error(e)) => Err(failed(&path, &e)),
        }
    }

    /// Removes what somebody who died has left.
    pub(super) fn sweep(dir: &Path, _held: &Held) -> Result<()> {
        for entry in fs::read_dir(dir).map_err(|e| failed(dir, &e))? {
            let path = entry.map_err(|e| failed(dir, &e))?.path();
            let ours = path.file_stem().and_then(|s| s.to_str()).is_some_and(is_id);
            if ours && path.extension().is_some_and(|e| e == PARTIAL) {
                fs::remove_dir_all(&path).map_err(|e| failed(&path, &e))?;
            }
        }
        Ok(())
    }

    /// Where a backup lies.
    pub(super) fn path(&self, id: &str) -> PathBuf {
        self.dir.join(id)
    }

    /// Where it lies while it is not whole.
    pub(super) fn partial(&self, id: &str) -> PathBuf {
        self.dir.join(format!("{id}.{PARTIAL}"))
    }

    /// The name of the next one.
    pub(super) fn next_id(&self) -> String {
        let last = self.all.iter().filter_map(|(id, _)| id.parse::<u64>().ok()).max();
        format!("{:06}", last.unwrap_or(0) + 1)
    }

    /// The manifest of a backup.
    pub(super) fn get(&self, id: &str) -> Result<&Manifest> {
        match self.all.iter().find(|(known, _)| known == id) {
            Some((_, Ok(manifest))) => Ok(manifest),
            Some((_, Err(error))) => Err(error.clone()),
            None => {
                let message = format!("there is no backup {id} at {}", self.dir.display());
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
}

/// Six digits or more.
fn is_id(name: &str) -> bool {
    (6..=18).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_digit())
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

/// The backups at `dest`, the oldest first. Their files are not read: see [`super::verify()`].
pub fn list(dest: &Path) -> Result<Vec<Listed>> {
    let shelf = Shelf::open(dest)?;
    let listed = shelf.all.iter().map(|(id, manifest)| {
        let fault = shelf.chain(id).and_then(|_| lengths(&shelf.path(id), shelf.get(id)?)).err();
        Listed { id: id.clone(), manifest: manifest.as_ref().ok().cloned(), fault }
    });
    Ok(listed.collect())
}

fn lengths(dir: &Path, manifest: &Manifest) -> Result<()> {
    for file in &manifest.files {
        let length = fs::metadata(dir.join(&file.name)).map(|meta| meta.len());
        if length.ok() != Some(file.bytes) {
            let message = format!("{} is missing or has another length", file.name);
            return Err(Error::new(Kind::Corruption, message));
        }
    }
    Ok(())
}
