//! Opening a database: what is it, may we write to it, and what does its log hold that its files do
//! not.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::{Condvar, Mutex, RwLock};

use crate::engine::base::{Clock, Error, Kind, Lsn, Modality, Result, Timestamp};
use crate::engine::log::segment::DatabaseId;
use crate::engine::log::writer::sync_dir;
use crate::engine::log::{LogWriter, Tail, TailRequest, recover, walk};

use super::catalog::Catalog;
use super::commit::Commits;
use super::directory::{self, Claim, Found, Gate};
use super::files::{self, Files};
use super::health::{self, Ailment, Health};
use super::index::Appliers;
use super::inner::{Inner, Queue, Seen};
use super::loss;
use super::names::Names;
use super::options::{OpenOptions, Recovery};
use super::place::Place;
use super::pool::{Pool, ReaderSet};
use super::rebuild;
use super::sqlite::{self, Access};
use super::state::{self, State};

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
            let before = clock.now();
            let mut opened = Opening { dir, id, options, appliers: &appliers }.run()?;
            let took = clock.now().0.saturating_sub(before.0).max(0) as u64;
            opened.recovery.millis = took / 1000;
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
    health: Arc<Health>,
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
            health: Arc::default(),
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
        pool.put(set, lsn, opened.health.epoch());
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
        ready: AtomicBool::new(false),
        lax: AtomicBool::new(false),
        last_time: Mutex::new(time),
        next_iid: Mutex::new(None),
        recovery: Mutex::new(opened.recovery),
        health: opened.health,
        rebuilder: Mutex::new(None),
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
            self.recover_alone(&mut opened)?;
        }
        Ok(opened)
    }

    /// While a writer recovers, readers in other processes wait.
    fn recover_alone(&self, opened: &mut Opened) -> Result<()> {
        if opened.lock.is_none() {
            return self.recover(opened);
        }
        Gate::open(self.dir)?.exclusive(|| self.recover(opened))?
    }

    /// A reader beside a writer sees what is in the files, and leaves the log alone.
    fn look_beside_a_writer(&self, opened: &mut Opened) -> Result<()> {
        let gate = Gate::open(self.dir)?;
        let (set, states) = gate.shared(|| self.look(opened))??;
        opened.show(&states);
        opened.set = Some(set);
        Ok(())
    }

    /// Opens what is well. A modality whose file is missing or damaged is noted as ill, and put aside by
    /// who may write; the others go on without it.
    fn look(&self, opened: &mut Opened) -> Result<(ReaderSet, Vec<Option<State>>)> {
        loop {
            let (place, error) = match ReaderSet::open(self.dir, &opened.health) {
                Ok(mut set) => match set.begin() {
                    Ok(states) => {
                        self.same_database(&states)?;
                        return Ok((set, states));
                    }
                    Err(fault) => fault,
                },
                Err(fault) => fault,
            };
            let damaged = health::is_damage(&error, &place.path(self.dir));
            let Some(modality) = place.modality().filter(|_| damaged) else { return Err(error) };
            self.set_aside(opened, modality, &error)?;
        }
    }

    /// One modality cannot be used from now on.
    fn set_aside(&self, opened: &mut Opened, modality: Modality, cause: &Error) -> Result<()> {
        let file = Place::from(modality).file_name();
        if opened.lock.is_none() {
            let reason = format!(
                "{}; whoever opens the database for writing makes it again if the log allows",
                cause.message
            );
            opened.health.set(modality, Some(Ailment::Lost(reason)));
            return Ok(());
        }
        let note = if health::put_aside(self.dir, modality.into())? {
            format!("{file} was put aside as {file}.damaged ({})", cause.message)
        } else {
            format!("{file} was missing")
        };
        opened.recovery.aside.push(note);
        let ailment = match rebuild::possible(&[directory::log_dir(self.dir)]) {
            Ok(()) => Ailment::Rebuilding(0),
            Err(reason) => Ailment::Lost(reason),
        };
        opened.health.set(modality, Some(ailment));
        Ok(())
    }

    fn same_database(&self, states: &[Option<State>]) -> Result<()> {
        let foreign = |state: &Option<State>| state.is_some_and(|s| s.database != self.id);
        match Place::all().zip(states).find(|(_, state)| foreign(state)) {
            Some((place, _)) => Err(sqlite::corrupt(
                &place.file_name(),
                "it belongs to another database than the file FORMAT",
            )),
            None => Ok(()),
        }
    }

    /// Whether the catalogue is there; one that is damaged is put aside when the log can give it again.
    /// Everything needs it, so it is made again before anything else.
    fn has_catalog(&self, opened: &mut Opened) -> Result<bool> {
        let path = Place::CATALOG.path(self.dir);
        let read = if path.exists() {
            sqlite::open(&path, Access::Read)
                .map_err(|e| sqlite::error(&Place::CATALOG.file_name(), &e))
                .and_then(|conn| state::read(&conn, Place::CATALOG))
        } else {
            Err(Error::new(Kind::Corruption, "catalog.db is missing"))
        };
        let error = match read {
            Err(error) if error.kind == Kind::Corruption => error,
            // What else may be the matter is told by whoever opens all of them.
            _ => return Ok(true),
        };
        let unused = Place::all().all(|place| !place.path(self.dir).exists());
        match rebuild::possible(&[directory::log_dir(self.dir)]) {
            Err(reason) if !unused => {
                let message = format!("{}; it cannot be made again: {reason}", error.message);
                return Err(Error::new(Kind::Corruption, message)
                    .hint("restore catalog.db from a backup: everything needs it"));
            }
            _ => {}
        }
        if opened.lock.is_none() {
            return Err(error.hint("open the database once for writing: that makes it again"));
        }
        let note = if health::put_aside(self.dir, Place::CATALOG)? {
            "catalog.db was damaged, is kept as catalog.db.damaged and was made again"
        } else {
            "catalog.db was missing and was made again"
        };
        opened.recovery.aside.push(note.into());
        Ok(false)
    }

    /// Brings the files to the end of the log.
    fn recover(&self, opened: &mut Opened) -> Result<()> {
        let catalog = self.has_catalog(opened)?;
        if !catalog {
            // It has to be there for the others to be looked at.
            let conn = sqlite::open(&Place::CATALOG.path(self.dir), Access::Write)
                .map_err(|e| sqlite::error(&Place::CATALOG.file_name(), &e))?;
            files::create(&conn, Place::CATALOG, self.id, self.appliers)?;
        }
        let (set, mut states) = self.look(opened)?;
        let mut set = Some(set);
        let mut tail = self.read_tail(opened, &mut states)?;
        let behind = behind(&tail, &states);
        opened.recovery.torn_bytes = tail.torn_bytes;
        opened.recovery.lost = std::mem::take(&mut tail.lost);
        let named = set.as_ref().and_then(|set| set.conn(Place::CATALOG));
        opened.recovery.lost.extend(loss::describe(&tail.dropped, named.map(Catalog)));
        if behind > 0 && opened.lock.is_none() {
            return self.recover_for_a_reader(opened);
        }
        if opened.lock.is_some() && tail.needs_repair() {
            tail.repair()?;
        }
        if behind > 0 || !opened.health.whole() && opened.lock.is_some() {
            drop(set.take());
            let files = self.replay(opened, &tail)?;
            let well = |place: &Place| opened.health.of(*place).is_none();
            states = Place::all().map(|p| well(&p).then(|| files.state(p))).collect();
            opened.files = Some(files);
            opened.recovery.replayed = behind;
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
                self.recover_alone(opened)?;
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

    /// Reads the log behind what the files hold. A file that is older than the log reaches back is ill.
    fn read_tail(&self, opened: &Opened, states: &mut [Option<State>]) -> Result<Tail> {
        let dir = directory::log_dir(self.dir);
        if !dir.is_dir() {
            let what = Error::new(Kind::Corruption, "the folder log is missing");
            return Err(what.hint("restore it from a backup: it may hold acknowledged commits"));
        }
        let known = states.iter().flatten().map(|s| s.applied).max().unwrap_or_default();
        let first = walk::first(std::slice::from_ref(&dir))?.unwrap_or(Lsn(1));
        for (place, state) in Place::all().zip(states.iter_mut()) {
            if let (Some(modality), Some(applied)) = (place.modality(), state.map(|s| s.applied))
                && applied.0 + 1 < first.0
                && applied < known
            {
                let reason =
                    format!("it stands at commit {applied}, and the log begins with {first}");
                opened.health.set(modality, Some(Ailment::Lost(reason)));
                *state = None;
            }
        }
        let after = states.iter().flatten().map(|s| s.applied).min().unwrap_or_default();
        let accept_loss = self.options.accept_loss;
        let request = TailRequest { dir: &dir, database: self.id, after, known, accept_loss };
        let mut tail = recover::read(&request)?;
        self.check_end(&mut tail, known, states)?;
        Ok(tail)
    }

    /// The log may end before what the files hold only when every file holds it.
    fn check_end(&self, tail: &mut Tail, known: Lsn, states: &[Option<State>]) -> Result<()> {
        if tail.last >= known {
            return Ok(());
        }
        let even = states.iter().flatten().all(|s| s.applied == known);
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

    /// Brings the files that are well to the end of the log. One that turns out to be damaged gets its
    /// index rows anew, and is put aside when that was not it.
    fn replay(&self, opened: &mut Opened, tail: &Tail) -> Result<Files> {
        let mut files = Files::open(self.dir, self.id, self.appliers, &opened.health)?;
        let mut derived_anew = None;
        while let Err((place, error)) = files.replay(&tail.records) {
            let damaged = error.kind == Kind::Corruption;
            let Some(modality) = place.modality().filter(|_| damaged) else { return Err(error) };
            if derived_anew.replace(place) == Some(place) || files.rebuild_index(modality).is_err()
            {
                files.forsake(place);
                self.set_aside(opened, modality, &error)?;
            }
        }
        Ok(files)
    }
}

impl Opened {
    fn show(&mut self, states: &[Option<State>]) {
        self.seen.lsn = states.iter().flatten().map(|s| s.applied).max().unwrap_or_default();
        self.seen.time = states.iter().flatten().map(|s| s.time).max().unwrap_or_default();
        for (at, state) in self.seen.files.iter_mut().zip(states) {
            *at = state.map_or(Lsn(0), |state| state.applied);
        }
    }
}

/// Commits that some file they change does not hold.
fn behind(tail: &Tail, states: &[Option<State>]) -> u64 {
    let lacks = |kind: u8, lsn| {
        let state = states.get(usize::from(kind)).copied().flatten();
        state.is_some_and(|s| s.applied < lsn)
    };
    let behind = tail.records.iter().filter(|record| {
        lacks(Place::CATALOG.kind(), record.lsn)
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
        let mut files = Files::open(dir, self.database, &self.appliers, &self.health)?;
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
