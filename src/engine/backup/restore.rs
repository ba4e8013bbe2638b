//! Making a database from backups: beside its place, checked, and only then under its name.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Watch;
use super::choose::{self, Point};
use super::create::{Segment, contents};
use super::file::{self, Staging, failed};
use super::manifest::Manifest;
use super::shelf::Shelf;
use crate::engine::Engine;
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

/// Makes a database at `target`, which must not be there or be an empty directory.
pub fn restore(
    dest: &Path,
    (id, point): (Option<&str>, Point),
    target: &Path,
    host: (Arc<dyn Clock>, Arc<dyn Rng>),
    watch: Watch<'_>,
) -> Result<Restored> {
    vacant(target)?;
    let shelf = Shelf::open(dest)?;
    if shelf.all.is_empty() {
        let message = format!("there are no backups at {}", dest.display());
        return Err(Error::new(Kind::NotFound, message));
    }
    let chain = choose::choose(&shelf, id, point)?;
    let path = beside(target, host.1.bits())?;
    let staging = Staging::make(&path)?;
    let (engine, restored) = stage(&shelf, &chain, point, &path, host, watch)?;
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
    shelf: &Shelf,
    chain: &[&Manifest],
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
        file::check(&shelf.path(&full.id), entry, Some(&dir.join(name)), watch)?;
    }
    let log = dir.join("log");
    fs::create_dir(&log).map_err(|e| failed(&log, &e))?;
    let id = rng.bits().to_be_bytes();
    let old = copy::identity(dir)?;
    copy::rename(dir, id)?;
    let lsn = replayable(shelf, (full, later), point, (old, id), &log, watch)?;
    let options = Options::default();
    let engine = Engine::open(dir, options, clock, rng)?;
    let status = engine.status()?;
    if status.lsn != lsn.0 {
        let message = format!("the restored database stands at commit {}, not {lsn}", status.lsn);
        return Err(Error::new(Kind::Corruption, message).hint("use another backup"));
    }
    if let Some(end) = chain.iter().rev().find(|manifest| manifest.lsn == lsn.0) {
        agree(&engine, end, watch)?;
    }
    let from = chain.iter().filter(|m| m.first_lsn <= lsn.0.max(1)).map(|m| m.id.clone()).collect();
    Ok((engine, Restored { from, lsn, hexads: status.hexads }))
}

/// Puts the commits up to `point` into the log of the new database; the last of them.
fn replayable(
    shelf: &Shelf,
    (full, later): (&Manifest, &[&Manifest]),
    point: Point,
    (old, new): (DatabaseId, DatabaseId),
    log: &Path,
    watch: Watch<'_>,
) -> Result<Lsn> {
    let mut folders = Vec::new();
    for manifest in later {
        let dir = shelf.path(&manifest.id);
        for entry in &manifest.files {
            file::check(&dir, entry, None, watch)?;
        }
        folders.push(dir.join("log"));
    }
    let (first, end) = (Lsn(full.lsn + 1), Lsn(later.last().map_or(full.lsn, |m| m.lsn)));
    let upto = if let Point::Commit(lsn) = point { lsn } else { end };
    let mut walk = Walk::new(&folders, old, first);
    let mut segment = None;
    while let Some(record) = walk.next(upto)? {
        watch("log")?;
        if matches!(point, Point::Time(time) if record.time > time) {
            return finish(segment, Lsn(record.lsn.0 - 1));
        }
        let segment = match &mut segment {
            Some(segment) => segment,
            None => segment.insert(Segment::new(log, new, first)?),
        };
        segment.push(&record)?;
    }
    finish(segment, upto)
}

fn finish(segment: Option<Segment>, last: Lsn) -> Result<Lsn> {
    if let Some(segment) = segment {
        segment.finish()?;
    }
    Ok(last)
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
