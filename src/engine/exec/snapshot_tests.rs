//! Snapshots: whatever happened since, going back gives the same answers, and can itself be undone.

use super::law_tests::Dice;
use super::transaction_tests::{kind, ok, open};
use crate::engine::base::{HexadId, Kind, Value};
use crate::engine::hexad::HexadInput;
use crate::engine::session::{Session, TransactionState};

/// What the database says, through every index; without what a new version changes by nature.
fn state(session: &mut Session) -> Vec<Vec<Vec<Value>>> {
    [
        "SELECT id, DOCUMENT.title, DOCUMENT.n, SPATIAL.latitude, SEMANTIC.types FROM hexads \
         ORDER BY id",
        "SELECT id FROM hexads WHERE FULLTEXT CONTAINS 'word1' ORDER BY id",
        "SELECT id FROM hexads WHERE DOCUMENT.n >= 3 ORDER BY id",
        "SELECT id FROM hexads WHERE hexad.types INCLUDES 'Kind1' ORDER BY id",
        "SELECT id FROM hexads WHERE (h)-[:NEXT]->(x) ORDER BY id",
        "SELECT id FROM hexads WHERE WITHIN BOUNDS(0, -10, 4, 10) ORDER BY id",
        "SELECT id FROM hexads WHERE h.embedding NEAREST 3 TO [1, 2] ORDER BY id",
        "SHOW CONTRACTS",
    ]
    .iter()
    .map(|question| ok(session, question))
    .collect()
}

fn insert(n: u64, dice: &mut Dice) -> String {
    let value = dice.roll(6);
    format!(
        "INSERT HEXAD 'h{n}' WITH DOCUMENT(title = 'word{value}', n = {value}), \
         VECTOR([{value}, 1]), GRAPH(NEXT, h{}), SEMANTIC(Kind{}), TENSOR([1], [{value}]), \
         SPATIAL(latitude = {value}, longitude = 1)",
        dice.roll(5),
        value % 3
    )
}

/// One random change; what does not apply is refused and changes nothing.
fn change(session: &mut Session, dice: &mut Dice) {
    let n = dice.roll(5);
    let statement = match dice.roll(6) {
        0 | 1 => insert(n, dice),
        2 => format!("DELETE HEXAD 'h{n}'"),
        3 => format!("UPDATE HEXAD 'h{n}' SET DOCUMENT.n = {}, VECTOR = NULL", dice.roll(6)),
        4 => format!("UPDATE HEXAD 'h{n}' SET SPATIAL.latitude = {}", dice.roll(6)),
        _ => format!("CREATE OR REPLACE CONTRACT c{n} AS (FIELD n >= {})", dice.roll(6)),
    };
    let _refused = kind(session, &statement);
}

#[test]
fn going_back_gives_the_same_answers_whatever_happened() {
    for seed in 0..12 {
        let (_dir, engine) = open();
        let mut session = engine.session();
        let mut dice = Dice(seed * 7919 + 77);
        let mut kept: Vec<Vec<Vec<Vec<Value>>>> = Vec::new();
        for n in 0..3 {
            for _ in 0..6 {
                change(&mut session, &mut dice);
            }
            kept.push(state(&mut session));
            ok(&mut session, &format!("CREATE SNAPSHOT s{n}"));
        }
        for _ in 0..4 {
            let n = dice.roll(3);
            ok(&mut session, &format!("RESTORE SNAPSHOT s{n}"));
            assert_eq!(state(&mut session), kept[n as usize], "seed {seed}, snapshot {n}");
            change(&mut session, &mut dice);
        }
        assert_eq!(ok(&mut session, "CHECK INTEGRITY"), [] as [Vec<Value>; 0], "seed {seed}");
    }
}

#[test]
fn what_lived_again_has_its_history_and_a_chain_that_holds() {
    let (_dir, engine) = open();
    let mut session = engine.session();
    ok(&mut session, "INSERT HEXAD 'x' WITH DOCUMENT(n = 1)");
    ok(&mut session, "CREATE SNAPSHOT s; DELETE HEXAD 'x'; RESTORE SNAPSHOT s");
    let versions = ok(&mut session, "SELECT TEMPORAL.version FROM hexads WHERE id = 'x'");
    assert_eq!(versions, [[Value::Int(3)]]);
    let last = "SELECT id FROM hexads WHERE PROVENANCE.event = 'restored'";
    assert_eq!(ok(&mut session, last).len(), 1);
    assert_eq!(ok(&mut session, "RESTORE SNAPSHOT s")[0][0], Value::Int(0), "nothing to do");
    assert_eq!(ok(&mut session, "CHECK INTEGRITY"), [] as [Vec<Value>; 0]);
}

#[test]
fn a_restore_waits_for_transactions_and_those_it_passed_are_refused() {
    let (_dir, engine) = open();
    let [mut a, mut b] = [engine.session(), engine.session()];
    ok(&mut a, "INSERT HEXAD 'x' WITH DOCUMENT(n = 1); CREATE SNAPSHOT s");
    ok(&mut a, "UPDATE HEXAD 'x' SET DOCUMENT.n = 2; SET lock_timeout_ms = 0");
    ok(&mut b, "BEGIN; UPDATE HEXAD 'x' SET DOCUMENT.n = 3");
    assert_eq!(kind(&mut a, "RESTORE SNAPSHOT s"), Some(Kind::LockTimeout));
    ok(&mut b, "ROLLBACK; BEGIN; SELECT DOCUMENT.n FROM hexads");
    ok(&mut a, "RESTORE SNAPSHOT s");
    let seen = ok(&mut b, "SELECT DOCUMENT.n FROM hexads");
    assert_eq!(seen[0].last(), Some(&Value::Int(2)), "one state, not a mixture");
    assert_eq!(kind(&mut b, "UPDATE HEXAD 'x' SET DOCUMENT.n = 4"), Some(Kind::WriteConflict));
}

#[test]
fn snapshots_are_no_part_of_a_transaction() {
    let (dir, engine) = open();
    let mut session = engine.session();
    ok(&mut session, "INSERT HEXAD 'x' WITH DOCUMENT(n = 1); CREATE SNAPSHOT s");
    for statement in
        ["CREATE SNAPSHOT t", "RESTORE SNAPSHOT s", "DROP SNAPSHOT s", "SNAPSHOT INTO 'nowhere'"]
    {
        ok(&mut session, "BEGIN");
        assert_eq!(kind(&mut session, statement), Some(Kind::InvalidTransactionState));
        assert_eq!(session.transaction(), TransactionState::Open);
        ok(&mut session, "ROLLBACK");
    }
    assert_eq!(kind(&mut session, "CREATE SNAPSHOT s"), Some(Kind::InsertConflict));
    assert_eq!(kind(&mut session, "RESTORE SNAPSHOT t"), Some(Kind::NotFound));
    let inside = dir.path().join("copy").display().to_string();
    let refused = kind(&mut session, &format!("SNAPSHOT INTO '{inside}'"));
    assert_eq!(refused, Some(Kind::InvalidInput));
}

#[test]
fn a_transaction_that_rests_too_long_is_ended_without_being_asked() {
    let (_dir, engine) = open();
    let [mut a, mut other] = [engine.session(), engine.session()];
    ok(&mut a, "INSERT HEXAD 'x' WITH DOCUMENT(n = 1)");
    ok(&mut a, "BEGIN; UPDATE HEXAD 'x' SET DOCUMENT.n = 2");
    let listed = ok(&mut other, "SHOW TRANSACTIONS");
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0][2], Value::from("idle"));
    assert_eq!((&listed[0][6], &listed[0][7]), (&Value::Int(1), &Value::Int(1)));
    ok(&mut a, "SELECT id FROM hexads; SET idle_transaction_timeout_ms = 5");
    // Nobody waits for its lock, and it says nothing.
    for _ in 0..6000 {
        if ok(&mut other, "SHOW TRANSACTIONS").is_empty() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert_eq!(ok(&mut other, "SHOW TRANSACTIONS"), [] as [Vec<Value>; 0]);
    assert!(!engine.shared.locks.any());
    assert_eq!(a.transaction(), TransactionState::Failed);
    assert_eq!(kind(&mut a, "COMMIT"), Some(Kind::TransactionAborted));
    assert_eq!(a.transaction(), TransactionState::None);
}

#[test]
fn three_sessions_in_a_circle_lose_the_youngest() {
    let (_dir, engine) = open();
    let mut first = engine.session();
    ok(&mut first, "INSERT HEXAD 'h0' WITH DOCUMENT(n = 0)");
    ok(&mut first, "INSERT HEXAD 'h1' WITH DOCUMENT(n = 0)");
    ok(&mut first, "INSERT HEXAD 'h2' WITH DOCUMENT(n = 0)");
    let mut sessions: Vec<Session> = (0..3).map(|_| engine.session()).collect();
    for (n, session) in sessions.iter_mut().enumerate() {
        ok(session, "SET lock_timeout_ms = 2000000000; BEGIN");
        ok(session, &format!("UPDATE HEXAD 'h{n}' SET DOCUMENT.n = 5{n}"));
    }
    let ended: Vec<Option<Kind>> = std::thread::scope(|scope| {
        let threads: Vec<_> = sessions
            .iter_mut()
            .enumerate()
            .map(|(n, session)| {
                scope.spawn(move || {
                    let next = (n + 1) % 3;
                    let update = format!("UPDATE HEXAD 'h{next}' SET DOCUMENT.n = 1{n}");
                    kind(session, &update).or_else(|| kind(session, "ROLLBACK"))
                })
            })
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert_eq!(ended, [None, None, Some(Kind::Deadlock)]);
    assert_eq!(sessions[2].transaction(), TransactionState::Failed);
    drop(sessions);
    assert!(!engine.shared.locks.any());
}

#[test]
fn an_insert_without_a_session_waits_for_what_a_transaction_has_written() {
    let (_dir, engine) = open();
    let mut a = engine.session();
    ok(&mut a, "BEGIN; INSERT HEXAD 'x' WITH DOCUMENT(n = 1)");
    let input = HexadInput { id: Some(HexadId::new("x").unwrap()), ..HexadInput::default() };
    std::thread::scope(|scope| {
        let other = scope.spawn(|| engine.insert(vec![input]));
        // However late the other comes: whoever has the lock goes first.
        std::thread::sleep(std::time::Duration::from_millis(200));
        ok(&mut a, "COMMIT");
        let refused = other.join().unwrap().map_err(|error| error.kind);
        assert_eq!(refused, Err(Kind::InsertConflict));
    });
    assert!(!engine.shared.locks.any());
}
