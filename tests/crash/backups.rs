//! Class `backups`: the program is killed at the k-th call while it makes, restores or prunes backups or
//! archives, and single bits flip in what it keeps. What was whole stays whole, what is not does not
//! count, and a restored database is one that there was.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use vql::config::{SystemClock, SystemRng};
use vql::engine::backup::{self, Access, Address, Point as Goal, Wanted};
use vql::engine::base::{Clock, Error, Rng};

use crate::database::{self, Truth, said};
use crate::dice::Dice;
use crate::program::{self, Ended, Point};
use crate::report::Report;
use crate::sandbox::Sandbox;
use crate::{Plan, trace, workers, world};

/// The commits before the first backup, and between the first and the second.
const FIRST: usize = 1;
const SECOND: usize = 4;

/// A folder with a database, its backups and its archive, and what the database was.
struct Base {
    dir: PathBuf,
    truth: Truth,
}

/// Something the program does with backups.
struct Scenario {
    name: &'static str,
    arguments: &'static [&'static str],
    /// Whether it runs the rest of the script.
    writes: bool,
    /// What must hold afterwards.
    check: fn(&Base, &Path, &Ended) -> Result<(), String>,
}

const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "full",
        arguments: &["backup", "create", "PLACE/d.db", "PLACE/b"],
        writes: false,
        check: made,
    },
    Scenario {
        name: "incremental",
        arguments: &["backup", "create", "PLACE/d.db", "PLACE/b", "--incremental"],
        writes: false,
        check: made,
    },
    Scenario {
        name: "restore",
        arguments: &["backup", "restore", "PLACE/b", "PLACE/r.db"],
        writes: false,
        check: restored,
    },
    Scenario {
        name: "prune",
        arguments: &["backup", "prune", "PLACE/b", "--keep", "1"],
        writes: false,
        check: pruned,
    },
    Scenario {
        name: "archive",
        arguments: &[
            "--config",
            "PLACE/vql.toml",
            "repl",
            "PLACE/d.db",
            "--format",
            "json",
            "--no-init",
        ],
        writes: true,
        check: archived,
    },
];

struct Kill<'a> {
    base: &'a Base,
    scenario: &'a Scenario,
    point: Point,
}

struct Flip<'a> {
    base: &'a Base,
    file: PathBuf,
    seed: u64,
}

/// Runs the class: kills first, then flips.
pub(crate) fn run(plan: &Plan) -> Report {
    let sandbox = Sandbox::new();
    let mut report = Report::default();
    let base = match base(&sandbox) {
        Ok(base) => base,
        Err(why) => {
            report.violation("backups", why);
            return report;
        }
    };
    match trace::missing() {
        Some(why) => report.skipped.push(why),
        None => report.merge(kills(plan, &sandbox, &base)),
    }
    report.merge(flips(plan, &sandbox, &base));
    report
}

fn kills(plan: &Plan, sandbox: &Sandbox, base: &Base) -> Report {
    let mut report = Report::default();
    let mut jobs = Vec::new();
    for scenario in SCENARIOS {
        let dir = sandbox.path(&format!("list-{}", scenario.name));
        let listed = prepare(base, &dir)
            .and_then(|()| program::points(&scenario.on(&dir), &scenario.input(base), &dir));
        match listed {
            Ok(points) => {
                jobs.extend(points.into_iter().map(|point| Kill { base, scenario, point }));
            }
            Err(why) => report.violation(format!("backups {}", scenario.name), why),
        }
    }
    jobs.retain(|kill| plan.wants(&kill.name()));
    report.add("points there are", jobs.len() as u64);
    let jobs = plan.spread(jobs, 80);
    report.merge(workers::each(&jobs, Kill::name, |worker, kill, report| {
        let dir = sandbox.path(&format!("w{worker}"));
        match kill.run(&dir) {
            Ok(counter) => report.add(counter, 1),
            Err(what) => report.violation(kill.name(), what),
        }
    }));
    report.count = jobs.len() as u64;
    report
}

impl Scenario {
    fn on(&self, dir: &Path) -> Vec<String> {
        let place = dir.display().to_string();
        self.arguments.iter().map(|argument| argument.replace("PLACE", &place)).collect()
    }

    fn input(&self, base: &Base) -> String {
        if self.writes { base.truth.script[SECOND..].join(";\n") + ";\n" } else { String::new() }
    }
}

impl Kill<'_> {
    fn name(&self) -> String {
        format!("backups --full --only {} at {}", self.scenario.name, self.point.name())
    }

    fn run(&self, dir: &Path) -> Result<&'static str, String> {
        prepare(self.base, dir)?;
        let Point { call, nth, .. } = &self.point;
        let trace = format!("trace={call}");
        let inject = format!("inject={call}:signal=SIGKILL:when={nth}");
        let options = ["-o", "/dev/null", "-e", &trace, "-e", &inject];
        let ended = program::run(
            &mut program::under_strace(&options, self.scenario.on(dir)),
            &self.scenario.input(self.base),
        )?;
        (self.scenario.check)(self.base, dir, &ended)?;
        Ok(if ended.status == Some(0) { "ended before it" } else { "killed" })
    }
}

/// A full backup, an incremental one, and an archive that goes on behind them.
fn base(sandbox: &Sandbox) -> Result<Base, String> {
    let mut script: Vec<String> = (0..6).map(|n| world::insert(&format!("b:{n}"), n)).collect();
    script.extend(world::script(5, 1));
    let truth = Truth::of(script, &sandbox.path("truth-backups"))?;
    let dir = sandbox.path("base");
    fs::create_dir_all(&dir).map_err(|e| e.to_string())?;
    fs::write(dir.join("vql.toml"), "archive = 'a'\n").map_err(|e| e.to_string())?;
    let [full, incremental, .., writer] = SCENARIOS else { return Err("no scenarios".into()) };
    for (from, upto, create) in [(0, FIRST, full), (FIRST, SECOND, incremental)] {
        let input = truth.script[from..upto].join(";\n") + ";\n";
        expect(&program::run(&mut program::vql(writer.on(&dir)), &input)?)?;
        expect(&program::run(&mut program::vql(create.on(&dir)), "")?)?;
    }
    Ok(Base { dir, truth })
}

fn expect(ended: &Ended) -> Result<(), String> {
    if ended.status == Some(0) { Ok(()) } else { Err(format!("{}{}", ended.out, ended.err)) }
}

fn prepare(base: &Base, dir: &Path) -> Result<(), String> {
    drop(fs::remove_dir_all(dir));
    database::copy(&base.dir, dir).map_err(|e| e.to_string())
}

/// Runs `vql backup` to its end.
fn again(dir: &Path, arguments: &[&str]) -> Result<Ended, String> {
    let place = dir.display().to_string();
    let arguments = arguments.iter().map(|argument| argument.replace("PLACE", &place));
    let ended = program::run(&mut program::vql(arguments), "")?;
    expect(&ended).map_err(|what| format!("a second time: {what}"))?;
    Ok(ended)
}

/// Restores in this process; the contents, which must be sound.
fn restore(dir: &Path, archive: bool) -> Result<String, Error> {
    let target = dir.join("restored.db");
    drop(fs::remove_dir_all(&target));
    let place = Address::Directory(dir.join("b")).open(&Access::default())?;
    let archive = archive.then(|| dir.join("a"));
    let wanted = Wanted { backup: None, point: Goal::End, archive: archive.as_deref() };
    let host = (Arc::new(SystemClock) as Arc<dyn Clock>, Arc::new(SystemRng) as Arc<dyn Rng>);
    let made = backup::restore(&*place, &wanted, &target, host, &mut |_| Ok(()));
    if made.is_err() {
        assert!(!target.exists(), "a restore that failed left something");
    }
    made?;
    let engine = database::open(&target)?;
    let contents = database::contents(&engine)?;
    engine.close()?;
    Ok(contents)
}

/// All backups there are whole, and the newest leads to one of these states; how many there are.
fn whole(base: &Base, dir: &Path, states: &[usize]) -> Result<usize, String> {
    let place = Address::Directory(dir.join("b")).open(&Access::default()).map_err(|e| said(&e))?;
    let listed = backup::list(&*place).map_err(|e| said(&e))?;
    if let Some(fault) = listed.iter().find_map(|one| one.fault.as_ref()) {
        return Err(format!("a backup that counts is not whole: {}", said(fault)));
    }
    let found = restore(dir, false).map_err(|e| said(&e))?;
    if states.iter().any(|n| base.truth.states[*n] == found) {
        return Ok(listed.len());
    }
    Err(format!(
        "the newest backup holds the state of no moment: {}",
        database::difference(&base.truth.states[SECOND], &found)
    ))
}

/// After making one: those before are whole, and another can be made.
fn made(base: &Base, dir: &Path, _: &Ended) -> Result<(), String> {
    let before = whole(base, dir, &[SECOND])?;
    again(dir, &["backup", "create", "PLACE/d.db", "PLACE/b"])?;
    let after = whole(base, dir, &[SECOND])?;
    if (2..=3).contains(&before) && after == before + 1 {
        Ok(())
    } else {
        Err(format!("{before} backups after the kill, {after} after another"))
    }
}

/// After restoring: nothing, or the database; and it can be restored.
fn restored(base: &Base, dir: &Path, _: &Ended) -> Result<(), String> {
    let target = dir.join("r.db");
    if target.exists() {
        let engine = database::open(&target).map_err(|e| said(&e))?;
        let found = database::sound_contents(&engine)?;
        base.truth.place(&found, SECOND, SECOND)?;
        engine.close().map_err(|e| said(&e))?;
        fs::remove_dir_all(&target).map_err(|e| e.to_string())?;
    }
    again(dir, &["backup", "restore", "PLACE/b", "PLACE/r.db"])?;
    let engine = database::open(&target).map_err(|e| said(&e))?;
    let found = database::sound_contents(&engine)?;
    base.truth.place(&found, SECOND, SECOND).map(drop)
}

/// After pruning: what stays is whole, and pruning comes to its end.
fn pruned(base: &Base, dir: &Path, _: &Ended) -> Result<(), String> {
    whole(base, dir, &[SECOND])?;
    again(dir, &["backup", "create", "PLACE/d.db", "PLACE/b"])?;
    again(dir, &["backup", "prune", "PLACE/b", "--keep", "1"])?;
    match whole(base, dir, &[SECOND])? {
        1 => Ok(()),
        n => Err(format!("{n} backups are left")),
    }
}

/// After writing: whatever was answered comes back from the backup and the archive, and the archive goes
/// on.
fn archived(base: &Base, dir: &Path, ended: &Ended) -> Result<(), String> {
    let least = SECOND + ended.answers;
    let found = restore(dir, true).map_err(|e| format!("after {least} answers: {}", said(&e)))?;
    base.truth.place(&found, least, least + 1)?;
    let place = dir.display().to_string();
    let writer: Vec<String> =
        SCENARIOS[4].arguments.iter().map(|argument| argument.replace("PLACE", &place)).collect();
    let one = world::insert("later:1", 77) + ";\n";
    expect(&program::run(&mut program::vql(writer), &one)?)?;
    let engine = database::open(&dir.join("d.db")).map_err(|e| said(&e))?;
    let expected = database::sound_contents(&engine)?;
    engine.close().map_err(|e| said(&e))?;
    let found = restore(dir, true).map_err(|e| said(&e))?;
    if found == expected {
        Ok(())
    } else {
        Err(format!("the archive did not go on: {}", database::difference(&expected, &found)))
    }
}

fn flips(plan: &Plan, sandbox: &Sandbox, base: &Base) -> Report {
    // The archive goes on behind the backups, so that all files are needed.
    let writer = SCENARIOS[4].on(&base.dir);
    let rest = SCENARIOS[4].input(base);
    let mut report = Report::default();
    let written = program::run(&mut program::vql(writer), &rest).and_then(|ended| expect(&ended));
    if let Err(why) = written {
        report.violation("backups flips", why);
        return report;
    }
    let each = plan.count(40, 2_000);
    let mut jobs = Vec::new();
    for folder in ["b", "a"] {
        for file in database::files(&base.dir.join(folder)) {
            let file = Path::new(folder).join(file);
            if file.file_name().is_some_and(|name| name != "LOCK") {
                jobs.extend((0..each).map(|n| Flip {
                    base,
                    file: file.clone(),
                    seed: plan.seed + n,
                }));
            }
        }
    }
    jobs.retain(|flip| plan.wants(&flip.name()));
    report.merge(workers::each(&jobs, Flip::name, |worker, flip, report| {
        match flip.run(&sandbox.path(&format!("f{worker}"))) {
            Ok(counter) => report.add(counter, 1),
            Err(what) => report.violation(flip.name(), what),
        }
    }));
    report.count += jobs.len() as u64;
    report
}

impl Flip<'_> {
    fn name(&self) -> String {
        format!("backups --only {} --seed {} --count 1", self.file.display(), self.seed)
    }

    fn run(&self, dir: &Path) -> Result<&'static str, String> {
        if !dir.join("b").exists() {
            prepare(self.base, dir)?;
        }
        let path = dir.join(&self.file);
        let whole = fs::read(&path).map_err(|e| e.to_string())?;
        let mut bytes = whole.clone();
        let mut dice = Dice::new(self.seed);
        let at = dice.below(bytes.len() as u64) as usize;
        bytes[at] ^= 1 << dice.below(8);
        fs::write(&path, bytes).map_err(|e| e.to_string())?;
        let last = self.base.truth.states.last().expect("a script has states");
        let found = match restore(dir, true) {
            Ok(contents) if contents == *last => Ok("harmless"),
            Ok(contents) => {
                let difference = database::difference(last, &contents);
                Err(format!("byte {at}: restored as something else: {difference}"))
            }
            Err(error) if database::is_detection(error.kind) => Ok("detected"),
            Err(error) => Err(format!("byte {at}: not named as damage: {}", said(&error))),
        };
        fs::write(&path, whole).map_err(|e| e.to_string())?;
        found
    }
}
