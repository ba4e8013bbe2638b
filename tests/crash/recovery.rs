//! Class `recovery`: how long opening takes when all that was written since the last checkpoint has to come
//! from the log, as after a power cut. The promise is about the program as users have it; a debug build
//! only tells its times.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::database::{self, said};
use crate::report::Report;
use crate::sandbox::Sandbox;
use crate::{Plan, world};

/// Log a checkpoint leaves uncollected at most, by default.
const DEFAULT: u64 = 16 << 20;
/// Recovery at the default settings takes less.
const AT_DEFAULT: Duration = Duration::from_secs(2);
/// Recovery beyond takes less, for each 100 MB of log.
const PER_100_MB: f64 = 4.0;

/// A kind of log: how much of it, and the bytes of text of each hexad in it.
const QUICK: &[(u64, usize)] = &[(1 << 20, 100), (4 << 20, 20_000)];
const FULL: &[(u64, usize)] = &[(DEFAULT, 100), (DEFAULT, 20_000), (60 << 20, 2_000)];

pub(crate) fn run(plan: &Plan) -> Report {
    let kinds = if plan.count(0, 1) == 1 { FULL } else { QUICK };
    let mut report = Report::default();
    for (log, text) in kinds {
        report.count += 1;
        if let Err(what) = replay(*log, *text, &mut report) {
            report.violation(format!("recovery of {log} bytes of log, {text} each"), what);
        }
    }
    report
}

fn replay(log: u64, text: usize, report: &mut Report) -> Result<(), String> {
    let sandbox = Sandbox::new();
    let (live, left) = (sandbox.path("live"), sandbox.path("left"));
    let engine = database::create(&live).map_err(|e| said(&e))?;
    let mut session = engine.session();
    let insert = |n: u64| world::insert(&format!("h{n}"), n).replace(" text'", &words(n, text));
    database::execute(&mut session, &insert(0)).map_err(|e| said(&e))?;
    database::execute(&mut session, "CHECKPOINT").map_err(|e| said(&e))?;
    // What a power cut may leave: files as they were at the checkpoint, and all of the log.
    database::copy(&live, &left).map_err(|e| e.to_string())?;
    let mut hexads = 1;
    while folder(&live.join("log")) < log {
        database::execute(&mut session, &insert(hexads)).map_err(|e| said(&e))?;
        hexads += 1;
    }
    let bytes = folder(&live.join("log"));
    database::copy(&live.join("log"), &left.join("log")).map_err(|e| e.to_string())?;
    drop(session);
    drop(engine);
    let start = Instant::now();
    let engine = database::open(&left).map_err(|e| said(&e))?;
    let took = start.elapsed();
    let status = engine.status().map_err(|e| said(&e))?;
    if status.hexads != hexads || status.replayed < hexads - 1 {
        return Err(format!(
            "{} of {hexads} hexads, {} commits replayed",
            status.hexads, status.replayed
        ));
    }
    let per_100_mb = took.as_secs_f64() * 1e8 / bytes as f64;
    report.time(if bytes > 2 * DEFAULT { "replay of 60 MiB" } else { "replay" }, took);
    report.time("replay for each 100 MB", Duration::from_secs_f64(per_100_mb));
    report.add("commits replayed", status.replayed);
    let slow =
        if bytes <= DEFAULT + (1 << 20) { took > AT_DEFAULT } else { per_100_mb > PER_100_MB };
    if slow && !cfg!(debug_assertions) {
        return Err(format!("it takes {took:?} for {bytes} bytes of log"));
    }
    Ok(())
}

/// The end of a text, so long.
fn words(n: u64, bytes: usize) -> String {
    format!(" {}'", format!("and{n} ").repeat(bytes / 8))
}

/// Bytes of the files in a directory.
fn folder(dir: &Path) -> u64 {
    let files = fs::read_dir(dir).into_iter().flatten().flatten();
    files.filter_map(|entry| Some(entry.metadata().ok()?.len())).sum()
}
