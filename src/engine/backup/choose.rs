//! Which backups lead to a point of the past.

use std::cmp::Reverse;

use super::manifest::Manifest;
use super::shelf::Shelf;
use crate::engine::base::{Error, Kind, Lsn, Result, Timestamp};

/// Where to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// To the end of a backup.
    End,
    /// To the state after this commit.
    Commit(Lsn),
    /// To everything that was committed up to this time.
    Time(Timestamp),
}

impl Point {
    fn within(self, chain: &[&Manifest]) -> bool {
        let (Some(full), Some(tip)) = (chain.first(), chain.last()) else { return false };
        match self {
            Self::End => true,
            Self::Commit(lsn) => (full.lsn..=tip.lsn).contains(&lsn.0),
            Self::Time(time) => full.time() <= time && time <= tip.taken().max(tip.time()),
        }
    }

    fn describe(self) -> String {
        match self {
            Self::End => "the end".into(),
            Self::Commit(lsn) => format!("commit {lsn}"),
            Self::Time(time) => time.to_string(),
        }
    }
}

/// The backups to restore, the full one first: of `id`, or of the one that needs the least replaying.
pub(super) fn choose<'a>(
    shelf: &'a Shelf,
    id: Option<&str>,
    point: Point,
) -> Result<Vec<&'a Manifest>> {
    let newest = shelf.all.last().map(|(id, _)| id.as_str());
    let named = id.or(newest.filter(|_| point == Point::End));
    if let Some(id) = named {
        let chain = shelf.chain(id)?;
        return if point.within(&chain) { Ok(chain) } else { Err(outside(point, &[chain])) };
    }
    let chains: Vec<_> = shelf.all.iter().filter_map(|(id, _)| shelf.chain(id).ok()).collect();
    let fitting = chains.iter().filter(|chain| point.within(chain));
    let ends = |chain: &&Vec<&Manifest>| {
        (chain.first().map_or(0, |m| m.lsn), Reverse(chain.last().map_or(0, |m| m.lsn)))
    };
    match fitting.max_by_key(ends) {
        Some(chain) => Ok(chain.clone()),
        None => Err(outside(point, &chains)),
    }
}

fn outside(point: Point, chains: &[Vec<&Manifest>]) -> Error {
    let message = format!("the backups do not hold {}", point.describe());
    let mut ranges: Vec<(u64, u64, String)> = Vec::new();
    for chain in chains {
        let (Some(full), Some(tip)) = (chain.first(), chain.last()) else { continue };
        ranges.retain(|(from, upto, _)| *from != full.lsn || *upto > tip.lsn);
        let text = format!(
            "commits {} to {} ({} to {})",
            full.lsn,
            tip.lsn,
            full.time,
            tip.taken().max(tip.time())
        );
        ranges.push((full.lsn, tip.lsn, text));
    }
    if ranges.is_empty() {
        return Error::new(Kind::NotFound, message).hint("there is no whole backup");
    }
    let texts: Vec<String> = ranges.into_iter().map(|(_, _, text)| text).collect();
    Error::new(Kind::NotFound, message).hint(format!("they hold {}", texts.join(", ")))
}
