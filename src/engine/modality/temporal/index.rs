//! Which hexads an author wrote to, and which were written to in an interval.
//!
//! Versions are only ever added, so what the rows say is always the truth.

use std::ops::Bound;
use std::sync::Arc;

use roaring::RoaringBitmap;

use crate::engine::base::{Modality, Result, Timestamp};
use crate::engine::store::index_postings::{self, Field, Key, Postings};
use crate::engine::store::{Applier, Changes, Ground, IndexTx, Op, RecordScan};

use super::codec;

const AUTHOR: Field = Field(1);
const COMMITTED: Field = Field(2);

/// The index of the temporal modality; all of it is rows.
#[derive(Clone, Copy, Debug, Default)]
pub struct TemporalIndex;

impl TemporalIndex {
    /// Exactly the live hexads of which `author` wrote a version: `MODIFIED BY`.
    pub fn modified_by(ground: &Ground, author: &str) -> Result<RoaringBitmap> {
        let key = Key::Text(author.to_owned());
        let found = index_postings::equal(ground.index(Modality::Temporal)?, AUTHOR, &key)?;
        Ok(found & ground.live()?.as_ref())
    }

    /// Exactly the live hexads with a version committed between two instants.
    pub fn committed(
        ground: &Ground,
        low: Bound<Timestamp>,
        high: Bound<Timestamp>,
    ) -> Result<RoaringBitmap> {
        let key = |t: Timestamp| Key::Int(t.0);
        let (low, high) = (low.map(key), high.map(key));
        let reader = ground.index(Modality::Temporal)?;
        let found = index_postings::range(reader, COMMITTED, low.as_ref(), high.as_ref())?;
        Ok(found & ground.live()?.as_ref())
    }

    /// The authors ever seen, with how many hexads each wrote to.
    pub fn authors(ground: &Ground) -> Result<Vec<(String, u64)>> {
        let values = index_postings::values(ground.index(Modality::Temporal)?, AUTHOR)?;
        let text = |(key, count)| match key {
            Key::Text(name) => Some((name, count)),
            Key::Int(_) => None,
        };
        Ok(values.into_iter().filter_map(text).collect())
    }
}

fn post(postings: &mut Postings, op: &Op) -> Result<()> {
    if let Op::Append { iid, body, .. } = op {
        let version = codec::decode(body)?;
        postings.add(AUTHOR, Key::Text(version.author), *iid);
        postings.add(COMMITTED, Key::Int(version.at.0), *iid);
    }
    Ok(())
}

impl Applier for TemporalIndex {
    fn schema(&self, tx: &IndexTx<'_>) -> Result<()> {
        index_postings::create(tx)
    }

    fn apply(&self, tx: &IndexTx<'_>, batch: &[Changes<'_>]) -> Result<()> {
        index_postings::apply(tx, batch, &mut post)
    }

    fn scratch(&self) -> Option<Arc<dyn Applier>> {
        Some(Arc::new(Self))
    }

    fn rebuild(&self, tx: &IndexTx<'_>, scan: RecordScan<'_>) -> Result<()> {
        index_postings::rebuild(tx, scan, &mut post)
    }
}
