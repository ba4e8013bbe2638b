//! The boxes of places in an R*Tree.
//!
//! ```text
//! place (id, min_lat, max_lat, min_lon, max_lon, +iid, +latitude, +longitude)
//! ```
//!
//! A place that crosses the antimeridian has two boxes, numbered twice its internal id and one more.
//! The tree keeps box edges as `f32`, rounded outward, so a box may hold a little more than its place;
//! a point also has its exact position beside the box.

use rusqlite::params;

use crate::engine::base::{Iid, Result};

use super::{IndexReader, IndexTx};

/// A box of degrees that does not cross the antimeridian.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Envelope {
    /// Least and greatest latitude.
    pub latitude: (f64, f64),
    /// Least and greatest longitude.
    pub longitude: (f64, f64),
}

/// A hexad one of whose boxes meets a box that was asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// Which.
    pub iid: Iid,
    /// Latitude and longitude, if it is a point.
    pub point: Option<(f64, f64)>,
}

/// Makes the tree.
pub fn create(tx: &IndexTx<'_>) -> Result<()> {
    tx.conn()
        .execute_batch(
            "CREATE VIRTUAL TABLE IF NOT EXISTS place USING rtree(
                 id, min_lat, max_lat, min_lon, max_lon, +iid, +latitude, +longitude);",
        )
        .map_err(|e| tx.error(&e))
}

/// Empties the tree.
pub fn clear(tx: &IndexTx<'_>) -> Result<()> {
    tx.conn().execute("DELETE FROM place", []).map(drop).map_err(|e| tx.error(&e))
}

/// Adds the boxes of a place, one or two.
pub fn add(
    tx: &IndexTx<'_>,
    iid: Iid,
    envelopes: &[Envelope],
    point: Option<(f64, f64)>,
) -> Result<()> {
    let add = || -> rusqlite::Result<()> {
        let mut insert = tx
            .conn()
            .prepare_cached("INSERT INTO place VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?;
        for (number, e) in envelopes.iter().enumerate() {
            let id = i64::from(iid.0) * 2 + number as i64;
            let ((south, north), (west, east)) = (e.latitude, e.longitude);
            let (latitude, longitude) = point.unzip();
            insert.execute(params![id, south, north, west, east, iid.0, latitude, longitude])?;
        }
        Ok(())
    };
    add().map_err(|e| tx.error(&e))
}

/// Takes away the boxes of a place.
pub fn remove(tx: &IndexTx<'_>, iid: Iid) -> Result<()> {
    let id = i64::from(iid.0) * 2;
    tx.conn()
        .prepare_cached("DELETE FROM place WHERE id = ?1")
        .and_then(|mut delete| {
            delete.execute([id])?;
            delete.execute([id + 1])
        })
        .map(drop)
        .map_err(|e| tx.error(&e))
}

/// The places whose boxes meet a box. One with two boxes may come twice.
pub fn meeting(reader: IndexReader<'_>, envelope: &Envelope) -> Result<Vec<Hit>> {
    let ((south, north), (west, east)) = (envelope.latitude, envelope.longitude);
    let read = || -> rusqlite::Result<Vec<Hit>> {
        let mut select = reader.conn().prepare_cached(
            "SELECT iid, latitude, longitude FROM place
             WHERE max_lat >= ?1 AND min_lat <= ?2 AND max_lon >= ?3 AND min_lon <= ?4",
        )?;
        let hits = select.query_map(params![south, north, west, east], |row| {
            let (latitude, longitude): (Option<f64>, Option<f64>) = (row.get(1)?, row.get(2)?);
            Ok(Hit { iid: Iid(row.get(0)?), point: latitude.zip(longitude) })
        })?;
        hits.collect()
    };
    read().map_err(|e| reader.error(&e))
}
