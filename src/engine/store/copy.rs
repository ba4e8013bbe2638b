//! A copy of the database as one commit left it, made while others write; and what is in it, as one
//! digest for each file. What becomes of copies is not decided here.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use crate::engine::base::{ContentHash, Error, Kind, Lsn, Result, Timestamp};
use crate::engine::log::segment::DatabaseId;
use crate::engine::log::writer::sync_dir;

use super::catalog::Catalog;
use super::directory::{self, Found};
use super::door::Store;
use super::files;
use super::place::Place;
use super::rows::Rows;
use super::sqlite::{self, Access};
use super::state::{self, State};
use super::view::View;
use super::write_set::Space;
use super::{codec, schema};

/// Pages copied between two looks at whether to go on.
const STRIDE: i32 = 1024;

/// The version of the files' format.
pub const FORMAT: u32 = schema::FORMAT;

/// Is told what is being read or copied; an error of its ends the work.
pub type Each<'a> = &'a mut dyn FnMut(&str) -> Result<()>;

/// Everything one file says, as one hash that does not depend on how the file is laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digest {
    /// A modality, or `catalog`.
    pub name: &'static str,
    /// Rows of the present: records, entries of growing sequences, headers of hexads.
    pub records: u64,
    /// Over every row, those of the past too.
    pub hash: ContentHash,
}

/// The database after one commit, held still.
pub struct Cut {
    view: View,
    database: DatabaseId,
    dir: PathBuf,
    time: Timestamp,
}

impl Store {
    /// Holds the newest state still. Fails when a file of the database cannot be read.
    pub fn cut(&self) -> Result<Cut> {
        let inner = self.inner_ref();
        if !inner.made.load(std::sync::atomic::Ordering::Acquire) {
            let message = format!("there is no database at {} yet", inner.dir.display());
            return Err(Error::new(Kind::NotFound, message));
        }
        let view = self.view()?;
        let mut time = Timestamp(0);
        for place in Place::all() {
            time = time.max(state::read(view.conn(place)?, place)?.time);
        }
        Ok(Cut { view, database: inner.database, dir: inner.dir.clone(), time })
    }
}

impl Cut {
    /// Whose it is.
    pub fn database(&self) -> DatabaseId {
        self.database
    }

    /// Up to and including which commit.
    pub fn lsn(&self) -> Lsn {
        self.view.lsn()
    }

    /// The time of that commit.
    pub fn time(&self) -> Timestamp {
        self.time
    }

    /// The folder of the database's log. It may have grown since.
    pub fn log(&self) -> PathBuf {
        directory::log_dir(&self.dir)
    }

    /// Reads every row of every file; damage is an error.
    pub fn digests(&self, each: Each<'_>) -> Result<Vec<Digest>> {
        let digest = |place: Place| {
            each(place.name())?;
            digest(&self.view, place)
        };
        Place::all().map(digest).collect()
    }

    /// Writes a database that stands at this commit, with an empty log, into the empty folder `dir`.
    /// Everything is on the disk when it returns.
    pub fn copy(&self, dir: &Path, each: Each<'_>) -> Result<()> {
        for place in Place::all() {
            self.copy_file(dir, place, each)?;
        }
        let log = directory::log_dir(dir);
        let io = |e: std::io::Error| directory::io_error(dir, &e);
        fs::create_dir_all(&log).map_err(io)?;
        sync_dir(&log).map_err(io)?;
        directory::seal(dir, self.database).map_err(io)
    }

    /// Makes a database of its own with the identity `id` at `target`, which must not be there or be an
    /// empty directory: beside its place, and under its name when it is whole.
    pub fn copy_to(&self, target: &Path, id: DatabaseId, each: Each<'_>) -> Result<()> {
        vacant(target)?;
        let Some(name) = target.file_name() else {
            let message = format!("{} is no name for a directory", target.display());
            return Err(Error::new(Kind::InvalidInput, message));
        };
        let parent = target.parent().filter(|p| !p.as_os_str().is_empty());
        let parent = parent.unwrap_or_else(|| Path::new("."));
        let there = parent.canonicalize().map_err(|e| directory::io_error(parent, &e))?;
        if self.dir.canonicalize().is_ok_and(|own| there.starts_with(own)) {
            let message = format!("{} lies within the database", target.display());
            return Err(Error::new(Kind::InvalidInput, message));
        }
        let tag = u32::from_be_bytes([id[0], id[1], id[2], id[3]]);
        let partial = there.join(format!(".{}.partial-{tag:08x}", name.to_string_lossy()));
        let made = self.stage(&partial, target, id, each);
        if made.is_err() {
            // What stays behind counts for nothing.
            drop(fs::remove_dir_all(&partial));
        }
        made
    }

    fn stage(&self, partial: &Path, target: &Path, id: DatabaseId, each: Each<'_>) -> Result<()> {
        fs::create_dir(partial).map_err(|e| directory::io_error(partial, &e))?;
        self.copy(partial, each)?;
        rename(partial, id)?;
        // Once more: somebody may have put something there meanwhile.
        vacant(target)?;
        fs::rename(partial, target).map_err(|e| directory::io_error(target, &e))?;
        let parent = partial.parent().unwrap_or_else(|| Path::new("."));
        sync_dir(parent).map_err(|e| directory::io_error(parent, &e))
    }

    /// SQLite copies from within the view's transaction, which goes on showing the same pages while
    /// the writer moves on.
    fn copy_file(&self, dir: &Path, place: Place, each: Each<'_>) -> Result<()> {
        let file = place.file_name();
        let fail = |e: rusqlite::Error| sqlite::error(&file, &e);
        let from = self.view.conn(place)?;
        let mut into = sqlite::open(&place.path(dir), Access::Write).map_err(fail)?;
        let backup = Backup::new(from, &mut into).map_err(fail)?;
        loop {
            each(place.name())?;
            match backup.step(STRIDE).map_err(fail)? {
                StepResult::Done => break,
                StepResult::More => {}
                _ => return Err(Error::new(Kind::DatabaseLocked, format!("{file} is locked"))),
            }
        }
        drop(backup);
        // Commits that did not touch the file were not counted in it; without their log they must be.
        let state = State { database: self.database, applied: self.lsn(), time: self.time };
        stamp(into, place, state)?;
        sync(&place.path(dir))
    }
}

fn vacant(target: &Path) -> Result<()> {
    let there = |what: &str| {
        let message = format!("{} {what}; it was not touched", target.display());
        Err(Error::new(Kind::InvalidInput, message)
            .hint("name a directory that does not exist yet"))
    };
    match fs::read_dir(target) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(e) if e.kind() == std::io::ErrorKind::NotADirectory => there("is a file"),
        Err(e) => Err(directory::io_error(target, &e)),
        Ok(entries) => match entries.count() {
            0 => Ok(()),
            _ => there("is not empty"),
        },
    }
}

fn stamp(conn: Connection, place: Place, state: State) -> Result<()> {
    state::write(&conn, place, state).map_err(|e| sqlite::error(&place.file_name(), &e))?;
    files::settle(conn, place)
}

fn sync(path: &Path) -> Result<()> {
    fs::File::open(path).and_then(|f| f.sync_all()).map_err(|e| directory::io_error(path, &e))
}

/// Makes the copy in `dir`, which nobody has open, a database of its own with the identity `id`.
pub fn rename(dir: &Path, id: DatabaseId) -> Result<()> {
    let before = identity(dir)?;
    for place in Place::all() {
        let path = place.path(dir);
        let file = place.file_name();
        if !path.exists() {
            return Err(sqlite::corrupt(&file, "it is missing"));
        }
        let conn = sqlite::open(&path, Access::Write).map_err(|e| sqlite::error(&file, &e))?;
        let state = state::read(&conn, place)?;
        if state.database != before {
            return Err(sqlite::corrupt(&file, "it belongs to another database"));
        }
        stamp(conn, place, State { database: id, ..state })?;
        sync(&path)?;
    }
    directory::seal(dir, id).map_err(|e| directory::io_error(dir, &e))
}

/// The identity of the database in `dir`.
pub fn identity(dir: &Path) -> Result<DatabaseId> {
    match directory::look(dir)? {
        Found::Database(id) => Ok(id),
        Found::Nothing => {
            Err(Error::new(Kind::NotFound, format!("no database at {}", dir.display())))
        }
    }
}

fn digest(view: &View, place: Place) -> Result<Digest> {
    let conn = view.conn(place)?;
    let mut sum = Sum { hasher: blake3::Hasher::new(), records: 0 };
    match place.modality() {
        Some(_) => rows(&Rows::new(conn, place), &mut sum)?,
        None => catalog(Catalog(conn), &mut sum)?,
    }
    let hash = ContentHash(*sum.hasher.finalize().as_bytes());
    Ok(Digest { name: place.name(), records: sum.records, hash })
}

struct Sum {
    hasher: blake3::Hasher,
    records: u64,
}

impl Sum {
    fn ints(&mut self, ints: &[i64]) {
        for n in ints {
            self.hasher.update(&n.to_le_bytes());
        }
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.hasher.update(&(bytes.len() as u64).to_le_bytes()).update(bytes);
    }

    fn record(&mut self, record: &super::record::Record, until: i64) {
        let head = [i64::from(record.iid.0), i64::from(record.version), until];
        self.ints(&head);
        self.ints(&[record.updated_at.0]);
        self.bytes(&codec::encode_meta(&record.meta));
        self.bytes(&record.body);
    }
}

fn rows(rows: &Rows<'_>, sum: &mut Sum) -> Result<()> {
    let mut records = 0;
    rows.scan(&mut |record| {
        sum.record(record, 0);
        records += 1;
        Ok(ControlFlow::Continue(()))
    })?;
    rows.history(None, &mut |past| {
        sum.record(&past.record, i64::from(past.until));
        Ok(ControlFlow::Continue(()))
    })?;
    rows.appended(None, &mut |entry| {
        sum.ints(&[i64::from(entry.iid.0), i64::from(entry.seq), entry.at.0]);
        sum.bytes(&entry.body);
        records += 1;
        Ok(ControlFlow::Continue(()))
    })?;
    sum.records = records;
    Ok(())
}

fn catalog(catalog: Catalog<'_>, sum: &mut Sum) -> Result<()> {
    let mut records = 0;
    catalog.headers(&mut |header| {
        sum.ints(&[i64::from(header.iid.0), i64::from(header.present.0)]);
        let ended = header.deleted_at.map_or(-1, |at| at.0);
        sum.ints(&[i64::from(header.version), header.created_at.0, header.modified_at.0, ended]);
        sum.bytes(header.id.as_str().as_bytes());
        records += 1;
        Ok(ControlFlow::Continue(()))
    })?;
    for space in Space::ALL {
        for (name, body) in catalog.entries(space)? {
            sum.ints(&[space as i64]);
            sum.bytes(name.as_bytes());
            sum.bytes(&body);
        }
    }
    sum.records = records;
    Ok(())
}
