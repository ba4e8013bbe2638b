//! Class `images`: torn, dropped and reordered unsynced writes. A program writes once while its calls are
//! recorded; then, for every seed, the disk after a power cut at some call is made up from them and
//! opened. The state must be an acknowledged prefix, never less than the last answer.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::child;
use crate::database::{self, Truth, said};
use crate::dice::Dice;
use crate::disk::Disk;
use crate::report::Report;
use crate::sandbox::Sandbox;
use crate::trace::{self, Event};
use crate::{Plan, workers, world};

/// What a run did, and what must be left of it.
struct Recording {
    mode: &'static str,
    root: PathBuf,
    truth: Truth,
    events: Vec<Event>,
    /// Answers before each event.
    answered: Vec<usize>,
}

struct Cut<'a> {
    recording: &'a Recording,
    seed: u64,
}

/// Disks between two recordings of the state of the disk.
const STRIDE: usize = 64;

pub(crate) fn run(plan: &Plan) -> Report {
    if let Some(why) = trace::missing() {
        return Report::skip(why);
    }
    let count = plan.count(2_000, 200_000);
    let sandbox = Sandbox::new();
    let mut report = Report::default();
    let modes: Vec<_> = ["full", "50", "off"].into_iter().filter(|m| plan.wants(m)).collect();
    for (n, mode) in modes.iter().enumerate() {
        let script = world::script(plan.script_seed(), 2);
        let recording = match record(&sandbox, mode, script) {
            Ok(recording) => recording,
            Err(why) => {
                report.violation(format!("recording {mode}"), why);
                continue;
            }
        };
        // Most of them in the mode that promises most.
        let share = if plan.exact() {
            count
        } else if n == 0 {
            count / 2
        } else {
            count / 4
        };
        report.merge(cuts(plan, &recording, share, &sandbox));
        report.add("calls recorded", recording.events.len() as u64);
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

/// Runs a script while its calls are recorded.
fn record(sandbox: &Sandbox, mode: &'static str, script: Vec<String>) -> Result<Recording, String> {
    let fail = |e: std::io::Error| e.to_string();
    let truth = Truth::of(script, &sandbox.path(&format!("truth-{mode}")))?;
    let log = sandbox.path("trace");
    let root = sandbox.path(&format!("recorded-{mode}")).join("d.db");
    fs::create_dir_all(root.parent().expect("it has one")).map_err(fail)?;
    let mut command = trace::traced(&child::program(), &log);
    command.args(child::script_arguments(&root, mode));
    command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
    let mut process = command.spawn().map_err(fail)?;
    let mut input = process.stdin.take().expect("it was asked for");
    input.write_all(truth.text().as_bytes()).map_err(fail)?;
    drop(input);
    let output = process.wait_with_output().map_err(fail)?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let events = trace::read(&fs::read_to_string(&log).map_err(fail)?);
    let mut answered = Vec::with_capacity(events.len() + 1);
    let mut lines = 0;
    for event in &events {
        answered.push(lines);
        if let Event::Print(bytes) = event {
            lines += bytes.iter().filter(|b| **b == b'\n').count();
        }
    }
    answered.push(lines);
    if lines != truth.script.len() {
        return Err(format!("{lines} answers to {} statements", truth.script.len()));
    }
    Ok(Recording { mode, root, truth, events, answered })
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

impl Cut<'_> {
    fn name(&self) -> String {
        format!("images --only {} --seed {} --count 1", self.recording.mode, self.seed)
    }

    fn run(&self, stops: &[Disk], dir: &Path, report: &mut Report) -> Result<(), String> {
        let recording = self.recording;
        let mut dice = Dice::new(self.seed);
        let point = dice.below(recording.events.len() as u64 + 1) as usize;
        let mut disk = stops[point / STRIDE].clone();
        for event in &recording.events[point / STRIDE * STRIDE..point] {
            disk.follow(event);
        }
        let answered = recording.answered[point];
        disk.image(&mut dice, dir).map_err(|e| e.to_string())?;
        let start = Instant::now();
        let engine = database::create(dir)
            .map_err(|e| format!("cut before call {point}, {answered} answers: {}", said(&e)))?;
        report.time("recovery", start.elapsed());
        let at = |what: String| format!("cut before call {point}, {answered} answers: {what}");
        let found = database::sound_contents(&engine).map_err(at)?;
        let least = if recording.mode == "full" { answered } else { 0 };
        let place = recording.truth.place(&found, least, answered + 1).map_err(at)?;
        if place < answered {
            report.add("lost within the window", 1);
        } else {
            report.add(if place == answered { "whole" } else { "whole and the one under way" }, 1);
        }
        Ok(())
    }
}
