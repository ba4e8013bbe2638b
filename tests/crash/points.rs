//! Class `points`: the program is killed at the k-th call of a script of every kind of write. Every
//! statement it answered is there when the database is opened again, the one under way as a whole or
//! not at all.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::database::{self, Truth, said};
use crate::program::{self, Point};
use crate::report::Report;
use crate::sandbox::Sandbox;
use crate::{Plan, trace, workers, world};

/// Something the program does, at any call of which it can be killed.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    /// Copied before every run; `None` begins with nothing.
    pub(crate) before: Option<PathBuf>,
    /// Arguments, where `DB` stands for the database.
    pub(crate) arguments: Vec<String>,
    pub(crate) input: String,
    /// The states after each answer.
    pub(crate) truth: Truth,
    /// Answers that were given before the run.
    pub(crate) answered: usize,
    /// Whether every answer on standard output is one state further.
    pub(crate) counts: bool,
    /// Whether running it again without a fault must lead to the last state.
    pub(crate) again: bool,
}

struct Kill<'a> {
    scenario: &'a Scenario,
    point: Point,
}

pub(crate) fn run(plan: &Plan) -> Report {
    if let Some(why) = trace::missing() {
        return Report::skip(why);
    }
    let sandbox = Sandbox::new();
    let mut report = Report::default();
    let scenarios = match scenarios(&sandbox) {
        Ok(scenarios) => scenarios,
        Err(why) => {
            report.violation("points", why);
            return report;
        }
    };
    let mut jobs = Vec::new();
    for scenario in &scenarios {
        match scenario.points(&sandbox.path(&format!("list-{}", scenario.name))) {
            Ok(points) => jobs.extend(points.into_iter().map(|point| Kill { scenario, point })),
            Err(why) => report.violation(format!("points {}", scenario.name), why),
        }
        let refused = &scenario.truth.refused;
        if !refused.is_empty() {
            report.skipped.push(format!("this version refuses {}", refused.join(", ")));
            report.skipped.dedup();
        }
    }
    if program::run(&mut program::vql(["backup", "--help"]), "").is_ok_and(|e| e.status != Some(0))
    {
        report.skipped.push("this version has no `vql backup`".to_owned());
    }
    jobs.retain(|kill| plan.wants(&kill.name()));
    let all = jobs.len();
    let jobs = plan.spread(jobs, 200);
    report.merge(workers::each(&jobs, Kill::name, |worker, kill, report| {
        let dir = sandbox.path(&format!("w{worker}"));
        if let Err(what) = kill.run(&dir, report) {
            report.violation(kill.name(), what);
        }
    }));
    report.count = jobs.len() as u64;
    report.add("points there are", all as u64);
    report
}

impl Scenario {
    /// The arguments with the database in its place.
    pub(crate) fn on(&self, dir: &Path) -> Vec<String> {
        let db = dir.join("d.db").display().to_string();
        let place = dir.display().to_string();
        self.arguments.iter().map(|a| a.replace("PLACE", &place).replace("DB", &db)).collect()
    }

    /// Puts what it begins with into `dir`.
    pub(crate) fn prepare(&self, dir: &Path) -> Result<(), String> {
        drop(fs::remove_dir_all(dir));
        fs::create_dir_all(dir).map_err(|e| e.to_string())?;
        match &self.before {
            Some(before) => database::copy(before, dir).map_err(|e| e.to_string()),
            None => Ok(()),
        }
    }

    /// Every call at which a fault can strike.
    pub(crate) fn points(&self, dir: &Path) -> Result<Vec<Point>, String> {
        self.prepare(dir)?;
        program::points(&self.on(dir), &self.input, dir)
    }

    /// Looks at what a fault left: which state it is, and that it goes on from there.
    pub(crate) fn look(
        &self,
        dir: &Path,
        answers: usize,
        report: &mut Report,
    ) -> Result<(), String> {
        let least = self.answered + if self.counts { answers } else { 0 };
        let most = if self.counts { least + 1 } else { self.truth.states.len() };
        let start = Instant::now();
        let engine = database::create(&dir.join("d.db"))
            .map_err(|e| format!("after {answers} answers: {}", said(&e)))?;
        report.time("recovery", start.elapsed());
        let found = database::sound_contents(&engine)?;
        self.truth.place(&found, least, most)?;
        engine.close().map_err(|e| said(&e))?;
        drop(engine);
        if self.again {
            self.run_again(dir)?;
        }
        Ok(())
    }

    fn run_again(&self, dir: &Path) -> Result<(), String> {
        let ended = program::run(&mut program::vql(self.on(dir)), &self.input)?;
        // What had come to its end before the kill is told so.
        let complete = ended.err.contains("[InsertConflict]: line 1:");
        if ended.status != Some(0) && !complete {
            return Err(format!("a second time: {}{}", ended.out, ended.err));
        }
        let engine = database::open(&dir.join("d.db")).map_err(|e| said(&e))?;
        let found = database::sound_contents(&engine)?;
        let last = self.truth.states.len() - 1;
        self.truth
            .place(&found, last, last)
            .map(drop)
            .map_err(|what| format!("a second time: {what}"))
    }
}

impl Kill<'_> {
    fn name(&self) -> String {
        format!("points --full --only {} at {}", self.scenario.name, self.point.name())
    }

    fn run(&self, dir: &Path, report: &mut Report) -> Result<(), String> {
        self.scenario.prepare(dir)?;
        let Point { call, nth, .. } = &self.point;
        let trace = format!("trace={call}");
        let inject = format!("inject={call}:signal=SIGKILL:when={nth}");
        let options = ["-o", "/dev/null", "-e", &trace, "-e", &inject];
        let ended = program::run(
            &mut program::under_strace(&options, self.scenario.on(dir)),
            &self.scenario.input,
        )?;
        report.add(if ended.status == Some(0) { "ended before it" } else { "killed" }, 1);
        self.scenario.look(dir, ended.answers, report)
    }
}

/// Everything the program does that writes.
pub(crate) fn scenarios(sandbox: &Sandbox) -> Result<Vec<Scenario>, String> {
    let mut scenarios = vec![
        script(sandbox)?,
        snapshots(sandbox)?,
        repairs(sandbox)?,
        recovery(sandbox)?,
        import(sandbox)?,
    ];
    scenarios.retain(|scenario| !scenario.truth.states.is_empty());
    Ok(scenarios)
}

fn shell() -> Vec<String> {
    ["repl", "DB", "--format", "json", "--no-init"].map(str::to_owned).into()
}

/// The script, from nothing.
pub(crate) fn script(sandbox: &Sandbox) -> Result<Scenario, String> {
    told("script", world::script(2, 2), sandbox)
}

/// Snapshots, from nothing.
fn snapshots(sandbox: &Sandbox) -> Result<Scenario, String> {
    told("snapshots", world::snapshots(4), sandbox)
}

/// Repairs and what undoes them, from nothing.
fn repairs(sandbox: &Sandbox) -> Result<Scenario, String> {
    told("repairs", world::repairs(), sandbox)
}

/// Statements told to a shell one after the other.
fn told(name: &'static str, script: Vec<String>, sandbox: &Sandbox) -> Result<Scenario, String> {
    let truth = Truth::of(script, &sandbox.path(&format!("truth-{name}")))?;
    let input = truth.text();
    Ok(Scenario {
        name,
        before: None,
        arguments: shell(),
        input,
        truth,
        answered: 0,
        counts: true,
        again: false,
    })
}

/// Opening a database that another process left in the middle of its work.
fn recovery(sandbox: &Sandbox) -> Result<Scenario, String> {
    let truth = Truth::of(world::script(3, 2), &sandbox.path("truth-recovery"))?;
    let before = sandbox.path("before-recovery");
    fs::create_dir_all(&before).map_err(|e| e.to_string())?;
    let db = before.join("d.db").display().to_string();
    // Not every statement is a commit of its own: those of a transaction are one.
    let commits = truth.states.windows(2).filter(|pair| pair[0] != pair[1]).count() as u64;
    let nth = commits.saturating_sub(3).max(1);
    let inject = format!("inject=fdatasync:signal=SIGKILL:when={nth}");
    let options = ["-o", "/dev/null", "-e", "trace=fdatasync", "-e", &inject];
    let arguments = ["repl", &db, "--format", "json", "--no-init"];
    let ended = program::run(&mut program::under_strace(&options, arguments), &truth.text())?;
    Ok(Scenario {
        name: "recovery",
        before: Some(before),
        arguments: [shell(), vec!["-c".into(), "SHOW STATUS".into()]].concat(),
        input: String::new(),
        answered: ended.answers,
        truth: Truth {
            states: truth.states[..(ended.answers + 2).min(truth.states.len())].to_vec(),
            ..truth
        },
        counts: false,
        again: false,
    })
}

/// An import in batches, which goes on behind the last of them when it is started again.
fn import(sandbox: &Sandbox) -> Result<Scenario, String> {
    const BATCH: usize = 5;
    const LINES: usize = 40;
    let text = world::lines(LINES as u64);
    let mut states = vec![String::new()];
    for batch in 1..=LINES / BATCH {
        let place = sandbox.path(&format!("truth-import-{batch}"));
        fs::create_dir_all(&place).map_err(|e| e.to_string())?;
        let lines: String = text.split_inclusive('\n').take(batch * BATCH).collect();
        states.push(imported(&place, &lines)?);
    }
    let before = sandbox.path("before-import");
    fs::create_dir_all(&before).map_err(|e| e.to_string())?;
    fs::write(before.join("lines.jsonl"), text).map_err(|e| e.to_string())?;
    let arguments = ["migrate", "import", "PLACE/lines.jsonl", "DB", "--batch", "5"];
    Ok(Scenario {
        name: "import",
        before: Some(before),
        arguments: arguments.map(str::to_owned).into(),
        input: String::new(),
        truth: Truth { script: Vec::new(), states, refused: Vec::new() },
        answered: 0,
        counts: false,
        again: true,
    })
}

fn imported(place: &Path, lines: &str) -> Result<String, String> {
    let source = place.join("lines.jsonl");
    fs::write(&source, lines).map_err(|e| e.to_string())?;
    let db = place.join("d.db");
    let arguments = ["migrate".into(), "import".into(), source.display().to_string()];
    let arguments = [arguments.as_slice(), &[db.display().to_string()]].concat();
    let ended = program::run(&mut program::vql(arguments), "")?;
    if ended.status != Some(0) {
        return Err(format!("import: {}{}", ended.out, ended.err));
    }
    let engine = database::open(&db).map_err(|e| said(&e))?;
    database::sound_contents(&engine)
}
