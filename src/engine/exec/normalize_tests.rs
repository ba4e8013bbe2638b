//! The laws of the normalizer, over random hexads and policies: what it says it did is measured, what
//! users wrote stays, what it did can be undone, and doing it again does nothing.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64};

use super::law_tests::{Counting, Dice, Ticking, WORDS};
use crate::engine::Engine;
use crate::engine::Harm;
use crate::engine::base::{ContentHash, Iid, Kind, Modality, Result, Timestamp, Value};
use crate::engine::drift::DriftKind;
use crate::engine::hexad::assemble::CONTENTS;
use crate::engine::lang::parse;
use crate::engine::modality::provenance::{self, Event};
use crate::engine::modality::temporal;
use crate::engine::modality::{document, graph, semantic, spatial, vector};
use crate::engine::outcome::{Control, Options, Outcome, Params, Sync};
use crate::engine::session::Session;
use crate::engine::store::{CatalogOp, Op, Producer, RecordMeta};

pub(super) fn open() -> (tempfile::TempDir, Engine, Session) {
    let memory = std::path::Path::new("/dev/shm");
    let dir = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    let dir = dir.unwrap();
    let options = Options { create: true, sync: Sync::Off, ..Options::default() };
    let clock = Arc::new(Ticking(AtomicI64::new(1_767_225_600_000_000)));
    let rng = Arc::new(Counting(AtomicU64::new(1)));
    let engine = Engine::open(dir.path(), options, clock, rng).unwrap();
    let session = engine.session();
    (dir, engine, session)
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

pub(super) fn ok(session: &mut Session, text: &str) -> Outcome {
    run(session, text).unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

/// The records of a hexad with who made them.
pub(super) type Records = BTreeMap<Modality, (Vec<u8>, RecordMeta)>;

pub(super) fn records(engine: &Engine, id: &str) -> (u32, Records) {
    let view = engine.shared.store.view().unwrap();
    let iid = view.iid(id).unwrap().unwrap();
    let header = view.header(iid).unwrap().unwrap();
    let record = |m: &Modality| {
        let record = view.record(*m, iid).unwrap()?;
        Some((*m, (record.body, record.meta)))
    };
    (header.version, CONTENTS.iter().filter_map(record).collect())
}

fn lsn(engine: &Engine) -> u64 {
    engine.shared.store.view().unwrap().lsn().0
}

fn text(dice: &mut Dice) -> String {
    (0..3 + dice.roll(9)).map(|_| dice.pick(&WORDS)).collect::<Vec<_>>().join(" ")
}

/// A hexad of chance under this id, with something wrong with it more often than not.
pub(super) fn insert(dice: &mut Dice, id: &str) -> String {
    let mut with = Vec::new();
    if dice.chance(85) {
        let mut fields = format!("title = 'T {id}', body = '{}'", text(dice));
        if dice.chance(40) {
            write!(fields, ", latitude = {}, longitude = 7", 40 + dice.roll(3)).unwrap();
        }
        if dice.chance(40) {
            write!(fields, ", year = {}", 1990 + dice.roll(3)).unwrap();
        }
        with.push(format!("DOCUMENT({fields})"));
        if dice.chance(60) {
            with.push("VECTOR(EMBED(DOCUMENT))".to_owned());
        } else if dice.chance(50) {
            with.push(format!("VECTOR([1{}])", ", 0".repeat(383)));
        }
    }
    if dice.chance(50) {
        with.push("SEMANTIC(Paper)".to_owned());
    }
    for _ in 0..dice.roll(3) {
        let target = if dice.chance(50) { "anchor" } else { "nowhere" };
        let edge = format!("GRAPH({}, {target})", dice.pick(&["CITES", "NEAR", "BY"]));
        if !with.contains(&edge) {
            with.push(edge);
        }
    }
    if dice.chance(40) {
        with.push(format!("SPATIAL(latitude = {}, longitude = 7)", 40 + dice.roll(3)));
    }
    if with.is_empty() {
        with.push(format!("DOCUMENT(title = 'T {id}')"));
    }
    format!("INSERT HEXAD '{id}' WITH {}", with.join(", "))
}

/// Something that happens to a hexad afterwards.
pub(super) fn change(dice: &mut Dice, id: &str) -> String {
    let set = match dice.roll(5) {
        0 | 1 => format!("DOCUMENT.body = '{}'", text(dice)),
        2 => format!("SPATIAL.latitude = {}, SPATIAL.longitude = 7", 40 + dice.roll(3)),
        3 => format!("SEMANTIC.year = {}", 1990 + dice.roll(3)),
        _ => format!("DOCUMENT.latitude = {}, DOCUMENT.longitude = 7", 40 + dice.roll(3)),
    };
    format!("UPDATE HEXAD '{id}' SET {set}")
}

fn policy(dice: &mut Dice, overwrite: bool) -> String {
    let mode = dice.pick(&["conservative", "balanced", "aggressive"]);
    let conflicts = dice.pick(&["manual", "last_writer_wins", "modality_priority", "auto_merge"]);
    let strategy = dice.pick(&["from_authoritative", "merge", "user_resolve", "last_writer_wins"]);
    let authority = dice.pick(&["document", "semantic", "graph", "vector"]);
    let fill = dice.pick(&["[]", "['vector', 'semantic']", "['document', 'graph', 'spatial']"]);
    format!(
        "CREATE OR REPLACE POLICY p FOR ALL AS mode = {mode}, conflicts = {conflicts}, \
         strategy = {strategy}, authority = ['{authority}'], fill = {fill}, queue_from = 1, \
         retraction = flag, overwrite_user = {overwrite}"
    )
}

/// Everything a user wrote is still there; a rule may have added to it.
pub(super) fn kept(before: &Records, after: &Records) {
    for (modality, (body, meta)) in before {
        if meta.producer != Producer::User {
            continue;
        }
        let (now, _) = after.get(modality).unwrap_or_else(|| panic!("{modality} is gone"));
        match modality {
            Modality::Vector => {
                let was = vector::codec::decode(body).unwrap();
                let made = was.named.values().all(|e| e.model.is_some());
                assert!(made || body == now, "a vector of a user was replaced");
            }
            Modality::Document => {
                let (was, is) =
                    (document::codec::decode(body).unwrap(), document::codec::decode(now).unwrap());
                assert_eq!((was.title, was.body), (is.title, is.body));
                let all = was.fields.iter().all(|(k, v)| is.fields.get(k) == Some(v));
                assert!(all, "a field of a user was changed");
            }
            Modality::Semantic => {
                let (was, is) =
                    (semantic::codec::decode(body).unwrap(), semantic::codec::decode(now).unwrap());
                assert!(was.types.iter().all(|t| is.types.contains(t)));
                // The flag is the normalizer's own.
                let same = |(k, v): (&String, &Value)| {
                    k == "cites_retracted" || is.properties.get(k) == Some(v)
                };
                assert!(was.properties.iter().all(same), "a property of a user was changed");
            }
            Modality::Graph => {
                let (was, is) =
                    (graph::codec::decode(body).unwrap(), graph::codec::decode(now).unwrap());
                let user = was.edges.iter().filter(|e| !e.properties.contains_key("extractor"));
                assert!(user.into_iter().all(|e| is.edges.contains(e)), "an edge of a user went");
            }
            _ => assert_eq!(body, now, "{modality} of a user was replaced"),
        }
    }
}

/// What is said to be repaired is not drifted any more.
fn measured(session: &mut Session, outcome: &Outcome) {
    for row in &outcome.rows {
        let (Value::Text(id), Value::Text(word), Value::Text(about)) = (&row[0], &row[1], &row[2])
        else {
            panic!("{row:?}");
        };
        let Some(kind) = DriftKind::from_name(about).filter(|_| word == "normalized") else {
            continue;
        };
        let (Some(before), after) = (row[3].as_f64(), row[4].as_f64()) else {
            panic!("a repair without a score: {row:?}");
        };
        assert!(before > kind.threshold(), "{row:?}");
        assert!(after.is_none_or(|after| after <= kind.threshold()), "{row:?}");
        let said = ok(session, &format!("SELECT drift_score, drift_type FROM HEXAD '{id}'"));
        let (score, of) = (&said.rows[0][0], &said.rows[0][1]);
        if *of == Value::Text(about.clone()) {
            assert!(score.as_f64().is_none_or(|s| s <= kind.threshold()), "{row:?} {said:?}");
        }
    }
}

#[test]
fn repairs_keep_their_promises() {
    let runs = option_env!("VQL_NORMALIZATIONS").and_then(|n| n.parse().ok()).unwrap_or(600_u64);
    let mut dice = Dice(0x0D21_F7B5);
    let (mut dir, mut engine, mut session) = open();
    let (mut normalized, mut queued) = (0, 0);
    for n in 0..runs {
        if n % 150 == 0 {
            // A small database keeps the runs short.
            (dir, engine, session) = open();
            ok(&mut session, "INSERT HEXAD 'anchor' WITH DOCUMENT(title = 'Anchor of all')");
            ok(&mut session, "INSERT HEXAD 'bystander' WITH DOCUMENT(title = 'Nobody at all')");
        }
        let id = format!("h{n}");
        let (made, changed) = (insert(&mut dice, &id), change(&mut dice, &id));
        ok(&mut session, &made);
        if dice.chance(80) {
            ok(&mut session, &changed);
        }
        let overwrite = dice.chance(40);
        let policy = policy(&mut dice, overwrite);
        ok(&mut session, &policy);
        let (bystander, (version, before)) = (records(&engine, "bystander"), records(&engine, &id));
        let at = lsn(&engine);
        let rehearsed = ok(&mut session, &format!("NORMALIZE HEXAD '{id}' DRY RUN"));
        assert_eq!((lsn(&engine), records(&engine, &id)), (at, (version, before.clone())));
        let outcome = ok(&mut session, &format!("NORMALIZE HEXAD '{id}'"));
        let context = format!("run {n}: {made}; {changed}; {policy}\n{:?}", outcome.rows);
        assert_eq!(outcome.affected, rehearsed.affected, "{context}");
        let (now, after) = records(&engine, &id);
        normalized += outcome.affected.unwrap_or(0);
        queued += outcome.rows.iter().filter(|row| row[1] == "queued".into()).count();
        if outcome.affected == Some(0) {
            assert_eq!((now, &after), (version, &before), "{context}");
        } else {
            assert_eq!(now, version + 1, "one version: {context}");
        }
        assert_eq!(records(&engine, "bystander"), bystander, "{context}");
        if !overwrite {
            kept(&before, &after);
        }
        measured(&mut session, &outcome);
        let at = lsn(&engine);
        let again = ok(&mut session, &format!("NORMALIZE HEXAD '{id}'"));
        assert_eq!((again.affected, lsn(&engine)), (Some(0), at), "again: {context}");
        if after != before {
            let entry = outcome.rows.iter().find(|r| r[1] == "normalized".into()).unwrap();
            let Value::Text(entry) = &entry[6] else { panic!("{context}") };
            ok(&mut session, &format!("REVERT NORMALIZATION '{entry}'"));
            assert_eq!(records(&engine, &id).1, before, "revert: {context}");
        }
    }
    assert!(normalized * 5 > runs && queued as u64 * 5 > runs, "{normalized} {queued}");
    assert!(ok(&mut session, "CHECK INTEGRITY").rows.is_empty());
    drop(dir);
}

/// Writes operations as no statement would.
fn tamper(engine: &Engine, write: impl FnOnce(&mut crate::engine::store::WriteSet, Iid), id: &str) {
    let view = engine.shared.store.view().unwrap();
    let iid = view.iid(id).unwrap().unwrap();
    let mut writes = view.write_set().unwrap();
    write(&mut writes, iid);
    engine.shared.store.commit(writes).unwrap();
}

fn drift(session: &mut Session, id: &str) -> (Option<f64>, Value) {
    let rows = ok(session, &format!("SELECT drift_score, drift_type FROM HEXAD '{id}'")).rows;
    (rows[0][0].as_f64(), rows[0][1].clone())
}

#[test]
fn broken_chains_are_sealed_and_missing_events_reconstructed() {
    let (_dir, engine, mut session) = open();
    ok(&mut session, "INSERT HEXAD 'a' WITH DOCUMENT(title = 'A')");
    tamper(
        &engine,
        |writes, iid| {
            let event = Event {
                number: 2,
                event_type: "forged".into(),
                actor: "x".into(),
                source: None,
                description: None,
                digest: None,
                at: Timestamp(5),
                contents: Vec::new(),
                previous: ContentHash([7; 32]),
                hash: ContentHash([8; 32]),
            };
            let body = provenance::codec::encode(&event);
            writes.push(Modality::Provenance, Op::Append { iid, seq: 2, body });
        },
        "a",
    );
    assert_eq!(drift(&mut session, "a"), (Some(1.0), "provenance".into()));
    assert_eq!(ok(&mut session, "NORMALIZE ALL").affected, Some(0), "1.0 is not below 0.8");
    ok(&mut session, "RESOLVE CONFLICT 'a' KEEP TEMPORAL");
    assert_eq!(drift(&mut session, "a").0, Some(0.0));
    let valid = ok(&mut session, "SELECT PROVENANCE.chain_valid FROM HEXAD 'a'");
    assert_eq!(valid.rows[0].last(), Some(&Value::Bool(false)), "a seal is no repair");
    assert_eq!(ok(&mut session, "NORMALIZE ALL").rows, Vec::<Vec<Value>>::new());
    ok(&mut session, "UPDATE HEXAD 'a' SET DOCUMENT.title = 'B'");
    assert_eq!(drift(&mut session, "a").0, Some(0.0));
}

#[test]
fn what_was_changed_behind_the_chain_is_not_blessed_unasked() {
    let (_dir, engine, mut session) = open();
    ok(&mut session, "INSERT HEXAD 'a' WITH DOCUMENT(title = 'A'), VECTOR([1, 2])");
    let policy = "CREATE POLICY p FOR ALL AS overwrite_user = true, mode = 'aggressive'";
    ok(&mut session, policy);
    let swapped = Harm::Vector([2.0, 1.0].into());
    engine.sabotage(&[("a".to_owned(), swapped)]).unwrap();
    let found = |session: &mut Session| {
        let text = "SELECT id FROM hexads WHERE drift_score > 0.1 AND drift_type = 'provenance'";
        ok(session, text).rows.len()
    };
    assert_eq!(found(&mut session), 1);
    ok(&mut session, "NORMALIZE ALL");
    assert_eq!(found(&mut session), 1, "still to be seen");
    let conflicts = ok(&mut session, "SHOW CONFLICTS");
    assert_eq!(conflicts.rows.len(), 1);
    // Somebody looks at it and says that it is right.
    ok(&mut session, "RESOLVE CONFLICT 'c-1' KEEP VECTOR");
    assert_eq!(found(&mut session), 0);
}

#[test]
fn versions_out_of_order_are_acknowledged_not_rewritten() {
    let (_dir, engine, mut session) = open();
    ok(&mut session, "INSERT HEXAD 'a' WITH DOCUMENT(title = 'A')");
    ok(&mut session, "CREATE POLICY p FOR ALL AS queue_from = 1");
    let before = engine.shared.store.view().unwrap();
    let iid = before.iid("a").unwrap().unwrap();
    let present = before.header(iid).unwrap().unwrap().present;
    drop(before);
    tamper(
        &engine,
        |writes, iid| {
            let version = temporal::Version {
                number: 2,
                at: Timestamp(5),
                author: "x".into(),
                message: None,
                valid: temporal::ValidTime::default(),
                changed: crate::engine::base::ModalitySet::EMPTY,
                present,
            };
            let body = temporal::codec::encode(&version);
            writes.push(Modality::Temporal, Op::Append { iid, seq: 2, body });
            writes.catalog(CatalogOp::Change { iid, version: 2, present });
        },
        "a",
    );
    let found = ok(&mut session, "NORMALIZE HEXAD 'a'");
    let mended: Vec<&Value> = found.rows.iter().map(|row| &row[2]).collect();
    assert!(mended.contains(&&"temporal".into()), "{:?}", found.rows);
    assert_eq!(found.affected, Some(1));
    assert_eq!(drift(&mut session, "a").0, Some(0.0));
    let view = engine.shared.store.view().unwrap();
    let versions = view.appended(Modality::Temporal, iid).unwrap();
    assert_eq!(versions.len(), 3, "nothing was taken out");
    drop(view);
    let error = run(&mut session, "REVERT NORMALIZATION 'n-1'").unwrap_err();
    assert_eq!(error.kind, Kind::ConstraintViolation, "history is not taken back: {error:?}");
}

#[test]
fn a_tensor_gets_its_shape_back_or_is_what_it_was() {
    let (_dir, engine, mut session) = open();
    ok(
        &mut session,
        "INSERT HEXAD 'a' WITH DOCUMENT(title = 'A'), TENSOR([2, 2], [1, 2, 3, 4]); \
         CREATE CONTRACT square FOR TENSOR AS (TENSOR EXISTS) WITH shape='2x2'; \
         CREATE POLICY p FOR ALL AS queue_from = 1, overwrite_user = true",
    );
    let good = records(&engine, "a").1[&Modality::Tensor].0.clone();
    for bad in ["[4], TENSOR.data = [1, 2, 3, 4]", "[3], TENSOR.data = [7, 8, 9]"] {
        ok(&mut session, &format!("UPDATE HEXAD 'a' SET TENSOR.shape = {bad}"));
        let moved = records(&engine, "a").1[&Modality::Tensor].0.clone();
        let outcome = ok(&mut session, "NORMALIZE HEXAD 'a'");
        assert_eq!(outcome.affected, Some(1), "{bad} {:?}", outcome.rows);
        assert_eq!(records(&engine, "a").1[&Modality::Tensor].0, good, "{bad}");
        let Value::Text(entry) = &outcome.rows[0][6] else { panic!("{:?}", outcome.rows) };
        ok(&mut session, &format!("REVERT NORMALIZATION '{entry}'"));
        assert_eq!(records(&engine, "a").1[&Modality::Tensor].0, moved);
    }
}

#[test]
fn a_moved_place_goes_back() {
    let (_dir, engine, mut session) = open();
    ok(
        &mut session,
        "INSERT HEXAD 'a' WITH DOCUMENT(title = 'A', latitude = 51, longitude = 13), \
         SPATIAL(latitude = 51, longitude = 13)",
    );
    let good = records(&engine, "a").1[&Modality::Spatial].0.clone();
    ok(&mut session, "UPDATE HEXAD 'a' SET SPATIAL.latitude = -20, SPATIAL.longitude = 100");
    let left = ok(&mut session, "NORMALIZE HEXAD 'a'");
    assert_eq!(left.affected, Some(0), "a user moved it: {:?}", left.rows);
    ok(&mut session, "RESOLVE CONFLICT 'a' KEEP DOCUMENT");
    let place = records(&engine, "a").1[&Modality::Spatial].0.clone();
    assert_eq!(spatial::codec::decode(&place).unwrap(), spatial::codec::decode(&good).unwrap());
}

#[test]
fn a_trail_that_was_tampered_with_is_found() {
    let (_dir, engine, mut session) = open();
    ok(&mut session, "INSERT HEXAD 'a' WITH DOCUMENT(title = 'A'), VECTOR(EMBED(DOCUMENT))");
    ok(&mut session, "CREATE POLICY p FOR ALL AS queue_from = 1");
    ok(&mut session, "UPDATE HEXAD 'a' SET DOCUMENT.title = 'Something else entirely'");
    assert_eq!(ok(&mut session, "NORMALIZE ALL").affected, Some(1));
    assert!(ok(&mut session, "CHECK INTEGRITY").rows.is_empty());
    let space = crate::engine::store::Space::Normalization;
    let view = engine.shared.store.view().unwrap();
    let (name, body) = view.entries(space).unwrap().remove(0);
    let mut entry = crate::engine::normalize::Entry::decode(&body).unwrap();
    entry.by = "somebody else".to_owned();
    let mut writes = view.write_set().unwrap();
    writes.catalog(CatalogOp::Set { space, name, body: entry.encode() });
    engine.shared.store.commit(writes).unwrap();
    drop(view);
    let faults = ok(&mut session, "CHECK INTEGRITY").rows;
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert_eq!(faults[0][0], "normalizations".into());
}

#[test]
fn a_stopped_pass_goes_on_where_it_was() {
    use std::sync::atomic::Ordering;

    let (_dir, engine, mut session) = open();
    ok(&mut session, "CREATE POLICY p FOR ALL AS queue_from = 1");
    for n in 0..600 {
        let insert = "WITH DOCUMENT(title = 'first words'), VECTOR(EMBED(DOCUMENT))";
        ok(&mut session, &format!("INSERT HEXAD 'h{n:03}' {insert}"));
    }
    ok(&mut session, "UPDATE HEXAD SET DOCUMENT.title = 'nothing like it' WHERE VECTOR EXISTS");
    let text = "NORMALIZE ALL";
    let parsed = parse(text);
    let mut control = Control::default();
    let cancel = Arc::clone(&control.cancel);
    control.progress = Some(crate::engine::outcome::Progress::new(move |_, done, of| {
        assert_eq!(of, 600);
        if done >= 256 {
            cancel.store(true, Ordering::Relaxed);
        }
    }));
    let statement = &parsed.script.statements[0];
    let stopped = session.execute(text, statement, &Params::new(), &control).unwrap_err();
    assert_eq!(stopped.kind, Kind::Cancelled);
    let left = ok(&mut session, "SELECT id FROM hexads WHERE drift_score > 0.3 LIMIT 600").rows;
    assert_eq!(left.len(), 600 - 256, "each hexad is whole, before or after");
    let rest = ok(&mut session, text);
    assert_eq!(rest.affected, Some(600 - 256));
    assert!(rest.notices[0].message.starts_with("taken up"), "{:?}", rest.notices);
    let again = ok(&mut session, text);
    assert_eq!((again.affected, again.notices.len()), (Some(0), 1));
    assert!(again.notices[0].message.starts_with("nothing to do"), "{:?}", again.notices);
    drop(engine);
}

#[test]
fn of_two_who_decide_at_once_one_is_told() {
    let (_dir, engine, mut session) = open();
    ok(&mut session, "INSERT HEXAD 'a' WITH DOCUMENT(title = 'A', n = 1), SEMANTIC(Paper)");
    ok(&mut session, "UPDATE HEXAD 'a' SET SEMANTIC.n = 2");
    ok(&mut session, "NORMALIZE ALL");
    let decide = |word: &'static str| {
        let mut session = engine.session();
        std::thread::spawn(move || {
            run(&mut session, &format!("RESOLVE CONFLICT 'c-1' KEEP {word}")).err().map(|e| e.kind)
        })
    };
    let both = [decide("DOCUMENT"), decide("SEMANTIC")].map(|thread| thread.join().unwrap());
    let lost = both.iter().filter(|end| **end == Some(Kind::WriteConflict)).count();
    let won = both.iter().filter(|end| end.is_none()).count();
    assert_eq!((won, lost), (1, 1), "{both:?}");
}

#[test]
fn the_sweep_normalizes_where_policies_say_so() {
    let (_dir, engine, mut session) = open();
    for id in ["a", "b"] {
        let with = "WITH DOCUMENT(title = 'first words'), VECTOR(EMBED(DOCUMENT))";
        ok(&mut session, &format!("INSERT HEXAD '{id}' {with}"));
        ok(&mut session, &format!("UPDATE HEXAD '{id}' SET DOCUMENT.title = 'nothing like it'"));
    }
    ok(&mut session, "CREATE POLICY p FOR HEXAD a AS auto = 'on sweep', queue_from = 1");
    crate::engine::exec::drift::sweep::now(&engine.shared).unwrap();
    assert_eq!(drift(&mut session, "a").0, Some(0.0));
    assert!(drift(&mut session, "b").0.unwrap() > 0.3);
}

#[test]
fn in_many_hexads_the_ways_back_are_found_as_in_one() {
    let (_dir, _engine, mut session) = open();
    // More than are looked at one by one: a chain, and at its end two that cite each other.
    for n in 0..20 {
        let cited = if n == 19 { 18 } else { n + 1 };
        let with = format!("DOCUMENT(title = 'Title number {n}'), GRAPH(CITES, h{cited:02})");
        ok(&mut session, &format!("INSERT HEXAD 'h{n:02}' WITH {with}"));
    }
    let all = ok(&mut session, "NORMALIZE ALL").rows;
    let of: Vec<(&Value, &Value)> = all.iter().map(|row| (&row[0], &row[2])).collect();
    assert_eq!(of, [(&"h18".into(), &"citation cycle".into())]);
    assert_eq!(all[0][5], "its citations lead back to it: h18 -> h19 -> h18".into());
    let one = ok(&mut session, "NORMALIZE HEXAD 'h18'").rows;
    assert_eq!(one, all, "the same question");
}
