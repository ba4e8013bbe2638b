//! Harm that no statement does, done on purpose: `vql bench drift` and tests measure whether it is
//! found and undone.
//!
//! It goes into the log like any write, so the files stay whole; what it breaks is what the records say
//! of each other. Nothing else in the program calls it.

use std::sync::Arc;

use crate::engine::Engine;
use crate::engine::base::{ContentHash, Error, Kind, Modality, Result, Timestamp};
use crate::engine::modality::vector::DEFAULT_NAME;
use crate::engine::modality::{provenance, temporal, vector};
use crate::engine::store::{Appended, Op, RecordMeta, View, WriteSet};

/// What is done to one hexad.
#[derive(Clone, Debug, PartialEq)]
pub enum Harm {
    /// Other numbers under its default embedding; everything else of the record stays as it was.
    Vector(Arc<[f32]>),
    /// Its newest event names somebody else, and keeps its hash.
    Event,
    /// Its newest version is dated before the one before it.
    Time,
}

impl Engine {
    /// Harms hexads, as one commit. Fails when one of them does not exist or has nothing to harm.
    pub fn sabotage(&self, harms: &[(String, Harm)]) -> Result<()> {
        let store = &self.shared.store;
        let view = store.view()?;
        let mut writes = view.write_set()?;
        for (id, harm) in harms {
            do_harm(&view, &mut writes, id, harm)?
                .ok_or_else(|| Error::new(Kind::NotFound, format!("nothing to harm in `{id}`")))?;
        }
        store.commit(writes).map(drop)
    }
}

fn do_harm(view: &View, writes: &mut WriteSet, id: &str, harm: &Harm) -> Result<Option<()>> {
    let Some(iid) = view.iid(id)? else { return Ok(None) };
    let newest = |modality| -> Result<Option<Appended>> { view.last_appended(modality, iid) };
    let (modality, op) = match harm {
        Harm::Vector(numbers) => {
            let Some(record) = view.record(Modality::Vector, iid)? else { return Ok(None) };
            let mut embeddings = vector::codec::decode(&record.body)?;
            let Some(embedding) = embeddings.named.get_mut(DEFAULT_NAME) else { return Ok(None) };
            embedding.data = Arc::clone(numbers);
            let body = vector::codec::encode(&embeddings);
            let meta = RecordMeta { content_hash: ContentHash::of(&body), ..record.meta };
            (Modality::Vector, Op::Put { iid, version: record.version, body, meta })
        }
        Harm::Event => {
            let Some(last) = newest(Modality::Provenance)? else { return Ok(None) };
            let mut event = provenance::codec::decode(&last.body)?;
            event.actor.push_str(" (forged)");
            let body = provenance::codec::encode(&event);
            (Modality::Provenance, Op::Append { iid, seq: event.number, body })
        }
        Harm::Time => {
            let Some(last) = newest(Modality::Temporal)? else { return Ok(None) };
            let mut version = temporal::codec::decode(&last.body)?;
            if version.number < 2 {
                return Ok(None);
            }
            version.at = Timestamp(version.at.0 - 86_400_000_000);
            let body = temporal::codec::encode(&version);
            (Modality::Temporal, Op::Append { iid, seq: version.number, body })
        }
    };
    writes.push(modality, op);
    Ok(Some(()))
}
