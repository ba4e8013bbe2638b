//! Which hexads have a tensor of a shape, a rank or an element type.
//!
//! Statistics are not indexed: they are cheap to compute and rarely asked for over everything.

use std::ops::{Bound, ControlFlow};
use std::sync::Arc;

use roaring::RoaringBitmap;

use crate::engine::base::{Modality, Result};
use crate::engine::store::index_postings::{self, Field, Key, Postings};
use crate::engine::store::{Applier, Changes, Ground, IndexTx, Op, RecordScan};

use super::codec::{self, Dtype, TensorRef};

const RANK: Field = Field(1);
const SHAPE: Field = Field(2);
const DTYPE: Field = Field(3);

/// The index of the tensor modality; all of it is rows.
#[derive(Clone, Copy, Debug, Default)]
pub struct TensorIndex;

impl TensorIndex {
    /// Exactly the live hexads whose tensor has this shape.
    pub fn with_shape(ground: &Ground, shape: &[usize]) -> Result<RoaringBitmap> {
        let key = Key::Text(shape_key(shape));
        let bound = Bound::Included(&key);
        find(ground, SHAPE, bound, bound, &|tensor| tensor.shape == shape)
    }

    /// Exactly the live hexads whose tensor has a rank between two.
    pub fn with_rank(ground: &Ground, low: Bound<i64>, high: Bound<i64>) -> Result<RoaringBitmap> {
        let (from, to) = (low.map(Key::Int), high.map(Key::Int));
        let holds = |tensor: &TensorRef<'_>| {
            std::ops::RangeBounds::contains(&(low, high), &(tensor.shape.len() as i64))
        };
        find(ground, RANK, from.as_ref(), to.as_ref(), &holds)
    }

    /// Exactly the live hexads whose tensor has elements of this type.
    pub fn with_dtype(ground: &Ground, dtype: Dtype) -> Result<RoaringBitmap> {
        let key = Key::Text(dtype.name().to_owned());
        let bound = Bound::Included(&key);
        find(ground, DTYPE, bound, bound, &|tensor| tensor.dtype == dtype)
    }
}

fn shape_key(shape: &[usize]) -> String {
    shape.iter().map(ToString::to_string).collect::<Vec<_>>().join("x")
}

fn find(
    ground: &Ground,
    field: Field,
    low: Bound<&Key>,
    high: Bound<&Key>,
    holds: &dyn Fn(&TensorRef<'_>) -> bool,
) -> Result<RoaringBitmap> {
    let reader = ground.index(Modality::Tensor)?;
    let mut found = index_postings::range(reader, field, low, high)?;
    found &= ground.present(Modality::Tensor)?.as_ref();
    let doubtful = &found & index_postings::changed(reader)?;
    ground.records(Modality::Tensor, &doubtful, &mut |record| {
        if !holds(&codec::view(&record.body)?) {
            found.remove(record.iid.0);
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(found)
}

fn post(postings: &mut Postings, op: &Op) -> Result<()> {
    match op {
        Op::Put { iid, version, body, .. } => {
            if *version > 1 {
                postings.changed(*iid);
            }
            let tensor = codec::view(body)?;
            postings.add(RANK, Key::Int(tensor.shape.len() as i64), *iid);
            postings.add(SHAPE, Key::Text(shape_key(&tensor.shape)), *iid);
            postings.add(DTYPE, Key::Text(tensor.dtype.name().to_owned()), *iid);
        }
        Op::Delete { iid, .. } => postings.changed(*iid),
        Op::Append { .. } => {}
    }
    Ok(())
}

impl Applier for TensorIndex {
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
