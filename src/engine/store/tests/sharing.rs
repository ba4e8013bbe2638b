//! Many writers, many readers, several processes.

use std::sync::Barrier;
use std::thread;

use crate::engine::base::{Kind, Modality};

use super::super::{Space, SyncMode};
use super::*;

#[test]
fn the_second_of_two_writers_is_told() {
    let (_dir, path) = place();
    let store = open(&path);
    insert(&store, "a", b"0").expect("committed");
    let (one, two) = (store.view().expect("a view"), store.view().expect("a view"));
    store.commit(change(&one, "a", b"1")).expect("the first wins");
    let error = store.commit(change(&two, "a", b"2")).expect_err("the second is told");
    assert_eq!(error.kind, Kind::WriteConflict);
    let fresh = store.view().expect("a view");
    store.commit(change(&fresh, "a", b"2")).expect("on a new view");

    let stale = store.view().expect("a view");
    insert(&store, "new", b"").expect("committed");
    let iid = store.allocate_iids(1).expect("ids");
    let mut writes = stale.write_set().expect("writable");
    create(&mut writes, iid, "new", b"");
    assert_eq!(store.commit(writes).map_err(|e| e.kind), Err(Kind::WriteConflict));

    let mut relying = stale.write_set().expect("writable");
    relying.require(stale.iid("a").expect("readable").expect("there"));
    let other = store.view().expect("a view");
    store.commit(change(&other, "a", b"3")).expect("committed");
    relying.catalog(CatalogOp::Set { space: Space::Setting, name: "x".into(), body: vec![1] });
    assert_eq!(store.commit(relying).map_err(|e| e.kind), Err(Kind::WriteConflict));
}

#[test]
fn eight_threads_share_syncs_and_lose_nothing() {
    let (_dir, path) = place();
    let store = open(&path);
    insert(&store, "first", b"").expect("committed");
    let before = store.status().fsyncs;
    let start = Barrier::new(8);
    thread::scope(|scope| {
        for t in 0..8 {
            let (store, start) = (&store, &start);
            scope.spawn(move || {
                start.wait();
                for n in 0..25 {
                    let id = format!("t{t}-{n}");
                    insert(store, &id, id.as_bytes()).expect("committed");
                }
            });
        }
    });
    let fsyncs = store.status().fsyncs - before;
    assert!(fsyncs <= 200, "{fsyncs} syncs for 200 commits");
    let (_kept, crashed) = snapshot(&path);
    for path in [&crashed, &path] {
        let other = if path == &crashed { Some(open(path)) } else { None };
        let view = other.as_ref().unwrap_or(&store).view().expect("a view");
        assert_eq!(count(&view), 201);
        for t in 0..8 {
            for n in 0..25 {
                let id = format!("t{t}-{n}");
                assert_eq!(read(&view, &id).as_deref(), Some(id.as_bytes()));
            }
        }
    }
}

#[test]
fn a_view_never_changes_and_shows_one_commit_everywhere() {
    let (_dir, path) = place();
    let store = open(&path);
    insert(&store, "a", b"0").expect("committed");
    thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for n in 1..=60_u32 {
                let view = store.view().expect("a view");
                store.commit(change(&view, "a", &n.to_le_bytes())).expect("alone");
            }
        });
        for _ in 0..3 {
            scope.spawn(|| {
                let mut last = 0;
                while last < 61 {
                    let view = store.view().expect("a view");
                    let iid = view.iid("a").expect("readable").expect("there");
                    let version = view.header(iid).expect("readable").expect("there").version;
                    for modality in [Modality::Document, Modality::Graph] {
                        let record = view.record(modality, iid).expect("readable").expect("there");
                        assert_eq!((record.version, view.lsn().0), (version, u64::from(version)));
                    }
                    let versions = view.appended(Modality::Temporal, iid).expect("readable");
                    assert_eq!(versions.len(), version as usize);
                    assert!(version >= last, "a newer view shows no older state");
                    last = version;
                }
            });
        }
        writer.join().expect("no panic");
    });
    let old = store.view().expect("a view");
    let before = read(&old, "a");
    store.commit(change(&old, "a", b"later")).expect("alone");
    insert(&store, "b", b"").expect("committed");
    assert_eq!(store.view().map(|v| count(&v)), Ok(2));
    assert_eq!((read(&old, "a"), count(&old), read(&old, "b")), (before, 1, None));
}

#[test]
fn readers_may_look_beside_the_writer_and_a_second_writer_may_not() {
    let (_dir, path) = place();
    let store = open(&path);
    insert(&store, "a", b"1").expect("committed");
    let second = try_open(&path, writable(), Appliers::default()).expect_err("locked");
    assert_eq!(second.kind, Kind::DatabaseLocked);
    drop(store.view().expect("everything is applied"));

    let reader = try_open(&path, read_only(), Appliers::default()).expect("opens");
    assert_eq!(count(&reader.view().expect("a view")), 1);
    assert_eq!(insert(&reader, "b", b"").map_err(|e| e.kind), Err(Kind::ReadOnlyStore));
    insert(&store, "b", b"2").expect("committed");
    drop(store.view().expect("everything is applied"));
    let view = reader.view().expect("a view");
    assert_eq!((count(&view), read(&view, "b")), (2, Some(b"2".to_vec())));
    drop(view);
    store.close().expect("closed beside a reader");
    assert_eq!(count(&reader.view().expect("a view")), 2);
    let again = open(&path);
    insert(&again, "c", b"3").expect("committed");
    drop(again.view().expect("everything is applied"));
    assert_eq!(count(&reader.view().expect("a view")), 3);
}

#[test]
fn a_reader_without_a_writer_replays_and_lets_go() {
    let (_dir, path) = place();
    let store = open(&path);
    insert(&store, "a", b"1").expect("committed");
    let (_kept, crashed) = snapshot(&path);
    let reader = try_open(&crashed, read_only(), Appliers::default()).expect("opens");
    assert_eq!(read(&reader.view().expect("a view"), "a").as_deref(), Some(b"1".as_slice()));
    let writer = open(&crashed);
    insert(&writer, "b", b"2").expect("the lock is free");
}

#[test]
fn every_sync_mode_keeps_what_it_acknowledged_when_the_process_dies() {
    for sync in [SyncMode::Full, SyncMode::Interval(5), SyncMode::Off] {
        let (_dir, path) = place();
        let options = OpenOptions { sync: Some(sync), ..writable() };
        let store = try_open(&path, options, Appliers::default()).expect("opens");
        for n in 0..30 {
            insert(&store, &format!("h{n}"), b"x").expect("committed");
        }
        let (_kept, crashed) = snapshot(&path);
        let again = open(&crashed);
        assert_eq!(count(&again.view().expect("a view")), 30, "{}", sync.describe());
    }
}
