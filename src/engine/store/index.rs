//! The hook by which a modality keeps index rows beside its records.
//!
//! Index tables live in the SQLite file of their modality and change in the transaction that changes
//! its records, so they are never ahead or behind. Their SQL stands in files of this folder named
//! `index_*.rs`, as typed functions over [`IndexTx`] and [`IndexReader`]; what the rows mean stands in
//! the modality, which calls those functions from its [`Applier`].

use std::sync::Arc;

use rusqlite::Connection;

use crate::engine::base::{Error, Lsn, Modality, Result, Timestamp};

use super::sqlite;
use super::write_set::Op;

/// The changes of one commit to one modality.
#[derive(Clone, Copy, Debug)]
pub struct Changes<'a> {
    /// The commit.
    pub lsn: Lsn,
    /// Its time.
    pub time: Timestamp,
    /// In the order in which they were written.
    pub ops: &'a [Op],
}

/// A write transaction on the file of one modality.
#[derive(Debug)]
pub struct IndexTx<'a> {
    conn: &'a Connection,
    modality: Modality,
}

impl<'a> IndexTx<'a> {
    pub(super) fn new(conn: &'a Connection, modality: Modality) -> Self {
        Self { conn, modality }
    }

    /// For the SQL of this folder; the transaction is the caller's to end.
    pub(in crate::engine::store) fn conn(&self) -> &'a Connection {
        self.conn
    }

    /// The same file, for functions that only read.
    pub fn reader(&self) -> IndexReader<'a> {
        IndexReader { conn: self.conn, modality: self.modality }
    }

    /// What SQLite said, in our words; for `map_err`.
    pub(in crate::engine::store) fn error(&self, cause: &rusqlite::Error) -> Error {
        sqlite::error(&format!("{}.db", self.modality), cause)
    }
}

/// The file of one modality as one view shows it.
#[derive(Clone, Copy, Debug)]
pub struct IndexReader<'a> {
    conn: &'a Connection,
    modality: Modality,
}

impl<'a> IndexReader<'a> {
    pub(super) fn new(conn: &'a Connection, modality: Modality) -> Self {
        Self { conn, modality }
    }

    /// For the SQL of this folder.
    pub(in crate::engine::store) fn conn(&self) -> &'a Connection {
        self.conn
    }

    /// What SQLite said, in our words; for `map_err`.
    pub(in crate::engine::store) fn error(&self, cause: &rusqlite::Error) -> Error {
        sqlite::error(&format!("{}.db", self.modality), cause)
    }

    /// Damage found in an index row.
    pub(in crate::engine::store) fn corrupt(&self, what: impl std::fmt::Display) -> Error {
        sqlite::corrupt(&format!("{}.db", self.modality), what)
    }
}

/// What a modality does when its records change.
///
/// `apply` is called with each commit once, in order: the store knows from the file itself what is
/// in it already. A failure rolls the whole batch back, records and index rows together.
pub trait Applier: Send + Sync {
    /// Makes the index tables that do not exist yet. Called in a transaction whenever the file is
    /// opened for writing.
    fn schema(&self, tx: &IndexTx<'_>) -> Result<()>;

    /// Changes the index rows. The record rows of the whole batch have been changed already, in the
    /// same transaction.
    fn apply(&self, tx: &IndexTx<'_>, batch: &[Changes<'_>]) -> Result<()>;

    /// The batch is in the file and about to be seen by views: the place to extend what is kept in
    /// memory. Quick, please: new views wait for it. A lock taken here must never be held by anybody who
    /// asks the store for a view.
    fn applied(&self, batch: &[Changes<'_>]) {
        let _ = batch;
    }

    /// Another process has changed the file, which now stands at `lsn`: what is kept in memory is
    /// out of date. Only called in a database opened for reading beside a writer.
    fn refreshed(&self, lsn: Lsn) {
        let _ = lsn;
    }

    /// One of the same kind that remembers nothing, to fill the index tables of a scratch file from the
    /// records; they are compared with those that are in use. None where all rows are notes that no
    /// record can give.
    fn scratch(&self) -> Option<Arc<dyn Applier>> {
        None
    }

    /// Empties the index tables and fills them from the records. `scan` hands over every record.
    fn rebuild(&self, tx: &IndexTx<'_>, scan: RecordScan<'_>) -> Result<()>;
}

/// Hands everything a modality holds to the function it is given, in ascending order: its records as
/// `Put`, the entries of growing sequences as `Append`.
pub type RecordScan<'a> = &'a dyn Fn(&mut dyn FnMut(&Op) -> Result<()>) -> Result<()>;

/// The hooks of the eight modalities, by their number.
pub type Appliers = [Option<Arc<dyn Applier>>; 8];
