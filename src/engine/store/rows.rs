//! Rows of records: written with a checksum over every column, and read only when it fits.

use std::ops::ControlFlow;

use rusqlite::{Connection, Row, params};

use crate::engine::base::{Error, Iid, Result, Timestamp};

use super::codec;
use super::place::Place;
use super::record::{Appended, PastRecord, Record};
use super::sqlite;
use super::tally;
use super::write_set::{Op, RecordMeta};

/// What a reader of many rows is called with; it may end the reading.
pub(super) type Each<'a, T> = &'a mut dyn FnMut(&T) -> Result<ControlFlow<()>>;

/// The checksum of a row, column by column.
///
/// It begins with the table and the file, so that a row that was moved elsewhere does not fit.
pub(super) struct Sum(crc32fast::Hasher, usize);

impl Sum {
    /// Of a row of `table` in the file of `place`.
    pub(super) fn of(table: u8, place: Place) -> Self {
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(&[table, place.kind()]);
        Self(hasher, 0)
    }

    /// A number.
    pub(super) fn int(mut self, n: i64) -> Self {
        self.0.update(&n.to_le_bytes());
        self.1 += size_of::<i64>();
        self
    }

    /// Bytes and how many they are.
    pub(super) fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.update(&(bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
        self.1 += bytes.len();
        self
    }

    /// The checksum.
    pub(super) fn done(self) -> i64 {
        tally::row(self.1);
        i64::from(self.0.finalize())
    }
}

/// A row of `record` or `history` as it stands in the file.
struct Raw<'a> {
    iid: u32,
    version: u32,
    until: Option<u32>,
    updated_at: i64,
    meta: &'a [u8],
    body: &'a [u8],
    sum: i64,
}

impl Raw<'_> {
    fn expected(&self, place: Place) -> i64 {
        let table = if self.until.is_some() { b'h' } else { b'r' };
        Sum::of(table, place)
            .int(i64::from(self.iid))
            .int(i64::from(self.version))
            .int(i64::from(self.until.unwrap_or(0)))
            .int(self.updated_at)
            .bytes(self.meta)
            .bytes(self.body)
            .done()
    }

    /// Fills `record` when the checksum fits.
    fn check(&self, place: Place, record: &mut Record) -> Result<()> {
        let meta = codec::decode_meta(self.meta).filter(|_| self.expected(place) == self.sum);
        record.meta = meta.ok_or_else(|| {
            let what =
                format!("the {} record of hexad #{} fails its checksum", place.name(), self.iid);
            sqlite::corrupt(&place.file_name(), what)
        })?;
        record.iid = Iid(self.iid);
        record.version = self.version;
        record.updated_at = Timestamp(self.updated_at);
        record.body.clear();
        record.body.extend_from_slice(self.body);
        Ok(())
    }
}

fn raw<'a>(row: &'a Row<'_>) -> rusqlite::Result<Raw<'a>> {
    Ok(Raw {
        iid: row.get(0)?,
        version: row.get(1)?,
        until: None,
        updated_at: row.get(2)?,
        meta: blob(row, 3)?,
        body: blob(row, 4)?,
        sum: row.get(5)?,
    })
}

fn raw_past<'a>(row: &'a Row<'_>) -> rusqlite::Result<Raw<'a>> {
    Ok(Raw { until: Some(row.get(6)?), ..raw(row)? })
}

fn blob<'a>(row: &'a Row<'_>, column: usize) -> rusqlite::Result<&'a [u8]> {
    Ok(row.get_ref(column)?.as_blob()?)
}

fn empty() -> Record {
    let meta = RecordMeta {
        content_hash: crate::engine::base::ContentHash([0; 32]),
        producer: super::write_set::Producer::User,
        derived_from: Vec::new(),
    };
    Record { iid: Iid(0), version: 0, updated_at: Timestamp(0), meta, body: Vec::new() }
}

/// The tables of one modality's file.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    conn: &'a Connection,
    place: Place,
}

impl<'a> Rows<'a> {
    /// In the file of `place`.
    pub(super) fn new(conn: &'a Connection, place: Place) -> Self {
        Self { conn, place }
    }

    fn fail(&self, cause: &rusqlite::Error) -> Error {
        match cause {
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::InvalidColumnType(..) => {
                sqlite::corrupt(&self.place.file_name(), cause)
            }
            _ => sqlite::error(&self.place.file_name(), cause),
        }
    }

    /// The current record.
    pub(super) fn record(&self, iid: Iid) -> Result<Option<Record>> {
        let sql = "SELECT iid, version, updated_at, meta, body, sum FROM record WHERE iid = ?1";
        let mut found = None;
        self.query(sql, &[i64::from(iid.0)], &mut |row| {
            let raw = raw(row).map_err(|e| self.fail(&e))?;
            let mut record = empty();
            raw.check(self.place, &mut record)?;
            found = Some(record);
            Ok(ControlFlow::Break(()))
        })?;
        Ok(found)
    }

    /// All current records, ascending.
    pub(super) fn scan(&self, each: Each<'_, Record>) -> Result<()> {
        let sql = "SELECT iid, version, updated_at, meta, body, sum FROM record ORDER BY iid";
        let mut record = empty();
        self.query(sql, &[], &mut |row| {
            let raw = raw(row).map_err(|e| self.fail(&e))?;
            raw.check(self.place, &mut record)?;
            each(&record)
        })
    }

    /// The record that was replaced or deleted by a version after `version`, but written by one before
    /// or by it.
    pub(super) fn record_at(&self, iid: Iid, version: u32) -> Result<Option<Record>> {
        let sql = "SELECT iid, version, updated_at, meta, body, sum, until FROM history
                   WHERE iid = ?1 AND version <= ?2 ORDER BY version DESC LIMIT 1";
        let mut found = None;
        self.query(sql, &[i64::from(iid.0), i64::from(version)], &mut |row| {
            let raw = raw_past(row).map_err(|e| self.fail(&e))?;
            let mut record = empty();
            raw.check(self.place, &mut record)?;
            found = (raw.until > Some(version)).then_some(record);
            Ok(ControlFlow::Break(()))
        })?;
        Ok(found)
    }

    /// What was replaced or deleted, of one hexad or of all.
    pub(super) fn history(&self, iid: Option<Iid>, each: Each<'_, PastRecord>) -> Result<()> {
        let all = "SELECT iid, version, updated_at, meta, body, sum, until FROM history
                   ORDER BY iid, version";
        let one = "SELECT iid, version, updated_at, meta, body, sum, until FROM history
                   WHERE iid = ?1 ORDER BY version";
        let (sql, of) = iid.map_or((all, vec![]), |iid| (one, vec![i64::from(iid.0)]));
        self.query(sql, &of, &mut |row| {
            let raw = raw_past(row).map_err(|e| self.fail(&e))?;
            let mut record = empty();
            raw.check(self.place, &mut record)?;
            each(&PastRecord { record, until: raw.until.unwrap_or(0) })
        })
    }

    /// The growing sequence, of one hexad or of all.
    pub(super) fn appended(&self, iid: Option<Iid>, each: Each<'_, Appended>) -> Result<()> {
        let all = "SELECT iid, seq, at, body, sum FROM appended ORDER BY iid, seq";
        let one = "SELECT iid, seq, at, body, sum FROM appended WHERE iid = ?1 ORDER BY seq";
        let (sql, of) = iid.map_or((all, vec![]), |iid| (one, vec![i64::from(iid.0)]));
        let mut before = (0, 0);
        self.query(sql, &of, &mut |row| {
            let entry = self.appended_row(row)?;
            let expected = if entry.iid.0 == before.0 { before.1 + 1 } else { 1 };
            if entry.seq != expected {
                let what = format!("entry {expected} of hexad #{} is missing", entry.iid.0);
                return Err(sqlite::corrupt(&self.place.file_name(), what));
            }
            before = (entry.iid.0, entry.seq);
            each(&entry)
        })
    }

    /// The last entry of the sequence of a hexad.
    pub(super) fn last_appended(&self, iid: Iid) -> Result<Option<Appended>> {
        let sql = "SELECT iid, seq, at, body, sum FROM appended WHERE iid = ?1
                   ORDER BY seq DESC LIMIT 1";
        let mut found = None;
        self.query(sql, &[i64::from(iid.0)], &mut |row| {
            found = Some(self.appended_row(row)?);
            Ok(ControlFlow::Break(()))
        })?;
        Ok(found)
    }

    fn appended_row(&self, row: &Row<'_>) -> Result<Appended> {
        let read = || -> rusqlite::Result<(u32, u32, i64, &[u8], i64)> {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, blob(row, 3)?, row.get(4)?))
        };
        let (iid, seq, at, body, sum) = read().map_err(|e| self.fail(&e))?;
        if appended_sum(self.place, iid, seq, at, body) != sum {
            let what = format!("entry {seq} of hexad #{iid} fails its checksum");
            return Err(sqlite::corrupt(&self.place.file_name(), what));
        }
        Ok(Appended { iid: Iid(iid), seq, at: Timestamp(at), body: body.to_vec() })
    }

    /// One entry of the growing sequence.
    pub(super) fn entry(&self, iid: Iid, seq: u32) -> Result<Option<Appended>> {
        let sql = "SELECT iid, seq, at, body, sum FROM appended WHERE iid = ?1 AND seq = ?2";
        let mut found = None;
        self.query(sql, &[i64::from(iid.0), i64::from(seq)], &mut |row| {
            found = Some(self.appended_row(row)?);
            Ok(ControlFlow::Break(()))
        })?;
        Ok(found)
    }

    /// Runs a query and hands each row to `each`.
    fn query(
        &self,
        sql: &str,
        values: &[i64],
        each: &mut dyn FnMut(&Row<'_>) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        let mut select = self.conn.prepare_cached(sql).map_err(|e| self.fail(&e))?;
        let mut rows =
            select.query(rusqlite::params_from_iter(values)).map_err(|e| self.fail(&e))?;
        while let Some(row) = rows.next().map_err(|e| self.fail(&e))? {
            if each(row)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Changes the rows as `op`, committed at `time`, says.
    pub(super) fn apply(&self, op: &Op, time: Timestamp) -> rusqlite::Result<()> {
        match op {
            Op::Put { iid, version, body, meta } => {
                // The first version of a hexad replaces nothing.
                if *version > 1 {
                    self.bury(*iid, *version)?;
                }
                let meta = codec::encode_meta(meta);
                let raw = Raw {
                    iid: iid.0,
                    version: *version,
                    until: None,
                    updated_at: time.0,
                    meta: &meta,
                    body,
                    sum: 0,
                };
                self.conn
                    .prepare_cached(
                        "INSERT OR REPLACE INTO record VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                    )?
                    .execute(params![iid.0, version, time.0, meta, body, raw.expected(self.place)])
                    .map(drop)
            }
            Op::Delete { iid, version } => {
                self.bury(*iid, *version)?;
                self.conn
                    .prepare_cached("DELETE FROM record WHERE iid = ?1")?
                    .execute([iid.0])
                    .map(drop)
            }
            Op::Append { iid, seq, body } => self
                .conn
                .prepare_cached("INSERT OR REPLACE INTO appended VALUES (?1, ?2, ?3, ?4, ?5)")?
                .execute(params![
                    iid.0,
                    seq,
                    time.0,
                    body,
                    appended_sum(self.place, iid.0, *seq, time.0, body)
                ])
                .map(drop),
        }
    }

    /// Copies the current record, if there is one, to the history.
    fn bury(&self, iid: Iid, until: u32) -> rusqlite::Result<()> {
        let sql = "SELECT iid, version, updated_at, meta, body, sum FROM record WHERE iid = ?1";
        let mut select = self.conn.prepare_cached(sql)?;
        let mut rows = select.query([iid.0])?;
        let Some(row) = rows.next()? else { return Ok(()) };
        let current = raw(row)?;
        let intact = current.expected(self.place) == current.sum;
        let past = Raw { until: Some(until), ..current };
        // A damaged record stays damaged: a fresh checksum would make it look right.
        let sum = past.expected(self.place) ^ i64::from(!intact);
        self.conn
            .prepare_cached("INSERT OR REPLACE INTO history VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?
            .execute(params![
                past.iid,
                past.version,
                until,
                past.updated_at,
                past.meta,
                past.body,
                sum
            ])
            .map(drop)
    }

    /// Names every row that fails its checksum.
    pub(super) fn every_bad_row(&self, each: &mut dyn FnMut(Iid, String)) -> Result<()> {
        let mut record = empty();
        let current = "SELECT iid, version, updated_at, meta, body, sum FROM record";
        self.query(current, &[], &mut |row| {
            let raw = raw(row).map_err(|e| self.fail(&e))?;
            if raw.check(self.place, &mut record).is_err() {
                each(Iid(raw.iid), "its record fails its checksum".into());
            }
            Ok(ControlFlow::Continue(()))
        })?;
        let past = "SELECT iid, version, updated_at, meta, body, sum, until FROM history";
        self.query(past, &[], &mut |row| {
            let raw = raw_past(row).map_err(|e| self.fail(&e))?;
            if raw.check(self.place, &mut record).is_err() {
                let message =
                    format!("its past record of version {} fails its checksum", raw.version);
                each(Iid(raw.iid), message);
            }
            Ok(ControlFlow::Continue(()))
        })?;
        self.query("SELECT iid, seq, at, body, sum FROM appended", &[], &mut |row| {
            let iid: u32 = row.get(0).map_err(|e| self.fail(&e))?;
            let seq: u32 = row.get(1).map_err(|e| self.fail(&e))?;
            if self.appended_row(row).is_err() {
                each(Iid(iid), format!("its entry {seq} fails its checksum"));
            }
            Ok(ControlFlow::Continue(()))
        })
    }

    /// The hexads that have a record, damaged ones too.
    pub(super) fn iids(&self) -> Result<roaring::RoaringBitmap> {
        let read = || -> rusqlite::Result<roaring::RoaringBitmap> {
            let mut select = self.conn.prepare("SELECT iid FROM record ORDER BY iid")?;
            select.query_map([], |row| row.get::<_, u32>(0))?.collect()
        };
        read().map_err(|e| self.fail(&e))
    }

    /// Hands everything in the file over as the operations that would make it.
    pub(super) fn as_ops(&self, each: &mut dyn FnMut(&Op) -> Result<()>) -> Result<()> {
        self.scan(&mut |r| {
            let (meta, body) = (r.meta.clone(), r.body.clone());
            each(&Op::Put { iid: r.iid, version: r.version, body, meta })?;
            Ok(ControlFlow::Continue(()))
        })?;
        self.appended(None, &mut |a| {
            each(&Op::Append { iid: a.iid, seq: a.seq, body: a.body.clone() })?;
            Ok(ControlFlow::Continue(()))
        })
    }
}

fn appended_sum(place: Place, iid: u32, seq: u32, at: i64, body: &[u8]) -> i64 {
    Sum::of(b'a', place).int(i64::from(iid)).int(i64::from(seq)).int(at).bytes(body).done()
}
