//! The rows of `catalog.db`: the headers of hexads and the named entries.

use std::ops::ControlFlow;

use rusqlite::{Connection, Row, params};

use crate::engine::base::{Error, HexadId, Iid, ModalitySet, Result, Timestamp};

use super::place::Place;
use super::record::HexadHeader;
use super::rows::{Each, Sum};
use super::sqlite;
use super::write_set::{CatalogOp, Space};

const COLUMNS: &str =
    "SELECT iid, id, present, version, created_at, modified_at, deleted_at, sum FROM hexad";

/// The tables of the catalogue.
#[derive(Clone, Copy)]
pub(super) struct Catalog<'a>(pub(super) &'a Connection);

fn fail(cause: &rusqlite::Error) -> Error {
    sqlite::error("catalog.db", cause)
}

fn header_sum(header: &HexadHeader) -> i64 {
    Sum::of(b'x', Place::CATALOG)
        .int(i64::from(header.iid.0))
        .bytes(header.id.as_str().as_bytes())
        .int(i64::from(header.present.0))
        .int(i64::from(header.version))
        .int(header.created_at.0)
        .int(header.modified_at.0)
        .int(header.deleted_at.map_or(i64::MIN, |t| t.0))
        .done()
}

fn entry_sum(space: Space, name: &str, body: &[u8]) -> i64 {
    Sum::of(b'e', Place::CATALOG).int(space as i64).bytes(name.as_bytes()).bytes(body).done()
}

fn header(row: &Row<'_>) -> Result<HexadHeader> {
    let iid: u32 = row.get(0).map_err(|e| fail(&e))?;
    let read = || -> Option<HexadHeader> {
        let text = row.get_ref(1).ok()?.as_str().ok()?;
        let header = HexadHeader {
            iid: Iid(iid),
            id: HexadId::new(text).ok()?,
            present: ModalitySet(row.get(2).ok()?),
            version: row.get(3).ok()?,
            created_at: Timestamp(row.get(4).ok()?),
            modified_at: Timestamp(row.get(5).ok()?),
            deleted_at: row.get::<_, Option<i64>>(6).ok()?.map(Timestamp),
        };
        (row.get::<_, i64>(7).ok()? == header_sum(&header)).then_some(header)
    };
    read().ok_or_else(|| {
        sqlite::corrupt("catalog.db", format!("the header of hexad #{iid} fails its checksum"))
    })
}

impl Catalog<'_> {
    fn headers_by(
        self,
        sql: &str,
        values: impl rusqlite::Params,
        each: Each<'_, HexadHeader>,
    ) -> Result<()> {
        let mut select = self.0.prepare_cached(sql).map_err(|e| fail(&e))?;
        let mut rows = select.query(values).map_err(|e| fail(&e))?;
        while let Some(row) = rows.next().map_err(|e| fail(&e))? {
            if each(&header(row)?)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    fn one(self, sql: &str, values: impl rusqlite::Params) -> Result<Option<HexadHeader>> {
        let mut found = None;
        self.headers_by(sql, values, &mut |header| {
            found = Some(header.clone());
            Ok(ControlFlow::Break(()))
        })?;
        Ok(found)
    }

    /// The header of a hexad, live or deleted.
    pub(super) fn header(self, iid: Iid) -> Result<Option<HexadHeader>> {
        self.one(&format!("{COLUMNS} WHERE iid = ?1"), [iid.0])
    }

    /// The live hexad of this id.
    pub(super) fn live(self, id: &str) -> Result<Option<HexadHeader>> {
        self.one(&format!("{COLUMNS} WHERE id = ?1 AND deleted_at IS NULL"), [id])
    }

    /// Every hexad that ever had this id, oldest first.
    pub(super) fn named(self, id: &str) -> Result<Vec<HexadHeader>> {
        let mut found = Vec::new();
        let sql = format!("{COLUMNS} WHERE id = ?1 AND deleted_at IS NOT NULL ORDER BY iid");
        self.headers_by(&sql, [id], &mut |header| {
            found.push(header.clone());
            Ok(ControlFlow::Continue(()))
        })?;
        found.extend(self.live(id)?);
        Ok(found)
    }

    /// All headers, ascending.
    pub(super) fn headers(self, each: Each<'_, HexadHeader>) -> Result<()> {
        self.headers_by(&format!("{COLUMNS} ORDER BY iid"), [], each)
    }

    /// The greatest internal id ever given.
    pub(super) fn max_iid(self) -> Result<u32> {
        self.0
            .query_row("SELECT coalesce(max(iid), 0) FROM hexad", [], |row| row.get(0))
            .map_err(|e| fail(&e))
    }

    /// A named entry.
    pub(super) fn entry(self, space: Space, name: &str) -> Result<Option<Vec<u8>>> {
        let mut found = None;
        let sql = "SELECT name, body, sum FROM entry WHERE space = ?1 AND name = ?2";
        self.entries_by(sql, params![space as u8, name], space, &mut |_, body| found = Some(body))?;
        Ok(found)
    }

    /// All entries of a family.
    pub(super) fn entries(self, space: Space) -> Result<Vec<(String, Vec<u8>)>> {
        let mut found = Vec::new();
        let sql = "SELECT name, body, sum FROM entry WHERE space = ?1 ORDER BY name";
        self.entries_by(sql, params![space as u8], space, &mut |name, body| {
            found.push((name, body));
        })?;
        Ok(found)
    }

    fn entries_by(
        self,
        sql: &str,
        values: impl rusqlite::Params,
        space: Space,
        each: &mut dyn FnMut(String, Vec<u8>),
    ) -> Result<()> {
        let mut select = self.0.prepare_cached(sql).map_err(|e| fail(&e))?;
        let mut rows = select.query(values).map_err(|e| fail(&e))?;
        while let Some(row) = rows.next().map_err(|e| fail(&e))? {
            let read = || -> rusqlite::Result<(String, Vec<u8>, i64)> {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            };
            let intact =
                read().ok().filter(|(name, body, sum)| entry_sum(space, name, body) == *sum);
            let Some((name, body, _)) = intact else {
                let what = format!("the row of a {} fails its checksum", space.name());
                return Err(sqlite::corrupt("catalog.db", what));
            };
            each(name, body);
        }
        Ok(())
    }

    /// Changes the rows as `op`, committed at `time`, says.
    pub(super) fn apply(self, op: &CatalogOp, time: Timestamp) -> Result<()> {
        match op {
            CatalogOp::Create { iid, id, present } => self.put(&HexadHeader {
                iid: *iid,
                id: id.clone(),
                present: *present,
                version: 1,
                created_at: time,
                modified_at: time,
                deleted_at: None,
            }),
            CatalogOp::Change { iid, version, present } => {
                let before = self.required(*iid)?;
                let (version, present) = (*version, *present);
                self.put(&HexadHeader { version, present, modified_at: time, ..before })
            }
            CatalogOp::Delete { iid, version } => {
                let before = self.required(*iid)?;
                let (present, deleted_at) = (ModalitySet::EMPTY, Some(time));
                let version = *version;
                self.put(&HexadHeader { version, present, modified_at: time, deleted_at, ..before })
            }
            CatalogOp::Revive { iid, version, present, .. } => {
                let before = self.required(*iid)?;
                let (version, present, deleted_at) = (*version, *present, None);
                self.put(&HexadHeader { version, present, modified_at: time, deleted_at, ..before })
            }
            CatalogOp::Set { space, name, body } => self
                .0
                .prepare_cached("INSERT OR REPLACE INTO entry VALUES (?1, ?2, ?3, ?4)")
                .and_then(|mut put| {
                    let sum = entry_sum(*space, name, body);
                    put.execute(params![*space as u8, name, body, sum])
                })
                .map(drop)
                .map_err(|e| fail(&e)),
            CatalogOp::Unset { space, name } => self
                .0
                .prepare_cached("DELETE FROM entry WHERE space = ?1 AND name = ?2")
                .and_then(|mut delete| delete.execute(params![*space as u8, name]))
                .map(drop)
                .map_err(|e| fail(&e)),
        }
    }

    fn required(self, iid: Iid) -> Result<HexadHeader> {
        self.header(iid)?.ok_or_else(|| {
            let what = format!("hexad #{} is missing, but the log changes it", iid.0);
            sqlite::corrupt("catalog.db", what)
        })
    }

    fn put(self, header: &HexadHeader) -> Result<()> {
        let sql = "INSERT INTO hexad VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                   ON CONFLICT (iid) DO UPDATE SET id = excluded.id, present = excluded.present,
                   version = excluded.version, created_at = excluded.created_at,
                   modified_at = excluded.modified_at, deleted_at = excluded.deleted_at,
                   sum = excluded.sum";
        self.0
            .prepare_cached(sql)
            .and_then(|mut put| {
                put.execute(params![
                    header.iid.0,
                    header.id.as_str(),
                    header.present.0,
                    header.version,
                    header.created_at.0,
                    header.modified_at.0,
                    header.deleted_at.map(|t| t.0),
                    header_sum(header),
                ])
            })
            .map(drop)
            .map_err(|e| fail(&e))
    }
}
