//! The trail of what the normalizer did: one entry each, bound to the one before by its hash, with
//! the bytes that undo it.

use crate::engine::base::codec::{self, Reader};
use crate::engine::base::{ContentHash, Iid, Modality, Result, Timestamp};
use crate::engine::hexad::Stored;
use crate::engine::store::{Derivation, Producer};

use super::conflict::{put_bytes, read_bytes, read_modality};

/// The format of the bytes.
const VERSION: u8 = 1;

/// The name of the entry that holds the number and the hash of the last one.
pub const HEAD: &str = "head";

/// A modality that was changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Touched {
    /// Which.
    pub modality: Modality,
    /// What it held; `None` when there was none.
    pub before: Option<Stored>,
    /// The hash of what it holds since; `None` when it was taken away.
    pub after: Option<ContentHash>,
}

/// A score that was measured twice.
#[derive(Clone, Debug, PartialEq)]
pub struct Scored {
    /// The kind of drift, or what else was wrong.
    pub kind: String,
    /// Before.
    pub before: Option<f64>,
    /// After.
    pub after: Option<f64>,
}

/// One entry.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// From 1, without gaps.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// `normalized`, `resolved` or `reverted`.
    pub what: String,
    /// The hexad.
    pub iid: Iid,
    /// Its id.
    pub hexad: String,
    /// The version of it that was made.
    pub version: u32,
    /// Why: what was measured before and after.
    pub scores: Vec<Scored>,
    /// The policies that said so.
    pub policy: Vec<String>,
    /// What was done, in words.
    pub how: Vec<String>,
    /// What was changed.
    pub touched: Vec<Touched>,
    /// The entry that this one reverts, or the conflict it resolves.
    pub of: Option<u64>,
    /// The hash of the entry before; all zero for the first.
    pub previous: ContentHash,
}

impl Entry {
    /// What users call it: `n-7`.
    pub fn id(&self) -> String {
        format!("n-{}", self.number)
    }

    /// The number in `n-7`.
    pub fn number_of(id: &str) -> Option<u64> {
        id.strip_prefix("n-").or_else(|| id.strip_prefix("N-"))?.parse().ok()
    }

    /// Its name in the catalogue.
    pub fn entry(number: u64) -> String {
        format!("{number:020}")
    }

    /// The bytes, which are what the next entry names the hash of.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        codec::put_uint(&mut out, self.number);
        codec::put_int(&mut out, self.at.0);
        codec::put_text(&mut out, &self.by);
        codec::put_text(&mut out, &self.what);
        codec::put_uint(&mut out, u64::from(self.iid.0));
        codec::put_text(&mut out, &self.hexad);
        codec::put_uint(&mut out, u64::from(self.version));
        codec::put_uint(&mut out, self.scores.len() as u64);
        for scored in &self.scores {
            codec::put_text(&mut out, &scored.kind);
            for score in [scored.before, scored.after] {
                out.push(u8::from(score.is_some()));
                codec::put_f64(&mut out, score.unwrap_or(0.0));
            }
        }
        for texts in [&self.policy, &self.how] {
            codec::put_uint(&mut out, texts.len() as u64);
            for text in texts {
                codec::put_text(&mut out, text);
            }
        }
        codec::put_uint(&mut out, self.touched.len() as u64);
        self.touched.iter().for_each(|touched| put_touched(&mut out, touched));
        out.push(u8::from(self.of.is_some()));
        codec::put_uint(&mut out, self.of.unwrap_or(0));
        out.extend_from_slice(&self.previous.0);
        out
    }

    /// The entry these bytes are of.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(bytes, "entry of the trail");
        if reader.byte()? != VERSION {
            return Err(reader.damaged("is of a version nobody knows"));
        }
        let number = reader.uint()?;
        let at = Timestamp(reader.int()?);
        let (by, what) = (reader.text()?.to_owned(), reader.text()?.to_owned());
        let iid = Iid(reader.u32()?);
        let hexad = reader.text()?.to_owned();
        let version = reader.u32()?;
        let mut scores = Vec::new();
        for _ in 0..reader.count(19)? {
            let kind = reader.text()?.to_owned();
            let mut score = || -> Result<Option<f64>> {
                let (there, score) = (reader.flag()?, reader.f64()?);
                Ok(there.then_some(score))
            };
            scores.push(Scored { kind, before: score()?, after: score()? });
        }
        let (policy, how) = (read_texts(&mut reader)?, read_texts(&mut reader)?);
        let mut touched = Vec::new();
        for _ in 0..reader.count(3)? {
            touched.push(read_touched(&mut reader)?);
        }
        let (of_something, of) = (reader.flag()?, reader.uint()?);
        let previous = reader.hash()?;
        reader.finish()?;
        let of = of_something.then_some(of);
        Ok(Self {
            number,
            at,
            by,
            what,
            iid,
            hexad,
            version,
            scores,
            policy,
            how,
            touched,
            of,
            previous,
        })
    }
}

fn read_texts(reader: &mut Reader<'_>) -> Result<Vec<String>> {
    let count = reader.count(1)?;
    (0..count).map(|_| Ok(reader.text()?.to_owned())).collect()
}

fn put_touched(out: &mut Vec<u8>, touched: &Touched) {
    out.push(touched.modality as u8);
    match &touched.before {
        None => out.push(0),
        Some(before) => {
            out.push(1);
            put_bytes(out, &before.body);
            match &before.producer {
                Producer::User => out.push(0),
                Producer::Model { name, dimension, parameters } => {
                    out.push(1);
                    codec::put_text(out, name);
                    codec::put_uint(out, u64::from(*dimension));
                    codec::put_text(out, parameters);
                }
            }
            codec::put_uint(out, before.derived_from.len() as u64);
            for derivation in &before.derived_from {
                out.push(derivation.modality as u8);
                out.extend_from_slice(&derivation.content_hash.0);
                codec::put_uint(out, u64::from(derivation.version));
            }
        }
    }
    out.push(u8::from(touched.after.is_some()));
    out.extend_from_slice(&touched.after.unwrap_or(ContentHash::ZERO).0);
}

fn read_touched(reader: &mut Reader<'_>) -> Result<Touched> {
    let modality = read_modality(reader)?;
    let before = if reader.flag()? {
        let body = read_bytes(reader)?;
        let producer = if reader.flag()? {
            let name = reader.text()?.to_owned();
            let dimension = reader.u32()?;
            Producer::Model { name, dimension, parameters: reader.text()?.to_owned() }
        } else {
            Producer::User
        };
        let mut derived_from = Vec::new();
        for _ in 0..reader.count(34)? {
            let (modality, content_hash) = (read_modality(reader)?, reader.hash()?);
            derived_from.push(Derivation { modality, content_hash, version: reader.u32()? });
        }
        Some(Stored { body, producer, derived_from })
    } else {
        None
    };
    let (there, hash) = (reader.flag()?, reader.hash()?);
    Ok(Touched { modality, before, after: there.then_some(hash) })
}

/// Where the trail ends: what a new entry follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trail {
    /// The number of the last entry; 0 for none.
    pub last: u64,
    /// Its hash.
    pub hash: ContentHash,
}

impl Default for Trail {
    /// Nothing was ever normalized.
    fn default() -> Self {
        Self { last: 0, hash: ContentHash::ZERO }
    }
}

impl Trail {
    /// The bytes.
    pub fn encode(self) -> Vec<u8> {
        let mut out = vec![VERSION];
        codec::put_uint(&mut out, self.last);
        out.extend_from_slice(&self.hash.0);
        out
    }

    /// The end of the trail these bytes are of.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(bytes, "end of the trail");
        if reader.byte()? != VERSION {
            return Err(reader.damaged("is of a version nobody knows"));
        }
        let this = Self { last: reader.uint()?, hash: reader.hash()? };
        reader.finish()?;
        Ok(this)
    }

    /// What is wrong with a trail, as the entry and the fault; `entries` are names and bytes, the end
    /// among them, as the catalogue has them.
    pub fn faults(entries: &[(String, Vec<u8>)]) -> Vec<(String, String)> {
        let mut faults = Vec::new();
        let (mut end, mut at) = (Self::default(), Self::default());
        for (name, body) in entries {
            if name == HEAD {
                match Self::decode(body) {
                    Ok(known) => end = known,
                    Err(error) => faults.push((name.clone(), error.message)),
                }
                continue;
            }
            let id = format!("n-{}", name.trim_start_matches('0'));
            match Entry::decode(body) {
                Err(error) => faults.push((id, error.message)),
                Ok(entry) if Entry::entry(entry.number) != *name => {
                    faults.push((id, format!("it is entry {} under another name", entry.number)));
                }
                Ok(entry) if entry.number != at.last + 1 => {
                    faults.push((id, format!("entry {} is missing before it", at.last + 1)));
                }
                Ok(entry) if entry.previous != at.hash => {
                    faults.push((id, "it does not follow from the entry before it".to_owned()));
                }
                Ok(_) => {}
            }
            let number = name.parse().unwrap_or(at.last + 1);
            at = Self { last: number, hash: ContentHash::of(body) };
        }
        if at != end {
            let fault = format!("the trail ends with entry {}, not with {}", at.last, end.last);
            faults.push((HEAD.to_owned(), fault));
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(number: u64, previous: ContentHash) -> Entry {
        let before = Stored {
            body: vec![9; 3],
            producer: Producer::Model { name: "m".into(), dimension: 3, parameters: "{}".into() },
            derived_from: vec![Derivation {
                modality: Modality::Document,
                content_hash: ContentHash([3; 32]),
                version: 2,
            }],
        };
        Entry {
            number,
            at: Timestamp(5),
            by: "me".into(),
            what: "normalized".into(),
            iid: Iid(4),
            hexad: "a".into(),
            version: 3,
            scores: vec![Scored { kind: "spatial".into(), before: Some(0.5), after: None }],
            policy: vec!["built in".into()],
            how: vec!["done".into(), "so".into()],
            touched: vec![
                Touched { modality: Modality::Vector, before: Some(before), after: None },
                Touched {
                    modality: Modality::Graph,
                    before: None,
                    after: Some(ContentHash([1; 32])),
                },
            ],
            of: Some(1),
            previous,
        }
    }

    fn trail(length: u64) -> Vec<(String, Vec<u8>)> {
        let mut at = Trail::default();
        let mut entries = Vec::new();
        for number in 1..=length {
            let body = entry(number, at.hash).encode();
            at = Trail { last: number, hash: ContentHash::of(&body) };
            entries.push((Entry::entry(number), body));
        }
        entries.push((HEAD.to_owned(), at.encode()));
        entries
    }

    #[test]
    fn entries_read_back_and_nothing_of_them_is_optional() {
        let entry = entry(2, ContentHash([7; 32]));
        let bytes = entry.encode();
        assert_eq!(Entry::decode(&bytes).unwrap(), entry);
        for end in 0..bytes.len() {
            assert!(Entry::decode(&bytes[..end]).is_err(), "{end}");
        }
        assert_eq!(Entry::number_of(&entry.id()), Some(2));
    }

    #[test]
    fn a_trail_shows_what_was_done_to_it() {
        assert!(Trail::faults(&trail(4)).is_empty());
        assert!(Trail::faults(&[]).is_empty());
        for gone in 0..4 {
            let mut entries = trail(4);
            entries.remove(gone);
            assert!(!Trail::faults(&entries).is_empty(), "without {gone}");
        }
        let whole = trail(3);
        for (i, (_, body)) in whole.iter().enumerate() {
            for at in 0..body.len() {
                let mut entries = whole.clone();
                entries[i].1[at] ^= 0x40;
                assert!(!Trail::faults(&entries).is_empty(), "byte {at} of {i}");
            }
        }
    }
}
