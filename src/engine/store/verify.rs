//! Reading everything there is, and naming what is damaged instead of stopping at the first.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use rusqlite::Connection;

use crate::engine::base::{Error, Lsn, Modality, Result};
use crate::engine::log::{record, segment};

use super::catalog::Catalog;
use super::directory;
use super::inner::Inner;
use super::options::Fault;
use super::place::Place;
use super::presence::Presence;
use super::rows::Rows;
use super::verify_index;
use super::verify_log;
use super::view::View;

/// Faults listed for one file; more of the same say nothing new.
const PER_FILE: usize = 100;

/// Is told what is being read and how far it is, of how much; an error of its ends the check.
pub(super) type Watch<'a> = &'a mut dyn FnMut(&str, u64, u64) -> Result<()>;

/// What was found; of each file so many.
#[derive(Debug, Default)]
pub(super) struct Found {
    faults: Vec<Fault>,
    of_file: HashMap<String, usize>,
    /// Faults of the file that is being looked at have been named by somebody else.
    known: bool,
}

impl Found {
    /// Adds a fault, unless faults of the file are known that may be the cause.
    pub(super) fn push_unless_known(&mut self, file: &str, message: String) {
        if !self.known && !self.of_file.contains_key(file) {
            self.push(file, None, message);
        }
    }

    /// Adds a fault.
    pub(super) fn push(&mut self, file: &str, subject: Option<String>, message: String) {
        let count = self.of_file.entry(file.into()).or_default();
        *count += 1;
        if *count <= PER_FILE {
            self.faults.push(Fault { file: file.into(), subject, message });
        }
    }
}

/// All faults of the database.
pub(super) fn verify(inner: &Arc<Inner>, watch: Watch<'_>) -> Result<Vec<Fault>> {
    let view = View::begin(inner)?;
    let mut faults = Vec::new();
    let mut found = Found::default();
    for (n, place) in Place::all().enumerate() {
        watch(place.name(), n as u64, Place::COUNT as u64)?;
        let before = faults.len();
        let conn = match view.conn(place) {
            Ok(conn) => conn,
            Err(error) => {
                faults.push(fault(&place.file_name(), &error));
                continue;
            }
        };
        structure(conn, place, &mut faults);
        match place.modality() {
            Some(modality) => records(&view, modality, &mut faults),
            None => catalog(&view, &mut faults),
        }
        faults.truncate(before + PER_FILE);
        found.known = faults.len() > before;
        if let Some(modality) = place.modality() {
            watch(&format!("{} index", place.name()), n as u64, Place::COUNT as u64)?;
            verify_index::presence(&view, modality, &mut found)?;
            verify_index::check(inner, &view, modality, &mut found)?;
        }
    }
    watch("log", 0, 1)?;
    log(inner, view.lsn(), &mut faults)?;
    verify_log::check(inner, &view, &mut found, watch)?;
    faults.extend(found.faults);
    Ok(faults)
}

fn fault(file: &str, error: &Error) -> Fault {
    Fault { file: file.into(), subject: None, message: error.message.clone() }
}

/// SQLite's own check.
fn structure(conn: &Connection, place: Place, faults: &mut Vec<Fault>) {
    let file = place.file_name();
    let report = |message: String| Fault { file: file.clone(), subject: None, message };
    let lines = conn.prepare("PRAGMA integrity_check(20)").and_then(|mut check| {
        check.query_map([], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()
    });
    match lines {
        Ok(lines) => faults.extend(lines.into_iter().filter(|l| l != "ok").map(report)),
        Err(cause) => faults.push(report(cause.to_string())),
    }
}

/// Every row of a modality, and whether they are those the catalogue knows.
fn records(view: &View, modality: Modality, faults: &mut Vec<Fault>) {
    let place = Place::from(modality);
    let file = place.file_name();
    let Ok(conn) = view.conn(place) else { return };
    let rows = Rows::new(conn, place);
    let read = rows.every_bad_row(&mut |iid, message| {
        let subject = view.id_of(iid).ok().flatten().map(|name| name.to_string());
        faults.push(Fault { file: file.clone(), subject, message });
    });
    if let Err(error) = read {
        faults.push(fault(&file, &error));
    }
    if let Err(error) = view.scan(modality, &mut |_| Ok(ControlFlow::Continue(())))
        && faults.last().is_none_or(|last| last.file != file)
    {
        faults.push(fault(&file, &error));
    }
    if let Err(error) = view.scan_appended(modality, &mut |_| Ok(ControlFlow::Continue(())))
        && faults.last().is_none_or(|last| last.file != file)
    {
        faults.push(fault(&file, &error));
    }
}

/// The headers, the entries, and the saved bitmaps against the headers.
fn catalog(view: &View, faults: &mut Vec<Fault>) {
    use super::write_set::Space;
    let file = "catalog.db";
    let Ok(conn) = view.conn(Place::CATALOG) else { return };
    let catalog = Catalog(conn);
    let mut counted = Presence::default();
    let headers = catalog.headers(&mut |header| {
        counted.note(header);
        Ok(ControlFlow::Continue(()))
    });
    match headers {
        Err(error) => faults.push(fault(file, &error)),
        Ok(()) => match Presence::load(conn, view.lsn()) {
            Err(error) => faults.push(fault(file, &error)),
            Ok(_) if view.ground().presence().is_ok_and(|used| *used != counted) => {
                faults.push(Fault {
                    file: file.into(),
                    subject: None,
                    message: "the bitmaps in memory differ from the headers".into(),
                });
            }
            Ok(saved) if saved != counted => faults.push(Fault {
                file: file.into(),
                subject: None,
                message: "the saved bitmaps differ from the headers".into(),
            }),
            Ok(_) => {}
        },
    }
    for space in Space::ALL {
        if let Err(error) = catalog.entries(space) {
            faults.push(fault(file, &error));
        }
    }
}

/// Every segment of the log. The end of the last one may be in the middle of a write.
fn log(inner: &Inner, upto: Lsn, faults: &mut Vec<Fault>) -> Result<()> {
    let dir = directory::log_dir(&inner.dir);
    if !dir.is_dir() {
        return Ok(());
    }
    let segments = segment::list(&dir).map_err(|e| directory::io_error(&dir, &e))?;
    for (n, (first, path)) in segments.iter().enumerate() {
        let file = format!("log/{}", path.file_name().unwrap_or_default().to_string_lossy());
        let mut report = |subject: Option<String>, message: String| {
            faults.push(Fault { file: file.clone(), subject, message });
        };
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(cause) => {
                report(None, cause.to_string());
                continue;
            }
        };
        if bytes.is_empty() && n + 1 == segments.len() {
            continue;
        }
        if segment::check_header(&bytes, inner.database, *first).is_err() {
            report(None, "its header is damaged".into());
        }
        let scan = segment::scan(&bytes, *first);
        let reached = first.0 + scan.offsets.len() as u64;
        let next = segments.get(n + 1).map(|s| s.0.0);
        if let Some(bad) = scan.bad.filter(|_| reached <= upto.0) {
            report(Some(format!("commit {reached}")), format!("the record {}", bad.describe()));
        } else if next.is_some_and(|next| next != reached) {
            report(Some(format!("commit {reached}")), "the record is missing".into());
        }
        for at in scan.offsets {
            if let Err(bad) = record::decode(&bytes[at..]) {
                report(None, format!("the record at byte {at} {}", bad.describe()));
            }
        }
    }
    Ok(())
}
