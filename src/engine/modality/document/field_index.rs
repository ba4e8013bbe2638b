//! Fields of documents, sorted by value: equality and ranges without reading every document.
//!
//! A column is made in memory once a field has been asked for often enough to pay, and stays as it was
//! at its commit. What a later view shows differently - documents written, replaced or gone since - is
//! read from the records and laid over; when that has become much the column is made anew. Writing a
//! document costs a count of its fields and nothing else, and every answer is exact for its commit.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashSet};
use std::ops::{Bound, ControlFlow};
use std::sync::Arc;

use parking_lot::Mutex;
use roaring::RoaringBitmap;

use crate::engine::base::{Lsn, Modality, Result, Value};
use crate::engine::store::index_fields::{self, FieldCounter, FieldStats};
use crate::engine::store::index_touched;
use crate::engine::store::{Applier, Changes, Ground, IndexTx, Op, RecordScan};

use super::{codec, field};

/// Documents below which reading all of them is as good.
const FEW: u64 = if cfg!(test) { 20 } else { 1000 };
/// Columns kept; the one not asked for the longest goes first.
const COLUMNS: usize = 32;
/// Differences a column may have from a view, whatever its size.
const FRESH: u64 = 256;

/// A column by the path of its field.
type Path = Vec<String>;

/// The index of fields. Shares the document modality with the index of texts.
#[derive(Debug)]
pub struct FieldIndex {
    /// Documents below which no column is made.
    few: u64,
    state: Mutex<State>,
    counter: Mutex<FieldCounter>,
}

#[derive(Debug, Default)]
struct State {
    /// Most recently used last.
    columns: Vec<Arc<Column>>,
    /// Fields asked for once.
    asked: HashSet<Path>,
}

/// The scalar values of one field at one commit, sorted.
#[derive(Debug)]
struct Column {
    path: Path,
    lsn: Lsn,
    present: Arc<RoaringBitmap>,
    entries: Vec<(Value, u32)>,
}

/// The values a condition accepts: all of one family, between two bounds.
#[derive(Clone, Debug)]
pub struct ValueRange {
    low: Bound<Value>,
    high: Bound<Value>,
}

impl ValueRange {
    /// Between two bounds, at least one of which is a value. `None` when the index does not order such
    /// values, or not both are of one family: then nothing but reading the records answers.
    pub fn new(low: Bound<Value>, high: Bound<Value>) -> Option<Self> {
        let value = |bound: &Bound<Value>| match bound {
            Bound::Included(value) | Bound::Excluded(value) => Some(value.clone()),
            Bound::Unbounded => None,
        };
        let (a, b) = (value(&low), value(&high));
        let fine =
            |v: &Value| matches!(family(v), Some(Family::Bool | Family::Number | Family::Text));
        if a.is_none() && b.is_none() || ![&a, &b].into_iter().flatten().all(fine) {
            return None;
        }
        let one_family = a.iter().zip(&b).all(|(a, b)| family(a) == family(b));
        one_family.then_some(Self { low, high })
    }

    /// Exactly this value.
    pub fn equal(value: &Value) -> Option<Self> {
        Self::new(Bound::Included(value.clone()), Bound::Included(value.clone()))
    }

    /// True when a field with this value satisfies the condition: the law.
    pub fn accepts(&self, value: &Value) -> bool {
        let above = match &self.low {
            Bound::Included(low) => value.compare(low).is_some_and(Ordering::is_ge),
            Bound::Excluded(low) => value.compare(low).is_some_and(Ordering::is_gt),
            Bound::Unbounded => true,
        };
        above
            && match &self.high {
                Bound::Included(high) => value.compare(high).is_some_and(Ordering::is_le),
                Bound::Excluded(high) => value.compare(high).is_some_and(Ordering::is_lt),
                Bound::Unbounded => true,
            }
    }

    fn family(&self) -> Option<Family> {
        match (&self.low, &self.high) {
            (Bound::Included(v) | Bound::Excluded(v), _)
            | (_, Bound::Included(v) | Bound::Excluded(v)) => family(v),
            (Bound::Unbounded, Bound::Unbounded) => None,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Family {
    Bool,
    Number,
    Text,
}

/// The family of a value the index sorts.
fn family(value: &Value) -> Option<Family> {
    match value {
        Value::Bool(_) => Some(Family::Bool),
        Value::Int(_) | Value::Float(_) => Some(Family::Number),
        Value::Text(_) => Some(Family::Text),
        Value::Null | Value::Time(_) | Value::Vector(_) | Value::List(_) | Value::Map(_) => None,
    }
}

impl Default for FieldIndex {
    fn default() -> Self {
        Self::new()
    }
}

impl FieldIndex {
    /// Without any column yet.
    pub fn new() -> Self {
        Self::of_few(FEW)
    }

    pub(super) fn of_few(few: u64) -> Self {
        Self { few, state: Mutex::default(), counter: Mutex::default() }
    }

    /// Exactly the live hexads whose document has a value of `range` at `path`; `None` when there is
    /// no column for it and none is worth making yet.
    pub fn find(
        &self,
        ground: &Ground,
        path: &[String],
        range: &ValueRange,
    ) -> Result<Option<RoaringBitmap>> {
        let present = ground.present(Modality::Document)?;
        let Some(column) = self.column(ground, path, &present)? else {
            return Ok(None);
        };
        let mut found: RoaringBitmap = column.range(range).iter().map(|(_, iid)| *iid).collect();
        let Some(fresh) = column.differences(ground, &present)? else {
            return Ok(None);
        };
        found &= present.as_ref();
        found -= &fresh;
        ground.records(Modality::Document, &fresh, &mut |record| {
            if range.accepts(&field::at_bytes(&record.body, path)?) {
                found.insert(record.iid.0);
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(Some(found))
    }

    /// About how many documents a range holds, when that is known without reading any.
    pub fn estimate(&self, path: &[String], range: &ValueRange) -> Option<u64> {
        let state = self.state.lock();
        let column = state.columns.iter().find(|column| column.path == path)?;
        Some(column.range(range).len() as u64)
    }

    /// The fields ever seen in documents, by name; `title` and `body` are not among them.
    pub fn fields(ground: &Ground) -> Result<BTreeMap<String, FieldStats>> {
        index_fields::read(ground.index(Modality::Document)?)
    }

    /// The column for a path, made when it is asked for the second time or has become too old.
    fn column(
        &self,
        ground: &Ground,
        path: &[String],
        present: &RoaringBitmap,
    ) -> Result<Option<Arc<Column>>> {
        {
            let mut state = self.state.lock();
            if let Some(at) = state.columns.iter().position(|column| column.path == path) {
                let column = state.columns.remove(at);
                state.columns.push(Arc::clone(&column));
                drop(state);
                if column.lsn > ground.lsn() {
                    return Ok(None);
                }
                let limit = FRESH.max(column.present.len() / 16);
                let old = column.differences(ground, present)?.is_none_or(|d| d.len() > limit);
                if !old {
                    return Ok(Some(column));
                }
            } else if present.len() < self.few || state.asked.insert(path.to_vec()) {
                return Ok(None);
            }
        }
        let column = Arc::new(Column::build(ground, path)?);
        let mut state = self.state.lock();
        state.columns.retain(|other| other.path != path);
        state.columns.push(Arc::clone(&column));
        if state.columns.len() > COLUMNS {
            state.columns.remove(0);
        }
        Ok(Some(column))
    }
}

impl Column {
    fn build(ground: &Ground, path: &[String]) -> Result<Self> {
        let mut entries = Vec::new();
        ground.scan(Modality::Document, &mut |record| {
            let value = field::at_bytes(&record.body, path)?;
            if family(&value).is_some() {
                entries.push((value, record.iid.0));
            }
            Ok(ControlFlow::Continue(()))
        })?;
        entries.sort_by(|a, b| a.0.total_cmp(&b.0));
        let present = ground.present(Modality::Document)?;
        Ok(Self { path: path.to_vec(), lsn: ground.lsn(), present, entries })
    }

    /// The entries a range holds.
    fn range(&self, range: &ValueRange) -> &[(Value, u32)] {
        let wanted = range.family();
        let start = self.entries.partition_point(|(value, _)| match &range.low {
            Bound::Included(low) => value.total_cmp(low).is_lt(),
            Bound::Excluded(low) => value.total_cmp(low).is_le(),
            Bound::Unbounded => family(value) < wanted,
        });
        let end = self.entries.partition_point(|(value, _)| match &range.high {
            Bound::Included(high) => value.total_cmp(high).is_le(),
            Bound::Excluded(high) => value.total_cmp(high).is_lt(),
            Bound::Unbounded => family(value) <= wanted,
        });
        self.entries.get(start..end).unwrap_or(&[])
    }

    /// The documents of a view about which the column may be wrong; `None` when that cannot be told.
    fn differences(
        &self,
        ground: &Ground,
        present: &RoaringBitmap,
    ) -> Result<Option<RoaringBitmap>> {
        if self.lsn == ground.lsn() {
            return Ok(Some(RoaringBitmap::new()));
        }
        let touched = index_touched::since(ground.index(Modality::Document)?, self.lsn)?;
        Ok(touched.map(|touched| (touched & present) | (present - self.present.as_ref())))
    }
}

impl Applier for FieldIndex {
    fn schema(&self, tx: &IndexTx<'_>) -> Result<()> {
        index_touched::create(tx)?;
        index_fields::create(tx)
    }

    fn apply(&self, tx: &IndexTx<'_>, batch: &[Changes<'_>]) -> Result<()> {
        let mut counter = self.counter.lock();
        counter.open(tx)?;
        for changes in batch {
            let mut touched = Vec::new();
            for op in changes.ops {
                match op {
                    Op::Put { iid, version, body, .. } => {
                        if *version > 1 {
                            touched.push(*iid);
                        }
                        codec::each_field(body, |name, value| counter.add(name, &value))?;
                    }
                    Op::Delete { iid, .. } => touched.push(*iid),
                    Op::Append { .. } => {}
                }
            }
            if !touched.is_empty() {
                index_touched::note(tx, changes.lsn, touched)?;
            }
        }
        counter.write(tx)
    }

    fn applied(&self, _: &[Changes<'_>]) {
        self.counter.lock().written();
    }

    fn refreshed(&self, _: Lsn) {}

    fn scratch(&self) -> Option<Arc<dyn Applier>> {
        Some(Arc::new(Self::new()))
    }

    fn rebuild(&self, tx: &IndexTx<'_>, scan: RecordScan<'_>) -> Result<()> {
        let mut counter = self.counter.lock();
        counter.clear(tx)?;
        scan(&mut |op| match op {
            Op::Put { body, .. } => {
                codec::each_field(body, |name, value| counter.add(name, &value))
            }
            Op::Delete { .. } | Op::Append { .. } => Ok(()),
        })?;
        counter.write(tx)?;
        *self.state.lock() = State::default();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_scalar() -> impl Strategy<Value = Value> {
        prop_oneof![
            any::<bool>().prop_map(Value::Bool),
            (-3..4_i64).prop_map(Value::Int),
            (-6..8_i32).prop_map(|n| Value::Float(f64::from(n) / 2.0)),
            "[ab]{0,2}".prop_map(Value::Text),
        ]
    }

    fn any_bound() -> impl Strategy<Value = Bound<Value>> {
        prop_oneof![
            any_scalar().prop_map(Bound::Included),
            any_scalar().prop_map(Bound::Excluded),
            Just(Bound::Unbounded),
        ]
    }

    proptest! {
        /// What the sorted column gives for a range is what the law accepts.
        #[test]
        fn a_column_agrees_with_the_law(
            values in prop::collection::vec(any_scalar(), 0..40),
            low in any_bound(),
            high in any_bound(),
        ) {
            let mut entries: Vec<_> = values.iter().cloned().zip(0..).collect();
            entries.sort_by(|a: &(Value, u32), b| a.0.total_cmp(&b.0));
            let column =
                Column { path: vec![], lsn: Lsn(1), present: Arc::default(), entries };
            if let Some(range) = ValueRange::new(low, high) {
                let found: RoaringBitmap = column.range(&range).iter().map(|e| e.1).collect();
                let expected: RoaringBitmap = (0..)
                    .zip(&values)
                    .filter(|(_, value)| range.accepts(value))
                    .map(|(i, _)| i)
                    .collect();
                prop_assert_eq!(found, expected);
            }
        }
    }
}
