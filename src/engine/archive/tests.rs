//! Against a log as the store writes it.

use super::*;
use crate::engine::base::Timestamp;
use crate::engine::log::recover::Tail;
use crate::engine::log::segment;
use crate::engine::log::walk::Walk;
use crate::engine::log::writer::Entry;
use crate::engine::log::{LogWriter, Section};

const DATABASE: DatabaseId = [7; 16];

fn entry(n: u64) -> Entry {
    let sections = vec![Section { kind: 1, codec: 1, bytes: n.to_le_bytes().to_vec() }];
    Entry { txn: n, time: Timestamp(n as i64), sections }
}

fn grow(log: &mut LogWriter, count: u64) {
    for _ in 0..count {
        assert!(log.append(vec![entry(log.last().0 + 1)]).is_ok());
    }
}

fn wish(dir: &Path, on_failure: OnFailure) -> Wish {
    Wish { dir: dir.into(), on_failure }
}

/// Commits 1 to `upto` are in the archive.
fn archived(folder: &Path, upto: u64) {
    let mut walk = Walk::new(&[folder.to_path_buf()], DATABASE, Lsn(1));
    for n in 1..=upto {
        let record = walk.next(Lsn(upto)).expect("readable").expect("there");
        assert_eq!((record.lsn, record.txn), (Lsn(n), n));
    }
}

#[test]
fn it_goes_on_where_it_stopped_over_segments_and_torn_ends() {
    let place = tempfile::tempdir().expect("a folder");
    let (log_dir, folder) = (place.path().join("db/log"), place.path().join("copy"));
    std::fs::create_dir_all(&log_dir).expect("made");
    let mut log = LogWriter::new(&log_dir, DATABASE, &mut Tail::default(), Lsn(0)).with_limit(500);
    for round in 0..12_u64 {
        grow(&mut log, round + 1);
        let mut copy = Copy::new(folder.clone(), log_dir.clone(), DATABASE);
        copy.bring(Lsn(log.last().0 - round / 2)).expect("copied");
        grow(&mut log, 2);
        copy.bring(log.last()).expect("copied");
        assert_eq!(copy.reached(), log.last());
        archived(&folder, log.last().0);
        // A process that died while it wrote leaves half a record.
        let (_, newest) = segment::list(&folder).expect("listed").pop().expect("one");
        let bytes = std::fs::read(&newest).expect("readable");
        let cut = [0, 7, 30][round as usize % 3];
        std::fs::write(&newest, &bytes[..bytes.len() - cut]).expect("writable");
    }
}

#[test]
fn another_history_is_refused_and_left_alone() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = place.path().join("copy");
    let write = |name: &str, count: u64, shift: i64| {
        let dir = place.path().join(name).join("log");
        std::fs::create_dir_all(&dir).expect("made");
        let mut log = LogWriter::new(&dir, DATABASE, &mut Tail::default(), Lsn(0));
        for n in 1..=count {
            let time = Timestamp(n as i64 + if n > 5 { shift } else { 0 });
            assert!(log.append(vec![Entry { time, ..entry(n) }]).is_ok());
        }
        dir
    };
    let (first, fork, short) = (write("a", 9, 0), write("b", 12, 1000), write("c", 7, 0));
    Copy::new(folder.clone(), first, DATABASE).bring(Lsn(9)).expect("copied");
    let fail = |log: &Path, upto| {
        let mut copy = Copy::new(folder.clone(), log.into(), DATABASE);
        copy.bring(Lsn(upto)).expect_err("refused").message
    };
    assert!(fail(&fork, 12).contains("its commit 9 is another one"));
    assert!(fail(&short, 7).contains("it reaches commit 9, the database only 7"));
    archived(&folder, 9);
}

#[test]
fn a_segment_is_given_up_only_when_it_was_copied() {
    let place = tempfile::tempdir().expect("a folder");
    let log_dir = place.path().join("db/log");
    std::fs::create_dir_all(&log_dir).expect("made");
    let mut log = LogWriter::new(&log_dir, DATABASE, &mut Tail::default(), Lsn(0)).with_limit(300);
    grow(&mut log, 20);
    // A file stands where the folder should be.
    let blocked = place.path().join("blocked");
    std::fs::write(&blocked, "").expect("written");
    let (first, path) = segment::list(&log_dir).expect("listed").remove(0);
    let archive =
        Archive::start(&wish(&blocked, OnFailure::Refuse), DATABASE, &log_dir, log.last());
    let failed = archive.drain();
    assert!(archive.close().is_err());
    assert!(failed.is_err_and(|e| e.message.contains("cannot be archived")));
    assert!(archive.may_forget(first, &path).is_err());
    assert!(archive.failure().is_some());
    assert!(archive.ready().is_err());
    let free = wish(&place.path().join("free"), OnFailure::Refuse);
    let archive = Archive::start(&free, DATABASE, &log_dir, log.last());
    archive.grew(&log_dir, log.last(), false).expect("noted");
    archive.drain().expect("copied");
    archive.close().expect("copied");
    assert!(archive.may_forget(first, &path).expect("asked"));
    archived(&folder(&place.path().join("free"), DATABASE), 20);
}

#[test]
fn what_is_forced_is_in_the_archive_before_it_is_answered() {
    let place = tempfile::tempdir().expect("a folder");
    let log_dir = place.path().join("db/log");
    std::fs::create_dir_all(&log_dir).expect("made");
    let mut log = LogWriter::new(&log_dir, DATABASE, &mut Tail::default(), Lsn(0)).with_limit(400);
    let wish = wish(&place.path().join("copy"), OnFailure::Refuse);
    let archive = Archive::start(&wish, DATABASE, &log_dir, Lsn(0));
    for n in 1..=40 {
        archive.ready().expect("ready");
        grow(&mut log, 1);
        archive.grew(&log_dir, Lsn(n), true).expect("copied");
        assert_eq!(archive.reached(), Lsn(n));
        let found = behind(&wish.dir, DATABASE, Lsn(n - 1), None).expect("readable");
        assert_eq!(found.map(|found| found.last), Some(Lsn(n)));
    }
    assert!(archive.describe(Lsn(40)).ends_with("every commit"));
    archive.close().expect("closed");
    archived(&folder(&wish.dir, DATABASE), 40);
}

#[test]
fn the_log_takes_back_what_could_not_be_archived() {
    let place = tempfile::tempdir().expect("a folder");
    let log_dir = place.path().join("db/log");
    std::fs::create_dir_all(&log_dir).expect("made");
    let mut log = LogWriter::new(&log_dir, DATABASE, &mut Tail::default(), Lsn(0)).with_limit(300);
    for n in 1..=30_u64 {
        let group = vec![Entry { time: Timestamp(-1), ..entry(n) }, entry(n + 1), entry(n + 2)];
        let first = log.append(group).expect("appended");
        assert!(log.sync().is_ok());
        assert!(log.take_out(first).is_ok());
        assert_eq!((log.last(), log.synced()), (Lsn(n - 1), Lsn(n - 1)));
        grow(&mut log, 1);
    }
    archived(&log_dir, 30);
    let there: u64 = segment::list(&log_dir)
        .expect("listed")
        .iter()
        .map(|(_, path)| std::fs::metadata(path).expect("there").len())
        .sum();
    assert_eq!(log.bytes(), there);
}

#[test]
fn a_failed_attempt_is_not_taken_for_history() {
    let place = tempfile::tempdir().expect("a folder");
    let (log_dir, dir) = (place.path().join("db/log"), place.path().join("copy"));
    std::fs::create_dir_all(&log_dir).expect("made");
    let mut log = LogWriter::new(&log_dir, DATABASE, &mut Tail::default(), Lsn(0));
    let archive = Archive::start(&wish(&dir, OnFailure::Refuse), DATABASE, &log_dir, Lsn(0));
    grow(&mut log, 3);
    archive.grew(&log_dir, Lsn(3), true).expect("copied");
    // The fourth commit arrives whole, and then its sync fails.
    grow(&mut log, 1);
    archive.copy.lock().pretend_failure(Lsn(4));
    assert!(log.take_out(Lsn(4)).is_ok());
    assert!(log.append(vec![Entry { txn: 4, ..entry(77) }]).is_ok());
    archive.grew(&log_dir, Lsn(4), true).expect("copied");
    archive.close().expect("closed");
    let folder = folder(&dir, DATABASE);
    archived(&folder, 4);
    let last = Walk::new(&[folder], DATABASE, Lsn(4)).next(Lsn(4)).expect("readable");
    assert_eq!(last.map(|record| record.time), Some(Timestamp(77)));
}

#[test]
fn every_flipped_bit_of_an_archive_shows() {
    let place = tempfile::tempdir().expect("a folder");
    let (log_dir, dir) = (place.path().join("db/log"), place.path().join("copy"));
    std::fs::create_dir_all(&log_dir).expect("made");
    let mut log = LogWriter::new(&log_dir, DATABASE, &mut Tail::default(), Lsn(0)).with_limit(500);
    grow(&mut log, 9);
    let archive = Archive::start(&wish(&dir, OnFailure::Refuse), DATABASE, &log_dir, Lsn(9));
    archive.drain().expect("copied");
    archive.close().expect("closed");
    let segments = segment::list(&folder(&dir, DATABASE)).expect("listed");
    assert!(segments.len() > 1);
    let read = || -> Result<Vec<Timestamp>> {
        let history = behind(&dir, DATABASE, Lsn(0), None)?.expect("newer commits");
        let mut walk = Walk::new(std::slice::from_ref(&history.folder), DATABASE, Lsn(1));
        let mut times = Vec::new();
        while let Some(record) = walk.next(history.last)? {
            times.push(record.time);
        }
        Ok(times)
    };
    let whole = read().expect("readable");
    assert_eq!(whole.len(), 9);
    for (_, path) in segments {
        let bytes = std::fs::read(&path).expect("readable");
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << (at % 8);
            std::fs::write(&path, damaged).expect("writable");
            match read() {
                Ok(times) => assert_eq!(times, whole, "{} {at}", path.display()),
                Err(error) => assert_eq!(error.kind, Kind::Corruption, "{} {at}", path.display()),
            }
        }
        std::fs::write(&path, bytes).expect("writable");
    }
    assert_eq!(read().expect("readable"), whole);
}

#[test]
fn only_what_ends_before_the_oldest_backup_is_forgotten() {
    let place = tempfile::tempdir().expect("a folder");
    let (log_dir, dir) = (place.path().join("db/log"), place.path().join("copy"));
    std::fs::create_dir_all(&log_dir).expect("made");
    let mut log = LogWriter::new(&log_dir, DATABASE, &mut Tail::default(), Lsn(0)).with_limit(300);
    grow(&mut log, 20);
    let archive = Archive::start(&wish(&dir, OnFailure::Refuse), DATABASE, &log_dir, Lsn(20));
    archive.drain().expect("copied");
    archive.close().expect("closed");
    let firsts = |dir: &Path| -> Vec<Lsn> {
        let listed = segment::list(&folder(dir, DATABASE)).expect("listed");
        listed.into_iter().map(|(first, _)| first).collect()
    };
    let before = firsts(&dir);
    let needed = before[2];
    assert_eq!(forget(&dir, DATABASE, needed, true).expect("told").len(), 2);
    assert_eq!(firsts(&dir), before);
    forget(&dir, DATABASE, needed, false).expect("removed");
    assert_eq!(firsts(&dir), before[2..]);
    assert!(behind(&dir, DATABASE, Lsn(needed.0 - 1), None).expect("joined").is_some());
    let gap = behind(&dir, DATABASE, Lsn(needed.0 - 2), None);
    assert!(gap.is_err_and(|e| e.kind == Kind::NotFound));
    forget(&dir, DATABASE, Lsn(1000), false).expect("removed");
    assert_eq!(firsts(&dir).len(), 1);
}
