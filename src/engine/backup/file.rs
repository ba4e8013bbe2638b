//! Files of backups: measured, copied while they are measured, forced to the disk.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use super::Watch;
use super::manifest::FileEntry;
use crate::engine::base::{ContentHash, Error, Kind, Result};
use crate::engine::log::writer::lacking;

/// Bytes read at once.
const BLOCK: usize = 1 << 20;

/// What the operating system said about a path.
pub(super) fn failed(path: &Path, cause: &io::Error) -> Error {
    if let Some(error) = lacking(cause) {
        return error;
    }
    let kind = if cause.kind() == io::ErrorKind::NotFound { Kind::NotFound } else { Kind::Io };
    Error::new(kind, format!("{}: {cause}", path.display()))
}

/// Reads a file to its end, and writes it to `into` if given.
fn pass(path: &Path, mut into: Option<&mut File>, watch: Watch<'_>) -> Result<(u64, ContentHash)> {
    let mut from = File::open(path).map_err(|e| failed(path, &e))?;
    let mut hasher = blake3::Hasher::new();
    let (mut block, mut bytes) = (vec![0; BLOCK], 0);
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    loop {
        watch(&name)?;
        let n = from.read(&mut block).map_err(|e| failed(path, &e))?;
        if n == 0 {
            return Ok((bytes, ContentHash(*hasher.finalize().as_bytes())));
        }
        hasher.update(&block[..n]);
        bytes += n as u64;
        if let Some(file) = &mut into {
            file.write_all(&block[..n]).map_err(|e| failed(path, &e))?;
        }
    }
}

/// Describes a file that was just made, and forces it to the disk.
pub(super) fn measure(dir: &Path, name: &str, watch: Watch<'_>) -> Result<FileEntry> {
    let path = dir.join(name);
    let (bytes, hash) = pass(&path, None, watch)?;
    File::open(&path).and_then(|f| f.sync_all()).map_err(|e| failed(&path, &e))?;
    Ok(FileEntry { name: name.into(), bytes, blake3: hash.to_hex() })
}

/// Checks a file of the backup in `dir`, and copies it to `into` if given.
pub(super) fn check(
    dir: &Path,
    entry: &FileEntry,
    into: Option<&Path>,
    watch: Watch<'_>,
) -> Result<()> {
    let path = dir.join(&entry.name);
    let damaged = |what: &str| {
        let message = format!("{} of the backup {what}", path.display());
        Error::new(Kind::Corruption, message).hint("use another backup")
    };
    match fs::symlink_metadata(&path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Err(damaged("is missing")),
        Err(e) => return Err(failed(&path, &e)),
        Ok(meta) if !meta.is_file() => return Err(damaged("is no file")),
        Ok(meta) if meta.len() != entry.bytes => return Err(damaged("has another length")),
        Ok(_) => {}
    }
    let mut file = match into {
        Some(into) => Some(File::create_new(into).map_err(|e| failed(into, &e))?),
        None => None,
    };
    let (bytes, hash) = pass(&path, file.as_mut(), watch)?;
    if bytes != entry.bytes || hash.to_hex() != entry.blake3 {
        return Err(damaged("fails its checksum"));
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
pub(super) struct Staging<'a> {
    /// Where.
    pub(super) path: &'a Path,
    kept: bool,
}

impl<'a> Staging<'a> {
    /// Makes it.
    pub(super) fn make(path: &'a Path) -> Result<Self> {
        fs::create_dir(path).map_err(|e| failed(path, &e))?;
        Ok(Self { path, kept: false })
    }

    /// Gives it its name: it is whole.
    pub(super) fn keep_as(mut self, name: &Path) -> Result<()> {
        fs::rename(self.path, name).map_err(|e| failed(name, &e))?;
        self.kept = true;
        match name.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => sync_dir(parent),
            _ => sync_dir(Path::new(".")),
        }
    }
}

impl Drop for Staging<'_> {
    fn drop(&mut self) {
        if !self.kept {
            // What stays behind counts for nothing; the next backup removes it.
            drop(fs::remove_dir_all(self.path));
        }
    }
}
