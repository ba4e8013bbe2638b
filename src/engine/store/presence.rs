//! Which hexads there are, and which modalities they have: ten bitmaps, true of one commit.

use std::ops::ControlFlow;
use std::sync::Arc;

use roaring::RoaringBitmap;
use rusqlite::{Connection, params};

use crate::engine::base::{Iid, Lsn, Modality, ModalitySet, Result};

use super::catalog::Catalog;
use super::place::Place;
use super::record::HexadHeader;
use super::rows::Sum;
use super::sqlite;
use super::write_set::CatalogOp;

/// The bitmaps. Cloning is cheap; changing a clone copies what it changes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Presence {
    /// Not deleted.
    pub(super) live: Arc<RoaringBitmap>,
    /// Ever.
    pub(super) ever: Arc<RoaringBitmap>,
    /// By modality.
    pub(super) present: [Arc<RoaringBitmap>; 8],
}

impl Presence {
    /// Follows a commit.
    pub(super) fn apply(&mut self, op: &CatalogOp) {
        match op {
            CatalogOp::Create { iid, present, .. }
            | CatalogOp::Change { iid, present, .. }
            | CatalogOp::Revive { iid, present, .. } => {
                self.set(*iid, *present, true);
            }
            CatalogOp::Delete { iid, .. } => self.set(*iid, ModalitySet::EMPTY, false),
            CatalogOp::Set { .. } | CatalogOp::Unset { .. } => {}
        }
    }

    /// Counts a header in.
    pub(super) fn note(&mut self, header: &HexadHeader) {
        self.set(header.iid, header.present, header.deleted_at.is_none());
    }

    fn set(&mut self, iid: Iid, present: ModalitySet, live: bool) {
        put(&mut self.ever, iid, true);
        put(&mut self.live, iid, live);
        for modality in Modality::ALL {
            put(&mut self.present[modality as usize], iid, present.contains(modality));
        }
    }

    /// As `catalog.db` says it at `lsn`: from the saved bitmaps when they are as new, else from the
    /// headers.
    pub(super) fn load(conn: &Connection, lsn: Lsn) -> Result<Self> {
        if let Some(saved) = Self::saved(conn, lsn)? {
            return Ok(saved);
        }
        let mut presence = Self::default();
        Catalog(conn).headers(&mut |header| {
            presence.note(header);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(presence)
    }

    fn saved(conn: &Connection, lsn: Lsn) -> Result<Option<Self>> {
        let fail = |e: rusqlite::Error| sqlite::error("catalog.db", &e);
        let mut select = conn
            .prepare_cached("SELECT kind, lsn, body, sum FROM bitmap ORDER BY kind")
            .map_err(fail)?;
        let mut rows = select.query([]).map_err(fail)?;
        let mut maps = Vec::new();
        while let Some(row) = rows.next().map_err(fail)? {
            let read = || -> rusqlite::Result<(u8, i64, Vec<u8>, i64)> {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            };
            let (kind, at, body, sum) = read().map_err(fail)?;
            if at != lsn.0 as i64 || usize::from(kind) != maps.len() {
                return Ok(None);
            }
            let map = (bitmap_sum(kind, lsn, &body) == sum)
                .then(|| RoaringBitmap::deserialize_from(body.as_slice()).ok())
                .flatten();
            let Some(map) = map else {
                return Err(sqlite::corrupt("catalog.db", "a saved bitmap fails its checksum"));
            };
            maps.push(Arc::new(map));
        }
        let (Some(ever), Some(live)) = (maps.pop(), maps.pop()) else { return Ok(None) };
        Ok(maps.try_into().ok().map(|present| Self { live, ever, present }))
    }

    /// Saves them as those of commit `lsn`.
    pub(super) fn save(&self, conn: &Connection, lsn: Lsn) -> rusqlite::Result<()> {
        let mut put =
            conn.prepare_cached("INSERT OR REPLACE INTO bitmap VALUES (?1, ?2, ?3, ?4)")?;
        for (kind, map) in self.present.iter().chain([&self.live, &self.ever]).enumerate() {
            let mut body = Vec::with_capacity(map.serialized_size());
            map.serialize_into(&mut body).expect("a Vec takes any bytes");
            let sum = bitmap_sum(kind as u8, lsn, &body);
            put.execute(params![kind as u8, lsn.0 as i64, body, sum])?;
        }
        Ok(())
    }
}

fn bitmap_sum(kind: u8, lsn: Lsn, body: &[u8]) -> i64 {
    Sum::of(b'b', Place::CATALOG).int(i64::from(kind)).int(lsn.0 as i64).bytes(body).done()
}

fn put(map: &mut Arc<RoaringBitmap>, iid: Iid, member: bool) {
    if map.contains(iid.0) != member {
        let map = Arc::make_mut(map);
        if member {
            map.insert(iid.0);
        } else {
            map.remove(iid.0);
        }
    }
}
