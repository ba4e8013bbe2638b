//! The law of the planner: whatever plan is taken - any set of indexes in any order, rows tested first
//! or ranked first - the answer is that of looking at every hexad.
//!
//! `VQL_PLANNED=1000000 cargo test --release --lib plan_tests` asks so many queries (set while
//! compiling); 2,000 are asked without it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64};

use crate::engine::Engine;
use crate::engine::base::{Kind, Result};
use crate::engine::exec::law_tests::{Counting, Dice, Ticking, close, insert, query};
use crate::engine::lang::parse;
use crate::engine::outcome::{Control, Options, Outcome, Params, Sync};
use crate::engine::session::Session;

const HEXADS: u64 = 30;
/// Queries asked of one world.
const ROUND: u64 = 250;
/// Plans tried of a query that has more.
const TRIED: u64 = 2;

fn queries() -> u64 {
    option_env!("VQL_PLANNED").and_then(|n| n.parse().ok()).unwrap_or(2000)
}

fn run(session: &mut Session, text: &str) -> Result<Outcome> {
    let parsed = parse(text);
    let mut outcome = Outcome::default();
    for statement in &parsed.script.statements {
        outcome = session.execute(text, statement, &Params::new(), &Control::default())?;
    }
    Ok(outcome)
}

fn open(path: &Path) -> Engine {
    let options = Options { create: true, sync: Sync::Off, unswept: true, ..Options::default() };
    let clock = Arc::new(Ticking(AtomicI64::new(1_767_225_600_000_000)));
    Engine::open(path, options, clock, Arc::new(Counting(AtomicU64::new(1)))).unwrap()
}

struct World {
    naive: Session,
    chosen: Session,
    forced: Session,
}

type Answer = Result<Outcome, Kind>;

fn same(a: &Answer, b: &Answer) -> bool {
    match (a, b) {
        (Ok(a), Ok(b)) => {
            let rows = a.rows.iter().zip(&b.rows);
            a.rows.len() == b.rows.len()
                && rows.into_iter().all(|(x, y)| x.iter().zip(y).all(|(x, y)| close(x, y)))
        }
        (a, b) => a.as_ref().err() == b.as_ref().err(),
    }
}

impl World {
    fn check(&mut self, text: &str, dice: &mut Dice) -> u64 {
        let expected = run(&mut self.naive, text).map_err(|e| e.kind);
        let got = run(&mut self.chosen, text).map_err(|e| e.kind);
        assert!(same(&got, &expected), "the chosen plan\n{text}\n{got:?}\n{expected:?}");
        let mut tried = 0;
        let mut number = 0;
        loop {
            self.forced.force_plan(number);
            let got = run(&mut self.forced, text).map_err(|e| e.kind);
            assert!(same(&got, &expected), "plan {number}\n{text}\n{got:?}\n{expected:?}");
            tried += 1;
            let plans = self.forced.plans() as u64;
            if plans <= TRIED {
                number += 1;
                if number as u64 >= plans {
                    return tried;
                }
            } else {
                number = dice.roll(plans) as usize;
                if tried > TRIED {
                    return tried;
                }
            }
        }
    }
}

fn round(seed: u64, queries: u64) -> u64 {
    let place = tempfile::tempdir().unwrap();
    let engine = open(&place.path().join("plans.db"));
    let (naive, chosen, forced) = (engine.session(), engine.session(), engine.session());
    let mut world = World { naive, chosen, forced };
    let mut dice = Dice(seed);
    for number in 0..HEXADS {
        let statement = insert(&mut dice, number);
        run(&mut world.chosen, &statement).unwrap_or_else(|e| panic!("{statement}\n{e}"));
    }
    run(&mut world.naive, "SET plan = scan").unwrap();
    let mut plans = 0;
    for asked in 0..queries {
        let text = query(&mut dice);
        plans += world.check(&text, &mut dice);
        if asked == queries / 2 {
            engine.settle().unwrap();
        }
    }
    drop(world);
    engine.close().unwrap();
    plans
}

#[test]
fn every_plan_answers_what_looking_at_every_hexad_answers() {
    let (mut left, mut seed, mut plans) = (queries(), 0x91a2_0001, 0);
    while left > 0 {
        let now = left.min(ROUND);
        plans += round(seed, now);
        left -= now;
        seed += 0x9e37_79b9;
    }
    assert!(plans > queries() * 2, "only {plans} plans of {} queries", queries());
}
