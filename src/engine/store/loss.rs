//! What is given up with `accept_loss`, in words: numbers, times and hexads, as far as they can be read.

use std::collections::BTreeMap;

use crate::engine::base::{Iid, Modality};
use crate::engine::log::LogRecord;

use super::catalog::Catalog;
use super::codec;
use super::write_set::{CatalogOp, Op, WriteSet};

/// Hexads named; of more only the number is told.
const NAMED: usize = 50;

/// One line about the commits that are dropped although they can be read: they follow one that cannot.
pub(super) fn describe(dropped: &[LogRecord], catalog: Option<Catalog<'_>>) -> Option<String> {
    let (first, last) = (dropped.first()?, dropped.last()?);
    let mut hexads: BTreeMap<Iid, Option<String>> = BTreeMap::new();
    for writes in dropped.iter().filter_map(|record| codec::write_set(record).ok()) {
        note(&writes, &mut hexads);
    }
    for (iid, id) in &mut hexads {
        if id.is_none() {
            let header = catalog.and_then(|catalog| catalog.header(*iid).ok().flatten());
            *id = header.map(|header| header.id.as_str().to_owned());
        }
    }
    let mut names: Vec<String> = hexads
        .iter()
        .take(NAMED)
        .map(|(iid, id)| id.as_ref().map_or_else(|| format!("#{}", iid.0), |id| format!("'{id}'")))
        .collect();
    if hexads.len() > NAMED {
        names.push(format!("and {} more", hexads.len() - NAMED));
    }
    let commits = if first.lsn == last.lsn {
        format!("commit {} of {}", first.lsn, first.time)
    } else {
        format!("commits {} to {} of {} to {}", first.lsn, last.lsn, first.time, last.time)
    };
    let hexads = if names.is_empty() { "no hexads".into() } else { names.join(", ") };
    Some(format!("{commits} can be read and are dropped all the same, they changed {hexads}"))
}

/// The hexads a commit changes, with the ids of those it makes.
fn note(writes: &WriteSet, hexads: &mut BTreeMap<Iid, Option<String>>) {
    for op in writes.catalog_ops() {
        match op {
            CatalogOp::Create { iid, id, .. } | CatalogOp::Revive { iid, id, .. } => {
                hexads.insert(*iid, Some(id.as_str().to_owned()));
            }
            CatalogOp::Change { iid, .. } | CatalogOp::Delete { iid, .. } => {
                hexads.entry(*iid).or_default();
            }
            CatalogOp::Set { .. } | CatalogOp::Unset { .. } => {}
        }
    }
    for iid in Modality::ALL.into_iter().flat_map(|m| writes.ops(m)).map(Op::iid) {
        hexads.entry(iid).or_default();
    }
}
