//! What drift was like over time: events of every hexad, and figures of every kind.
//!
//! An event is written when a score passes its threshold, either way, or moves on above it by as much
//! as matters. Events and figures are named entries of the catalogue: logged, backed up, bounded.
//!
//! ```text
//! drift.history/ID   the last events of a hexad, oldest first
//! drift.metrics      per kind: measurements, greatest score, moving average of the mean
//! ```

use std::collections::BTreeMap;

use crate::engine::base::codec::{self, Reader};
use crate::engine::base::{Iid, Result, Timestamp};
use crate::engine::drift::board::{Before, Board};
use crate::engine::drift::{DriftKind, Measured};
use crate::engine::exec::drift::rules::Rules;
use crate::engine::exec::entity::Entity;
use crate::engine::hexad::{Author, attempt};
use crate::engine::store::{CatalogOp, Space, Store, View};

/// Where events stand in the catalogue.
const HISTORY: &str = "drift.history/";
/// Where figures do.
const METRICS: &str = "drift.metrics";
/// Events kept of one hexad.
const KEPT: usize = 32;
/// Hexads whose events are written in one commit.
const BATCH: usize = 1000;
/// Above the threshold a score has to move by so much to be worth an event.
const MATTERS: f64 = 0.05;
/// How much of the moving average the newest mean makes up.
const NEWEST: f64 = 0.2;

/// Why a score was measured again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// It had never been measured.
    First = 0,
    /// The hexad was written.
    Written = 1,
    /// Something it depends on changed: a neighbor, a contract, or its record behind everybody's back.
    Surroundings = 2,
}

impl Cause {
    /// The name in answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::First => "first measured",
            Self::Written => "written",
            Self::Surroundings => "surroundings",
        }
    }

    fn from_u8(number: u8) -> Option<Self> {
        [Self::First, Self::Written, Self::Surroundings].get(usize::from(number)).copied()
    }
}

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Which kind of drift.
    pub kind: DriftKind,
    /// The score; `None` when it can no longer be measured.
    pub score: Option<f64>,
    /// The score before, if there was one.
    pub before: Option<f64>,
    /// The threshold then.
    pub threshold: f64,
    /// When it was noticed.
    pub at: Timestamp,
    /// The version of the hexad.
    pub version: u32,
    /// Why it was measured.
    pub cause: Cause,
}

impl Event {
    /// True when the score is above the threshold.
    pub fn over(&self) -> bool {
        self.score.is_some_and(|score| score > self.threshold)
    }
}

/// The figures of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// How often it was measured.
    pub count: u64,
    /// The greatest score ever.
    pub greatest: f64,
    /// The moving average of the mean over all hexads.
    pub average: f64,
}

/// The figures of a database.
pub fn figures(view: &View) -> Result<BTreeMap<DriftKind, Figures>> {
    let Some(body) = view.entry(Space::Job, METRICS)? else { return Ok(BTreeMap::new()) };
    let mut from = Reader::new(&body, METRICS);
    let mut figures = BTreeMap::new();
    for _ in 0..from.count(3)? {
        let kind = kind(&mut from)?;
        let (count, greatest, average) = (from.uint()?, from.f64()?, from.f64()?);
        figures.insert(kind, Figures { count, greatest, average });
    }
    from.finish()?;
    Ok(figures)
}

/// What the scores of each kind are on the average.
pub fn averages(view: &View) -> Result<BTreeMap<DriftKind, f64>> {
    Ok(figures(view)?.into_iter().map(|(kind, figures)| (kind, figures.average)).collect())
}

/// The events of one hexad, oldest first.
pub fn events(view: &View, id: &str) -> Result<Vec<Event>> {
    match view.entry(Space::Job, &format!("{HISTORY}{id}"))? {
        Some(body) => decode(&body),
        None => Ok(Vec::new()),
    }
}

/// What a measurement is worth telling.
pub fn compare(
    before: Option<&Before>,
    now: &Measured,
    threshold: &dyn Fn(DriftKind) -> f64,
    at: Timestamp,
    version: u32,
) -> Vec<Event> {
    let cause = match before {
        None => Cause::First,
        Some(before) if before.version != version => Cause::Written,
        Some(_) => Cause::Surroundings,
    };
    let mut events = Vec::new();
    for kind in DriftKind::ALL {
        let score = now.kinds.get(kind);
        let before = before.and_then(|before| before.scores.kinds.get(kind));
        let threshold = threshold(kind);
        let over = |score: Option<f64>| score.is_some_and(|score| score > threshold);
        let moved = score.zip(before).is_some_and(|(a, b)| (a - b).abs() >= MATTERS);
        if over(score) != over(before) || over(score) && moved {
            events.push(Event { kind, score, before, threshold, at, version, cause });
        }
    }
    events
}

/// Writes down what was measured since the last time: events and figures. Gives the number of events.
pub fn settle(
    store: &Store,
    rules: &Rules,
    board: &Board,
    view: &View,
    now: Timestamp,
) -> Result<usize> {
    let mut told: Vec<(String, Vec<Event>)> = Vec::new();
    let mut counts: BTreeMap<DriftKind, u64> = BTreeMap::new();
    for (iid, entry) in board.entries() {
        let Some((before, scores)) = entry.news() else { continue };
        for kind in scores.kinds.by_kind.keys() {
            *counts.entry(*kind).or_default() += 1;
        }
        let types = types(rules, view, iid)?;
        let threshold = |kind| rules.thresholds.of(kind, &entry.facts.id, &types).0;
        let events = compare(before, scores, &threshold, now, entry.facts.version);
        if !events.is_empty() {
            told.push((entry.facts.id.clone(), events));
        }
    }
    if counts.is_empty() {
        return Ok(0);
    }
    let count = told.iter().map(|(_, events)| events.len()).sum();
    for batch in told.chunks(BATCH) {
        write(store, |view, set| {
            for (id, events) in batch {
                let mut all = self::events(view, id)?;
                all.extend(events.iter().cloned());
                all.drain(..all.len().saturating_sub(KEPT));
                set(format!("{HISTORY}{id}"), encode(&all));
            }
            Ok(())
        })?;
    }
    let means = means(board);
    write(store, |view, set| {
        set(METRICS.to_owned(), encode_figures(&next(figures(view)?, &counts, &means)));
        Ok(())
    })?;
    Ok(count)
}

/// The types of a hexad, when thresholds ask for them.
pub fn types(rules: &Rules, view: &View, iid: u32) -> Result<Vec<String>> {
    if !rules.thresholds.by_type() {
        return Ok(Vec::new());
    }
    let Some(entity) = Entity::now(view, Iid(iid))? else { return Ok(Vec::new()) };
    Ok(entity.semantic()?.map(|s| s.types.clone()).unwrap_or_default())
}

/// The greatest and the mean score of each kind on a board.
fn means(board: &Board) -> BTreeMap<DriftKind, (f64, f64)> {
    let mut sums: BTreeMap<DriftKind, (f64, f64, u64)> = BTreeMap::new();
    for scores in board.entries().filter_map(|(_, entry)| entry.scores()) {
        for kind in DriftKind::ALL {
            if let Some(score) = scores.kinds.get(kind) {
                let (greatest, sum, count) = sums.entry(kind).or_default();
                *greatest = greatest.max(score);
                *sum += score;
                *count += 1;
            }
        }
    }
    let mean = |(kind, (greatest, sum, count))| (kind, (greatest, sum / count as f64));
    sums.into_iter().map(mean).collect()
}

fn next(
    mut figures: BTreeMap<DriftKind, Figures>,
    counts: &BTreeMap<DriftKind, u64>,
    means: &BTreeMap<DriftKind, (f64, f64)>,
) -> BTreeMap<DriftKind, Figures> {
    for (kind, (greatest, mean)) in means {
        let known = figures.get(kind).copied();
        let old = known.unwrap_or(Figures { average: *mean, ..Figures::default() });
        let more = counts.get(kind).or(counts.values().max()).copied().unwrap_or_default();
        let figure = Figures {
            count: old.count + more,
            greatest: old.greatest.max(*greatest),
            average: old.average + NEWEST * (mean - old.average),
        };
        figures.insert(*kind, figure);
    }
    figures
}

/// One commit of entries.
fn write(
    store: &Store,
    prepare: impl Fn(&View, &mut dyn FnMut(String, Vec<u8>)) -> Result<()>,
) -> Result<()> {
    let author = Author::new("vql");
    attempt::write(store, &author, &attempt::unhindered, |view, draft| {
        prepare(view, &mut |name, body| {
            draft.catalog(CatalogOp::Set { space: Space::Job, name, body });
        })
    })
}

fn encode(events: &[Event]) -> Vec<u8> {
    let mut out = Vec::new();
    codec::put_uint(&mut out, events.len() as u64);
    for event in events {
        out.push(event.kind as u8);
        for score in [event.score, event.before, Some(event.threshold)] {
            out.push(u8::from(score.is_some()));
            if let Some(score) = score {
                codec::put_f64(&mut out, score);
            }
        }
        codec::put_int(&mut out, event.at.0);
        codec::put_uint(&mut out, u64::from(event.version));
        out.push(event.cause as u8);
    }
    out
}

fn decode(body: &[u8]) -> Result<Vec<Event>> {
    let mut from = Reader::new(body, "the history of drift");
    let mut events = Vec::new();
    for _ in 0..from.count(8)? {
        let kind = kind(&mut from)?;
        let mut scores = [None; 3];
        for score in &mut scores {
            if from.flag()? {
                *score = Some(from.f64()?);
            }
        }
        let [score, before, threshold] = scores;
        let (at, version) = (Timestamp(from.int()?), from.u32()?);
        let cause = Cause::from_u8(from.byte()?);
        let cause = cause.ok_or_else(|| from.damaged("a cause is unknown"))?;
        let threshold = threshold.unwrap_or_default();
        events.push(Event { kind, score, before, threshold, at, version, cause });
    }
    from.finish()?;
    Ok(events)
}

fn encode_figures(figures: &BTreeMap<DriftKind, Figures>) -> Vec<u8> {
    let mut out = Vec::new();
    codec::put_uint(&mut out, figures.len() as u64);
    for (kind, figures) in figures {
        out.push(*kind as u8);
        codec::put_uint(&mut out, figures.count);
        codec::put_f64(&mut out, figures.greatest);
        codec::put_f64(&mut out, figures.average);
    }
    out
}

fn kind(from: &mut Reader<'_>) -> Result<DriftKind> {
    let kind = DriftKind::ALL.get(usize::from(from.byte()?)).copied();
    kind.ok_or_else(|| from.damaged("a kind of drift is unknown"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(score: f64) -> Measured {
        let mut measured = Measured::default();
        measured.kinds.set(DriftKind::Temporal, Some(score));
        measured
    }

    #[test]
    fn passing_the_threshold_and_moving_above_it_is_told() {
        let told = |before: Option<f64>, now: f64| {
            let before = before.map(|score| Before { version: 1, scores: measured(score) });
            let threshold = |kind| if kind == DriftKind::Temporal { 0.2 } else { 2.0 };
            let events = compare(before.as_ref(), &measured(now), &threshold, Timestamp(7), 2);
            events.into_iter().map(|event| event.cause).collect::<Vec<_>>()
        };
        assert_eq!(told(None, 0.1), []);
        assert_eq!(told(None, 0.5), [Cause::First]);
        assert_eq!(told(Some(0.5), 0.1), [Cause::Written]);
        assert_eq!(told(Some(0.5), 0.52), []);
        assert_eq!(told(Some(0.5), 0.75), [Cause::Written]);
        assert_eq!(told(Some(0.05), 0.15), []);
    }

    #[test]
    fn events_and_figures_read_back() {
        let event = Event {
            kind: DriftKind::Spatial,
            score: Some(0.4),
            before: None,
            threshold: 0.3,
            at: Timestamp(5),
            version: 9,
            cause: Cause::Surroundings,
        };
        assert!(event.over());
        let events = vec![event.clone(), Event { score: None, before: Some(0.4), ..event }];
        assert_eq!(decode(&encode(&events)).unwrap(), events);
        assert!(decode(&encode(&events)[..9]).is_err());
    }
}
