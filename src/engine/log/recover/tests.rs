//! A log of twenty commits, damaged in every way: it never comes back shorter without saying so.

use std::fs;
use std::path::Path;

use super::*;
use crate::engine::base::Timestamp;
use crate::engine::log::Faults;
use crate::engine::log::record::Section;
use crate::engine::log::writer::{AppendError, Entry, LogWriter};

const DATABASE: DatabaseId = [5; 16];

fn entry(n: u64) -> Entry {
    let bytes = format!("commit {n}").repeat(3).into_bytes();
    Entry {
        txn: n,
        time: Timestamp(n as i64),
        sections: vec![Section { kind: 4, codec: 1, bytes }],
    }
}

fn request(dir: &Path, after: u64, known: u64) -> TailRequest<'_> {
    let (after, known) = (Lsn(after), Lsn(known));
    TailRequest { dir, database: DATABASE, after, known, accept_loss: false }
}

fn writer(dir: &Path) -> LogWriter {
    let mut tail = read(&request(dir, 0, 0)).expect("readable");
    tail.repair().expect("cut");
    let last = tail.last;
    LogWriter::new(dir, DATABASE, &mut tail, last)
}

fn fill(dir: &Path, commits: u64) -> LogWriter {
    let mut log = writer(dir);
    for n in 1..=commits {
        log.append(vec![entry(n)]).expect("space");
        log.sync().expect("disk");
    }
    log
}

fn the_segment(dir: &Path) -> PathBuf {
    segment::list(dir).expect("a folder").last().expect("a segment").1.clone()
}

#[test]
fn every_flipped_byte_is_damage_or_at_the_very_end() {
    let dir = tempfile::tempdir().expect("a folder");
    drop(fill(dir.path(), 20));
    let path = the_segment(dir.path());
    let good = fs::read(&path).expect("readable");
    let last_record = segment::scan(&good, Lsn(1)).offsets[19];
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 0x41;
        fs::write(&path, &bad).expect("writable");
        match read(&request(dir.path(), 0, 0)) {
            Err(error) => assert_eq!(error.kind, Kind::Corruption, "byte {at}"),
            Ok(tail) => {
                assert!(at >= last_record, "byte {at} went unnoticed");
                let length = last_record + 4..last_record + 8;
                assert!(!length.contains(&at), "a wrong length is never a torn write: byte {at}");
                assert_eq!((tail.last, tail.torn_bytes > 0), (Lsn(19), true), "byte {at}");
            }
        }
        // Once a file holds the last commit, nobody takes it for a torn write.
        let error = read(&request(dir.path(), 0, 20)).expect_err("damage");
        assert_eq!(error.kind, Kind::Corruption, "byte {at}");
    }
}

#[test]
fn every_flipped_byte_of_a_finished_segment_is_damage() {
    let dir = tempfile::tempdir().expect("a folder");
    fill(dir.path(), 6).finish().expect("space");
    let path = the_segment(dir.path());
    let good = fs::read(&path).expect("readable");
    let end = segment::find_footer(&good).expect("finished").at as usize;
    for at in 0..end {
        let mut bad = good.clone();
        bad[at] ^= 1;
        fs::write(&path, &bad).expect("writable");
        let error = read(&request(dir.path(), 0, 0)).expect_err("damage");
        assert_eq!(error.kind, Kind::Corruption, "byte {at}");
    }
}

#[test]
fn every_truncation_leaves_a_prefix_and_can_be_continued() {
    let dir = tempfile::tempdir().expect("a folder");
    drop(fill(dir.path(), 5));
    let path = the_segment(dir.path());
    let good = fs::read(&path).expect("readable");
    let offsets = segment::scan(&good, Lsn(1)).offsets;
    for length in 0..=good.len() {
        let file = dir.path().join(path.file_name().expect("named"));
        fs::write(&file, &good[..length]).expect("writable");
        let mut log = writer(dir.path());
        let whole = offsets.iter().skip(1).chain([&good.len()]).filter(|o| **o <= length).count();
        assert_eq!(log.last(), Lsn(whole as u64), "{length} bytes");
        log.append(vec![entry(99)]).expect("space");
        log.sync().expect("disk");
        let tail = read(&request(dir.path(), 0, 0)).expect("readable");
        assert_eq!((tail.last.0, tail.torn_bytes), (whole as u64 + 1, 0));
        assert_eq!(tail.records.last().map(|r| r.txn), Some(99));
        for (_, left) in segment::list(dir.path()).expect("a folder") {
            fs::remove_file(left).expect("removable");
        }
    }
}

#[test]
fn a_batch_that_was_never_synced_is_torn_not_damaged() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut log = fill(dir.path(), 3);
    log.append((4..9).map(entry).collect()).expect("space");
    drop(log);
    let path = the_segment(dir.path());
    let mut bytes = fs::read(&path).expect("readable");
    let fifth = segment::scan(&bytes, Lsn(1)).offsets[4];
    bytes[fifth + 50] ^= 1;
    fs::write(&path, &bytes).expect("writable");
    let tail = read(&request(dir.path(), 0, 0)).expect("torn");
    assert_eq!(tail.last, Lsn(4));
}

#[test]
fn accepted_loss_keeps_the_damaged_bytes_and_says_what_is_gone() {
    let dir = tempfile::tempdir().expect("a folder");
    drop(fill(dir.path(), 9));
    let path = the_segment(dir.path());
    let mut bytes = fs::read(&path).expect("readable");
    let sixth = segment::scan(&bytes, Lsn(1)).offsets[5];
    bytes[sixth + 50] ^= 1;
    fs::write(&path, &bytes).expect("writable");
    let mut tail =
        read(&TailRequest { accept_loss: true, ..request(dir.path(), 0, 0) }).expect("accepted");
    assert_eq!(tail.last, Lsn(5));
    assert!(tail.lost[0].contains("commits 6 to 9"), "{:?}", tail.lost);
    tail.repair().expect("disk");
    assert_eq!(fs::read(path.with_extension("damaged")).expect("kept"), bytes);
    assert_eq!(read(&request(dir.path(), 0, 0)).expect("repaired").last, Lsn(5));
}

#[test]
fn segments_rotate_are_read_in_order_and_may_not_go_missing() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut log = writer(dir.path()).with_limit(300);
    for n in 1..=12 {
        log.append(vec![entry(n)]).expect("space");
        log.sync().expect("disk");
    }
    let segments = segment::list(dir.path()).expect("a folder");
    assert!(segments.len() > 3, "{segments:?}");
    let tail = read(&request(dir.path(), 4, 0)).expect("readable");
    assert_eq!(
        tail.records.iter().map(|r| r.lsn.0).collect::<Vec<_>>(),
        (5..=12).collect::<Vec<_>>()
    );
    let size: u64 = segments.iter().map(|s| fs::metadata(&s.1).expect("there").len()).sum();
    assert_eq!((tail.bytes, log.bytes()), (size, size));

    log.forget(Lsn(12), 0, &mut |_, _| Ok(true)).expect("disk");
    assert_eq!(segment::list(dir.path()).expect("a folder").len(), 1);
    let error = read(&request(dir.path(), 4, 0)).expect_err("a gap");
    assert_eq!(error.kind, Kind::Corruption);
    assert!(read(&request(dir.path(), 11, 12)).is_ok());
}

#[test]
fn a_lost_middle_segment_is_damage() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut log = writer(dir.path()).with_limit(300);
    for n in 1..=12 {
        log.append(vec![entry(n)]).expect("space");
    }
    drop(log);
    fs::remove_file(&segment::list(dir.path()).expect("a folder")[1].1).expect("there");
    let error = read(&request(dir.path(), 0, 0)).expect_err("a gap");
    assert_eq!(error.kind, Kind::Corruption);
}

#[test]
fn a_full_disk_is_taken_back_and_may_be_tried_again() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut log = writer(dir.path());
    let faults = Faults::default();
    log.set_faults(faults.clone());
    for n in 1..=3 {
        faults.fail_write(std::io::ErrorKind::StorageFull);
        assert!(matches!(log.append(vec![entry(n)]), Err(AppendError::Refused(_))));
        log.append(vec![entry(n)]).expect("space again");
        log.sync().expect("disk");
    }
    let tail = read(&request(dir.path(), 0, 0)).expect("readable");
    assert_eq!((tail.last, tail.torn_bytes), (Lsn(3), 0));
}

#[test]
fn other_failures_are_final() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut log = writer(dir.path());
    let faults = Faults::default();
    log.set_faults(faults.clone());
    log.append(vec![entry(1)]).expect("space");
    faults.fail_sync();
    assert!(matches!(log.sync(), Err(AppendError::Final(_))));
    faults.fail_write(std::io::ErrorKind::BrokenPipe);
    assert!(matches!(log.append(vec![entry(2)]), Err(AppendError::Final(_))));
}
