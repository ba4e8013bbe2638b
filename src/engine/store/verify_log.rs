//! The log against the files: whatever a commit wrote must stand in its file, as the present or in the
//! history. One commit is in memory at a time.

use std::collections::BTreeMap;

use crate::engine::base::{ContentHash, Lsn, Modality, Result, Timestamp};
use crate::engine::log::LogRecord;
use crate::engine::log::walk::{self, Walk};

use super::catalog::Catalog;
use super::codec;
use super::inner::Inner;
use super::place::Place;
use super::rows::Rows;
use super::verify::{Found, Watch};
use super::view::View;
use super::write_set::{CatalogOp, Op, Space};

/// What a family's entry should be by the log: its hash, or nothing.
type Entries = BTreeMap<(Space, String), (Lsn, Option<ContentHash>)>;

/// Checks every commit the log still holds, up to what `view` shows.
pub(super) fn check(inner: &Inner, view: &View, found: &mut Found, watch: Watch<'_>) -> Result<()> {
    let folders = [super::directory::log_dir(&inner.dir)];
    let Some(first) = walk::first(&folders)? else { return Ok(()) };
    let mut walk = Walk::new(&folders, inner.database, first);
    let mut entries = Entries::new();
    loop {
        let record = match walk.next(view.lsn()) {
            Ok(Some(record)) => record,
            Ok(None) => break,
            // Damage of the log itself is named by whoever reads the segments.
            Err(_) => return Ok(()),
        };
        if record.lsn.0 % 256 == 0 {
            watch("log against files", record.lsn.0, view.lsn().0)?;
        }
        commit(view, &record, &mut entries, found);
    }
    for ((space, name), (lsn, expected)) in entries {
        // An entry that cannot be read is named already.
        let Ok(body) = view.ground().entry(space, &name) else { continue };
        if body.map(|body| ContentHash::of(&body)) != expected {
            let what = format!("the {} {name} is not as commit {lsn} left it", space.name());
            found.push("catalog.db", None, what);
        }
    }
    Ok(())
}

fn commit(view: &View, record: &LogRecord, entries: &mut Entries, found: &mut Found) {
    let writes = match codec::write_set(record) {
        Ok(writes) => writes,
        Err(error) => return found.push("log", None, error.message),
    };
    for op in writes.catalog_ops() {
        catalog(view, op, (record.lsn, record.time), entries, found);
    }
    for modality in Modality::ALL {
        // A file that is ill has been named.
        let Ok(conn) = view.conn(modality.into()) else { continue };
        let rows = Rows::new(conn, modality.into());
        for op in writes.ops(modality) {
            if let Some(what) = rows_say(&rows, op, record.time) {
                let subject = view.ground().id_of(op.iid()).ok().flatten().map(|n| n.to_string());
                let file = Place::from(modality).file_name();
                found.push(&file, subject, format!("commit {}: {what}", record.lsn));
            }
        }
    }
}

/// What is wrong with the rows by what `op` did; rows that cannot be read are named elsewhere.
fn rows_say(rows: &Rows<'_>, op: &Op, time: Timestamp) -> Option<String> {
    match op {
        Op::Put { iid, version, meta, .. } => {
            let present = rows.record(*iid).ok()?.filter(|r| r.version == *version);
            let row = match present {
                Some(row) => row,
                None => {
                    match rows.record_at(*iid, *version).ok()?.filter(|r| r.version == *version) {
                        Some(row) => row,
                        None => return Some(format!("its record of version {version} is missing")),
                    }
                }
            };
            let same = row.meta == *meta && row.updated_at == time;
            (!same).then(|| format!("its record of version {version} is another one"))
        }
        Op::Delete { iid, version } => {
            let left = rows.record(*iid).ok()?.is_some_and(|r| r.version < *version);
            left.then(|| format!("its record is still there after version {version} deleted it"))
        }
        Op::Append { iid, seq, body } => match rows.entry(*iid, *seq).ok()? {
            None => Some(format!("its entry {seq} is missing")),
            Some(entry) if entry.body != *body || entry.at != time => {
                Some(format!("its entry {seq} is another one"))
            }
            Some(_) => None,
        },
    }
}

fn catalog(
    view: &View,
    op: &CatalogOp,
    (lsn, time): (Lsn, Timestamp),
    entries: &mut Entries,
    found: &mut Found,
) {
    let (iid, least) = match op {
        CatalogOp::Set { space, name, body } => {
            entries.insert((*space, name.clone()), (lsn, Some(ContentHash::of(body))));
            return;
        }
        CatalogOp::Unset { space, name } => {
            entries.insert((*space, name.clone()), (lsn, None));
            return;
        }
        CatalogOp::Create { iid, .. } => (*iid, 1),
        CatalogOp::Change { iid, version, .. }
        | CatalogOp::Delete { iid, version }
        | CatalogOp::Revive { iid, version, .. } => (*iid, *version),
    };
    let Ok(conn) = view.conn(Place::CATALOG) else { return };
    let Ok(header) = Catalog(conn).header(iid) else { return };
    let what = match (header, op) {
        (None, _) => "it is missing".to_owned(),
        (Some(header), _) if header.version < least => {
            format!("it is at version {}, the log made version {least}", header.version)
        }
        (Some(header), CatalogOp::Create { id, .. })
            if header.id != *id || header.created_at != time =>
        {
            format!("it is not the hexad '{}' that was made then", id.as_str())
        }
        // Whatever came later says so itself.
        (Some(header), CatalogOp::Delete { version, .. })
            if header.version == *version && header.deleted_at != Some(time) =>
        {
            "it was deleted then, and is not".to_owned()
        }
        _ => return,
    };
    let subject = view.ground().id_of(iid).ok().flatten().map(|name| name.to_string());
    let subject = subject.or_else(|| Some(format!("#{}", iid.0)));
    found.push("catalog.db", subject, format!("commit {lsn}: {what}"));
}
