//! Runs `tests/vql/**/*.vqlt`: what the language answers, as data.
//!
//! A file is a list of blocks. `setup` begins a fresh database and runs its statements; `case NAME`
//! runs its statements and compares the answer of the last one with what stands under `----`: a line
//! of column names and a line of JSON values for each row, or `error Kind: part of the message`, or
//! `affected N`, or `ok`. `with NAME = JSON` in a case gives a parameter. Lines that start with `#` are
//! comments. Time stands still within a statement and moves a minute with each: the first statement
//! after `setup` runs at 2026-01-01T00:00:00Z.
//!
//! Every file runs twice: as written, and with the database closed, opened again and settled before
//! each case, so that indexes answer what the tail answered before. `VQL_BLESS=1` writes the answers
//! into the files instead of comparing them; read the difference before you keep it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use vql::engine::base::{Clock, Rng, Timestamp, Value};
use vql::engine::lang::parse;
use vql::engine::{Control, Engine, Options, Outcome, Params, Session};

const START: i64 = 1_767_225_600_000_000;
const MINUTE: i64 = 60_000_000;

struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }
}

struct Counter(AtomicU64);

impl Rng for Counter {
    fn bits(&self) -> u128 {
        u128::from(self.0.fetch_add(1, Ordering::Relaxed)) << 64
    }
}

/// One block of a file.
#[derive(Clone, Default)]
struct Block {
    /// The comments and blank lines above it.
    before: String,
    /// `setup`, `case NAME`.
    head: String,
    params: Vec<(String, String)>,
    text: String,
    expected: Option<String>,
}

/// A database of its own, with a clock and a chance that repeat.
pub(crate) struct Database {
    place: tempfile::TempDir,
    clock: Arc<Hands>,
    rng: Arc<Counter>,
    open: Option<(Engine, Session)>,
}

impl Database {
    pub(crate) fn new() -> Self {
        let mut database = Self {
            place: tempfile::tempdir().unwrap(),
            clock: Arc::new(Hands(AtomicI64::new(START - MINUTE))),
            rng: Arc::new(Counter(AtomicU64::new(1))),
            open: None,
        };
        database.open();
        database
    }

    fn open(&mut self) {
        let path = self.place.path().join("suite.db");
        let options = Options { create: true, sync: vql::engine::Sync::Off, ..Options::default() };
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let rng = Arc::clone(&self.rng) as Arc<dyn Rng>;
        let engine = Engine::open(&path, options, clock, rng).unwrap();
        let session = engine.session();
        self.open = Some((engine, session));
    }

    /// Lets the indexes catch up, in a database that was opened again if it is `fresh`.
    pub(crate) fn settle(&mut self, fresh: bool) {
        if fresh {
            self.reopen();
        }
        self.open.as_ref().unwrap().0.settle().unwrap();
    }

    fn reopen(&mut self) {
        // Prepared statements and settings end with their session, so it goes on where it can.
        let (engine, session) = self.open.take().unwrap();
        drop(session);
        engine.close().unwrap();
        drop(engine);
        self.open();
    }

    /// Runs statements and renders the answer of the last one, or the first error.
    pub(crate) fn run(&mut self, text: &str, params: &Params) -> String {
        let parsed = parse(text);
        if let Some(error) = parsed.errors().next() {
            return format!("error {}: {}\n", error.kind.name(), error.message);
        }
        let mut answer = String::from("ok\n");
        for statement in &parsed.script.statements {
            self.clock.0.fetch_add(MINUTE, Ordering::Relaxed);
            let session = &mut self.open.as_mut().unwrap().1;
            match session.execute(text, statement, params, &Control::default()) {
                Ok(outcome) => answer = render(&outcome),
                Err(error) => return format!("error {}: {}\n", error.kind.name(), error.message),
            }
        }
        answer
    }
}

fn render(outcome: &Outcome) -> String {
    let mut text = String::new();
    for notice in &outcome.notices {
        writeln!(text, "notice {}", notice.message).unwrap();
    }
    if let Some(affected) = outcome.affected {
        writeln!(text, "affected {affected}").unwrap();
    }
    if outcome.columns.is_empty() {
        if outcome.affected.is_none() {
            text.push_str("ok\n");
        }
        return text;
    }
    let names: Vec<&str> = outcome.columns.iter().map(|c| c.name.as_str()).collect();
    writeln!(text, "{}", names.join(" | ")).unwrap();
    for row in &outcome.rows {
        let cells: Vec<String> = row.iter().map(|v| v.to_json().to_string()).collect();
        writeln!(text, "{}", cells.join(" | ")).unwrap();
    }
    text
}

fn blocks(text: &str) -> (Vec<Block>, String) {
    let mut blocks: Vec<Block> = vec![];
    let mut before = String::new();
    let mut in_expected = false;
    for line in text.lines() {
        let head = line == "setup" || line.starts_with("case ");
        if head {
            let before = std::mem::take(&mut before);
            blocks.push(Block { before, head: line.to_owned(), ..Block::default() });
            in_expected = false;
        } else if line.starts_with('#') || (line.trim().is_empty() && in_expected) {
            in_expected = false;
            before.push_str(line);
            before.push('\n');
        } else if line.trim().is_empty() && !before.is_empty() {
            before.push('\n');
        } else if let Some(block) = blocks.last_mut().filter(|_| before.is_empty()) {
            if line == "----" {
                in_expected = true;
                block.expected = Some(String::new());
            } else if let Some(expected) = block.expected.as_mut() {
                expected.push_str(line);
                expected.push('\n');
            } else if let Some((name, value)) = line
                .strip_prefix("with ")
                .filter(|_| block.text.is_empty())
                .and_then(|rest| rest.split_once('='))
            {
                block.params.push((name.trim().to_owned(), value.trim().to_owned()));
            } else {
                block.text.push_str(line);
                block.text.push('\n');
            }
        } else if line.trim().is_empty() {
            before.push('\n');
        } else {
            panic!("a line outside of any block: {line}");
        }
    }
    (blocks, before)
}

fn value(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(b) => Value::Bool(*b),
        serde_json::Value::Number(n) => match n.as_i64() {
            Some(n) => Value::Int(n),
            None => Value::Float(n.as_f64().unwrap()),
        },
        serde_json::Value::String(s) => Value::Text(s.clone()),
        serde_json::Value::Array(items) => Value::List(items.iter().map(value).collect()),
        serde_json::Value::Object(map) => {
            Value::Map(map.iter().map(|(k, v)| (k.clone(), value(v))).collect())
        }
    }
}

/// Equal, but for the last digits of numbers, and a message may go on.
fn fits(expected: &str, got: &str) -> bool {
    let (mut a, mut b) = (expected.trim_end().lines(), got.trim_end().lines());
    loop {
        match (a.next(), b.next()) {
            (None, None) => return true,
            (Some(a), Some(b)) if line_fits(a, b) => {}
            _ => return false,
        }
    }
}

fn line_fits(expected: &str, got: &str) -> bool {
    if expected.starts_with("error ") {
        let (kind, part) = expected.split_once(": ").unwrap_or((expected, ""));
        return got.split_once(": ").is_some_and(|(k, m)| k == kind && m.contains(part));
    }
    if expected == got {
        return true;
    }
    let (a, b): (Vec<&str>, Vec<&str>) =
        (expected.split(" | ").collect(), got.split(" | ").collect());
    a.len() == b.len()
        && a.iter().zip(b).all(|(a, b)| {
            let parsed = |t: &str| serde_json::from_str::<serde_json::Value>(t).ok();
            *a == b || parsed(a).zip(parsed(b)).is_some_and(|(a, b)| json_fits(&a, &b))
        })
}

fn json_fits(a: &serde_json::Value, b: &serde_json::Value) -> bool {
    use serde_json::Value as J;
    match (a, b) {
        (J::Number(x), J::Number(y)) => {
            let (x, y) = (x.as_f64().unwrap(), y.as_f64().unwrap());
            (x - y).abs() <= 1e-5 * x.abs().max(y.abs()).max(1e-3)
        }
        (J::Array(x), J::Array(y)) => {
            x.len() == y.len() && x.iter().zip(y).all(|(x, y)| json_fits(x, y))
        }
        (J::Object(x), J::Object(y)) => {
            x.len() == y.len() && x.iter().all(|(k, v)| y.get(k).is_some_and(|w| json_fits(v, w)))
        }
        _ => a == b,
    }
}

/// Runs one file; with `cold`, the database is opened again before each case.
fn run_file(path: &Path, cold: bool, faults: &mut Vec<String>) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    let (blocks, rest) = blocks(&text);
    let mut database: Option<Database> = None;
    let mut blessed = String::new();
    let mut fresh = false;
    for block in blocks {
        let place = format!("{} [{}]", path.display(), block.head);
        if block.head == "setup" || database.is_none() {
            database = Some(Database::new());
        }
        let base = database.as_mut().unwrap();
        let params: Params = block
            .params
            .iter()
            .map(|(name, json)| (name.clone(), value(&serde_json::from_str(json).unwrap())))
            .collect();
        if cold && block.head != "setup" {
            base.settle(fresh);
        }
        fresh = block.head == "setup";
        let got = base.run(&block.text, &params);
        if block.head == "setup" {
            if got.starts_with("error") {
                faults.push(format!("{place}: {got}"));
            }
        } else if !fits(block.expected.as_deref().unwrap_or(""), &got) {
            let expected = block.expected.as_deref().unwrap_or("nothing\n");
            let how = if cold { ", opened again" } else { "" };
            faults.push(format!("{place}{how}\n{}expected\n{expected}got\n{got}", block.text));
        }
        let before = block.before.trim_start_matches('\n');
        if !blessed.is_empty() {
            blessed.push('\n');
        }
        blessed.push_str(before);
        writeln!(blessed, "{}", block.head).unwrap();
        for (name, json) in &block.params {
            writeln!(blessed, "with {name} = {json}").unwrap();
        }
        blessed.push_str(block.text.trim_end());
        blessed.push('\n');
        if block.head != "setup" {
            let keep = block.expected.filter(|expected| fits(expected, &got));
            write!(blessed, "----\n{}", keep.unwrap_or(got)).unwrap();
        }
    }
    blessed + &rest
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|e| e == "vqlt") {
            found.push(path);
        }
    }
}

fn run_all(cold: bool) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vql");
    let mut found = vec![];
    files(&root, &mut found);
    // Tables of the checker have a runner of their own.
    found.retain(|path| !path.starts_with(root.join("check")));
    found.sort();
    let only = std::env::var("VQL_SUITE").unwrap_or_default();
    let bless = std::env::var("VQL_BLESS").is_ok() && !cold;
    let mut faults = vec![];
    for path in found.iter().filter(|p| p.to_string_lossy().contains(&only)) {
        let blessed = run_file(path, cold, &mut faults);
        if bless {
            std::fs::write(path, blessed).unwrap();
        }
    }
    let broken = faults.iter().any(|f| f.contains("[setup]"));
    assert!(
        (bless && !broken) || faults.is_empty(),
        "{} cases fail\n\n{}",
        faults.len(),
        faults.join("\n")
    );
}

#[test]
fn the_language_answers_as_written() {
    run_all(false);
}

#[test]
fn indexes_answer_what_the_tail_answered() {
    run_all(true);
}
