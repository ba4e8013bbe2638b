//! `vql bench drift`: a share of the hexads of real or made-up data is harmed in a known way, then it is
//! counted how much of that is found, repaired, and proven to be repaired, and what else was touched.
//!
//! Every kind of harm has a database of its own, so that what is found can only be that. Everything is
//! asked with statements a user has; harm that no statement can do goes through `engine::sabotage`.

mod cost;
mod data;
mod harm;
mod report;
mod rules;
mod score;
mod world;

use std::path::{Path, PathBuf};

use crate::cmd::args::{BenchArgs, Format};
use crate::cmd::error::{CmdError, Result};
use crate::cmd::exit::ExitStatus;
use crate::cmd::ui::Ui;
use crate::config::Config;

use cost::Cost;
use harm::Kind;
use score::Finding;
use world::World;

/// Failures end the benchmark; the text is enough.
type Fallible<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Share of the hexads that are harmed.
const SHARE: f64 = 0.05;

/// What was found out about one set of data.
struct Measured {
    /// The file, or how much was made up.
    name: String,
    /// Hexads.
    hexads: usize,
    /// Of them, those that disagreed with themselves before anything was harmed.
    own: usize,
    /// One for each kind of harm; `None` where the data has nothing that could be harmed so.
    findings: Vec<(Kind, Option<Finding>)>,
    /// What all this costs those who are not looking for drift.
    cost: Cost,
}

/// Runs it on every file, or on generated data.
pub(super) fn run(
    args: &BenchArgs,
    place: &Path,
    config: &Config,
    ui: &mut Ui,
) -> Result<ExitStatus> {
    let failed = |error: Box<dyn std::error::Error>| {
        CmdError::new(ExitStatus::Failed, format!("the benchmark stopped: {error}"))
    };
    let files: Vec<Option<PathBuf>> = match args.data.as_slice() {
        [] => vec![None],
        files => files.iter().cloned().map(Some).collect(),
    };
    let mut all = Vec::new();
    for (number, file) in files.iter().enumerate() {
        let place = place.join(number.to_string());
        all.push(one(args, file.as_deref(), &place, ui).map_err(failed)?);
    }
    let missed: Vec<String> = all.iter().flat_map(report::missed).collect();
    match config.format.value {
        Some(Format::Json | Format::Jsonl) => {
            ui.print(&format!("{}\n", report::json(&all, &missed)))?;
        }
        _ => ui.print(&report::table(&all, &missed))?,
    }
    Ok(if missed.is_empty() { ExitStatus::Ok } else { ExitStatus::Failed })
}

fn one(args: &BenchArgs, file: Option<&Path>, place: &Path, ui: &mut Ui) -> Fallible<Measured> {
    let size = args.size.first().copied().unwrap_or_default();
    let name = match file {
        Some(file) => file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        None => format!("{size} generated"),
    };
    ui.detail(&format!("{name}: loading"));
    let base = place.join("base");
    let mut world = World::create(&base)?;
    match file {
        Some(file) => world.load(&mut *world::lines(file)?)?,
        None => world.load(&mut data::lines(size, args.seed).as_bytes())?,
    }
    let hexads = world.hexads()?;
    rules::declare(&mut world, &hexads)?;
    // Nothing has been measured yet.
    let sweep = cost::sweep(&world)?;
    let before = world.detect()?;
    world.close()?;
    let mut measured = Measured {
        name: name.clone(),
        hexads: hexads.len(),
        own: before.values().filter(|kinds| !kinds.is_empty()).count(),
        findings: Vec::new(),
        cost: Cost { sweep, ..Cost::default() },
    };
    ui.detail(&format!("{name}: writing"));
    let copy = place.join("writes");
    world::copy(&base, &copy)?;
    let mut world = World::open(&copy)?;
    (measured.cost.write, measured.cost.check) = cost::writes(&mut world, &hexads, args.seed)?;
    world.close()?;
    discard(args, &copy)?;
    for kind in Kind::ALL {
        ui.detail(&format!("{name}: {}", kind.name()));
        let copy = place.join(kind.name().replace(' ', "-"));
        world::copy(&base, &copy)?;
        let mut world = World::open(&copy)?;
        let count = (hexads.len() as f64 * SHARE).ceil() as usize;
        let harmed = harm::apply(kind, &mut world, &hexads, &before, count, args.seed)?;
        let finding = match harmed {
            harmed if harmed.is_empty() => None,
            harmed => Some(score::measure(kind, &mut world, &before, &harmed)?),
        };
        world.close()?;
        discard(args, &copy)?;
        measured.findings.push((kind, finding));
    }
    Ok(measured)
}

fn discard(args: &BenchArgs, copy: &Path) -> Fallible<()> {
    if !args.keep {
        std::fs::remove_dir_all(copy)?;
    }
    Ok(())
}
