//! The laws of the language room, checked on many texts: nothing is lost, nothing panics, the
//! formatter changes no meaning. Deterministic: the same texts in every run.

use super::diag::apply;
use super::format::{Options, format, format_range, format_script};
use super::highlight::highlight;
use super::parse::parse;
use super::split::statements;
use crate::engine::base::Span;

/// One text for every production of the grammar.
const TEXTS: &[&str] = &[
    "SELECT * FROM HEXAD deb-bash",
    "SELECT GRAPH, VECTOR.*, DOCUMENT.title AS t, COUNT(*), AVG(DOCUMENT.size), DRIFT FROM hexads",
    "select tensor(a, 1, [2]), graph((h)-[:T]->(x)) from store node-1 limit 0 offset $o",
    "SELECT GRAPH VECTOR FROM FEDERATION /peers/* WITH DRIFT REPAIR AS OF 2024-01-02 MIN QUORUM 2",
    "SELECT * FROM FEDERATION [a-1, 'b'] WITH DRIFT TOLERANCE 0.1 WITH BYZANTINE TOLERANCE 1",
    "SELECT * FROM FEDERATION STORE 'r' HEXAD DRIFT POLICY mine TRAVERSE cites DEPTH 3",
    "SELECT * FROM REFLECT AT TIME '2024-01-01' WHERE name LIKE 'a%'",
    "SELECT * FROM hexads@east WHERE a = 1 AND b <> 2 OR NOT (c IN (1, 2) AND d BETWEEN 1 AND 2)",
    "SELECT x FROM hexads WHERE t > NOW() - INTERVAL '3 days' AND u IS NOT NULL AND v IN $list",
    "SELECT * FROM HEXAD WHERE DRIFT(VECTOR, DOCUMENT) > 0.3 OR DRIFT THRESHOLD 0.2 OR DRIFT",
    "SELECT * FROM HEXAD WHERE CONSISTENT(GRAPH, TENSOR) USING jaccard > 0.5 AND TENSOR NOT EXISTS",
    "SELECT * FROM HEXAD WHERE SATISFIES C(k=v-1, n=3) AND HAS PROOF ZKP AND VERIFIED BY some-one",
    "SELECT * FROM HEXAD WHERE FULLTEXT CONTAINS \"a b\" AND FULLTEXT MATCHES /a\\/b+/ -- end",
    "SELECT * FROM HEXAD WHERE FIELD limit.order == 'x' AND VERSION v-3 AND MODIFIED BY ada",
    "SELECT * FROM HEXAD WHERE AS OF TIMESTAMP '2024-01-01' REVERT TO $t AND VERIFIED(a = 1)",
    "SELECT * FROM HEXAD WHERE BETWEEN 2024-01-01 AND 2024-02-01T10:00:00Z",
    "SELECT * FROM HEXAD WHERE h.embedding SIMILAR TO [0.1, -2, ...] WITHIN 0.9 USING COSINE",
    "SELECT * FROM HEXAD WHERE VECTOR NEAREST 5 TO ENTITY 'x' USING EUCLIDEAN",
    "SELECT * FROM HEXAD WHERE WITHIN RADIUS(1.5, -2, 5 km) OR SPATIAL WITHIN BOUNDS(1, 2, 3, 4)",
    "SELECT * FROM HEXAD WHERE NEAREST(1, 2, 3) AND t.data SHAPE [2, 3] AND t.data RANK >= 2",
    "SELECT * FROM HEXAD WHERE ?h -[:T{1,3}]-> ?x AND (a)<-[:B+]-(b)-[:C*]->(c) AND x.y == 1",
    "SELECT * FROM HEXAD WHERE HEXAD : { h : Base | h.a > 1 } AND near(a > 1, b) AND ...",
    "SELECT a FROM hexads GROUP BY a, b HAVING FIELD count > 3 ORDER BY a DESC NULLS LAST, b",
    "SELECT * FROM HEXAD x PROOF EXISTENCE(x) AND ACCESS y WITH role=admin THRESHOLD 0.5 LIMIT 1",
    "SELECT * FROM HEXAD x PROOF CUSTOM { ∀ r ∈ Result. r.ok = true AND r.n > 1 }",
    "SELECT hexads WHERE a = 1 AS OF '2024-01-01'",
    "WITH VERIFICATION C FROM verisim:graph /a/* USING CONTRACT D SELECT GRAPH WHERE a = 1 VERIFY E",
    "(FROM verisim:x WHERE a = 1) UNION ALL (SELECT * FROM hexads) EXCEPT (SELECT b FROM hexads)",
    "FIND hexads WHERE a = 'it''s' LIMIT 3",
    "INSERT HEXAD 'x' WITH DOCUMENT(title = 'a', n = -3), VECTOR([1, 2]), GRAPH(cites, y-1)",
    "INSERT HEXAD WITH TENSOR([2, 1], [3, 4]), SEMANTIC(Paper), TEMPORAL(2024-01-01) PROOF ACCESS(a)",
    "INSERT INTO hexads (a, DOCUMENT.b) VALUES (1, 'x'), (NULL, $p)",
    "INSERT 'title' \"body\"",
    "UPDATE HEXAD x SET DOCUMENT.title = 'y', n = a + 1 WHERE b = 2",
    "DELETE HEXAD x PROOF ACCESS(a); DELETE FROM hexads WHERE a = 1",
    "SEARCH TEXT 'a'; SEARCH VECTOR SIMILAR TO [1] LIMIT 2; SEARCH RELATED 'x' BY 'y'",
    "SEARCH GRAPH WHERE a = $b; COUNT hexads WHERE a = 1; SHOW CONFLICTS x LIMIT 2; SHOW STATUS",
    "DESCRIBE CONTRACT c; DESCRIBE VECTOR; DESCRIBE HEXAD x; EXPLAIN ANALYZE (json) SELECT * FROM x",
    "DRIFT REPAIR FEDERATION FROM verisim:f WHERE a = @b USING STRATEGY q STORES [@c] COORDINATOR @d",
    "SET a.b = on; SET c TO 3; SET d 'x'; BEGIN READ ONLY; COMMIT; ROLLBACK TO s; SAVEPOINT s; RELEASE s",
    "BEGIN WORK ISOLATION LEVEL READ COMMITTED, SYNC off; COMMIT TRANSACTION; ROLLBACK WORK TO SAVEPOINT s",
    "BEGIN TRANSACTION READ WRITE ISOLATION LEVEL REPEATABLE READ; RELEASE SAVEPOINT s; SHOW TRANSACTIONS",
    "PREPARE q (int) AS SELECT * FROM hexads LIMIT $1; EXECUTE q(1, b => 'x'); DEALLOCATE ALL",
    "CREATE OR REPLACE CONTRACT c FOR ACCESS AS (a > 1 AND b < 2) WITH k=v; DROP CONTRACT IF EXISTS c",
    "GRANT read, write ON STORE s TO ada; REVOKE read ON FEDERATION /a/* FROM 'bob'",
    "NORMALIZE HEXAD x FROM DOCUMENT USING STRATEGY s; RESOLVE CONFLICT c KEEP GRAPH; NORMALIZE ALL",
    "RESOLVE CONFLICT c SET DOCUMENT.a = 1; CREATE SNAPSHOT s; SNAPSHOT INTO 'f'; RESTORE SNAPSHOT s",
    "EXPORT hexads TO 'f' FORMAT jsonl WITH a=b; IMPORT FROM 'f'; CHECKPOINT; ANALYZE; CHECK INTEGRITY",
    "VERSION 1.2;\n\n-- c\nSELECT * FROM hexads /* d */ WHERE a = 1; ;\n-- e",
];

/// A small generator of pseudo-random numbers.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }

    fn pick<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.roll(all.len())]
    }
}

/// Everything that must hold of any text at all.
fn survives(text: &str) {
    let parsed = parse(text);
    let joined: String = parsed.tree.leaves().map(|leaf| leaf.text(text)).collect();
    assert_eq!(joined, text, "the tree lost something");
    for d in &parsed.diagnostics {
        assert!(d.span.start <= d.span.end && d.span.end as usize <= text.len(), "{d:?}\n{text}");
    }
    let pieces: String = statements(text).iter().map(|p| &text[p.span.range()]).collect();
    assert_eq!(pieces, text);
    let all = format_script(text, Options::default());
    let again = format_script(&all.text, Options::default());
    assert_eq!(all.text, again.text, "not idempotent:\n{text}");
    assert_eq!(all.broken, again.broken, "not as broken as before:\n{text}\n{}", all.text);
    let edits = format_range(text, Span::new(0, text.len()), Options::default());
    assert_eq!(apply(text, &edits), all.text, "the range of everything is something else");
    match format(text) {
        Ok(once) => {
            let twice = format(&once).unwrap_or_else(|e| panic!("{once}\n{e:#?}"));
            assert_eq!(once, twice, "not idempotent:\n{text}");
            let tidy = |line: &str| line.contains('*') || !line.ends_with(' ');
            let kept = once.contains("fmt:")
                || parse(&once)
                    .tree
                    .leaves()
                    .any(|leaf| !leaf.kind.is_trivia() && leaf.text(&once).contains('\n'));
            assert!(kept || once.lines().all(tidy), "{once}");
        }
        Err(found) => assert!(
            found.iter().all(|d| d.kind != crate::engine::base::Kind::InternalError),
            "{text}\n{found:#?}"
        ),
    }
}

#[test]
fn every_production_parses_and_formats() {
    for text in TEXTS {
        let parsed = parse(text);
        assert!(parsed.is_ok(), "{text}\n{:#?}", parsed.diagnostics);
        survives(text);
    }
}

/// The same statements with other blanks, cases and comments between their words.
#[test]
fn blanks_case_and_comments_change_nothing() {
    let gaps = [" ", "\n", "\t \r\n", " /* c */ ", "\n-- c\n", " -- c\n\n\n", "/* a\n b */\n"];
    let mut dice = Dice(7);
    for _ in 0..12 {
        for text in TEXTS {
            let parsed = parse(text);
            let mut loose = String::new();
            for leaf in parsed.tree.leaves() {
                if leaf.kind.is_trivia() {
                    continue;
                }
                let word = leaf.text(text);
                match leaf.kind {
                    super::kind::SyntaxKind::Keyword if dice.roll(2) == 0 => {
                        loose.push_str(&word.to_ascii_lowercase());
                    }
                    _ => loose.push_str(word),
                }
                // Behind FEDERATION a comment sign is a path, and `<-[` is one sign.
                let glued = word.eq_ignore_ascii_case("federation") || word == "<-";
                loose.push_str(if glued && word == "<-" {
                    ""
                } else if glued {
                    " "
                } else {
                    dice.pick(&gaps)
                });
            }
            assert!(parse(&loose).is_ok(), "{loose}\n{:#?}", parse(&loose).diagnostics);
            survives(&loose);
        }
    }
}

#[test]
fn twenty_thousand_broken_texts_are_survived() {
    let pieces = [
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "'",
        "\"",
        "/*",
        "*/",
        "--",
        "\n",
        ";",
        ",",
        ".",
        "..",
        "...",
        "-[:",
        "]->",
        "<-[",
        "$",
        "@",
        "\\",
        "\0",
        "é",
        "日",
        "∀",
        "1e999",
        "12ab",
        "NOT ",
        "AND ",
        "SELECT ",
        "FROM ",
        "FEDERATION ",
        "MATCHES ",
        "WHERE ",
        "HEXAD ",
        "PROOF ",
        "VERSION ",
        "=",
        "2024-13-45",
        "verisim:",
        "\u{feff}",
        "EXPLAIN ",
        "UNION ",
        "/",
        "\r\n",
        "-- c\n",
        "-- fmt: off\n",
        "\n-- fmt: on\n",
        "/* fmt: skip */",
        ";\n\n",
    ];
    let mut dice = Dice(42);
    for round in 0..20_000 {
        let mut text = if round % 4 == 0 { String::new() } else { dice.pick(TEXTS).to_owned() };
        for _ in 0..=dice.roll(if text.is_empty() { 12 } else { 3 }) {
            let mut at = dice.roll(text.len() + 1);
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            match dice.roll(3) {
                0 => text.truncate(at),
                1 => text.insert_str(at, dice.pick(&pieces)),
                _ => {
                    let mut end = (at + dice.roll(6)).min(text.len());
                    while !text.is_char_boundary(end) {
                        end += 1;
                    }
                    text.replace_range(at..end, dice.pick(&pieces));
                }
            }
        }
        survives(&text);
        if round % 50 == 0 {
            highlight(&text);
        }
    }
}

#[test]
fn long_and_deep_texts_end_in_clear_errors() {
    use crate::engine::base::Kind;
    let kind = |text: &str| parse(text).errors().next().map(|d| d.kind);
    let deep = |open: &str| format!("SELECT * FROM hexads WHERE {}", open.repeat(10_000));
    for open in ["(", "NOT ", "VERIFIED(", "f(", "HEXAD : {h : B | "] {
        assert_eq!(kind(&deep(open)), Some(Kind::NestingTooDeep), "{open}");
    }
    let arrays = format!("SELECT * FROM hexads WHERE x = {}", "[".repeat(10_000));
    assert_eq!(kind(&arrays), Some(Kind::NestingTooDeep));
    assert_eq!(kind(&"EXPLAIN ".repeat(10_000)), Some(Kind::NestingTooDeep));
    let large = format!("SELECT * FROM hexads WHERE a IN ({}1)", "1,".repeat(600_000));
    assert_eq!(kind(&large), Some(Kind::StatementTooLarge));
    let many = format!("SELECT * FROM hexads WHERE a = 1{}", " AND b = 2".repeat(20_000));
    assert_eq!(kind(&many), None);
    let deepest = format!("SELECT * FROM hexads WHERE {}a = 1{}", "(".repeat(60), ")".repeat(60));
    survives(&deepest);
}

/// Quotes that never close must not make the lexer look at the rest of the text again and again.
#[test]
fn adversarial_quotes_stay_linear() {
    survives(&"\\\"\n".repeat(20_000));
    survives(&"'\\'\n\"\\\"\n".repeat(10_000));
    survives(&"/* ".repeat(20_000));
    survives(&"verisim:a /* ".repeat(5_000));
}
