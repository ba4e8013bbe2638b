//! What transactions promise: anomalies by name, and random histories that the order of the commits
//! has to explain.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64};

use super::law_tests::{Counting, Dice, Ticking};
use crate::engine::Engine;
use crate::engine::base::{Kind, Result, Value};
use crate::engine::lang::parse;
use crate::engine::outcome::{Control, Options, Outcome, Params, Sync};
use crate::engine::session::{Session, TransactionState};

pub(super) fn open() -> (tempfile::TempDir, Engine) {
    let memory = std::path::Path::new("/dev/shm");
    let dir = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    let dir = dir.unwrap();
    let engine = reopen(&dir);
    (dir, engine)
}

pub(super) fn reopen(dir: &tempfile::TempDir) -> Engine {
    let options = Options { create: true, sync: Sync::Off, ..Options::default() };
    let clock = Arc::new(Ticking(AtomicI64::new(1_767_225_600_000_000)));
    let rng = Arc::new(Counting(AtomicU64::new(1)));
    Engine::open(dir.path(), options, clock, rng).unwrap()
}

fn run(session: &mut Session, text: &str) -> Result<Outcome> {
    let parsed = parse(text);
    let faults: Vec<_> = parsed.errors().map(|d| d.message.clone()).collect();
    assert!(faults.is_empty(), "{text}\n{faults:?}");
    let mut outcome = Outcome::default();
    for statement in &parsed.script.statements {
        outcome = session.execute(text, statement, &Params::new(), &Control::default())?;
    }
    Ok(outcome)
}

pub(super) fn ok(session: &mut Session, text: &str) -> Vec<Vec<Value>> {
    run(session, text).unwrap_or_else(|error| panic!("{text}: {error:?}")).rows
}

pub(super) fn kind(session: &mut Session, text: &str) -> Option<Kind> {
    run(session, text).err().map(|error| error.kind)
}

const LEVELS: [&str; 3] = ["READ COMMITTED", "SNAPSHOT", "SERIALIZABLE"];

/// Two sessions, two hexads `x` and `y` with n = 1, both in a transaction of `level`.
fn pair(level: &str) -> (tempfile::TempDir, Session, Session, Session) {
    let (dir, engine) = open();
    let [mut a, mut b, mut other] = [engine.session(), engine.session(), engine.session()];
    ok(&mut other, "INSERT HEXAD 'x' WITH DOCUMENT(n = 1), VECTOR([1, 0])");
    ok(&mut other, "INSERT HEXAD 'y' WITH DOCUMENT(n = 1)");
    for session in [&mut a, &mut b] {
        ok(session, "SET lock_timeout_ms = 0");
        ok(session, &format!("BEGIN ISOLATION LEVEL {level}"));
        // The view is that of the first statement.
        ok(session, "SELECT id FROM hexads WHERE id = 'nobody'");
    }
    (dir, a, b, other)
}

fn number(session: &mut Session, id: &str) -> Option<i64> {
    let rows = ok(session, &format!("SELECT DOCUMENT.n FROM hexads WHERE id = '{id}'"));
    match rows.first().and_then(|row| row.last()) {
        Some(Value::Int(n)) => Some(*n),
        _ => None,
    }
}

#[test]
fn dirty_writes_wait_and_dirty_reads_do_not_exist() {
    for level in LEVELS {
        let (_dir, mut a, mut b, mut other) = pair(level);
        ok(&mut a, "UPDATE HEXAD 'x' SET DOCUMENT.n = 2");
        assert_eq!(number(&mut b, "x"), Some(1), "{level}");
        assert_eq!(kind(&mut b, "UPDATE HEXAD 'x' SET DOCUMENT.n = 3"), Some(Kind::LockTimeout));
        assert_eq!(b.transaction(), TransactionState::Open);
        assert_eq!(number(&mut a, "x"), Some(2), "its own write");
        ok(&mut a, "ROLLBACK");
        assert_eq!(number(&mut other, "x"), Some(1));
        ok(&mut b, "UPDATE HEXAD 'x' SET DOCUMENT.n = 3; COMMIT");
        assert_eq!(number(&mut other, "x"), Some(3));
    }
}

#[test]
fn reads_are_repeatable_but_at_read_committed() {
    for level in LEVELS {
        let (_dir, mut a, _b, mut other) = pair(level);
        assert_eq!(number(&mut a, "x"), Some(1));
        ok(&mut other, "UPDATE HEXAD 'x' SET DOCUMENT.n = 5");
        ok(&mut other, "INSERT HEXAD 'z' WITH DOCUMENT(n = 1)");
        let seen = if level == "READ COMMITTED" { Some(5) } else { Some(1) };
        assert_eq!(number(&mut a, "x"), seen, "{level}");
        assert_eq!(number(&mut a, "z").is_some(), level == "READ COMMITTED", "phantom, {level}");
        ok(&mut a, "COMMIT");
    }
}

#[test]
fn updates_are_not_lost() {
    for level in LEVELS {
        let (_dir, mut a, mut b, mut other) = pair(level);
        let read = number(&mut b, "x").unwrap();
        ok(&mut a, "UPDATE HEXAD 'x' SET DOCUMENT.n = 7; COMMIT");
        let second = kind(&mut b, &format!("UPDATE HEXAD 'x' SET DOCUMENT.n = {}", read + 1));
        if level == "READ COMMITTED" {
            assert_eq!(second, None);
            ok(&mut b, "COMMIT");
        } else {
            assert_eq!(second, Some(Kind::WriteConflict), "{level}");
            assert_eq!(b.transaction(), TransactionState::Failed);
            assert_eq!(kind(&mut b, "COUNT HEXADS"), Some(Kind::TransactionAborted));
            ok(&mut b, "ROLLBACK");
            assert_eq!(number(&mut other, "x"), Some(7));
        }
    }
}

#[test]
fn write_skew_is_refused_where_order_is_promised() {
    for level in LEVELS {
        let (_dir, mut a, mut b, mut other) = pair(level);
        assert_eq!((number(&mut a, "y"), number(&mut b, "x")), (Some(1), Some(1)));
        ok(&mut a, "UPDATE HEXAD 'x' SET DOCUMENT.n = 0");
        ok(&mut b, "UPDATE HEXAD 'y' SET DOCUMENT.n = 0");
        ok(&mut a, "COMMIT");
        let second = kind(&mut b, "COMMIT");
        let refused = (level == "SERIALIZABLE").then_some(Kind::WriteConflict);
        assert_eq!(second, refused, "{level}");
        assert_eq!(b.transaction(), TransactionState::None);
        let left = if level == "SERIALIZABLE" { Some(1) } else { Some(0) };
        assert_eq!(number(&mut other, "y"), left);
    }
}

#[test]
fn phantoms_are_refused_where_order_is_promised() {
    for query in [
        "SELECT id FROM hexads WHERE DOCUMENT.n = 9",
        "SELECT COUNT(*) FROM hexads WHERE DOCUMENT.n > 8",
        "COUNT HEXADS WHERE DOCUMENT.n = 9",
        "COUNT HEXADS",
        "SEARCH VECTOR [1, 0] LIMIT 3",
        "SELECT id FROM hexads WHERE (h)-[:CITES]->(t)",
        "SELECT id FROM hexads WHERE drift_score > 0.2",
    ] {
        for level in LEVELS {
            let (_dir, mut a, mut b, _other) = pair(level);
            ok(&mut b, query);
            ok(&mut b, "INSERT HEXAD 'mine' WITH DOCUMENT(n = 0)");
            ok(&mut a, "INSERT HEXAD 'z' WITH DOCUMENT(n = 9), GRAPH(CITES, x), VECTOR([1, 1])");
            ok(&mut a, "COMMIT");
            let refused = (level == "SERIALIZABLE").then_some(Kind::WriteConflict);
            assert_eq!(kind(&mut b, "COMMIT"), refused, "{level}: {query}");
        }
    }
}

#[test]
fn a_write_that_changes_nothing_relies_on_what_is_there() {
    let (_dir, mut a, mut b, _other) = pair("SERIALIZABLE");
    ok(&mut b, "UPDATE HEXAD SET DOCUMENT.n = 1 WHERE DOCUMENT.n >= 0");
    ok(&mut b, "INSERT HEXAD 'mine' WITH DOCUMENT(title = 'm')");
    ok(&mut a, "UPDATE HEXAD 'x' SET DOCUMENT.n = 2; COMMIT");
    assert_eq!(kind(&mut b, "COMMIT"), Some(Kind::WriteConflict));
}

#[test]
fn whoever_read_something_else_is_left_alone() {
    let (_dir, mut a, mut b, mut other) = pair("SERIALIZABLE");
    assert_eq!(number(&mut b, "y"), Some(1));
    ok(&mut b, "UPDATE HEXAD 'y' SET DOCUMENT.n = 2");
    ok(&mut a, "UPDATE HEXAD 'x' SET DOCUMENT.n = 2; COMMIT");
    ok(&mut b, "COMMIT");
    assert_eq!((number(&mut other, "x"), number(&mut other, "y")), (Some(2), Some(2)));
}

#[test]
fn modalities_of_one_hexad_are_written_side_by_side() {
    let (_dir, mut a, mut b, mut other) = pair("SNAPSHOT");
    ok(&mut a, "UPDATE HEXAD 'x' SET DOCUMENT.n = 2");
    ok(&mut b, "UPDATE HEXAD 'x' SET VECTOR.embedding = [0, 1]");
    ok(&mut a, "COMMIT");
    ok(&mut b, "COMMIT");
    let rows = ok(&mut other, "SELECT DOCUMENT.n, TEMPORAL.version FROM hexads WHERE id = 'x'");
    assert_eq!(rows[0][rows[0].len() - 2..], [Value::Int(2), Value::Int(3)]);
}

#[test]
fn of_many_conditional_writes_one_wins() {
    let (_dir, engine) = open();
    ok(&mut engine.session(), "INSERT HEXAD 'x' WITH DOCUMENT(n = 0)");
    for version in 1..=5 {
        let wins: u64 = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|_| {
                    let mut session = engine.session();
                    scope.spawn(move || {
                        let text = format!(
                            "UPDATE HEXAD 'x' SET DOCUMENT.n = {version} WHERE TEMPORAL.version = {version}"
                        );
                        run(&mut session, &text).unwrap().affected.unwrap()
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(wins, 1, "version {version}");
    }
}

#[test]
fn counting_together_loses_nothing() {
    let (_dir, engine) = open();
    ok(&mut engine.session(), "INSERT HEXAD 'x' WITH DOCUMENT(n = 0)");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let mut session = engine.session();
            scope.spawn(move || {
                let mut done = 0;
                while done < 10 {
                    ok(&mut session, "BEGIN");
                    let n = number(&mut session, "x").unwrap();
                    let write = format!("UPDATE HEXAD 'x' SET DOCUMENT.n = {}", n + 1);
                    let ended = run(&mut session, &write).and_then(|_| run(&mut session, "COMMIT"));
                    match ended {
                        Ok(_) => done += 1,
                        Err(error) => {
                            assert!(error.kind.recoverable(), "{error:?}");
                            if session.transaction() != TransactionState::None {
                                ok(&mut session, "ROLLBACK");
                            }
                        }
                    }
                }
            });
        }
    });
    assert_eq!(number(&mut engine.session(), "x"), Some(40));
}

#[test]
fn the_younger_of_two_that_wait_for_each_other_is_ended() {
    let (_dir, mut a, mut b, mut other) = pair("SERIALIZABLE");
    for session in [&mut a, &mut b] {
        ok(session, "SET lock_timeout_ms = 60000");
    }
    ok(&mut a, "UPDATE HEXAD 'x' SET DOCUMENT.n = 10");
    ok(&mut b, "UPDATE HEXAD 'y' SET DOCUMENT.n = 20");
    std::thread::scope(|scope| {
        let older = scope.spawn(|| kind(&mut a, "UPDATE HEXAD 'y' SET DOCUMENT.n = 11"));
        assert_eq!(kind(&mut b, "UPDATE HEXAD 'x' SET DOCUMENT.n = 21"), Some(Kind::Deadlock));
        assert_eq!(b.transaction(), TransactionState::Failed);
        assert_eq!(older.join().unwrap(), None);
    });
    ok(&mut a, "COMMIT");
    assert_eq!((number(&mut other, "x"), number(&mut other, "y")), (Some(10), Some(11)));
}

#[test]
fn an_idle_transaction_gives_way_to_whoever_waits() {
    let (_dir, mut a, _b, mut other) = pair("SERIALIZABLE");
    ok(&mut a, "UPDATE HEXAD 'x' SET DOCUMENT.n = 10");
    ok(&mut a, "SET idle_transaction_timeout_ms = 1");
    ok(&mut other, "UPDATE HEXAD 'x' SET DOCUMENT.n = 11");
    assert_eq!(kind(&mut a, "COMMIT"), Some(Kind::TransactionAborted));
    assert_eq!(number(&mut other, "x"), Some(11));
}

/// What one transaction did, for the oracle: each step with what it answered.
enum Did {
    Read(i64, Vec<(String, i64)>),
    Set(i64, i64),
    Put(String, i64),
    Gone(String),
    Nothing(Box<Self>),
}

type World = BTreeMap<String, i64>;

fn above(world: &World, least: i64) -> Vec<(String, i64)> {
    world.iter().filter(|(_, n)| **n >= least).map(|(id, n)| (id.clone(), *n)).collect()
}

/// Does the transaction to the model; panics when one of its reads is not explained.
fn explain(world: &mut World, did: &[Did], seed: u64) {
    for step in did {
        match step {
            Did::Read(least, rows) => assert_eq!(&above(world, *least), rows, "seed {seed}"),
            Did::Set(least, n) => {
                world.values_mut().filter(|old| **old >= *least).for_each(|old| *old = *n);
            }
            Did::Put(id, n) => drop(world.insert(id.clone(), *n)),
            Did::Gone(id) => drop(world.remove(id)),
            Did::Nothing(set) => {
                let before = world.clone();
                explain(world, std::slice::from_ref(set), seed);
                assert_eq!(*world, before, "seed {seed}");
            }
        }
    }
}

fn read(session: &mut Session, least: i64) -> Vec<(String, i64)> {
    let text = format!("SELECT id, DOCUMENT.n FROM hexads WHERE DOCUMENT.n >= {least} ORDER BY id");
    let rows = ok(session, &text).into_iter().map(|row| match row.as_slice() {
        [Value::Text(id), Value::Int(n)] => (id.clone(), *n),
        other => panic!("{other:?}"),
    });
    rows.collect()
}

/// One step of a transaction; false when it was refused and the transaction has to end.
fn step(dice: &mut Dice, session: &mut Session, did: &mut Vec<Did>, fresh: &mut i64) -> bool {
    // Every number is written once: no write leaves something as it was.
    *fresh += 1;
    let (id, n) = (format!("h{}", dice.roll(5)), dice.roll(6) as i64 * 1_000_000 + *fresh);
    let (text, done) = match dice.roll(6) {
        0..=2 => {
            did.push(Did::Read(n, read(session, n)));
            return true;
        }
        3 => {
            let least = dice.roll(7) as i64 * 1_000_000;
            let text = format!("UPDATE HEXAD SET DOCUMENT.n = {n} WHERE DOCUMENT.n >= {least}");
            (text, Did::Set(least, n))
        }
        4 => (format!("INSERT HEXAD '{id}' WITH DOCUMENT(n = {n})"), Did::Put(id, n)),
        _ => (format!("DELETE HEXAD '{id}'"), Did::Gone(id)),
    };
    match run(session, &text) {
        // What found nothing to write is a read.
        Ok(outcome) if outcome.affected == Some(0) => did.push(Did::Nothing(Box::new(done))),
        Ok(_) => did.push(done),
        Err(error) => match error.kind {
            // The statement did nothing; whether there is such a hexad was read.
            Kind::InsertConflict | Kind::DeleteNotFound => {}
            Kind::LockTimeout | Kind::WriteConflict => return false,
            other => panic!("{other:?} {}", error.message),
        },
    }
    true
}

#[test]
fn the_order_of_the_commits_explains_every_history() {
    let histories = option_env!("VQL_HISTORIES").and_then(|n| n.parse().ok()).unwrap_or(10_000_u64);
    let (_dir, engine) = open();
    let mut sessions = [engine.session(), engine.session(), engine.session()];
    for session in &mut sessions {
        ok(session, "SET lock_timeout_ms = 0");
    }
    let (mut world, mut committed, mut refused, mut fresh) = (World::new(), 0, 0, 0);
    for seed in 1..=histories {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let mut open: [Option<Vec<Did>>; 3] = [const { None }; 3];
        for session in &mut sessions {
            ok(session, "BEGIN");
        }
        for did in &mut open {
            *did = Some(vec![]);
        }
        while open.iter().any(Option::is_some) {
            let at = dice.roll(3) as usize;
            let Some(did) = &mut open[at] else { continue };
            let session = &mut sessions[at];
            if !dice.chance(25) {
                if !step(&mut dice, session, did, &mut fresh) {
                    ok(session, "ROLLBACK");
                    open[at] = None;
                    refused += 1;
                }
                continue;
            }
            let did = open[at].take().unwrap();
            if dice.chance(15) {
                ok(session, "ROLLBACK");
            } else if run(session, "COMMIT").is_ok() {
                let writes =
                    did.iter().any(|step| !matches!(step, Did::Read(..) | Did::Nothing(_)));
                committed += 1;
                // Whoever only reads stands where its view stands.
                if writes {
                    explain(&mut world, &did, seed);
                }
            } else {
                refused += 1;
            }
        }
        assert_eq!(read(&mut sessions[0], -1), above(&world, -1), "seed {seed}");
    }
    assert!(committed > histories / 2, "{committed} of {histories} committed");
    assert!(refused > histories / 20, "{refused} of {histories} refused: nothing was tested");
}
