//! The scores of all hexads at one commit, and what they depend on: one immutable state.
//!
//! A board knows the [`Facts`] of every live hexad and the scores of those that were measured. The
//! next board is made from it and the facts of what has changed: whoever a change may touch is on it
//! without scores, to be measured when somebody asks or when the sweep comes by. A score that is there
//! is the one that measuring gives. Nothing here reads records: what was read is handed in.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use crate::engine::base::codec::{self, Reader};
use crate::engine::base::{ContentHash, Lsn, Result, Timestamp};
use crate::engine::modality::spatial::{Position, distance_km};

use super::facts::{Facts, Reach, Words};
use super::mentions::Dictionary;
use super::scored::Measured;

/// Hexads that are copied together when one of them changes.
const CHUNK: usize = 256;

/// So many others must be somewhere before they say where that is.
const FEWEST: usize = 8;

/// One hexad.
#[derive(Debug)]
pub struct Entry {
    /// What is known of it.
    pub facts: Facts,
    scores: OnceLock<Measured>,
    /// Its scores before something changed.
    before: Option<Box<Before>>,
    /// Its scores have been compared with those before.
    told: AtomicBool,
}

/// How a hexad was measured before.
#[derive(Clone, Debug)]
pub struct Before {
    /// The version it was then.
    pub version: u32,
    /// Its scores.
    pub scores: Measured,
}

impl Entry {
    fn new(facts: Facts, before: Option<&Self>) -> Self {
        let before = before.and_then(|old| match old.scores.get() {
            Some(scores) => {
                let (version, scores) = (old.facts.version, scores.clone());
                Some(Box::new(Before { version, scores }))
            }
            None => old.before.clone(),
        });
        Self { facts, scores: OnceLock::new(), before, told: AtomicBool::new(false) }
    }

    /// Its scores, when it was measured since anything changed.
    pub fn scores(&self) -> Option<&Measured> {
        self.scores.get()
    }

    /// Puts down what was measured; the first to measure is believed, all measure the same.
    pub fn measured(&self, scores: Measured) -> &Measured {
        self.scores.get_or_init(|| scores)
    }

    /// As [`Self::news`], but they stay news.
    pub fn untold(&self) -> Option<(Option<&Before>, &Measured)> {
        let now = self.scores.get()?;
        (!self.told.load(Ordering::Relaxed)).then_some((self.before.as_deref(), now))
    }

    /// Its scores before the last change, and now, once after they were measured.
    pub fn news(&self) -> Option<(Option<&Before>, &Measured)> {
        let now = self.scores.get()?;
        (!self.told.swap(true, Ordering::Relaxed)).then_some((self.before.as_deref(), now))
    }
}

/// What an encoded entry has: scores, that were compared with those before, and those before.
const SCORES: u8 = 1;
const TOLD: u8 = 2;
const BEFORE: u8 = 4;

impl Entry {
    fn encode_scores(&self, out: &mut Vec<u8>) {
        let (scores, told) = (self.scores(), self.told.load(Ordering::Relaxed));
        let flag = |set: bool, flag: u8| if set { flag } else { 0 };
        let (has, had) = (scores.is_some(), self.before.is_some());
        out.push(flag(has, SCORES) | flag(told, TOLD) | flag(had, BEFORE));
        if let Some(scores) = scores {
            scores.encode(out);
        }
        if let Some(before) = &self.before {
            codec::put_uint(out, u64::from(before.version));
            before.scores.encode(out);
        }
    }

    fn decode(from: &mut Reader<'_>) -> Result<Self> {
        let mut entry = Self::new(decode_facts(from)?, None);
        let flags = from.byte()?;
        if flags & SCORES != 0 {
            entry.measured(Measured::decode(from)?);
        }
        entry.told.store(flags & TOLD != 0, Ordering::Relaxed);
        if flags & BEFORE != 0 {
            let (version, scores) = (from.u32()?, Measured::decode(from)?);
            entry.before = Some(Box::new(Before { version, scores }));
        }
        Ok(entry)
    }
}

type Chunk = Vec<Option<Arc<Entry>>>;

/// Where the hexads are that say they are in the same place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    /// The middle of them.
    pub center: Position,
    /// Nearly all of them are within this distance.
    pub radius_km: f64,
    /// How many there are.
    pub members: usize,
}

impl Extent {
    /// Whether a place of this middle that reaches so far may be the one that they are in.
    pub fn includes(&self, center: Position, reach_km: f64) -> bool {
        distance_km(center, self.center) <= self.radius_km.max(reach_km)
    }
}

/// The state of all hexads after one commit.
#[derive(Clone, Debug)]
pub struct Board {
    /// Up to which commit.
    pub lsn: Lsn,
    /// The time of the last change it knows.
    pub time: Timestamp,
    /// The contracts it was measured under.
    pub rules: ContentHash,
    chunks: Vec<Arc<Chunk>>,
    dictionary: Arc<OnceLock<Dictionary>>,
    extents: Arc<OnceLock<HashMap<u64, Extent>>>,
}

impl Board {
    /// Without any hexad.
    pub fn empty(rules: ContentHash) -> Self {
        Self {
            lsn: Lsn(0),
            time: Timestamp(i64::MIN),
            rules,
            chunks: Vec::new(),
            dictionary: Arc::default(),
            extents: Arc::default(),
        }
    }

    /// One hexad.
    pub fn entry(&self, iid: u32) -> Option<&Arc<Entry>> {
        self.chunks.get(iid as usize / CHUNK)?.get(iid as usize % CHUNK)?.as_ref()
    }

    /// All of them, by their numbers.
    pub fn entries(&self) -> impl Iterator<Item = (u32, &Arc<Entry>)> {
        let chunks = self.chunks.iter().enumerate();
        chunks.flat_map(|(n, chunk)| {
            let each = chunk.iter().enumerate();
            each.filter_map(move |(i, e)| Some(((n * CHUNK + i) as u32, e.as_ref()?)))
        })
    }

    /// How many hexads there are, and how many of them have their scores.
    pub fn progress(&self) -> (usize, usize) {
        self.entries().fold((0, 0), |(all, done), (_, entry)| {
            (all + 1, done + usize::from(entry.scores().is_some()))
        })
    }

    /// The state after some changes: the facts of what has changed as they are now, `None` for what is
    /// gone. Other rules make every score open again.
    #[must_use]
    pub fn after(&self, lsn: Lsn, rules: ContentHash, changes: Vec<(u32, Option<Facts>)>) -> Self {
        let mut next = Self { lsn, rules, ..self.clone() };
        let mut reach = Reach::default();
        for (iid, facts) in &changes {
            reach.add(self.entry(*iid).map(|entry| &entry.facts), facts.as_ref());
        }
        if reach.renames() {
            next.dictionary = Arc::default();
        }
        if reach.moves() {
            next.extents = Arc::default();
        }
        if rules != self.rules {
            next.reopen(&|_| true);
        } else if !reach.is_empty() {
            next.reopen(&|facts| reach.touches(facts));
        }
        for (iid, facts) in changes {
            next.put(iid, facts);
        }
        next
    }

    fn reopen(&mut self, which: &dyn Fn(&Facts) -> bool) {
        for chunk in &mut self.chunks {
            // Also those without scores: who still looks at the board before measures other things.
            let touched = |entry: &Arc<Entry>| which(&entry.facts);
            if !chunk.iter().flatten().any(touched) {
                continue;
            }
            for entry in Arc::make_mut(chunk).iter_mut().flatten().filter(|entry| touched(entry)) {
                *entry = Arc::new(Entry::new(entry.facts.clone(), Some(entry)));
            }
        }
    }

    fn put(&mut self, iid: u32, facts: Option<Facts>) {
        let (chunk, at) = (iid as usize / CHUNK, iid as usize % CHUNK);
        if self.chunks.len() <= chunk {
            if facts.is_none() {
                return;
            }
            self.chunks.resize_with(chunk + 1, || Arc::new(vec![None; CHUNK]));
        }
        let place = &mut Arc::make_mut(&mut self.chunks[chunk])[at];
        *place = facts.map(|facts| Arc::new(Entry::new(facts, place.as_deref())));
    }

    /// The names of all hexads.
    pub fn dictionary(&self) -> &Dictionary {
        self.dictionary.get_or_init(|| {
            let mut dictionary = Dictionary::default();
            for (_, entry) in self.entries() {
                for name in &entry.facts.names {
                    dictionary.add(entry.facts.id.clone(), name.clone());
                }
            }
            dictionary
        })
    }

    /// Where the hexads are that say they are in the same place, if there are enough of them.
    pub fn extent(&self, group: u64) -> Option<Extent> {
        let extents = self.extents.get_or_init(|| {
            let mut members: BTreeMap<u64, Vec<Position>> = BTreeMap::new();
            for (_, entry) in self.entries() {
                for group in &entry.facts.groups {
                    members.entry(*group).or_default().extend(entry.facts.center);
                }
            }
            members.retain(|_, places| places.len() >= FEWEST);
            members.into_iter().map(|(group, places)| (group, extent(&places))).collect()
        });
        extents.get(&group).copied()
    }

    /// Its bytes, scores included.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        codec::put_uint(&mut out, self.lsn.0);
        codec::put_int(&mut out, self.time.0);
        out.extend(self.rules.0);
        codec::put_uint(&mut out, self.entries().count() as u64);
        for (iid, entry) in self.entries() {
            codec::put_uint(&mut out, u64::from(iid));
            encode_facts(&entry.facts, &mut out);
            entry.encode_scores(&mut out);
        }
        out
    }

    /// Reads what [`Self::encode`] wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let mut from = Reader::new(bytes, "the scores of drift");
        let (lsn, time) = (Lsn(from.uint()?), Timestamp(from.int()?));
        let mut board = Self { lsn, time, ..Self::empty(from.hash()?) };
        for _ in 0..from.count(4)? {
            let iid = from.u32()?;
            let entry = Entry::decode(&mut from)?;
            board.put(iid, Some(Facts::default()));
            let chunk = Arc::make_mut(&mut board.chunks[iid as usize / CHUNK]);
            chunk[iid as usize % CHUNK] = Some(Arc::new(entry));
        }
        from.finish()?;
        Ok(board)
    }
}

fn encode_facts(facts: &Facts, out: &mut Vec<u8>) {
    codec::put_text(out, &facts.id);
    codec::put_uint(out, u64::from(facts.version));
    codec::put_uint(out, facts.names.len() as u64);
    facts.names.iter().for_each(|name| codec::put_text(out, name));
    out.extend(facts.title.to_le_bytes());
    out.push(u8::from(facts.center.is_some()));
    if let Some(Position { latitude, longitude }) = facts.center {
        codec::put_f64(out, latitude);
        codec::put_f64(out, longitude);
    }
    out.push(u8::from(facts.radius_km.is_some()));
    facts.radius_km.into_iter().for_each(|radius| codec::put_f64(out, radius));
    for hashes in [&facts.targets, &facts.groups] {
        codec::put_uint(out, hashes.len() as u64);
        for hash in hashes {
            out.extend(hash.to_le_bytes());
        }
    }
    out.push(u8::from(facts.words.is_some()));
    if let Some(Words(words)) = &facts.words {
        for word in words {
            out.extend(word.to_le_bytes());
        }
    }
}

fn decode_facts(from: &mut Reader<'_>) -> Result<Facts> {
    let (id, version) = (from.text()?.to_owned(), from.u32()?);
    let mut facts = Facts { id, version, ..Facts::default() };
    for _ in 0..from.count(1)? {
        facts.names.push(from.text()?.to_owned());
    }
    facts.title = word(from)?;
    if from.flag()? {
        facts.center = Some(Position { latitude: from.f64()?, longitude: from.f64()? });
    }
    if from.flag()? {
        facts.radius_km = Some(from.f64()?);
    }
    for _ in 0..from.count(8)? {
        facts.targets.push(word(from)?);
    }
    for _ in 0..from.count(8)? {
        facts.groups.push(word(from)?);
    }
    if from.flag()? {
        let mut words = Words::default();
        for each in &mut words.0 {
            *each = word(from)?;
        }
        facts.words = Some(words);
    }
    Ok(facts)
}

fn word(from: &mut Reader<'_>) -> Result<u64> {
    let bytes = from.bytes(8)?;
    let mut word = [0; 8];
    word.copy_from_slice(bytes);
    Ok(u64::from_le_bytes(word))
}

/// The middle of most of the places, whatever the others are, and three times the distance within
/// which three quarters of them lie: a country with far islands stays one country, and what lies on
/// another continent is told from it.
fn extent(places: &[Position]) -> Extent {
    let along = |axis: usize| {
        let mut all: Vec<f64> = places.iter().map(|place| direction(*place)[axis]).collect();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    };
    let [x, y, z] = [along(0), along(1), along(2)];
    let center =
        Position { latitude: z.atan2(x.hypot(y)).to_degrees(), longitude: y.atan2(x).to_degrees() };
    let mut distances: Vec<f64> = places.iter().map(|place| distance_km(center, *place)).collect();
    distances.sort_by(f64::total_cmp);
    let radius_km = 3.0 * distances[distances.len() * 3 / 4];
    Extent { center, radius_km: radius_km.max(LEAST_EXTENT_KM), members: places.len() }
}

/// Places nearer to each other than this are not told apart.
const LEAST_EXTENT_KM: f64 = 50.0;

fn direction(place: Position) -> [f64; 3] {
    let (latitude, longitude) = (place.latitude.to_radians(), place.longitude.to_radians());
    let flat = latitude.cos();
    [flat * longitude.cos(), flat * longitude.sin(), latitude.sin()]
}
