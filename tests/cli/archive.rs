//! Continuous archiving: whatever was answered is in the archive, and comes back from there.

use std::fs;
use std::path::Path;

use crate::harness::{Place, Run, Talk, run};

fn insert(n: usize) -> String {
    format!("INSERT HEXAD 'n:{n:04}' WITH DOCUMENT(title = 'Note {n}');\n")
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

fn settings(place: &Place, more: &str) {
    place.write("vql.toml", format!("archive = 'archive'\n{more}"));
}

/// The value of a column of SHOW STATUS.
fn status(talk: &mut Talk, column: &str) -> String {
    let row = talk.ask("SHOW STATUS;\n");
    row[column].as_str().unwrap_or_default().to_owned()
}

fn kill(talk: Talk) {
    let id = talk.id().to_string();
    let status = std::process::Command::new("kill").args(["-9", &id]).status().unwrap();
    assert!(status.success());
    drop(talk.end());
}

#[test]
fn what_was_answered_survives_the_loss_of_the_database() {
    let place = Place::new();
    settings(&place, "");
    place.script(&insert(0));
    good(&place, &["backup", "create", "t.db", "b"]);
    let mut answered = 1;
    for round in 0..6 {
        let mut talk = place.talk(&["repl", "t.db", "--format", "jsonl"]);
        for _ in 0..3 + 5 * round {
            talk.ask(&insert(answered));
            answered += 1;
        }
        // One more is on its way and may or may not arrive.
        talk.say(&insert(9000 + round));
        kill(talk);
        let name = format!("r{round}");
        let before = fs::rename(place.path("t.db"), place.path("gone"));
        before.unwrap();
        let run = good(&place, &["backup", "restore", "b", &name]);
        assert!(run.err.contains("the archive"), "{run}");
        let out = export(&place, &name);
        for n in 0..answered {
            assert!(out.contains(&format!("n:{n:04}")), "round {round}: {n} of {answered}\n{run}");
        }
        fs::rename(place.path("gone"), place.path("t.db")).unwrap();
    }
    // Without it, and to a commit in the middle of it.
    good(&place, &["backup", "restore", "b", "old.db", "--no-archive"]);
    assert_eq!(export(&place, "old.db").lines().count(), 1);
    good(&place, &["backup", "restore", "b", "one.db", "--backup", "000001"]);
    assert_eq!(export(&place, "one.db").lines().count(), 1);
    good(&place, &["backup", "restore", "b", "mid.db", "--to-lsn", "4"]);
    assert!((3..=4).contains(&export(&place, "mid.db").lines().count()));
    good(&place, &["backup", "verify", "b"]);
}

#[test]
fn time_leads_into_the_archive() {
    let place = Place::new();
    settings(&place, "");
    place.script(&insert(1));
    good(&place, &["backup", "create", "t.db", "b"]);
    place.script(&insert(2));
    std::thread::sleep(std::time::Duration::from_millis(20));
    let between = jiff_now();
    std::thread::sleep(std::time::Duration::from_millis(20));
    place.script(&insert(3));
    fs::remove_dir_all(place.path("t.db")).unwrap();
    good(&place, &["backup", "restore", "b", "r.db", "--to-time", &between]);
    assert_eq!(export(&place, "r.db").lines().count(), 2);
    let run = place.vql(["backup", "restore", "b", "no.db", "--to-time", "2999-01-01"]);
    assert!(run.code == 1 && !place.path("no.db").exists(), "{run}");
    // A database with nothing left of it, restored, is archived under its own name from then on.
    good(&place, &["backup", "restore", "b", "t.db"]);
    place.script(&insert(4));
    assert_eq!(histories(&place.path("archive")), 2);
}

fn jiff_now() -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    jiff::Timestamp::from_microsecond(now.as_micros() as i64).unwrap().to_string()
}

fn histories(archive: &Path) -> usize {
    fs::read_dir(archive).unwrap().count()
}

#[test]
fn an_archive_that_is_away_refuses_commits_or_lets_them_go_on() {
    let place = Place::new();
    settings(&place, "");
    place.script(&insert(0));
    // Its folder cannot be made: a file stands in its way.
    fs::rename(place.path("archive"), place.path("kept")).unwrap();
    place.write("archive", "in the way");
    let mut talk = place.talk(&["repl", "t.db", "--format", "jsonl", "--keep-going"]);
    talk.say(&insert(1));
    assert!(status(&mut talk, "degraded_reason").contains("cannot be archived"));
    assert_eq!(talk.ask("SELECT COUNT(*) FROM hexads;\n").to_string().matches('1').count(), 1);
    // As soon as it is back, it takes what was kept from it.
    fs::remove_file(place.path("archive")).unwrap();
    fs::rename(place.path("kept"), place.path("archive")).unwrap();
    talk.ask(&insert(2));
    assert!(status(&mut talk, "archive").ends_with("every commit"));
    let run = talk.end();
    assert!(run.code == 1 && run.err.contains("cannot be archived"), "{run}");
    let out = export(&place, "t.db");
    assert!(!out.contains("n:0001") && out.contains("n:0002"), "{out}");

    settings(&place, "archive-failure = 'continue'\n");
    fs::rename(place.path("archive"), place.path("kept")).unwrap();
    place.write("archive", "in the way");
    let mut talk = place.talk(&["repl", "t.db", "--format", "jsonl"]);
    talk.ask(&insert(3));
    assert!(status(&mut talk, "archive").ends_with("behind"));
    assert_eq!(status(&mut talk, "status"), "degraded");
    fs::remove_file(place.path("archive")).unwrap();
    fs::rename(place.path("kept"), place.path("archive")).unwrap();
    assert_eq!(talk.end().code, 0);
    good(&place, &["backup", "create", "t.db", "b"]);
    let run = place.script(&(insert(4) + "SHOW STATUS;"));
    assert!(run.contains("every commit"), "{run}");
    for bad in ["archive-failure = 'later'\n", "archive_failures = 'refuse'\n"] {
        settings(&place, bad);
        assert_eq!(place.vql(["repl", "t.db", "-c", "SHOW STATUS"]).code, 2);
    }
}

#[test]
fn a_copy_of_a_database_does_not_write_into_the_archive_of_the_original() {
    let place = Place::new();
    settings(&place, "");
    place.script(&insert(0));
    let status = std::process::Command::new("cp")
        .args(["-r", "t.db", "copy.db"])
        .current_dir(place.root())
        .status()
        .unwrap();
    assert!(status.success());
    place.script(&(1..4).map(insert).collect::<String>());
    // Its history ends before that of the archive; later it is another one.
    for _ in 0..2 {
        let run = place.with_input(["repl", "copy.db", "-q"], insert(7));
        assert!(run.code != 0 && run.err.contains("does not continue with this database"), "{run}");
    }
    let mut command = place.command(["repl", "copy.db", "-q"]);
    command.env("VQL_ARCHIVE", "elsewhere");
    assert_eq!(run_of(&mut command, &insert(8)).code, 0);
    // While one process archives, no other does.
    let mut talk = place.talk(&["repl", "t.db", "--format", "jsonl"]);
    talk.ask(&insert(9));
    let run = place.with_input(["repl", "copy.db", "-q"], insert(10));
    assert!(run.code != 0 && run.err.contains("another process archives"), "{run}");
    assert_eq!(talk.end().code, 0);
    let mut command = place.command(["repl", "t.db", "-q"]);
    command.env("VQL_ARCHIVE", place.path("t.db/inside"));
    let run = run_of(&mut command, &insert(11));
    assert!(run.code != 0 && run.err.contains("lies within the database"), "{run}");
}

fn run_of(command: &mut std::process::Command, input: &str) -> Run {
    run(command, input.as_bytes())
}

#[test]
fn an_archive_of_another_history_is_not_mixed_in() {
    let place = Place::new();
    settings(&place, "");
    place.script(&insert(0));
    good(&place, &["backup", "create", "t.db", "b"]);
    place.script(&insert(1));
    // Damage in what the backup needs of it is found.
    let folder = fs::read_dir(place.path("archive")).unwrap().next().unwrap().unwrap().path();
    let segment = folder.join("00000000000000000001.vlog");
    let whole = fs::read(&segment).unwrap();
    for n in 0..60 {
        let mut bytes = whole.clone();
        let at = n * bytes.len() / 60;
        bytes[at] ^= 1 << (n % 8);
        fs::write(&segment, bytes).unwrap();
        let name = format!("d{n}");
        let run = place.vql(["backup", "restore", "b", &name]);
        if run.code == 0 {
            assert_eq!(export(&place, &name).lines().count(), 2, "byte {at}: {run}");
        } else {
            assert!(run.code == 4 && !place.path(&name).exists(), "byte {at}: {run}");
        }
    }
    fs::write(&segment, &whole).unwrap();
    good(&place, &["backup", "restore", "b", "r.db"]);
    // Pruned with its backups, it still reaches back to the oldest that stays.
    good(&place, &["backup", "create", "t.db", "b"]);
    good(&place, &["backup", "prune", "b", "--keep", "1"]);
    place.script(&insert(2));
    good(&place, &["backup", "restore", "b", "s.db"]);
    assert_eq!(export(&place, "s.db").lines().count(), 3);
}
