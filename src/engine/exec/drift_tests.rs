//! The law of the scores that are kept: whatever was written, and by whomever, they are what measuring
//! every hexad gives.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64};

use super::law_tests::{Counting, Dice, Ticking};
use crate::engine::Engine;
use crate::engine::Session;
use crate::engine::base::{Modality, Value};
use crate::engine::lang::parse;
use crate::engine::outcome::{Control, Options, Outcome, Params, Sync};
use crate::engine::store::Op;

fn open(path: &Path) -> Engine {
    let options = Options { create: true, sync: Sync::Off, ..Options::default() };
    let clock = Arc::new(Ticking(AtomicI64::new(1_767_225_600_000_000)));
    Engine::open(path, options, clock, Arc::new(Counting(AtomicU64::new(1)))).unwrap()
}

fn run(session: &mut Session, text: &str) -> Outcome {
    let parsed = parse(text);
    assert!(parsed.diagnostics.is_empty(), "{text}: {:?}", parsed.diagnostics);
    let statement = &parsed.script.statements[0];
    let outcome = session.execute(text, statement, &Params::new(), &Control::default());
    outcome.unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

const NAMES: [&str; 6] =
    ["Gray River", "Old Mill", "Stone Bridge", "Mill", "River Gate", "Upper Town"];

/// One write: a hexad with a title, a text that mentions others, edges, a place.
fn write(dice: &mut Dice) -> String {
    let id = dice.roll(24);
    match dice.roll(9) {
        4 => return format!("UPDATE HEXAD 'h{id}' SET SEMANTIC.rank = {}", dice.roll(4)),
        0 => return format!("DELETE HEXAD 'h{id}'"),
        1 => return format!("UPDATE HEXAD 'h{id}' SET DOCUMENT.title = '{}'", dice.pick(&NAMES)),
        2 => return format!("UPDATE HEXAD 'h{id}' SET DOCUMENT.body = '{}'", body(dice)),
        3 => {
            let (x, y) = (dice.roll(60), dice.roll(60));
            return format!(
                "UPDATE HEXAD 'h{id}' SET SPATIAL.latitude = {x}, SPATIAL.longitude = {y}"
            );
        }
        _ => {}
    }
    let mut parts = vec![format!(
        "DOCUMENT(title = '{} {}', body = '{}', area_km2 = {})",
        dice.pick(&NAMES),
        dice.roll(3),
        body(dice),
        1 + dice.roll(4000)
    )];
    if dice.chance(70) {
        let target = dice.roll(26);
        let predicate = dice.pick(&["LOCATED_IN", "NEAR"]);
        parts.push(format!("GRAPH({predicate}, h{target})"));
    }
    if dice.chance(50) {
        parts.push(format!("SPATIAL(latitude = {}, longitude = {})", dice.roll(9), dice.roll(9)));
    }
    if dice.chance(40) {
        parts.push(format!("VECTOR([1, {}])", dice.roll(4)));
    }
    if dice.chance(40) {
        parts.push(format!("SEMANTIC(T{})", dice.roll(2)));
    }
    format!("INSERT HEXAD 'h{id}' WITH {}", parts.join(", "))
}

fn body(dice: &mut Dice) -> String {
    format!("between {} and {}", dice.pick(&NAMES), dice.pick(&NAMES))
}

/// Writes something, whether or not it can be written just now.
fn attempt(session: &mut Session, text: &str) {
    let parsed = parse(text);
    assert!(parsed.diagnostics.is_empty(), "{text}: {:?}", parsed.diagnostics);
    let statement = &parsed.script.statements[0];
    drop(session.execute(text, statement, &Params::new(), &Control::default()));
}

const ASKED: &str = "SELECT id, drift, drift_score, drift_type, drifted_modalities FROM hexads \
    ORDER BY id LIMIT 100";

/// The kept scores and the measured ones.
fn both(session: &mut Session) -> [Vec<Vec<Value>>; 2] {
    let kept = run(session, ASKED).rows;
    run(session, "SET plan = scan");
    let measured = run(session, ASKED).rows;
    run(session, "SET plan = auto");
    [kept, measured]
}

#[test]
fn kept_scores_are_those_that_measuring_gives() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("law.db");
    for seed in [7_u64, 77, 777] {
        drop(std::fs::remove_dir_all(&path));
        let mut dice = Dice(seed);
        let mut engine = open(&path);
        for round in 0..40 {
            let mut session = engine.session();
            for _ in 0..=dice.roll(3) {
                attempt(&mut session, &write(&mut dice));
            }
            if round == 10 {
                let text =
                    "CREATE CONTRACT ranked FOR SCHEMA AS (SEMANTIC.rank > 1) WITH type = 'T1'";
                run(&mut session, text);
            }
            let [kept, measured] = both(&mut session);
            assert_eq!(kept, measured, "seed {seed}, round {round}");
            if round % 8 == 7 {
                // What was written without being asked for is found by its time.
                attempt(&mut session, &write(&mut dice));
                drop(session);
                engine.close().unwrap();
                drop(engine);
                engine = open(&path);
            }
        }
        engine.close().unwrap();
    }
}

#[test]
fn a_transaction_measures_what_it_has_written() {
    let place = tempfile::tempdir().unwrap();
    let engine = open(&place.path().join("laid.db"));
    let mut dice = Dice(99);
    let mut session = engine.session();
    for _ in 0..30 {
        attempt(&mut session, &write(&mut dice));
    }
    for _ in 0..5 {
        run(&mut session, "BEGIN");
        let text =
            format!("INSERT HEXAD 'n{}' WITH GRAPH(NEAR, h{})", dice.roll(1 << 40), dice.roll(26));
        run(&mut session, &text);
        let text = format!(
            "INSERT HEXAD 'm{}' WITH DOCUMENT(title = '{}')",
            dice.roll(1 << 40),
            dice.pick(&NAMES)
        );
        run(&mut session, &text);
        let [kept, measured] = both(&mut session);
        assert_eq!(kept, measured);
        run(&mut session, "ROLLBACK");
        let [kept, measured] = both(&mut session);
        assert_eq!(kept, measured);
    }
    engine.close().unwrap();
}

#[test]
fn history_tells_when_a_score_passed_its_threshold() {
    let place = tempfile::tempdir().unwrap();
    let engine = open(&place.path().join("history.db"));
    let mut session = engine.session();
    run(&mut session, "INSERT HEXAD 'a' WITH GRAPH(NEAR, b)");
    let causes = |session: &mut Session| -> Vec<Value> {
        let outcome = run(session, "DRIFT HISTORY FROM HEXAD a WHERE GRAPH EXISTS");
        let graph = outcome.rows.into_iter().filter(|row| row[1] == Value::from("graph_document"));
        graph.map(|row| row[8].clone()).collect()
    };
    assert_eq!(causes(&mut session), ["first measured".into()]);
    run(&mut session, "INSERT HEXAD 'b' WITH DOCUMENT(title = 'B')");
    assert_eq!(causes(&mut session), ["surroundings".into(), "first measured".into()]);
    run(&mut session, "DELETE HEXAD 'b'");
    assert_eq!(causes(&mut session).len(), 3);
    // What was told is not told again.
    assert_eq!(causes(&mut session).len(), 3);
    let metrics = run(&mut session, "DRIFT METRICS FROM hexads").rows;
    let graph = metrics.iter().find(|row| row[0] == Value::from("graph_document")).unwrap();
    assert_eq!((&graph[2], &graph[3]), (&Value::Int(1), &Value::Int(1)));
    engine.close().unwrap();
}

/// What no statement can do: an event is appended behind everybody's back.
#[test]
fn the_sweep_finds_what_was_changed_behind_its_back() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("sweep.db");
    let engine = open(&path);
    let mut session = engine.session();
    for id in ["a", "b", "c"] {
        run(&mut session, &format!("INSERT HEXAD '{id}' WITH DOCUMENT(title = 'T {id}')"));
    }
    assert_eq!(run(&mut session, "DRIFT DETECT FROM hexads").rows.len(), 0);
    let view = engine.shared.store.view().unwrap();
    let iid = view.iid("b").unwrap().unwrap();
    let event = view.last_appended(Modality::Provenance, iid).unwrap().unwrap();
    let mut writes = view.write_set().unwrap();
    writes.push(Modality::Provenance, Op::Append { iid, seq: event.seq + 1, body: event.body });
    drop(view);
    engine.shared.store.commit(writes).unwrap();
    drop(session);
    engine.close().unwrap();
    drop(engine);
    let engine = open(&path);
    let mut session = engine.session();
    crate::engine::exec::drift::sweep::now(&engine.shared).unwrap();
    let rows = run(&mut session, "DRIFT DETECT FROM hexads").rows;
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!((&rows[0][0], &rows[0][1]), (&"b".into(), &"provenance".into()));
    let shown = run(&mut session, "SHOW DRIFT").rows;
    assert!(shown[0][8].as_str().unwrap().starts_with("3 of 3 measured, swept 2026-"));
    engine.close().unwrap();
}

#[test]
fn scores_in_a_damaged_file_are_measured_again() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("damaged.db");
    let engine = open(&path);
    let mut session = engine.session();
    run(&mut session, "INSERT HEXAD 'a' WITH GRAPH(NEAR, b)");
    assert_eq!(run(&mut session, "DRIFT DETECT FROM hexads").rows.len(), 1);
    drop(session);
    engine.close().unwrap();
    drop(engine);
    let file = path.join("index/drift.scores");
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let engine = open(&path);
    let mut session = engine.session();
    assert_eq!(run(&mut session, "DRIFT DETECT FROM hexads").rows.len(), 1);
    engine.close().unwrap();
}

/// A land, places in it, and whether the land says itself where it is.
fn land(session: &mut Session, places: usize, said: &str) {
    run(
        session,
        &format!(
            "INSERT HEXAD 'land' WITH DOCUMENT(title = 'Land', radius_km = 400{said}), \
             SPATIAL(latitude = 10, longitude = 20)"
        ),
    );
    for n in 0..places {
        let (latitude, longitude) = (9.5 + n as f64 / 10.0, 20.5 - n as f64 / 10.0);
        let place = format!("SPATIAL(latitude = {latitude}, longitude = {longitude})");
        run(session, &format!("INSERT HEXAD 'p{n}' WITH {place}, GRAPH(LOCATED_IN, land)"));
    }
}

fn drifted(session: &mut Session) -> Vec<Value> {
    let rows = run(session, "DRIFT DETECT FROM hexads ORDER BY hexad_id").rows;
    rows.into_iter().map(|row| row[0].clone()).collect()
}

#[test]
fn of_a_land_and_the_places_in_it_the_one_that_moved_has_drifted() {
    let place = tempfile::tempdir().unwrap();
    let engine = open(&place.path().join("land.db"));
    let mut session = engine.session();
    land(&mut session, 9, "");
    assert_eq!(drifted(&mut session), Vec::<Value>::new());
    run(&mut session, "UPDATE HEXAD 'land' SET SPATIAL.latitude = -10, SPATIAL.longitude = -160");
    assert_eq!(drifted(&mut session), ["land".into()]);
    let shown = run(&mut session, "DRIFT DETECT FROM HEXAD 'land'").rows;
    let Value::List(evidence) = &shown[0][6] else { panic!("{shown:?}") };
    assert!(evidence[0].as_str().unwrap().contains("the 9 that are LOCATED_IN it"), "{shown:?}");
    // The kept scores follow when those in it move after it.
    let moved = "SET SPATIAL.latitude = -10, SPATIAL.longitude = -160 WHERE GRAPH EXISTS";
    run(&mut session, &format!("UPDATE HEXAD {moved}"));
    assert_eq!(drifted(&mut session), Vec::<Value>::new());
    run(&mut session, "UPDATE HEXAD 'p3' SET SPATIAL.latitude = 10, SPATIAL.longitude = 20");
    assert_eq!(drifted(&mut session), ["p3".into()]);
    let [kept, measured] = both(&mut session);
    assert_eq!(kept, measured);
    engine.close().unwrap();
}

#[test]
fn a_land_that_contradicts_itself_says_nothing_of_the_few_in_it() {
    let place = tempfile::tempdir().unwrap();
    let engine = open(&place.path().join("few.db"));
    let mut session = engine.session();
    land(&mut session, 3, ", latitude = 10, longitude = 20");
    run(&mut session, "UPDATE HEXAD 'land' SET SPATIAL.latitude = -10, SPATIAL.longitude = -160");
    assert_eq!(drifted(&mut session), ["land".into()]);
    engine.close().unwrap();
}

/// The scores of an earlier run are believed, but not of what was written since this one began, even if
/// that left no trace in the catalogue.
#[test]
fn what_this_run_changed_is_measured_whatever_it_left_in_the_catalogue() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("marks.db");
    let engine = open(&path);
    let mut session = engine.session();
    run(&mut session, "INSERT HEXAD 'a' WITH DOCUMENT(title = 'A')");
    // The sweep writes down what it saw after it took the board.
    engine.sweep().unwrap();
    drop(session);
    engine.close().unwrap();
    drop(engine);
    let engine = open(&path);
    engine.sabotage(&[("a".to_owned(), crate::engine::Harm::Event)]).unwrap();
    assert_eq!(drifted(&mut engine.session()), ["a".into()]);
    engine.close().unwrap();
}

struct Nobody;

impl crate::engine::Watch for Nobody {
    fn progress(&mut self, _: &crate::engine::Progress) -> crate::engine::base::Result<()> {
        Ok(())
    }
    fn rejected(&mut self, reject: &crate::engine::Reject) -> crate::engine::base::Result<()> {
        panic!("{reject:?}")
    }
}

#[test]
fn an_export_carries_along_what_was_made_of_what() {
    let place = tempfile::tempdir().unwrap();
    let engine = open(&place.path().join("one.db"));
    let mut session = engine.session();
    for id in ["fresh", "stale"] {
        let with = "WITH DOCUMENT(body = 'the quay at low tide'), VECTOR(EMBED(DOCUMENT))";
        run(&mut session, &format!("INSERT HEXAD '{id}' {with}"));
    }
    run(&mut session, "UPDATE HEXAD 'stale' SET DOCUMENT.body = 'a lamp in the moss'");
    let numbers = format!("[1{}]", ", 0".repeat(383));
    run(
        &mut session,
        &format!("INSERT HEXAD 'given' WITH DOCUMENT(title = 'G'), VECTOR({numbers})"),
    );
    let before = run(&mut session, ASKED).rows;
    let mut lines = Vec::new();
    engine.export(&mut lines, &mut |_| Ok(())).unwrap();
    let other = open(&place.path().join("two.db"));
    let options = crate::engine::ImportOptions::default();
    other.import(&mut lines.as_slice(), &options, &mut Nobody).unwrap();
    assert_eq!(run(&mut other.session(), ASKED).rows, before);
    let stamps = |engine: &Engine| {
        ["fresh", "stale", "given"].map(|id| {
            let hexad = engine.get(id, crate::engine::base::ModalitySet::ALL).unwrap().unwrap();
            hexad.stamp(Modality::Vector).unwrap().meta.clone()
        })
    };
    let [fresh, stale, given] = stamps(&engine);
    let [fresh_too, stale_too, given_too] = stamps(&other);
    assert_eq!((&fresh, &stale), (&fresh_too, &stale_too));
    assert_ne!(fresh.producer, given.producer);
    assert_eq!(given, given_too);
    let mut again = Vec::new();
    other.export(&mut again, &mut |_| Ok(())).unwrap();
    assert_eq!(String::from_utf8(again).unwrap(), String::from_utf8(lines).unwrap());
    engine.close().unwrap();
    other.close().unwrap();
}
