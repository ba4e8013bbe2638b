//! Statistics and what plans make of them: gathered, kept, gathered again; estimates near the truth;
//! mistakes that teach.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64};

use crate::engine::Engine;
use crate::engine::Watch;
use crate::engine::base::{Result, Value};
use crate::engine::exec::law_tests::{Counting, Dice, Ticking};
use crate::engine::hexad::{ImportOptions, Progress, Reject};
use crate::engine::lang::parse;
use crate::engine::outcome::{Control, Options, Outcome, Params, Sync};
use crate::engine::plan::cost::Origin;
use crate::engine::plan::physical::{Finish, Plan};
use crate::engine::session::Session;

const HEXADS: u64 = 1500;

struct Silent;

impl Watch for Silent {
    fn progress(&mut self, _: &Progress) -> Result<()> {
        Ok(())
    }

    fn rejected(&mut self, reject: &Reject) -> Result<()> {
        panic!("{reject:?}")
    }
}

fn open(path: &Path) -> Engine {
    let options = Options { create: true, sync: Sync::Off, unswept: true, ..Options::default() };
    let clock = Arc::new(Ticking(AtomicI64::new(1_767_225_600_000_000)));
    Engine::open(path, options, clock, Arc::new(Counting(AtomicU64::new(1)))).unwrap()
}

fn run(session: &mut Session, text: &str) -> Outcome {
    let parsed = parse(text);
    let mut outcome = Outcome::default();
    for statement in &parsed.script.statements {
        let (params, control) = (Params::new(), Control::default());
        outcome = session
            .execute(text, statement, &params, &control)
            .unwrap_or_else(|e| panic!("{text}\n{e}"));
    }
    outcome
}

/// Every city lies in one country: the two fields say the same.
fn fill(engine: &Engine) {
    let mut dice = Dice(77);
    let mut lines = String::new();
    for n in 0..HEXADS {
        let city = dice.roll(10);
        let year = 1900 + if dice.chance(60) { 100 } else { dice.roll(100) };
        write!(lines, r#"{{"id":"h{n}","document":{{"title":"text {n}","city":"c{city}","country":"k{city}","year":{year}"#).unwrap();
        if n % 3 == 0 {
            write!(lines, r#","rare":"r{n}""#).unwrap();
        }
        lines.push_str("},");
        let kind = if n % 50 == 0 { "Rare" } else { "Usual" };
        write!(lines, r#""semantic":{{"types":["{kind}"]}},"#).unwrap();
        let (x, y) = (dice.roll(100) as f64 - 50.0, dice.roll(100) as f64 - 50.0);
        write!(lines, r#""vector":{{"embedding":[{x}.5,{y}.5,3]}}"#).unwrap();
        if n % 4 == 0 {
            write!(lines, r#","graph":[{{"predicate":"NEXT","target":"h{}"}}]"#, n + 1).unwrap();
        }
        lines.push_str("}\n");
    }
    engine.import(&mut lines.as_bytes(), &ImportOptions::default(), &mut Silent).unwrap();
    assert_eq!(engine.status().unwrap().hexads, HEXADS);
}

fn world() -> (tempfile::TempDir, Engine) {
    let place = tempfile::tempdir().unwrap();
    let engine = open(&place.path().join("s.db"));
    fill(&engine);
    (place, engine)
}

fn plan(session: &mut Session, text: &str) -> (Plan, usize) {
    let rows = run(session, text).rows;
    let answered = match rows.as_slice() {
        [row] => match row.as_slice() {
            [Value::Int(count)] => *count as usize,
            _ => 1,
        },
        rows => rows.len(),
    };
    (session.last_plan().expect("a query was planned"), answered)
}

/// The first estimate of a fresh session's plan for a condition, with what is true.
fn estimated(session: &mut Session, condition: &str) -> (f64, f64, Origin) {
    let text = format!("SELECT COUNT(*) FROM hexads WHERE {condition}");
    let (plan, answered) = plan(session, &text);
    let step = plan.steps.first().unwrap_or_else(|| panic!("no index is asked: {condition}"));
    (step.estimate as f64, answered as f64, step.expected.origin)
}

#[test]
fn analyze_makes_estimates_good_and_they_stay_after_opening_again() {
    let (place, engine) = world();
    let mut session = engine.session();
    let told = run(&mut session, "ANALYZE");
    assert_eq!(told.rows.len(), 8);
    assert_eq!(told.rows[4][1], Value::Int(HEXADS as i64));
    drop(session);
    engine.close().unwrap();
    drop(engine);
    let engine = open(&place.path().join("s.db"));
    let mut session = engine.session();
    for condition in [
        "city = 'c3'",
        "year = 2000",
        "year > 1950",
        "year BETWEEN 1910 AND 1930",
        "year IN (2000, 1905)",
        "types INCLUDES 'Rare'",
        "types INCLUDES 'Usual'",
        "h.embedding SIMILAR TO [1, 0, 0] WITHIN 0.5",
        "MODIFIED BY user",
    ] {
        let (estimate, actual, origin) = estimated(&mut session, condition);
        assert!(origin != Origin::Guess, "{condition}");
        let near = (estimate - actual).abs() < 30.0 + actual * 0.5;
        assert!(near, "{condition}: {estimate} estimated, {actual} there");
    }
    // Of values that nobody has there is nothing to expect.
    let (estimate, actual, _) = estimated(&mut session, "city = 'c99'");
    assert!(estimate < 2.0 && actual < 1.0, "{estimate}");
    drop(session);
    engine.close().unwrap();
}

#[test]
fn one_modality_can_be_looked_at_alone() {
    let (_place, engine) = world();
    let mut session = engine.session();
    let told = run(&mut session, "ANALYZE SEMANTIC");
    let row = [Value::from("semantic"), Value::Int(HEXADS as i64), Value::from("2 types")];
    assert_eq!(told.rows, [row]);
    assert_eq!(estimated(&mut session, "types INCLUDES 'Rare'").2, Origin::Statistics);
    drop(session);
    engine.close().unwrap();
}

#[test]
fn columns_that_say_the_same_are_no_longer_taken_for_independent() {
    let (_place, engine) = world();
    let mut session = engine.session();
    run(&mut session, "ANALYZE");
    let text =
        "SELECT COUNT(*) FROM hexads WHERE city = 'c3' AND country = 'k3' AND lower(title) != ''";
    let expected = |session: &mut Session| {
        let (plan, answered) = plan(session, text);
        (plan.rows as f64, answered as f64, plan.steps.len())
    };
    // The first queries make the columns; then both are asked.
    let (before, answered, _) = expected(&mut session);
    for condition in ["city = 'c1'", "country = 'k1'", "city = 'c2'", "country = 'k2'"] {
        run(&mut session, &format!("SELECT COUNT(*) FROM hexads WHERE {condition}"));
    }
    for _ in 0..8 {
        expected(&mut session);
    }
    let (after, _, _) = expected(&mut session);
    let off = |rows: f64| (rows.max(1.0) / answered).ln().abs();
    assert!(off(before) > 0.6, "{before} of {answered}: the test has lost its point");
    assert!(off(after) < 0.3 && off(after) < off(before), "{before} then {after} of {answered}");
    drop(session);
    engine.close().unwrap();
}

#[test]
fn what_no_index_answers_is_ranked_first_when_only_the_best_are_wanted() {
    let (_place, engine) = world();
    let mut session = engine.session();
    run(&mut session, "ANALYZE");
    let text = "SELECT id FROM hexads WHERE lower(city) = 'c3' AND h.embedding SIMILAR TO [1, 2, 3] LIMIT 5";
    let (chosen, _) = plan(&mut session, text);
    assert_eq!(chosen.finish, Finish::RankFirst);
    let fast = run(&mut session, text).rows;
    run(&mut session, "SET plan = scan");
    assert_eq!(run(&mut session, text).rows, fast);
    drop(session);
    engine.close().unwrap();
}

#[test]
fn the_background_looks_by_itself_once_there_is_enough() {
    let (_place, engine) = world();
    let mut session = engine.session();
    for _ in 0..600 {
        let (_, _, origin) = estimated(&mut session, "types INCLUDES 'Rare'");
        if origin == Origin::Statistics {
            drop(session);
            return engine.close().unwrap();
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("nobody has looked");
}

#[test]
fn the_recall_target_decides_how_vectors_are_searched() {
    let (_place, engine) = world();
    let mut session = engine.session();
    run(&mut session, "SET recall_target = 1.0");
    let text = "SELECT id FROM hexads WHERE h.embedding SIMILAR TO [1, 2, 3] LIMIT 5";
    let (plan, _) = plan(&mut session, text);
    assert_eq!(plan.search, crate::engine::plan::physical::Search::Exact);
    drop(session);
    engine.close().unwrap();
}
