//! One commit as bytes.
//!
//! ```text
//! magic     4   "VLR1"
//! length    4   of the whole record, magic and checksum included
//! lsn       8   its place in the order of all commits
//! synced    8   the last commit known to be on the disk when this one was written
//! txn       8   transaction id
//! time      8   commit time, microseconds since 1970, UTC
//! count     2   sections
//! zero      2
//! section   kind 1, codec 1, zero 2, length 4, CRC-32 4, bytes          (count times)
//! checksum 16   the first half of BLAKE3 over everything above
//! ```
//!
//! `synced` is what tells damage from a torn write: when this record is readable and an earlier one
//! with a number up to `synced` is not, that one had been acknowledged and has been damaged since.

use crate::engine::base::{Lsn, Timestamp};

use super::wire::{self, Reader};

/// The first bytes of a record.
pub(super) const MAGIC: [u8; 4] = *b"VLR1";
/// Bytes before the sections.
const HEAD: usize = 44;
/// Bytes of the checksum.
pub(super) const SUM: usize = 16;
/// Bytes before the content of a section.
pub(super) const SECTION_HEAD: usize = 12;
/// No record is longer than this.
pub const MAX_BYTES: usize = 1 << 30;

/// What one commit writes in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// The number of a modality, or the catalogue's.
    pub kind: u8,
    /// How the bytes are encoded.
    pub codec: u8,
    /// The content, which means nothing here.
    pub bytes: Vec<u8>,
}

/// One commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogRecord {
    /// Its place in the order of all commits.
    pub lsn: Lsn,
    /// The last commit known to be on the disk when it was written.
    pub synced: Lsn,
    /// Which transaction made it.
    pub txn: u64,
    /// The commit time.
    pub time: Timestamp,
    /// What it writes, by place.
    pub sections: Vec<Section>,
}

/// Why bytes are no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bad {
    /// They end before the record does.
    Short,
    /// They do not begin like one.
    Magic,
    /// A length no record has.
    Length,
    /// The checksum does not fit.
    Checksum,
    /// The checksum fits, but the content makes no sense: a newer version, or a bug.
    Content,
}

impl Bad {
    /// In words.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Short => "ends in the middle",
            Self::Magic => "does not begin like a record",
            Self::Length => "has an impossible length",
            Self::Checksum => "fails its checksum",
            Self::Content => "cannot be understood",
        }
    }
}

/// How many bytes `sections` take as a record.
pub fn encoded_len(sections: &[Section]) -> usize {
    HEAD + SUM + sections.iter().map(|s| SECTION_HEAD + s.bytes.len()).sum::<usize>()
}

/// Appends the record to `out`.
pub fn encode(out: &mut Vec<u8>, record: &LogRecord) {
    let start = out.len();
    let length = encoded_len(&record.sections);
    out.reserve(length);
    out.extend_from_slice(&MAGIC);
    wire::put_u32(out, u32::try_from(length).expect("a commit is under 1 GiB"));
    wire::put_u64(out, record.lsn.0);
    wire::put_u64(out, record.synced.0);
    wire::put_u64(out, record.txn);
    wire::put_i64(out, record.time.0);
    wire::put_u16(out, u16::try_from(record.sections.len()).expect("nine places at most"));
    wire::put_u16(out, 0);
    for section in &record.sections {
        out.extend_from_slice(&[section.kind, section.codec, 0, 0]);
        wire::put_u32(out, u32::try_from(section.bytes.len()).expect("a commit is under 1 GiB"));
        wire::put_u32(out, crc32fast::hash(&section.bytes));
        out.extend_from_slice(&section.bytes);
    }
    let sum = checksum(&out[start..]);
    out.extend_from_slice(&sum);
}

/// Reads the record at the front of `bytes`; gives it with its length.
pub fn decode(bytes: &[u8]) -> Result<(LogRecord, usize), Bad> {
    let length = check(bytes)?;
    let record = parse(&bytes[..length - SUM]).ok_or(Bad::Content)?;
    Ok((record, length))
}

/// Whether a whole record stands at the front of `bytes`; gives its length.
pub(super) fn check(bytes: &[u8]) -> Result<usize, Bad> {
    let mut head = Reader::new(bytes);
    let magic: [u8; 4] = head.array().ok_or(Bad::Short)?;
    if magic != MAGIC {
        return Err(Bad::Magic);
    }
    let length = head.u32().ok_or(Bad::Short)? as usize;
    if !(HEAD + SUM..=MAX_BYTES).contains(&length) {
        return Err(Bad::Length);
    }
    let whole = bytes.get(..length).ok_or(Bad::Short)?;
    let (content, sum) = whole.split_at(length - SUM);
    if checksum(content) != sum {
        return Err(Bad::Checksum);
    }
    Ok(length)
}

/// Whether `bytes` are one whole record in which nothing but the length is wrong.
///
/// No write that was cut short leaves that behind: the length stands between the magic and all the
/// rest, and whichever sector is missing takes more with it.
pub fn is_whole_but_for_its_length(bytes: &[u8]) -> bool {
    let Ok(length) = u32::try_from(bytes.len()) else { return false };
    if !(HEAD + SUM..=MAX_BYTES).contains(&bytes.len()) || !bytes.starts_with(&MAGIC) {
        return false;
    }
    let mut mended = bytes.to_vec();
    mended[4..8].copy_from_slice(&length.to_le_bytes());
    check(&mended).is_ok()
}

/// The first half of BLAKE3.
pub(super) fn checksum(bytes: &[u8]) -> [u8; SUM] {
    let mut half = [0; SUM];
    half.copy_from_slice(&blake3::hash(bytes).as_bytes()[..SUM]);
    half
}

fn parse(content: &[u8]) -> Option<LogRecord> {
    let mut input = Reader::new(content);
    input.take(8)?;
    let lsn = Lsn(input.u64()?);
    let synced = Lsn(input.u64()?);
    let txn = input.u64()?;
    let time = Timestamp(input.i64()?);
    let count = input.u16()?;
    input.u16()?;
    let mut sections = Vec::with_capacity(usize::from(count.min(16)));
    for _ in 0..count {
        let [kind, codec, _, _] = input.array()?;
        let length = input.u32()?;
        input.u32()?;
        let bytes = input.take(length as usize)?.to_vec();
        sections.push(Section { kind, codec, bytes });
    }
    input.is_empty().then_some(LogRecord { lsn, synced, txn, time, sections })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(in crate::engine::log) fn sample(lsn: u64, synced: u64, body: &[u8]) -> LogRecord {
        LogRecord {
            lsn: Lsn(lsn),
            synced: Lsn(synced),
            txn: lsn + 7,
            time: Timestamp(1_700_000_000_000_000 + lsn as i64),
            sections: vec![
                Section { kind: 8, codec: 1, bytes: vec![1, 2, 3] },
                Section { kind: 4, codec: 1, bytes: body.to_vec() },
            ],
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            lsn in 1_u64.., synced: u64, txn: u64, time: i64,
            sections in proptest::collection::vec(
                (0_u8..9, any::<u8>(), proptest::collection::vec(any::<u8>(), 0..200)), 0..9),
            behind in proptest::collection::vec(any::<u8>(), 0..40),
        ) {
            let sections = sections.into_iter()
                .map(|(kind, codec, bytes)| Section { kind, codec, bytes })
                .collect();
            let record =
                LogRecord { lsn: Lsn(lsn), synced: Lsn(synced), txn, time: Timestamp(time), sections };
            let mut bytes = Vec::new();
            encode(&mut bytes, &record);
            let length = bytes.len();
            bytes.extend(behind);
            prop_assert_eq!(decode(&bytes), Ok((record, length)));
        }

        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut framed = MAGIC.to_vec();
            framed.extend(&bytes);
            prop_assert!(decode(&framed).is_err());
        }
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let mut bytes = Vec::new();
        encode(&mut bytes, &sample(3, 2, b"the quick brown fox"));
        for bit in 0..bytes.len() * 8 {
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(decode(&bytes).is_err(), "bit {bit}");
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
    }
}
