//! Whatever happens to the files: an error that names the place, or the right answer.

use std::fs;

use crate::engine::base::{Kind, Modality};

use super::super::sqlite::{self, Access};
use super::*;

fn closed_with(n: u32) -> (tempfile::TempDir, PathBuf) {
    let (dir, path) = place();
    let store = open(&path);
    for n in 0..n {
        insert(&store, &format!("h{n}"), format!("the body of {n}").as_bytes()).expect("committed");
    }
    let view = store.view().expect("a view");
    store.commit(change(&view, "h0", b"changed")).expect("committed");
    drop(view);
    store.close().expect("closed");
    (dir, path)
}

fn tamper(path: &Path, file: &str, sql: &str) {
    // With sums of pages that are right, as a bug of ours or a tool that knows them would leave them.
    let conn = sqlite::open(&path.join(file), Access::Write).expect("opens");
    assert!(conn.execute(sql, []).expect("valid") > 0, "{sql}");
}

#[test]
fn a_changed_row_is_an_error_that_names_the_hexad() {
    for sql in [
        "UPDATE record SET body = x'00' WHERE iid = 3",
        "UPDATE record SET version = 9 WHERE iid = 3",
        "UPDATE record SET updated_at = updated_at + 1 WHERE iid = 3",
        "UPDATE record SET sum = sum + 1 WHERE iid = 3",
        "UPDATE record SET meta = zeroblob(35) WHERE iid = 3",
        "UPDATE record SET iid = 77 WHERE iid = 3",
        "DELETE FROM record WHERE iid = 3",
    ] {
        let (_dir, path) = closed_with(4);
        tamper(&path, "document.db", sql);
        let store = open(&path);
        let view = store.view().expect("a view");
        let error = view.record(Modality::Document, Iid(3)).expect_err(sql);
        assert_eq!(error.kind, Kind::Corruption, "{sql}");
        assert!(error.message.contains("document.db") && error.message.contains("'h2'"), "{error}");
        assert!(view.record(Modality::Document, Iid(2)).expect("intact").is_some());
        let mut each = |_: &super::super::Record| Ok(std::ops::ControlFlow::Continue(()));
        let error = view.scan(Modality::Document, &mut each).expect_err(sql);
        assert_eq!(error.kind, Kind::Corruption, "{sql}");
        drop(view);
        let faults = store.verify().expect("readable");
        assert!(faults.iter().any(|f| f.file == "document.db"), "{sql}: {faults:?}");
        assert!(faults.iter().any(|f| f.subject.as_deref() == Some("h2")), "{faults:?}");
    }
}

#[test]
fn other_rows_are_checked_as_well() {
    for (file, sql) in [
        ("catalog.db", "UPDATE hexad SET present = 255 WHERE iid = 2"),
        ("catalog.db", "UPDATE hexad SET id = 'other' WHERE iid = 2"),
        ("catalog.db", "UPDATE bitmap SET body = x'3a300000' WHERE kind = 8"),
        ("document.db", "UPDATE history SET body = x'01'"),
        ("temporal.db", "UPDATE appended SET body = x'09' WHERE iid = 2"),
        ("temporal.db", "DELETE FROM appended WHERE iid = 1 AND seq = 1"),
    ] {
        let (_dir, path) = closed_with(3);
        tamper(&path, file, sql);
        let store = open(&path);
        let faults = store.verify().expect("readable");
        assert!(faults.iter().any(|f| f.file == file), "{sql}: {faults:?}");
    }
}

#[test]
fn an_intact_database_has_no_faults() {
    let (_dir, path) = closed_with(5);
    let store = open(&path);
    assert_eq!(store.verify(), Ok(Vec::new()));
    insert(&store, "new", b"x").expect("committed");
    assert_eq!(store.verify(), Ok(Vec::new()));
}

/// Waits until every file is well.
fn healed(store: &Store) {
    for _ in 0..20_000 {
        if store.status().degraded.is_empty() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    panic!("still ill: {:?}", store.status().ailments);
}

#[test]
fn a_lost_or_damaged_file_is_made_again_while_the_others_serve() {
    for rubbish in [false, true] {
        let (_dir, path) = closed_with(300);
        if rubbish {
            fs::write(path.join("graph.db"), vec![0x5a; 20_000]).expect("written");
        } else {
            fs::remove_file(path.join("graph.db")).expect("removed");
        }
        let store = open(&path);
        let view = store.view().expect("the others serve");
        assert!(view.record(Modality::Document, Iid(2)).expect("readable").is_some());
        drop(view);
        insert(&store, "meanwhile", b"x").expect("written meanwhile");
        healed(&store);
        let view = store.view().expect("a view");
        assert_eq!(read(&view, "h0").as_deref(), Some(b"changed".as_slice()));
        assert_eq!(read(&view, "meanwhile").as_deref(), Some(b"x".as_slice()));
        assert_eq!(view.history(Modality::Graph, Iid(1)).expect("readable").len(), 1);
        assert_eq!(store.verify(), Ok(Vec::new()));
        insert(&store, "later", b"y").expect("committed");
        assert_eq!(read(&store.view().expect("a view"), "later").as_deref(), Some(b"y".as_slice()));
        assert_eq!(store.status().recovery.rebuilt, [Modality::Graph]);
        assert_eq!(path.join("graph.db.damaged").exists(), rubbish);
        drop(view);
        store.close().expect("closed");
        assert_eq!(open(&path).verify(), Ok(Vec::new()));
    }
}

#[test]
fn a_lost_catalog_is_made_again_first() {
    let (_dir, path) = closed_with(4);
    fs::write(path.join("catalog.db"), vec![0x5a; 20_000]).expect("written");
    let store = open(&path);
    assert!(store.status().recovery.aside[0].contains("catalog.db"));
    assert_eq!(store.verify(), Ok(Vec::new()));
    assert_eq!(count(&store.view().expect("a view")), 4);
}

#[test]
fn a_file_that_cannot_be_made_again_is_lost_and_the_others_serve() {
    let (_dir, path) = closed_with(4);
    let kept = fs::read(path.join("graph.db")).expect("read");
    fs::remove_file(path.join("graph.db")).expect("removed");
    let segment = fs::read_dir(path.join("log")).expect("there").next().expect("one").expect("one");
    fs::remove_file(segment.path()).expect("removed");
    let store = open(&path);
    let view = store.view().expect("the others serve");
    assert!(view.record(Modality::Document, Iid(2)).expect("readable").is_some());
    let error = view.record(Modality::Graph, Iid(2)).expect_err("lost");
    assert_eq!(error.kind, Kind::StoreUnavailable);
    assert!(error.message.contains("graph is lost"), "{error}");
    assert_eq!(insert(&store, "new", b"").map_err(|e| e.kind), Err(Kind::StoreUnavailable));
    assert_eq!(store.status().degraded, [Modality::Graph]);
    drop(view);
    store.close().expect("closed");
    // The file of a backup, and the log since: that is enough.
    for rest in ["", "-wal", "-shm"] {
        drop(fs::remove_file(path.join(format!("graph.db{rest}"))));
    }
    fs::write(path.join("graph.db"), kept).expect("written");
    let store = open(&path);
    assert_eq!(store.verify(), Ok(Vec::new()));
    insert(&store, "new", b"").expect("whole again");
}

#[test]
fn a_lost_catalog_without_a_whole_log_is_named() {
    let (_dir, path) = closed_with(4);
    fs::remove_file(path.join("catalog.db")).expect("removed");
    fs::remove_dir_all(path.join("log")).expect("removed");
    fs::create_dir(path.join("log")).expect("made");
    let error = try_open(&path, writable(), Appliers::default()).expect_err("missing");
    assert_eq!(error.kind, Kind::Corruption);
    assert!(error.message.contains("catalog.db"), "{error}");
}

#[test]
fn damage_met_while_writing_does_not_stop_the_others() {
    let (_dir, path) = closed_with(40);
    let store = open(&path);
    drop(store.view().expect("a view"));
    // Not a file any more, under the feet of the process that has it open.
    let conn = sqlite::open(&path.join("graph.db"), Access::Write).expect("opens");
    conn.execute_batch("DROP TABLE record").expect("dropped");
    drop(conn);
    insert(&store, "new", b"x").expect("committed");
    let view = store.view().expect("the others serve");
    let iid = view.iid("new").expect("readable").expect("there");
    assert!(view.record(Modality::Document, iid).expect("readable").is_some());
    drop(view);
    healed(&store);
    assert_eq!(read(&store.view().expect("a view"), "new").as_deref(), Some(b"x".as_slice()));
    assert_eq!(store.verify(), Ok(Vec::new()));
}

#[test]
fn what_is_no_database_is_not_touched() {
    let (_dir, path) = place();
    fs::create_dir(&path).expect("made");
    fs::write(path.join("letter.txt"), "dear").expect("written");
    let error = try_open(&path, writable(), Appliers::default()).expect_err("not ours");
    assert_eq!(error.kind, Kind::NotADatabase);
    assert_eq!(fs::read_dir(&path).expect("there").count(), 1);
    let error = try_open(&path.join("letter.txt"), writable(), Appliers::default());
    assert_eq!(error.map(drop).map_err(|e| e.kind), Err(Kind::NotADatabase));
    let error = try_open(&path.join("none"), OpenOptions::default(), Appliers::default());
    assert_eq!(error.map(drop).map_err(|e| e.kind), Err(Kind::NotFound));
}

#[test]
fn a_newer_format_is_refused_and_a_damaged_one_named() {
    let (_dir, path) = closed_with(1);
    let text = fs::read_to_string(path.join("FORMAT")).expect("text");
    for (from, to, kind) in
        [("format 1", "format 2", Kind::NewerFormat), ("id ", "id 0", Kind::Corruption)]
    {
        fs::write(path.join("FORMAT"), text.replace(from, to)).expect("written");
        let error = try_open(&path, writable(), Appliers::default()).expect_err("refused");
        assert_eq!(error.kind, kind);
    }
}

#[test]
fn an_unfinished_making_is_made_again() {
    let (_dir, path) = closed_with(1);
    fs::remove_file(path.join("FORMAT")).expect("removed");
    for entry in fs::read_dir(path.join("log")).expect("there") {
        fs::remove_file(entry.expect("an entry").path()).expect("removed");
    }
    let store = open(&path);
    insert(&store, "a", b"x").expect("committed");
    assert_eq!(count(&store.view().expect("a view")), 1);
}

#[test]
fn what_the_log_wrote_and_the_files_do_not_hold_is_named() {
    // Whole rows that fit their checksums, and yet not what was committed.
    for (file, sql) in [
        ("document.db", "DELETE FROM history"),
        ("temporal.db", "DELETE FROM appended WHERE iid = 1 AND seq = 2"),
        ("catalog.db", "DELETE FROM hexad WHERE iid = 3"),
    ] {
        let (_dir, path) = closed_with(3);
        tamper(&path, file, sql);
        let faults = open(&path).verify().expect("readable");
        let named = |f: &super::super::Fault| f.file == file && f.message.contains("commit ");
        assert!(faults.iter().any(named), "{sql}: {faults:?}");
    }
}
