//! What EXPLAIN says is true: every hint where it holds and where it does not, the figures of a run
//! against what the statement answers, and nothing written by looking.

use std::sync::Arc;

use super::transaction_tests::{kind, ok, open};
use crate::engine::base::{Kind, Value};
use crate::engine::lang::parse;
use crate::engine::outcome::{Control, Params};
use crate::engine::plan::explain::{Explained, Op, OpKind};
use crate::engine::session::Session;

/// 60 hexads: `h0` .. `h59`, every one with a year, every second with a vector, three with a color.
fn world() -> (tempfile::TempDir, Session) {
    let (dir, engine) = open();
    let mut session = engine.session();
    for n in 0..60 {
        let vector = if n % 2 == 0 { format!(", VECTOR([1, {n}])") } else { String::new() };
        let color = if n < 3 { ", color = 'red'" } else { "" };
        let title = if n % 20 == 0 { "amber river" } else { "chalk hill" };
        ok(
            &mut session,
            &format!(
                "INSERT HEXAD 'h{n}' WITH DOCUMENT(title = '{title}', year = {n}{color}){vector}"
            ),
        );
    }
    engine.settle().unwrap();
    (dir, session)
}

fn explain(session: &mut Session, text: &str) -> Arc<Explained> {
    let text = format!("EXPLAIN {text}");
    let parsed = parse(&text);
    assert!(parsed.is_ok(), "{text}: {:?}", parsed.diagnostics);
    let statement = &parsed.script.statements[0];
    let outcome = session.execute(&text, statement, &Params::new(), &Control::default());
    outcome.unwrap_or_else(|error| panic!("{text}: {error:?}")).explained.unwrap()
}

fn codes(session: &mut Session, text: &str) -> Vec<&'static str> {
    explain(session, text).hints.iter().map(|hint| hint.code).collect()
}

fn ops(explained: &Explained) -> Vec<&Op> {
    let mut ops = vec![];
    explained.root.each(&mut |op, _| ops.push(op));
    ops
}

fn op(explained: &Explained, kind: OpKind) -> &Op {
    ops(explained).into_iter().find(|op| op.kind == kind).unwrap_or_else(|| panic!("{kind:?}"))
}

#[test]
fn hints_are_said_where_they_are_true_and_nowhere_else() {
    let (_dir, mut session) = world();
    let cases: &[(&str, &str, &str)] = &[
        (
            "full_scan",
            "SELECT id FROM hexads WHERE lower(title) = 'x'",
            "SELECT id FROM hexads WHERE year = 3",
        ),
        (
            "or_without_index",
            "SELECT id FROM hexads WHERE lower(title) = 'x' OR year = 3",
            "SELECT id FROM hexads WHERE year = 4 OR year = 3",
        ),
        (
            "contains",
            "SELECT id FROM hexads WHERE DOCUMENT.title CONTAINS 'amb'",
            "SELECT id FROM hexads WHERE FULLTEXT CONTAINS 'amber'",
        ),
        (
            "nothing",
            "SELECT id FROM hexads WHERE year = NULL",
            "SELECT id FROM hexads WHERE DOCUMENT.year IS NULL",
        ),
        (
            "sort_all",
            "SELECT id FROM hexads ORDER BY DOCUMENT.year LIMIT 3",
            "SELECT id FROM hexads ORDER BY id LIMIT 3",
        ),
        (
            "past_state",
            "SELECT id FROM hexads AS OF 2030-01-01T00:00:00Z WHERE year = 3",
            "SELECT id FROM hexads WHERE year = 3",
        ),
        ("unbounded_write", "DELETE FROM hexads", "DELETE FROM hexads WHERE year = 3"),
        (
            "unbounded_write",
            "UPDATE HEXAD SET DOCUMENT.a = 1",
            "UPDATE HEXAD 'h1' SET DOCUMENT.a = 1",
        ),
    ];
    for (code, with, without) in cases {
        let found = codes(&mut session, with);
        assert!(found.contains(code), "{with}: {found:?}");
        let found = codes(&mut session, without);
        assert!(!found.contains(code), "{without}: {found:?}");
    }
    ok(&mut session, "SET plan = scan");
    assert!(codes(&mut session, "SELECT id FROM hexads WHERE year = 3").contains(&"scan_setting"));
    ok(&mut session, "SET plan = auto");
    assert!(!codes(&mut session, "SELECT id FROM hexads WHERE year = 3").contains(&"scan_setting"));
}

#[test]
fn a_sort_by_another_key_than_the_only_one_is_not_an_order_of_ids() {
    let (_dir, mut session) = world();
    let text = "SELECT id FROM hexads ORDER BY id DESC LIMIT 3";
    assert!(!codes(&mut session, text).contains(&"sort_all"));
    assert!(
        !codes(&mut session, "SELECT id FROM hexads WHERE year = 3 ORDER BY DOCUMENT.year LIMIT 3")
            .contains(&"sort_all")
    );
}

#[test]
fn analyze_counts_what_the_query_answers() {
    let (_dir, mut session) = world();
    let query = "SELECT id FROM hexads WHERE color = 'red' AND lower(title) = 'chalk hill'";
    let answered = ok(&mut session, query).len() as u64;
    assert_eq!(answered, 2);
    let explained = explain(&mut session, &format!("ANALYZE {query}"));
    let run = explained.run.unwrap();
    assert_eq!(run.rows, answered);
    assert!(run.records > 0 && run.bytes > 0 && run.memory > 0, "{run:?}");
    let index = op(&explained, OpKind::Index);
    assert_eq!(index.actual.unwrap().rows, 3);
    let filter = op(&explained, OpKind::Filter);
    assert_eq!(filter.actual.unwrap().rows, 2);
    assert!(filter.actual.unwrap().records >= 3, "{:?}", filter.actual);
    assert_eq!(op(&explained, OpKind::Limit).actual.unwrap().rows, 2);
    assert_eq!(op(&explained, OpKind::Source).actual.unwrap().rows, 60);
    let plain = explain(&mut session, query);
    assert!(plain.run.is_none() && ops(&plain).iter().all(|op| op.actual.is_none()));
}

#[test]
fn the_worst_estimate_is_the_one_that_was_worst() {
    let (_dir, mut session) = world();
    let query = "SELECT id FROM hexads WHERE lower(title) = 'nobody'";
    let explained = explain(&mut session, &format!("ANALYZE {query}"));
    let worst = explained.worst().unwrap();
    assert_eq!(explained.op(worst.op).unwrap().kind, OpKind::Filter);
    assert!(!worst.too_low && worst.factor > 1.0, "{worst:?}");
}

#[test]
fn analyze_of_a_write_writes_nothing_and_says_so() {
    let (_dir, mut session) = world();
    let count = |session: &mut Session| ok(session, "COUNT HEXADS WHERE color = 'red'");
    let writes = [
        ("UPDATE HEXAD SET DOCUMENT.color = 'blue' WHERE color = 'red'", 3),
        ("DELETE FROM hexads WHERE color = 'red'", 3),
        ("INSERT HEXAD 'new' WITH DOCUMENT(color = 'red')", 1),
        ("INSERT INTO hexads (title, color) VALUES ('a', 'red'), ('b', 'red')", 2),
    ];
    for (write, rows) in writes {
        for inside in [false, true] {
            if inside {
                ok(&mut session, "BEGIN");
            }
            let explained = explain(&mut session, &format!("ANALYZE {write}"));
            assert_eq!(explained.run.unwrap().rows, rows, "{write}");
            assert!(explained.notes.iter().any(|note| note.starts_with("nothing was written")));
            assert_eq!(count(&mut session), [[Value::Int(3)]], "{write}");
            if inside {
                ok(&mut session, "COMMIT");
            }
            assert_eq!(count(&mut session), [[Value::Int(3)]], "{write}");
        }
    }
    assert_eq!(
        kind(&mut session, "EXPLAIN ANALYZE DELETE FROM hexads"),
        Some(Kind::UnboundedWrite)
    );
    let again = "EXPLAIN ANALYZE INSERT HEXAD 'h1' WITH DOCUMENT(a = 1)";
    assert_eq!(kind(&mut session, again), Some(Kind::InsertConflict));
}

#[test]
fn the_sides_of_a_set_query_are_measured_apart() {
    let (_dir, mut session) = world();
    let query = "(SELECT id FROM hexads WHERE year < 2) UNION (SELECT id FROM hexads WHERE year < 10) \
                 EXCEPT (SELECT id FROM hexads WHERE year = 3)";
    let answered = ok(&mut session, query).len() as u64;
    let explained = explain(&mut session, &format!("ANALYZE {query}"));
    assert_eq!((answered, explained.run.unwrap().rows), (9, 9));
    let sets: Vec<(&str, u64)> = ops(&explained)
        .iter()
        .filter(|op| op.kind == OpKind::Set)
        .map(|op| (op.label.as_str(), op.actual.unwrap().rows))
        .collect();
    assert_eq!(sets, [("except", 9), ("union", 10)]);
    let indexes: Vec<u64> = ops(&explained)
        .iter()
        .filter(|op| op.kind == OpKind::Index)
        .map(|op| op.actual.unwrap().rows)
        .collect();
    assert_eq!(indexes, [2, 10, 1]);
}

#[test]
fn a_prepared_statement_is_explained_with_its_arguments() {
    let (_dir, mut session) = world();
    ok(&mut session, "PREPARE young (int) AS SELECT id FROM hexads WHERE year < $1");
    let plain = explain(&mut session, "EXECUTE young(2)");
    assert_eq!(op(&plain, OpKind::Index).predicates, ["year < $1"]);
    let explained = explain(&mut session, "ANALYZE EXECUTE young(5)");
    assert_eq!(explained.run.unwrap().rows, 5);
    assert_eq!(kind(&mut session, "EXPLAIN EXECUTE nobody(1)"), Some(Kind::NotFound));
}

#[test]
fn the_json_form_holds_what_the_text_form_shows() {
    let (_dir, mut session) = world();
    let rows = ok(&mut session, "EXPLAIN (json) SELECT id FROM hexads WHERE year = 3");
    let Value::Map(plan) = &rows[0][0] else { panic!("{rows:?}") };
    assert_eq!(plan["version"], Value::Int(1));
    assert_eq!(plan["analyzed"], Value::Bool(false));
    assert_eq!(plan["run"], Value::Null);
    let Value::Map(mut at) = plan["plan"].clone() else { panic!() };
    let mut kinds = vec![];
    loop {
        kinds.push(at["kind"].as_str().unwrap().to_owned());
        let Value::List(inputs) = &at["inputs"] else { panic!() };
        let Some(Value::Map(next)) = inputs.first().cloned() else { break };
        at = next;
    }
    assert_eq!(kinds, ["limit", "project", "sort", "index", "source"]);
    for (text, fault) in [
        ("EXPLAIN (xml) SELECT id FROM hexads", Kind::NotSupported),
        ("EXPLAIN (json, text) SELECT id FROM hexads", Kind::NotSupported),
        ("EXPLAIN SHOW STATUS", Kind::NotSupported),
        ("EXPLAIN ANALYZE SHOW STATUS", Kind::NotSupported),
    ] {
        assert_eq!(kind(&mut session, text), Some(fault), "{text}");
    }
}
