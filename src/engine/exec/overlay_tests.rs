//! The law of what is uncommitted: over a view with a transaction's writes laid over it every query
//! answers, with indexes and without, what it answers once the same writes are committed.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64};

use super::law_tests::{Counting, Dice, EDGES, HEXADS, TYPES, Ticking, WORDS, close, query, text};
use crate::engine::Engine;
use crate::engine::base::{HexadId, Kind, Modality, ModalitySet, Result, Value};
use crate::engine::embed::Memo;
use crate::engine::exec::budget::Budget;
use crate::engine::exec::statement::{Job, query as statement};
use crate::engine::hexad::{Author, Change, Draft, Recorded, assemble_at, json, replay};
use crate::engine::lang::ast::StatementKind;
use crate::engine::lang::parse;
use crate::engine::modality::graph::{Direction, Follow, GraphIndex, GraphLookup, Neighbors as _};
use crate::engine::outcome::{Control, Options, Outcome, Params, Sync};
use crate::engine::store::{CatalogOp, Space, View};

fn open(path: &Path) -> Engine {
    let options = Options { create: true, sync: Sync::Off, ..Options::default() };
    let clock = Arc::new(Ticking(AtomicI64::new(1_767_225_600_000_000)));
    Engine::open(path, options, clock, Arc::new(Counting(AtomicU64::new(1)))).unwrap()
}

/// A hexad as a line of JSON; `fresh` names what nothing committed has.
fn line(dice: &mut Dice, number: u64, fresh: bool) -> String {
    let mut parts = vec![format!("\"id\":\"h{number}\"")];
    if dice.chance(75) {
        let mut fields = vec![format!("\"title\":\"{}\"", text(dice))];
        if dice.chance(70) {
            fields.push(format!("\"year\":{}", 2015 + dice.roll(8)));
        }
        if dice.chance(50) {
            fields.push(format!("\"body\":\"{}\"", text(dice)));
        }
        match dice.roll(4) {
            0 => fields.push(format!("\"mixed\":\"{}\"", dice.roll(4))),
            1 => fields.push(format!("\"mixed\":{}.5", dice.roll(4))),
            2 if fresh => fields.push(format!("\"fresh\":{}", dice.roll(3))),
            _ => {}
        }
        parts.push(format!("\"document\":{{{}}}", fields.join(",")));
    }
    if dice.chance(50) {
        let (x, y) = (dice.roll(5), 1 + dice.roll(4));
        parts.push(format!("\"vector\":{{\"embedding\":[{x},{y},-1]}}"));
    }
    let edges: Vec<String> = (0..dice.roll(4))
        .map(|_| {
            let predicate = if fresh && dice.chance(20) { "LATELY" } else { dice.pick(&EDGES) };
            let target = dice.roll(HEXADS + 12);
            format!("{{\"predicate\":\"{predicate}\",\"target\":\"h{target}\"}}")
        })
        .collect();
    if !edges.is_empty() {
        parts.push(format!("\"graph\":[{}]", edges.join(",")));
    }
    if dice.chance(50) {
        let property = if fresh && dice.chance(30) { "lately" } else { "rank" };
        let of = dice.pick(&TYPES);
        let value = dice.roll(5);
        parts.push(format!(
            "\"semantic\":{{\"types\":[\"{of}\"],\"properties\":{{\"{property}\":{value}}}}}"
        ));
    }
    if dice.chance(30) {
        parts.push("\"tensor\":{\"shape\":[1,2],\"data\":[1,2]}".to_owned());
    }
    if dice.chance(45) || parts.len() == 1 {
        let (lat, lon) = (dice.roll(20) as i64 - 10, dice.roll(20) as i64 - 10);
        parts.push(format!("\"spatial\":{{\"latitude\":{lat},\"longitude\":{lon}}}"));
    }
    format!("{{{}}}", parts.join(","))
}

fn changes(dice: &mut Dice) -> Vec<Change> {
    let mut from = json::parse(&line(dice, 0, true)).unwrap();
    let mut changes = vec![];
    for _ in 0..=dice.roll(2) {
        let change = match dice.roll(12) {
            0 => Change::SetField("year".into(), Value::Int(2014 + dice.roll(9) as i64)),
            1 => Change::UnsetField("year".into()),
            2 => Change::SetField("title".into(), Value::Text(text(dice))),
            3 => Change::AddType(dice.pick(&TYPES).into()),
            4 => Change::RemoveType(dice.pick(&TYPES).into()),
            5 => Change::Remove(Modality::Graph),
            6 => Change::Remove(Modality::Spatial),
            7 => Change::SetField(dice.pick(&WORDS).into(), Value::Int(1)),
            8 => from.vector.take().map_or(Change::Remove(Modality::Vector), Change::Vector),
            9 => from.graph.take().map_or(Change::Remove(Modality::Graph), Change::Graph),
            10 => from.spatial.take().map_or(Change::Remove(Modality::Spatial), Change::Spatial),
            _ => from.tensor.take().map_or(Change::Remove(Modality::Tensor), Change::Tensor),
        };
        changes.push(change);
    }
    changes
}

/// One statement of a transaction: a few writes, some of which are refused.
fn step(engine: &Engine, dice: &mut Dice, view: &View, draft: &mut Draft<'_>) -> Result<()> {
    for _ in 0..=dice.roll(2) {
        let number = dice.roll(HEXADS + 8);
        let id = HexadId::new(format!("h{number}"))?;
        match (view.iid(id.as_str())?, dice.roll(6)) {
            (None, _) => {
                let input = json::parse(&line(dice, number, true)).unwrap();
                drop(draft.insert(engine.shared.store.allocate_iids(1)?, id, input));
            }
            (Some(iid), 0 | 1) => drop(draft.delete(iid)),
            (Some(iid), 2) => {
                drop(draft.replace(iid, json::parse(&line(dice, number, true)).unwrap()));
            }
            (Some(iid), _) => drop(draft.update(iid, changes(dice))),
        }
    }
    if dice.chance(20) {
        let (space, name) = (Space::Contract, format!("c{}", dice.roll(3)));
        draft.catalog(if dice.chance(60) {
            CatalogOp::Set { space, name, body: b"CREATE CONTRACT".to_vec() }
        } else {
            CatalogOp::Unset { space, name }
        });
    }
    Ok(())
}

/// The statements of a transaction, each laid over the view.
fn transact(engine: &Engine, dice: &mut Dice, view: &mut View, count: u64) -> Vec<Recorded> {
    let mut all = vec![];
    for n in 0..count {
        let author = Author::new(if n % 2 == 0 { "user" } else { "ada" });
        let mut draft = Draft::new(view, author).unwrap().recording();
        step(engine, dice, view, &mut draft).unwrap();
        let (writes, recorded) = draft.finish_recorded();
        view.lay(&writes).unwrap();
        all.push(recorded);
    }
    all
}

fn commit(engine: &Engine, dice: &mut Dice, rounds: u64) {
    for _ in 0..rounds {
        let view = engine.shared.store.view().unwrap();
        let mut draft = Draft::new(&view, Author::new("user")).unwrap();
        step(engine, dice, &view, &mut draft).unwrap();
        engine.shared.store.commit(draft.finish()).unwrap();
    }
}

fn ask(engine: &Engine, view: &View, text: &str, scan: bool) -> Result<Outcome, Kind> {
    let parsed = parse(text);
    let Some(StatementKind::Query(query)) = parsed.script.statements.first().map(|s| &s.kind)
    else {
        panic!("{text}");
    };
    let mut settings = BTreeMap::new();
    if scan {
        settings.insert("plan".to_owned(), Value::Text("scan".to_owned()));
    }
    let (control, params) = (Control::default(), Params::new());
    let clock = engine.shared.clock.as_ref();
    let budget = Budget::new(&control, clock);
    let job = Job {
        inside: None,
        shared: &engine.shared,
        who: crate::engine::auth::Rights::of_owner(),
        settings: &settings,
        text,
        params: &params,
        control: &control,
        now: clock.now(),
        budget: &budget,
        memo: &Memo::default(),
    };
    let select = job.lower(view, |l| l.query(query)).map_err(|e| e.kind)?;
    statement::one(&job, view, &select, true).map_err(|e| e.kind)
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

/// Everything a view shows, as text.
fn mirror(engine: &Engine, view: &View) -> Vec<String> {
    let mut all = vec![];
    let go_on = || Ok(ControlFlow::Continue(()));
    let mut ids = vec![];
    view.headers(&mut |header| {
        ids.push((header.iid, header.id.clone(), header.version));
        all.push(format!("{header:?}"));
        go_on()
    })
    .unwrap();
    all.push(format!("{:?} {:?}", view.live().unwrap(), view.ever().unwrap()));
    for modality in Modality::ALL {
        let mut scanned = vec![];
        all.push(format!("{modality} {:?}", view.present(modality).unwrap()));
        view.scan(modality, &mut |record| {
            scanned.push(record.clone());
            go_on()
        })
        .unwrap();
        let mut one_by_one = vec![];
        let ever = view.ever().unwrap();
        view.records(modality, &ever, &mut |record| {
            one_by_one.push(record.clone());
            go_on()
        })
        .unwrap();
        assert_eq!(scanned, one_by_one);
        all.extend(scanned.iter().map(|record| format!("{modality} {record:?}")));
        let mut appended = vec![];
        view.scan_appended(modality, &mut |entry| {
            appended.push(entry.clone());
            go_on()
        })
        .unwrap();
        let each = ids.iter().flat_map(|(iid, ..)| view.appended(modality, *iid).unwrap());
        assert!(each.eq(appended.iter().cloned()));
        all.extend(appended.iter().map(|entry| format!("{modality} {entry:?}")));
        for (iid, ..) in &ids {
            all.push(format!("{:?}", view.history(modality, *iid).unwrap()));
            all.push(format!("{:?}", view.last_appended(modality, *iid).unwrap()));
        }
    }
    for (iid, id, version) in &ids {
        all.push(format!("{:?} {:?}", view.iid(id.as_str()).unwrap(), view.id_of(*iid).unwrap()));
        all.push(format!("{:?}", view.iids_named(id.as_str()).unwrap()));
        for version in 1..=*version {
            all.push(format!("{:?}", assemble_at(view, *iid, version, ModalitySet::ALL)));
        }
    }
    for space in Space::ALL {
        for (name, body) in view.entries(space).unwrap() {
            assert_eq!(view.entry(space, &name).unwrap(), Some(body.clone()));
            all.push(format!("{space:?} {name} {body:?}"));
        }
    }
    all.push(format!("{:?}", engine.shared.names(view).unwrap()));
    all.push(format!("{:?}", walks(engine, view)));
    all
}

/// The graph as it is walked in memory and over the rows; and what leads nowhere.
fn walks(engine: &Engine, view: &View) -> Vec<String> {
    let memory = engine.shared.indexes.graph.at(view).unwrap();
    let rows = GraphLookup::new(view).unwrap();
    let mut all = vec![];
    for node in view.ever().unwrap().iter() {
        for direction in [Direction::Out, Direction::In] {
            let mut seen = vec![];
            memory
                .visit(node, Follow::Any, direction, &mut |predicate, other| {
                    let name = memory.predicates().name(predicate).unwrap();
                    seen.push((name.to_ascii_lowercase(), other));
                })
                .unwrap();
            let mut looked_up = vec![];
            rows.visit(node, Follow::Any, direction, &mut |predicate, other| {
                let name = rows.predicates().name(predicate).unwrap();
                looked_up.push((name.to_ascii_lowercase(), other));
            })
            .unwrap();
            seen.sort_unstable();
            looked_up.sort_unstable();
            assert_eq!(seen, looked_up, "of {node}");
            all.push(format!("{node} {direction:?} {seen:?}"));
        }
    }
    let mut dangling: Vec<_> = GraphIndex::dangling(view, usize::MAX)
        .unwrap()
        .into_iter()
        .map(|d| format!("{:?} {} {}", d.source, d.predicate.to_ascii_lowercase(), d.target))
        .collect();
    dangling.sort_unstable();
    all.extend(dangling);
    all
}

/// Some queries speak of what only the transaction has written.
fn question(dice: &mut Dice) -> String {
    match dice.roll(16) {
        0 => format!("SELECT id FROM hexads WHERE fresh >= {}", dice.roll(3)),
        1 => format!("SELECT id FROM hexads WHERE (h)-[:LATELY]->(x) AND x.year > {}", 2012),
        2 => format!("SELECT id FROM hexads WHERE lately = {} ORDER BY id", dice.roll(5)),
        3 => format!(
            "SELECT id FROM hexads WHERE h.embedding NEAREST 4 TO [{}, 1, -1]",
            dice.roll(4)
        ),
        4 => format!("SELECT id, drift FROM hexads WHERE SEMANTIC.rank <= {}", dice.roll(5)),
        5 => {
            format!("SELECT id, score FROM hexads WHERE FULLTEXT CONTAINS '{}'", dice.pick(&WORDS))
        }
        6 => format!(
            "SELECT id, version, title FROM hexads AS OF '2030-01-01' WHERE year > {}",
            2014 + dice.roll(8)
        ),
        7 => format!(
            "SELECT id FROM hexads AS OF '2030-01-01' WHERE (h)-[:{}]->(x) AND x.year > 2015",
            dice.pick(&EDGES)
        ),
        _ => query(dice),
    }
}

fn compare(engine: &Engine, view: &View, committed: &View, seed: u64, text: &str) {
    let laid = [ask(engine, view, text, false), ask(engine, view, text, true)];
    let then = [ask(engine, committed, text, false), ask(engine, committed, text, true)];
    let fine = same(&laid[0], &laid[1]) && same(&laid[0], &then[0]) && same(&laid[1], &then[1]);
    let show = |o: &Result<Outcome, Kind>| match o {
        Ok(o) => format!("{:?}", o.rows),
        Err(kind) => format!("{kind:?}"),
    };
    assert!(
        fine,
        "seed {seed:#x}\n{text}\nuncommitted {}\n  by a scan {}\ncommitted   {}\n  by a scan {}",
        show(&laid[0]),
        show(&laid[1]),
        show(&then[0]),
        show(&then[1])
    );
}

fn game(seed: u64, rounds: usize, queries: usize) {
    let place = tempfile::tempdir().unwrap();
    let engine = open(&place.path().join("overlay.db"));
    let mut dice = Dice(seed);
    for _ in 0..HEXADS {
        commit(&engine, &mut dice, 1);
    }
    for round in 0..rounds {
        if round % 2 == 1 {
            engine.settle().unwrap();
        }
        let mut view = engine.shared.store.view().unwrap();
        let before = (round == 0).then(|| mirror(&engine, &view));
        let count = 1 + dice.roll(9);
        let statements = transact(&engine, &mut dice, &mut view, count);
        // Asked before anything is committed: whatever is kept now must not be believed later.
        let texts: Vec<String> = (0..queries).map(|_| question(&mut dice)).collect();
        let early: Vec<_> = texts.iter().map(|text| ask(&engine, &view, text, false)).collect();
        let names = format!("{:?}", engine.shared.names(&view).unwrap());
        if let Some(before) = before {
            view.set_overlay(None);
            assert_eq!(before, mirror(&engine, &view));
            replay(&mut view, &statements).unwrap();
        }
        // What somebody else writes is below what is replayed.
        let mut fresh = engine.shared.store.view().unwrap();
        let writes = replay(&mut fresh, &statements).unwrap();
        engine.shared.store.commit(writes).unwrap();
        let committed = engine.shared.store.view().unwrap();
        let (laid, then) = (mirror(&engine, &fresh), mirror(&engine, &committed));
        for (a, b) in laid.iter().zip(&then) {
            assert_eq!(a, b, "seed {seed:#x}");
        }
        assert_eq!(laid.len(), then.len());
        assert_eq!(names, format!("{:?}", engine.shared.names(&committed).unwrap()));
        for (text, early) in texts.iter().zip(&early) {
            compare(&engine, &fresh, &committed, seed, text);
            assert!(same(early, &ask(&engine, &committed, text, false)), "seed {seed:#x}\n{text}");
        }
        drop((view, fresh, committed));
        commit(&engine, &mut dice, 3);
    }
    engine.close().unwrap();
}

#[test]
fn uncommitted_writes_are_seen_as_they_will_be_committed() {
    game(0x5eed_7a11, 8, 40);
}

#[test]
fn also_over_other_writes() {
    game(0x00c0_ffee, 8, 40);
}

/// A transaction goes on looking at its commit while others write and the indexes move on with them.
#[test]
fn an_old_view_is_not_told_of_what_came_later() {
    let place = tempfile::tempdir().unwrap();
    let engine = open(&place.path().join("old.db"));
    let mut dice = Dice(0x0011_01d0);
    for _ in 0..HEXADS {
        commit(&engine, &mut dice, 1);
    }
    for _ in 0..3 {
        let mut view = engine.shared.store.view().unwrap();
        transact(&engine, &mut dice, &mut view, 4);
        let before = mirror(&engine, &view);
        let texts: Vec<String> = (0..30).map(|_| question(&mut dice)).collect();
        let answers: Vec<_> = texts.iter().map(|text| ask(&engine, &view, text, true)).collect();
        for _ in 0..4 {
            commit(&engine, &mut dice, 4);
            engine.settle().unwrap();
            let newest = engine.shared.store.view().unwrap();
            for (text, answer) in texts.iter().zip(&answers) {
                drop(ask(&engine, &newest, text, false));
                assert!(same(answer, &ask(&engine, &view, text, false)), "{text}");
            }
        }
        assert_eq!(before, mirror(&engine, &view));
    }
    engine.close().unwrap();
}
