//! The index rows against the records they were derived from, and the catalogue against the files.
//!
//! The rows are made once more, from the records, in a scratch database, and compared one by one. What
//! rows mean is not known here beyond what this folder's own tables say: a row too few hides a hexad, a
//! row too many shows one that must not be shown.

use std::ops::ControlFlow;

use roaring::RoaringBitmap;
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, OptionalExtension as _, Rows as SqlRows, params};

use crate::engine::base::{Error, Iid, Kind, Modality, Result};

use super::index::{IndexReader, IndexTx};
use super::inner::Inner;
use super::place::Place;
use super::rows::Rows;
use super::verify::Found;
use super::view::View;
use super::{index_fields, index_postings, sqlite};

/// Edges and boxes as one line of text for each row, in the order in which they are compared.
const EDGES: &str =
    "SELECT e.source, '`' || ifnull(lower(p.name), '?') || '` to `' || ifnull(n.id, '?') || '`'
     FROM edge e LEFT JOIN edge_predicate p ON p.pid = e.predicate
     LEFT JOIN edge_node n ON n.tid = e.target ORDER BY 1, 2";
const PLACES: &str =
    "SELECT iid, id || ': ' || min_lat || ' to ' || max_lat || ', ' || min_lon || ' to '
         || max_lon || ' (' || ifnull(latitude, '') || ' ' || ifnull(longitude, '') || ')'
     FROM place ORDER BY 1, 2";

/// What is compared of one modality.
struct Pair<'a> {
    view: &'a View,
    modality: Modality,
    /// The rows as they should be.
    right: &'a Connection,
    /// The rows as they are.
    real: &'a Connection,
}

/// Compares the index rows of a modality with its records.
pub(super) fn check(
    inner: &Inner,
    view: &View,
    modality: Modality,
    found: &mut Found,
) -> Result<()> {
    let applier = inner.appliers[modality as usize].as_ref().and_then(|a| a.scratch());
    let (Some(applier), Ok(real)) = (applier, view.conn(modality.into())) else { return Ok(()) };
    // Held by SQLite in memory, and in a nameless file when it is much.
    let right = Connection::open("").map_err(|e| sqlite::error("a scratch file", &e))?;
    right
        .execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN")
        .map_err(|e| sqlite::error("a scratch file", &e))?;
    let (tx, rows) = (IndexTx::new(&right, modality), Rows::new(real, modality.into()));
    let made = applier.schema(&tx).and_then(|()| applier.rebuild(&tx, &|each| rows.as_ops(each)));
    let pair = Pair { view, modality, right: &right, real };
    match made.and_then(|()| pair.compare(found)) {
        Err(error) if error.kind == Kind::Corruption => {
            // Damaged records have been named; whatever else it is has not.
            found.push_unless_known(&pair.file(), error.message);
            Ok(())
        }
        done => done,
    }
}

impl Pair<'_> {
    fn file(&self) -> String {
        Place::from(self.modality).file_name()
    }

    fn fail(&self, cause: &rusqlite::Error) -> Error {
        sqlite::error(&self.file(), cause)
    }

    fn name(&self, iid: Iid) -> String {
        let name = self.view.ground().id_of(iid).ok().flatten().map(|name| name.to_string());
        name.unwrap_or_else(|| format!("#{}", iid.0))
    }

    fn report(&self, found: &mut Found, iid: Iid, what: String) {
        found.push(&self.file(), Some(self.name(iid)), what);
    }

    fn has(&self, table: &str) -> Result<bool> {
        let sql = "SELECT 1 FROM sqlite_schema WHERE name = ?1";
        self.right
            .query_row(sql, [table], |_| Ok(()))
            .optional()
            .map(|row| row.is_some())
            .map_err(|e| self.fail(&e))
    }

    fn compare(&self, found: &mut Found) -> Result<()> {
        if self.has("posting")? {
            self.postings(found)?;
        }
        if self.has("field_seen")? {
            self.fields(found)?;
        }
        if self.has("edge")? {
            self.lines(EDGES, "edge", found)?;
        }
        if self.has("place")? {
            self.lines(PLACES, "box", found)?;
        }
        Ok(())
    }

    /// Every field and type that records have must be known; what is known besides was there once.
    fn fields(&self, found: &mut Found) -> Result<()> {
        let read = |conn| index_fields::read(IndexReader::new(conn, self.modality));
        let (right, real) = (read(self.right)?, read(self.real)?);
        for (name, stats) in right {
            for (kind, _) in stats.types() {
                let known = real.get(&name).is_some_and(|s| s.types().any(|(k, _)| k == kind));
                if !known {
                    let what =
                        format!("the index does not know the field `{name}` as {}", kind.name());
                    found.push(&self.file(), None, what);
                }
            }
        }
        Ok(())
    }

    /// A hexad must be listed where its record says. Where it is listed besides, it must be among those
    /// that are looked at again.
    fn postings(&self, found: &mut Found) -> Result<()> {
        let reader = IndexReader::new(self.real, self.modality);
        let changed = index_postings::changed(reader)?;
        let present = self.view.ground().present(self.modality)?;
        self.beyond(self.right, self.real, &mut |value, iids| {
            for iid in iids {
                let what = format!("the index does not list it under {value}");
                self.report(found, Iid(iid), what);
            }
        })?;
        self.beyond(self.real, self.right, &mut |value, iids| {
            for iid in (iids - &changed) & &*present {
                let what = format!("the index lists it under {value}, its record does not say so");
                self.report(found, Iid(iid), what);
            }
        })
    }

    /// What `these` list and `those` do not.
    fn beyond(
        &self,
        these: &Connection,
        those: &Connection,
        each: &mut dyn FnMut(String, RoaringBitmap),
    ) -> Result<()> {
        let fail = |e: rusqlite::Error| self.fail(&e);
        let all = "SELECT field, value, chunk, members FROM posting WHERE field > 0
                   ORDER BY field, value, chunk";
        let one = "SELECT members FROM posting WHERE field = ?1 AND value = ?2 AND chunk = ?3";
        let mut select = these.prepare(all).map_err(fail)?;
        let mut other = those.prepare(one).map_err(fail)?;
        let mut rows = select.query([]).map_err(fail)?;
        while let Some(row) = rows.next().map_err(fail)? {
            let read = || -> rusqlite::Result<(u32, Sql, u32, Vec<u8>)> {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            };
            let (field, value, chunk, members) = read().map_err(fail)?;
            let listed = other
                .query_row(params![field, value, chunk], |row| row.get::<_, Vec<u8>>(0))
                .optional()
                .map_err(fail)?;
            let rest = match listed {
                Some(listed) if listed == members => continue,
                Some(listed) => self.set(&members)? - self.set(&listed)?,
                None => self.set(&members)?,
            };
            let value = match value {
                Sql::Integer(n) => n.to_string(),
                Sql::Text(text) => format!("'{text}'"),
                _ => "a value that is none".to_owned(),
            };
            each(value, rest);
        }
        Ok(())
    }

    fn set(&self, bytes: &[u8]) -> Result<RoaringBitmap> {
        RoaringBitmap::deserialize_from(bytes)
            .map_err(|e| sqlite::corrupt(&self.file(), format!("a set of the index: {e}")))
    }

    /// Rows that must be the same on both sides.
    fn lines(&self, sql: &str, noun: &str, found: &mut Found) -> Result<()> {
        let fail = |e: rusqlite::Error| self.fail(&e);
        let mut selects =
            [self.right.prepare(sql).map_err(fail)?, self.real.prepare(sql).map_err(fail)?];
        let [right, real] = &mut selects;
        let mut right = right.query([]).map_err(fail)?;
        let mut real = real.query([]).map_err(fail)?;
        let mut next = [self.line(&mut right)?, self.line(&mut real)?];
        loop {
            let missing = match &next {
                [None, None] => return Ok(()),
                [Some(a), Some(b)] if a == b => {
                    next = [self.line(&mut right)?, self.line(&mut real)?];
                    continue;
                }
                [Some(a), Some(b)] => a < b,
                [a, _] => a.is_some(),
            };
            let side = if missing { &mut right } else { &mut real };
            let line = self.line(side)?;
            let Some((iid, text)) = std::mem::replace(&mut next[usize::from(!missing)], line)
            else {
                return Ok(());
            };
            let what = if missing {
                format!("the index lacks its {noun} {text}")
            } else {
                format!("the index has the {noun} {text}, its record does not")
            };
            self.report(found, Iid(iid), what);
        }
    }

    fn line(&self, rows: &mut SqlRows<'_>) -> Result<Option<(u32, String)>> {
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        rows.next().and_then(|row| row.map(read).transpose()).map_err(|e| self.fail(&e))
    }
}

/// Whether each modality has exactly the records the headers promise, and each hexad as many versions as
/// its header counts.
pub(super) fn presence(view: &View, modality: Modality, found: &mut Found) -> Result<()> {
    let file = Place::from(modality).file_name();
    let (Ok(conn), Ok(present)) = (view.conn(modality.into()), view.ground().present(modality))
    else {
        return Ok(());
    };
    let name = |iid: u32| {
        let name = view.ground().id_of(Iid(iid)).ok().flatten().map(|name| name.to_string());
        Some(name.unwrap_or_else(|| format!("#{iid}")))
    };
    let rows = Rows::new(conn, modality.into());
    if matches!(modality, Modality::Temporal | Modality::Provenance) {
        let mut last = std::collections::HashMap::new();
        let read = rows.appended(None, &mut |entry| {
            last.insert(entry.iid, entry.seq);
            Ok(ControlFlow::Continue(()))
        });
        if read.is_err() {
            return Ok(());
        }
        let read = view.ground().headers(&mut |header| {
            let count = last.get(&header.iid).copied().unwrap_or(0);
            let expected = (modality == Modality::Temporal).then_some(header.version);
            let wrong = expected.is_some_and(|version| version != count) || count == 0;
            if header.present.contains(modality) && wrong {
                let expected = expected.map_or("there are some".to_owned(), |n| n.to_string());
                let what = format!("it has {count} entries, the catalog says {expected}");
                found.push(&file, name(header.iid.0), what);
            }
            Ok(ControlFlow::Continue(()))
        });
        // Headers that are damaged have been named.
        return read.or_else(|error| match error.kind {
            Kind::Corruption => Ok(()),
            _ => Err(error),
        });
    }
    let there = rows.iids()?;
    for iid in &*present - &there {
        found.push(&file, name(iid), "its record is missing".into());
    }
    for iid in &there - &*present {
        found.push(&file, name(iid), "it has a record the catalog knows nothing of".into());
    }
    Ok(())
}
