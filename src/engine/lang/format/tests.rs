//! Tests of the formatter.

use super::{KeywordCase, Options, format, format_script};

/// Formats and checks that formatting again changes nothing.
fn formatted(text: &str) -> String {
    let once = format(text).unwrap_or_else(|e| panic!("{text}\n{e:#?}"));
    let twice = format(&once).unwrap_or_else(|e| panic!("{once}\n{e:#?}"));
    assert_eq!(once, twice);
    once
}

#[test]
fn clauses_stand_on_their_own_lines() {
    insta::assert_snapshot!(
        formatted("explain select graph.year as y, count(*) from hexad 'x' where vector exists and (drift or id = 3) limit 5"),
        @r"
    EXPLAIN SELECT GRAPH.year AS y, COUNT(*)
    FROM HEXAD 'x'
    WHERE VECTOR EXISTS
      AND (DRIFT OR id == 3)
    LIMIT 5
    "
    );
}

#[test]
fn clauses_move_to_their_documented_place() {
    insta::assert_snapshot!(
        formatted("select * from federation /a/* proof access(c) where x = 1 as of '2026-01-01' -- then\nmin quorum 2"),
        @r"
    SELECT *
    FROM FEDERATION /a/*
    AS OF '2026-01-01' -- then
    MIN QUORUM 2
    WHERE x == 1
    PROOF access(c)
    "
    );
}

#[test]
fn comments_stay_with_what_they_speak_of() {
    insta::assert_snapshot!(
        formatted("-- first\nselect graph -- the graph\n, vector /* and this */ from hexads;\n\n\n-- last"),
        @r"
    -- first
    SELECT
      GRAPH, -- the graph
      VECTOR /* and this */
    FROM hexads;

    -- last
    "
    );
}

#[test]
fn a_comment_that_reads_like_a_clause_is_left_alone() {
    let out = formatted("-- find papers and authors\nselect document from hexads");
    assert!(out.starts_with("-- find papers and authors\nSELECT DOCUMENT\n"), "{out}");
}

#[test]
fn names_keep_their_letters() {
    let out =
        formatted("select count, time, Version from hexads where field limit = 3 and h.order = 2");
    assert!(out.contains("SELECT count, time, Version"), "{out}");
    assert!(out.contains("FIELD limit = 3") && out.contains("h.order = 2"), "{out}");
}

#[test]
fn paths_get_their_canonical_form() {
    let out = formatted("SELECT GRAPH FROM HEXAD a WHERE ?h -[:CITES{1,5}]-> ?x and h<-[:X]-(y)");
    assert!(out.contains("(?h)-[:CITES*1..5]->(?x)"), "{out}");
    assert!(out.contains("(h)<-[:X]-(y)"), "{out}");
}

#[test]
fn broken_texts_are_refused() {
    assert!(format("SELECT FROM WHERE").is_err());
    assert_eq!(format("").unwrap(), "");
    assert_eq!(format(";;\n").unwrap(), "");
    assert_eq!(format("-- only\n\n").unwrap(), "-- only\n");
}

#[test]
fn other_ways_to_write_a_source_or_a_path_are_read() {
    for (text, expected) in [
        ("select * from hexads @ north", "FROM hexads@north"),
        ("select * from hexads @north", "FROM hexads@north"),
        ("from verisim:papers/*", "FROM verisim:papers/*"),
        ("from verisim:papers /u/*", "FROM verisim:papers /u/*"),
        ("from verisim:papers /* all */ limit 3", "FROM verisim:papers /* all */"),
        ("select graph from hexads where (h)-[:CITES*2]->(x)", "(h)-[:CITES*2]->(x)"),
        ("select graph from hexads where (h)-[:CITES*..3]->(x)", "(h)-[:CITES*..3]->(x)"),
        ("select graph from hexads where (h)-[:CITES * 2 ..]->(x)", "(h)-[:CITES*2..]->(x)"),
        ("select graph from hexads where (h)-[:CITES{1,2}]->(x)", "(h)-[:CITES*1..2]->(x)"),
        ("select * from hexads where spatial nearest(1, 2, 3)", "WHERE SPATIAL NEAREST(1, 2, 3)"),
    ] {
        let out = formatted(text);
        assert!(out.contains(expected), "{out}");
    }
    for text in [
        "select * from hexads @",
        "select * from hexads @ where",
        "select graph from hexads where (h)-[:CITES*..]->(x)",
        "select graph from hexads where (h)-[:CITES*1..2..3]->(x)",
        "select graph from hexads where (h)-[:CITES{2}]->(x)",
    ] {
        assert!(format(text).is_err(), "{text}");
    }
}

/// Formats with options and checks that formatting again changes nothing.
fn script(text: &str, options: Options) -> (String, usize) {
    let once = format_script(text, options);
    let twice = format_script(&once.text, options);
    assert_eq!(once.text, twice.text);
    (once.text, once.broken)
}

#[test]
fn a_broken_statement_stays_and_does_not_stop_the_others() {
    let text = "show  status;\n\n\n  -- why\n  SELECT  FROM\n   WHERE ;  show  peers;";
    let (out, broken) = script(text, Options::default());
    assert_eq!(out, "SHOW STATUS;\n\n  -- why\n  SELECT  FROM\n   WHERE ;\nSHOW PEERS;\n");
    assert_eq!(broken, 1);
    let (out, broken) = script("show  status; SELECT 'a \n x; ", Options::default());
    assert_eq!((out.as_str(), broken), ("SHOW STATUS;\nSELECT 'a \n x;\n", 1));
    let (out, broken) = script("show  status;\n/* a \n", Options::default());
    assert_eq!((out.as_str(), broken), ("SHOW STATUS;\n/* a \n", 1));
}

#[test]
fn comments_switch_the_formatter_off_and_on() {
    for (text, expected) in [
        (
            "show  peers;\n-- fmt: off\nshow  status;   \n\n",
            "SHOW PEERS;\n-- fmt: off\nshow  status;   \n\n",
        ),
        (
            "-- fmt: off\nshow  peers;  \n\n\n show  status ;\n  -- fmt: on\n\n\nshow  stores;",
            "-- fmt: off\nshow  peers;  \n\n\n show  status ;\n  -- fmt: on\n\nSHOW STORES;\n",
        ),
        (
            "show  peers; -- fmt: skip\nshow  status; /* fmt: skip */ show  stores;",
            "show  peers; -- fmt: skip\nshow  status; /* fmt: skip */\nSHOW STORES;\n",
        ),
    ] {
        assert_eq!(script(text, Options::default()).0, expected);
    }
}

#[test]
fn case_indent_and_width_can_be_chosen() {
    let text = "Select graph From hexads where a = 1 and TRUE";
    let with = |case, indent| script(text, Options { indent, case, ..Options::default() }).0;
    assert_eq!(
        with(KeywordCase::Lower, 4),
        "select graph\nfrom hexads\nwhere a = 1\n    and TRUE\n"
    );
    assert_eq!(
        with(KeywordCase::Preserve, 2),
        "Select graph\nFrom hexads\nwhere a = 1\n  and TRUE\n"
    );
}
