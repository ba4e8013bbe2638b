//! Backups in a directory of this computer: each in a folder that gets its name when it is whole.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::super::Watch;
use super::super::file::{self, BLOCK, Staging, failed};
use super::super::manifest::{self, FileEntry, Manifest};
use super::{Block, Destination, Held, Incoming, id_after, is_id};
use crate::engine::base::{Error, Kind, Result, Timestamp};

/// The extension of what is not whole.
const PARTIAL: &str = "partial";

/// A directory of backups.
#[derive(Debug)]
pub(in super::super) struct Directory {
    dir: PathBuf,
}

impl Directory {
    /// Nothing is looked at yet.
    pub(in super::super) fn new(dir: &Path) -> Self {
        Self { dir: dir.into() }
    }

    fn partial(&self, id: &str) -> PathBuf {
        self.dir.join(format!("{id}.{PARTIAL}"))
    }

    /// Removes what somebody who died has left.
    fn sweep(&self) -> Result<()> {
        for entry in fs::read_dir(&self.dir).map_err(|e| failed(&self.dir, &e))? {
            let path = entry.map_err(|e| failed(&self.dir, &e))?.path();
            let ours = path.file_stem().and_then(|s| s.to_str()).is_some_and(is_id);
            if ours && path.extension().is_some_and(|e| e == PARTIAL) {
                fs::remove_dir_all(&path).map_err(|e| failed(&path, &e))?;
            }
        }
        Ok(())
    }
}

impl Destination for Directory {
    fn describe(&self) -> String {
        self.dir.display().to_string()
    }

    fn backups(&self) -> Result<Vec<String>> {
        let entries = fs::read_dir(&self.dir).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => {
                Error::new(Kind::NotFound, format!("there are no backups at {}", self.describe()))
            }
            _ => failed(&self.dir, &e),
        })?;
        let mut ids = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|e| failed(&self.dir, &e))?;
            ids.extend(entry.file_name().into_string().ok().filter(|name| is_id(name)));
        }
        Ok(ids)
    }

    fn manifest(&self, id: &str) -> Result<Vec<u8>> {
        let path = self.dir.join(id).join(manifest::NAME);
        let file = File::open(&path).map_err(|e| failed(&path, &e))?;
        let mut bytes = Vec::new();
        file.take(manifest::MAX_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(|e| failed(&path, &e))?;
        Ok(bytes)
    }

    fn files(&self, id: &str) -> Result<Vec<(String, u64)>> {
        let mut files = Vec::new();
        for folder in manifest::FOLDERS {
            let dir = self.dir.join(id).join(folder);
            let Ok(entries) = fs::read_dir(&dir) else { continue };
            for entry in entries {
                let entry = entry.map_err(|e| failed(&dir, &e))?;
                let meta = entry.metadata().map_err(|e| failed(&entry.path(), &e))?;
                if meta.is_file() {
                    let name = entry.file_name();
                    files.push((format!("{folder}/{}", name.to_string_lossy()), meta.len()));
                }
            }
        }
        Ok(files)
    }

    fn read(&self, id: &str, entry: &FileEntry, each: Block<'_>) -> Result<()> {
        let path = self.dir.join(id).join(&entry.name);
        let shown = path.display();
        match fs::symlink_metadata(&path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                return Err(file::damaged(shown, "is missing"));
            }
            Err(e) => return Err(failed(&path, &e)),
            Ok(meta) if !meta.is_file() => return Err(file::damaged(shown, "is no file")),
            Ok(meta) if meta.len() != entry.bytes => {
                return Err(file::damaged(shown, "has another length"));
            }
            Ok(_) => {}
        }
        let mut from = File::open(&path).map_err(|e| failed(&path, &e))?;
        let mut block = vec![0; BLOCK];
        loop {
            let n = from.read(&mut block).map_err(|e| failed(&path, &e))?;
            if n == 0 {
                return Ok(());
            }
            each(&block[..n])?;
        }
    }

    fn root(&self) -> Option<&Path> {
        Some(&self.dir)
    }

    fn hold(&self, _now: Timestamp) -> Result<Held> {
        fs::create_dir_all(&self.dir).map_err(|e| failed(&self.dir, &e))?;
        let path = self.dir.join("LOCK");
        let file = File::options().create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(|e| failed(&path, &e))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let message =
                    format!("another process adds or removes backups at {}", self.describe());
                return Err(
                    Error::new(Kind::DatabaseLocked, message).hint("wait until it has ended")
                );
            }
            Err(TryLockError::Error(e)) => return Err(failed(&path, &e)),
        }
        self.sweep()?;
        Ok(Held { lock: Some(file) })
    }

    fn begin(&self, _held: &Held, last: u64) -> Result<Box<dyn Incoming + '_>> {
        let id = id_after(last);
        let staging = Staging::make(&self.partial(&id))?;
        let path = self.dir.join(&id);
        Ok(Box::new(Arriving { id, path, staging }))
    }

    fn remove(&self, _held: &Held, id: &str) -> Result<()> {
        let (path, partial) = (self.dir.join(id), self.partial(id));
        fs::rename(&path, &partial).map_err(|e| failed(&path, &e))?;
        file::sync_dir(&self.dir)?;
        fs::remove_dir_all(&partial).map_err(|e| failed(&partial, &e))
    }
}

/// A backup in the folder it is renamed from.
struct Arriving {
    id: String,
    path: PathBuf,
    staging: Staging,
}

impl Incoming for Arriving {
    fn id(&self) -> &str {
        &self.id
    }

    fn dir(&self) -> &Path {
        &self.staging.path
    }

    fn seal(self: Box<Self>, manifest: &Manifest, _watch: Watch<'_>) -> Result<()> {
        let path = self.staging.path.join(manifest::NAME);
        fs::write(&path, manifest.encode()).map_err(|e| failed(&path, &e))?;
        file::sync_tree(&self.staging.path)?;
        self.staging.keep_as(&self.path)
    }
}
