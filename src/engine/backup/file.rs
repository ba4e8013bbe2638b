//! Files of backups: measured, copied while they are measured, forced to the disk.

use std::fmt::Display;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::Watch;
use super::destination::Destination;
use super::manifest::FileEntry;
use crate::engine::base::{ContentHash, Error, Kind, Result};
use crate::engine::log::writer::lacking;

/// Bytes read at once.
pub(super) const BLOCK: usize = 1 << 20;

/// What the operating system said about a path.
pub(super) fn failed(path: &Path, cause: &io::Error) -> Error {
    if let Some(error) = lacking(cause) {
        return error;
    }
    let kind = if cause.kind() == io::ErrorKind::NotFound { Kind::NotFound } else { Kind::Io };
    Error::new(kind, format!("{}: {cause}", path.display()))
}

/// Describes a file that was just made, and forces it to the disk.
pub(super) fn measure(dir: &Path, name: &str, watch: Watch<'_>) -> Result<FileEntry> {
    let path = dir.join(name);
    let mut file = File::open(&path).map_err(|e| failed(&path, &e))?;
    let (mut hasher, mut block, mut bytes) = (blake3::Hasher::new(), vec![0; BLOCK], 0);
    loop {
        watch(name)?;
        let n = file.read(&mut block).map_err(|e| failed(&path, &e))?;
        if n == 0 {
            break;
        }
        hasher.update(&block[..n]);
        bytes += n as u64;
    }
    file.sync_all().map_err(|e| failed(&path, &e))?;
    let hash = ContentHash(*hasher.finalize().as_bytes());
    Ok(FileEntry { name: name.into(), bytes, blake3: hash.to_hex() })
}

/// What is wrong with a file of a backup.
pub(super) fn damaged(name: impl Display, what: &str) -> Error {
    Error::new(Kind::Corruption, format!("{name} of the backup {what}")).hint("use another backup")
}

/// Checks a file of the backup `id`, and copies it to `into` if given.
pub(super) fn check(
    place: &dyn Destination,
    id: &str,
    entry: &FileEntry,
    into: Option<&Path>,
    watch: Watch<'_>,
) -> Result<()> {
    let mut file = match into {
        Some(into) => Some(File::create_new(into).map_err(|e| failed(into, &e))?),
        None => None,
    };
    let (mut hasher, mut bytes) = (blake3::Hasher::new(), 0);
    place.read(id, entry, &mut |block| {
        watch(&entry.name)?;
        hasher.update(block);
        bytes += block.len() as u64;
        match (&mut file, into) {
            (Some(file), Some(into)) => file.write_all(block).map_err(|e| failed(into, &e)),
            _ => Ok(()),
        }
    })?;
    let hash = ContentHash(*hasher.finalize().as_bytes());
    if bytes != entry.bytes || hash.to_hex() != entry.blake3 {
        return Err(damaged(
            format_args!("{}/{id}/{}", place.describe(), entry.name),
            "fails its checksum",
        ));
    }
    match (file, into) {
        (Some(file), Some(into)) => file.sync_all().map_err(|e| failed(into, &e)),
        _ => Ok(()),
    }
}

/// Forces every file and name below `dir` to the disk.
pub(super) fn sync_tree(dir: &Path) -> Result<()> {
    for entry in fs::read_dir(dir).map_err(|e| failed(dir, &e))? {
        let path = entry.map_err(|e| failed(dir, &e))?.path();
        if path.is_dir() {
            sync_tree(&path)?;
        } else {
            File::open(&path).and_then(|f| f.sync_all()).map_err(|e| failed(&path, &e))?;
        }
    }
    sync_dir(dir)
}

/// Makes the names in `dir` durable.
pub(super) fn sync_dir(dir: &Path) -> Result<()> {
    crate::engine::log::writer::sync_dir(dir).map_err(|e| failed(dir, &e))
}

/// A folder that is removed again unless it is kept.
pub(super) struct Staging {
    /// Where.
    pub(super) path: PathBuf,
    kept: bool,
}

impl Staging {
    /// Makes it.
    pub(super) fn make(path: &Path) -> Result<Self> {
        fs::create_dir(path).map_err(|e| failed(path, &e))?;
        Ok(Self { path: path.into(), kept: false })
    }

    /// Gives it its name: it is whole.
    pub(super) fn keep_as(mut self, name: &Path) -> Result<()> {
        fs::rename(&self.path, name).map_err(|e| failed(name, &e))?;
        self.kept = true;
        match name.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => sync_dir(parent),
            _ => sync_dir(Path::new(".")),
        }
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if !self.kept {
            // What stays behind counts for nothing; the next backup removes it.
            drop(fs::remove_dir_all(&self.path));
        }
    }
}
