//! Many hexads from a file: in batches, each atomic and durable, resumable, two threads wide.
//!
//! One thread reads, parses and validates; the other prepares and commits. After every batch a
//! bookmark in the catalog says how far it went, in the same commit: an import that was interrupted
//! goes on behind the last batch that is in the database. Opening files and showing progress is for
//! the caller.

mod bookmark;
mod embed;
mod feed;
mod load;

use std::io::{BufRead, BufReader, Chain, Cursor, Read};

use crate::engine::base::{Error, Kind, Result, Rng};
use crate::engine::embed::Embedder;
use crate::engine::hexad::attempt::Before;
use crate::engine::hexad::csv::Mapping;
use crate::engine::store::Store;

/// What happens to a hexad that exists already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnConflict {
    /// The import stops with `InsertConflict`; batches before stay.
    #[default]
    Fail,
    /// The line is passed over.
    Skip,
    /// The hexad becomes what the line says, as one more version.
    Replace,
}

/// What the lines of a source are.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Form {
    /// One hexad a line, as JSON.
    #[default]
    JsonLines,
    /// Comma-separated values with a line of names.
    Csv(Mapping),
}

/// How to import.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImportOptions {
    /// What the source is called: in the events of the hexads, and to find the bookmark again.
    pub source: String,
    /// Who imports; empty for whoever opened the database.
    pub author: String,
    /// What the lines are.
    pub form: Form,
    /// What happens to a hexad that exists already.
    pub on_conflict: OnConflict,
    /// Hexads a commit; 1,000 when zero.
    pub batch: usize,
    /// Stop at the first line that cannot be loaded.
    pub strict: bool,
    /// Begin at the first line even if an import of this source was interrupted.
    pub restart: bool,
    /// The embedder that makes a vector for what has a text and none; nobody does without.
    pub embed: Option<String>,
}

/// A line that was not loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// Which, from 1.
    pub line: u64,
    /// The id on it, if it could be read.
    pub id: Option<String>,
    /// The path to what is wrong; empty for the whole line.
    pub key: String,
    /// What kind of error it is.
    pub kind: Kind,
    /// What is wrong, lower case, without a full stop.
    pub reason: String,
    /// The line itself.
    pub text: String,
}

/// What an import has done so far. At its end nothing is missing in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Lines read, those passed over at the start included.
    pub lines: u64,
    /// Bytes read, after decompression.
    pub bytes: u64,
    /// Lines that an interrupted import had loaded already.
    pub resumed: u64,
    /// New hexads.
    pub inserted: u64,
    /// Hexads that were there and changed.
    pub replaced: u64,
    /// Hexads that were there already and stayed as they were.
    pub skipped: u64,
    /// Lines that were not loaded.
    pub rejected: u64,
}

/// Somebody who looks on.
pub trait Watch {
    /// Called after every batch. An error stops the import; committed batches stay.
    fn progress(&mut self, progress: &Progress) -> Result<()>;

    /// Called for every line that was not loaded.
    fn rejected(&mut self, reject: &Reject) -> Result<()>;
}

/// Loads every line of `source`. Hexads with a text and without a vector get one from `embedder`;
/// `before` is asked before each commit.
pub fn import(
    store: &Store,
    rng: &dyn Rng,
    source: &mut (dyn BufRead + Send),
    options: &ImportOptions,
    embedder: Option<&dyn Embedder>,
    before: Before<'_>,
    watch: &mut dyn Watch,
) -> Result<Progress> {
    load::run(store, rng, source, options, embedder, before, watch)
}

/// A source as lines: decompressed when it is gzip, whatever its name says.
pub fn decoded<'a>(mut input: impl Read + Send + 'a) -> Result<Box<dyn BufRead + Send + 'a>> {
    let mut head = Vec::with_capacity(2);
    let read = input.by_ref().take(2).read_to_end(&mut head);
    read.map_err(|cause| unreadable(&cause))?;
    let gzip = head == [0x1f, 0x8b];
    let whole: Chain<Cursor<Vec<u8>>, _> = Cursor::new(head).chain(input);
    Ok(if gzip {
        let decoder = flate2::bufread::MultiGzDecoder::new(BufReader::with_capacity(BUFFER, whole));
        Box::new(BufReader::with_capacity(BUFFER, decoder))
    } else {
        Box::new(BufReader::with_capacity(BUFFER, whole))
    })
}

const BUFFER: usize = 256 << 10;

fn unreadable(cause: &std::io::Error) -> Error {
    Error::new(Kind::Io, format!("the source cannot be read: {cause}"))
}
