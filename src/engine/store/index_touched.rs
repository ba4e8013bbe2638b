//! Which records were replaced or deleted at which commit: what an index in memory must look at
//! again when it is older than the view it is asked through.
//!
//! New records are not listed (the bitmaps of a view tell them), so loading data costs nothing here.
//! Only the newest changes are kept; the *floor* says from which commit on the list is complete.

use roaring::RoaringBitmap;
use rusqlite::{OptionalExtension as _, params};

use crate::engine::base::{Iid, Lsn, Result};

use super::{IndexReader, IndexTx};

/// Changes kept; beyond twice as many the older half is forgotten.
const KEPT: i64 = 1 << 16;

/// Makes the table.
pub fn create(tx: &IndexTx<'_>) -> Result<()> {
    tx.conn()
        .execute_batch(
            "CREATE TABLE IF NOT EXISTS touched (
                 seq INTEGER PRIMARY KEY, lsn INTEGER NOT NULL, iid INTEGER NOT NULL);
             CREATE TABLE IF NOT EXISTS touched_floor (one INTEGER PRIMARY KEY, lsn INTEGER NOT NULL);
             INSERT OR IGNORE INTO touched_floor VALUES (1, 0);",
        )
        .map_err(|e| tx.error(&e))
}

/// Notes that these records were replaced or deleted by commit `lsn`.
pub fn note(tx: &IndexTx<'_>, lsn: Lsn, iids: impl IntoIterator<Item = Iid>) -> Result<()> {
    let mut insert = tx
        .conn()
        .prepare_cached("INSERT INTO touched (lsn, iid) VALUES (?1, ?2)")
        .map_err(|e| tx.error(&e))?;
    for iid in iids {
        insert.execute(params![lsn.0 as i64, iid.0]).map_err(|e| tx.error(&e))?;
    }
    drop(insert);
    prune(tx).map_err(|e| tx.error(&e))
}

fn prune(tx: &IndexTx<'_>) -> rusqlite::Result<()> {
    let bounds = "SELECT min(seq), max(seq) FROM touched";
    let (first, last): (Option<i64>, Option<i64>) =
        tx.conn().prepare_cached(bounds)?.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let (Some(first), Some(last)) = (first, last) else {
        return Ok(());
    };
    if last - first < 2 * KEPT {
        return Ok(());
    }
    // A commit is forgotten as a whole or not at all only by its number: the floor is the commit of
    // the last entry that goes, and what remains of that commit is not relied upon.
    let cut = last - KEPT;
    tx.conn().execute(
        "UPDATE touched_floor SET lsn = (SELECT max(lsn) FROM touched WHERE seq <= ?1)",
        [cut],
    )?;
    tx.conn().execute("DELETE FROM touched WHERE seq <= ?1", [cut])?;
    Ok(())
}

/// Forgets the list: everything up to `lsn` must be looked at again.
pub fn forget(tx: &IndexTx<'_>, lsn: Lsn) -> Result<()> {
    tx.conn()
        .execute("DELETE FROM touched", [])
        .and_then(|_| tx.conn().execute("UPDATE touched_floor SET lsn = ?1", [lsn.0 as i64]))
        .map(drop)
        .map_err(|e| tx.error(&e))
}

/// Forgets the list, without a commit from which on it is complete again; [`resume`] gives that.
pub fn forget_all(tx: &IndexTx<'_>) -> Result<()> {
    forget(tx, Lsn(i64::MAX as u64))
}

/// After [`forget_all`]: everything after commit `after` will be noted.
pub fn resume(tx: &IndexTx<'_>, after: Lsn) -> Result<()> {
    tx.conn()
        .prepare_cached("UPDATE touched_floor SET lsn = ?1 WHERE lsn = ?2")
        .and_then(|mut update| update.execute(params![after.0 as i64, i64::MAX]))
        .map(drop)
        .map_err(|e| tx.error(&e))
}

/// The records replaced or deleted after commit `after` and up to the reader's view; `None` when the
/// list does not reach back that far.
pub fn since(reader: IndexReader<'_>, after: Lsn) -> Result<Option<RoaringBitmap>> {
    read_since(reader, after).map_err(|e| reader.error(&e))
}

fn read_since(reader: IndexReader<'_>, after: Lsn) -> rusqlite::Result<Option<RoaringBitmap>> {
    let floor: Option<i64> = reader
        .conn()
        .prepare_cached("SELECT lsn FROM touched_floor")?
        .query_row([], |row| row.get(0))
        .optional()?;
    if floor.is_none_or(|floor| (floor as u64) > after.0) {
        return Ok(None);
    }
    // The newest entries are read backwards until one is old enough: commits are in order.
    let mut statement =
        reader.conn().prepare_cached("SELECT lsn, iid FROM touched ORDER BY seq DESC")?;
    let mut rows = statement.query([])?;
    let mut changed = RoaringBitmap::new();
    while let Some(row) = rows.next()? {
        if row.get::<_, i64>(0)? as u64 <= after.0 {
            break;
        }
        changed.insert(row.get(1)?);
    }
    Ok(Some(changed))
}
