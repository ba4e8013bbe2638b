//! What an archive has, for whoever restores from it or makes it smaller. Nothing is written to it here
//! but by [`forget`].

use std::fs;
use std::path::{Path, PathBuf};

use super::copy::io_error;
use super::folder;
use crate::engine::base::{ContentHash, Error, Kind, Lsn, Result};
use crate::engine::log::record::{self, Bad};
use crate::engine::log::segment::{self, DatabaseId};
use crate::engine::log::walk::Walk;
use crate::engine::log::writer::sync_dir;

/// The commits of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// Where its segments are.
    pub folder: PathBuf,
    /// The first commit that is still there.
    pub first: Lsn,
    /// The last one.
    pub last: Lsn,
}

/// What the archive below `dir` has behind the commit `tip` of `database`; nothing when there is nothing
/// newer. `known` is the hash of that commit, if anybody knows it.
///
/// An archive that does not reach back to `tip`, or has another commit in its place, is an error.
pub fn behind(
    dir: &Path,
    database: DatabaseId,
    tip: Lsn,
    known: Option<&str>,
) -> Result<Option<History>> {
    let folder = folder(dir, database);
    let Some(history) = look(&folder, database)? else { return Ok(None) };
    if history.last <= tip {
        return Ok(None);
    }
    if history.first.0 > tip.0 + 1 {
        let message = format!(
            "the archive {} begins with commit {}, the backup ends with {tip}",
            folder.display(),
            history.first
        );
        return Err(Error::new(Kind::NotFound, message)
            .hint("use a newer backup, or restore without the archive"));
    }
    if let Some(known) = known.filter(|_| (history.first..=history.last).contains(&tip)) {
        let folders = [folder.clone()];
        let found = Walk::new(&folders, database, tip).next(tip)?;
        let mut bytes = Vec::new();
        if let Some(found) = &found {
            record::encode(&mut bytes, found);
        }
        if ContentHash::of(&bytes).to_hex() != known {
            let message = format!(
                "the archive {} is of another history: its commit {tip} is not that of the backup",
                folder.display()
            );
            return Err(Error::new(Kind::Corruption, message)
                .hint("restore without the archive, or use the one that belongs to the backup"));
        }
    }
    Ok(Some(history))
}

/// What is in the folder of an archive. The end of a write that was cut short does not count: nobody was
/// answered.
fn look(folder: &Path, database: DatabaseId) -> Result<Option<History>> {
    if !folder.is_dir() {
        return Ok(None);
    }
    let segments = segment::list(folder).map_err(|e| io_error(folder, &e))?;
    let Some((oldest, _)) = segments.first() else { return Ok(None) };
    for (first, path) in segments.iter().rev() {
        let bytes = fs::read(path).map_err(|e| io_error(path, &e))?;
        if bytes.len() <= segment::HEADER {
            continue;
        }
        if segment::check_header(&bytes, database, *first).is_err() {
            return Err(damaged(path, "its header is damaged, or of another database"));
        }
        let scan = segment::scan(&bytes, *first);
        let last = Lsn(first.0 + scan.offsets.len() as u64).0 - 1;
        // A write that was cut short ends with the file; everything else was whole once.
        let torn = scan.bad == Some(Bad::Short)
            && scan.footer.is_none()
            && segment::survivors(&bytes, scan.end).is_empty()
            && !record::is_whole_but_for_its_length(&bytes[scan.end..]);
        if scan.bad.is_some() && !torn {
            return Err(damaged(path, &format!("what follows commit {last} cannot be read")));
        }
        if !scan.offsets.is_empty() {
            return Ok(Some(History { folder: folder.into(), first: *oldest, last: Lsn(last) }));
        }
    }
    Ok(None)
}

fn damaged(path: &Path, what: &str) -> Error {
    let message = format!("the archive is damaged: {}: {what}", path.display());
    Error::new(Kind::Corruption, message)
        .hint("the backups alone can be restored: leave out the archive, or name an earlier commit")
}

/// A segment that nobody needs any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forgotten {
    /// Its file.
    pub path: PathBuf,
    /// Its bytes.
    pub bytes: u64,
}

/// Removes the segments of `database` below `dir` that end before the commit `needed`, or only names
/// them. The newest always stays: the archive goes on behind it.
pub fn forget(
    dir: &Path,
    database: DatabaseId,
    needed: Lsn,
    dry_run: bool,
) -> Result<Vec<Forgotten>> {
    let folder = folder(dir, database);
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let segments = segment::list(&folder).map_err(|e| io_error(&folder, &e))?;
    let mut forgotten = Vec::new();
    for pair in segments.windows(2) {
        let [(_, path), (next, _)] = pair else { continue };
        if *next > needed {
            break;
        }
        let bytes = fs::metadata(path).map_err(|e| io_error(path, &e))?.len();
        if !dry_run {
            // The oldest first: what remains always reaches to the end without a gap.
            fs::remove_file(path).map_err(|e| io_error(path, &e))?;
        }
        forgotten.push(Forgotten { path: path.clone(), bytes });
    }
    if !dry_run && !forgotten.is_empty() {
        sync_dir(&folder).map_err(|e| io_error(&folder, &e))?;
    }
    Ok(forgotten)
}
