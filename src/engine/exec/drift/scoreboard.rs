//! The board of a database as commits go by: loaded when first needed, carried from commit to commit,
//! kept in a file.
//!
//! Whoever asks for scores at a commit gets the board of exactly that commit. It is made from the last
//! one and the facts of the hexads that changed between the two, in either direction; what a
//! transaction has written and not committed is laid over it in the same way. Scores that are missing
//! on it are measured by whoever asks, and by the sweep.
//!
//! ```text
//! file = "VQLDRF3\n", u64 where the sweep is, i64 when it began, i64 when it was through last,
//!        the board, u32 CRC-32 of everything before
//! ```

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::Mutex;

use crate::engine::base::{ContentHash, Error, Iid, Kind, Lsn, Modality, Result, Timestamp};
use crate::engine::drift::board::Board;
use crate::engine::drift::facts::Facts;
use crate::engine::modality::{document, graph, spatial};
use crate::engine::store::{
    Applier, Changes, Ground, HexadHeader, IndexTx, Op, Record, RecordScan, View,
};

const MAGIC: &[u8; 8] = b"VQLDRF3\n";
const NAME: &str = "drift.scores";

/// Seconds between two rounds of the sweep, when nobody has said otherwise.
pub const PERIOD: u64 = 60;

/// Changed hexads remembered before the oldest are forgotten.
const REMEMBERED: usize = 1 << 18;

/// How far the sweep is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SweepState {
    /// The next hexad it looks at; zero between two rounds.
    pub next: u32,
    /// When this round began.
    pub began: Option<Timestamp>,
    /// When the last round was through.
    pub through: Option<Timestamp>,
}

/// The scores of a database.
#[derive(Debug)]
pub struct Scoreboard {
    file: Option<PathBuf>,
    writable: bool,
    /// The last commit when the database was opened.
    opened: AtomicU64,
    marks: Mutex<Marks>,
    current: Mutex<Option<Arc<Board>>>,
    making: Mutex<()>,
    sweep: Mutex<SweepState>,
    /// Seconds between two rounds of the sweep, zero for none.
    period: AtomicU64,
    unsaved: AtomicBool,
}

/// When each hexad changed last, as far back as anybody knows.
#[derive(Debug, Default)]
struct Marks {
    /// Everything after this commit is here.
    floor: Lsn,
    last: HashMap<u32, Lsn>,
}

impl Marks {
    /// The hexads that changed after the earlier of two commits; `None` when nobody knows.
    fn between(&self, one: Lsn, other: Lsn) -> Option<Vec<u32>> {
        let after = one.min(other);
        if after < self.floor {
            return None;
        }
        let changed = self.last.iter().filter(|(_, lsn)| **lsn > after).map(|(iid, _)| *iid);
        let mut changed: Vec<u32> = changed.collect();
        changed.sort_unstable();
        Some(changed)
    }
}

impl Scoreboard {
    /// Of the database whose index files, if it has any, live in `dir`. Nothing is read yet.
    pub fn new(dir: Option<&Path>, writable: bool) -> Self {
        Self {
            file: dir.map(|dir| dir.join(NAME)),
            writable,
            opened: AtomicU64::new(0),
            marks: Mutex::default(),
            current: Mutex::default(),
            making: Mutex::default(),
            sweep: Mutex::default(),
            period: AtomicU64::new(PERIOD),
            unsaved: AtomicBool::new(false),
        }
    }

    /// The database is open at this commit: from here on changes are seen as they are made.
    pub fn opened(&self, lsn: Lsn) {
        self.opened.store(lsn.0, Ordering::Relaxed);
        let mut marks = self.marks.lock();
        marks.floor = marks.floor.max(lsn);
    }

    /// The board of what a view shows.
    pub fn at(
        &self,
        view: &View,
        rules: ContentHash,
        check: &dyn Fn() -> Result<()>,
    ) -> Result<Arc<Board>> {
        let Some(written) = view.uncommitted_hexads() else {
            return self.committed(view.ground(), Some(rules), check);
        };
        let base = self.committed(view.ground(), None, check)?;
        let changes = written.iter().map(|iid| Ok((iid, facts(view, Iid(iid))?.map(|f| f.0))));
        let changes = changes.collect::<Result<Vec<_>>>()?;
        Ok(Arc::new(base.after(view.lsn(), rules, changes)))
    }

    /// A board of what a view shows without any score on it.
    pub fn blank(
        view: &View,
        rules: ContentHash,
        check: &dyn Fn() -> Result<()>,
    ) -> Result<Arc<Board>> {
        let live = view.live()?;
        let changes = read(view, live.iter(), check)?;
        Ok(Arc::new(advanced(&Board::empty(rules), view.lsn(), rules, changes)))
    }

    fn committed(
        &self,
        ground: &Ground,
        rules: Option<ContentHash>,
        check: &dyn Fn() -> Result<()>,
    ) -> Result<Arc<Board>> {
        if let Some(board) = self.usable(ground, rules) {
            return Ok(board);
        }
        // Whoever comes second finds what the first has made.
        let _making = self.making.lock();
        if let Some(board) = self.usable(ground, rules) {
            return Ok(board);
        }
        let before = self.current.lock().clone().or_else(|| self.load().map(Arc::new));
        let none = ContentHash::of(b"");
        let before = before.unwrap_or_else(|| Arc::new(Board::empty(rules.unwrap_or(none))));
        let rules = rules.unwrap_or(before.rules);
        let changed = self.changed(&before, ground)?;
        let changes = if let Some(changed) = &changed {
            read(ground, changed.iter().copied(), check)?
        } else {
            // Nobody knows what changed: everything is looked at, nothing is lost of the past.
            let live = ground.live()?;
            let gone = before.entries().map(|(iid, _)| iid).filter(|iid| !live.contains(*iid));
            read(ground, live.iter().chain(gone), check)?
        };
        let board = Arc::new(advanced(&before, ground.lsn(), rules, changes));
        if board.lsn >= before.lsn {
            *self.current.lock() = Some(Arc::clone(&board));
            self.unsaved.store(true, Ordering::Relaxed);
            self.forget(board.lsn);
        }
        Ok(board)
    }

    /// The present board, when it shows what a view shows.
    fn usable(&self, ground: &Ground, rules: Option<ContentHash>) -> Option<Arc<Board>> {
        let board = self.current.lock().clone()?;
        if rules.is_some_and(|rules| rules != board.rules) {
            return None;
        }
        let same = board.lsn == ground.lsn()
            || self.marks.lock().between(board.lsn, ground.lsn())?.is_empty();
        same.then_some(board)
    }

    /// The hexads in which a view may differ from a board; `None` when nobody knows.
    fn changed(&self, board: &Board, ground: &Ground) -> Result<Option<Vec<u32>>> {
        if let Some(changed) = self.marks.lock().between(board.lsn, ground.lsn()) {
            return Ok(Some(changed));
        }
        if board.lsn > ground.lsn() || board.lsn == Lsn(0) {
            return Ok(None);
        }
        // From an earlier run: every change leaves its time in the catalogue. What this run changed is
        // known, whatever it left there.
        let mut changed: Vec<u32> = self.marks.lock().last.keys().copied().collect();
        ground.headers(&mut |header: &HexadHeader| {
            if header.modified_at > board.time {
                changed.push(header.iid.0);
            }
            Ok(std::ops::ControlFlow::Continue(()))
        })?;
        changed.sort_unstable();
        changed.dedup();
        Ok(Some(changed))
    }

    fn forget(&self, lsn: Lsn) {
        let mut marks = self.marks.lock();
        if marks.last.len() > REMEMBERED {
            marks.last.retain(|_, last| *last > lsn);
            marks.floor = marks.floor.max(lsn);
        }
    }

    /// Puts a hexad that was found to be other than the board says on the next board.
    pub fn corrected(&self, board: &Arc<Board>, iid: u32, facts: Option<Facts>) -> Arc<Board> {
        let mut current = self.current.lock();
        let base = current.clone().unwrap_or_else(|| Arc::clone(board));
        let mut next = base.after(base.lsn, base.rules, vec![(iid, facts)]);
        next.time = base.time;
        let next = Arc::new(next);
        *current = Some(Arc::clone(&next));
        self.unsaved.store(true, Ordering::Relaxed);
        next
    }

    /// The board as it is, if there is one.
    pub fn current(&self) -> Option<Arc<Board>> {
        self.current.lock().clone()
    }

    /// Hexads that changed since the board was made.
    pub fn behind(&self) -> usize {
        let marks = self.marks.lock();
        let lsn = self.current.lock().as_ref().map_or(Lsn(0), |board| board.lsn);
        marks.last.values().filter(|last| **last > lsn).count()
    }

    /// Seconds between two rounds of the sweep, zero for none.
    pub fn period(&self) -> u64 {
        self.period.load(Ordering::Relaxed)
    }

    /// Another period.
    pub fn set_period(&self, seconds: u64) {
        self.period.store(seconds, Ordering::Relaxed);
    }

    /// How far the sweep is.
    pub fn sweep(&self) -> SweepState {
        *self.sweep.lock()
    }

    /// Takes down how far the sweep is.
    pub fn swept(&self, state: SweepState) {
        *self.sweep.lock() = state;
        self.unsaved.store(true, Ordering::Relaxed);
    }

    /// Something new was measured: worth keeping.
    pub fn touched(&self) {
        self.unsaved.store(true, Ordering::Relaxed);
    }

    /// Keeps the board in its file, when it may and there is something new.
    pub fn save(&self) -> Result<()> {
        let (Some(file), true) = (&self.file, self.writable) else { return Ok(()) };
        let Some(board) = self.current() else { return Ok(()) };
        if !self.unsaved.swap(false, Ordering::Relaxed) {
            return Ok(());
        }
        let sweep = self.sweep();
        let time = |at: Option<Timestamp>| at.map_or(i64::MIN, |at| at.0).to_le_bytes();
        let mut bytes = MAGIC.to_vec();
        bytes.extend(u64::from(sweep.next).to_le_bytes());
        bytes.extend(time(sweep.began));
        bytes.extend(time(sweep.through));
        bytes.extend(board.encode());
        bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
        let failed = |e: std::io::Error| {
            Error::new(Kind::StoreUnavailable, format!("the scores of drift cannot be kept: {e}"))
        };
        if let Some(dir) = file.parent() {
            fs::create_dir_all(dir).map_err(failed)?;
        }
        let fresh = file.with_extension("new");
        fs::write(&fresh, bytes).and_then(|()| fs::rename(&fresh, file)).map_err(failed)
    }

    /// What the file holds, if it can be believed: it is intact, and of the past of this database.
    fn load(&self) -> Option<Board> {
        let bytes = fs::read(self.file.as_ref()?).ok()?;
        let (body, sum) = bytes.split_last_chunk::<4>()?;
        if crc32fast::hash(body) != u32::from_le_bytes(*sum) {
            return None;
        }
        let (head, body) = body.strip_prefix(MAGIC)?.split_first_chunk::<24>()?;
        let board = Board::decode(body).ok()?;
        if board.lsn.0 > self.opened.load(Ordering::Relaxed) {
            return None;
        }
        let part = |at: usize| head.get(at..at + 8)?.try_into().ok().map(u64::from_le_bytes);
        let time =
            |at: usize| part(at).map(u64::cast_signed).filter(|t| *t != i64::MIN).map(Timestamp);
        let next = u32::try_from(part(0)?).ok()?;
        *self.sweep.lock() = SweepState { next, began: time(8), through: time(16) };
        Some(board)
    }
}

/// What is read of a hexad, and when it changed last.
type Read = (u32, Option<(Facts, Timestamp)>);

/// The next board, with the time of the last change.
fn advanced(before: &Board, lsn: Lsn, rules: ContentHash, changes: Vec<Read>) -> Board {
    let times = changes.iter().filter_map(|(_, read)| read.as_ref().map(|(_, at)| *at));
    let time = times.fold(before.time, Timestamp::max);
    let facts = changes.into_iter().map(|(iid, read)| (iid, read.map(|(facts, _)| facts)));
    let mut next = before.after(lsn, rules, facts.collect());
    next.time = time;
    next
}

/// A commit, or a commit with something laid over it.
pub trait Records {
    /// The header of a hexad.
    fn header(&self, iid: Iid) -> Result<Option<HexadHeader>>;
    /// One record.
    fn record(&self, modality: Modality, iid: Iid) -> Result<Option<Record>>;
}

impl Records for View {
    fn header(&self, iid: Iid) -> Result<Option<HexadHeader>> {
        Self::header(self, iid)
    }

    fn record(&self, modality: Modality, iid: Iid) -> Result<Option<Record>> {
        Self::record(self, modality, iid)
    }
}

impl Records for Ground {
    fn header(&self, iid: Iid) -> Result<Option<HexadHeader>> {
        Self::header(self, iid)
    }

    fn record(&self, modality: Modality, iid: Iid) -> Result<Option<Record>> {
        Self::record(self, modality, iid)
    }
}

fn read(
    records: &dyn Records,
    iids: impl Iterator<Item = u32>,
    check: &dyn Fn() -> Result<()>,
) -> Result<Vec<Read>> {
    iids.map(|iid| {
        check()?;
        Ok((iid, facts(records, Iid(iid))?))
    })
    .collect()
}

/// The facts of a hexad, and when it changed last; `None` when there is none (any more).
pub fn facts(records: &dyn Records, iid: Iid) -> Result<Option<(Facts, Timestamp)>> {
    let header = records.header(iid)?.filter(|header| header.deleted_at.is_none());
    let Some(header) = header else { return Ok(None) };
    let body = |modality: Modality| -> Result<Option<Vec<u8>>> {
        if !header.present.contains(modality) {
            return Ok(None);
        }
        Ok(records.record(modality, iid)?.map(|record| record.body))
    };
    let document = body(Modality::Document)?;
    let document = document.map(|b| document::codec::decode(&b)).transpose()?;
    let edges = body(Modality::Graph)?.map(|b| graph::codec::decode(&b)).transpose()?;
    let place = body(Modality::Spatial)?.map(|b| spatial::codec::decode(&b)).transpose()?;
    let id = header.id.as_str();
    let facts = Facts::of(id, document.as_ref(), edges.as_ref(), place.as_ref(), header.version);
    Ok(Some((facts, header.modified_at)))
}

/// Takes note of every change, of whichever modality.
impl Applier for Scoreboard {
    fn schema(&self, _: &IndexTx<'_>) -> Result<()> {
        Ok(())
    }

    fn apply(&self, _: &IndexTx<'_>, _: &[Changes<'_>]) -> Result<()> {
        Ok(())
    }

    fn applied(&self, batch: &[Changes<'_>]) {
        let mut marks = self.marks.lock();
        for changes in batch {
            for iid in changes.ops.iter().map(Op::iid) {
                let last = marks.last.entry(iid.0).or_default();
                *last = changes.lsn.max(*last);
            }
        }
    }

    fn refreshed(&self, lsn: Lsn) {
        let mut marks = self.marks.lock();
        marks.floor = marks.floor.max(lsn);
        marks.last.clear();
    }

    fn rebuild(&self, _: &IndexTx<'_>, _: RecordScan<'_>) -> Result<()> {
        Ok(())
    }
}
