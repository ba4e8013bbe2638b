//! Opening a database: what is it, may we write to it, and what does its log hold that its files do
//! not.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::{Condvar, Mutex, RwLock};

use crate::engine::base::{Clock, Error, Kind, Lsn, Result, Timestamp};
use crate::engine::log::segment::{self, DatabaseId};
use crate::engine::log::writer::sync_dir;
use crate::engine::log::{LogWriter, Tail, TailRequest, recover};

use super::codec;
use super::commit::Commits;
use super::directory::{self, Claim, Found, Gate};
use super::files::{Commit, Files};
use super::index::Appliers;
use super::inner::{Inner, Queue, Seen};
use super::names::Names;
use super::options::{OpenOptions, Recovery};
use super::place::Place;
use super::pool::{Pool, ReaderSet};
use super::sqlite;
use super::state::State;

/// Commits replayed in one transaction per file.
const REPLAY_BATCH: usize = 4096;

/// Opens the database in `dir`; see `Store::open`.
pub(super) fn open(
    dir: &Path,
    options: OpenOptions,
    clock: Arc<dyn Clock>,
    appliers: Appliers,
) -> Result<Arc<Inner>> {
    match directory::look(dir)? {
        Found::Nothing if options.create && !options.read_only => {
            let id = directory::new_id(dir, clock.now());
            Ok(Arc::new(inner(dir, options, (clock, appliers), Opened::unmade(id))))
        }
        Found::Nothing => {
            Err(Error::new(Kind::NotFound, format!("no database at {}", dir.display())))
        }
        Found::Database(id) => {
            let opened = Opening { dir, id, options, appliers: &appliers }.run()?;
            Ok(Arc::new(inner(dir, options, (clock, appliers), opened)))
        }
    }
}

/// What opening found and took.
struct Opened {
    id: DatabaseId,
    made: bool,
    read_only: bool,
    lock: Option<std::fs::File>,
    gate: Option<Gate>,
    log: Option<LogWriter>,
    files: Option<Files>,
    set: Option<ReaderSet>,
    seen: Seen,
    recovery: Recovery,
}

impl Opened {
    fn unmade(id: DatabaseId) -> Self {
        Self {
            id,
            made: false,
            read_only: false,
            lock: None,
            gate: None,
            log: None,
            files: None,
            set: None,
            seen: Seen::default(),
            recovery: Recovery::default(),
        }
    }
}

fn inner(
    dir: &Path,
    options: OpenOptions,
    (clock, appliers): (Arc<dyn Clock>, Appliers),
    opened: Opened,
) -> Inner {
    let mut names = Names::default();
    names.advance(opened.seen.lsn);
    let (lsn, time) = (opened.seen.lsn, opened.seen.time);
    let pool = Pool::default();
    if let Some(set) = opened.set {
        pool.put(set, lsn);
    }
    Inner {
        dir: dir.into(),
        database: opened.id,
        options,
        read_only: opened.read_only,
        clock,
        appliers,
        made: AtomicBool::new(opened.made),
        closed: AtomicBool::new(false),
        making: Mutex::new(()),
        lock: Mutex::new(opened.lock),
        gate: RwLock::new(opened.gate),
        commits: Mutex::new(Commits::default()),
        committed: Condvar::new(),
        log: Mutex::new(opened.log),
        files: Mutex::new(opened.files),
        seen: RwLock::new(opened.seen),
        names: RwLock::new(names),
        queue: Mutex::new(Queue::default()),
        pool,
        acknowledged: AtomicU64::new(lsn.0),
        shown: AtomicU64::new(lsn.0),
        mode: RwLock::new(options.sync.unwrap_or_default()),
        sink: RwLock::new(None),
        followed: AtomicBool::new(false),
        lax: AtomicBool::new(false),
        last_time: Mutex::new(time),
        next_iid: Mutex::new(None),
        recovery: opened.recovery,
        apply_error: Mutex::new(None),
        signal: super::background::Signal::default(),
    }
}

/// A database about to be opened.
struct Opening<'a> {
    dir: &'a Path,
    id: DatabaseId,
    options: OpenOptions,
    appliers: &'a Appliers,
}

impl Opening<'_> {
    fn run(&self) -> Result<Opened> {
        let mut opened = Opened { made: true, ..Opened::unmade(self.id) };
        opened.read_only = self.options.read_only;
        opened.gate = Some(Gate::open(self.dir)?);
        if !self.options.read_only {
            match directory::claim(self.dir)? {
                Claim::Granted(lock) => opened.lock = Some(lock),
                Claim::Taken => return Err(directory::locked(self.dir)),
                Claim::ReadOnly => opened.read_only = true,
            }
        }
        if opened.read_only && directory::has_writer(self.dir) {
            self.look_beside_a_writer(&mut opened)?;
        } else {
            self.recover(&mut opened)?;
        }
        Ok(opened)
    }

    /// A reader beside a writer sees what is in the files, and leaves the log alone.
    fn look_beside_a_writer(&self, opened: &mut Opened) -> Result<()> {
        let mut set = ReaderSet::open(self.dir)?;
        let gate = opened.gate.as_ref().expect("every made database has one");
        let states = gate.shared(|| set.begin())??;
        self.same_database(&states)?;
        opened.show(&states);
        opened.set = Some(set);
        Ok(())
    }

    fn same_database(&self, states: &[State]) -> Result<()> {
        match Place::all().zip(states).find(|(_, state)| state.database != self.id) {
            Some((place, _)) => Err(sqlite::corrupt(
                &place.file_name(),
                "it belongs to another database than the file FORMAT",
            )),
            None => Ok(()),
        }
    }

    /// Brings the files to the end of the log.
    fn recover(&self, opened: &mut Opened) -> Result<()> {
        let missing: Vec<Place> = Place::all().filter(|p| !p.path(self.dir).exists()).collect();
        let mut states = vec![State::fresh(self.id); Place::COUNT];
        let mut set = None;
        if missing.is_empty() {
            let mut fresh = ReaderSet::open(self.dir)?;
            states = fresh.begin()?;
            self.same_database(&states)?;
            set = Some(fresh);
        }
        let mut tail = self.read_tail(&missing, &states)?;
        let known = states.iter().map(|s| s.applied).max().unwrap_or_default();
        self.check_end(&mut tail, known, &states)?;
        let behind = behind(&tail, &states);
        opened.recovery.torn_bytes = tail.torn_bytes;
        opened.recovery.lost = std::mem::take(&mut tail.lost);
        let must_write = behind > 0 || !missing.is_empty();
        if must_write && opened.lock.is_none() {
            return self.recover_for_a_reader(opened);
        }
        if opened.lock.is_some() && tail.needs_repair() {
            tail.repair()?;
        }
        if must_write {
            drop(set.take());
            let files = self.replay(opened, &tail)?;
            states = Place::all().map(|p| files.state(p)).collect();
            opened.files = Some(files);
            opened.recovery.replayed = behind;
            opened.recovery.rebuilt = missing.iter().filter_map(|p| p.modality()).collect();
        }
        opened.show(&states);
        opened.seen.lsn = opened.seen.lsn.max(tail.last);
        if opened.lock.is_some() {
            let dir = directory::log_dir(self.dir);
            opened.log = Some(LogWriter::new(&dir, self.id, &mut tail, opened.seen.lsn));
        }
        if let Some(mut set) = set {
            set.shows(opened.seen.lsn);
            opened.set = Some(set);
        }
        Ok(())
    }

    /// A process that only reads replays when nobody writes and it could, and lets go at once.
    fn recover_for_a_reader(&self, opened: &mut Opened) -> Result<()> {
        match directory::claim(self.dir)? {
            Claim::Granted(lock) => {
                opened.lock = Some(lock);
                self.recover(opened)?;
                (opened.lock, opened.log, opened.files) = (None, None, None);
                Ok(())
            }
            Claim::Taken => self.look_beside_a_writer(opened),
            Claim::ReadOnly => Err(Error::new(
                Kind::StoreUnavailable,
                format!("the log of {} holds commits its files do not", self.dir.display()),
            )
            .hint("open it once where it can be written to: that moves them into the files")),
        }
    }

    fn read_tail(&self, missing: &[Place], states: &[State]) -> Result<Tail> {
        let dir = directory::log_dir(self.dir);
        if !dir.is_dir() {
            let what = Error::new(Kind::Corruption, "the folder log is missing");
            return Err(what.hint("restore it from a backup: it may hold acknowledged commits"));
        }
        let after = states.iter().map(|s| s.applied).min().unwrap_or_default();
        let known = states.iter().map(|s| s.applied).max().unwrap_or_default();
        if let Some(place) = missing.first() {
            let segments = segment::list(&dir).map_err(|e| directory::io_error(&dir, &e))?;
            let unused = missing.len() < Place::COUNT && segments.is_empty();
            if unused || segments.first().is_some_and(|(first, _)| *first != Lsn(1)) {
                let message = format!("{} is missing", place.file_name());
                return Err(Error::new(Kind::Corruption, message).hint(
                    "restore it from a backup: the log no longer holds every commit since the first",
                ));
            }
        }
        let accept_loss = self.options.accept_loss;
        recover::read(&TailRequest { dir: &dir, database: self.id, after, known, accept_loss })
    }

    /// The log may end before what the files hold only when every file holds it.
    fn check_end(&self, tail: &mut Tail, known: Lsn, states: &[State]) -> Result<()> {
        if tail.last >= known {
            return Ok(());
        }
        let even = states.iter().all(|s| s.applied == known);
        if !even && !self.options.accept_loss {
            let message = format!(
                "the commit log ends at {}, but some files hold commits up to {known}",
                tail.last
            );
            return Err(Error::new(Kind::Corruption, message)
                .hint("restore the folder log from a backup, or open with --accept-loss"));
        }
        if !even {
            tail.lost.push(format!("commits up to {known} in some of the modalities"));
        }
        tail.put_aside_all(&directory::log_dir(self.dir))
    }

    fn replay(&self, opened: &Opened, tail: &Tail) -> Result<Files> {
        let mut files = Files::open(self.dir, self.id, self.appliers)?;
        let gate = opened.gate.as_ref().expect("every made database has one");
        for records in tail.records.chunks(REPLAY_BATCH) {
            let mut batch = Vec::with_capacity(records.len());
            for record in records {
                batch.push(Commit {
                    lsn: record.lsn,
                    time: record.time,
                    writes: Arc::new(codec::write_set(record)?),
                    bytes: 0,
                });
            }
            files.prepare(&batch)?;
            gate.exclusive(|| files.finish(&batch))??;
        }
        Ok(files)
    }
}

impl Opened {
    fn show(&mut self, states: &[State]) {
        self.seen.lsn = states.iter().map(|s| s.applied).max().unwrap_or_default();
        self.seen.time = states.iter().map(|s| s.time).max().unwrap_or_default();
        for (at, state) in self.seen.files.iter_mut().zip(states) {
            *at = state.applied;
        }
    }
}

/// Commits that some file they change does not hold.
fn behind(tail: &Tail, states: &[State]) -> u64 {
    let lacks = |kind: u8, lsn| states.get(usize::from(kind)).is_some_and(|s| s.applied < lsn);
    let behind = tail.records.iter().filter(|record| {
        record.lsn > states[Place::CATALOG.index()].applied
            || record.sections.iter().any(|s| lacks(s.kind, record.lsn))
    });
    behind.count() as u64
}

impl Inner {
    /// Makes the directory and its files when the first commit needs them.
    pub(super) fn make(&self) -> Result<()> {
        if self.made.load(Ordering::Acquire) {
            return Ok(());
        }
        let _making = self.making.lock();
        if self.made.load(Ordering::Acquire) {
            return Ok(());
        }
        let dir = &self.dir;
        let io = |e: std::io::Error| directory::io_error(dir, &e);
        std::fs::create_dir_all(dir).map_err(io)?;
        let lock = match directory::claim(dir)? {
            Claim::Granted(lock) => lock,
            Claim::Taken => return Err(directory::locked(dir)),
            Claim::ReadOnly => {
                let message = format!("nothing can be written to {}", dir.display());
                return Err(Error::new(Kind::ReadOnlyStore, message));
            }
        };
        if directory::look(dir)? != Found::Nothing {
            let message = format!("another process has made a database at {}", dir.display());
            return Err(Error::new(Kind::DatabaseLocked, message).hint("open it again"));
        }
        // What an unfinished attempt left behind belongs to nobody.
        for place in Place::all() {
            for rest in directory::OF_SQLITE {
                let path = dir.join(format!("{}{rest}", place.file_name()));
                if path.exists() {
                    std::fs::remove_file(&path).map_err(io)?;
                }
            }
        }
        // Files of ours without LOCK would be taken for somebody else's after a power cut.
        sync_dir(dir).map_err(io)?;
        let mut files = Files::open(dir, self.database, &self.appliers)?;
        let log_dir = directory::log_dir(dir);
        std::fs::create_dir_all(&log_dir).map_err(io)?;
        sync_dir(&log_dir).map_err(io)?;
        files.make_durable((Lsn(0), Timestamp(0)), None)?;
        directory::seal(dir, self.database).map_err(io)?;
        *self.gate.write() = Some(Gate::open(dir)?);
        *self.lock.lock() = Some(lock);
        let mut tail = Tail::default();
        *self.log.lock() = Some(LogWriter::new(&log_dir, self.database, &mut tail, Lsn(0)));
        *self.files.lock() = Some(files);
        self.made.store(true, Ordering::Release);
        Ok(())
    }
}
