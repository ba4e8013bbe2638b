//! Class `limits`: the disk is full, descriptors run out, the file system is read-only, memory is short.
//! Reads go on, writes fail with an error that says why, and go on when there is room again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::database::{self, said};
use crate::dice::Dice;
use crate::report::Report;
use crate::sandbox::Sandbox;
use crate::talk::{Answer, Talk};
use crate::{Plan, program, world};

/// A file system of its own; unmounted when dropped.
struct Mount(PathBuf);

impl Mount {
    fn new(at: PathBuf, megabytes: u64) -> Result<Self, String> {
        fs::create_dir_all(&at).map_err(|e| e.to_string())?;
        let size = format!("size={megabytes}m");
        let path = at.display().to_string();
        tool("mount", &["-t", "tmpfs", "-o", &size, "tmpfs", &path])?;
        Ok(Self(at))
    }

    fn remount(&self, how: &str) -> Result<(), String> {
        tool("mount", &["-o", &format!("remount,{how}"), &self.0.display().to_string()])
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // Nothing more can be done about one that is still in use.
        drop(tool("umount", &["-l", &self.0.display().to_string()]));
    }
}

fn tool(name: &str, arguments: &[&str]) -> Result<(), String> {
    let output = Command::new(name).args(arguments).output().map_err(|e| format!("{name}: {e}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{name}: {}", String::from_utf8_lossy(&output.stderr).trim()))
}

type Trial = fn(&Sandbox, u64, &mut Report) -> Result<(), String>;

/// The trials, and whether each needs to mount something.
const TRIALS: &[(&str, bool, Trial)] = &[
    ("disk full", true, full_disk),
    ("read-only", true, read_only),
    ("descriptors at the start", false, few_descriptors),
    ("descriptors at work", false, descriptors_at_work),
    ("memory", false, little_memory),
];

pub(crate) fn run(plan: &Plan) -> Report {
    let mut report = Report::default();
    let sandbox = Sandbox::new();
    let mounts = Mount::new(sandbox.path("try"), 1).map(drop);
    let prlimit = tool("prlimit", &["--version"]);
    let count = plan.count(20, 200);
    for (n, (name, mount, trial)) in TRIALS.iter().enumerate() {
        let able = if *mount { &mounts } else { &prlimit };
        if let Err(why) = able {
            report.skipped.push(format!("{name}: {why}"));
            continue;
        }
        if !plan.wants(name) {
            continue;
        }
        let share = if plan.exact() { count } else { count / TRIALS.len() as u64 };
        for seed in plan.seed..plan.seed + share {
            let sandbox = Sandbox::new();
            report.count += 1;
            if let Err(what) = trial(&sandbox, seed + 100 * n as u64, &mut report) {
                report.violation(format!("limits --only '{name}' --seed {seed} --count 1"), what);
            }
        }
    }
    report
}

fn shell(db: &Path) -> Vec<String> {
    let db = db.display().to_string();
    ["repl", &db, "--format", "json", "--no-init", "--keep-going"].map(str::to_owned).into()
}

/// A hexad with a long text.
fn long(id: &str, bytes: usize) -> String {
    world::insert(id, 5).replace("common word5 text", &"long word ".repeat(bytes / 10 + 1))
}

/// How many hexads there are; a read that must always work.
fn count(talk: &mut Talk) -> Result<u64, String> {
    match talk.ask("COUNT HEXADS")? {
        Ok(json) => Ok(json["rows"][0]["count"].as_u64().unwrap_or_default()),
        Err((kind, message)) => Err(format!("a read fails: {kind}: {message}")),
    }
}

fn must(answer: Answer, doing: &str) -> Result<(), String> {
    answer.map(drop).map_err(|(kind, message)| format!("{doing}: {kind}: {message}"))
}

/// Everything answered is there, and all is whole.
fn whole(db: &Path, hexads: u64) -> Result<(), String> {
    let engine = database::open(db).map_err(|e| format!("opening: {}", said(&e)))?;
    let found = engine.status().map_err(|e| said(&e))?.hexads;
    if found != hexads {
        return Err(format!("{hexads} inserts were answered, {found} hexads are there"));
    }
    database::sound_contents(&engine).map(drop)
}

fn full_disk(sandbox: &Sandbox, seed: u64, report: &mut Report) -> Result<(), String> {
    let mut dice = Dice::new(seed);
    let mount = Mount::new(sandbox.path("m"), 16 + dice.below(16))?;
    let (db, ballast) = (mount.0.join("d.db"), mount.0.join("ballast"));
    fs::write(&ballast, vec![1; 4 << 20]).map_err(|e| e.to_string())?;
    let mut talk = Talk::start(&mut program::vql(shell(&db)))?;
    let mut hexads = 0;
    let refusal = loop {
        let size = 1000 << dice.below(9);
        match talk.ask(&long(&format!("h{hexads}"), size))? {
            Ok(_) => hexads += 1,
            Err(refusal) => break refusal,
        }
        if hexads > 5000 {
            return Err("the disk is never full".to_owned());
        }
    };
    if refusal.0 != "DiskFull" {
        return Err(format!("a full disk is called {}: {}", refusal.0, refusal.1));
    }
    if count(&mut talk)? != hexads {
        return Err("reading while the disk is full shows something else".to_owned());
    }
    must(talk.ask("SELECT id FROM hexads WHERE FULLTEXT CONTAINS 'word' LIMIT 5")?, "a search")?;
    if dice.once_in(3) {
        // It dies while the disk is full, and is opened again there.
        talk.kill()?;
        talk = Talk::start(&mut program::vql(shell(&db)))?;
        if count(&mut talk)? != hexads {
            return Err("opened on a full disk, it shows something else".to_owned());
        }
    }
    fs::remove_file(&ballast).map_err(|e| e.to_string())?;
    must(talk.ask(&long("after", 1000))?, "a write after room was made")?;
    report.add("writes refused and taken up again", 1);
    talk.kill()?;
    whole(&db, hexads + 1)
}

fn read_only(sandbox: &Sandbox, seed: u64, report: &mut Report) -> Result<(), String> {
    let mount = Mount::new(sandbox.path("m"), 64)?;
    let db = mount.0.join("d.db");
    let mut talk = Talk::start(&mut program::vql(shell(&db)))?;
    for n in 0..3 {
        must(talk.ask(&world::insert(&format!("h{n}"), seed + n))?, "an insert")?;
    }
    if Dice::new(seed).once_in(2) {
        talk.kill()?;
        // What a crash left behind has to be brought into the files first.
        whole(&db, 3)?;
    } else {
        talk.end()?;
    }
    mount.remount("ro")?;
    let mut talk = Talk::start(&mut program::vql(shell(&db)))?;
    if count(&mut talk)? != 3 {
        return Err("a read-only file system shows something else".to_owned());
    }
    match talk.ask(&world::insert("new", 9))? {
        Err((kind, _)) if kind == "ReadOnlyStore" => {}
        other => return Err(format!("a write to a read-only file system: {other:?}")),
    }
    mount.remount("rw")?;
    must(talk.ask(&world::insert("new", 9))?, "a write after it can be written again")?;
    report.add("writes refused and taken up again", 1);
    talk.end()?;
    whole(&db, 4)
}

/// Errors that say that something ran out.
fn names_a_limit(kind: &str) -> bool {
    ["ResourceExhausted", "DiskFull"].contains(&kind)
}

fn few_descriptors(sandbox: &Sandbox, seed: u64, report: &mut Report) -> Result<(), String> {
    let db = sandbox.path("d.db");
    let limit = format!("--nofile={}", 8 + Dice::new(seed).below(60));
    let mut command = Command::new("prlimit");
    command.args([&limit, env!("CARGO_BIN_EXE_vql")]).args(shell(&db));
    let mut talk = Talk::start(&mut command)?;
    let mut hexads = 0;
    for n in 0..12 {
        match talk.ask(&world::insert(&format!("h{n}"), seed + n))? {
            Ok(_) => hexads += 1,
            Err((kind, _)) if names_a_limit(&kind) => report.add("refused by name", 1),
            Err((kind, message)) => return Err(format!("{limit}: {kind}: {message}")),
        }
    }
    talk.end()?;
    if hexads > 0 { whole(&db, hexads) } else { Ok(()) }
}

fn descriptors_at_work(sandbox: &Sandbox, seed: u64, report: &mut Report) -> Result<(), String> {
    let db = sandbox.path("d.db");
    let mut talk = Talk::start(&mut program::vql(shell(&db)))?;
    let mut hexads = 0;
    for n in 0..3 {
        must(talk.ask(&world::insert(&format!("h{n}"), seed + n))?, "an insert")?;
        hexads += 1;
    }
    if Dice::new(seed).once_in(2) {
        count(&mut talk)?;
    }
    let process = talk.id().to_string();
    let held = fs::read_dir(format!("/proc/{process}/fd")).map_err(|e| e.to_string())?.count();
    tool("prlimit", &["--pid", &process, &format!("--nofile={held}:4096")])?;
    for n in 3..6 {
        match talk.ask(&world::insert(&format!("h{n}"), seed + n))? {
            Ok(_) => hexads += 1,
            Err((kind, _)) if names_a_limit(&kind) => report.add("refused by name", 1),
            Err((kind, message)) => return Err(format!("{kind}: {message}")),
        }
        if count(&mut talk)? != hexads {
            return Err("a read without descriptors shows something else".to_owned());
        }
    }
    tool("prlimit", &["--pid", &process, "--nofile=4096:4096"])?;
    must(talk.ask(&world::insert("after", seed))?, "a write when there are descriptors again")?;
    talk.end()?;
    whole(&db, hexads + 1)
}

/// Without memory a program cannot promise to go on; what it answered is there all the same.
fn little_memory(sandbox: &Sandbox, seed: u64, report: &mut Report) -> Result<(), String> {
    let db = sandbox.path("d.db");
    let limit = format!("--as={}", (60 + Dice::new(seed).below(400)) << 20);
    let mut command = Command::new("prlimit");
    command.args([&limit, env!("CARGO_BIN_EXE_vql")]).args(shell(&db));
    let mut talk = Talk::start(&mut command)?;
    let mut hexads = 0;
    for n in 0..30 {
        let Ok(answer) = talk.ask(&long(&format!("h{n}"), 10_000 << (n % 7))) else {
            report.add("ended for want of memory", 1);
            break;
        };
        match answer {
            Ok(_) => hexads += 1,
            Err((kind, _)) if names_a_limit(&kind) => report.add("refused by name", 1),
            Err((kind, message)) => return Err(format!("{limit}: {kind}: {message}")),
        }
    }
    // It may have ended already.
    drop(talk.end());
    if hexads == 0 {
        return Ok(());
    }
    // The one under way when it ended may have come through.
    whole(&db, hexads).or_else(|_| whole(&db, hexads + 1))
}
