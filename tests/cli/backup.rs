//! `vql backup`: copies made while others write, and databases made from them.

use std::fs;
use std::path::{Path, PathBuf};

use crate::harness::{Place, Run};

fn insert(n: usize) -> String {
    format!(
        "INSERT HEXAD 'n:{n:03}' WITH DOCUMENT(title = 'Note {n}'), SPATIAL(latitude = {n}, longitude = 7);\n"
    )
}

fn export(place: &Place, database: &str) -> String {
    let run = place.vql(["migrate", "export", database, "-"]);
    assert_eq!(run.code, 0, "{run}");
    run.out
}

fn good(place: &Place, args: &[&str]) -> Run {
    let run = place.vql(args.iter().copied());
    assert_eq!(run.code, 0, "{args:?}\n{run}");
    run
}

/// A full backup and two increments, with the export at each.
fn three(place: &Place) -> Vec<String> {
    let mut exports = Vec::new();
    for n in 0..3 {
        place.script(&(n * 4..n * 4 + 4).map(insert).collect::<String>());
        let mut args = vec!["backup", "create", "t.db", "b"];
        args.extend((n > 0).then_some("--incremental"));
        good(place, &args);
        exports.push(export(place, "t.db"));
    }
    exports
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

#[test]
fn a_database_in_use_is_backed_up_and_goes_back_to_every_commit() {
    let place = Place::new();
    let mut talk = place.talk(&["repl", "t.db", "--format", "jsonl"]);
    let mut exports = vec![String::new()];
    for n in 1..=9 {
        talk.ask(&insert(n));
        // What another process sees follows the answer by a moment.
        let lines = |text: &str| text.lines().count();
        let mut now = export(&place, "t.db");
        while lines(&now) < n {
            now = export(&place, "t.db");
        }
        exports.push(now);
        if n % 3 == 0 {
            let mut args = vec!["backup", "create", "t.db", "b"];
            args.extend((n > 3).then_some("--incremental"));
            good(&place, &args);
        }
    }
    talk.end();
    let listed = good(&place, &["backup", "list", "b"]).out;
    assert_eq!(listed.lines().count(), 3, "{listed}");
    for (n, expected) in exports.iter().enumerate().take(10).skip(3) {
        let (name, lsn) = (format!("r{n}"), n.to_string());
        good(&place, &["backup", "restore", "b", &name, "--to-lsn", &lsn]);
        assert_eq!(export(&place, &name), *expected, "commit {n}");
    }
    for lsn in ["2", "10"] {
        let run = place.vql(["backup", "restore", "b", "no", "--to-lsn", lsn]);
        assert!(run.code == 1 && run.err.contains("commits 3 to 9"), "{run}");
        assert!(!place.path("no").exists(), "{run}");
    }
    // A restored database takes writes, and is another one.
    let run = place.with_input(["repl", "r5", "-q"], insert(50));
    assert_eq!(run.code, 0, "{run}");
    assert_eq!(export(&place, "r5").lines().count(), 6);
    let run = place.vql(["backup", "create", "r5", "b"]);
    assert!(run.code == 1 && run.err.contains("another database"), "{run}");
    good(&place, &["backup", "create", "r5", "other"]);
    good(&place, &["backup", "verify", "other"]);
}

#[test]
fn times_lead_back_too() {
    let place = Place::new();
    let exports = three(&place);
    let listed = good(&place, &["backup", "list", "b"]).out;
    for (n, line) in listed.lines().enumerate() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        let (name, time) = (format!("r{n}"), row["time"].as_str().unwrap());
        good(&place, &["backup", "restore", "b", &name, "--to-time", time]);
        assert_eq!(export(&place, &name), exports[n]);
    }
    for time in ["2001-01-01", "2999-01-01"] {
        let run = place.vql(["backup", "restore", "b", "no", "--to-time", time]);
        assert!(run.code == 1 && run.err.contains("commits 4 to 12"), "{run}");
    }
    assert_eq!(place.vql(["backup", "restore", "b", "no", "--to-time", "noon"]).code, 2);
}

#[test]
fn damage_in_any_file_of_a_backup_is_found() {
    let place = Place::new();
    three(&place);
    good(&place, &["backup", "verify", "b"]);
    let all = files(&place.path("b"));
    assert!(all.len() > 14, "{all:?}");
    for (n, path) in all.iter().filter(|path| !path.ends_with("LOCK")).enumerate() {
        let whole = fs::read(path).unwrap();
        let mut bytes = whole.clone();
        let at = (n * 7919 + 101) % bytes.len();
        bytes[at] ^= 1 << (n % 8);
        fs::write(path, bytes).unwrap();
        let run = place.vql(["backup", "verify", "b"]);
        assert_ne!(run.code, 0, "{} byte {at}\n{run}", path.display());
        let run = place.vql(["backup", "restore", "b", "no"]);
        assert_ne!(run.code, 0, "{} byte {at}\n{run}", path.display());
        assert!(!place.path("no").exists());
        fs::remove_file(path).unwrap();
        let run = place.vql(["backup", "restore", "b", "no"]);
        assert_ne!(run.code, 0, "without {}\n{run}", path.display());
        fs::write(path, whole).unwrap();
    }
    good(&place, &["backup", "restore", "b", "yes"]);
    let left = fs::read_dir(place.root()).unwrap().map(|e| e.unwrap().file_name());
    let left: Vec<_> = left.filter(|n| n.to_string_lossy().contains("restoring")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn nothing_is_written_over_and_nothing_needed_is_removed() {
    let place = Place::new();
    three(&place);
    place.write("full/x", "mine");
    let run = place.vql(["backup", "restore", "b", "full"]);
    assert!(run.code == 1 && run.err.contains("is not empty"), "{run}");
    assert_eq!(place.read("full/x"), "mine");
    let run = place.vql(["backup", "create", "t.db", "t.db/backups"]);
    assert!(run.code == 1 && run.err.contains("within the database"), "{run}");
    let run = place.vql(["backup", "create", "t.db", "c", "--incremental"]);
    assert!(run.code == 1 && run.err.contains("full backup"), "{run}");
    assert_ne!(place.vql(["backup", "create", "missing.db", "c"]).code, 0);
    // The newest needs all before it.
    let run = good(&place, &["backup", "prune", "b", "--keep", "1"]);
    assert_eq!(run.out.matches("needed").count(), 2, "{run}");
    good(&place, &["backup", "create", "t.db", "b"]);
    let run = good(&place, &["backup", "prune", "b", "--keep", "1", "--dry-run"]);
    assert_eq!(run.out.matches("would be removed").count(), 3, "{run}");
    good(&place, &["backup", "prune", "b", "--keep", "1"]);
    assert_eq!(good(&place, &["backup", "list", "b"]).out.lines().count(), 1);
    good(&place, &["backup", "verify", "b"]);
}

#[test]
fn a_backup_that_was_killed_counts_for_nothing() {
    let place = Place::new();
    three(&place);
    for n in 0_u64..12 {
        let mut child = place.command(["backup", "create", "t.db", "b"]).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(n * 9));
        child.kill().ok();
        child.wait().unwrap();
        let run = good(&place, &["backup", "list", "b"]);
        assert!(run.out.lines().all(|line| line.contains("\"whole\"")), "{run}");
    }
    good(&place, &["backup", "create", "t.db", "b"]);
    assert!(files(&place.path("b")).iter().all(|p| !p.display().to_string().contains("partial")));
    good(&place, &["backup", "restore", "b", "r"]);
    assert_eq!(export(&place, "r"), export(&place, "t.db"));
}
