//! The copying itself: whole records, from the last one the archive has, appended and forced to the
//! disk. Never a record that the log itself may still lose.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use crate::engine::base::{Error, Kind, Lsn, Result};
use crate::engine::log::record::{self, Bad};
use crate::engine::log::segment::{self, DatabaseId, Extent, HEADER};
use crate::engine::log::writer::sync_dir;

/// Bytes read at once; a longer record is read whole.
const CHUNK: u64 = 4 << 20;

/// One log on its way to one folder.
#[derive(Debug)]
pub(super) struct Copy {
    folder: PathBuf,
    log: PathBuf,
    database: DatabaseId,
    /// Where it stands; found out by the first attempt, and anew after one that failed.
    at: Option<Place>,
    reached: Lsn,
    /// The archive ended with `reached` once: what stands behind it there is our own failed attempt.
    own: bool,
    /// Nobody else writes to the folder while this is held.
    lock: Option<File>,
}

/// The next record to copy, and where it goes.
#[derive(Debug)]
struct Place {
    next: Lsn,
    /// The segment it is read from, and where it begins there.
    source: PathBuf,
    from: u64,
    /// The file it is appended to; none until its first record.
    target: Option<Target>,
}

#[derive(Debug)]
struct Target {
    file: File,
    path: PathBuf,
    end: u64,
}

impl Copy {
    /// Nothing is looked at yet.
    pub(super) fn new(folder: PathBuf, log: PathBuf, database: DatabaseId) -> Self {
        Self { folder, log, database, at: None, reached: Lsn(0), own: false, lock: None }
    }

    /// The last commit that is safe in the archive.
    pub(super) fn reached(&self) -> Lsn {
        self.reached
    }

    /// Copies everything up to `upto`.
    pub(super) fn bring(&mut self, upto: Lsn) -> Result<()> {
        if upto == Lsn(0) {
            return Ok(());
        }
        let mut place = match self.at.take() {
            Some(place) => place,
            None => match self.find(upto)? {
                Some(place) => place,
                None => return Ok(()),
            },
        };
        self.own = true;
        while place.next <= upto {
            self.step(&mut place, upto)?;
        }
        // Kept only after a success: what a failed write left behind is looked at anew.
        self.at = Some(place);
        Ok(())
    }

    /// Nothing more is copied: a footer proves from now on that everything was there.
    pub(super) fn finish(&mut self) -> Result<()> {
        seal(self.at.take().and_then(|place| place.target).as_ref())
    }

    /// As if the last step had arrived and then failed, and the cutting too.
    #[cfg(test)]
    pub(super) fn pretend_failure(&mut self, upto: Lsn) {
        let mut place = self.at.take().expect("it copied before");
        let reached = self.reached;
        while place.next <= upto {
            self.step(&mut place, upto).expect("copied");
        }
        self.reached = reached;
    }

    /// Copies what one reading gives.
    fn step(&mut self, place: &mut Place, upto: Lsn) -> Result<()> {
        let (bytes, count) = Self::read(place, upto)?;
        if count == 0 {
            return self.turn(place);
        }
        if place.target.is_none() {
            place.target = Some(self.begin(place.next)?);
        }
        let Some(target) = &mut place.target else { return Ok(()) };
        let written = target
            .file
            .seek(SeekFrom::Start(target.end))
            .and_then(|_| target.file.write_all(&bytes))
            .and_then(|()| target.file.sync_data());
        if let Err(cause) = written {
            // Where that fails too, the next attempt cuts it off.
            drop(target.file.set_len(target.end));
            return Err(io_error(&self.folder, &cause));
        }
        target.end += bytes.len() as u64;
        place.from += bytes.len() as u64;
        place.next = Lsn(place.next.0 + count);
        self.reached = Lsn(place.next.0 - 1);
        Ok(())
    }

    /// Whole records from where `place` stands, up to `upto`, and how many.
    fn read(place: &Place, upto: Lsn) -> Result<(Vec<u8>, u64)> {
        let fail = |e: io::Error| io_error(&place.source, &e);
        let mut file = File::open(&place.source).map_err(fail)?;
        // The archive must never be ahead of what a power cut leaves of the log.
        file.sync_data().map_err(fail)?;
        let (mut chunk, mut bytes) = (CHUNK, Vec::new());
        loop {
            bytes.clear();
            file.seek(SeekFrom::Start(place.from)).map_err(fail)?;
            let got = (&mut file).take(chunk).read_to_end(&mut bytes).map_err(fail)? as u64;
            let (mut end, mut count, mut bad) = (0, 0, None);
            while place.next.0 + count <= upto.0 {
                match record::decode(&bytes[end..]) {
                    Ok((record, length)) if record.lsn.0 == place.next.0 + count => {
                        end += length;
                        count += 1;
                    }
                    Ok(_) => break,
                    Err(cause) => {
                        bad = Some(cause);
                        break;
                    }
                }
            }
            if count == 0 && bad == Some(Bad::Short) && got == chunk {
                chunk *= 2;
                continue;
            }
            bytes.truncate(end);
            return Ok((bytes, count));
        }
    }

    /// Goes on with the segment that begins with the next commit.
    fn turn(&self, place: &mut Place) -> Result<()> {
        seal(place.target.as_ref())?;
        let source = self.log.join(segment::file_name(place.next));
        if source == place.source || !source.exists() {
            let message = format!("the log cannot be archived: commit {} is not in it", place.next);
            return Err(Error::new(Kind::Corruption, message).hint("run CHECK INTEGRITY"));
        }
        (place.source, place.from, place.target) = (source, HEADER as u64, None);
        Ok(())
    }

    /// A new file of the archive.
    fn begin(&self, first: Lsn) -> Result<Target> {
        let path = self.folder.join(segment::file_name(first));
        let header = segment::header(self.database, first);
        let made = File::options().create(true).truncate(true).write(true).open(&path);
        let file = made.and_then(|mut file| {
            file.write_all(&header)?;
            file.sync_all()?;
            sync_dir(&self.folder)?;
            Ok(file)
        });
        let file = file.map_err(|e| io_error(&path, &e))?;
        Ok(Target { file, path, end: HEADER as u64 })
    }

    /// Where to begin: behind the last commit of the archive, which must be one of this log.
    fn find(&mut self, upto: Lsn) -> Result<Option<Place>> {
        self.hold()?;
        let logged = segment::list(&self.log).map_err(|e| io_error(&self.log, &e))?;
        let Some(end) = self.end_of_archive()? else {
            let Some((first, source)) = logged.into_iter().next() else { return Ok(None) };
            return Ok(Some(Place { next: first, source, from: HEADER as u64, target: None }));
        };
        self.reached = end.last;
        if end.last > upto {
            return Err(self.other_history(&format!(
                "it reaches commit {}, the database only {upto}",
                end.last
            )));
        }
        let next = Lsn(end.last.0 + 1);
        let at = logged.iter().rposition(|(first, _)| *first <= end.last);
        let Some((first, source)) = at.map(|at| &logged[at]) else {
            return match logged.into_iter().next() {
                // Its last commit is no longer in the log; the next one is.
                Some((first, source)) if first == next => {
                    end.cut().map_err(|e| io_error(&self.folder, &e))?;
                    Ok(Some(Place { next, source, from: HEADER as u64, target: None }))
                }
                None => Ok(None),
                Some((first, _)) => Err(self.other_history(&format!(
                    "it ends at commit {}, the log begins at commit {first}",
                    end.last
                ))),
            };
        };
        let bytes = fs::read(source).map_err(|e| io_error(source, &e))?;
        let scan = segment::scan(&bytes, *first);
        let offset = scan.offsets.get((end.last.0 - first.0) as usize).copied();
        let found = offset.map(|offset| &bytes[offset..]).and_then(|rest| {
            let (_, length) = record::decode(rest).ok()?;
            (rest[..length] == end.record).then_some(offset.unwrap_or(0) + length)
        });
        let Some(from) = found else {
            return Err(self.other_history(&format!("its commit {} is another one", end.last)));
        };
        end.cut().map_err(|e| io_error(&self.folder, &e))?;
        let target = Some(Target { file: end.file, path: end.path, end: end.length });
        Ok(Some(Place { next, source: source.clone(), from: from as u64, target }))
    }

    /// Makes the folder, and keeps others out of it: a copy of the database would have the same one.
    fn hold(&mut self) -> Result<()> {
        if self.lock.is_some() && self.folder.is_dir() {
            return Ok(());
        }
        let fail = |e: io::Error| io_error(&self.folder, &e);
        let inside = self.log.parent().and_then(|dir| dir.canonicalize().ok());
        let there = self.folder.ancestors().find_map(|dir| dir.canonicalize().ok());
        if let (Some(inside), Some(there)) = (inside, there)
            && there.starts_with(&inside)
        {
            let message = format!("the archive {} lies within the database", self.folder.display());
            return Err(Error::new(Kind::InvalidInput, message).hint("name another directory"));
        }
        fs::create_dir_all(&self.folder).map_err(fail)?;
        let path = self.folder.join("LOCK");
        let file = File::options().create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(fail)?;
        match file.try_lock() {
            Err(fs::TryLockError::WouldBlock) => {
                let message = format!("another process archives to {}", self.folder.display());
                Err(Error::new(Kind::StoreUnavailable, message).hint(
                    "a copy of a database directory has the identity of the original: \
                           archive it elsewhere",
                ))
            }
            // Some file systems have no locks; histories are compared all the same.
            Err(fs::TryLockError::Error(_)) | Ok(()) => {
                self.lock = Some(file);
                Ok(())
            }
        }
    }

    /// The last commit of the archive.
    fn end_of_archive(&self) -> Result<Option<End>> {
        let archived = segment::list(&self.folder).map_err(|e| io_error(&self.folder, &e))?;
        for (first, path) in archived.into_iter().rev() {
            let fail = |e: io::Error| io_error(&path, &e);
            let bytes = fs::read(&path).map_err(fail)?;
            if bytes.len() <= HEADER || (self.own && first > self.reached) {
                // The making of the file was cut off, or it is of an attempt that failed.
                fs::remove_file(&path).map_err(fail)?;
                continue;
            }
            if segment::check_header(&bytes, self.database, first).is_err() {
                return Err(self.other_history("the header of its newest file is not of this log"));
            }
            let scan = segment::scan(&bytes, first);
            let (mut offsets, mut end) = (scan.offsets, scan.end);
            if self.own {
                let ours = (self.reached.0 + 1 - first.0) as usize;
                end = offsets.get(ours).copied().unwrap_or(end);
                offsets.truncate(ours);
            }
            let Some(last) = offsets.last() else {
                fs::remove_file(&path).map_err(fail)?;
                continue;
            };
            let file = File::options().write(true).open(&path).map_err(fail)?;
            return Ok(Some(End {
                last: Lsn(first.0 + offsets.len() as u64 - 1),
                record: bytes[*last..end].to_vec(),
                path: path.clone(),
                file,
                length: end as u64,
            }));
        }
        Ok(None)
    }

    fn other_history(&self, what: &str) -> Error {
        let message = format!(
            "the archive {} does not continue with this database: {what}",
            self.folder.display()
        );
        Error::new(Kind::Corruption, message).hint(
            "archive into an empty directory and take a full backup: \
             the old archive belongs to what the database was before",
        )
    }
}

/// How an archive ends.
struct End {
    last: Lsn,
    record: Vec<u8>,
    path: PathBuf,
    file: File,
    length: u64,
}

impl End {
    /// Cuts off what stands behind it. Only once the log is known to have what follows: then it is
    /// copied again, whatever it was.
    fn cut(&self) -> io::Result<()> {
        self.file.set_len(self.length)
    }
}

/// Ends a file of the archive as the log ends its own.
fn seal(target: Option<&Target>) -> Result<()> {
    let Some(target) = target else { return Ok(()) };
    let fail = |e: io::Error| io_error(&target.path, &e);
    let bytes = fs::read(&target.path).map_err(fail)?;
    let stem = target.path.file_stem().and_then(|stem| stem.to_str());
    let first = stem.and_then(|stem| stem.parse().ok()).map(Lsn);
    let Some(first) = first else { return Ok(()) };
    let scan = segment::scan(&bytes, first);
    let mut extents = Vec::with_capacity(scan.offsets.len());
    for offset in &scan.offsets {
        extents
            .extend(record::decode(&bytes[*offset..]).ok().map(|(record, _)| Extent::of(&record)));
    }
    if extents.is_empty() || scan.end as u64 != target.end || scan.footer.is_some() {
        return Ok(());
    }
    let footer = segment::encode_footer(first, &extents);
    let mut file = &target.file;
    file.seek(SeekFrom::Start(target.end))
        .and_then(|_| file.write_all(&footer))
        .and_then(|()| file.sync_data())
        .map_err(fail)
}

/// What the operating system said about a path.
pub(super) fn io_error(path: &Path, cause: &io::Error) -> Error {
    let kind = match cause.kind() {
        io::ErrorKind::StorageFull => Kind::DiskFull,
        _ => Kind::Io,
    };
    Error::new(kind, format!("the log cannot be archived: {}: {cause}", path.display()))
        .hint("the log keeps what the archive lacks; see `archive-failure` in vql.toml(5)")
}
