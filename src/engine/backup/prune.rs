//! Removing old backups, never one that a newer one needs.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::file::{failed, sync_dir};
use super::shelf::Shelf;
use crate::engine::base::Result;

/// What became of a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pruned {
    /// Which.
    pub id: String,
    /// Whether it was removed, or would be.
    pub removed: bool,
    /// Why it stays.
    pub why: &'static str,
}

/// Keeps the newest `keep` whole backups and those they continue. What cannot be read is not counted and
/// not removed: somebody should look at it.
pub fn prune(dest: &Path, keep: usize, dry_run: bool) -> Result<Vec<Pruned>> {
    let shelf = Shelf::open(dest)?;
    let held = if dry_run { None } else { Some(Shelf::hold(dest)?) };
    if let Some(held) = &held {
        Shelf::sweep(dest, held)?;
    }
    let whole: Vec<&str> =
        shelf.all.iter().filter(|(id, _)| shelf.chain(id).is_ok()).map(|(id, _)| &**id).collect();
    let kept: BTreeSet<&str> = whole.iter().rev().take(keep).copied().collect();
    let mut needed = BTreeSet::new();
    for id in &kept {
        needed.extend(shelf.chain(id)?.iter().map(|manifest| manifest.id.as_str()));
    }
    let judge = |id: &str| Pruned {
        id: id.to_owned(),
        removed: whole.contains(&id) && !needed.contains(id),
        why: match () {
            () if !whole.contains(&id) => "damaged",
            () if kept.contains(id) => "kept",
            () if needed.contains(id) => "needed",
            () => "",
        },
    };
    let pruned: Vec<Pruned> = shelf.all.iter().map(|(id, _)| judge(id)).collect();
    if !dry_run {
        // The newest first, so that nothing is ever left without what it continues.
        for gone in pruned.iter().rev().filter(|pruned| pruned.removed) {
            let (path, partial) = (shelf.path(&gone.id), shelf.partial(&gone.id));
            fs::rename(&path, &partial).map_err(|e| failed(&path, &e))?;
            sync_dir(dest)?;
            fs::remove_dir_all(&partial).map_err(|e| failed(&partial, &e))?;
        }
    }
    drop(held);
    Ok(pruned)
}
