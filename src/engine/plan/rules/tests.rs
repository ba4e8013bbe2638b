//! Tests of the rules: the table of what goes in and what comes out, and laws of all of them.

use std::fmt::Write as _;

use super::*;
use crate::engine::base::{Modality, Timestamp};
use crate::engine::lang;
use crate::engine::lang::ast::StatementKind;
use crate::engine::lang::resolve::Place;
use crate::engine::outcome::Params;
use crate::engine::plan::lower::{Counts, Lowering};

/// A condition as the planner gets it.
fn lowered(condition: &str) -> Filter {
    let text = format!("SELECT id FROM hexads WHERE {condition}");
    let parsed = lang::parse(&text);
    assert!(parsed.errors().next().is_none(), "{condition}");
    let StatementKind::Query(query) = &parsed.script.statements[0].kind else {
        panic!("{condition} is no condition")
    };
    let (params, counts) = (Params::new(), Counts::default());
    let none = |_: &str| None;
    let embed = |_: Option<&str>, _: &str| unreachable!("nothing is embedded here");
    let lowering = Lowering::new(&text, &params, Timestamp(0), &none, &embed, &counts);
    lowering.query(query).unwrap().filter
}

fn shown(filter: &Filter) -> String {
    let list = |members: &[Filter], word: &str| {
        format!("({})", members.iter().map(shown).collect::<Vec<_>>().join(word))
    };
    match filter {
        Filter::Const(holds) => holds.to_string().to_uppercase(),
        Filter::And(members) => list(members, " AND "),
        Filter::Or(members) => list(members, " OR "),
        Filter::Not(inner) => format!("NOT {}", shown(inner)),
        Filter::Leaf(leaf) => test(&leaf.test),
    }
}

fn test(test: &Test) -> String {
    match test {
        Test::Compare(a, op, b) => format!("{} {} {}", scalar(a), op.sign(), scalar(b)),
        Test::Between(a, low, high) => {
            format!("{} BETWEEN {} AND {}", scalar(a), scalar(low), scalar(high))
        }
        Test::In(a, items) => {
            let items: Vec<String> = items.iter().map(scalar).collect();
            format!("{} IN ({})", scalar(a), items.join(", "))
        }
        Test::IsNull(a) => format!("{} IS NULL", scalar(a)),
        Test::Exists(Modality::Graph) => "GRAPH EXISTS".to_owned(),
        Test::Exists(Modality::Vector) => "VECTOR EXISTS".to_owned(),
        Test::Pattern(pattern) => format!("PATTERN {}", pattern.edges[0].predicate),
        other => format!("{other:?}"),
    }
}

fn scalar(of: &Scalar) -> String {
    match of {
        Scalar::Const(value) => value.to_json().to_string(),
        Scalar::Field(field) => match (&field.subject, field.places.first()) {
            (Subject::Variable(name), _) => format!("{name}.id"),
            (Subject::Row, Some(Place::Document(path))) => path.join("."),
            (Subject::Row, place) => format!("{place:?}"),
        },
        other => format!("{other:?}"),
    }
}

/// `tests/plan/rules.txt`: a condition, what becomes of it, and by which rules.
#[test]
fn conditions_become_what_is_written_down() {
    let table = include_str!("../../../../tests/plan/rules.txt");
    let mut faults = String::new();
    let mut met: Vec<&str> = vec![];
    for line in table.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (input, expected) = line.split_once(" => ").expect("`condition => condition [rules]`");
        let (filter, rules) = rewrite(&lowered(input));
        let got = format!("{} [{}]", shown(&filter), rules.join(", "));
        if got != expected {
            writeln!(faults, "{input}\n  became   {got}\n  and not  {expected}").unwrap();
        }
        met.extend(rules);
        let (again, more) = rewrite(&filter);
        assert!(same(&again, &filter) && more.is_empty(), "{input} is not finished: {more:?}");
    }
    assert!(faults.is_empty(), "{faults}");
    for (name, _) in RULES {
        assert!(met.contains(name), "no line is about `{name}`");
    }
}
