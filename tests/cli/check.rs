//! The checker against tables a user could have written (`tests/vql/check/*.vqlt`), and against a
//! conformance corpus where one is at hand.
//!
//! A table is a list of blocks between blank lines: a statement, then one line `=> ..` for everything
//! the checker finds, in its order, as `severity Kind@line:column`, or `=> ok`. `# database` on a line
//! of its own makes the file run against a small live catalog. With `VQL_BLESS` set the tables are
//! rewritten with what the checker says now; read the difference before committing it.

use std::fs;
use std::path::Path;

use vql::engine::base::Modality;
use vql::engine::base::span::Position;
use vql::engine::catalog::Snapshot;
use vql::engine::lang::lint;
use vql::engine::lang::parse::parse;
use vql::engine::lang::resolve::{Catalog, NoCatalog, Ty};

/// A live database with a few names.
fn database() -> Snapshot {
    let mut names = Snapshot::default();
    for (path, ty) in [
        ("title", Ty::Text),
        ("body", Ty::Text),
        ("year", Ty::Int),
        ("name", Ty::Text),
        ("section", Ty::Text),
        ("tags", Ty::List),
        ("author", Ty::Map),
        ("author.name", Ty::Text),
        ("mixed", Ty::Any),
    ] {
        names.note_type(Modality::Document, path, ty);
    }
    names.note_type(Modality::Semantic, "doi", Ty::Text);
    names.note_type(Modality::Graph, "CITES", Ty::Any);
    names.note_type(Modality::Vector, "embedding", Ty::Vector(Some(3)));
    names.contracts.insert("Fresh".to_owned());
    names.stores.insert("archive-1".to_owned());
    names.settings.insert("timeout_ms".to_owned());
    names
}

/// What the checker says about `text`, one line each.
fn said(text: &str, catalog: &dyn Catalog) -> Vec<String> {
    let parsed = parse(text);
    let found = lint::findings(text, &parsed, catalog);
    let mut lines: Vec<(u32, String)> = Vec::new();
    for d in found.iter().filter(|d| d.rule.is_none()) {
        let at = Position::of(text, d.span.start as usize);
        let line = format!("{} {}@{}:{}", d.severity.name(), d.kind.name(), at.line, at.column);
        lines.push((d.span.start, line));
    }
    lines.sort();
    let lines: Vec<String> = lines.into_iter().map(|(_, line)| line).collect();
    if lines.is_empty() { vec!["ok".to_owned()] } else { lines }
}

#[test]
fn tables() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vql/check");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    let mut wrong = Vec::new();
    let mut cases = 0;
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let live = text.lines().any(|line| line.trim() == "# database");
        let (snapshot, none) = (database(), NoCatalog);
        let catalog: &dyn Catalog = if live { &snapshot } else { &none };
        let mut blessed: Vec<String> = Vec::new();
        for block in text.trim_end().split("\n\n") {
            let (expected, lines): (Vec<&str>, Vec<&str>) =
                block.lines().partition(|line| line.starts_with("=> "));
            let statement: Vec<&str> =
                lines.iter().copied().filter(|line| !line.starts_with('#')).collect();
            if statement.is_empty() {
                blessed.push(block.to_owned());
                continue;
            }
            cases += 1;
            let expected: Vec<&str> = expected.iter().map(|line| line[3..].trim()).collect();
            let got = said(&statement.join("\n"), catalog);
            if got != expected {
                let name = file.file_name().unwrap().to_string_lossy();
                wrong.push(format!("{name}: {}\n  said {got:?}", statement.join("\n")));
            }
            let got: Vec<String> = got.iter().map(|line| format!("=> {line}")).collect();
            blessed.push(format!("{}\n{}", lines.join("\n"), got.join("\n")));
        }
        if std::env::var_os("VQL_BLESS").is_some() {
            fs::write(&file, blessed.join("\n\n") + "\n").unwrap();
        }
    }
    assert!(cases > 0);
    assert!(wrong.is_empty(), "{} of {cases}:\n{}", wrong.len(), wrong.join("\n"));
}

/// Where documents contradict each other and the larger set was chosen.
const ACCEPTED: [&str; 2] = ["ORDER-NOT-SELECTED", "PROOF-MODALITY"];

/// Runs when `VQL_CORPUS` names a folder of statements with JSON sidecars.
#[test]
fn corpus() {
    let Some(folder) = std::env::var_os("VQL_CORPUS") else { return };
    let mut wrong = Vec::new();
    for part in ["cases", "mutants"] {
        let Ok(entries) = fs::read_dir(Path::new(&folder).join(part)) else { continue };
        for path in
            entries.map(|e| e.unwrap().path()).filter(|p| p.extension().is_some_and(|e| e == "vql"))
        {
            let text = fs::read_to_string(&path).unwrap();
            let sidecar = fs::read_to_string(path.with_extension("json")).unwrap();
            let sidecar: serde_json::Value = serde_json::from_str(&sidecar).unwrap();
            let found = lint::findings(&text, &parse(&text), &NoCatalog);
            let rejected = found.iter().any(lint::rejects);
            let wanted = sidecar["expect"] == "reject"
                && sidecar["reject_phase"] != "runtime"
                && !ACCEPTED.iter().any(|id| sidecar["contested"] == *id);
            let either = sidecar["reject_phase"] == "runtime" && sidecar["parse_reject_ok"] == true;
            // A server's answer, not a kind.
            let kind = sidecar["error"]["kind"].as_str().filter(|kind| *kind != "BadRequest");
            let hit = kind.is_none_or(|k| found.iter().any(|d| d.kind.name() == k));
            let named = |key: &str| -> Vec<String> {
                let list = sidecar["lint"][key].as_array().cloned().unwrap_or_default();
                list.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect()
            };
            let has = |rule: &String| found.iter().any(|d| d.rule == Some(rule.as_str()));
            let linted = named("must").iter().all(has) && !named("must_not").iter().any(has);
            if (rejected != wanted && !either) || (wanted && !hit) || !linted {
                let names: Vec<_> =
                    found.iter().map(|d| format!("{} {}", d.severity.name(), d.name())).collect();
                wrong.push(format!(
                    "{} want {wanted} {kind:?} contested {} got {names:?}",
                    path.file_stem().unwrap().to_string_lossy(),
                    sidecar["contested"]
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

/// Words that make statements and nonsense.
const WORDS: &[&str] = &[
    "SELECT",
    "FROM",
    "hexads",
    "WHERE",
    "AND",
    "OR",
    "NOT",
    "GROUP BY",
    "HAVING",
    "ORDER BY",
    "LIMIT",
    "HEXAD",
    "a-1",
    "DOCUMENT",
    "VECTOR",
    "GRAPH.degree",
    "DOCUMENT.title",
    "h.embedding",
    "paper.year",
    "SIMILAR TO",
    "NEAREST 3",
    "[0.1, 0.2]",
    "[]",
    "...",
    "==",
    ">",
    "LIKE",
    "MATCHES /a(/",
    "IN (1, 'x')",
    "COUNT(*)",
    "SUM(*)",
    "AVG(DOCUMENT.title)",
    "FIELD count",
    "AS OF",
    "'yesterday'",
    "2026-02-31",
    "(h)-[:CITES*2..1]->(paper)",
    "DRIFT",
    "(VECTOR, DOCUMENT)",
    "CONSISTENT",
    "USING",
    "COSINE",
    "WITHIN RADIUS(99, 1, 5)",
    "PROOF",
    "EXISTENCE",
    "NONSENSE(x)",
    "INSERT",
    "WITH",
    "TENSOR([2], [1])",
    "INTO",
    "VALUES",
    "(1, 2)",
    "UPDATE",
    "SET",
    "=",
    "'x'",
    "5",
    "$p",
    ",",
    "(",
    ")",
    ";",
    "EXPLAIN",
    "now()",
    "- INTERVAL 'x'",
    "coherence(1)",
    "AS n",
    "n",
    "UNION",
    "-- vql: allow(VQL001)\n",
];

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(500))]

    #[test]
    fn nonsense_is_reported_inside_the_text(
        picks in proptest::collection::vec(0..WORDS.len(), 1..40),
    ) {
        let words: Vec<&str> = picks.iter().map(|pick| WORDS[*pick]).collect();
        let text = words.join(" ");
        let database = database();
        let catalogs: [&dyn Catalog; 2] = [&NoCatalog, &database];
        for catalog in catalogs {
            for found in lint::findings(&text, &parse(&text), catalog) {
                proptest::prop_assert!(found.span.start <= found.span.end, "{text}");
                proptest::prop_assert!(found.span.end as usize <= text.len(), "{text}");
            }
        }
    }
}
