//! Plans as data: what `EXPLAIN` says for each `tests/plan/NAME_input.vql` stands in
//! `NAME_plan.txt`. The database is `fixture.vql`, settled, so the estimates are exact numbers.
//!
//! A changed plan is a changed promise: `VQL_BLESS=1` writes the files; read the difference.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use vql::engine::Params;

use crate::suite::Database;

/// The plan of a statement as lines of text.
fn plan(database: &mut Database, text: &str) -> String {
    let answer = database.run(text, &Params::new());
    let mut plan = String::new();
    for line in answer.lines().filter(|line| *line != "plan") {
        let shown = serde_json::from_str::<String>(line).unwrap_or_else(|_| line.to_owned());
        writeln!(plan, "{shown}").unwrap();
    }
    plan
}

fn inputs(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with("_input.vql"))
        .collect();
    found.sort();
    found
}

#[test]
fn queries_are_planned_as_written_down() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plan");
    let mut database = Database::new();
    let fixture = std::fs::read_to_string(folder.join("fixture.vql")).unwrap();
    let answer = database.run(&fixture, &Params::new());
    assert!(!answer.starts_with("error"), "{answer}");
    database.settle(true);
    let bless = std::env::var("VQL_BLESS").is_ok();
    let mut faults = String::new();
    let inputs = inputs(&folder);
    assert!(inputs.len() >= 15, "{} plans", inputs.len());
    for input in inputs {
        let got = plan(&mut database, &std::fs::read_to_string(&input).unwrap());
        let expected = PathBuf::from(input.to_string_lossy().replace("_input.vql", "_plan.txt"));
        if bless {
            std::fs::write(&expected, &got).unwrap();
        } else if std::fs::read_to_string(&expected).unwrap_or_default() != got {
            writeln!(faults, "{}\n{got}", expected.display()).unwrap();
        }
        assert!(!got.starts_with("error"), "{}: {got}", input.display());
    }
    assert!(faults.is_empty(), "{faults}");
}
