//! From the log to the files when a database is opened: every file takes what it lacks from its own
//! sections, all of them at once.
//!
//! Nobody looks meanwhile, so the files need not move together; each remembers how far it came, and a
//! second attempt goes on from there.

use std::sync::Arc;
use std::thread;

use parking_lot::Mutex;
use rusqlite::Connection;

use crate::engine::base::{Error, Result};
use crate::engine::log::LogRecord;

use super::catalog::Catalog;
use super::codec;
use super::files::{self, Commit};
use super::index::{Appliers, Changes};
use super::place::Place;
use super::sqlite;
use super::state::{self, State};

/// Commits replayed in one transaction.
const BATCH: usize = 4096;

/// One file about to catch up.
pub(super) struct Replay<'a> {
    pub(super) place: Place,
    pub(super) conn: &'a mut Connection,
    pub(super) state: &'a mut State,
    pub(super) appliers: &'a Appliers,
}

/// Brings all to the end of `records`. Names the first that cannot be changed; the others get there all
/// the same.
pub(super) fn all(mut todo: Vec<Replay<'_>>, records: &[LogRecord]) -> Result<(), (Place, Error)> {
    let mut bytes = [0; Place::COUNT];
    for section in records.iter().flat_map(|record| &record.sections) {
        bytes[usize::from(section.kind) % Place::COUNT] += section.bytes.len();
    }
    // The heaviest is taken first.
    todo.sort_by_key(|one| bytes[one.place.index()]);
    let hands = thread::available_parallelism().map_or(1, usize::from).min(todo.len());
    let todo = Mutex::new(todo);
    let failed = Mutex::new(None);
    let work = || {
        loop {
            let Some(one) = todo.lock().pop() else { return };
            let place = one.place;
            if let Err(error) = one.run(records) {
                failed.lock().get_or_insert((place, error));
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..hands {
            // Fewer hands take longer, and that is all.
            if thread::Builder::new().spawn_scoped(scope, work).is_err() {
                break;
            }
        }
        work();
    });
    failed.into_inner().map_or(Ok(()), Err)
}

impl Replay<'_> {
    fn run(self, records: &[LogRecord]) -> Result<()> {
        let Self { place, conn, state, appliers } = self;
        let from = records.partition_point(|record| record.lsn <= state.applied);
        for chunk in records[from..].chunks(BATCH) {
            let touches = |r: &LogRecord| r.sections.iter().any(|s| s.kind == place.kind());
            // The catalogue follows every commit, the others those that change them.
            if place != Place::CATALOG && !chunk.iter().any(touches) {
                continue;
            }
            let mut batch = Vec::with_capacity(chunk.len());
            for record in chunk {
                let writes = Arc::new(codec::write_set_of(record, place)?);
                batch.push(Commit { lsn: record.lsn, time: record.time, writes, bytes: 0 });
            }
            let Some(last) = batch.last() else { continue };
            let next = State { applied: last.lsn, time: last.time, ..*state };
            if let Err(error) = take(place, conn, &batch, next, appliers) {
                // A transaction that cannot even be undone ends with its connection.
                drop(conn.execute_batch("ROLLBACK"));
                return Err(error);
            }
            *state = next;
            tell(place, &batch, appliers);
        }
        Ok(())
    }
}

/// One batch in one transaction.
fn take(
    place: Place,
    conn: &Connection,
    batch: &[Commit],
    next: State,
    appliers: &Appliers,
) -> Result<()> {
    let fail = |e: rusqlite::Error| sqlite::error(&place.file_name(), &e);
    conn.execute_batch("BEGIN IMMEDIATE").map_err(fail)?;
    match place.modality() {
        Some(modality) => {
            let todo: Vec<&Commit> = batch.iter().collect();
            files::write_rows(conn, modality, &todo, Some(appliers))?;
        }
        None => {
            for commit in batch {
                for op in commit.writes.catalog_ops() {
                    Catalog(conn).apply(op, commit.time)?;
                }
            }
        }
    }
    state::write(conn, place, next).and_then(|()| conn.execute_batch("COMMIT")).map_err(fail)
}

fn tell(place: Place, batch: &[Commit], appliers: &Appliers) {
    let Some(modality) = place.modality() else { return };
    let Some(applier) = &appliers[modality as usize] else { return };
    let changes: Vec<Changes<'_>> = batch
        .iter()
        .map(|c| Changes { lsn: c.lsn, time: c.time, ops: c.writes.ops(modality) })
        .filter(|c| !c.ops.is_empty())
        .collect();
    if !changes.is_empty() {
        applier.applied(&changes);
    }
}
