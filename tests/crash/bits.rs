//! Class `bits`: one flipped bit in one file, then everything is read. It is detected, or it changes
//! nothing that anybody can see.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use vql::engine::base::Error;
use vql::engine::{Engine, Outcome};

use crate::database::{self, said};
use crate::dice::Dice;
use crate::report::Report;
use crate::sandbox::Sandbox;
use crate::world::{self, QUESTIONS};
use crate::{Plan, workers};

/// A database to flip bits in, and what it answers.
struct Base {
    name: &'static str,
    dir: PathBuf,
    answers: Vec<String>,
}

/// One trial.
struct Flip<'a> {
    base: &'a Base,
    file: PathBuf,
    seed: u64,
}

/// Runs the class: `--count` flips in every kind of file.
pub(crate) fn run(plan: &Plan) -> Report {
    let each = plan.count(300, 10_000);
    let sandbox = Sandbox::new();
    let bases = match bases(&sandbox) {
        Ok(bases) => bases,
        Err(why) => {
            let mut report = Report::default();
            report.violation("making the databases", why);
            return report;
        }
    };
    let mut jobs = Vec::new();
    for base in &bases {
        for file in database::files(&base.dir) {
            // What the operating system keeps for shared memory is made anew after every crash, and a
            // database that was closed has it already covered.
            let closed = base.name == "closed";
            let name = file.display().to_string();
            let ending = name.rsplit('.').next().unwrap_or_default();
            let is_log = ending == "db-wal" || ending == "vlog";
            if closed || is_log {
                // Those of the modalities are files of one kind, with tables of their own.
                let share = match () {
                    () if ending == "db-wal" => 9,
                    () if ending == "db" && name != "catalog.db" => 3,
                    () => 1,
                };
                let flips = if plan.exact() { each } else { each.div_ceil(share) };
                jobs.extend((0..flips).map(|n| Flip {
                    base,
                    file: file.clone(),
                    seed: plan.seed + n,
                }));
            }
        }
    }
    jobs.retain(|flip| plan.wants(&flip.file.display().to_string()));
    let mut report = workers::each(&jobs, Flip::name, |worker, flip, report| {
        let dir = sandbox.path(&format!("w{worker}"));
        flip.run(&dir, report);
    });
    report.count = jobs.len() as u64;
    report
}

impl Flip<'_> {
    fn name(&self) -> String {
        format!("bits {} {} --seed {} --count 1", self.base.name, self.file.display(), self.seed)
    }

    fn run(&self, dir: &Path, report: &mut Report) {
        drop(fs::remove_dir_all(dir));
        database::copy(&self.base.dir, dir).expect("the sandbox takes a copy");
        let path = dir.join(&self.file);
        let mut bytes = fs::read(&path).expect("the file is there");
        let mut dice = Dice::new(self.seed);
        if bytes.is_empty() {
            bytes.push(0);
        }
        let at = position(&mut dice, &bytes);
        bytes[at] ^= 1 << dice.below(8);
        fs::write(&path, &bytes).expect("the sandbox takes a file");
        let start = Instant::now();
        match self.look(dir) {
            Ok(true) => report.add("detected", 1),
            Ok(false) => report.add("harmless", 1),
            Err(what) => report.violation(self.name(), format!("byte {at}: {what}")),
        }
        report.time("look", start.elapsed());
    }

    /// True when the damage is noticed.
    fn look(&self, dir: &Path) -> Result<bool, String> {
        let engine = match database::open(dir) {
            Ok(engine) => engine,
            Err(error) => return detection(&error, "open"),
        };
        let mut detected = false;
        let mut wrong = None;
        for (question, truth) in QUESTIONS.iter().zip(&self.base.answers) {
            match ask(&engine, question) {
                Ok(answer) if answer == *truth => {}
                Ok(answer) => {
                    wrong.get_or_insert_with(|| {
                        format!("{question}: {}", database::difference(truth, &answer))
                    });
                }
                Err(error) => detected |= detection(&error, question)?,
            }
        }
        match database::faults(&engine) {
            Ok(faults) => detected |= !faults.is_empty(),
            Err(error) => detected |= detection(&error, "CHECK INTEGRITY")?,
        }
        drop(engine);
        match wrong {
            Some(what) if detected => Err(format!("a wrong answer before it is detected: {what}")),
            Some(what) => Err(format!("a wrong answer, never detected: {what}")),
            None => Ok(detected),
        }
    }
}

/// Mostly a byte that says something: files have long runs of zeros.
fn position(dice: &mut Dice, bytes: &[u8]) -> usize {
    let mut at = dice.below(bytes.len() as u64) as usize;
    if !dice.once_in(4) {
        for _ in 0..64 {
            if bytes[at] != 0 {
                break;
            }
            at = dice.below(bytes.len() as u64) as usize;
        }
    }
    at
}

fn detection(error: &Error, doing: &str) -> Result<bool, String> {
    if database::is_detection(error.kind) {
        Ok(true)
    } else {
        Err(format!("{doing}: not named as damage: {}", said(error)))
    }
}

fn ask(engine: &Engine, question: &str) -> Result<String, Error> {
    let Outcome { rows, .. } = database::execute(&mut engine.session(), question)?;
    Ok(rows.iter().map(|row| format!("{row:?}")).collect::<Vec<_>>().join("\n"))
}

/// Two databases: one that was closed in order, and one as a crash leaves it.
fn bases(sandbox: &Sandbox) -> Result<Vec<Base>, String> {
    let fail = |e: Error| said(&e);
    let open = sandbox.path("open");
    let engine = database::create(&open).map_err(fail)?;
    let mut session = engine.session();
    for statement in world::script(1, 2) {
        match database::execute(&mut session, &statement) {
            Ok(_) => {}
            Err(error) if error.kind == vql::engine::base::Kind::NotSupported => {}
            Err(error) => return Err(format!("{statement}: {}", said(&error))),
        }
    }
    drop(session);
    engine.settle().map_err(fail)?;
    let answers = answers(&engine)?;
    let crashed = sandbox.path("crashed");
    database::copy(&open, &crashed).map_err(|e| e.to_string())?;
    engine.close().map_err(fail)?;
    drop(engine);
    Ok(vec![
        Base { name: "closed", dir: open, answers: answers.clone() },
        Base { name: "crashed", dir: crashed, answers },
    ])
}

fn answers(engine: &Engine) -> Result<Vec<String>, String> {
    QUESTIONS
        .iter()
        .map(|question| ask(engine, question).map_err(|e| format!("{question}: {}", said(&e))))
        .collect()
}
