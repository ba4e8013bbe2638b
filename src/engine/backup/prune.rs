//! Removing old backups, never one that a newer one needs.

use std::collections::BTreeSet;
use std::path::Path;

use super::choose::database;
use super::destination::Destination;
use super::manifest::Manifest;
use super::shelf::Shelf;
use crate::engine::archive::{self, Forgotten};
use crate::engine::base::{Lsn, Result, Timestamp};

/// Microseconds of a day.
const DAY: i64 = 24 * 60 * 60 * 1_000_000;

/// How many periods, why something is kept for one, and which it is of.
type Rule = (usize, &'static str, fn(&Manifest) -> String);

/// Which backups to keep: every rule keeps some, whatever the others say. The newest is always kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keep {
    /// The newest so many.
    pub last: usize,
    /// All of the last so many times 24 hours.
    pub days: u32,
    /// The newest of each of the last so many days that have one, in UTC.
    pub daily: usize,
    /// The newest of each of the last so many weeks that have one; weeks begin on Monday.
    pub weekly: usize,
    /// The newest of each of the last so many months that have one.
    pub monthly: usize,
}

impl Keep {
    /// Why each of `whole`, the oldest first, stays; nothing for those that do not.
    fn judge(&self, whole: &[&Manifest], now: Timestamp) -> Vec<Option<&'static str>> {
        let mut why = vec![None; whole.len()];
        let newest = || (0..whole.len()).rev();
        for n in newest().take(self.last.max(1)) {
            why[n].get_or_insert("kept");
        }
        let since = now.0.saturating_sub(i64::from(self.days) * DAY);
        for n in newest().filter(|n| self.days > 0 && whole[*n].taken().0 >= since) {
            why[n].get_or_insert("kept");
        }
        let rules: [Rule; 3] = [
            (self.daily, "kept for its day", |m| m.taken.get(..10).unwrap_or("").into()),
            // The first of January 1970 was a Thursday.
            (self.weekly, "kept for its week", |m| {
                (m.taken().0.div_euclid(DAY) + 3).div_euclid(7).to_string()
            }),
            (self.monthly, "kept for its month", |m| m.taken.get(..7).unwrap_or("").into()),
        ];
        for (count, reason, period) in rules {
            let mut seen = BTreeSet::new();
            for n in newest() {
                let period = period(whole[n]);
                if seen.len() < count && seen.insert(period) {
                    why[n].get_or_insert(reason);
                }
            }
        }
        why
    }
}

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

/// Keeps what `keep` says and what that continues. What cannot be read is not counted and not removed:
/// somebody should look at it. Of the archive below `archived`, if there is one, the files go that end
/// before the oldest backup that stays.
pub fn prune(
    place: &dyn Destination,
    keep: &Keep,
    archived: Option<&Path>,
    now: Timestamp,
    dry_run: bool,
) -> Result<(Vec<Pruned>, Vec<Forgotten>)> {
    let held = if dry_run { None } else { Some(place.hold(now)?) };
    let shelf = Shelf::open(place)?;
    let whole: Vec<&Manifest> = shelf
        .all
        .iter()
        .filter(|(id, _)| shelf.chain(id).is_ok())
        .filter_map(|(_, manifest)| manifest.as_ref().ok())
        .collect();
    let kept = keep.judge(&whole, now);
    let mut needed = BTreeSet::new();
    for (manifest, _) in whole.iter().zip(&kept).filter(|(_, why)| why.is_some()) {
        needed.extend(shelf.chain(&manifest.id)?.iter().map(|manifest| manifest.id.as_str()));
    }
    let judge = |id: &str| {
        let at = whole.iter().position(|manifest| manifest.id == id);
        let why = at.map(|at| kept[at]);
        let stays = needed.contains(id);
        Pruned {
            id: id.to_owned(),
            removed: why.is_some() && !stays,
            why: why.map_or("damaged", |why| why.unwrap_or(if stays { "needed" } else { "" })),
        }
    };
    let pruned: Vec<Pruned> = shelf.all.iter().map(|(id, _)| judge(id)).collect();
    if let Some(held) = &held {
        // The newest first, so that nothing is ever left without what it continues.
        for gone in pruned.iter().rev().filter(|pruned| pruned.removed) {
            place.remove(held, &gone.id)?;
        }
    }
    // With a backup that nobody can read, nobody knows what the archive is still good for.
    let sound = whole.len() == shelf.all.len();
    let oldest =
        whole.iter().filter(|manifest| needed.contains(&*manifest.id)).min_by_key(|m| m.lsn);
    let forgotten = match (archived.filter(|_| sound), oldest) {
        (Some(dir), Some(oldest)) => {
            archive::forget(dir, database(oldest)?, Lsn(oldest.lsn), dry_run)?
        }
        _ => Vec::new(),
    };
    drop(held);
    Ok((pruned, forgotten))
}

#[cfg(test)]
mod tests {
    use super::super::manifest::sample;
    use super::*;

    /// Hours before now, the oldest first, and the reasons to keep.
    fn kept(keep: Keep, hours: &[i64]) -> Vec<Option<&'static str>> {
        // A Wednesday at noon.
        let now = Timestamp::parse("2026-07-15T12:00:00Z").unwrap();
        let taken = |hours: &i64| Manifest {
            taken: Timestamp(now.0 - hours * DAY / 24).to_string(),
            ..sample()
        };
        let all: Vec<Manifest> = hours.iter().map(taken).collect();
        keep.judge(&all.iter().collect::<Vec<_>>(), now)
    }

    fn count(keep: Keep, hours: &[i64]) -> Vec<i64> {
        let kept = kept(keep, hours);
        hours.iter().zip(kept).filter(|(_, why)| why.is_some()).map(|(h, _)| *h).collect()
    }

    #[test]
    fn every_rule_keeps_its_own() {
        let hours = [24 * 60, 24 * 31, 24 * 15, 24 * 9, 24 * 3, 30, 26, 6, 2, 1];
        let keep = Keep::default();
        assert_eq!(count(Keep { last: 3, ..keep }, &hours), [6, 2, 1]);
        assert_eq!(count(Keep { days: 2, ..keep }, &hours), [30, 26, 6, 2, 1]);
        assert_eq!(count(Keep { daily: 2, ..keep }, &hours), [26, 1]);
        // This week, and the one before, which ended on Sunday the 12th.
        assert_eq!(count(Keep { weekly: 2, ..keep }, &hours), [24 * 3, 1]);
        assert_eq!(count(Keep { monthly: 3, ..keep }, &hours), [24 * 60, 24 * 15, 1]);
        assert_eq!(count(Keep { daily: 2, monthly: 2, ..keep }, &hours), [24 * 15, 26, 1]);
    }

    #[test]
    fn the_newest_stays_whatever_the_rules_say() {
        assert_eq!(count(Keep { days: 1, ..Keep::default() }, &[400, 300, 200]), [200]);
        assert!(kept(Keep::default(), &[]).is_empty());
    }
}
