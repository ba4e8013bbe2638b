//! Class `images`: torn, dropped and reordered unsynced writes. A program writes once while its calls are
//! recorded; then, for every seed, the disk after a power cut at some call is made up from them and
//! opened. The state must be an acknowledged prefix, never less than the last answer.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use vql::engine::Engine;

use crate::child;
use crate::database::{self, Truth, said};
use crate::dice::Dice;
use crate::disk::Disk;
use crate::kills::{self, WRITERS};
use crate::oracle::Oracle;
use crate::program;
use crate::report::Report;
use crate::sandbox::Sandbox;
use crate::trace::{self, Event};
use crate::{Plan, workers, world};

/// What a run did.
struct Recording {
    name: &'static str,
    root: PathBuf,
    events: Vec<Event>,
    what: What,
}

/// What must be left of it.
enum What {
    /// The state after one of the statements of a script; none that was answered is missing if `full`.
    Script { truth: Truth, answered: Vec<usize>, full: bool },
    /// What many writers at once said.
    Writers,
}

struct Cut<'a> {
    recording: &'a Recording,
    seed: u64,
}

/// Writes each of the writers tries.
const TRIES: u64 = 30;

/// Disks between two recordings of the state of the disk.
const STRIDE: usize = 64;

pub(crate) fn run(plan: &Plan) -> Report {
    if let Some(why) = trace::missing() {
        return Report::skip(why);
    }
    let count = plan.count(2_000, 200_000);
    let sandbox = Sandbox::new();
    let mut report = Report::default();
    let names: Vec<_> =
        ["full", "writers", "50", "off"].into_iter().filter(|name| plan.wants(name)).collect();
    for name in names {
        let recorded = match name {
            "writers" => record_writers(&sandbox, plan),
            mode => record_script(&sandbox, mode),
        };
        match recorded {
            Ok(recording) => {
                let share = if plan.exact() { count } else { count / 4 };
                report.merge(cuts(plan, &recording, share, &sandbox));
                report.add("calls recorded", recording.events.len() as u64);
            }
            Err(why) => report.violation(format!("recording {name}"), why),
        }
    }
    report
}

fn cuts(plan: &Plan, recording: &Recording, count: u64, sandbox: &Sandbox) -> Report {
    let jobs: Vec<Cut<'_>> = (0..count).map(|n| Cut { recording, seed: plan.seed + n }).collect();
    let stops = recording.stops();
    let mut report = workers::each(&jobs, Cut::name, |worker, cut, report| {
        let dir = sandbox.path(&format!("w{worker}")).join("d.db");
        if let Err(what) = cut.run(&stops, &dir, report) {
            report.violation(cut.name(), what);
        }
    });
    report.count = count;
    report
}

fn record_script(sandbox: &Sandbox, mode: &'static str) -> Result<Recording, String> {
    let truth = Truth::of(world::script(1, 2), &sandbox.path(&format!("truth-{mode}")))?;
    let root = sandbox.path(&format!("recorded-{mode}")).join("d.db");
    let arguments = child::script_arguments(&root, mode);
    let events = record(sandbox, &root, &arguments, &truth.text())?;
    let mut answered = Vec::with_capacity(events.len() + 1);
    let mut lines = 0;
    for event in &events {
        answered.push(lines);
        if let Event::Print(bytes) = event {
            lines += String::from_utf8_lossy(bytes).matches('\n').count();
        }
    }
    answered.push(lines);
    if lines != truth.script.len() {
        return Err(format!("{lines} answers to {} statements", truth.script.len()));
    }
    let what = What::Script { truth, answered, full: mode == "full" };
    Ok(Recording { name: mode, root, events, what })
}

/// Another run of the writers for every first seed: they never do the same twice.
fn record_writers(sandbox: &Sandbox, plan: &Plan) -> Result<Recording, String> {
    let root = sandbox.path("recorded-writers").join("d.db");
    let arguments = child::writer_arguments(&root, "full", [plan.seed, WRITERS, TRIES]);
    let events = record(sandbox, &root, &arguments, "")?;
    Ok(Recording { name: "writers", root, events, what: What::Writers })
}

/// Runs a child while its calls are recorded.
fn record(
    sandbox: &Sandbox,
    root: &Path,
    arguments: &[String],
    input: &str,
) -> Result<Vec<Event>, String> {
    let log = sandbox.path("trace");
    fs::create_dir_all(root.parent().expect("it has one")).map_err(|e| e.to_string())?;
    let mut command = trace::traced(&child::program(), &log);
    let ended = program::run(command.args(arguments), input)?;
    if ended.status != Some(0) {
        return Err(format!("{}{}", ended.out, ended.err));
    }
    Ok(trace::read(&fs::read_to_string(&log).map_err(|e| e.to_string())?))
}

impl Recording {
    /// The disk before every `STRIDE`th event.
    fn stops(&self) -> Vec<Disk> {
        let mut disk = Disk::new(&self.root);
        // The directory the database is in was there before.
        let mut stops = Vec::new();
        for (n, event) in self.events.iter().enumerate() {
            if n % STRIDE == 0 {
                stops.push(disk.clone());
            }
            disk.follow(event);
        }
        stops.push(disk);
        stops
    }
}

impl Recording {
    /// Compares what is left after a cut before event `point` with what was said by then.
    fn check(&self, engine: &Engine, point: usize, report: &mut Report) -> Result<(), String> {
        match &self.what {
            What::Script { truth, answered, full } => {
                let answered = answered[point];
                let found = database::sound_contents(engine)?;
                let least = if *full { answered } else { 0 };
                let place = truth.place(&found, least, answered + 1)?;
                report.add(
                    match place {
                        _ if place < answered => "lost within the window",
                        _ if place == answered => "whole",
                        _ => "whole and the one under way",
                    },
                    1,
                );
            }
            What::Writers => {
                let mut said = Vec::new();
                for event in &self.events[..point] {
                    if let Event::Print(bytes) = event {
                        said.extend_from_slice(bytes);
                    }
                }
                let mut oracle = Oracle::default();
                let now = Instant::now();
                for line in String::from_utf8_lossy(&said).split_inclusive('\n') {
                    oracle.hear(line.trim_end(), now);
                }
                kills::compare(engine, &mut oracle, now, None)?;
                report.add("whole", 1);
            }
        }
        Ok(())
    }
}

impl Cut<'_> {
    fn name(&self) -> String {
        format!("images --only {} --seed {} --count 1", self.recording.name, self.seed)
    }

    fn run(&self, stops: &[Disk], dir: &Path, report: &mut Report) -> Result<(), String> {
        let recording = self.recording;
        let mut dice = Dice::new(self.seed);
        let point = dice.below(recording.events.len() as u64 + 1) as usize;
        let mut disk = stops[point / STRIDE].clone();
        for event in &recording.events[point / STRIDE * STRIDE..point] {
            disk.follow(event);
        }
        disk.image(&mut dice, dir).map_err(|e| e.to_string())?;
        let start = Instant::now();
        let engine = database::create(dir).map_err(|e| said(&e));
        report.time("recovery", start.elapsed());
        engine
            .and_then(|engine| recording.check(&engine, point, report))
            .map_err(|what| format!("cut before call {point}: {what}"))
    }
}
