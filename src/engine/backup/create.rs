//! Making a backup while others write.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::Path;

use super::Watch;
use super::destination::Destination;
use super::file::{self, failed};
use super::manifest::{self, Content, FileEntry, Form, Manifest};
use super::shelf::Shelf;
use crate::engine::Engine;
use crate::engine::base::{ContentHash, Error, Kind, Lsn, Result};
use crate::engine::log::LogRecord;
use crate::engine::log::record;
use crate::engine::log::segment::{self, DatabaseId, Extent};
use crate::engine::log::walk::{self, Walk};
use crate::engine::store::copy::{self, Cut, Digest};

/// Adds a backup of `engine` to those at `place`.
///
/// An incremental one continues the newest. Fails without leaving anything that counts.
pub fn create(
    engine: &Engine,
    place: &dyn Destination,
    incremental: bool,
    watch: Watch<'_>,
) -> Result<Manifest> {
    let store = &engine.shared.store;
    let taken = engine.shared.clock.now();
    let cut = store.cut()?;
    if let Some(dir) = place.root() {
        refuse_inside(dir, &cut)?;
    }
    let held = place.hold(taken)?;
    let shelf = Shelf::open(place)?;
    let database = hex(cut.database());
    let manifests = shelf.all.iter().filter_map(|(_, manifest)| manifest.as_ref().ok());
    if let Some(other) = manifests.into_iter().find(|manifest| manifest.database != database) {
        let message =
            format!("{} holds backups of another database ({})", place.describe(), other.database);
        return Err(Error::new(Kind::InvalidInput, message)
            .hint("name another directory; a restored database is a new one"));
    }
    let parent = if incremental { Some(newest(&shelf)?) } else { None };
    let incoming = place.begin(&held, shelf.last())?;
    let last_record = last_record(&cut);
    let files = match parent {
        None => full(&cut, incoming.dir(), watch)?,
        Some(parent) => since(&cut, parent, incoming.dir(), watch)?,
    };
    let manifest = Manifest {
        vql_backup: manifest::VERSION,
        kind: if parent.is_some() { Form::Incremental } else { Form::Full },
        parent: parent.map(|parent| parent.id.clone()),
        parent_blake3: parent.map(|parent| parent.blake3.clone()),
        database,
        format: copy::FORMAT,
        vql: env!("CARGO_PKG_VERSION").into(),
        taken: taken.to_string(),
        first_lsn: parent.map_or(1, |parent| parent.lsn + 1),
        lsn: cut.lsn().0,
        time: cut.time().to_string(),
        last_record,
        files,
        contents: contents(&cut.digests(watch)?),
        blake3: String::new(),
        id: incoming.id().into(),
    }
    .sealed();
    incoming.seal(&manifest, watch)?;
    drop(held);
    Ok(manifest)
}

/// A backup within the database would be lost with it; within another one it would damage it.
fn refuse_inside(dest: &Path, cut: &Cut) -> Result<()> {
    let refused = |why: &str| {
        let message = format!("backups cannot be kept at {}: {why}", dest.display());
        Err(Error::new(Kind::InvalidInput, message).hint("name a directory of its own"))
    };
    if dest.join("FORMAT").exists() {
        return refused("it is a database");
    }
    let log = cut.log();
    let inside = log.parent().and_then(|dir| dir.canonicalize().ok());
    let there = dest.ancestors().find_map(|dir| dir.canonicalize().ok());
    match (inside, there) {
        (Some(inside), Some(there)) if there.starts_with(&inside) => {
            refused("it lies within the database")
        }
        _ => Ok(()),
    }
}

fn newest<'a>(shelf: &'a Shelf<'_>) -> Result<&'a Manifest> {
    let full = "make a full backup: leave out `--incremental`";
    let Some((id, _)) = shelf.all.last() else {
        return Err(Error::new(Kind::NotFound, "there is no backup to continue yet").hint(full));
    };
    let chain = shelf.chain(id).map_err(|error| error.hint(full))?;
    Ok(chain.last().expect("a chain has its own end"))
}

fn full(cut: &Cut, partial: &Path, watch: Watch<'_>) -> Result<Vec<FileEntry>> {
    let data = partial.join("data");
    fs::create_dir(&data).map_err(|e| failed(&data, &e))?;
    cut.copy(&data, watch)?;
    let mut names = Vec::new();
    for entry in fs::read_dir(&data).map_err(|e| failed(&data, &e))? {
        let entry = entry.map_err(|e| failed(&data, &e))?;
        if entry.path().is_file() {
            names.push(format!("data/{}", entry.file_name().to_string_lossy()));
        }
    }
    names.sort();
    names.iter().map(|name| file::measure(partial, name, watch)).collect()
}

/// The commits since `parent`, as one segment of log.
fn since(cut: &Cut, parent: &Manifest, partial: &Path, watch: Watch<'_>) -> Result<Vec<FileEntry>> {
    let full = "make a full backup: leave out `--incremental`";
    let (from, upto) = (Lsn(parent.lsn + 1), cut.lsn());
    let folders = [cut.log()];
    let gone = |why: String| Error::new(Kind::NotFound, why).hint(full);
    if upto.0 < parent.lsn {
        return Err(gone(format!("the database stands at commit {upto}, before {}", parent.lsn)));
    }
    if upto.0 == parent.lsn {
        return Ok(Vec::new());
    }
    let first = walk::first(&folders)?.unwrap_or(Lsn(u64::MAX));
    let known = parent.last_record.as_ref();
    // A log that begins right behind the backup is its continuation; one that reaches further back
    // must have what the backup had.
    if first > from || known.is_some() && first == from {
        return Err(gone(format!("the log no longer reaches back to commit {}", parent.lsn)));
    }
    if let Some(known) = known {
        let mut walk = Walk::new(&folders, cut.database(), Lsn(parent.lsn));
        let record = walk.next(Lsn(parent.lsn))?;
        if record.as_ref().map(hash).as_ref() != Some(known) {
            return Err(gone(format!("commit {} is not the one that was backed up", parent.lsn)));
        }
    } else if first != from {
        return Err(gone(format!("nothing tells whether commit {} is still the same", parent.lsn)));
    }
    let log = partial.join("log");
    fs::create_dir(&log).map_err(|e| failed(&log, &e))?;
    let mut walk = Walk::new(&folders, cut.database(), from);
    let mut writer = Segment::new(&log, cut.database(), from)?;
    while let Some(record) = walk.next(upto)? {
        watch("log")?;
        writer.push(&record)?;
    }
    if writer.last != upto {
        return Err(gone(format!("the log ends at commit {}, the files at {upto}", writer.last)));
    }
    writer.finish()?;
    Ok(vec![file::measure(partial, &format!("log/{}", segment::file_name(from)), watch)?])
}

fn hash(record: &LogRecord) -> String {
    let mut bytes = Vec::new();
    record::encode(&mut bytes, record);
    ContentHash::of(&bytes).to_hex()
}

/// The hash of the last commit, when the log still has it.
fn last_record(cut: &Cut) -> Option<String> {
    let folders = [cut.log()];
    let first = walk::first(&folders).ok().flatten()?;
    if first > cut.lsn() || cut.lsn() == Lsn(0) {
        return None;
    }
    let record = Walk::new(&folders, cut.database(), cut.lsn()).next(cut.lsn()).ok().flatten()?;
    Some(hash(&record))
}

/// As a manifest writes it.
pub(super) fn contents(digests: &[Digest]) -> Vec<Content> {
    let content = |digest: &Digest| Content {
        name: digest.name.into(),
        records: digest.records,
        blake3: digest.hash.to_hex(),
    };
    digests.iter().map(content).collect()
}

/// The identity of a database as text.
pub(super) fn hex(id: DatabaseId) -> String {
    format!("{:032x}", u128::from_be_bytes(id))
}

/// One segment of log, written from records.
pub(super) struct Segment {
    out: BufWriter<File>,
    path: std::path::PathBuf,
    first: Lsn,
    extents: Vec<Extent>,
    /// The last commit written.
    pub(super) last: Lsn,
    buffer: Vec<u8>,
}

impl Segment {
    /// That begins with `first`.
    pub(super) fn new(dir: &Path, database: DatabaseId, first: Lsn) -> Result<Self> {
        let path = dir.join(segment::file_name(first));
        let file = File::create_new(&path).map_err(|e| failed(&path, &e))?;
        let mut out = BufWriter::with_capacity(1 << 18, file);
        out.write_all(&segment::header(database, first)).map_err(|e| failed(&path, &e))?;
        let last = Lsn(first.0.saturating_sub(1));
        Ok(Self { out, path, first, extents: Vec::new(), last, buffer: Vec::new() })
    }

    /// Adds the next commit.
    pub(super) fn push(&mut self, record: &LogRecord) -> Result<()> {
        self.buffer.clear();
        record::encode(&mut self.buffer, record);
        self.out.write_all(&self.buffer).map_err(|e| failed(&self.path, &e))?;
        self.extents.push(Extent::of(record));
        self.last = record.lsn;
        Ok(())
    }

    /// Ends it and forces it to the disk.
    pub(super) fn finish(mut self) -> Result<()> {
        let footer = segment::encode_footer(self.first, &self.extents);
        let io = |e: std::io::Error| failed(&self.path, &e);
        self.out.write_all(&footer).and_then(|()| self.out.flush()).map_err(io)?;
        self.out.get_ref().sync_all().map_err(io)
    }
}
