//! Laws of the store, and the small hands with which its tests write and read.

mod damage;
mod durability;
mod laws;
mod scrub;
mod sharing;
mod transactions;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::engine::base::{Clock, HexadId, Iid, Modality, ModalitySet, Result, Timestamp};

use super::{Appliers, CatalogOp, Committed, Op, OpenOptions, RecordMeta, Store, View, WriteSet};

/// A clock that moves by a second whenever it is asked.
#[derive(Debug, Default)]
struct Ticks(AtomicI64);

impl Clock for Ticks {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.fetch_add(1_000_000, Ordering::Relaxed))
    }
}

fn try_open(dir: &Path, options: OpenOptions, appliers: Appliers) -> Result<Store> {
    Store::open(dir, options, Arc::new(Ticks::default()), appliers)
}

fn writable() -> OpenOptions {
    OpenOptions { create: true, ..OpenOptions::default() }
}

fn read_only() -> OpenOptions {
    OpenOptions { read_only: true, ..OpenOptions::default() }
}

fn open(dir: &Path) -> Store {
    try_open(dir, writable(), Appliers::default()).expect("opens")
}

/// A place for a database that does not exist yet.
fn place() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("test.db");
    (dir, path)
}

/// What stands on the disk now: a database as the death of its process would leave it.
fn snapshot(dir: &Path) -> (tempfile::TempDir, PathBuf) {
    let (kept, path) = place();
    copy(dir, &path);
    (kept, path)
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("copied");
        }
    }
}

fn put(iid: Iid, version: u32, body: &[u8]) -> Op {
    Op::Put { iid, version, body: body.to_vec(), meta: RecordMeta::by_user(body) }
}

fn both() -> ModalitySet {
    [Modality::Document, Modality::Graph].into_iter().collect()
}

/// A new hexad with a document, a graph and one version.
fn create(writes: &mut WriteSet, iid: Iid, id: &str, body: &[u8]) {
    let id = HexadId::new(id).expect("a good id");
    writes.catalog(CatalogOp::Create { iid, id, present: both() });
    writes.push(Modality::Document, put(iid, 1, body));
    writes.push(Modality::Graph, put(iid, 1, body));
    writes.push(Modality::Temporal, Op::Append { iid, seq: 1, body: vec![1] });
}

fn insert(store: &Store, id: &str, body: &[u8]) -> Result<Committed> {
    let iid = store.allocate_iids(1)?;
    let mut writes = store.view()?.write_set()?;
    create(&mut writes, iid, id, body);
    store.commit(writes)
}

/// Replaces the document and the graph of a hexad.
fn change(view: &View, id: &str, body: &[u8]) -> WriteSet {
    let iid = view.iid(id).expect("readable").expect("there");
    let version = view.header(iid).expect("readable").expect("there").version + 1;
    let mut writes = view.write_set().expect("writable");
    writes.catalog(CatalogOp::Change { iid, version, present: both() });
    writes.push(Modality::Document, put(iid, version, body));
    writes.push(Modality::Graph, put(iid, version, body));
    writes.push(Modality::Temporal, Op::Append { iid, seq: version, body: vec![2] });
    writes
}

fn remove(view: &View, id: &str) -> WriteSet {
    let iid = view.iid(id).expect("readable").expect("there");
    let version = view.header(iid).expect("readable").expect("there").version + 1;
    let mut writes = view.write_set().expect("writable");
    writes.catalog(CatalogOp::Delete { iid, version });
    writes.push(Modality::Document, Op::Delete { iid, version });
    writes.push(Modality::Graph, Op::Delete { iid, version });
    writes.push(Modality::Temporal, Op::Append { iid, seq: version, body: vec![3] });
    writes
}

/// The document of a hexad; its graph must say the same.
fn read(view: &View, id: &str) -> Option<Vec<u8>> {
    let iid = view.iid(id).expect("readable")?;
    let document = view.record(Modality::Document, iid).expect("readable").map(|r| r.body);
    let graph = view.record(Modality::Graph, iid).expect("readable").map(|r| r.body);
    assert_eq!(document, graph, "modalities of one commit");
    document
}

fn count(view: &View) -> u64 {
    view.live().expect("readable").len()
}

#[test]
fn what_is_inserted_is_there_and_stays_there() {
    let (_dir, path) = place();
    let store = open(&path);
    assert_eq!(count(&store.view().expect("a view")), 0);
    assert!(!path.exists(), "nothing is made before the first write");
    insert(&store, "a", b"one").expect("committed");
    insert(&store, "b", b"two").expect("committed");
    let view = store.view().expect("a view");
    assert_eq!(read(&view, "a").as_deref(), Some(b"one".as_slice()));
    assert_eq!((count(&view), view.lsn().0), (2, 2));
    drop(view);
    store.close().expect("closed");
    assert!(insert(&store, "c", b"").is_err());
    for options in [writable(), read_only()] {
        let store = try_open(&path, options, Appliers::default()).expect("opens");
        assert_eq!(store.status().recovery.replayed, 0);
        let view = store.view().expect("a view");
        assert_eq!(read(&view, "b").as_deref(), Some(b"two".as_slice()));
        assert_eq!(view.id_of(Iid(1)).expect("readable").as_deref(), Some("a"));
        assert_eq!(view.lsn().0, 2);
    }
}

#[test]
fn replaced_and_deleted_records_stay_in_the_history() {
    let (_dir, path) = place();
    let store = open(&path);
    insert(&store, "a", b"first").expect("committed");
    let view = store.view().expect("a view");
    store.commit(change(&view, "a", b"second")).expect("committed");
    let view = store.view().expect("a view");
    store.commit(remove(&view, "a")).expect("committed");
    insert(&store, "a", b"again").expect("the id is free");

    let view = store.view().expect("a view");
    let iids = view.iids_named("a").expect("readable");
    assert_eq!(iids, [Iid(1), Iid(2)]);
    let bodies: Vec<_> = (1..=3)
        .map(|v| view.record_at(Modality::Document, Iid(1), v).expect("readable").map(|r| r.body))
        .collect();
    assert_eq!(bodies, [Some(b"first".to_vec()), Some(b"second".to_vec()), None]);
    let past = view.history(Modality::Document, Iid(1)).expect("readable");
    assert_eq!(
        past.iter().map(|p| (p.record.version, p.until)).collect::<Vec<_>>(),
        [(1, 2), (2, 3)]
    );
    assert_eq!(view.appended(Modality::Temporal, Iid(1)).expect("readable").len(), 3);
    let gone = view.header(Iid(1)).expect("readable").expect("kept");
    assert_eq!(
        (gone.version, gone.present, gone.deleted_at.is_some()),
        (3, ModalitySet::EMPTY, true)
    );
    assert_eq!(view.live().expect("readable").iter().collect::<Vec<_>>(), [2]);
    assert_eq!(view.ever().expect("readable").len(), 2);
    assert_eq!(read(&view, "a").as_deref(), Some(b"again".as_slice()));
}

#[test]
fn one_insert_is_one_write_and_one_fsync() {
    let (_dir, path) = place();
    let store = open(&path);
    insert(&store, "first", b"makes the segment").expect("committed");
    let before = store.status();
    for n in 0..10 {
        insert(&store, &format!("h{n}"), b"x").expect("committed");
    }
    let after = store.status();
    assert_eq!((after.fsyncs - before.fsyncs, after.log_writes - before.log_writes), (10, 10));
}
