//! Sets of hexads by the value of something, as compressed bitmaps: types, authors, actors, shapes.
//!
//! ```text
//! posting (field, value, chunk) -> members     chunk: the upper 16 bits of an internal id
//! ```
//!
//! Rows only ever gain members. When a record is replaced its hexad is put under [`CHANGED`], and what
//! the rows say of such a hexad is a hint, to be checked against the record; of all others it is the
//! truth. So writing a new hexad costs one bitmap per distinct value of a batch and reads nothing but
//! that, and an update needs not know what was there before.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Bound;

use roaring::RoaringBitmap;
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{OptionalExtension as _, Row, params};

use crate::engine::base::{Iid, Result};

use super::{Changes, IndexReader, IndexTx, Op, RecordScan};

/// The number of something that has values. Each modality numbers its own, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Field(pub u32);

/// The hexads one of whose records was replaced.
pub const CHANGED: Field = Field(0);

/// A value hexads are listed under. Whole numbers come before texts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// A whole number.
    Int(i64),
    /// A text, by its bytes.
    Text(String),
}

impl ToSql for Key {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Int(n) => ToSqlOutput::from(*n),
            Self::Text(text) => ToSqlOutput::from(text.as_str()),
        })
    }
}

/// What a batch adds.
#[derive(Debug, Default)]
pub struct Postings(BTreeMap<(Field, Key), Vec<u32>>);

impl Postings {
    /// Lists a hexad under a value.
    pub fn add(&mut self, field: Field, key: Key, iid: Iid) {
        self.0.entry((field, key)).or_default().push(iid.0);
    }

    /// Notes that a record of this hexad was replaced.
    pub fn changed(&mut self, iid: Iid) {
        self.add(CHANGED, Key::Int(0), iid);
    }

    /// Writes it.
    pub fn write(self, tx: &IndexTx<'_>) -> Result<()> {
        for ((field, key), mut members) in self.0 {
            members.sort_unstable();
            members.dedup();
            for chunk in members.chunk_by(|a, b| a >> 16 == b >> 16) {
                unite(tx, field, &key, chunk)?;
            }
        }
        Ok(())
    }
}

fn unite(tx: &IndexTx<'_>, field: Field, key: &Key, members: &[u32]) -> Result<()> {
    let chunk = members.first().map_or(0, |iid| iid >> 16);
    let old = tx
        .conn()
        .prepare_cached(
            "SELECT members FROM posting WHERE field = ?1 AND value = ?2 AND chunk = ?3",
        )
        .and_then(|mut select| {
            let read = |row: &Row<'_>| row.get::<_, Vec<u8>>(0);
            select.query_row(params![field.0, key, chunk], read).optional()
        })
        .map_err(|e| tx.error(&e))?;
    let mut set: RoaringBitmap = members.iter().copied().collect();
    if let Some(old) = old {
        set |= decode(tx.reader(), &old)?;
    }
    let mut bytes = Vec::with_capacity(set.serialized_size());
    set.serialize_into(&mut bytes).expect("a vector takes any bytes");
    tx.conn()
        .prepare_cached("INSERT OR REPLACE INTO posting VALUES (?1, ?2, ?3, ?4)")
        .and_then(|mut insert| insert.execute(params![field.0, key, chunk, bytes]))
        .map(drop)
        .map_err(|e| tx.error(&e))
}

fn decode(reader: IndexReader<'_>, bytes: &[u8]) -> Result<RoaringBitmap> {
    RoaringBitmap::deserialize_from(bytes)
        .map_err(|e| reader.corrupt(format_args!("a set of the index cannot be read: {e}")))
}

/// Makes the table.
pub fn create(tx: &IndexTx<'_>) -> Result<()> {
    tx.conn()
        .execute_batch(
            "CREATE TABLE IF NOT EXISTS posting (
                 field INTEGER NOT NULL, value NOT NULL, chunk INTEGER NOT NULL,
                 members BLOB NOT NULL, PRIMARY KEY (field, value, chunk)) WITHOUT ROWID;",
        )
        .map_err(|e| tx.error(&e))
}

/// Empties the table.
pub fn clear(tx: &IndexTx<'_>) -> Result<()> {
    tx.conn().execute("DELETE FROM posting", []).map(drop).map_err(|e| tx.error(&e))
}

/// Writes what `post` makes of every change of a batch.
pub fn apply(tx: &IndexTx<'_>, batch: &[Changes<'_>], post: Post<'_>) -> Result<()> {
    let mut postings = Postings::default();
    for op in batch.iter().flat_map(|changes| changes.ops) {
        post(&mut postings, op)?;
    }
    postings.write(tx)
}

/// Makes all rows anew from what `post` makes of every record.
pub fn rebuild(tx: &IndexTx<'_>, scan: RecordScan<'_>, post: Post<'_>) -> Result<()> {
    clear(tx)?;
    let mut postings = Postings::default();
    scan(&mut |op| post(&mut postings, op))?;
    postings.write(tx)
}

/// Adds what an operation says of a hexad to the postings.
pub type Post<'a> = &'a mut dyn FnMut(&mut Postings, &Op) -> Result<()>;

/// The hexads listed under a value.
pub fn equal(reader: IndexReader<'_>, field: Field, key: &Key) -> Result<RoaringBitmap> {
    range(reader, field, Bound::Included(key), Bound::Included(key))
}

/// The hexads whose records were replaced: what is said of them must be checked.
pub fn changed(reader: IndexReader<'_>) -> Result<RoaringBitmap> {
    equal(reader, CHANGED, &Key::Int(0))
}

/// The hexads listed under any value between two.
pub fn range(
    reader: IndexReader<'_>,
    field: Field,
    low: Bound<&Key>,
    high: Bound<&Key>,
) -> Result<RoaringBitmap> {
    let mut all = RoaringBitmap::new();
    each(reader, field, low, high, &mut |_, set| {
        all |= set;
        Ok(())
    })?;
    Ok(all)
}

/// The values of a field, ascending, and how many hexads are listed under each: an estimate, since
/// hexads that changed may be listed under values they no longer have.
pub fn values(reader: IndexReader<'_>, field: Field) -> Result<Vec<(Key, u64)>> {
    let mut values: Vec<(Key, u64)> = Vec::new();
    each(reader, field, Bound::Unbounded, Bound::Unbounded, &mut |key, set| {
        match values.last_mut() {
            Some((last, count)) if *last == key => *count += set.len(),
            _ => values.push((key, set.len())),
        }
        Ok(())
    })?;
    Ok(values)
}

fn each(
    reader: IndexReader<'_>,
    field: Field,
    low: Bound<&Key>,
    high: Bound<&Key>,
    visit: &mut dyn FnMut(Key, RoaringBitmap) -> Result<()>,
) -> Result<()> {
    let error = |e: rusqlite::Error| reader.error(&e);
    let mut sql = "SELECT value, members FROM posting WHERE field = ?1".to_owned();
    let mut values: Vec<&dyn ToSql> = vec![&field.0];
    for (bound, inclusive, exclusive) in [(&low, ">=", ">"), (&high, "<=", "<")] {
        let (operator, key) = match bound {
            Bound::Included(key) => (inclusive, key),
            Bound::Excluded(key) => (exclusive, key),
            Bound::Unbounded => continue,
        };
        values.push(key);
        write!(sql, " AND value {operator} ?{}", values.len()).expect("a String takes any text");
    }
    sql += " ORDER BY value, chunk";
    let mut select = reader.conn().prepare_cached(&sql).map_err(error)?;
    let mut rows = select.query(values.as_slice()).map_err(error)?;
    while let Some(row) = rows.next().map_err(error)? {
        let key = match row.get_ref(0).map_err(error)? {
            ValueRef::Integer(n) => Key::Int(n),
            ValueRef::Text(text) => Key::Text(String::from_utf8_lossy(text).into_owned()),
            ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_) => {
                return Err(reader.corrupt("a value of the index is of no known type"));
            }
        };
        let members = row.get_ref(1).map_err(error)?.as_blob();
        let members = members.map_err(|_| reader.corrupt("a set of the index is missing"))?;
        visit(key, decode(reader, members)?)?;
    }
    Ok(())
}
