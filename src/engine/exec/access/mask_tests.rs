//! The law of what is hidden: somebody who may not see all of a database gets from every query, with
//! indexes and without, what its owner gets from a database that never had what is hidden.
//!
//! What is hidden is worked out here by hand, from the rules as they were granted, over a world that is
//! kept as JSON.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64};

use serde_json::{Value as Json, json};

use crate::engine::Engine;
use crate::engine::auth::Principal;
use crate::engine::base::{HexadId, Kind, Modality, Result};
use crate::engine::exec::law_tests::{
    Counting, Dice, EDGES, HEXADS, TYPES, Ticking, WORDS, close, query, text,
};
use crate::engine::hexad::json as lines;
use crate::engine::lang::parse;
use crate::engine::outcome::{Control, Options, Outcome, Params, Sync};
use crate::engine::session::Session;

/// Pairs of a principal and a query; `VQL_PAIRS` at compile time asks for more.
fn pairs() -> usize {
    option_env!("VQL_PAIRS").and_then(|n| n.parse().ok()).unwrap_or(300)
}

fn open(path: &Path) -> Engine {
    let options = Options { create: true, sync: Sync::Off, ..Options::default() };
    let clock = Arc::new(Ticking(AtomicI64::new(1_767_225_600_000_000)));
    Engine::open(path, options, clock, Arc::new(Counting(AtomicU64::new(1)))).unwrap()
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

/// A hexad of the world.
fn hexad(dice: &mut Dice, number: u64) -> Json {
    let mut all = json!({ "id": format!("h{number}") });
    if dice.chance(75) {
        all["document"] = json!({ "title": text(dice), "body": text(dice) });
        if dice.chance(70) {
            all["document"]["year"] = json!(2015 + dice.roll(8));
        }
        match dice.roll(3) {
            0 => all["document"]["mixed"] = json!(dice.roll(4).to_string()),
            1 => all["document"]["mixed"] = json!(dice.roll(4) as f64 + 0.5),
            _ => {}
        }
        if dice.chance(10) {
            all["document"][format!("secret{}", dice.roll(3))] = json!(1);
        }
    }
    if dice.chance(50) {
        all["vector"] = json!({ "embedding": [dice.roll(5), 1 + dice.roll(4), -1] });
    }
    let edges: Vec<Json> = (0..dice.roll(4))
        .map(|_| {
            let predicate = if dice.chance(5) { "RARELY" } else { dice.pick(&EDGES) };
            json!({ "predicate": predicate, "target": format!("h{}", dice.roll(HEXADS + 12)) })
        })
        .collect();
    if !edges.is_empty() {
        all["graph"] = json!(edges);
    }
    if dice.chance(60) {
        let mut types = vec![dice.pick(&TYPES)];
        if dice.chance(25) {
            types.push("Secret");
        }
        all["semantic"] = json!({ "types": types, "properties": { "rank": dice.roll(5) } });
    }
    if dice.chance(30) {
        all["tensor"] = json!({ "shape": [1, 2], "data": [1, 2] });
    }
    if dice.chance(45) || all.as_object().unwrap().len() == 1 {
        let (lat, lon) = (dice.roll(20) as i64 - 10, dice.roll(20) as i64 - 10);
        all["spatial"] = json!({ "latitude": lat, "longitude": lon });
    }
    all
}

type World = BTreeMap<String, Json>;

/// What is granted, and how deep it is, as the test understands it.
struct Given {
    allow: bool,
    modality: Option<Modality>,
    of: Over,
}

enum Over {
    All,
    Type(String),
    One(String),
}

impl Given {
    fn any(dice: &mut Dice) -> Self {
        let contents = [
            Modality::Document,
            Modality::Vector,
            Modality::Graph,
            Modality::Semantic,
            Modality::Tensor,
            Modality::Spatial,
        ];
        let modality = dice.chance(40).then(|| contents[dice.roll(6) as usize]);
        let of = match dice.roll(5) {
            0 => Over::All,
            1 | 2 if dice.chance(40) => Over::Type("Secret".to_owned()),
            1 | 2 => Over::Type(dice.pick(&TYPES).to_owned()),
            _ => Over::One(format!("h{}", dice.roll(HEXADS))),
        };
        Self { allow: dice.chance(45), modality, of }
    }

    fn statement(&self, to: &str) -> String {
        let verb = if self.allow { "GRANT" } else { "DENY" };
        let of = match &self.of {
            Over::All => "HEXADS".to_owned(),
            Over::Type(name) => format!("TYPE {name}"),
            Over::One(id) => format!("HEXAD '{id}'"),
        };
        match self.modality {
            Some(modality) => format!("{verb} read ON {} OF {of} TO {to}", modality.keyword()),
            None => format!("{verb} read ON {of} TO {to}"),
        }
    }

    fn depth(&self) -> u8 {
        let of = match self.of {
            Over::All => 0,
            Over::Type(_) => 2,
            Over::One(_) => 4,
        };
        of + u8::from(self.modality.is_some())
    }

    fn speaks_of(&self, hexad: &Json, modality: Modality) -> bool {
        let of = match &self.of {
            Over::All => true,
            Over::Type(name) => hexad["semantic"]["types"]
                .as_array()
                .is_some_and(|types| types.iter().any(|of| of == name.as_str())),
            Over::One(id) => hexad["id"] == id.as_str(),
        };
        of && self.modality.is_none_or(|of| of == modality)
    }
}

fn sees(given: &[Given], hexad: &Json, modality: Modality) -> bool {
    let speaks = given.iter().filter(|given| given.speaks_of(hexad, modality));
    let Some(deepest) = speaks.clone().map(Given::depth).max() else { return false };
    speaks.filter(|given| given.depth() == deepest).all(|given| given.allow)
}

/// The world without what is hidden.
fn left(world: &World, gone: &[(String, Json)], given: &[Given]) -> World {
    let mut left = World::new();
    for (id, hexad) in world {
        let all = Modality::ALL.into_iter().filter(|m| {
            let has = hexad.get(m.name()).is_some();
            has || matches!(m, Modality::Temporal | Modality::Provenance)
        });
        if !all.clone().any(|modality| sees(given, hexad, modality)) {
            continue;
        }
        let mut hexad = hexad.clone();
        let before = hexad.clone();
        for modality in all.filter(|m| !sees(given, &before, *m)) {
            hexad.as_object_mut().unwrap().remove(modality.name());
        }
        left.insert(id.clone(), hexad);
    }
    let hidden = |id: &Json| {
        let id = id.as_str().unwrap();
        let was = gone.iter().filter(|(name, _)| name == id);
        let lost = |hexad: &Json| !Modality::ALL.into_iter().any(|m| sees(given, hexad, m));
        let past = was.map(|(_, hexad)| hexad).any(lost);
        (world.contains_key(id) || past) && !left.contains_key(id)
    };
    let mut shown = left.clone();
    for hexad in shown.values_mut() {
        if let Some(edges) = hexad.get_mut("graph").and_then(Json::as_array_mut) {
            edges.retain(|edge| !hidden(&edge["target"]));
            if edges.is_empty() {
                hexad.as_object_mut().unwrap().remove("graph");
            }
        }
    }
    shown
}

fn fill(engine: &Engine, world: &World) {
    for (id, hexad) in world {
        let mut input = lines::parse(&hexad.to_string()).unwrap();
        input.id = Some(HexadId::new(id.as_str()).unwrap());
        engine.insert(vec![input]).unwrap();
    }
}

/// Queries that ask for what the others do not.
fn question(dice: &mut Dice) -> String {
    let asked = match dice.roll(16) {
        0 => "COUNT HEXADS".to_owned(),
        1 => {
            format!("SELECT id, score FROM hexads WHERE FULLTEXT CONTAINS '{}'", dice.pick(&WORDS))
        }
        2 => format!("SELECT id FROM hexads WHERE secret{} = 1", dice.roll(3)),
        3 => "SELECT id FROM hexads WHERE (h)-[:RARELY]->(x)".to_owned(),
        4 => "SELECT id, GRAPH FROM hexads ORDER BY id".to_owned(),
        5 => format!("SEARCH TEXT '{}'", dice.pick(&WORDS)),
        6 => format!("SEARCH RELATED 'h{}' BY '{}'", dice.roll(HEXADS), dice.pick(&EDGES)),
        7 => "SHOW STORES".to_owned(),
        8 => "SELECT id, DOCUMENT, SEMANTIC, SPATIAL, TENSOR FROM hexads ORDER BY id".to_owned(),
        9 => format!("SELECT id FROM hexads WHERE SEMANTIC.rank <= {} ORDER BY id", dice.roll(5)),
        10 => format!("SELECT id FROM HEXAD 'h{}'", dice.roll(HEXADS)),
        11 => "SELECT id, modalities FROM hexads ORDER BY id".to_owned(),
        _ => query(dice),
    };
    asked.replace(", version", "")
}

fn same(a: &Result<Outcome, Kind>, b: &Result<Outcome, Kind>) -> bool {
    match (a, b) {
        (Ok(a), Ok(b)) => {
            a.rows.len() == b.rows.len()
                && a.rows
                    .iter()
                    .zip(&b.rows)
                    .all(|(x, y)| x.iter().zip(y).all(|(x, y)| close(x, y)))
        }
        (a, b) => a.as_ref().err() == b.as_ref().err(),
    }
}

fn show(outcome: &Result<Outcome, Kind>) -> String {
    match outcome {
        Ok(outcome) => format!("{:?}", outcome.rows),
        Err(kind) => format!("{kind:?}"),
    }
}

/// Rules for one principal: most may read everything but for what they may not.
fn grants(dice: &mut Dice, world: &World) -> Vec<Given> {
    let mut given = vec![Given { allow: true, modality: None, of: Over::All }];
    if dice.chance(25) {
        given = vec![];
    }
    for _ in 0..=dice.roll(5) {
        let one = Given::any(dice);
        // Of two in the same words the later one counts.
        let words = |given: &Given| given.statement("x").split_once(' ').unwrap().1.to_owned();
        given.retain(|other| words(other) != words(&one));
        if !matches!(&one.of, Over::One(id) if !world.contains_key(id)) {
            given.push(one);
        }
    }
    given
}

/// Asks both, who must answer alike.
fn compare(seed: u64, rules: &[Given], sessions: [&mut Session; 2], text: &str, plan: &str) {
    let [a, b] = sessions.map(|session| {
        run(session, &format!("SET plan = {plan}")).unwrap();
        run(session, text).map_err(|error| error.kind)
    });
    let rules: Vec<String> = rules.iter().map(|given| given.statement("p")).collect();
    assert!(
        same(&a, &b),
        "seed {seed:#x} {plan}\n{}\n{text}\nmasked {}\nalone  {}",
        rules.join("\n"),
        show(&a),
        show(&b)
    );
}

fn game(seed: u64, principals: usize, queries: usize) {
    let place = tempfile::tempdir().unwrap();
    let mut dice = Dice(seed);
    let engine = open(&place.path().join("all.db"));
    let mut world: World = (0..HEXADS).map(|n| (format!("h{n}"), hexad(&mut dice, n))).collect();
    fill(&engine, &world);
    let mut gone: Vec<(String, Json)> = vec![];
    let mut owner = engine.session();
    for number in 0..principals {
        let name = format!("p{number}");
        let given = grants(&mut dice, &world);
        for given in &given {
            run(&mut owner, &given.statement(&name)).unwrap();
        }
        // Whoever may do nothing is not let in.
        run(&mut owner, &format!("GRANT observe TO {name}")).unwrap();
        if number % 3 == 1 {
            engine.settle().unwrap();
        }
        let other = open(&place.path().join(format!("{number}.db")));
        let shown = left(&world, &gone, &given);
        fill(&other, &shown);
        // Versions and events cannot be taken away from the other database.
        let timed = shown.keys().all(|id| {
            let times = [Modality::Temporal, Modality::Provenance];
            times.into_iter().all(|modality| sees(&given, &world[id], modality))
        });
        let mut masked = engine.session_as(&Principal::named(name.as_str()).unwrap());
        let mut alone = other.session();
        for _ in 0..queries {
            let text = question(&mut dice);
            if !timed && ["MODIFIED", "modalities", "SHOW"].iter().any(|word| text.contains(word)) {
                continue;
            }
            let plan = if dice.chance(30) { "scan" } else { "auto" };
            compare(seed, &given, [&mut masked, &mut alone], &text, plan);
        }
        let names = |session: &mut Session| format!("{:?}", session.names().unwrap().fields);
        assert_eq!(names(&mut masked), names(&mut alone), "seed {seed:#x}");
        assert_eq!(masked.ids("h", 1000).unwrap(), alone.ids("h", 1000).unwrap());
        other.close().unwrap();
        // The world goes on.
        for _ in 0..4 {
            let number = dice.roll(HEXADS);
            let id = format!("h{number}");
            if let Some(mut was) = world.remove(&id) {
                // Rules name what there is, and not what had its id.
                was["id"] = json!("nothing");
                gone.push((id.clone(), was));
                run(&mut owner, &format!("DELETE HEXAD '{id}'")).unwrap();
            } else {
                let again = hexad(&mut dice, number);
                fill(&engine, &World::from([(id.clone(), again.clone())]));
                world.insert(id, again);
            }
        }
    }
    engine.close().unwrap();
}

#[test]
fn what_is_hidden_is_as_if_it_had_never_been() {
    game(0x5eed_ca57, 6, pairs() / 12);
}

#[test]
fn also_in_another_world() {
    game(0x00f0_0d1e, 6, pairs() / 12);
}
