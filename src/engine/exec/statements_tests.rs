//! What is remembered of statements never changes an answer: plans that are kept, checks that are
//! kept; parameters are values whatever they hold; logs hold no values.

use super::law_tests::Dice;
use super::transaction_tests::{kind, ok, open};
use crate::engine::Engine;
use crate::engine::base::{Kind, Value};
use crate::engine::lang::parse;
use crate::engine::outcome::{Control, Params};
use crate::engine::session::Session;

/// How many statements are compared; `VQL_STATEMENTS` at build time asks for more.
fn rounds() -> u64 {
    option_env!("VQL_STATEMENTS").and_then(|n| n.parse().ok()).unwrap_or(250)
}

fn with(
    session: &mut Session,
    text: &str,
    params: &[(&str, Value)],
) -> Result<Vec<Vec<Value>>, Kind> {
    let params: Params = params.iter().map(|(n, v)| ((*n).to_owned(), v.clone())).collect();
    let done = session.execute_text(text, &params, &Control::default());
    done.map(|outcome| outcome.rows).map_err(|error| error.kind)
}

fn text(s: &str) -> Value {
    Value::Text(s.to_owned())
}

fn filled(hexads: u64) -> (tempfile::TempDir, Engine) {
    let (dir, engine) = open();
    let mut session = engine.session();
    for n in 0..hexads {
        let kind = ["rock", "gem", "ore"][n as usize % 3];
        let insert = format!(
            "INSERT HEXAD 'h{n}' WITH DOCUMENT(title = 'stone {n}', kind = '{kind}', year = {n})"
        );
        ok(&mut session, &insert);
    }
    (dir, engine)
}

/// The plans that were chosen and reused for the one prepared statement of a session.
fn plans(session: &mut Session) -> (Value, Value) {
    let rows = ok(session, "SHOW PREPARED");
    (rows[0][3].clone(), rows[0][4].clone())
}

#[test]
fn a_plan_that_was_chosen_five_times_is_kept_until_the_data_is_another() {
    let (_dir, engine) = filled(60);
    let mut session = engine.session();
    ok(&mut session, "PREPARE p AS SELECT id FROM hexads WHERE kind = $1 AND year < $2");
    let run = |session: &mut Session| ok(session, "EXECUTE p('gem', 20)").len();
    for _ in 0..5 {
        assert_eq!(run(&mut session), 7);
    }
    assert_eq!(plans(&mut session), (Value::Int(5), Value::Int(0)));
    for _ in 0..3 {
        assert_eq!(run(&mut session), 7);
    }
    assert_eq!(plans(&mut session), (Value::Int(5), Value::Int(3)));
    // Another session spells it in another way and uses the same plan.
    let mut other = engine.session();
    ok(&mut other, "PREPARE q AS select id  FROM hexads where kind = $1 -- so\n AND year < $2");
    assert_eq!(ok(&mut other, "EXECUTE q('rock', 3)").len(), 1);
    assert_eq!(plans(&mut other), (Value::Int(5), Value::Int(4)));
    // Statistics are renewed.
    engine.shared.statements.ready.statistics_changed();
    run(&mut session);
    assert_eq!(plans(&mut session), (Value::Int(6), Value::Int(4)));
    for _ in 0..5 {
        run(&mut session);
    }
    assert_eq!(plans(&mut session), (Value::Int(10), Value::Int(5)));
    // From now on `kind` may mean a property: the field index no longer answers for it.
    ok(&mut session, "UPDATE HEXAD 'h1' SET SEMANTIC.kind = 'gem'");
    run(&mut session);
    assert_eq!(plans(&mut session), (Value::Int(11), Value::Int(5)));
    ok(&mut session, "SET plan_cache = off");
    run(&mut session);
    assert_eq!(plans(&mut session), (Value::Int(11), Value::Int(5)));
}

#[test]
fn a_value_that_allows_no_such_question_is_planned_for_itself() {
    let (_dir, engine) = filled(60);
    let mut session = engine.session();
    ok(&mut session, "PREPARE p AS SELECT id FROM hexads WHERE kind = $1");
    for _ in 0..8 {
        assert_eq!(ok(&mut session, "EXECUTE p('gem')").len(), 20);
    }
    assert_eq!(ok(&mut session, "EXECUTE p(NULL)").len(), 0);
    assert_eq!(ok(&mut session, "EXECUTE p('nothing')").len(), 0);
    assert_eq!(ok(&mut session, "EXECUTE p('ore')").len(), 20);
}

/// A statement with places for values, and the values.
fn question(dice: &mut Dice) -> (&'static str, Vec<(&'static str, Value)>) {
    let year = Value::Int(dice.roll(50) as i64);
    let word = text(dice.pick(&["rock", "gem", "ore", "none", "stone 3"]));
    let texts = [
        "SELECT id FROM hexads WHERE kind = $a",
        "SELECT id FROM hexads WHERE kind = $a AND year > $b",
        "SELECT id FROM hexads WHERE year > $b OR kind = $a",
        "SELECT id FROM hexads WHERE NOT kind = $a AND year BETWEEN 5 AND $b LIMIT 7",
        "SELECT id, title FROM hexads WHERE title = $a OR lower(kind) = $a ORDER BY year LIMIT 5",
        "SELECT COUNT(*) FROM hexads WHERE kind = $a AND year != $b",
        "COUNT HEXADS WHERE kind IN ($a, 'ore') AND year < $b",
        "SEARCH TEXT $a LIMIT 5",
        "(SELECT id FROM hexads WHERE kind = $a) EXCEPT (SELECT id FROM hexads WHERE year > $b)",
    ];
    (texts[dice.roll(texts.len() as u64) as usize], vec![("a", word), ("b", year)])
}

fn change(session: &mut Session, dice: &mut Dice) {
    let (n, year) = (dice.roll(60), dice.roll(50));
    let statement = match dice.roll(7) {
        0 => format!("DELETE HEXAD 'h{n}'"),
        1 => format!(
            "INSERT HEXAD 'h{n}' WITH DOCUMENT(title = 'stone', kind = 'gem', year = {year})"
        ),
        2 => format!("UPDATE HEXAD 'h{n}' SET DOCUMENT.kind = 'ore'"),
        3 => format!("UPDATE HEXAD 'h{n}' SET DOCUMENT.year = {year}"),
        // A field becomes text, or a list, or the name of a property as well.
        4 => format!("UPDATE HEXAD 'h{n}' SET DOCUMENT.year = 'late'"),
        5 => format!("UPDATE HEXAD 'h{n}' SET SEMANTIC.kind = 'rock'"),
        _ => format!("UPDATE HEXAD 'h{n}' SET DOCUMENT.kind = [1, 2]"),
    };
    // Some hexads are gone, some ids are taken.
    drop(with(session, &statement, &[]));
}

#[test]
fn nothing_that_is_kept_ever_answers_differently() {
    let (_dir, engine) = filled(40);
    let [mut kept, mut anew, mut law] = [engine.session(), engine.session(), engine.session()];
    ok(&mut anew, "SET plan_cache = off");
    ok(&mut law, "SET plan = scan");
    let mut dice = Dice(11);
    for round in 0..rounds() {
        if dice.chance(15) {
            change(&mut kept, &mut dice);
        }
        if dice.chance(3) {
            engine.shared.statements.ready.statistics_changed();
        }
        let (statement, params) = question(&mut dice);
        let first = with(&mut kept, statement, &params);
        for (name, session) in [("anew", &mut anew), ("law", &mut law)] {
            // Scores of words are not computed where nothing may be asked.
            if name == "law" && statement.starts_with("SEARCH") {
                continue;
            }
            let second = with(session, statement, &params);
            assert_eq!(first, second, "{name}, round {round}: {statement} {params:?}");
        }
    }
}

/// Strings that would be something else if anything read them as more than a value.
fn hostile(dice: &mut Dice, n: u64) -> String {
    const FRAGMENTS: [&str; 28] = [
        "'",
        "''",
        "\"",
        "\\",
        "\\'",
        "--",
        "/*",
        "*/",
        ";",
        "$1",
        "@x",
        "%",
        "_",
        "\0",
        "\n",
        "\r\n",
        "\u{202e}",
        "\u{200b}",
        "\u{feff}",
        "é",
        "日本",
        "🦀",
        "' OR '1' = '1",
        "'; DELETE FROM hexads; --",
        "x') ; DROP CONTRACT c",
        "UNION SELECT",
        "NULL",
        "\u{7f}",
    ];
    if n.is_multiple_of(500) {
        return "'\\;--".repeat(64 * 1024 / 5);
    }
    let parts = 1 + dice.roll(5);
    (0..parts).map(|_| dice.pick(&FRAGMENTS).to_owned() + dice.pick(&["", " ", "a"])).collect()
}

#[test]
fn two_thousand_hostile_strings_come_back_as_they_went_in_and_touch_nothing_else() {
    let (_dir, engine) = open();
    let mut session = engine.session();
    ok(&mut session, "INSERT HEXAD 'bystander' WITH DOCUMENT(title = 'untouched')");
    ok(&mut session, "PREPARE find (text) AS SELECT id, DOCUMENT.note FROM hexads WHERE id = $1");
    let mut dice = Dice(77);
    let mut inserted = 1;
    for n in 0..2000 {
        let value = hostile(&mut dice, n);
        let safe = text(&format!("s{n}"));
        let s = text(&value);
        // Ids, types and targets have rules of their own: what breaks one is refused, not rewritten.
        let all =
            "INSERT HEXAD $id WITH DOCUMENT(title = $s, note = $s), SEMANTIC($s), GRAPH(NEAR, $s)";
        let rich = with(&mut session, all, &[("id", s.clone()), ("s", s.clone())]);
        let id = if let Ok(rows) = rich {
            assert_eq!(rows, [[s.clone()]]);
            s.clone()
        } else {
            let poor = "INSERT HEXAD $id WITH DOCUMENT(title = $s, note = $s)";
            let rows = with(&mut session, poor, &[("id", safe.clone()), ("s", s.clone())]);
            assert_eq!(rows, Ok(vec![vec![safe.clone()]]), "{value:?}");
            safe
        };
        inserted += 1;
        let query = "SELECT DOCUMENT.note, title FROM HEXAD $id WHERE DOCUMENT.note = $s";
        let rows = with(&mut session, query, &[("id", id.clone()), ("s", s.clone())]);
        let rows: Vec<Vec<Value>> = rows.unwrap_or_else(|kind| panic!("{kind:?} {value:?}"));
        assert!(
            rows.len() == 1 && rows[0].iter().filter(|cell| **cell == s).count() >= 2,
            "{rows:?}"
        );
        // The same as an argument written down, with its quotes doubled.
        let Value::Text(id) = &id else { panic!() };
        let rows = with(&mut session, "EXECUTE find($id)", &[("id", text(id))]).unwrap();
        assert!(rows.len() == 1 && rows[0].contains(&s), "{value:?}");
        for search in
            ["SEARCH TEXT $s LIMIT 1", "SELECT id FROM hexads WHERE title CONTAINS $s LIMIT 1"]
        {
            if n % 20 == 0 {
                drop(with(&mut session, search, &[("s", s.clone())]));
            }
        }
    }
    assert_eq!(ok(&mut session, "COUNT HEXADS"), [[Value::Int(inserted)]]);
    let rows = ok(&mut session, "SELECT title, version FROM HEXAD 'bystander'");
    assert!(rows[0].contains(&text("untouched")) && rows[0].contains(&Value::Int(1)), "{rows:?}");
}

#[test]
fn the_log_of_slow_statements_holds_plans_and_figures_and_no_values() {
    let (dir, engine) = filled(40);
    let mut session = engine.session();
    ok(&mut session, "SET slow_query_ms = 0");
    ok(&mut session, "PREPARE p AS SELECT id FROM hexads WHERE kind = $1 AND lower(title) = $2");
    ok(
        &mut session,
        "SELECT id FROM HEXAD secret-1 WHERE kind = 'secret' AND lower(title) = 'secret'",
    );
    ok(&mut session, "EXECUTE p('secret', 'secret')");
    assert_eq!(
        kind(&mut session, "INSERT HEXAD 'h1' WITH DOCUMENT(a = 'secret')"),
        Some(Kind::InsertConflict)
    );
    ok(&mut session, "SET slow_query_ms = -1");
    let rows = ok(&mut engine.session(), "SHOW SLOW QUERIES");
    let column = |n: usize| -> Vec<String> {
        rows.iter().map(|row| row[n].as_str().unwrap_or_default().to_owned()).collect()
    };
    let statements = column(2);
    assert!(
        statements
            .contains(&"SELECT id FROM HEXAD ? WHERE kind = ? AND lower(title) = ?".to_owned()),
        "{statements:?}"
    );
    assert!(
        statements
            .contains(&"SELECT id FROM hexads WHERE kind = $1 AND lower(title) = $2".to_owned()),
        "{statements:?}"
    );
    assert!(
        column(3).iter().any(|plan| plan.contains("index document [kind = $1]")),
        "{:?}",
        column(3)
    );
    assert!(column(9).contains(&"InsertConflict".to_owned()));
    let file = std::fs::read_to_string(dir.path().join("slow.jsonl")).unwrap();
    assert!(!file.contains("secret"), "{file}");
    ok(&mut session, "SET slow_query_ms = 0");
    ok(&mut session, "SET slow_query_text = full");
    ok(&mut session, "SELECT id FROM hexads WHERE kind = 'shown'");
    let file = std::fs::read_to_string(dir.path().join("slow.jsonl")).unwrap();
    assert!(file.contains("kind = 'shown'"));
    drop(session);
    engine.close().unwrap();
    drop(engine);
    // Both settings and the log are there when it is opened again.
    let engine = super::transaction_tests::reopen(&dir);
    assert!(engine.shared.statements.slow.full_text());
    assert!(engine.shared.statements.slow.is_slow(0));
    assert!(ok(&mut engine.session(), "SHOW SLOW QUERIES").len() > rows.len());
}

#[test]
fn statements_are_counted_by_what_they_say_and_not_by_their_values() {
    let (_dir, engine) = filled(10);
    let mut session = engine.session();
    ok(&mut session, "SET statement_history = reset");
    for n in 0..6 {
        ok(&mut session, &format!("SELECT id FROM hexads WHERE year = {n}"));
    }
    ok(&mut session, "PREPARE p AS select id FROM hexads WHERE year = $1");
    ok(&mut session, "EXECUTE p(1)");
    assert!(kind(&mut session, "INSERT HEXAD 'h1' WITH DOCUMENT(year = 1)").is_some());
    let rows = ok(&mut session, "SHOW STATEMENTS");
    let of = |wanted: &str| rows.iter().find(|row| row[0] == text(wanted));
    let counted = of("SELECT id FROM hexads WHERE year = ?").unwrap();
    assert_eq!(counted[1..4], [Value::Int(6), Value::Int(0), Value::Int(6)]);
    assert!(of("SELECT id FROM hexads WHERE year = $1").is_some());
    assert!(rows.iter().any(|row| row[2] == Value::Int(1)), "{rows:?}");
    ok(&mut session, "SET statement_history = off");
    ok(&mut session, "COUNT HEXADS");
    assert!(ok(&mut session, "SHOW STATEMENTS").is_empty());
}

#[test]
fn a_text_is_executed_as_it_is_parsed() {
    let (_dir, engine) = filled(3);
    let mut session = engine.session();
    for _ in 0..2 {
        let rows = with(&mut session, "SELECT id FROM hexads WHERE year = 1;", &[]);
        assert_eq!(rows, Ok(vec![vec![text("h1")]]));
        assert!(with(&mut session, "SELECT FROM", &[]).is_err());
        assert_eq!(
            with(&mut session, "COUNT HEXADS; COUNT HEXADS", &[]),
            Err(Kind::UnexpectedToken)
        );
    }
    assert!(parse("SHOW SLOW QUERIES LIMIT 3").is_ok() && !parse("SHOW SLOW").is_ok());
}

#[test]
fn an_argument_that_nobody_asks_for_is_refused() {
    let (_dir, engine) = filled(3);
    let mut session = engine.session();
    ok(&mut session, "PREPARE named AS SELECT id FROM hexads WHERE kind = $kind LIMIT $n");
    let rows = ok(&mut session, "EXECUTE named(kind => 'gem', n => 1)");
    assert_eq!(rows, [[text("h1")]]);
    let faults = [
        ("EXECUTE named(kind => 'gem', n => 1, more => 2)", Kind::InvalidParameter),
        ("EXECUTE named('gem', n => 1)", Kind::InvalidParameter),
        ("EXECUTE named(kind => 'gem')", Kind::MissingParameter),
        ("EXECUTE named(kind => 'gem', kind => 'ore', n => 1)", Kind::InvalidParameter),
    ];
    for (statement, fault) in faults {
        assert_eq!(kind(&mut session, statement), Some(fault), "{statement}");
    }
    ok(&mut session, "PREPARE typed (text, int) AS SELECT id FROM hexads WHERE kind = $1 LIMIT $2");
    assert_eq!(kind(&mut session, "EXECUTE typed('gem', 'x')"), Some(Kind::InvalidParameter));
    assert_eq!(kind(&mut session, "EXECUTE typed('gem')"), Some(Kind::InvalidParameter));
    assert_eq!(ok(&mut session, "EXECUTE typed('gem', 1)"), [[text("h1")]]);
}
