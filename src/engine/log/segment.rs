//! One file of the log: `log/<first lsn, 20 digits>.vlog`.
//!
//! ```text
//! header   64   magic "VQLLOG\r\n" 8, format 4, zero 4, database 16, first lsn 8, zero 8, checksum 16
//! record   ..   one after the other, their numbers ascending by one          (see record.rs)
//! footer   ..   only when the segment is finished or the database was closed:
//!               magic "VLF1" 4, length 4, first lsn 8, count 4,
//!               per record: length 4, sections 1, per section: kind 1, length 4
//!               checksum 16, length 4, magic "VLFE" 4
//! ```
//!
//! The footer lets a reader of one modality go straight to its sections, and it proves that the
//! records before it were all there once.

use std::path::{Path, PathBuf};

use crate::engine::base::Lsn;

use super::record::{self, Bad, LogRecord, SECTION_HEAD, SUM};
use super::wire::{self, Reader};

/// The version of the log's format.
pub const FORMAT: u32 = 1;
/// Bytes of a segment's header.
pub const HEADER: usize = 64;
/// The extension of segments.
pub const EXTENSION: &str = "vlog";

const MAGIC: [u8; 8] = *b"VQLLOG\r\n";
const FOOTER_MAGIC: [u8; 4] = *b"VLF1";
const FOOTER_END: [u8; 4] = *b"VLFE";

/// The identity of a database, so that nobody mixes logs and files of two.
pub type DatabaseId = [u8; 16];

/// The name of the segment that begins with `first`.
pub fn file_name(first: Lsn) -> String {
    format!("{:020}.{EXTENSION}", first.0)
}

/// The segments in `dir`, in order. Files that are not named like segments are not ours to judge.
pub fn list(dir: &Path) -> std::io::Result<Vec<(Lsn, PathBuf)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        let stem = path.file_stem().and_then(|s| s.to_str()).unwrap_or("");
        if path.extension().is_some_and(|e| e == EXTENSION)
            && stem.len() == 20
            && let Ok(first) = stem.parse()
        {
            found.push((Lsn(first), path));
        }
    }
    found.sort();
    Ok(found)
}

/// The header of a segment.
pub fn header(database: DatabaseId, first: Lsn) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEADER);
    out.extend_from_slice(&MAGIC);
    wire::put_u32(&mut out, FORMAT);
    wire::put_u32(&mut out, 0);
    out.extend_from_slice(&database);
    wire::put_u64(&mut out, first.0);
    wire::put_u64(&mut out, 0);
    let sum = record::checksum(&out);
    out.extend_from_slice(&sum);
    out
}

/// What is wrong with a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadHeader {
    /// It is not there, or not whole.
    Damaged,
    /// A newer version wrote it.
    Newer(u32),
    /// It belongs to another database, or to another place in the log.
    Foreign,
}

/// Checks the header of the segment that should begin with `first`.
pub fn check_header(bytes: &[u8], database: DatabaseId, first: Lsn) -> Result<(), BadHeader> {
    let head = bytes.get(..HEADER).ok_or(BadHeader::Damaged)?;
    let (content, sum) = head.split_at(HEADER - SUM);
    if record::checksum(content) != sum || content[..8] != MAGIC {
        return Err(BadHeader::Damaged);
    }
    let mut input = Reader::new(&content[8..]);
    let format = input.u32().ok_or(BadHeader::Damaged)?;
    if format > FORMAT {
        return Err(BadHeader::Newer(format));
    }
    input.u32();
    let same = input.array() == Some(database) && input.u64() == Some(first.0);
    same.then_some(()).ok_or(BadHeader::Foreign)
}

/// Where the sections of one record lie: the record's length, then kind and length of each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Bytes of the whole record.
    pub length: u32,
    /// Kind and bytes of each section, without its head.
    pub sections: Vec<(u8, u32)>,
}

impl Extent {
    /// Of `record`.
    pub fn of(record: &LogRecord) -> Self {
        Self {
            length: record::encoded_len(&record.sections) as u32,
            sections: record.sections.iter().map(|s| (s.kind, s.bytes.len() as u32)).collect(),
        }
    }

    /// The section of `kind`: how far behind the start of the record its head begins, and the bytes
    /// of its content.
    pub fn find(&self, kind: u8) -> Option<(usize, usize)> {
        let mut at = self.length as usize
            - SUM
            - self.sections.iter().map(|(_, n)| SECTION_HEAD + *n as usize).sum::<usize>();
        for (k, n) in &self.sections {
            if *k == kind {
                return Some((at, *n as usize));
            }
            at += SECTION_HEAD + *n as usize;
        }
        None
    }
}

/// The end of a finished segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Footer {
    /// Its first record.
    pub first: Lsn,
    /// All its records in order.
    pub extents: Vec<Extent>,
    /// Where the footer begins and the records end.
    pub at: u64,
}

impl Footer {
    /// The last record of the segment.
    pub fn last(&self) -> Lsn {
        Lsn(self.first.0 + self.extents.len() as u64 - 1)
    }
}

/// The footer as bytes.
pub fn encode_footer(first: Lsn, extents: &[Extent]) -> Vec<u8> {
    let mut out = Vec::new();
    out.extend_from_slice(&FOOTER_MAGIC);
    wire::put_u32(&mut out, 0);
    wire::put_u64(&mut out, first.0);
    wire::put_u32(&mut out, extents.len() as u32);
    for extent in extents {
        wire::put_u32(&mut out, extent.length);
        out.push(extent.sections.len() as u8);
        for (kind, length) in &extent.sections {
            out.push(*kind);
            wire::put_u32(&mut out, *length);
        }
    }
    let length = (out.len() + SUM + 8) as u32;
    out[4..8].copy_from_slice(&length.to_le_bytes());
    let sum = record::checksum(&out);
    out.extend_from_slice(&sum);
    wire::put_u32(&mut out, length);
    out.extend_from_slice(&FOOTER_END);
    out
}

/// How long the footer is whose last eight bytes are `end`.
pub fn footer_length(end: [u8; 8]) -> Option<usize> {
    let mut input = Reader::new(&end);
    let length = input.u32()? as usize;
    (input.array() == Some(FOOTER_END)).then_some(length)
}

/// Reads a footer; `at` is where it begins in its file.
pub fn decode_footer(bytes: &[u8], at: u64) -> Option<Footer> {
    let content = bytes.get(..bytes.len().checked_sub(SUM + 8)?)?;
    if bytes.get(content.len()..content.len() + SUM)? != record::checksum(content) {
        return None;
    }
    let mut input = Reader::new(content);
    if input.array() != Some(FOOTER_MAGIC) || input.u32()? as usize != bytes.len() {
        return None;
    }
    let first = Lsn(input.u64()?);
    let count = input.u32()?;
    let mut extents = Vec::new();
    for _ in 0..count {
        let length = input.u32()?;
        let mut sections = Vec::new();
        for _ in 0..input.u8()? {
            sections.push((input.u8()?, input.u32()?));
        }
        extents.push(Extent { length, sections });
    }
    let whole = HEADER as u64 + extents.iter().map(|e| u64::from(e.length)).sum::<u64>();
    (input.is_empty() && !extents.is_empty() && whole == at).then_some(Footer {
        first,
        extents,
        at,
    })
}

/// The footer at the end of a whole segment, if there is one.
pub fn find_footer(bytes: &[u8]) -> Option<Footer> {
    let end = bytes.len().checked_sub(8)?;
    let length = footer_length(bytes[end..].try_into().ok()?)?;
    let at = bytes.len().checked_sub(length)?;
    decode_footer(&bytes[at..], at as u64)
}

/// What reading a segment from front to back found.
#[derive(Debug, PartialEq, Eq)]
pub struct Scan {
    /// Where each readable record begins; their numbers ascend by one from the segment's first.
    pub offsets: Vec<usize>,
    /// Where the readable records end.
    pub end: usize,
    /// What stands there, when it is neither the end of the file nor the footer.
    pub bad: Option<Bad>,
    /// The footer.
    pub footer: Option<Footer>,
}

/// Reads the records of the segment that begins with `first`, and stops at the first bad one.
pub fn scan(bytes: &[u8], first: Lsn) -> Scan {
    let footer = find_footer(bytes);
    let stop = footer.as_ref().map_or(bytes.len(), |f| f.at as usize);
    let mut offsets = Vec::new();
    let mut end = HEADER;
    let mut bad = None;
    while end < stop {
        let expected = first.0 + offsets.len() as u64;
        match record::check(&bytes[end..stop]) {
            Ok(length) if lsn_at(bytes, end) == Some(expected) => {
                offsets.push(end);
                end += length;
            }
            Ok(_) => bad = Some(Bad::Content),
            Err(reason) => bad = Some(reason),
        }
        if bad.is_some() {
            break;
        }
    }
    if bad.is_none() && footer.as_ref().is_some_and(|f| f.extents.len() != offsets.len()) {
        bad = Some(Bad::Content);
    }
    Scan { offsets, end, bad, footer }
}

/// Whole records anywhere in `bytes` from `from` on: number and `synced` of each.
///
/// Looked for when a record is bad: its length cannot be trusted, so every place is tried.
pub fn survivors(bytes: &[u8], from: usize) -> Vec<(Lsn, Lsn)> {
    let numbers = |at: usize| {
        let synced = u64_at(bytes, at + 16).unwrap_or(0);
        lsn_at(bytes, at).map(|lsn| (Lsn(lsn), Lsn(synced)))
    };
    survivors_at(bytes, from).into_iter().filter_map(numbers).collect()
}

/// Where readable records begin anywhere behind `from`.
pub fn survivors_at(bytes: &[u8], from: usize) -> Vec<usize> {
    let mut found = Vec::new();
    let mut at = from;
    while let Some(rest) = bytes.get(at..)
        && let Some(next) = rest.windows(4).position(|w| w == record::MAGIC)
    {
        at += next;
        match record::check(&bytes[at..]) {
            Ok(length) => {
                found.push(at);
                at += length;
            }
            Err(_) => at += 1,
        }
    }
    found
}

fn lsn_at(bytes: &[u8], record: usize) -> Option<u64> {
    u64_at(bytes, record + 8)
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Reader::new(bytes.get(at..)?).u64()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::log::record::tests::sample;

    #[test]
    fn a_footer_finds_every_section() {
        let records: Vec<_> = (5..9).map(|n| sample(n, n - 1, &vec![7; n as usize])).collect();
        let mut bytes = header([9; 16], Lsn(5));
        for record in &records {
            record::encode(&mut bytes, record);
        }
        let extents: Vec<_> = records.iter().map(Extent::of).collect();
        let footer = encode_footer(Lsn(5), &extents);
        bytes.extend(&footer);
        let scan = scan(&bytes, Lsn(5));
        assert_eq!((scan.offsets.len(), scan.bad), (4, None));
        let footer = scan.footer.expect("just written");
        assert_eq!(footer.last(), Lsn(8));
        for (offset, extent) in scan.offsets.iter().zip(&footer.extents) {
            let (at, length) = extent.find(4).expect("every sample has it");
            let start = offset + at + SECTION_HEAD;
            assert!(bytes[start..start + length].iter().all(|b| *b == 7));
            assert_eq!(extent.find(3), None);
        }
    }

    #[test]
    fn a_header_knows_its_database_and_place() {
        let bytes = header([1; 16], Lsn(3));
        assert_eq!(check_header(&bytes, [1; 16], Lsn(3)), Ok(()));
        assert_eq!(check_header(&bytes, [2; 16], Lsn(3)), Err(BadHeader::Foreign));
        assert_eq!(check_header(&bytes, [1; 16], Lsn(4)), Err(BadHeader::Foreign));
        assert_eq!(check_header(&bytes[..40], [1; 16], Lsn(3)), Err(BadHeader::Damaged));
    }
}
