//! Death at any moment, full disks, failing disks.

use std::fs;
use std::io::ErrorKind;

use crate::engine::base::{Kind, Lsn};
use crate::engine::log::Faults;
use crate::engine::log::segment;
use crate::engine::store::SyncMode;

use super::*;

fn the_segment(dir: &Path) -> PathBuf {
    segment::list(&dir.join("log")).expect("a folder").last().expect("a segment").1.clone()
}

#[test]
fn the_death_of_the_process_loses_nothing() {
    let (_dir, path) = place();
    let store = open(&path);
    for n in 0..40 {
        insert(&store, &format!("h{n}"), format!("body {n}").as_bytes()).expect("committed");
        if n % 13 == 0 {
            let (_kept, crashed) = snapshot(&path);
            let again = open(&crashed);
            let view = again.view().expect("a view");
            assert_eq!((count(&view), view.lsn()), (n + 1, Lsn(n + 1)));
            insert(&again, "after", b"x").expect("goes on");
            again.close().expect("closed");
            assert_eq!(count(&open(&crashed).view().expect("a view")), n + 2);
        }
    }
}

#[test]
fn every_cut_of_the_log_leaves_a_prefix() {
    let (_dir, path) = place();
    let store = open(&path);
    insert(&store, "h1", b"1").expect("committed");
    drop(store.view().expect("everything is applied"));
    let (_base, base) = snapshot(&path);
    for n in 2..=4 {
        insert(&store, &format!("h{n}"), &[n]).expect("committed");
    }
    let whole = fs::read(the_segment(&path)).expect("readable");
    let start = fs::metadata(the_segment(&base)).expect("there").len() as usize;
    for length in (start..=whole.len()).step_by(23).chain([whole.len()]) {
        let (_kept, cut) = snapshot(&base);
        fs::write(the_segment(&cut), &whole[..length]).expect("writable");
        let again = open(&cut);
        let view = again.view().expect("a view");
        let lsn = view.lsn().0;
        for n in 1..=4_u64 {
            assert_eq!(read(&view, &format!("h{n}")).is_some(), n <= lsn, "{length} bytes");
        }
        drop(view);
        assert_eq!(insert(&again, "next", b"").expect("goes on").lsn, Lsn(lsn + 1));
    }
}

#[test]
fn damage_in_the_log_refuses_to_open_until_loss_is_accepted() {
    let (_dir, path) = place();
    let store = open(&path);
    insert(&store, "h0", b"0").expect("committed");
    drop(store.view().expect("everything is applied"));
    let (_kept, crashed) = snapshot(&path);
    for n in 1..6 {
        insert(&store, &format!("h{n}"), b"n").expect("committed");
    }
    let mut bytes = fs::read(the_segment(&path)).expect("readable");
    let third = segment::scan(&bytes, Lsn(1)).offsets[2];
    bytes[third + 60] ^= 4;
    fs::write(the_segment(&crashed), &bytes).expect("writable");
    let error = try_open(&crashed, writable(), Appliers::default()).expect_err("damage");
    assert_eq!(error.kind, Kind::Corruption);
    assert!(error.message.contains("commits 3 to 6"), "{error}");
    let options = OpenOptions { accept_loss: true, ..writable() };
    let again = try_open(&crashed, options, Appliers::default()).expect("accepted");
    let lost = again.status().recovery.lost;
    assert_eq!(lost.len(), 2, "{lost:?}");
    assert!(lost[1].contains("commits 4 to 6") && lost[1].contains("'h3', 'h4', 'h5'"), "{lost:?}");
    assert_eq!(count(&again.view().expect("a view")), 2);
}

#[test]
fn a_full_disk_loses_nothing_and_reading_goes_on() {
    let (_dir, path) = place();
    let store = open(&path);
    insert(&store, "a", b"1").expect("committed");
    let faults = Faults::default();
    store.inner().log.lock().as_mut().expect("a writer").set_faults(faults.clone());
    // The segment in use was opened without them: begin a new one.
    store.close().expect("closed");
    drop(store);
    let store = open(&path);
    store.inner().log.lock().as_mut().expect("a writer").set_faults(faults.clone());
    for n in 0..3 {
        faults.fail_write(ErrorKind::StorageFull);
        let id = format!("n{n}");
        assert_eq!(insert(&store, &id, b"").map_err(|e| e.kind), Err(Kind::DiskFull));
        assert_eq!(read(&store.view().expect("a view"), &id), None);
        insert(&store, &id, b"space again").expect("committed");
    }
    let (_kept, crashed) = snapshot(&path);
    assert_eq!(count(&open(&crashed).view().expect("a view")), 4);
}

#[test]
fn a_failed_sync_ends_writing_for_good_and_reading_goes_on() {
    let (_dir, path) = place();
    let store = open(&path);
    insert(&store, "a", b"1").expect("committed");
    store.close().expect("closed");
    let store = open(&path);
    let faults = Faults::default();
    store.inner().log.lock().as_mut().expect("a writer").set_faults(faults.clone());
    insert(&store, "b", b"2").expect("committed");
    faults.fail_sync();
    for id in ["c", "d"] {
        let error = insert(&store, id, b"").expect_err("stopped");
        assert_eq!(error.kind, Kind::StoreUnavailable);
    }
    assert!(store.status().stopped.is_some());
    let view = store.view().expect("a view");
    assert_eq!((count(&view), read(&view, "b")), (2, Some(b"2".to_vec())));
    drop(view);
    drop(store);
    let again = open(&path);
    insert(&again, "e", b"").expect("recovered from the disk");
}

#[test]
fn checkpoints_let_go_of_the_log() {
    let (_dir, path) = place();
    let options = OpenOptions { keep_log: 0, ..writable() };
    let store = try_open(&path, options, Appliers::default()).expect("opens");
    for n in 0..5 {
        insert(&store, &format!("h{n}"), b"x").expect("committed");
        store.checkpoint().expect("durable");
    }
    let status = store.status();
    assert!(status.files.iter().all(|(_, lsn)| *lsn == Lsn(5)), "{:?}", status.files);
    insert(&store, "last", b"x").expect("committed");
    store.close().expect("closed");
    assert_eq!(count(&open(&path).view().expect("a view")), 6);
}

#[test]
fn the_clock_may_go_back_but_commit_times_do_not() {
    let (_dir, path) = place();
    let store = open(&path);
    let times: Vec<_> =
        (0..5).map(|n| insert(&store, &format!("a{n}"), b"").expect("committed").time).collect();
    assert!(times.is_sorted_by(|a, b| a < b));
    store.close().expect("closed");
    let later = insert(&open(&path), "b", b"").expect("committed").time;
    assert!(later > times[4], "the clock of the new process began at zero");
}

#[test]
fn an_interval_is_kept_although_nothing_more_is_committed() {
    let (_dir, path) = place();
    let options = OpenOptions { sync: Some(SyncMode::Interval(1)), ..writable() };
    let store = try_open(&path, options, Appliers::default()).expect("opens");
    insert(&store, "a", b"1").expect("committed");
    let synced = || store.inner().log.lock().as_ref().map(|log| (log.synced(), log.last()));
    for _ in 0..5_000 {
        if synced() == Some((Lsn(1), Lsn(1))) {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    panic!("never forced: {:?}", synced());
}

#[test]
fn the_sync_mode_is_kept_in_the_database() {
    let (_dir, path) = place();
    let store = open(&path);
    assert_eq!(store.status().sync, SyncMode::Full);
    store.keep_sync(SyncMode::Interval(50)).expect("kept");
    assert_eq!(store.status().sync, SyncMode::Interval(50));
    drop(store);
    assert_eq!(open(&path).status().sync, SyncMode::Interval(50));
    let options = OpenOptions { sync: Some(SyncMode::Full), ..writable() };
    let store = try_open(&path, options, Appliers::default()).expect("opens");
    assert_eq!(store.status().sync, SyncMode::Full, "who opens it has the last word");
}

#[test]
fn what_is_lacking_may_come_back() {
    let (_dir, path) = place();
    let store = open(&path);
    insert(&store, "a", b"1").expect("committed");
    store.close().expect("closed");
    let store = open(&path);
    let faults = Faults::default();
    store.inner().log.lock().as_mut().expect("a writer").set_faults(faults.clone());
    for (n, lacking, kind) in [
        (0, ErrorKind::QuotaExceeded, Kind::DiskFull),
        (1, ErrorKind::ReadOnlyFilesystem, Kind::ResourceExhausted),
        (2, ErrorKind::OutOfMemory, Kind::ResourceExhausted),
    ] {
        faults.fail_write(lacking);
        let id = format!("n{n}");
        assert_eq!(insert(&store, &id, b"").map_err(|e| e.kind), Err(kind));
        insert(&store, &id, b"again").expect("committed");
    }
    let (_kept, crashed) = snapshot(&path);
    assert_eq!(count(&open(&crashed).view().expect("a view")), 4);
}
