//! `vql bench`: measures this machine's vql beside the same work done by others, in one run, on
//! deterministic data. Timing lives here and nowhere in the tests.

use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use super::args::{BenchArgs, Format};
use super::error::{CmdError, Result};
use super::exit::ExitStatus;
use super::repl::params::typed;
use super::ui::Ui;
use crate::config::Config;
use crate::engine::outcome::Params;

mod bar;
#[cfg(feature = "peers")]
mod by_hand;
mod calibrate;
mod compare;
mod data;
mod drift;
mod html;
mod instructions;
mod language;
mod machine;
mod measure;
mod ours;
mod own;
mod peer;
mod question;
mod report;
mod subject;
mod suite;
mod truth;

use self::compare::Comparison;
use self::data::Source;
use self::peer::{Making, Wish};
use self::report::{Named, Report, Run};
use self::subject::Subject;
use self::suite::Runner;

/// The suites, in the order they run.
pub(crate) const SUITES: &[&str] = &[
    "load",
    "insert",
    "writers",
    "get",
    "knn",
    "knn-filtered",
    "text",
    "hops",
    "hybrid",
    "aggregate",
    "as-of",
    "mixed",
    "recovery",
    "plan",
    "parse",
    "fmt",
];

/// Those of them that need no database.
const WITHOUT_DATABASE: &[&str] = &["parse", "fmt"];

/// The suite that stands alone: it measures how well, not how fast.
const DRIFT: &str = "drift";

/// The word for measuring what plans are chosen by, with `--database` for the planner of that one.
const CALIBRATE: &str = "calibrate";

/// The word that stands before the cases whose instructions are counted.
const INSTRUCTIONS: &str = "instructions";

/// Runs the suites asked for.
pub(crate) fn run(
    args: &BenchArgs,
    config: &Config,
    params: &[(String, String)],
    ui: &mut Ui,
) -> Result<ExitStatus> {
    if args.suite.first().is_some_and(|suite| suite == INSTRUCTIONS) {
        return counted(args, ui);
    }
    if args.suite.first().is_some_and(|suite| suite == CALIBRATE) {
        return calibrated(args, config, ui);
    }
    let wishes = wishes(args)?;
    // What it is compared with is read before anything is measured: it may not be there.
    let old = args.compare.as_deref().map(earlier).transpose()?;
    if let (Some(database), Some(queries)) = (&args.database, &args.queries) {
        let report = own_statements(args, (database, queries), params, ui)?;
        return told(args, &report, old.as_ref(), config, ui);
    }
    let place = scratch(args)?;
    let result = if args.suite.iter().any(|suite| suite == DRIFT) {
        drift::run(args, &place, config, ui)
    } else {
        measured(args, &wishes, &place, ui)
            .and_then(|report| told(args, &report, old.as_ref(), config, ui))
    };
    if args.keep {
        ui.note(&format!("the databases are kept in {}", place.display()));
    } else {
        std::fs::remove_dir_all(&place).ok();
    }
    result
}

/// Measures the prices plans are chosen by.
fn calibrated(args: &BenchArgs, config: &Config, ui: &mut Ui) -> Result<ExitStatus> {
    if args.suite.len() > 1 {
        return Err(CmdError::usage("`calibrate` is measured alone"));
    }
    let place = scratch(args)?;
    let result = calibrate::run(args, &place, config, ui);
    std::fs::remove_dir_all(&place).ok();
    result
}

/// Does the work of one case for whoever counts instructions, or lists the cases.
fn counted(args: &BenchArgs, ui: &mut Ui) -> Result<ExitStatus> {
    let [_, case] = args.suite.as_slice() else {
        ui.print(&format!("{}\n", instructions::CASES.join("\n")))?;
        return Ok(ExitStatus::Ok);
    };
    let place = scratch(args)?;
    let done = instructions::run(case, &place).map_err(failed);
    std::fs::remove_dir_all(&place).ok();
    done.map(|()| ExitStatus::Ok)
}

/// Refuses what makes no sense; answers what to measure against.
fn wishes(args: &BenchArgs) -> Result<Vec<Wish>> {
    let drift = args.suite.iter().any(|suite| suite == DRIFT);
    if drift && args.suite.len() > 1 {
        return Err(CmdError::usage("`drift` is measured alone"));
    }
    if !drift && !args.data.is_empty() {
        return Err(CmdError::usage("`--data` is for `vql bench drift`"));
    }
    for suite in &args.suite {
        if !drift && !SUITES.contains(&suite.as_str()) {
            return Err(CmdError::usage(format!("no suite is called `{suite}`"))
                .hint(format!("the suites are {}, {DRIFT}", SUITES.join(", "))));
        }
    }
    if args.database.is_some() && args.queries.is_none() {
        return Err(CmdError::usage("`--database` goes with `--queries`, or with `calibrate`"));
    }
    if args.database.is_some() && !args.suite.is_empty() {
        return Err(CmdError::usage("the suites are of generated data").hint(
            "with `--database` and `--queries` only the statements of the file are measured",
        ));
    }
    if args.size.is_empty() || args.size.contains(&0) {
        return Err(CmdError::usage("there is nothing to measure on 0 hexads"));
    }
    let words = match (args.alone, args.against.as_slice()) {
        (true, _) => Vec::new(),
        (false, []) if cfg!(feature = "peers") => vec!["sqlite".to_owned()],
        (false, words) => words.to_vec(),
    };
    peer::wishes(&words)
        .map_err(|why| CmdError::usage(why).hint(format!("it may be {}", peer::known())))
}

#[expect(clippy::needless_pass_by_value, reason = "it stands where errors are mapped")]
fn failed(error: Box<dyn std::error::Error + Send + Sync>) -> CmdError {
    CmdError::new(
        ExitStatus::Failed,
        format!("the benchmark stopped: {}", subject::whole(error.as_ref())),
    )
}

fn own_statements(
    args: &BenchArgs,
    (database, queries): (&Path, &Path),
    params: &[(String, String)],
    ui: &mut Ui,
) -> Result<Report> {
    let params: Params = params.iter().map(|(name, text)| (name.clone(), typed(text))).collect();
    let findings = own::run(database, queries, &params, &mut |what| ui.detail(what))?;
    let settings = format!("vql {}, {}", env!("CARGO_PKG_VERSION"), database.display());
    Ok(Report {
        subjects: vec![Named { name: "vql", remote: false, settings }],
        dimensions: args.dimensions,
        seed: args.seed,
        runs: vec![Run { size: None, findings, memory: measure::peak_memory() }],
    })
}

fn measured(args: &BenchArgs, wishes: &[Wish], place: &Path, ui: &mut Ui) -> Result<Report> {
    let wanted = |suite: &str| args.suite.is_empty() || args.suite.iter().any(|s| s == suite);
    let mut report =
        Report { subjects: Vec::new(), dimensions: args.dimensions, seed: args.seed, runs: vec![] };
    let needless = |suite: &String| WITHOUT_DATABASE.contains(&suite.as_str());
    let stored = args.suite.is_empty() || !args.suite.iter().all(needless);
    for size in args.size.iter().take(if stored { usize::MAX } else { 1 }) {
        let place = place.join(size.to_string());
        std::fs::create_dir_all(&place).map_err(|e| CmdError::file("create", &place, &e))?;
        let mut run = Run { size: Some(*size), findings: Vec::new(), memory: 0 };
        if stored {
            run.findings =
                of_size(args, wishes, (*size, &place), &mut report, ui).map_err(failed)?;
        } else {
            report.subjects = vec![Named {
                name: "vql",
                remote: false,
                settings: format!("vql {}", env!("CARGO_PKG_VERSION")),
            }];
        }
        if report.runs.is_empty() {
            run.findings.extend(language::run(&wanted).map_err(failed)?);
        }
        run.memory = measure::peak_memory();
        report.runs.push(run);
        if !args.keep {
            std::fs::remove_dir_all(&place).ok();
        }
    }
    Ok(report)
}

fn of_size(
    args: &BenchArgs,
    wishes: &[Wish],
    (size, place): (usize, &Path),
    report: &mut Report,
    ui: &mut Ui,
) -> subject::Result<Vec<suite::Finding>> {
    let wanted = |suite: &str| args.suite.is_empty() || args.suite.iter().any(|s| s == suite);
    let source = Source::new(args.seed, size, args.dimensions);
    let with = Making { place, source: &source, dimensions: args.dimensions, keep: args.keep };
    let mut subjects: Vec<Box<dyn Subject>> =
        vec![Box::new(ours::Ours::create(&place.join("vql.db"))?)];
    for wish in wishes {
        subjects.push(peer::make(wish, &with)?);
    }
    let mut progress = |what: &str| ui.detail(what);
    let mut runner = Runner {
        subjects,
        source: source.clone(),
        size,
        inserted: 0,
        findings: Vec::new(),
        checks: Vec::new(),
        progress: &mut progress,
    };
    runner.run(&wanted, place)?;
    let named = |subject: &dyn Subject| Named {
        name: subject.name(),
        remote: subject.remote(),
        settings: subject.settings(),
    };
    report.subjects = runner.subjects.iter().map(|subject| named(subject.as_ref())).collect();
    Ok(runner.findings)
}

/// Says what was found, draws it, compares it.
fn told(
    args: &BenchArgs,
    report: &Report,
    old: Option<&(PathBuf, Json)>,
    config: &Config,
    ui: &mut Ui,
) -> Result<ExitStatus> {
    let mut document = report.json();
    let comparison = match old {
        Some((path, old)) => Some(Comparison::of(old, &document).map_err(|why| {
            CmdError::usage(format!("cannot compare with `{}`: {why}", path.display()))
        })?),
        None => None,
    };
    if let Some(comparison) = &comparison {
        document["comparison"] = comparison.json();
    }
    if let Some(Format::Json | Format::Jsonl) = config.format.value {
        ui.print(&format!("{document}\n"))?;
    } else {
        ui.print(&report.table())?;
        if let Some(comparison) = &comparison {
            ui.print(&format!("\n{}", comparison.shown()))?;
        }
    }
    if let Some(path) = &args.html {
        std::fs::write(path, html::page(&document))
            .map_err(|e| CmdError::file("write", path, &e))?;
    }
    let worse = comparison.is_some_and(|comparison| comparison.worse());
    Ok(if worse { ExitStatus::Failed } else { ExitStatus::Ok })
}

/// The document of an earlier run.
fn earlier(path: &Path) -> Result<(PathBuf, Json)> {
    let text = std::fs::read_to_string(path).map_err(|e| CmdError::file("read", path, &e))?;
    let json = serde_json::from_str(&text).map_err(|e| {
        CmdError::usage(format!("`{}` is not the JSON of a benchmark: {e}", path.display()))
    })?;
    Ok((path.to_owned(), json))
}

/// A new directory for the databases of this run.
fn scratch(args: &BenchArgs) -> Result<PathBuf> {
    let parent = args.dir.clone().unwrap_or_else(std::env::temp_dir);
    let place = parent.join(format!("vql-bench-{}", std::process::id()));
    std::fs::create_dir_all(&place).map_err(|e| CmdError::file("create", &place, &e))?;
    Ok(place)
}
