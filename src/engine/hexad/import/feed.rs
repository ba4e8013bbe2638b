//! The reading half of an import: lines become batches of inputs, ready to be written.

use std::io::{BufRead, Read as _};
use std::sync::mpsc::SyncSender;

use crate::engine::base::{ContentHash, Error, Fault, Kind, Result, limit};
use crate::engine::hexad::csv;
use crate::engine::hexad::{HexadInput, json};

use super::bookmark::Bookmark;
use super::{Form, ImportOptions, Reject, unreadable};

/// Bytes after which a batch is full whatever it counts: what is in flight stays small.
const BATCH_BYTES: usize = 16 << 20;

/// Characters of a rejected line that are kept.
const KEPT: usize = 64 << 10;

/// What a batch holds.
pub(super) struct Batch {
    /// Valid inputs with their line numbers.
    pub(super) inputs: Vec<(u64, HexadInput)>,
    /// What was not valid.
    pub(super) rejects: Vec<Reject>,
    /// How far the source has been read with this batch.
    pub(super) bookmark: Bookmark,
    /// The same in bytes.
    pub(super) bytes: u64,
    /// Lines passed over because they are in the database.
    pub(super) resumed: u64,
}

/// Reads everything and hands it over in batches, until the other side stops listening.
pub(super) fn run(
    source: &mut dyn BufRead,
    options: &ImportOptions,
    resume: Option<Bookmark>,
    batches: &SyncSender<Result<Batch>>,
) {
    let mut feed = Feed::new(source, options);
    let end = feed.skip(resume).and_then(|()| feed.deliver(batches));
    if let Err(error) = end {
        // Nobody listens when the other side failed first; then its error is the one that counts.
        drop(batches.send(Err(error)));
    }
}

struct Feed<'a> {
    source: &'a mut dyn BufRead,
    options: &'a ImportOptions,
    hasher: blake3::Hasher,
    line: Vec<u8>,
    lines: u64,
    bytes: u64,
    resumed: u64,
    header: Option<csv::Header>,
}

impl<'a> Feed<'a> {
    fn new(source: &'a mut dyn BufRead, options: &'a ImportOptions) -> Self {
        Self {
            source,
            options,
            hasher: blake3::Hasher::new(),
            line: Vec::new(),
            lines: 0,
            bytes: 0,
            resumed: 0,
            header: None,
        }
    }

    /// Reads the next line (for CSV: the next record) into `self.line`. False at the end.
    fn next(&mut self) -> Result<bool> {
        self.line.clear();
        let quoted = matches!(self.options.form, Form::Csv(_));
        let mut quotes = false;
        loop {
            let before = self.line.len();
            let room = (limit::LINE_BYTES + 1).saturating_sub(before) as u64;
            let mut bounded = (&mut *self.source).take(room);
            let read = bounded.read_until(b'\n', &mut self.line);
            let read = read.map_err(|cause| unreadable(&cause))?;
            if self.line.len() > limit::LINE_BYTES {
                let message = format!(
                    "line {}: over {} bytes, which is the limit",
                    self.lines + 1,
                    limit::LINE_BYTES
                );
                return Err(Error::new(Kind::InvalidInput, message));
            }
            // A line break inside of quotes belongs to the record.
            quotes ^= self.line[before..].iter().fold(false, |odd, b| odd ^ (*b == b'"'));
            if read == 0 || !quoted || !quotes {
                break;
            }
        }
        if self.line.is_empty() {
            return Ok(false);
        }
        self.hasher.update(&self.line);
        self.bytes += self.line.len() as u64;
        self.lines += 1;
        Ok(true)
    }

    fn bookmark(&self) -> Bookmark {
        Bookmark { lines: self.lines, prefix: ContentHash(*self.hasher.finalize().as_bytes()) }
    }

    /// Passes over the lines that are in the database, if they are still the same.
    fn skip(&mut self, resume: Option<Bookmark>) -> Result<()> {
        let Some(resume) = resume else { return Ok(()) };
        while self.lines < resume.lines && self.next()? {
            if self.lines == 1 {
                self.take_header()?;
            }
        }
        if self.bookmark() != resume {
            let message = format!(
                "`{}` is not what an interrupted import of it read before",
                self.options.source
            );
            return Err(Error::new(Kind::InvalidInput, message).hint("import it with a restart"));
        }
        self.resumed = self.lines;
        Ok(())
    }

    /// The names of a CSV source stand in its first line. True when this line was that.
    fn take_header(&mut self) -> Result<bool> {
        let Form::Csv(mapping) = &self.options.form else { return Ok(false) };
        if self.header.is_some() {
            return Ok(false);
        }
        self.header = Some(csv::Header::read(&self.line, mapping)?);
        Ok(true)
    }

    fn deliver(&mut self, batches: &SyncSender<Result<Batch>>) -> Result<()> {
        let full = if self.options.batch == 0 { 1000 } else { self.options.batch };
        loop {
            let begin = self.bytes;
            let mut inputs = Vec::with_capacity(full.min(4096));
            let mut rejects = Vec::new();
            let mut more = true;
            while inputs.len() + rejects.len() < full
                && self.bytes - begin < BATCH_BYTES as u64
                && more
            {
                more = self.next()?;
                if !more || self.take_header()? {
                    continue;
                }
                match self.read() {
                    Ok(Some(input)) => inputs.push((self.lines, input)),
                    Ok(None) => {}
                    Err(fault) => rejects.push(self.reject(fault)),
                }
            }
            let batch = Batch {
                inputs,
                rejects,
                bookmark: self.bookmark(),
                bytes: self.bytes,
                resumed: self.resumed,
            };
            if batches.send(Ok(batch)).is_err() || !more {
                return Ok(());
            }
        }
    }

    /// The input on the current line; an empty line is none.
    fn read(&self) -> Result<Option<HexadInput>, Fault> {
        let mut line = self.line.as_slice();
        if self.lines == 1 {
            line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        }
        if line.trim_ascii().is_empty() {
            return Ok(None);
        }
        let line = std::str::from_utf8(line)
            .map_err(|_| Fault::new(Kind::InvalidInput, "", "the line is not UTF-8"))?;
        let input = match &self.header {
            Some(header) => header.input(line)?,
            None => json::parse(line.trim_end_matches(['\n', '\r']))?,
        };
        input.admit().map(Some)
    }

    fn reject(&self, fault: Fault) -> Reject {
        let text = String::from_utf8_lossy(&self.line);
        let text: String = text.trim_end().chars().take(KEPT).collect();
        // The id helps to find the line again; a line that is no JSON has none to offer.
        let id = serde_json::from_str::<IdOnly>(&text).ok().and_then(|line| line.id);
        Reject {
            line: self.lines,
            id,
            key: fault.key,
            kind: fault.kind,
            reason: fault.message,
            text,
        }
    }
}

#[derive(serde::Deserialize)]
struct IdOnly {
    id: Option<String>,
}
