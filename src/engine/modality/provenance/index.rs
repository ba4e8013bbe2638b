//! Which hexads were last touched by an actor, in a kind of event, or from an origin.
//!
//! `PROVENANCE.actor` speaks of the latest event of a chain. Rows list the last event of each commit,
//! and a chain that grew after its first commit is checked.

use std::collections::BTreeMap;
use std::sync::Arc;

use roaring::RoaringBitmap;

use crate::engine::base::{Iid, Modality, Result};
use crate::engine::store::index_postings::{self, Field, Key, Postings};
use crate::engine::store::{Applier, Changes, Ground, IndexTx, Op, RecordScan};

use super::{Event, codec};

const ACTOR: Field = Field(1);
const EVENT_TYPE: Field = Field(2);
const ORIGIN: Field = Field(3);

/// The index of the provenance modality; all of it is rows.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProvenanceIndex;

impl ProvenanceIndex {
    /// Exactly the live hexads whose latest event names this actor.
    pub fn by_actor(ground: &Ground, actor: &str) -> Result<RoaringBitmap> {
        find(ground, ACTOR, actor, &|event| event.actor == actor)
    }

    /// Exactly the live hexads whose latest event is of this kind.
    pub fn with_event_type(ground: &Ground, event_type: &str) -> Result<RoaringBitmap> {
        find(ground, EVENT_TYPE, event_type, &|event| event.event_type == event_type)
    }

    /// Exactly the live hexads whose latest event came from there.
    pub fn from_origin(ground: &Ground, origin: &str) -> Result<RoaringBitmap> {
        find(ground, ORIGIN, origin, &|event| event.source.as_deref() == Some(origin))
    }
}

fn find(
    ground: &Ground,
    field: Field,
    text: &str,
    holds: &dyn Fn(&Event) -> bool,
) -> Result<RoaringBitmap> {
    let reader = ground.index(Modality::Provenance)?;
    let mut found = index_postings::equal(reader, field, &Key::Text(text.to_owned()))?;
    found &= ground.live()?.as_ref();
    let doubtful = &found & index_postings::changed(reader)?;
    for iid in doubtful {
        let latest = ground.last_appended(Modality::Provenance, Iid(iid))?;
        let latest = latest.map(|entry| codec::decode(&entry.body)).transpose()?;
        if !latest.is_some_and(|event| holds(&event)) {
            found.remove(iid);
        }
    }
    Ok(found)
}

/// The events of one commit or one scan.
fn post<'a>(postings: &mut Postings, ops: impl IntoIterator<Item = &'a Op>) -> Result<()> {
    let mut latest: BTreeMap<Iid, (u32, &[u8])> = BTreeMap::new();
    for op in ops {
        if let Op::Append { iid, seq, body } = op {
            latest.entry(*iid).or_insert((*seq, body)).1 = body;
        }
    }
    for (iid, (first, body)) in latest {
        post_latest(postings, iid, first > 1, body)?;
    }
    Ok(())
}

fn post_latest(postings: &mut Postings, iid: Iid, grew: bool, body: &[u8]) -> Result<()> {
    let event = codec::decode(body)?;
    if grew {
        postings.changed(iid);
    }
    postings.add(ACTOR, Key::Text(event.actor), iid);
    postings.add(EVENT_TYPE, Key::Text(event.event_type), iid);
    if let Some(origin) = event.source {
        postings.add(ORIGIN, Key::Text(origin), iid);
    }
    Ok(())
}

impl Applier for ProvenanceIndex {
    fn schema(&self, tx: &IndexTx<'_>) -> Result<()> {
        index_postings::create(tx)
    }

    fn apply(&self, tx: &IndexTx<'_>, batch: &[Changes<'_>]) -> Result<()> {
        let mut postings = Postings::default();
        post(&mut postings, batch.iter().flat_map(|changes| changes.ops))?;
        postings.write(tx)
    }

    fn scratch(&self) -> Option<Arc<dyn Applier>> {
        Some(Arc::new(Self))
    }

    fn rebuild(&self, tx: &IndexTx<'_>, scan: RecordScan<'_>) -> Result<()> {
        index_postings::clear(tx)?;
        let mut postings = Postings::default();
        // Each chain comes in its order: what is handed over last is the latest.
        let mut last: Option<(Iid, Vec<u8>)> = None;
        scan(&mut |op| {
            let Op::Append { iid, body, .. } = op else {
                return Ok(());
            };
            if let Some((other, body)) = last.take_if(|(other, _)| other != iid) {
                post_latest(&mut postings, other, false, &body)?;
            }
            last = Some((*iid, body.clone()));
            Ok(())
        })?;
        if let Some((iid, body)) = last {
            post_latest(&mut postings, iid, false, &body)?;
        }
        postings.write(tx)
    }
}
