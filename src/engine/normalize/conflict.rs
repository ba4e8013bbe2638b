//! What the normalizer leaves to people: why, about what, between which candidates, and what became
//! of it. A conflict is known by what it is about, so that the same is not asked twice.

use crate::engine::base::codec::{self, Reader};
use crate::engine::base::{ContentHash, Iid, Modality, Result, Timestamp};

/// The format of the bytes.
const VERSION: u8 = 1;

/// One of several things that could be right.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// What `KEEP` calls it.
    pub name: String,
    /// In words.
    pub about: String,
    /// The modality it would be the record of.
    pub modality: Modality,
    /// The canonical bytes of that record.
    pub body: Vec<u8>,
}

/// How a conflict ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// `kept document`, `dismissed`, `no longer there` ..
    pub what: String,
    /// Who decided.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// A conflict, waiting or decided.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    /// From 1, in the order in which they were found.
    pub number: u64,
    /// The hexad.
    pub iid: Iid,
    /// Its id.
    pub hexad: String,
    /// What it is about: `semantic_vector`, `contradiction year`, `retracted paper-7`.
    pub about: String,
    /// The modality that would have to change.
    pub target: Modality,
    /// What it is held against.
    pub sources: Vec<Modality>,
    /// Why nobody but a person can decide.
    pub reason: String,
    /// The score, where one was measured.
    pub score: Option<f64>,
    /// What could be right.
    pub candidates: Vec<Candidate>,
    /// The hash of everything that was looked at: the same question is not asked again.
    pub print: ContentHash,
    /// When it was found.
    pub opened: Timestamp,
    /// How it ended.
    pub decision: Option<Decision>,
}

impl Conflict {
    /// What users call it: `c-7`.
    pub fn id(&self) -> String {
        format!("c-{}", self.number)
    }

    /// Its name in the catalogue.
    pub fn entry(number: u64) -> String {
        format!("{number:020}")
    }

    /// The number in `c-7`.
    pub fn number_of(id: &str) -> Option<u64> {
        id.strip_prefix("c-").or_else(|| id.strip_prefix("C-"))?.parse().ok()
    }

    /// The bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        codec::put_uint(&mut out, self.number);
        codec::put_uint(&mut out, u64::from(self.iid.0));
        codec::put_text(&mut out, &self.hexad);
        codec::put_text(&mut out, &self.about);
        out.push(self.target as u8);
        codec::put_uint(&mut out, self.sources.len() as u64);
        out.extend(self.sources.iter().map(|m| *m as u8));
        codec::put_text(&mut out, &self.reason);
        out.push(u8::from(self.score.is_some()));
        codec::put_f64(&mut out, self.score.unwrap_or(0.0));
        codec::put_uint(&mut out, self.candidates.len() as u64);
        for candidate in &self.candidates {
            codec::put_text(&mut out, &candidate.name);
            codec::put_text(&mut out, &candidate.about);
            out.push(candidate.modality as u8);
            put_bytes(&mut out, &candidate.body);
        }
        out.extend_from_slice(&self.print.0);
        codec::put_int(&mut out, self.opened.0);
        match &self.decision {
            None => out.push(0),
            Some(decision) => {
                out.push(1);
                codec::put_text(&mut out, &decision.what);
                codec::put_text(&mut out, &decision.by);
                codec::put_int(&mut out, decision.at.0);
            }
        }
        out
    }

    /// The conflict these bytes are of.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(bytes, "conflict");
        if reader.byte()? != VERSION {
            return Err(reader.damaged("is of a version nobody knows"));
        }
        let number = reader.uint()?;
        let iid = Iid(reader.u32()?);
        let hexad = reader.text()?.to_owned();
        let about = reader.text()?.to_owned();
        let target = read_modality(&mut reader)?;
        let count = reader.count(1)?;
        let sources = (0..count).map(|_| read_modality(&mut reader)).collect::<Result<_>>()?;
        let reason = reader.text()?.to_owned();
        let (scored, score) = (reader.flag()?, reader.f64()?);
        let count = reader.count(4)?;
        let mut candidates = Vec::with_capacity(count.min(16));
        for _ in 0..count {
            candidates.push(Candidate {
                name: reader.text()?.to_owned(),
                about: reader.text()?.to_owned(),
                modality: read_modality(&mut reader)?,
                body: read_bytes(&mut reader)?,
            });
        }
        let print = reader.hash()?;
        let opened = Timestamp(reader.int()?);
        let decision = if reader.flag()? {
            let (what, by) = (reader.text()?.to_owned(), reader.text()?.to_owned());
            Some(Decision { what, by, at: Timestamp(reader.int()?) })
        } else {
            None
        };
        reader.finish()?;
        let score = scored.then_some(score);
        Ok(Self {
            number,
            iid,
            hexad,
            about,
            target,
            sources,
            reason,
            score,
            candidates,
            print,
            opened,
            decision,
        })
    }
}

/// Appends bytes with their length.
pub(super) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    codec::put_uint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Reads bytes with their length.
pub(super) fn read_bytes(reader: &mut Reader<'_>) -> Result<Vec<u8>> {
    let count = reader.count(1)?;
    Ok(reader.bytes(count)?.to_vec())
}

/// Reads a modality.
pub(super) fn read_modality(reader: &mut Reader<'_>) -> Result<Modality> {
    let number = reader.byte()?;
    Modality::from_u8(number).ok_or_else(|| reader.damaged("names a modality nobody knows"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back() {
        let mut conflict = Conflict {
            number: 7,
            iid: Iid(3),
            hexad: "a".into(),
            about: "semantic_vector".into(),
            target: Modality::Vector,
            sources: vec![Modality::Document, Modality::Graph],
            reason: "nobody knows".into(),
            score: Some(0.5),
            candidates: vec![Candidate {
                name: "x".into(),
                about: "y".into(),
                modality: Modality::Graph,
                body: vec![1, 2, 3],
            }],
            print: ContentHash([4; 32]),
            opened: Timestamp(-5),
            decision: None,
        };
        assert_eq!(Conflict::decode(&conflict.encode()).unwrap(), conflict);
        conflict.score = None;
        conflict.decision =
            Some(Decision { what: "dismissed".into(), by: "me".into(), at: Timestamp(9) });
        let bytes = conflict.encode();
        assert_eq!(Conflict::decode(&bytes).unwrap(), conflict);
        for end in 0..bytes.len() {
            assert!(Conflict::decode(&bytes[..end]).is_err());
        }
        assert_eq!(Conflict::number_of(&conflict.id()), Some(7));
    }
}
