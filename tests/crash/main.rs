//! The fault harness: breaks the machine below the database in every way `docs/reliability.md` lists,
//! and checks from outside that nothing acknowledged is lost, nothing is half there and no damage goes
//! unnoticed.
//!
//! `cargo test --test crash -- [CLASS..] [--full] [--seed N] [--count N] [--only TEXT]`: without a class
//! all of them, quickly; `--full` as many faults as on demand; `--seed` and `--count` replay what a
//! violation names; `--make-compat NAME` adds a database of the present format to `tests/compat/`. Exits with 1 when a promise was broken. A class that cannot run on this machine
//! says so and why; it is not a success.
#![expect(
    clippy::print_stdout,
    clippy::exit,
    reason = "a program of its own: the table goes to standard output, the status to cargo"
)]

mod backups;
mod bits;
mod child;
mod clocks;
mod compat;
mod cycles;
mod database;
mod dice;
mod disk;
mod errors;
mod images;
mod kills;
mod limits;
mod oracle;
mod points;
mod power;
mod program;
mod recovery;
mod report;
mod sandbox;
mod talk;
mod trace;
mod workers;
mod world;
mod writers;

use std::time::Instant;

use report::Report;

/// What to run, and how much of it.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// As many faults as on demand.
    full: bool,
    /// The first seed.
    pub(crate) seed: u64,
    count: Option<u64>,
    only: Option<String>,
    classes: Vec<String>,
}

impl Plan {
    /// How many faults: what was asked for, or the number for CI or for `--full`.
    pub(crate) fn count(&self, quick: u64, full: u64) -> u64 {
        self.count.unwrap_or(if self.full { full } else { quick })
    }

    /// Whether `--only` is exactly this.
    pub(crate) fn is_only(&self, name: &str) -> bool {
        self.only.as_deref() == Some(name)
    }

    /// As many of `jobs` as are wanted, spread over all of them.
    pub(crate) fn spread<J>(&self, jobs: Vec<J>, quick: u64) -> Vec<J> {
        let wanted = self.count(quick, u64::MAX).min(jobs.len() as u64);
        let all = jobs.len() as u64;
        let first = self.seed;
        let mut jobs: Vec<Option<J>> = jobs.into_iter().map(Some).collect();
        (0..wanted)
            .filter_map(|n| {
                let at = (n * all / wanted + first) % all;
                jobs.get_mut(at as usize)?.take()
            })
            .collect()
    }

    /// Whether `--count` was given.
    pub(crate) fn exact(&self) -> bool {
        self.count.is_some()
    }

    /// Whether `--only` lets this through.
    pub(crate) fn wants(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|only| name.contains(only.as_str()))
    }
}

/// A class: its name and what runs it.
type Class = (&'static str, fn(&Plan) -> Report);

/// The classes, in the order of the table of `docs/reliability.md`.
const CLASSES: &[Class] = &[
    ("points", points::run),
    ("kills", kills::run),
    ("power", power::run),
    ("images", images::run),
    ("bits", bits::run),
    ("backups", backups::run),
    ("errors", errors::run),
    ("limits", limits::run),
    ("clocks", clocks::run),
    ("compat", compat::run),
    ("cycles", cycles::run),
    ("recovery", recovery::run),
];

/// Prints a line of the report.
pub(crate) fn say(line: &str) {
    println!("{line}");
}

fn plan(arguments: impl Iterator<Item = String>) -> Plan {
    let mut plan = Plan { full: false, seed: 1, count: None, only: None, classes: Vec::new() };
    let mut arguments = arguments;
    while let Some(argument) = arguments.next() {
        let mut number = || arguments.next().and_then(|n| n.parse().ok());
        match argument.as_str() {
            "--full" => plan.full = true,
            "--seed" => plan.seed = number().unwrap_or(1),
            "--count" => plan.count = number(),
            "--only" => plan.only = arguments.next(),
            // What cargo hands to every test program.
            flag if flag.starts_with('-') => {}
            class => plan.classes.push(class.to_owned()),
        }
    }
    plan
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(status) = child::main(&arguments) {
        std::process::exit(status);
    }
    if let [flag, name] = arguments.as_slice()
        && flag == "--make-compat"
    {
        say(&format!("{:?}", compat::make(name)));
        return;
    }
    let plan = plan(arguments.into_iter());
    workers::count_panics();
    let mut rows = Vec::new();
    let mut broken = 0;
    for (name, run) in CLASSES {
        if !plan.classes.is_empty() && !plan.classes.iter().any(|class| class == name) {
            continue;
        }
        let start = Instant::now();
        let report = run(&plan);
        broken += report.violations.len();
        rows.push(report.row(name, start.elapsed()));
        print!("{}", report.details(name));
    }
    say("\n| class | faults | violations | found | time |\n|---|---|---|---|---|");
    for row in &rows {
        say(row);
    }
    if broken > 0 {
        std::process::exit(1);
    }
}
