//! Whether backups are good: not only their sums, but a database made from them.

use std::path::Path;
use std::sync::Arc;

use super::Watch;
use super::choose::Point;
use super::destination::Destination;
use super::file::Staging;
use super::restore;
use super::shelf::Shelf;
use crate::engine::base::{Clock, Error, Kind, Result, Rng};

/// What was found out about one backup.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// Which.
    pub id: String,
    /// Its last commit, if it says so.
    pub lsn: Option<u64>,
    /// Hexads of the database made from it.
    pub hexads: u64,
    /// What is wrong with it.
    pub fault: Option<Error>,
}

/// Checks every sum of the backup `id`, or of all, restores it into a folder below `scratch`, reads all
/// of that, and compares it with what the database held.
pub fn verify(
    place: &dyn Destination,
    id: Option<&str>,
    scratch: &Path,
    host: &(Arc<dyn Clock>, Arc<dyn Rng>),
    watch: Watch<'_>,
) -> Result<Vec<Verdict>> {
    let shelf = Shelf::open(place)?;
    let mut verdicts = Vec::new();
    let wanted = |known: &str| id.is_none_or(|id| id == known);
    for (known, manifest) in shelf.all.iter().filter(|(known, _)| wanted(known)) {
        let lsn = manifest.as_ref().ok().map(|m| m.lsn);
        let tried = trial(&shelf, known, scratch, host, watch);
        let (hexads, fault) = match tried {
            Ok(hexads) => (hexads, None),
            Err(error) if matches!(error.kind, Kind::Cancelled | Kind::StoreUnavailable) => {
                return Err(error);
            }
            Err(error) => (0, Some(error)),
        };
        verdicts.push(Verdict { id: known.clone(), lsn, hexads, fault });
    }
    if verdicts.is_empty() {
        let what = id.map_or_else(|| "no backups".to_owned(), |id| format!("no backup {id}"));
        let message = format!("there is {what} at {}", place.describe());
        return Err(Error::new(Kind::NotFound, message));
    }
    Ok(verdicts)
}

fn trial(
    shelf: &Shelf<'_>,
    id: &str,
    scratch: &Path,
    host: &(Arc<dyn Clock>, Arc<dyn Rng>),
    watch: Watch<'_>,
) -> Result<u64> {
    let chain = shelf.chain(id)?;
    shelf.strays(shelf.get(id)?)?;
    let path = scratch.join(id);
    let staging = Staging::make(&path)?;
    let (engine, restored) =
        restore::stage(shelf, (&chain, None), Point::End, &staging.path, host.clone(), watch)?;
    let faults = engine.shared.store.verify_watched(&mut |name, _, _| watch(name))?;
    engine.close()?;
    match faults.first() {
        None => Ok(restored.hexads),
        Some(fault) => {
            let message = format!("{} restored from backup {id}: {}", fault.file, fault.message);
            Err(Error::new(Kind::Corruption, message).hint("use another backup"))
        }
    }
}
