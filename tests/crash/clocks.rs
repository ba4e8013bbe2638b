//! Class `clocks`: the clock runs backwards, stands still or is far in the future. The order of the commits
//! is that of their numbers, their times rise all the same, and `AS OF` speaks of those times.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use serde_json::Value as Json;
use vql::engine::base::{Clock, Timestamp};
use vql::engine::{Engine, Options};

use crate::database::{self, said};
use crate::dice::Dice;
use crate::report::Report;
use crate::sandbox::Sandbox;
use crate::{Plan, workers, world};

const START: i64 = 1_767_225_600_000_000;
const DAY: i64 = 86_400_000_000;

/// How a clock is wrong.
const KINDS: &[&str] = &["backwards", "frozen", "far future", "before 1970", "jumping", "set back"];

/// A clock that is wrong.
struct Wrong {
    kind: &'static str,
    asked: AtomicI64,
    dice: AtomicU64,
}

impl Clock for Wrong {
    fn now(&self) -> Timestamp {
        let n = self.asked.fetch_add(1, Ordering::SeqCst);
        let jump = Dice::new(self.dice.fetch_add(1, Ordering::SeqCst)).below(20 * 365) as i64;
        Timestamp(match self.kind {
            "backwards" => START - n * 1_000_000,
            "frozen" => START,
            "far future" => START + 7_000 * 365 * DAY + n,
            "before 1970" => -START / 2 + n,
            "jumping" => START + (jump - 10 * 365) * DAY,
            // A week later somebody sets it right.
            _ => START + n + if n < 40 { 7 * DAY } else { 0 },
        })
    }
}

pub(crate) fn run(plan: &Plan) -> Report {
    let count = plan.count(6, 50).max(1);
    let sandbox = Sandbox::new();
    let mut report = Report::default();
    let jobs: Vec<u64> = (plan.seed..plan.seed + count).collect();
    let name = |seed: &u64| format!("clocks --seed {seed} --count 1 ({})", kind(*seed));
    report.merge(workers::each(&jobs, name, |_, seed, report| {
        let dir = sandbox.path(&format!("c{seed}"));
        if let Err(what) = trial(*seed, &dir) {
            report.violation(name(seed), what);
        }
    }));
    report.count = count;
    match Command::new("faketime").arg("--version").output() {
        Ok(_) => faked(plan, &mut report),
        Err(why) => report.skipped.push(format!(
            "the clock of the machine (faketime: {why}); the engine's own clock was wrong instead"
        )),
    }
    report
}

fn kind(seed: u64) -> &'static str {
    KINDS[(seed % KINDS.len() as u64) as usize]
}

fn wrong(seed: u64) -> Arc<dyn Clock> {
    Arc::new(Wrong {
        kind: kind(seed),
        asked: AtomicI64::new(0),
        dice: AtomicU64::new(seed * 7919),
    })
}

/// Hexads a trial makes; each is changed once.
const HEXADS: u64 = 16;

/// Makes hexads under a wrong clock; in the middle another process goes on, whose clock begins anew.
fn trial(seed: u64, dir: &Path) -> Result<(), String> {
    let options = || Options { create: true, ..Options::default() };
    let open = || database::with_clock(dir, options(), wrong(seed)).map_err(|e| said(&e));
    let mut engine = open()?;
    for n in 0..HEXADS {
        if n == HEXADS / 2 {
            engine.close().map_err(|e| said(&e))?;
            drop(engine);
            engine = open()?;
        }
        // Without a stated time of validity, which is another clock and would be asked instead.
        let made = format!("INSERT HEXAD 'h{n}' WITH DOCUMENT(title = 'T', n = {n})");
        let changed = format!("UPDATE HEXAD 'h{n}' SET DOCUMENT.n = {}", n + 50);
        for statement in [made, changed] {
            database::execute(&mut engine.session(), &statement)
                .map_err(|e| format!("{statement}: {}", said(&e)))?;
        }
    }
    database::sound_contents(&engine)?;
    let times = times(&engine)?;
    if times.len() as u64 != 2 * HEXADS {
        return Err(format!("{} versions of {HEXADS} hexads", times.len()));
    }
    if let Some(pair) = times.windows(2).find(|pair| sortable(&pair[0]) >= sortable(&pair[1])) {
        return Err(format!("the commit times do not rise: {pair:?}"));
    }
    past(&engine, &times)
}

/// The commit times in the order of the commits.
fn times(engine: &Engine) -> Result<Vec<String>, String> {
    let mut export = Vec::new();
    engine.export(&mut export, &mut |_| Ok(())).map_err(|e| said(&e))?;
    let mut hexads = Vec::new();
    for line in String::from_utf8_lossy(&export).lines() {
        let json: Json = serde_json::from_str(line).map_err(|e| e.to_string())?;
        let number: u64 = json["id"].as_str().unwrap_or_default()[1..].parse().unwrap_or_default();
        let versions = json["temporal"]["versions"].as_array().cloned().unwrap_or_default();
        let at = |v: &Json| v["at"].as_str().unwrap_or_default().to_owned();
        hexads.push((number, versions.iter().map(at).collect::<Vec<_>>()));
    }
    hexads.sort();
    Ok(hexads.into_iter().flat_map(|(_, times)| times).collect())
}

/// An instant as text that sorts: all digits of the fraction.
fn sortable(at: &str) -> String {
    let at = at.trim_end_matches('Z');
    let (seconds, fraction) = at.split_once('.').unwrap_or((at, ""));
    format!("{seconds}.{fraction:0<6}")
}

fn count(engine: &Engine, statement: &str) -> Result<i64, String> {
    let outcome = database::execute(&mut engine.session(), statement).map_err(|e| said(&e))?;
    match outcome.rows.first().and_then(|row| row.first()) {
        Some(vql::engine::base::Value::Int(n)) => Ok(*n),
        other => Err(format!("{statement}: {other:?}")),
    }
}

/// What was true at the time of a commit is what `AS OF` that time answers.
fn past(engine: &Engine, times: &[String]) -> Result<(), String> {
    for (n, at) in times.iter().enumerate() {
        let hexads = count(engine, &format!("SELECT COUNT(*) FROM hexads WHERE AS OF '{at}'"))?;
        let changed = format!("SELECT COUNT(*) FROM hexads WHERE n >= 50 AND AS OF '{at}'");
        let changed = count(engine, &changed)?;
        let expected = (1 + n as i64 / 2, n.div_ceil(2) as i64);
        if (hexads, changed) != expected {
            return Err(format!(
                "as of commit {} at {at}: {hexads} hexads, {changed} changed; there were {expected:?}",
                n + 1
            ));
        }
    }
    Ok(())
}

/// The same with the clock of the machine, as a program sees it.
fn faked(plan: &Plan, report: &mut Report) {
    let sandbox = Sandbox::new();
    let db = sandbox.path("d.db").display().to_string();
    for (n, when) in
        ["2040-01-01 00:00:00", "1999-01-01 00:00:00", "2026-06-01 00:00:00"].iter().enumerate()
    {
        let statement = world::insert(&format!("f{n}"), plan.seed + n as u64);
        let mut command = Command::new("faketime");
        command.args([when, env!("CARGO_BIN_EXE_vql"), "repl", &db, "-c", &statement]);
        match command.output() {
            Ok(output) if output.status.success() => report.count += 1,
            other => report.violation(format!("clocks faketime {when}"), format!("{other:?}")),
        }
    }
    let ordered = database::open(Path::new(&db)).map_err(|e| said(&e)).and_then(|engine| {
        let asked = "SELECT id FROM hexads ORDER BY TEMPORAL.created_at";
        let rows = database::execute(&mut engine.session(), asked).map_err(|e| said(&e))?.rows;
        let order = rows.iter().map(|row| format!("{row:?}")).collect::<Vec<_>>().concat();
        let expected = r#"[Text("f0")][Text("f1")][Text("f2")]"#;
        if order == expected { Ok(()) } else { Err(format!("the order is {order}")) }
    });
    if let Err(what) = ordered {
        report.violation("clocks faketime", what);
    }
}
