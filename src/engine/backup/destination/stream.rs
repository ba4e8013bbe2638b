//! One full backup as a tar stream: written to a pipe, or read from one that anybody may have written.
//!
//! ```text
//! 000001/manifest.json      first, so that whoever reads knows what may follow and how long it is
//! 000001/data/..            regular files, nothing else
//! ```
//!
//! Unpacked with `tar` into a directory of backups it is a backup like any other.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use tar::{Archive, Builder, Entry, EntryType, Header};

use super::super::Watch;
use super::super::file::{BLOCK, failed};
use super::super::manifest::{self, FileEntry, Form, Manifest};
use super::{Block, Destination, Directory, Held, Incoming, id_after, is_id};
use crate::engine::base::{Error, Kind, Result, Timestamp};
use crate::engine::store::available_space;

/// What follows the last file, at most: blocks of zeros up to a whole record of a tape.
const PADDING: u64 = 1 << 20;

/// A place that takes one backup and sends it to `out`. Its files are prepared in `scratch`, an empty
/// folder.
pub fn outgoing<'a>(out: &'a mut dyn Write, scratch: &Path) -> impl Destination + use<'a> {
    Outgoing { out: RefCell::new(out), scratch: scratch.into() }
}

struct Outgoing<'a> {
    out: RefCell<&'a mut dyn Write>,
    scratch: PathBuf,
}

impl Outgoing<'_> {
    fn nothing<T>(&self) -> Result<T> {
        Err(Error::new(Kind::NotFound, format!("{} holds no backup yet", self.describe())))
    }
}

impl Destination for Outgoing<'_> {
    fn describe(&self) -> String {
        "the stream".into()
    }

    fn backups(&self) -> Result<Vec<String>> {
        Ok(Vec::new())
    }

    fn manifest(&self, _id: &str) -> Result<Vec<u8>> {
        self.nothing()
    }

    fn files(&self, _id: &str) -> Result<Vec<(String, u64)>> {
        self.nothing()
    }

    fn read(&self, _id: &str, _entry: &FileEntry, _each: Block<'_>) -> Result<()> {
        self.nothing()
    }

    fn hold(&self, _now: Timestamp) -> Result<Held> {
        Ok(Held { lock: None })
    }

    fn begin(&self, _held: &Held, last: u64) -> Result<Box<dyn Incoming + '_>> {
        Ok(Box::new(Leaving { id: id_after(last), place: self }))
    }

    fn remove(&self, _held: &Held, _id: &str) -> Result<()> {
        self.nothing()
    }
}

struct Leaving<'a, 'b> {
    id: String,
    place: &'a Outgoing<'b>,
}

impl Incoming for Leaving<'_, '_> {
    fn id(&self) -> &str {
        &self.id
    }

    fn dir(&self) -> &Path {
        &self.place.scratch
    }

    fn seal(self: Box<Self>, manifest: &Manifest, watch: Watch<'_>) -> Result<()> {
        let mut out = self.place.out.borrow_mut();
        let mut tar = Builder::new(&mut **out);
        let bytes = manifest.encode();
        let head = |length: u64| {
            let mut header = Header::new_gnu();
            header.set_size(length);
            header.set_mode(0o644);
            header.set_mtime(u64::try_from(manifest.taken().0 / 1_000_000).unwrap_or_default());
            header
        };
        let name = format!("{}/{}", self.id, manifest::NAME);
        tar.append_data(&mut head(bytes.len() as u64), name, &*bytes).map_err(|e| cut(&e))?;
        for entry in &manifest.files {
            watch(&entry.name)?;
            let path = self.place.scratch.join(&entry.name);
            let file = File::open(&path).map_err(|e| failed(&path, &e))?;
            let name = format!("{}/{}", self.id, entry.name);
            tar.append_data(&mut head(entry.bytes), name, file).map_err(|e| cut(&e))?;
        }
        tar.into_inner().and_then(Write::flush).map_err(|e| cut(&e))
    }
}

fn cut(cause: &io::Error) -> Error {
    Error::new(Kind::Io, format!("the stream cannot be written: {cause}"))
        .hint("what was written of it is no backup")
}

/// Takes the backup out of a stream into the empty folder `scratch`. Nothing is written that the
/// manifest, which stands first, does not announce, and nothing longer than it says.
pub fn incoming(
    from: &mut dyn Read,
    scratch: &Path,
    watch: Watch<'_>,
) -> Result<Box<dyn Destination>> {
    let mut archive = Archive::new(from);
    let mut entries = archive.entries().map_err(|e| broken(&e))?.raw(true);
    let mut expected = None;
    for entry in &mut entries {
        let mut entry = entry.map_err(|e| broken(&e))?;
        let Some(name) = checked_name(&entry)? else { continue };
        match &mut expected {
            None => expected = Some(Expected::read(&mut entry, &name, scratch)?),
            Some(expected) => expected.take(&mut entry, &name, scratch, watch)?,
        }
    }
    let Some(Expected { id, files }) = expected else {
        return Err(foreign("it is empty"));
    };
    if let Some(name) = files.into_keys().next() {
        let message = format!("the stream was cut off: {id}/{name} is missing");
        return Err(Error::new(Kind::Corruption, message));
    }
    // Whoever writes into the pipe should get rid of its last zeros.
    drop(io::copy(&mut archive.into_inner().take(PADDING), &mut io::sink()));
    Ok(Box::new(Directory::new(scratch)))
}

/// What must still follow.
struct Expected {
    id: String,
    files: BTreeMap<String, u64>,
}

impl Expected {
    fn read(entry: &mut Entry<'_, impl Read>, name: &str, scratch: &Path) -> Result<Self> {
        let id = name.strip_suffix(manifest::NAME).and_then(|id| id.strip_suffix('/'));
        let Some(id) = id.filter(|id| is_id(id)) else {
            return Err(foreign(&format!("it begins with {name:?}, not with a manifest")));
        };
        if entry.size() > manifest::MAX_BYTES {
            return Err(foreign("its manifest is too long to be one"));
        }
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).map_err(|e| broken(&e))?;
        if bytes.len() as u64 != entry.size() {
            return Err(Error::new(Kind::Corruption, "the stream was cut off in its manifest"));
        }
        let manifest = Manifest::decode(&bytes, id)?;
        if manifest.kind == Form::Incremental {
            let message = format!("backup {id} of the stream needs another one");
            return Err(Error::new(Kind::InvalidInput, message)
                .hint("unpack it with `tar` beside that one, and name the directory"));
        }
        if let Some(free) = available_space(scratch).filter(|free| manifest.bytes() > *free) {
            let message = format!(
                "the backup needs {} bytes, {free} are free at {}",
                manifest.bytes(),
                scratch.display()
            );
            return Err(Error::new(Kind::DiskFull, message));
        }
        for folder in manifest::FOLDERS {
            let dir = scratch.join(id).join(folder);
            fs::create_dir_all(&dir).map_err(|e| failed(&dir, &e))?;
        }
        let path = scratch.join(name);
        fs::write(&path, &bytes).map_err(|e| failed(&path, &e))?;
        let files = manifest.files.iter().map(|file| (file.name.clone(), file.bytes)).collect();
        Ok(Self { id: id.into(), files })
    }

    fn take(
        &mut self,
        entry: &mut Entry<'_, impl Read>,
        name: &str,
        scratch: &Path,
        watch: Watch<'_>,
    ) -> Result<()> {
        let known = name.strip_prefix(&*self.id).and_then(|rest| rest.strip_prefix('/'));
        let Some(length) = known.and_then(|known| self.files.remove(known)) else {
            return Err(foreign(&format!("its manifest does not name {name:?}, or only once")));
        };
        if entry.size() != length {
            let message = format!("{name} of the stream has another length");
            return Err(Error::new(Kind::Corruption, message));
        }
        // The name is one of the manifest's, which are checked: it stays inside.
        let path = scratch.join(name);
        let mut file = File::create_new(&path).map_err(|e| failed(&path, &e))?;
        let (mut block, mut read) = (vec![0; BLOCK], 0);
        loop {
            watch(name)?;
            let n = entry.read(&mut block).map_err(|e| broken(&e))?;
            if n == 0 {
                break;
            }
            read += n as u64;
            file.write_all(&block[..n]).map_err(|e| failed(&path, &e))?;
        }
        if read != length {
            return Err(Error::new(Kind::Corruption, format!("the stream was cut off in {name}")));
        }
        Ok(())
    }
}

/// The name of a regular file; nothing for a directory, which needs no making.
fn checked_name(entry: &Entry<'_, impl Read>) -> Result<Option<String>> {
    let raw = entry.path_bytes();
    let name = std::str::from_utf8(&raw).map_err(|_| foreign("a name in it is no text"))?;
    match entry.header().entry_type() {
        EntryType::Regular | EntryType::Continuous => Ok(Some(name.into())),
        EntryType::Directory => Ok(None),
        EntryType::Symlink | EntryType::Link => Err(foreign(&format!("{name:?} is a link"))),
        _ => Err(foreign(&format!("{name:?} is neither a file nor a directory"))),
    }
}

fn foreign(what: &str) -> Error {
    Error::new(Kind::InvalidInput, format!("the stream is not a backup of vql: {what}"))
        .hint("`vql backup create TARGET -` writes one; decompress it first when it was compressed")
}

fn broken(cause: &io::Error) -> Error {
    match cause.kind() {
        io::ErrorKind::UnexpectedEof => Error::new(Kind::Corruption, "the stream was cut off"),
        // How the reader of archives says that something is no archive.
        io::ErrorKind::Other | io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
            foreign("it is no tar archive")
        }
        _ => Error::new(Kind::Io, format!("the stream cannot be read: {cause}")),
    }
}
