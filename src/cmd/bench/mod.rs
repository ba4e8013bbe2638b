//! `vql bench`: measures this machine's vql beside the same work done by hand on plain `SQLite`,
//! in one run, on deterministic data. Timing lives here and nowhere in the tests.

use std::path::Path;

use super::args::{BenchArgs, Format};
use super::error::{CmdError, Result};
use super::exit::ExitStatus;
use super::ui::Ui;
use crate::config::Config;

#[cfg(feature = "peers")]
mod by_hand;
mod data;
mod drift;
mod language;
mod measure;
mod ours;
mod report;
mod subject;
mod suite;

use self::data::Source;
use self::report::Setting;
use self::subject::Subject;
use self::suite::Runner;

/// The suites, in the order they run.
pub(crate) const SUITES: &[&str] =
    &["load", "insert", "get", "knn", "knn-filtered", "text", "2-hop", "hybrid", "parse", "fmt"];

/// Those of them that need no database.
const WITHOUT_DATABASE: &[&str] = &["parse", "fmt"];

/// The suite that stands alone: it measures how well, not how fast.
const DRIFT: &str = "drift";

/// Runs the suites asked for.
pub(crate) fn run(args: &BenchArgs, config: &Config, ui: &mut Ui) -> Result<ExitStatus> {
    let drift = args.suite.iter().any(|suite| suite == DRIFT);
    if drift && args.suite.len() > 1 {
        return Err(CmdError::usage("`drift` is measured alone"));
    }
    if !drift && !args.data.is_empty() {
        return Err(CmdError::usage("`--data` is for `vql bench drift`"));
    }
    let suites = if drift { &[] } else { args.suite.as_slice() };
    for suite in suites {
        if !SUITES.contains(&suite.as_str()) {
            return Err(CmdError::usage(format!("no suite is called `{suite}`"))
                .hint(format!("the suites are {}, {DRIFT}", SUITES.join(", "))));
        }
    }
    let place = scratch(args)?;
    let result = if drift {
        drift::run(args, &place, config, ui)
    } else {
        measured(args, &place, config, ui).map(|()| ExitStatus::Ok)
    };
    if args.keep {
        ui.note(&format!("the databases are kept in {}", place.display()));
    } else {
        std::fs::remove_dir_all(&place).ok();
    }
    result
}

fn measured(args: &BenchArgs, place: &Path, config: &Config, ui: &mut Ui) -> Result<()> {
    let failed = |error: Box<dyn std::error::Error>| {
        CmdError::new(ExitStatus::Failed, format!("the benchmark stopped: {error}"))
    };
    let subjects = subjects(args, place).map_err(failed)?;
    let names: Vec<_> = subjects.iter().map(|subject| subject.name()).collect();
    let wanted = |suite: &str| args.suite.is_empty() || args.suite.iter().any(|s| s == suite);
    let mut findings = Vec::new();
    let needless = |suite: &String| WITHOUT_DATABASE.contains(&suite.as_str());
    if args.suite.is_empty() || !args.suite.iter().all(needless) {
        let mut progress = |what: &str| ui.detail(what);
        let mut runner = Runner {
            subjects,
            source: Source::new(args.seed, args.size, args.dimensions),
            size: args.size,
            inserted: 0,
            progress: &mut progress,
        };
        let load = runner.load().map_err(failed)?;
        if wanted("load") {
            findings.push(load);
        }
        if wanted("insert") {
            findings.push(runner.insert().map_err(failed)?);
        }
        findings.extend(runner.reads(&wanted).map_err(failed)?);
    }
    findings.extend(language::run(&wanted).map_err(failed)?);
    let setting = Setting {
        size: args.size,
        dimensions: args.dimensions,
        subjects: names,
        memory: measure::peak_memory(),
        machine: machine(),
    };
    match config.format.value {
        Some(Format::Json | Format::Jsonl) => {
            ui.print(&format!("{}\n", report::json(&setting, &findings)))
        }
        _ => ui.print(&report::table(&setting, &findings)),
    }
}

#[cfg(feature = "peers")]
fn subjects<'a>(args: &BenchArgs, place: &Path) -> subject::Result<Vec<Box<dyn Subject + 'a>>> {
    let mut subjects = ours(place)?;
    if !args.alone {
        let file = place.join("by-hand.sqlite");
        subjects.push(Box::new(by_hand::ByHand::create(&file, args.dimensions)?));
    }
    Ok(subjects)
}

/// Built without the others, we are measured alone.
#[cfg(not(feature = "peers"))]
fn subjects<'a>(_: &BenchArgs, place: &Path) -> subject::Result<Vec<Box<dyn Subject + 'a>>> {
    ours(place)
}

fn ours<'a>(place: &Path) -> subject::Result<Vec<Box<dyn Subject + 'a>>> {
    Ok(vec![Box::new(ours::Ours::create(&place.join("vql.db"))?)])
}

/// A new directory for the databases of this run.
fn scratch(args: &BenchArgs) -> Result<std::path::PathBuf> {
    let parent = args.dir.clone().unwrap_or_else(std::env::temp_dir);
    let place = parent.join(format!("vql-bench-{}", std::process::id()));
    std::fs::create_dir_all(&place).map_err(|e| CmdError::file("create", &place, &e))?;
    Ok(place)
}

/// The processor and how many of it.
fn machine() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info.lines().find_map(|line| line.strip_prefix("model name")?.split(": ").nth(1));
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    format!("{} ({cores} cores)", name.unwrap_or("unknown processor").trim())
}
