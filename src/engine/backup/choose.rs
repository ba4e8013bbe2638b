//! Which backups lead to a point of the past.

use std::cmp::Reverse;

use super::manifest::Manifest;
use super::restore::Wanted;
use super::shelf::Shelf;
use crate::engine::archive::{self, History};
use crate::engine::base::{Error, Kind, Lsn, Result, Timestamp};
use crate::engine::log::segment::DatabaseId;

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
    fn within(self, range: &Range) -> bool {
        match self {
            Self::End => true,
            Self::Commit(lsn) => (range.first..=range.last).contains(&lsn.0),
            Self::Time(time) => (range.from..=range.upto).contains(&time),
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

/// What can be had from some backups and the archive behind them.
#[derive(Debug)]
struct Range {
    first: u64,
    last: u64,
    from: Timestamp,
    upto: Timestamp,
}

impl Range {
    fn of(chain: &[&Manifest], archive: Option<&History>, now: Timestamp) -> Option<Self> {
        let (full, tip) = (chain.first()?, chain.last()?);
        let archived = archive.map_or(0, |history| history.last.0);
        // The archive has everything up to now, as long as its database lives.
        let upto = tip.taken().max(tip.time()).max(archive.map_or(Timestamp(0), |_| now));
        Some(Self { first: full.lsn, last: tip.lsn.max(archived), from: full.time(), upto })
    }
}

/// What to restore from: backups, the full one first, and the archive when it is needed.
type Choice<'a> = (Vec<&'a Manifest>, Option<History>);

/// Chooses the backup that was asked for, or the one that needs the least replaying.
pub(super) fn choose<'a>(
    shelf: &'a Shelf<'_>,
    wanted: &Wanted<'_>,
    now: Timestamp,
) -> Result<Choice<'a>> {
    let point = wanted.point;
    if let Some(id) = wanted.backup {
        let chain = shelf.chain(id)?;
        return match Range::of(&chain, None, now) {
            Some(range) if point.within(&range) => Ok((chain, None)),
            range => Err(outside(point, range.into_iter().collect())),
        };
    }
    let chains: Vec<_> = match shelf.all.last().filter(|_| point == Point::End) {
        Some((newest, _)) => vec![shelf.chain(newest)?],
        None => shelf.all.iter().filter_map(|(id, _)| shelf.chain(id).ok()).collect(),
    };
    let mut best: Option<(Range, Choice<'a>)> = None;
    let mut ranges = Vec::new();
    for chain in chains {
        let archive = match (wanted.archive, chain.last()) {
            (Some(dir), Some(tip)) => {
                let known = tip.last_record.as_deref();
                match archive::behind(dir, database(tip)?, Lsn(tip.lsn), known) {
                    // Another backup may reach it.
                    Err(error) if error.kind == Kind::NotFound && point != Point::End => None,
                    found => found?,
                }
            }
            _ => None,
        };
        let Some(range) = Range::of(&chain, archive.as_ref(), now) else { continue };
        let ends = |range: &Range, chain: &[&Manifest]| (range.first, Reverse(chain.len()));
        let better = best
            .as_ref()
            .is_none_or(|(known, (their, _))| ends(&range, &chain) > ends(known, their));
        if point.within(&range) && better {
            best = Some((range, (chain, archive)));
        } else {
            ranges.push(range);
        }
    }
    best.map(|(_, choice)| choice).ok_or_else(|| outside(point, ranges))
}

/// The identity in a manifest.
pub(super) fn database(manifest: &Manifest) -> Result<DatabaseId> {
    let id = u128::from_str_radix(&manifest.database, 16).map(u128::to_be_bytes);
    id.map_err(|_| {
        let message = format!("backup {} names no database", manifest.id);
        Error::new(Kind::Corruption, message)
    })
}

fn outside(point: Point, ranges: Vec<Range>) -> Error {
    let message = format!("the backups do not hold {}", point.describe());
    let mut widest: Vec<Range> = Vec::new();
    for range in ranges {
        if let Some(known) = widest.iter_mut().find(|known| known.first == range.first) {
            if range.last >= known.last {
                *known = range;
            }
        } else {
            widest.push(range);
        }
    }
    if widest.is_empty() {
        return Error::new(Kind::NotFound, message).hint("there is no whole backup");
    }
    let text = |range: &Range| {
        format!("commits {} to {} ({} to {})", range.first, range.last, range.from, range.upto)
    };
    let texts: Vec<String> = widest.iter().map(text).collect();
    Error::new(Kind::NotFound, message).hint(format!("they hold {}", texts.join(", ")))
}
