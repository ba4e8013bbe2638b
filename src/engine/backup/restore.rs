//! Making a database from backups: beside its place, checked, and only then under its name.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Watch;
use super::choose::{self, Point};
use super::create::{Segment, contents};
use super::destination::Destination;
use super::file::{self, Staging, failed};
use super::manifest::Manifest;
use super::shelf::Shelf;
use crate::engine::Engine;
use crate::engine::archive::History;
use crate::engine::base::{Clock, Error, Kind, Lsn, Result, Rng};
use crate::engine::log::segment::DatabaseId;
use crate::engine::log::walk::Walk;
use crate::engine::outcome::Options;
use crate::engine::store::copy;

/// What was restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// The backups it was made from, the full one first.
    pub from: Vec<String>,
    /// The last commit in it.
    pub lsn: Lsn,
    /// Its hexads.
    pub hexads: u64,
}

/// What to make a database of.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// This backup and no later one.
    pub backup: Option<&'a str>,
    /// Up to where.
    pub point: Point,
    /// The archive, which continues the backups; see [`crate::engine::archive`].
    pub archive: Option<&'a Path>,
}

/// Makes a database at `target`, which must not be there or be an empty directory.
pub fn restore(
    place: &dyn Destination,
    wanted: &Wanted<'_>,
    target: &Path,
    host: (Arc<dyn Clock>, Arc<dyn Rng>),
    watch: Watch<'_>,
) -> Result<Restored> {
    vacant(target)?;
    let shelf = Shelf::open(place)?;
    if shelf.all.is_empty() {
        let message = format!("there are no backups at {}", place.describe());
        return Err(Error::new(Kind::NotFound, message));
    }
    let (chain, archive) = choose::choose(&shelf, wanted, host.0.now())?;
    let path = beside(target, host.1.bits())?;
    let staging = Staging::make(&path)?;
    let source = (chain.as_slice(), archive.as_ref());
    let (engine, restored) = stage(&shelf, source, wanted.point, &path, host, watch)?;
    engine.close()?;
    drop(engine);
    file::sync_tree(&path)?;
    // Once more: somebody may have put something there meanwhile.
    vacant(target)?;
    staging.keep_as(target)?;
    Ok(restored)
}

fn vacant(target: &Path) -> Result<()> {
    let there = |what: &str| {
        let message = format!("{} {what}; it was not touched", target.display());
        Err(Error::new(Kind::InvalidInput, message)
            .hint("name a directory that does not exist yet"))
    };
    match fs::read_dir(target) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(e) if e.kind() == std::io::ErrorKind::NotADirectory => there("is a file"),
        Err(e) => Err(failed(target, &e)),
        Ok(entries) => match entries.count() {
            0 => Ok(()),
            _ => there("is not empty"),
        },
    }
}

fn beside(target: &Path, bits: u128) -> Result<PathBuf> {
    let Some(name) = target.file_name() else {
        let message = format!("{} is no name for a directory", target.display());
        return Err(Error::new(Kind::InvalidInput, message));
    };
    let name = format!(".{}.restoring-{:08x}", name.to_string_lossy(), bits as u32);
    Ok(target.with_file_name(name))
}

/// Makes the database in the empty directory `dir` and opens it. What the last backup says of it must
/// be so.
pub(super) fn stage(
    shelf: &Shelf<'_>,
    (chain, archive): (&[&Manifest], Option<&History>),
    point: Point,
    dir: &Path,
    (clock, rng): (Arc<dyn Clock>, Arc<dyn Rng>),
    watch: Watch<'_>,
) -> Result<(Engine, Restored)> {
    let (full, later) = chain.split_first().expect("a chain has a full backup");
    if full.format > copy::FORMAT {
        let message = format!("backup {} holds a database of format {}", full.id, full.format);
        return Err(Error::new(Kind::NewerFormat, message)
            .hint("restore it with the version of vql that made it, or a newer one"));
    }
    for entry in &full.files {
        let name = entry.name.strip_prefix("data/").unwrap_or(&entry.name);
        file::check(shelf.place, &full.id, entry, Some(&dir.join(name)), watch)?;
    }
    let log = dir.join("log");
    fs::create_dir(&log).map_err(|e| failed(&log, &e))?;
    let (old, new) = (copy::identity(dir)?, rng.bits().to_be_bytes());
    copy::rename(dir, new)?;
    let increments = dir.join("increments");
    fs::create_dir(&increments).map_err(|e| failed(&increments, &e))?;
    let tip = later.last().map_or(full.lsn, |manifest| manifest.lsn);
    let mut sources = vec![(fetch(shelf, later, &increments, watch)?, Lsn(tip))];
    sources.extend(archive.map(|history| (vec![history.folder.clone()], history.last)));
    let mut replay = Replay { point, old, new, log: &log, last: Lsn(full.lsn), segment: None };
    for (folders, end) in &sources {
        if !replay.take(folders, *end, watch)? {
            break;
        }
    }
    let lsn = replay.finish()?;
    fs::remove_dir_all(&increments).map_err(|e| failed(&increments, &e))?;
    // It has to stay at this commit while it is compared.
    let options = Options { unswept: true, ..Options::default() };
    let engine = Engine::open(dir, options, clock, rng)?;
    let status = engine.status()?;
    if status.lsn != lsn.0 {
        let message = format!("the restored database stands at commit {}, not {lsn}", status.lsn);
        return Err(Error::new(Kind::Corruption, message).hint("use another backup"));
    }
    if let Some(end) = chain.iter().rev().find(|manifest| manifest.lsn == lsn.0) {
        agree(&engine, end, watch)?;
    }
    let used = chain.iter().filter(|m| m.first_lsn <= lsn.0.max(1));
    let mut from: Vec<String> = used.map(|m| m.id.clone()).collect();
    from.extend((lsn.0 > tip).then(|| "the archive".into()));
    Ok((engine, Restored { from, lsn, hexads: status.hexads }))
}

/// Checks the increments, and gives the folders of this computer that their logs are in.
fn fetch(
    shelf: &Shelf<'_>,
    later: &[&Manifest],
    into: &Path,
    watch: Watch<'_>,
) -> Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for manifest in later {
        let copied = into.join(&manifest.id);
        if shelf.place.root().is_none() {
            let log = copied.join("log");
            fs::create_dir_all(&log).map_err(|e| failed(&log, &e))?;
        }
        for entry in &manifest.files {
            let path = copied.join(&entry.name);
            let into = shelf.place.root().is_none().then_some(path.as_path());
            file::check(shelf.place, &manifest.id, entry, into, watch)?;
        }
        let folder = shelf.place.root().map_or(copied, |root| root.join(&manifest.id));
        folders.push(folder.join("log"));
    }
    Ok(folders)
}

/// Puts commits into the log of the new database, one source after the other.
struct Replay<'a> {
    point: Point,
    old: DatabaseId,
    new: DatabaseId,
    log: &'a Path,
    /// The last commit the new database has.
    last: Lsn,
    segment: Option<Segment>,
}

impl Replay<'_> {
    /// Takes what follows, up to `end` or the point; false when the point was reached.
    fn take(&mut self, folders: &[PathBuf], end: Lsn, watch: Watch<'_>) -> Result<bool> {
        let first = Lsn(self.last.0 + 1);
        let upto = if let Point::Commit(lsn) = self.point { lsn.min(end) } else { end };
        if upto < first {
            return Ok(true);
        }
        let mut walk = Walk::new(folders, self.old, first);
        while let Some(record) = walk.next(upto)? {
            watch("log")?;
            if matches!(self.point, Point::Time(time) if record.time > time) {
                return Ok(false);
            }
            let segment = match &mut self.segment {
                Some(segment) => segment,
                None => self.segment.insert(Segment::new(self.log, self.new, first)?),
            };
            segment.push(&record)?;
            self.last = record.lsn;
        }
        Ok(true)
    }

    fn finish(self) -> Result<Lsn> {
        if let Some(segment) = self.segment {
            segment.finish()?;
        }
        Ok(self.last)
    }
}

/// What the backup recorded must be what is there now.
fn agree(engine: &Engine, manifest: &Manifest, watch: Watch<'_>) -> Result<()> {
    let found = contents(&engine.shared.store.cut()?.digests(watch)?);
    for (is, was) in found.iter().zip(&manifest.contents) {
        if is != was {
            let message = format!(
                "{} restored from backup {} is not what was backed up: {} records, then {}",
                was.name, manifest.id, is.records, was.records
            );
            return Err(Error::new(Kind::Corruption, message).hint("use another backup"));
        }
    }
    if found.len() != manifest.contents.len() {
        let message = format!("backup {} does not say what it holds", manifest.id);
        return Err(Error::new(Kind::Corruption, message));
    }
    Ok(())
}
