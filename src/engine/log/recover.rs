//! Reading the log back: what the files do not hold yet, and whether anything of it is damaged.
//!
//! Nothing here changes a file except [`Tail::repair`], which cuts a torn write from the end before
//! anything is appended behind it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::engine::base::{Error, Kind, Lsn, Result};

use super::record::{self, Bad, LogRecord};
use super::segment::{self, BadHeader, DatabaseId, Extent, Scan};

/// What is to be read.
#[derive(Clone, Copy, Debug)]
pub struct TailRequest<'a> {
    /// The folder of the log.
    pub dir: &'a Path,
    /// Whose log it must be.
    pub database: DatabaseId,
    /// Records up to this one are not needed.
    pub after: Lsn,
    /// Some file holds this commit: it had been acknowledged, so the log must have had it.
    pub known: Lsn,
    /// Go on without what cannot be read.
    pub accept_loss: bool,
}

/// The end of the log.
#[derive(Debug, Default)]
pub struct Tail {
    /// The records behind `after`, in order.
    pub records: Vec<LogRecord>,
    /// The last readable commit; zero for an empty log.
    pub last: Lsn,
    /// The first commit that is still in the log.
    pub first: Option<Lsn>,
    /// The segment to append to.
    pub open: Option<OpenSegment>,
    /// Bytes of all segments.
    pub bytes: u64,
    /// Bytes of a torn write at the end.
    pub torn_bytes: u64,
    /// What `accept_loss` gave up.
    pub lost: Vec<String>,
    /// Those of the commits given up that can still be read, in order.
    pub dropped: Vec<LogRecord>,
    cut: Option<(PathBuf, u64)>,
    aside: Vec<PathBuf>,
}

/// The last segment, as an appender needs it.
#[derive(Clone, Debug)]
pub struct OpenSegment {
    /// The file.
    pub path: PathBuf,
    /// Its first record.
    pub first: Lsn,
    /// What it holds.
    pub extents: Vec<Extent>,
    /// Where its records end; a footer may stand behind.
    pub end: u64,
}

/// Reads the tail, or says what is damaged (`Corruption`).
pub fn read(request: &TailRequest<'_>) -> Result<Tail> {
    let segments = segment::list(request.dir).map_err(|e| io_error(request.dir, &e))?;
    let mut tail = Tail { first: segments.first().map(|s| s.0), ..Tail::default() };
    for (i, (first, path)) in segments.iter().enumerate() {
        let next = segments.get(i + 1).map(|s| s.0);
        tail.bytes += fs::metadata(path).map_err(|e| io_error(path, &e))?.len();
        if next.is_some_and(|n| n.0 <= request.after.0 + 1) {
            tail.last = Lsn(next.map_or(0, |n| n.0 - 1));
            continue;
        }
        check_gap(&mut tail, request, *first, path)?;
        if !read_segment(&mut tail, request, *first, path, next)? {
            drop_behind(&mut tail, &segments[i..]);
            tail.aside.extend(segments[i + 1..].iter().map(|s| s.1.clone()));
            break;
        }
    }
    Ok(tail)
}

impl Tail {
    /// Cuts the torn write off, and puts aside what `accept_loss` gave up.
    pub fn repair(&mut self) -> Result<()> {
        for path in self.aside.drain(..) {
            let kept = path.with_extension("damaged");
            fs::rename(&path, &kept).map_err(|e| io_error(&path, &e))?;
        }
        let Some((path, length)) = self.cut.take() else { return Ok(()) };
        if !self.lost.is_empty() {
            fs::copy(&path, path.with_extension("damaged")).map_err(|e| io_error(&path, &e))?;
        }
        if length == 0 {
            return fs::remove_file(&path).map_err(|e| io_error(&path, &e));
        }
        let file = fs::OpenOptions::new().write(true).open(&path);
        file.and_then(|f| f.set_len(length).and_then(|()| f.sync_all()))
            .map_err(|e| io_error(&path, &e))
    }

    /// Has [`Self::repair`] put every segment in `dir` aside: nothing of them is needed, and nothing
    /// can follow them without a gap.
    pub fn put_aside_all(&mut self, dir: &Path) -> Result<()> {
        let segments = segment::list(dir).map_err(|e| io_error(dir, &e))?;
        self.aside = segments.into_iter().map(|(_, path)| path).collect();
        (self.cut, self.open, self.bytes) = (None, None, 0);
        (self.last, self.first, self.torn_bytes) = (Lsn(0), None, 0);
        Ok(())
    }

    /// True when [`Self::repair`] has something to do.
    pub fn needs_repair(&self) -> bool {
        self.cut.is_some() || !self.aside.is_empty()
    }
}

/// The segment must begin where the one before ended, and behind what the files hold.
fn check_gap(tail: &mut Tail, request: &TailRequest<'_>, first: Lsn, path: &Path) -> Result<()> {
    let reached = tail.last.max(request.after);
    if first.0 <= reached.0 + 1 && (tail.last == Lsn(0) || first.0 == tail.last.0 + 1) {
        return Ok(());
    }
    let what = format!("commits {} to {} are missing", reached.0 + 1, first.0.saturating_sub(1));
    if request.accept_loss {
        tail.lost.push(format!("the log before {}: {what}", name_of(path)));
        return Ok(());
    }
    Err(damage(path, &what))
}

/// Reads one segment into `tail`; false when what is behind it has to be given up.
fn read_segment(
    tail: &mut Tail,
    request: &TailRequest<'_>,
    first: Lsn,
    path: &Path,
    next: Option<Lsn>,
) -> Result<bool> {
    if next.is_none() && skip_finished(tail, request, first, path)? {
        return Ok(true);
    }
    let bytes = fs::read(path).map_err(|e| io_error(path, &e))?;
    if let Err(bad) = segment::check_header(&bytes, request.database, first) {
        return bad_header(tail, request, first, (path, &bytes), bad);
    }
    let scan = segment::scan(&bytes, first);
    let mut extents = Vec::with_capacity(scan.offsets.len());
    for at in &scan.offsets {
        let (record, _) = record::decode(&bytes[*at..])
            .map_err(|bad| damage(path, &format!("a record {}", bad.describe())))?;
        extents.push(Extent::of(&record));
        tail.last = record.lsn;
        if record.lsn > request.after {
            tail.records.push(record);
        }
    }
    tail.open = Some(OpenSegment { path: path.into(), first, extents, end: scan.end as u64 });
    end_of_segment(tail, request, (path, &bytes), next, &scan)
}

/// Decides what stands behind the last readable record: nothing, a torn write, or damage.
fn end_of_segment(
    tail: &mut Tail,
    request: &TailRequest<'_>,
    (path, bytes): (&Path, &[u8]),
    next: Option<Lsn>,
    scan: &Scan,
) -> Result<bool> {
    let expected = tail.open.as_ref().map_or(0, |o| o.first.0 + scan.offsets.len() as u64);
    let complete = next.is_none_or(|n| n.0 == expected);
    if scan.bad.is_none() && complete {
        return Ok(true);
    }
    let behind = segment::survivors(bytes, scan.end);
    let acknowledged = behind.iter().any(|(_, synced)| synced.0 >= expected)
        || scan.footer.is_some()
        || next.is_some()
        || request.known.0 >= expected
        || record::is_whole_but_for_its_length(&bytes[scan.end..]);
    let reason = scan.bad.map_or("is missing", Bad::describe);
    if !acknowledged {
        tail.torn_bytes = (bytes.len() - scan.end) as u64;
        tail.cut = Some((path.into(), scan.end as u64));
        return Ok(true);
    }
    let last = behind.iter().map(|(lsn, _)| lsn.0).max().unwrap_or(expected).max(request.known.0);
    let last = next.map_or(last, |_| last.max(expected));
    let what = format!(
        "commit {expected} {reason} at byte {}; without it, commits {expected} to {last}{} are lost",
        scan.end,
        next.map_or("", |_| " and everything behind"),
    );
    if !request.accept_loss {
        return Err(damage(path, &what));
    }
    tail.lost.push(format!("{}: {what}", name_of(path)));
    tail.cut = Some((path.into(), scan.end as u64));
    Ok(false)
}

/// Remembers what can still be read of the commits that are given up, so that they can be named.
fn drop_behind(tail: &mut Tail, segments: &[(Lsn, PathBuf)]) {
    for (_, path) in segments {
        // What cannot even be read is named by its numbers alone.
        let Ok(bytes) = fs::read(path) else { continue };
        let records = segment::survivors_at(&bytes, 0).into_iter();
        let readable = records.filter_map(|at| record::decode(&bytes[at..]).ok());
        let last = tail.last;
        tail.dropped.extend(readable.map(|(record, _)| record).filter(|r| r.lsn > last));
    }
}

/// A segment without a readable header: the first write to it may never have finished.
fn bad_header(
    tail: &mut Tail,
    request: &TailRequest<'_>,
    first: Lsn,
    (path, bytes): (&Path, &[u8]),
    bad: BadHeader,
) -> Result<bool> {
    let what = match bad {
        BadHeader::Newer(format) => {
            let message = format!("{} has log format {format}", name_of(path));
            return Err(Error::new(Kind::NewerFormat, message)
                .hint("open it with the version of vql that wrote it, or a newer one"));
        }
        BadHeader::Foreign => "its header belongs to another database or place",
        BadHeader::Damaged => "its header is damaged",
    };
    let torn = bad == BadHeader::Damaged
        && segment::survivors(bytes, 0).is_empty()
        && request.known < first
        && is_last(path)?;
    if torn {
        tail.torn_bytes = bytes.len() as u64;
        tail.cut = Some((path.into(), 0));
        return Ok(true);
    }
    if !request.accept_loss {
        return Err(damage(path, &format!("{what}; commits from {first} on are lost without it")));
    }
    tail.lost.push(format!("{}: {what}; commits from {first} on", name_of(path)));
    tail.aside.push(path.into());
    Ok(false)
}

/// True when `path` is the last segment of its folder.
fn is_last(path: &Path) -> Result<bool> {
    let dir = path.parent().unwrap_or(path);
    let segments = segment::list(dir).map_err(|e| io_error(dir, &e))?;
    Ok(segments.last().is_some_and(|(_, last)| last == path))
}

/// When the last segment was finished and the files hold all of it, its footer is enough.
fn skip_finished(
    tail: &mut Tail,
    request: &TailRequest<'_>,
    first: Lsn,
    path: &Path,
) -> Result<bool> {
    let Some(footer) = read_footer(path).map_err(|e| io_error(path, &e))? else {
        return Ok(false);
    };
    if footer.first != first || footer.last() > request.after {
        return Ok(false);
    }
    tail.last = footer.last();
    let (extents, end) = (footer.extents, footer.at);
    tail.open = Some(OpenSegment { path: path.into(), first, extents, end });
    Ok(true)
}

/// The footer of a segment, without reading the rest.
pub fn read_footer(path: &Path) -> std::io::Result<Option<segment::Footer>> {
    use std::io::{Read as _, Seek as _, SeekFrom};
    let mut file = fs::File::open(path)?;
    let size = file.metadata()?.len();
    if size < (segment::HEADER + 8) as u64 {
        return Ok(None);
    }
    let mut end = [0; 8];
    file.seek(SeekFrom::End(-8))?;
    file.read_exact(&mut end)?;
    let Some(length) = segment::footer_length(end).filter(|n| (*n as u64) < size) else {
        return Ok(None);
    };
    let at = size - length as u64;
    let mut bytes = vec![0; length];
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(&mut bytes)?;
    Ok(segment::decode_footer(&bytes, at))
}

pub(super) fn name_of(path: &Path) -> String {
    format!("log/{}", path.file_name().unwrap_or_default().to_string_lossy())
}

pub(super) fn io_error(path: &Path, cause: &std::io::Error) -> Error {
    super::writer::lacking(cause)
        .unwrap_or_else(|| Error::new(Kind::Io, format!("{}: {cause}", name_of(path))))
}

fn damage(path: &Path, what: &str) -> Error {
    Error::new(Kind::Corruption, format!("the commit log {} is damaged: {what}", name_of(path)))
        .hint("restore from a backup, or open with --accept-loss to go on without these commits")
}

#[cfg(test)]
mod tests;
