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
    for (sql, subject) in [
        ("UPDATE record SET body = x'00' WHERE iid = 3", true),
        ("UPDATE record SET version = 9 WHERE iid = 3", true),
        ("UPDATE record SET updated_at = updated_at + 1 WHERE iid = 3", true),
        ("UPDATE record SET sum = sum + 1 WHERE iid = 3", true),
        ("UPDATE record SET meta = zeroblob(35) WHERE iid = 3", true),
        ("UPDATE record SET iid = 77 WHERE iid = 3", false),
        ("DELETE FROM record WHERE iid = 3", false),
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
        assert_eq!(
            faults.iter().any(|f| f.subject.as_deref() == Some("h2")),
            subject,
            "{faults:?}"
        );
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

#[test]
fn a_lost_file_is_made_again_from_a_whole_log() {
    let (_dir, path) = closed_with(4);
    fs::remove_file(path.join("graph.db")).expect("removed");
    let store = open(&path);
    assert_eq!(store.status().recovery.rebuilt, [Modality::Graph]);
    let view = store.view().expect("a view");
    assert_eq!(read(&view, "h0").as_deref(), Some(b"changed".as_slice()));
    assert_eq!(view.history(Modality::Graph, Iid(1)).expect("readable").len(), 1);
    assert_eq!(store.verify(), Ok(Vec::new()));
}

#[test]
fn a_lost_file_without_a_whole_log_is_named() {
    for file in ["graph.db", "catalog.db"] {
        let (_dir, path) = closed_with(4);
        fs::remove_file(path.join(file)).expect("removed");
        fs::remove_dir_all(path.join("log")).expect("removed");
        fs::create_dir(path.join("log")).expect("made");
        let error = try_open(&path, writable(), Appliers::default()).expect_err("missing");
        assert_eq!(error.kind, Kind::Corruption);
        assert!(error.message.contains(file), "{error}");
    }
}

#[test]
fn a_file_overwritten_with_rubbish_is_named() {
    let (_dir, path) = closed_with(4);
    fs::write(path.join("spatial.db"), vec![0x5a; 20_000]).expect("written");
    let error = try_open(&path, writable(), Appliers::default()).expect_err("rubbish");
    assert_eq!(error.kind, Kind::Corruption);
    assert!(error.message.contains("spatial.db"), "{error}");
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
