//! Class `kills`: eight writers in one process, which is killed at a random moment, again and again on the
//! same database. What it answered is known outside of it.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Child;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use vql::engine::Engine;

use crate::database::{self, said};
use crate::dice::Dice;
use crate::oracle::{Look, Oracle};
use crate::report::Report;
use crate::sandbox::Sandbox;
use crate::{Plan, child};

/// Writers in the process.
pub(crate) const WRITERS: u64 = 8;
/// Kills after which a new database is begun.
const PER_DATABASE: u64 = 25;

/// A writing process, and what it says.
pub(crate) struct Writing {
    process: Child,
    ear: JoinHandle<Vec<(String, Instant)>>,
}

impl Writing {
    /// Starts writers on the database `dir`.
    pub(crate) fn start(dir: &Path, mode: &str, seed: u64) -> Result<Self, String> {
        let arguments = child::writer_arguments(dir, mode, [seed, WRITERS, u64::MAX]);
        let mut process = child::command(&arguments).spawn().map_err(|e| e.to_string())?;
        let out = process.stdout.take().expect("it was asked for");
        let ear = thread::spawn(move || {
            let mut out = BufReader::new(out);
            let mut heard = Vec::new();
            let mut line = String::new();
            // A line without an end was cut off: it was not said.
            while out.read_line(&mut line).is_ok_and(|n| n > 0) && line.ends_with('\n') {
                heard.push((line.trim_end().to_owned(), Instant::now()));
                line.clear();
            }
            heard
        });
        Ok(Self { process, ear })
    }

    /// Kills it and tells the oracle what it had said.
    pub(crate) fn kill(mut self, oracle: &mut Oracle) -> Result<(), String> {
        self.process.kill().map_err(|e| e.to_string())?;
        self.process.wait().map_err(|e| e.to_string())?;
        let heard = self.ear.join().map_err(|_| "the ear panicked".to_owned())?;
        for (line, at) in heard {
            oracle.hear(&line, at);
        }
        Ok(())
    }
}

pub(crate) fn run(plan: &Plan) -> Report {
    let count = plan.count(50, 2_000);
    let mut report = Report::default();
    let mut at = 0;
    while at < count {
        let sandbox = Sandbox::new();
        let dir = sandbox.path("d.db");
        let mut oracle = Oracle::default();
        for n in at..count.min(at + PER_DATABASE) {
            let seed = plan.seed + n;
            if let Err(what) = cycle(&dir, seed, &mut oracle, &mut report) {
                // The database of a broken promise is no ground to go on from.
                let how = format!("kills --seed {} --count {}", plan.seed + at, n - at + 1);
                report.violation(how, what);
                break;
            }
        }
        at += PER_DATABASE;
    }
    report.count = count;
    report
}

fn cycle(dir: &Path, seed: u64, oracle: &mut Oracle, report: &mut Report) -> Result<(), String> {
    let writing = Writing::start(dir, "full", seed)?;
    thread::sleep(Duration::from_millis(30 + Dice::new(seed).below(400)));
    writing.kill(oracle)?;
    report.add("answers", oracle.answers);
    oracle.answers = 0;
    if let Some(fatal) = oracle.fatal.pop() {
        return Err(format!("a writer stopped: {fatal}"));
    }
    look(dir, oracle, Instant::now(), None, report).map(drop)
}

/// Opens what is left and compares it with what was answered.
pub(crate) fn look(
    dir: &Path,
    oracle: &mut Oracle,
    cut: Instant,
    forgiven: Option<Instant>,
    report: &mut Report,
) -> Result<Look, String> {
    let start = Instant::now();
    let engine = database::create(dir).map_err(|e| format!("opening: {}", said(&e)))?;
    report.time("recovery", start.elapsed());
    let replayed = engine.status().map_err(|e| said(&e))?.replayed;
    report.add("commits replayed", replayed);
    compare(&engine, oracle, cut, forgiven)
}

/// Compares what is there with what was answered.
pub(crate) fn compare(
    engine: &Engine,
    oracle: &mut Oracle,
    cut: Instant,
    forgiven: Option<Instant>,
) -> Result<Look, String> {
    let mut export = Vec::new();
    engine.export(&mut export, &mut |_| Ok(())).map_err(|e| said(&e))?;
    let faults = database::faults(engine).map_err(|e| said(&e))?;
    if let Some(first) = faults.first() {
        return Err(format!("CHECK INTEGRITY finds {} faults, the first: {first}", faults.len()));
    }
    oracle.look(&String::from_utf8_lossy(&export), cut, forgiven)
}
