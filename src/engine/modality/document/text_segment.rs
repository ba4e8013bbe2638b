//! A segment of the full-text index: for every word the documents that have it, how often, and where.
//!
//! ```text
//! sections  = hexad u32 per document, words u32 per document,
//!             the words: bytes, end u64 per word; documents that have it: u32 per word;
//!             postings: bytes, end u64 per word; positions: bytes, end u64 per word
//! postings  = per document: varint distance to the document before,
//!             varint 2 * occurrences + (1 if some are in the title), then varint how many those are
//! positions = per document: varint distances, the first from 0
//! ```
//! Documents are numbered in ascending order of their hexads, words are sorted by their bytes.

use std::collections::HashMap;
use std::ops::Range;

use roaring::RoaringBitmap;

use crate::engine::base::{Error, Iid, Kind, Result};
use crate::engine::index::{Builder, Column, Loaded, Sections, Segment};

use super::Document;
use super::analyzer::positions;

/// The words of some documents.
#[derive(Debug)]
pub(super) struct TextSegment {
    iids: RoaringBitmap,
    /// The hexad of each document.
    pub(super) docs: Column<u32>,
    /// The number of words of each document.
    pub(super) lengths: Column<u32>,
    /// The number of words of all documents.
    pub(super) total: u64,
    text: Column<u8>,
    text_ends: Column<u64>,
    /// The number of documents that have each word.
    pub(super) counts: Column<u32>,
    postings: Column<u8>,
    postings_ends: Column<u64>,
    positions: Column<u8>,
    positions_ends: Column<u64>,
}

/// One document that has a word.
#[derive(Clone, Copy, Debug)]
pub(super) struct Posting {
    pub(super) doc: u32,
    /// Occurrences, in the title and elsewhere.
    pub(super) count: u32,
    /// Occurrences in the title.
    pub(super) in_title: u32,
}

/// The documents that have a word, in ascending order.
#[derive(Clone, Debug)]
pub(super) struct Postings<'a> {
    rest: &'a [u8],
    next: u32,
}

impl Iterator for Postings<'_> {
    type Item = Posting;

    #[inline]
    fn next(&mut self) -> Option<Posting> {
        if self.rest.is_empty() {
            return None;
        }
        let doc = self.next + read(&mut self.rest);
        self.next = doc + 1;
        let coded = read(&mut self.rest);
        let in_title = if coded & 1 == 1 { read(&mut self.rest) } else { 0 };
        Some(Posting { doc, count: coded >> 1, in_title })
    }
}

impl TextSegment {
    /// The number of different words.
    pub(super) fn words(&self) -> usize {
        self.counts.len()
    }

    /// A word by its number.
    pub(super) fn word(&self, number: usize) -> &[u8] {
        &self.text[span(&self.text_ends, number)]
    }

    /// The number of a word.
    pub(super) fn find(&self, word: &str) -> Option<usize> {
        let at = self.first_from(word.as_bytes());
        (at < self.words() && self.word(at) == word.as_bytes()).then_some(at)
    }

    /// The numbers of the words that begin so.
    pub(super) fn starting(&self, start: &str) -> Range<usize> {
        let first = self.first_from(start.as_bytes());
        let (mut low, mut high) = (first, self.words());
        while low < high {
            let middle = low.midpoint(high);
            if self.word(middle).starts_with(start.as_bytes()) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        first..low
    }

    /// The number of the first word not smaller than `word`.
    fn first_from(&self, word: &[u8]) -> usize {
        let (mut low, mut high) = (0, self.words());
        while low < high {
            let middle = low.midpoint(high);
            if self.word(middle) < word {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// The documents that have a word.
    pub(super) fn postings(&self, number: usize) -> Postings<'_> {
        Postings { rest: &self.postings[span(&self.postings_ends, number)], next: 0 }
    }

    /// Calls `visit` with every document that has a word and the bytes of its positions.
    fn located<'a>(&'a self, number: usize, mut visit: impl FnMut(Posting, &'a [u8])) {
        let mut rest = &self.positions[span(&self.positions_ends, number)];
        for posting in self.postings(number) {
            let (mut length, mut left) = (0, posting.count);
            while left > 0 {
                left -= u32::from(rest[length] & 0x80 == 0);
                length += 1;
            }
            let (positions, behind) = rest.split_at(length);
            rest = behind;
            visit(posting, positions);
        }
    }

    /// Calls `visit` with every document that has a word and the positions of the word in it.
    pub(super) fn positions(&self, number: usize, mut visit: impl FnMut(u32, &mut Positions<'_>)) {
        self.located(number, |posting, bytes| {
            visit(posting.doc, &mut Positions { rest: bytes, at: 0 });
        });
    }

    /// The number of the document of a hexad.
    pub(super) fn doc_of(&self, iid: u32) -> Option<usize> {
        self.docs.binary_search(&iid).ok()
    }
}

/// Positions in one document, ascending.
#[derive(Debug)]
pub(super) struct Positions<'a> {
    rest: &'a [u8],
    at: u32,
}

impl Iterator for Positions<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        if self.rest.is_empty() {
            return None;
        }
        self.at += read(&mut self.rest);
        Some(self.at)
    }
}

fn span(ends: &[u64], number: usize) -> Range<usize> {
    let start = if number == 0 { 0 } else { ends[number - 1] };
    start as usize..ends[number] as usize
}

#[inline]
fn read(bytes: &mut &[u8]) -> u32 {
    let (mut value, mut shift) = (0, 0);
    while let Some((byte, rest)) = bytes.split_first() {
        *bytes = rest;
        value |= u32::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            break;
        }
        shift = (shift + 7) & 31;
    }
    value
}

fn write(bytes: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// The documents of one word on their way into a segment.
#[derive(Debug, Default)]
struct Growing {
    next: u32,
    count: u32,
    postings: Vec<u8>,
    positions: Vec<u8>,
}

impl Growing {
    fn begin(&mut self, posting: Posting) {
        write(&mut self.postings, posting.doc - self.next);
        write(&mut self.postings, posting.count * 2 + u32::from(posting.in_title > 0));
        if posting.in_title > 0 {
            write(&mut self.postings, posting.in_title);
        }
        self.next = posting.doc + 1;
        self.count += 1;
    }

    fn clear(&mut self) {
        self.next = 0;
        self.count = 0;
        self.postings.clear();
        self.positions.clear();
    }
}

/// A segment in the making: the words of the documents as numbers, in the order of the texts. They are
/// brought into the order of the words at the end, all at once: writing to the lists of tens of
/// thousands of words in turn would miss the cache each time.
#[derive(Debug, Default)]
pub(super) struct TextBuilder {
    iids: Vec<u32>,
    lengths: Vec<u32>,
    title_ends: Vec<u32>,
    numbers: HashMap<Box<str>, u32>,
    /// Occurrences of each word.
    counts: Vec<u32>,
    /// By occurrence: the word and the position.
    occurrences: Vec<(u32, u32)>,
    bytes: usize,
}

impl Builder for TextBuilder {
    type Record = Document;
    type Segment = TextSegment;

    fn add(&mut self, iid: Iid, document: &Document) {
        let Self { numbers, counts, occurrences, bytes, .. } = self;
        let before = occurrences.len();
        let (title_end, length) = positions(document, &mut |word, at| {
            let number = if let Some(number) = numbers.get(word) {
                *number
            } else {
                let number = counts.len() as u32;
                numbers.insert(word.into(), number);
                counts.push(0);
                *bytes += 2 * word.len() + 64;
                number
            };
            counts[number as usize] += 1;
            occurrences.push((number, at));
        });
        *bytes += 16 * (occurrences.len() - before) + 12;
        self.iids.push(iid.0);
        self.lengths.push(length);
        self.title_ends.push(title_end);
    }

    fn bytes(&self) -> usize {
        self.bytes
    }

    fn finish(self) -> TextSegment {
        let mut order: Vec<(Box<str>, u32)> = self.numbers.into_iter().collect();
        order.sort_unstable();
        // Where the places of each word begin, a place being a document and a position.
        let mut begins = vec![0usize; order.len()];
        let mut begin = 0;
        for (_, number) in &order {
            begins[*number as usize] = begin;
            begin += self.counts[*number as usize] as usize;
        }
        let mut places = vec![0u64; self.occurrences.len()];
        let mut rest = self.occurrences.as_slice();
        for (doc, length) in self.lengths.iter().enumerate() {
            let (here, behind) = rest.split_at(*length as usize);
            rest = behind;
            for (number, at) in here {
                let next = &mut begins[*number as usize];
                places[*next] = (doc as u64) << 32 | u64::from(*at);
                *next += 1;
            }
        }
        let mut columns = Columns::default();
        let mut grown = Growing::default();
        let mut places = places.as_slice();
        for (word, number) in order {
            let (here, behind) = places.split_at(self.counts[number as usize] as usize);
            places = behind;
            grown.clear();
            for in_doc in here.chunk_by(|a, b| a >> 32 == b >> 32) {
                let doc = (in_doc[0] >> 32) as u32;
                let title_end = self.title_ends[doc as usize];
                let in_title = in_doc.partition_point(|place| (*place as u32) < title_end) as u32;
                grown.begin(Posting { doc, count: in_doc.len() as u32, in_title });
                let mut before = 0;
                for place in in_doc {
                    write(&mut grown.positions, *place as u32 - before);
                    before = *place as u32;
                }
            }
            columns.push(word.as_bytes(), &grown);
        }
        columns.finish(self.iids, self.lengths)
    }
}

/// The columns of words, filled word by word in order.
#[derive(Default)]
struct Columns {
    text: Vec<u8>,
    text_ends: Vec<u64>,
    counts: Vec<u32>,
    postings: Vec<u8>,
    postings_ends: Vec<u64>,
    positions: Vec<u8>,
    positions_ends: Vec<u64>,
}

impl Columns {
    fn push(&mut self, word: &[u8], grown: &Growing) {
        self.text.extend_from_slice(word);
        self.text_ends.push(self.text.len() as u64);
        self.counts.push(grown.count);
        self.postings.extend_from_slice(&grown.postings);
        self.postings_ends.push(self.postings.len() as u64);
        self.positions.extend_from_slice(&grown.positions);
        self.positions_ends.push(self.positions.len() as u64);
    }

    fn finish(self, docs: Vec<u32>, lengths: Vec<u32>) -> TextSegment {
        TextSegment {
            iids: docs.iter().copied().collect(),
            total: lengths.iter().copied().map(u64::from).sum(),
            docs: docs.into(),
            lengths: lengths.into(),
            text: self.text.into(),
            text_ends: self.text_ends.into(),
            counts: self.counts.into(),
            postings: self.postings.into(),
            postings_ends: self.postings_ends.into(),
            positions: self.positions.into(),
            positions_ends: self.positions_ends.into(),
        }
    }
}

/// The documents that stay when segments are merged, and their new numbers.
struct Renumbered {
    docs: Vec<u32>,
    lengths: Vec<u32>,
    /// By segment and old number; `u32::MAX` for what is left out.
    new: Vec<Vec<u32>>,
}

fn renumber(parts: &[(&TextSegment, &RoaringBitmap)]) -> Renumbered {
    let mut staying = Vec::new();
    let mut new = Vec::with_capacity(parts.len());
    for (part, (segment, dead)) in parts.iter().enumerate() {
        new.push(vec![u32::MAX; segment.docs.len()]);
        for (doc, iid) in segment.docs.iter().enumerate() {
            if !dead.contains(*iid) {
                staying.push((*iid, part, doc));
            }
        }
    }
    staying.sort_unstable();
    let mut renumbered = Renumbered { docs: Vec::new(), lengths: Vec::new(), new };
    for (number, (iid, part, doc)) in staying.into_iter().enumerate() {
        renumbered.new[part][doc] = number as u32;
        renumbered.docs.push(iid);
        renumbered.lengths.push(parts[part].0.lengths[doc]);
    }
    renumbered
}

impl Segment for TextSegment {
    type Record = Document;
    type Builder = TextBuilder;

    const NAME: &'static str = "text";
    const FORMAT: u32 = 1;

    fn iids(&self) -> &RoaringBitmap {
        &self.iids
    }

    fn merge(parts: &[(&Self, &RoaringBitmap)]) -> Self {
        let renumbered = renumber(parts);
        let mut heads = vec![0; parts.len()];
        let mut columns = Columns::default();
        let mut found: Vec<(Posting, &[u8])> = Vec::new();
        let mut grown = Growing::default();
        loop {
            let words = parts.iter().zip(&heads);
            let words = words.filter(|((segment, _), head)| **head < segment.words());
            let Some(word) = words.map(|((segment, _), head)| segment.word(*head)).min() else {
                break;
            };
            found.clear();
            for (part, (segment, _)) in parts.iter().enumerate() {
                let head = heads[part];
                if head == segment.words() || segment.word(head) != word {
                    continue;
                }
                heads[part] += 1;
                segment.located(head, |posting, positions| {
                    let doc = renumbered.new[part][posting.doc as usize];
                    if doc != u32::MAX {
                        found.push((Posting { doc, ..posting }, positions));
                    }
                });
            }
            if found.is_empty() {
                continue;
            }
            found.sort_unstable_by_key(|(posting, _)| posting.doc);
            grown.clear();
            for (posting, positions) in &found {
                grown.begin(*posting);
                grown.positions.extend_from_slice(positions);
            }
            columns.push(word, &grown);
        }
        columns.finish(renumbered.docs, renumbered.lengths)
    }

    fn save(&self) -> Result<Sections<'_>> {
        let mut sections = Sections::default();
        sections.push(&self.docs);
        sections.push(&self.lengths);
        sections.push(&self.text);
        sections.push(&self.text_ends);
        sections.push(&self.counts);
        sections.push(&self.postings);
        sections.push(&self.postings_ends);
        sections.push(&self.positions);
        sections.push(&self.positions_ends);
        Ok(sections)
    }

    fn load(file: &Loaded) -> Result<Self> {
        let (docs, lengths): (Column<u32>, Column<u32>) = (file.column(0)?, file.column(1)?);
        let segment = Self {
            iids: docs.iter().copied().collect(),
            total: lengths.iter().copied().map(u64::from).sum(),
            docs,
            lengths,
            text: file.column(2)?,
            text_ends: file.column(3)?,
            counts: file.column(4)?,
            postings: file.column(5)?,
            postings_ends: file.column(6)?,
            positions: file.column(7)?,
            positions_ends: file.column(8)?,
        };
        let words = segment.words();
        let fits = |ends: &[u64], bytes: &[u8]| {
            ends.len() == words
                && ends.is_sorted()
                && ends.last().map_or(0, |end| *end as usize) == bytes.len()
        };
        let sound = segment.docs.len() == segment.lengths.len()
            && segment.docs.is_sorted_by(|a, b| a < b)
            && fits(&segment.text_ends, &segment.text)
            && fits(&segment.postings_ends, &segment.postings)
            && fits(&segment.positions_ends, &segment.positions);
        if !sound {
            let message = "a segment of the full-text index is malformed";
            return Err(Error::new(Kind::Corruption, message));
        }
        Ok(segment)
    }
}
