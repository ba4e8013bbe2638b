//! The rows of the graph's edges, to be walked both ways.
//!
//! ```text
//! edge_node       tid -> id        every id an edge ever pointed to, whether it exists or not
//! edge_predicate  pid -> name      spelled as first seen; one per name without regard to case
//! edge            (target tid, predicate pid, source iid), and an index by source
//! ```
//!
//! A target is an id, not a hexad: an edge may point to what does not exist yet, no longer, or again.
//! What hexad an id means is for the view to say.

use rusqlite::{OptionalExtension as _, params};

use crate::engine::base::{Iid, Result};

use super::{IndexReader, IndexTx};

/// Makes the tables.
pub fn create(tx: &IndexTx<'_>) -> Result<()> {
    tx.conn()
        .execute_batch(
            "CREATE TABLE IF NOT EXISTS edge_node (tid INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE);
             CREATE TABLE IF NOT EXISTS edge_predicate (
                 pid INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE);
             CREATE TABLE IF NOT EXISTS edge (
                 target INTEGER NOT NULL, predicate INTEGER NOT NULL, source INTEGER NOT NULL,
                 PRIMARY KEY (target, predicate, source)) WITHOUT ROWID;
             CREATE INDEX IF NOT EXISTS edge_source ON edge (source);",
        )
        .map_err(|e| tx.error(&e))
}

/// Empties the tables.
pub fn clear(tx: &IndexTx<'_>) -> Result<()> {
    tx.conn()
        .execute_batch("DELETE FROM edge; DELETE FROM edge_node; DELETE FROM edge_predicate;")
        .map_err(|e| tx.error(&e))
}

/// One edge as a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EdgeRow {
    /// The number of the target's id.
    pub target: u32,
    /// The number of the predicate.
    pub predicate: u32,
    /// The hexad it starts at.
    pub source: u32,
}

/// The number of a target's id, which gets one if it has none.
pub fn intern_node(tx: &IndexTx<'_>, id: &str) -> Result<u32> {
    if let Some(tid) = node(tx.reader(), id)? {
        return Ok(tid);
    }
    tx.conn()
        .prepare_cached("INSERT INTO edge_node (id) VALUES (?1)")
        .and_then(|mut insert| insert.insert([id]))
        .map(|tid| tid as u32)
        .map_err(|e| tx.error(&e))
}

/// The number of a predicate, which gets one if it has none.
pub fn intern_predicate(tx: &IndexTx<'_>, name: &str) -> Result<u32> {
    let find = || -> rusqlite::Result<u32> {
        let mut select =
            tx.conn().prepare_cached("SELECT pid FROM edge_predicate WHERE name = ?1")?;
        if let Some(pid) = select.query_row([name], |row| row.get(0)).optional()? {
            return Ok(pid);
        }
        let mut insert =
            tx.conn().prepare_cached("INSERT INTO edge_predicate (name) VALUES (?1)")?;
        insert.insert([name]).map(|pid| pid as u32)
    };
    find().map_err(|e| tx.error(&e))
}

/// Adds edges; one that is there already stays.
pub fn add(tx: &IndexTx<'_>, edges: &[EdgeRow]) -> Result<()> {
    let add = || -> rusqlite::Result<()> {
        let mut insert =
            tx.conn().prepare_cached("INSERT OR IGNORE INTO edge VALUES (?1, ?2, ?3)")?;
        for edge in edges {
            insert.execute(params![edge.target, edge.predicate, edge.source])?;
        }
        Ok(())
    };
    add().map_err(|e| tx.error(&e))
}

/// Takes away all edges that start at a hexad.
pub fn remove(tx: &IndexTx<'_>, source: Iid) -> Result<()> {
    tx.conn()
        .prepare_cached("DELETE FROM edge WHERE source = ?1")
        .and_then(|mut delete| delete.execute([source.0]))
        .map(drop)
        .map_err(|e| tx.error(&e))
}

/// The number of an id some edge points or pointed to.
pub fn node(reader: IndexReader<'_>, id: &str) -> Result<Option<u32>> {
    reader
        .conn()
        .prepare_cached("SELECT tid FROM edge_node WHERE id = ?1")
        .and_then(|mut select| select.query_row([id], |row| row.get(0)).optional())
        .map_err(|e| reader.error(&e))
}

/// The predicates ever seen, with their numbers.
pub fn predicates(reader: IndexReader<'_>) -> Result<Vec<(u32, String)>> {
    let read = || -> rusqlite::Result<Vec<(u32, String)>> {
        let mut select =
            reader.conn().prepare_cached("SELECT pid, name FROM edge_predicate ORDER BY pid")?;
        select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
    };
    read().map_err(|e| reader.error(&e))
}

/// Hands over every id an edge ever pointed to, with its number, in the order of the numbers.
pub fn each_node(
    reader: IndexReader<'_>,
    visit: &mut dyn FnMut(u32, &str) -> Result<()>,
) -> Result<()> {
    let error = |e: rusqlite::Error| reader.error(&e);
    let mut select = reader
        .conn()
        .prepare_cached("SELECT tid, id FROM edge_node ORDER BY tid")
        .map_err(error)?;
    let mut rows = select.query([]).map_err(error)?;
    while let Some(row) = rows.next().map_err(error)? {
        let id = row.get_ref(1).and_then(|id| Ok(id.as_str()?)).map_err(error)?;
        visit(row.get(0).map_err(error)?, id)?;
    }
    Ok(())
}

/// All edges, by target, predicate and source.
pub fn edges(reader: IndexReader<'_>) -> Result<Vec<EdgeRow>> {
    read(
        reader,
        "SELECT target, predicate, source FROM edge ORDER BY target, predicate, source",
        [],
    )
}

/// The edges that point to an id.
pub fn incoming(reader: IndexReader<'_>, target: u32) -> Result<Vec<EdgeRow>> {
    let sql = "SELECT target, predicate, source FROM edge WHERE target = ?1
               ORDER BY predicate, source";
    read(reader, sql, [target])
}

/// The edges that start at a hexad.
pub fn outgoing(reader: IndexReader<'_>, source: Iid) -> Result<Vec<EdgeRow>> {
    let sql = "SELECT target, predicate, source FROM edge WHERE source = ?1
               ORDER BY target, predicate";
    read(reader, sql, [source.0])
}

fn read(reader: IndexReader<'_>, sql: &str, params: impl rusqlite::Params) -> Result<Vec<EdgeRow>> {
    let rows = || -> rusqlite::Result<Vec<EdgeRow>> {
        let mut select = reader.conn().prepare_cached(sql)?;
        let mut rows = select.query(params)?;
        let mut edges = Vec::new();
        while let Some(row) = rows.next()? {
            let (target, predicate, source) = (row.get(0)?, row.get(1)?, row.get(2)?);
            edges.push(EdgeRow { target, predicate, source });
        }
        Ok(edges)
    };
    rows().map_err(|e| reader.error(&e))
}

/// The id with a number.
pub fn node_id(reader: IndexReader<'_>, tid: u32) -> Result<Option<String>> {
    reader
        .conn()
        .prepare_cached("SELECT id FROM edge_node WHERE tid = ?1")
        .and_then(|mut select| select.query_row([tid], |row| row.get(0)).optional())
        .map_err(|e| reader.error(&e))
}
