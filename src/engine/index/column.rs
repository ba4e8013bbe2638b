//! Columns of numbers that lie in memory or in a mapped file, and the layout of a file of columns.
//!
//! ```text
//! file    = "VQLCOL1\n", u32 order mark, u32 number of sections, (u64 start, u64 length) per section,
//!           sections, each starting at a multiple of 64
//! ```
//! Numbers are little-endian; on a machine of the other order the mark does not match and the index is
//! built again. The checksum over the whole file stands in the manifest, see `file.rs`.

use std::fs::File;
use std::marker::PhantomData;
use std::ops::{Deref, Range};
use std::sync::Arc;

use bytemuck::Pod;

use crate::engine::base::{Error, Kind, Result};

const MAGIC: &[u8; 8] = b"VQLCOL1\n";
const ORDER: u32 = 0x0102_0304;
const ALIGN: usize = 64;

/// A row of numbers that never changes.
#[derive(Debug)]
pub struct Column<T: Pod>(Place<T>);

#[derive(Debug)]
enum Place<T> {
    Owned(Vec<T>),
    Mapped { map: Arc<memmap2::Mmap>, range: Range<usize>, of: PhantomData<T> },
}

impl<T: Pod> From<Vec<T>> for Column<T> {
    fn from(numbers: Vec<T>) -> Self {
        Self(Place::Owned(numbers))
    }
}

impl<T: Pod> Deref for Column<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match &self.0 {
            Place::Owned(numbers) => numbers,
            Place::Mapped { map, range, .. } => bytemuck::cast_slice(&map[range.clone()]),
        }
    }
}

/// The columns of a segment on their way to a file, by number.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Sections<'a> {
    parts: Vec<std::borrow::Cow<'a, [u8]>>,
}

impl<'a> Sections<'a> {
    /// Adds a column.
    pub fn push<T: Pod>(&mut self, numbers: &'a [T]) {
        self.parts.push(std::borrow::Cow::Borrowed(bytemuck::cast_slice(numbers)));
    }

    /// Adds bytes made for this file.
    pub fn push_bytes(&mut self, bytes: Vec<u8>) {
        self.parts.push(std::borrow::Cow::Owned(bytes));
    }

    /// The file, piece by piece.
    pub(super) fn write(&self, out: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let mut head = MAGIC.to_vec();
        head.extend(bytemuck::bytes_of(&ORDER));
        head.extend((self.parts.len() as u32).to_le_bytes());
        let mut at = padded(head.len() + 16 * self.parts.len());
        for part in &self.parts {
            head.extend((at as u64).to_le_bytes());
            head.extend((part.len() as u64).to_le_bytes());
            at = padded(at + part.len());
        }
        head.resize(padded(head.len()), 0);
        out(&head)?;
        for part in &self.parts {
            out(part)?;
            out(&[0; ALIGN][..padded(part.len()) - part.len()])?;
        }
        Ok(())
    }
}

fn padded(length: usize) -> usize {
    length.next_multiple_of(ALIGN)
}

/// A file of columns, open for reading.
#[derive(Debug)]
pub struct Loaded {
    map: Arc<memmap2::Mmap>,
    sections: Vec<Range<usize>>,
}

impl Loaded {
    /// Maps a file. Its checksum is for the caller to verify, over [`Self::bytes`].
    #[expect(unsafe_code, reason = "mapping a file is unsafe by nature")]
    pub(super) fn open(file: &File) -> Result<Self> {
        // SAFETY: files of an index are written under a temporary name, renamed, and never changed or
        // shortened afterwards by this program, only unlinked, which leaves mappings alone.
        let map = unsafe { memmap2::Mmap::map(file) }.map_err(|e| damaged(&e.to_string()))?;
        let sections = sections(&map).ok_or_else(|| damaged("the header is malformed"))?;
        Ok(Self { map: Arc::new(map), sections })
    }

    /// The whole file.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.map
    }

    /// How many sections there are.
    pub fn len(&self) -> usize {
        self.sections.len()
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.sections.is_empty()
    }

    /// The bytes of a section.
    pub fn section(&self, number: usize) -> Result<&[u8]> {
        Ok(&self.map[self.range(number)?])
    }

    /// A section as a column of numbers, without copying.
    pub fn column<T: Pod>(&self, number: usize) -> Result<Column<T>> {
        let range = self.range(number)?;
        bytemuck::try_cast_slice::<u8, T>(&self.map[range.clone()])
            .map_err(|_| damaged("a column does not fill its type"))?;
        Ok(Column(Place::Mapped { map: Arc::clone(&self.map), range, of: PhantomData }))
    }

    fn range(&self, number: usize) -> Result<Range<usize>> {
        self.sections.get(number).cloned().ok_or_else(|| damaged("a column is missing"))
    }
}

fn sections(bytes: &[u8]) -> Option<Vec<Range<usize>>> {
    let rest = bytes.strip_prefix(MAGIC)?;
    if rest.get(..4)? != bytemuck::bytes_of(&ORDER) {
        return None;
    }
    let count = u32::from_le_bytes(rest.get(4..8)?.try_into().ok()?) as usize;
    let table = rest.get(8..8 + count.checked_mul(16)?)?;
    table
        .chunks_exact(16)
        .map(|entry| {
            let (start, length) = entry.split_at(8);
            let start = u64::from_le_bytes(start.try_into().ok()?) as usize;
            let end = start.checked_add(u64::from_le_bytes(length.try_into().ok()?) as usize)?;
            (start.is_multiple_of(ALIGN) && end <= bytes.len()).then_some(start..end)
        })
        .collect()
}

/// A file of an index that cannot be believed. Whoever meets it builds the index again.
pub(super) fn damaged(what: &str) -> Error {
    Error::new(Kind::Corruption, format!("an index file is damaged: {what}"))
}
