//! `CHECK INTEGRITY` names what was done to index rows and segments, behind sums that are right.

use crate::engine::Engine;
use crate::engine::base::Rng;
use crate::engine::lang::parse;
use crate::engine::outcome::{Control, Options, Params};

use super::super::place::Place;
use super::super::rows::Rows;
use super::super::sqlite::{self, Access};
use super::*;

#[derive(Debug, Default)]
struct Counter(std::sync::atomic::AtomicU64);

impl Rng for Counter {
    fn bits(&self) -> u128 {
        u128::from(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

fn engine(path: &Path) -> Engine {
    let options = Options { create: true, ..Options::default() };
    // Commit times go on where the run before ended.
    let ticks = Ticks(AtomicI64::new(1_767_225_600_000_000));
    Engine::open(path, options, Arc::new(ticks), Arc::new(Counter::default())).expect("opens")
}

fn run(engine: &Engine, text: &str) -> Vec<Vec<String>> {
    let parsed = parse(text);
    let mut session = engine.session();
    let mut rows = Vec::new();
    for statement in &parsed.script.statements {
        let done = session.execute(text, statement, &Params::new(), &Control::default());
        rows = done.unwrap_or_else(|error| panic!("{text}: {error:?}")).rows;
    }
    let text = |value: &crate::engine::base::Value| value.as_str().unwrap_or("-").to_owned();
    rows.iter().map(|row| row.iter().map(text).collect()).collect()
}

/// Two hexads in every modality, one of them changed once, with indexes that are saved.
fn world() -> (tempfile::TempDir, PathBuf) {
    let (dir, path) = place();
    let engine = engine(&path);
    run(
        &engine,
        "INSERT HEXAD 'ada' WITH DOCUMENT(title = 'Engine notes', n = 1), VECTOR([1, 0]), \
         GRAPH(KNOWS, bob), SEMANTIC(Person), TENSOR([2], [1, 2]), \
         SPATIAL(latitude = 1, longitude = 2);
         INSERT HEXAD 'bob' WITH DOCUMENT(title = 'Other words', n = 2), VECTOR([0, 1]), \
         SPATIAL(latitude = 5, longitude = 6);
         UPDATE HEXAD 'bob' SET DOCUMENT.n = 3;",
    );
    engine.settle().expect("settles");
    assert_eq!(run(&engine, "CHECK INTEGRITY"), [] as [Vec<String>; 0]);
    engine.close().expect("closes");
    (dir, path)
}

fn names(path: &Path, file: &str, hexad: &str, part: &str, done: &str) {
    let engine = engine(path);
    let found = run(&engine, "CHECK INTEGRITY");
    let named = |row: &Vec<String>| row[0] == file && row[1] == hexad && row[2].contains(part);
    assert!(found.iter().any(named), "{done}: {found:#?}");
    drop(engine.close());
}

#[test]
fn every_kind_of_index_row_is_compared_with_its_record() {
    let more = "INSERT INTO posting SELECT field, 'Robot', chunk, members FROM posting \
                WHERE value = 'Person'";
    for (file, sql, hexad, part) in [
        ("semantic.db", "DELETE FROM posting", "ada", "does not list it under 'Person'"),
        ("semantic.db", more, "ada", "lists it under 'Robot'"),
        ("tensor.db", "DELETE FROM posting", "ada", "does not list it under"),
        ("temporal.db", "DELETE FROM posting", "bob", "does not list it under 'user'"),
        ("provenance.db", "DELETE FROM posting", "ada", "does not list it under 'created'"),
        ("graph.db", "DELETE FROM edge", "ada", "lacks its edge `knows` to `bob`"),
        ("graph.db", "UPDATE edge_node SET id = 'eve'", "ada", "has the edge `knows` to `eve`"),
        ("graph.db", "UPDATE edge SET source = 2", "bob", "its record does not"),
        ("spatial.db", "DELETE FROM place", "bob", "lacks its box"),
        ("spatial.db", "UPDATE place SET max_lat = 80 WHERE iid = 1", "ada", "has the box"),
        ("document.db", "DELETE FROM field_seen", "-", "does not know the field `n` as Int"),
        ("document.db", "DELETE FROM record WHERE iid = 1", "ada", "its record is missing"),
        ("temporal.db", "DELETE FROM appended WHERE iid = 2", "bob", "0 entries"),
    ] {
        let (_dir, path) = world();
        let conn = sqlite::open(&path.join(file), Access::Write).expect("opens");
        assert!(conn.execute(sql, []).expect("valid") > 0, "{sql}");
        drop(conn);
        names(&path, file, hexad, part, sql);
    }
}

#[test]
fn segments_are_compared_with_the_records() {
    for (modality, folder) in
        [(Modality::Document, "index/text"), (Modality::Vector, "index/vector")]
    {
        let (_dir, path) = world();
        let place = Place::from(modality);
        let conn = sqlite::open(&place.path(&path), Access::Write).expect("opens");
        let rows = Rows::new(&conn, place);
        let body = rows.record(Iid(2)).expect("readable").expect("there").body;
        let meta = RecordMeta::by_user(&body);
        // A record that was changed without anybody being told.
        let op = Op::Put { iid: Iid(1), version: 1, body, meta };
        rows.apply(&op, Timestamp(1)).expect("written");
        drop(conn);
        names(&path, folder, "ada", "says something else than its record", folder);
    }
}

#[test]
fn saved_segments_that_are_damaged_are_named_once_and_made_again() {
    let (_dir, path) = world();
    let folder = path.join("index/text");
    let file = std::fs::read_dir(&folder).expect("a folder").flatten().map(|e| e.path());
    let file = file.into_iter().find(|p| p.extension().is_some_and(|e| e == "seg")).expect("one");
    let mut bytes = std::fs::read(&file).expect("readable");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&file, bytes).expect("writable");
    let name = format!("index/text/{}", file.file_name().expect("a name").to_string_lossy());
    names(&path, &name, "-", "fails its checksum", "a flipped bit");
    let engine = engine(&path);
    assert_eq!(run(&engine, "CHECK INTEGRITY"), [] as [Vec<String>; 0]);
    let found = run(&engine, "SELECT id FROM hexads WHERE FULLTEXT CONTAINS 'notes'");
    assert_eq!(found, [["ada"]]);
}
