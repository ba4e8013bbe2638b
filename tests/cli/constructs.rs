//! Every statement and every condition of the tree runs or says that it is not supported. The tables
//! have one example each; a new variant does not compile before it has one.

use std::collections::BTreeSet;

use vql::engine::Params;
use vql::engine::lang::ast::{Condition, ConditionKind, StatementKind};
use vql::engine::lang::parse;

use crate::suite::Database;

/// A table of variants with an example of each, and the name of the variant a tree holds (`None` for
/// the hole a syntax error leaves). Its `match` has no arm for what the table does not list.
macro_rules! examples {
    ($table:ident, $name:ident, $kind:ident; $($variant:ident: $text:expr,)*) => {
        const $table: &[(&str, &str)] = &[$((stringify!($variant), $text)),*];

        fn $name(kind: &$kind) -> Option<&'static str> {
            match kind {
                $($kind::$variant { .. } => Some(stringify!($variant)),)*
                $kind::Error => None,
            }
        }
    };
}

examples! { STATEMENTS, statement, StatementKind;
    Version: "VERSION 1.0;",
    Explain: "EXPLAIN SELECT id FROM hexads",
    Query: "SELECT id FROM hexads",
    Insert: "INSERT HEXAD 'new' WITH DOCUMENT(title = 'New')",
    Update: "UPDATE HEXAD 'a' SET DOCUMENT.title = 'Other'",
    Delete: "DELETE HEXAD 'new'",
    Search: "SEARCH TEXT 'long'",
    Count: "COUNT HEXADS",
    Show: "SHOW STATUS",
    Describe: "DESCRIBE HEXAD a",
    Drift: "DRIFT DETECT FROM verisim:semantic WHERE id = 'a'",
    Set: "SET author = 'someone'",
    Transaction: "BEGIN; ROLLBACK",
    Prepare: "PREPARE p AS SELECT id FROM hexads",
    Execute: "EXECUTE p",
    Deallocate: "DEALLOCATE p",
    CreateContract: "CREATE CONTRACT Young AS (FIELD year >= 2000)",
    DropContract: "DROP CONTRACT Young",
    Grant: "GRANT read ON STORE graph TO alice",
    Deny: "DENY read ON TYPE Secret TO ROLE everyone",
    Revoke: "REVOKE read ON STORE graph FROM alice",
    Role: "CREATE ROLE editors",
    Key: "CREATE KEY FOR alice WITH scopes = 'read'",
    Normalize: "NORMALIZE HEXAD a",
    Resolve: "RESOLVE CONFLICT a DISMISS",
    Revert: "INSERT HEXAD 'r' WITH DOCUMENT(title = 'R'), VECTOR(EMBED(DOCUMENT)); \
        UPDATE HEXAD 'r' SET DOCUMENT.title = 'quite other words'; \
        CREATE POLICY q FOR HEXAD r AS queue_from = 1; NORMALIZE HEXAD r; \
        REVERT NORMALIZATION n-1",
    CreatePolicy: "CREATE POLICY p FOR ALL AS rate = 60",
    DropPolicy: "DROP POLICY p",
    Snapshot: "CREATE SNAPSHOT before",
    Import: "IMPORT FROM 'x.jsonl'",
    Export: "EXPORT TO 'x.jsonl'",
    Checkpoint: "CHECKPOINT",
    CheckIntegrity: "CHECK INTEGRITY",
    Analyze: "ANALYZE",
}

examples! { CONDITIONS, condition, ConditionKind;
    And: "year = 1 AND id = 'a'",
    Or: "year = 1 OR id = 'a'",
    Not: "NOT year = 1",
    Paren: "(year = 1)",
    Literal: "TRUE",
    Pattern: "(h)-[:NEAR]->(x)",
    Drift: "DRIFT(VECTOR, DOCUMENT) > 0.3",
    DriftAny: "DRIFT THRESHOLD 0.3",
    Consistent: "CONSISTENT(VECTOR, SEMANTIC) USING COSINE > 0.8",
    Exists: "VECTOR EXISTS",
    Satisfies: "SATISFIES Old",
    HasProof: "HAS PROOF CITATION",
    VerifiedBy: "VERIFIED BY board",
    Verified: "VERIFIED(year = 1)",
    FullText: "FULLTEXT CONTAINS 'long'",
    FullTextMatches: "FULLTEXT MATCHES /lo.g/",
    Field: "FIELD year == 1",
    AsOf: "AS OF '2030-01-01T00:00:00Z'",
    Between: "BETWEEN '2020-01-01T00:00:00Z' AND '2030-01-01T00:00:00Z'",
    Version: "id = 'a' AND VERSION 1",
    ModifiedBy: "MODIFIED BY alice",
    Similar: "h.embedding SIMILAR TO [1, 0]",
    Nearest: "h.embedding NEAREST 2 TO [1, 0]",
    Radius: "WITHIN RADIUS(10, 10, 5 km)",
    Bounds: "WITHIN BOUNDS(0, 0, 20, 20)",
    NearestPoint: "NEAREST(10, 10, 2)",
    Comparison: "DOCUMENT.year >= 2000",
    Shape: "tensor.data SHAPE == [2, 2]",
    Rank: "tensor.data RANK == 2",
    Predicate: "CONTAINS(h.title, 'x')",
    Refinement: "HEXAD : { p : Paper | p.year > 1 }",
    Elided: "...",
}

pub(crate) const FIXTURE: &str = "\
INSERT HEXAD 'a' WITH DOCUMENT(title = 'A', body = 'long', year = 2001), VECTOR([1, 0]), \
TENSOR([[1, 2], [3, 4]]), SPATIAL(latitude = 10, longitude = 10), GRAPH(NEAR, b); \
INSERT INTO hexads (id, types, title, year) VALUES ('b', ['Paper'], 'B', 1999); \
CREATE CONTRACT Old AS (FIELD year < 2000)";

fn holds(whole: &Condition, wanted: &str) -> bool {
    condition(&whole.kind) == Some(wanted)
        || whole.conjuncts().iter().any(|member| condition(&member.kind) == Some(wanted))
}

/// Executed, or refused by name.
fn is_answer(answer: &str, also: &str) -> bool {
    let refused = answer.starts_with("error NotSupported: ");
    !answer.starts_with("error") || refused || (!also.is_empty() && answer.contains(also))
}

pub(crate) fn database() -> Database {
    let mut database = Database::new();
    let answer = database.run(FIXTURE, &Params::new());
    assert!(!answer.starts_with("error"), "{answer}");
    database
}

#[test]
fn every_statement_is_executed_or_refused() {
    let mut database = database();
    let mut seen = BTreeSet::new();
    for &(name, text) in STATEMENTS {
        let parsed = parse(text);
        let held = parsed.script.statements.iter().any(|s| statement(&s.kind) == Some(name));
        assert!(held, "`{text}` is no example of {name}");
        assert!(seen.insert(name), "{name} stands twice");
        let answer = database.run(text, &Params::new());
        assert!(is_answer(&answer, ""), "{text}\n{answer}");
    }
}

#[test]
fn every_condition_is_executed_or_refused() {
    let mut database = database();
    let mut seen = BTreeSet::new();
    for &(name, text) in CONDITIONS {
        let query = format!("SELECT id FROM hexads WHERE {text}");
        let parsed = parse(&query);
        let held = parsed.script.statements.iter().any(|s| match &s.kind {
            StatementKind::Query(query) => query.condition.as_ref().is_some_and(|c| holds(c, name)),
            _ => false,
        });
        assert!(held, "`{query}` is no example of {name}");
        assert!(seen.insert(name), "{name} stands twice");
        let answer = database.run(&query, &Params::new());
        // What an author left out has an error of its own.
        let also = if name == "Elided" { "error Elided" } else { "" };
        assert!(is_answer(&answer, also), "{query}\n{answer}");
    }
}
