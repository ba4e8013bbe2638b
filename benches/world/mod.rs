//! A small made-up database for the benches: every hexad has something in every modality, and the same
//! is made in every run.
#![allow(dead_code, reason = "each bench uses a part of it")]

use std::fmt::Write as _;
use std::sync::Arc;

use vql::config::{SystemClock, SystemRng};
use vql::engine::lang::{self, ast::Script};
use vql::engine::{
    Control, Engine, ImportOptions, Options, Params, Progress, Reject, Session, Watch,
};

/// Numbers in an embedding.
pub(crate) const DIMENSIONS: usize = 64;

/// An open database that goes away with it.
pub(crate) struct World {
    pub(crate) engine: Engine,
    session: Session,
    _place: tempfile::TempDir,
}

struct Nobody;

impl Watch for Nobody {
    fn progress(&mut self, _: &Progress) -> vql::engine::base::Result<()> {
        Ok(())
    }

    fn rejected(&mut self, reject: &Reject) -> vql::engine::base::Result<()> {
        let why = format!("a line is rejected: {reject:?}");
        Err(vql::engine::base::Error::new(vql::engine::base::Kind::InternalError, why))
    }
}

impl World {
    /// With so many hexads, searchable.
    pub(crate) fn new(size: usize) -> Self {
        let place = tempfile::tempdir().expect("a directory");
        let options = Options { create: true, unswept: true, ..Options::default() };
        let path = place.path().join("bench.db");
        let engine = Engine::open(&path, options, Arc::new(SystemClock), Arc::new(SystemRng))
            .expect("opens");
        let lines: String = (0..size).map(|n| line(n, size)).collect();
        engine
            .import(&mut lines.as_bytes(), &ImportOptions::default(), &mut Nobody)
            .expect("imports");
        engine.complete().expect("settles");
        let session = engine.session();
        Self { engine, session, _place: place }
    }

    /// Runs a statement that was parsed before; says how many rows it answered.
    pub(crate) fn run(&mut self, text: &str, script: &Script) -> usize {
        let statement = script.statements.first().expect("a statement");
        let outcome = self.session.execute(text, statement, &Params::new(), &Control::default());
        outcome.expect("the statement runs").rows.len()
    }
}

/// Parses one statement.
pub(crate) fn parsed(text: &str) -> Script {
    let parse = lang::parse(text);
    assert!(parse.diagnostics.is_empty(), "{text}: {:?}", parse.diagnostics);
    parse.script
}

/// The numbers of an embedding near one of eight corners.
pub(crate) fn embedding(n: usize) -> String {
    let corner = n % 8;
    let numbers = (0..DIMENSIONS).map(|d| {
        let base = if d % 8 == corner { 1.0 } else { 0.1 };
        format!("{:.3}", base + (n * 31 + d * 17) as f64 % 97.0 / 400.0)
    });
    numbers.collect::<Vec<_>>().join(",")
}

/// One hexad as a line of an import.
pub(crate) fn line(n: usize, size: usize) -> String {
    const WORDS: [&str; 12] = [
        "harbor", "tide", "river", "delta", "marsh", "current", "basin", "estuary", "shoal",
        "gauge", "flood", "ebb",
    ];
    let word = |k: usize| WORDS[(n * 7 + k * 5 + n / 12) % WORDS.len()];
    let body = (0..30).map(word).collect::<Vec<_>>().join(" ");
    let mut line = String::new();
    writeln!(
        line,
        "{{\"id\":\"h-{n:05}\",\"document\":{{\"title\":\"{} {}\",\"body\":\"{body}\",\
         \"year\":{},\"kind\":\"{}\"}},\"semantic\":{{\"types\":[\"bench:Kind{}\"]}},\
         \"vector\":{{\"embedding\":[{}]}},\
         \"tensor\":{{\"shape\":[2,2],\"dtype\":\"float32\",\"data\":[{n}.0,1.0,2.0,3.0]}},\
         \"spatial\":{{\"latitude\":{:.4},\"longitude\":{:.4}}},\
         \"graph\":[{{\"predicate\":\"LINKS\",\"target\":\"h-{:05}\"}},\
         {{\"predicate\":\"LINKS\",\"target\":\"h-{:05}\"}}]}}",
        word(1),
        word(2),
        1900 + n % 120,
        word(3),
        n % 9,
        embedding(n),
        (n * 37 % 1700) as f64 / 10.0 - 85.0,
        (n * 91 % 3500) as f64 / 10.0 - 175.0,
        (n * 13 + 1) % size,
        (n * 29 + 7) % size,
    )
    .expect("a String takes any text");
    line
}
