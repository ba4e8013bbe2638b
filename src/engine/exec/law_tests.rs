//! The law: a plan that asks indexes answers what looking at every hexad answers, over random data
//! and random queries, after updates and deletes, and after opening the database again.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use crate::engine::Engine;
use crate::engine::base::{Clock, Result, Rng, Timestamp, Value};
use crate::engine::lang::parse;
use crate::engine::outcome::{Control, Options, Outcome, Params, Sync};
use crate::engine::session::Session;

pub(super) struct Ticking(pub(super) AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.fetch_add(1000, Ordering::Relaxed))
    }
}

pub(super) struct Counting(pub(super) AtomicU64);

impl Rng for Counting {
    fn bits(&self) -> u128 {
        u128::from(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// A small generator of its own: the same numbers on every machine.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % sides
    }

    pub(super) fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.roll(of.len() as u64) as usize]
    }

    pub(super) fn chance(&mut self, percent: u64) -> bool {
        self.roll(100) < percent
    }
}

pub(super) const WORDS: [&str; 6] = ["river", "stone", "tide", "moss", "lamp", "quay"];
pub(super) const TYPES: [&str; 3] = ["Paper", "Person", "Place"];
pub(super) const EDGES: [&str; 3] = ["CITES", "BY", "NEAR"];
pub(super) const HEXADS: u64 = 70;

struct Pair {
    engine: Engine,
    fast: Session,
    slow: Session,
}

fn open(path: &Path) -> Pair {
    let options = Options { create: true, sync: Sync::Off, ..Options::default() };
    let clock = Arc::new(Ticking(AtomicI64::new(1_767_225_600_000_000)));
    let rng = Arc::new(Counting(AtomicU64::new(1)));
    let engine = Engine::open(path, options, clock, rng).unwrap();
    let fast = engine.session();
    let mut slow = engine.session();
    run(&mut slow, "SET plan = scan").unwrap();
    Pair { engine, fast, slow }
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

pub(super) fn text(dice: &mut Dice) -> String {
    (0..=dice.roll(5)).map(|_| dice.pick(&WORDS)).collect::<Vec<_>>().join(" ")
}

pub(super) fn insert(dice: &mut Dice, number: u64) -> String {
    let mut parts = vec![];
    if dice.chance(80) {
        let mut fields = vec![format!("title = '{}'", text(dice))];
        if dice.chance(70) {
            fields.push(format!("year = {}", 2015 + dice.roll(8)));
        }
        if dice.chance(50) {
            fields.push(format!("body = '{}'", text(dice)));
        }
        if dice.chance(20) {
            fields.push(format!("mixed = '{}'", dice.roll(4)));
        } else if dice.chance(40) {
            fields.push(format!("mixed = {}.5", dice.roll(4)));
        }
        parts.push(format!("DOCUMENT({})", fields.join(", ")));
    }
    if dice.chance(60) {
        let x: Vec<String> = (0..3).map(|_| format!("{}", dice.roll(5) as i64 - 2)).collect();
        if x.iter().any(|n| n != "0") {
            parts.push(format!("VECTOR([{}])", x.join(", ")));
        }
    }
    for _ in 0..dice.roll(3) {
        parts.push(format!("GRAPH({}, h{})", dice.pick(&EDGES), dice.roll(HEXADS + 5)));
    }
    if dice.chance(50) {
        parts.push(format!("SEMANTIC({})", dice.pick(&TYPES)));
    }
    if dice.chance(30) {
        parts.push(format!("TENSOR([{}, 2], [{}])", 1, "1, 2"));
    }
    if dice.chance(40) {
        let (lat, lon) = (dice.roll(20) as i64 - 10, dice.roll(20) as i64 - 10);
        parts.push(format!("SPATIAL(latitude = {lat}, longitude = {lon})"));
    }
    if parts.is_empty() {
        parts.push("SEMANTIC(Nothing)".to_owned());
    }
    format!("INSERT HEXAD 'h{number}' WITH {}", parts.join(", "))
}

fn leaf(dice: &mut Dice) -> String {
    match dice.roll(26) {
        0 => format!(
            "year {} {}",
            dice.pick(&["=", "!=", "<", ">", "<=", ">="]),
            2014 + dice.roll(10)
        ),
        1 => format!("year IN ({}, {})", 2015 + dice.roll(8), 2015 + dice.roll(8)),
        2 => format!("year BETWEEN {} AND {}", 2014 + dice.roll(5), 2017 + dice.roll(6)),
        3 => "year IS NULL".to_owned(),
        4 => format!("title LIKE '%{}%'", dice.pick(&WORDS)),
        5 => format!("id = 'h{}'", dice.roll(HEXADS)),
        6 => format!("hexad.types INCLUDES '{}'", dice.pick(&TYPES)),
        7 => format!(
            "{} EXISTS",
            dice.pick(&["VECTOR", "GRAPH", "SPATIAL", "TENSOR", "DOCUMENT", "SEMANTIC"])
        ),
        8 => format!("FULLTEXT CONTAINS '{}'", dice.pick(&WORDS)),
        9 => format!("FULLTEXT CONTAINS '{} OR {}'", dice.pick(&WORDS), dice.pick(&WORDS)),
        10 => format!("WITHIN RADIUS({}, 0, {})", dice.roll(5), 100 + dice.roll(900)),
        11 => format!("WITHIN BOUNDS(-{}, -5, 5, {})", dice.roll(9), dice.roll(9)),
        12 => format!("h.embedding SIMILAR TO [1, {}, -1] WITHIN 0.{}", dice.roll(3), dice.roll(9)),
        13 => format!("(h)-[:{}]->(x{})", dice.pick(&EDGES), dice.roll(3)),
        14 => format!("((h)-[:{}]->(y) AND y.year > {})", dice.pick(&EDGES), 2014 + dice.roll(8)),
        15 => {
            format!("((s)-[:{}*1..3]->(h) AND s.id = 'h{}')", dice.pick(&EDGES), dice.roll(HEXADS))
        }
        22 => format!(
            "((s)-[:{}*1..2]->(h)-[:{}]->(z) AND 'h{}' = s.uuid)",
            dice.pick(&EDGES),
            dice.pick(&EDGES),
            dice.roll(HEXADS)
        ),
        23 => format!(
            "((h)-[:{}]->(t)<-[:{}]-(u) AND u == 'h{}')",
            dice.pick(&EDGES),
            dice.pick(&EDGES),
            dice.roll(HEXADS)
        ),
        24 => format!(
            "((s)-[:{}*0..2]-(h) AND s.id = 'h{}' AND (h)-[:{}]->(s{}))",
            dice.pick(&EDGES),
            dice.roll(HEXADS),
            dice.pick(&EDGES),
            dice.pick(&["", "1"])
        ),
        25 => format!(
            "((h)-[:{0}]-(t) AND (t)-[:{0}*1..2]->(v) AND v.id = 'h{1}' AND v.id != 'h{2}')",
            dice.pick(&EDGES),
            dice.roll(HEXADS),
            dice.roll(HEXADS)
        ),
        16 => "tensor.data SHAPE [1, 2]".to_owned(),
        17 => format!("tensor.data RANK {} 2", dice.pick(&["==", "<", ">="])),
        18 => format!("MODIFIED BY {}", dice.pick(&["user", "nobody"])),
        19 => format!("mixed {} {}", dice.pick(&["<", ">=", "="]), dice.roll(4)),
        20 => format!("h.embedding NEAREST {} TO [0, 1, {}]", dice.roll(6), dice.roll(2)),
        _ => format!("NEAREST({}, {}, {})", dice.roll(9), dice.roll(9), dice.roll(6)),
    }
}

fn condition(dice: &mut Dice, depth: u32) -> String {
    if depth == 0 || dice.chance(35) {
        return leaf(dice);
    }
    let (a, b) = (condition(dice, depth - 1), condition(dice, depth - 1));
    match dice.roll(5) {
        0 => format!("NOT ({a})"),
        1 | 2 => format!("({a} OR {b})"),
        _ => format!("({a} AND {b})"),
    }
}

pub(super) fn query(dice: &mut Dice) -> String {
    let mut condition = condition(dice, 3);
    let mut ranked = false;
    if dice.chance(25) {
        condition = format!("{condition} AND h.embedding SIMILAR TO [1, 0, {}]", dice.roll(3));
        ranked = true;
    }
    if dice.chance(15) {
        condition = format!("{condition} AND FULLTEXT CONTAINS '{}'", dice.pick(&WORDS));
        ranked = true;
    }
    let select = match dice.roll(6) {
        0 => return format!("SELECT COUNT(*) FROM hexads WHERE {condition}"),
        1 => {
            return format!(
                "SELECT DOCUMENT.year, COUNT(*) FROM hexads WHERE {condition} \
                 GROUP BY DOCUMENT.year ORDER BY DOCUMENT.year"
            );
        }
        2 if ranked => "SELECT id, score, similarity",
        3 => "SELECT id",
        _ => "SELECT id, version",
    };
    let order = match dice.roll(5) {
        0 => " ORDER BY year DESC NULLS FIRST, id",
        1 => " ORDER BY title",
        2 => " ORDER BY id",
        _ => "",
    };
    let limit = if dice.chance(60) { format!(" LIMIT {}", dice.roll(12)) } else { String::new() };
    let offset = if dice.chance(20) { format!(" OFFSET {}", dice.roll(4)) } else { String::new() };
    format!("{select} FROM hexads WHERE {condition}{order}{limit}{offset}")
}

pub(super) fn close(a: &Value, b: &Value) -> bool {
    match (a.as_f64(), b.as_f64()) {
        (Some(x), Some(y)) => (x - y).abs() < 1e-4,
        _ => a == b,
    }
}

fn compare(pair: &mut Pair, text: &str, seed: u64) {
    let fast = run(&mut pair.fast, text).map_err(|e| e.kind);
    let slow = run(&mut pair.slow, text).map_err(|e| e.kind);
    let same = match (&fast, &slow) {
        (Ok(a), Ok(b)) => {
            a.rows.len() == b.rows.len()
                && a.rows
                    .iter()
                    .zip(&b.rows)
                    .all(|(x, y)| x.iter().zip(y).all(|(x, y)| close(x, y)))
        }
        (a, b) => a.as_ref().err() == b.as_ref().err(),
    };
    let show = |outcome: &Result<Outcome, crate::engine::base::Kind>| match outcome {
        Ok(o) => format!("{:?}", o.rows),
        Err(kind) => format!("{kind:?}"),
    };
    if !same {
        let plan = run(&mut pair.fast, &format!("EXPLAIN {text}"));
        panic!(
            "seed {seed}\n{text}\nfast {}\nslow {}\n{}",
            show(&fast),
            show(&slow),
            show(&plan.map_err(|e| e.kind))
        );
    }
}

fn change(pair: &mut Pair, dice: &mut Dice) {
    let id = dice.roll(HEXADS);
    let statement = match dice.roll(5) {
        0 => format!("DELETE HEXAD 'h{id}'"),
        1 => format!("UPDATE HEXAD 'h{id}' SET VECTOR.embedding = [1, {}, 2]", dice.roll(4)),
        2 => format!("UPDATE HEXAD 'h{id}' SET DOCUMENT.title = '{}'", text(dice)),
        3 => format!("UPDATE HEXAD 'h{id}' SET DOCUMENT.year = {}", 2015 + dice.roll(8)),
        _ => {
            let number = HEXADS + dice.roll(20);
            insert(dice, number)
        }
    };
    // Some hexads are gone, some ids are taken: that is part of the game.
    drop(run(&mut pair.fast, &statement));
}

fn game(seed: u64, queries: usize) {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("law.db");
    let mut dice = Dice(seed);
    let mut pair = open(&path);
    for number in 0..HEXADS {
        let statement = insert(&mut dice, number);
        run(&mut pair.fast, &statement).unwrap_or_else(|e| panic!("{statement}\n{e}"));
    }
    for round in 0..4 {
        for _ in 0..queries / 4 {
            let text = query(&mut dice);
            compare(&mut pair, &text, seed);
        }
        for _ in 0..8 {
            change(&mut pair, &mut dice);
        }
        match round {
            0 => pair.engine.settle().unwrap(),
            1 => {
                let Pair { engine, fast, slow } = pair;
                drop((fast, slow));
                engine.close().unwrap();
                drop(engine);
                pair = open(&path);
            }
            _ => {}
        }
    }
    let Pair { engine, fast, slow } = pair;
    drop((fast, slow));
    engine.close().unwrap();
}

#[test]
fn a_plan_answers_what_a_scan_answers() {
    game(0x5eed_0001, 1000);
}

#[test]
fn also_over_other_data() {
    game(0x0dd_ba11, 1000);
}
