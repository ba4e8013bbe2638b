//! A database as the harness looks at it: opened through the library, read as a whole, compared.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value as Json;
use vql::config::{SystemClock, SystemRng};
use vql::engine::base::{Clock, Error, Kind};
use vql::engine::lang::parse;
use vql::engine::{Control, Engine, Options, Outcome, Params, Session};

/// Opens an existing database as a user would.
pub(crate) fn open(dir: &Path) -> Result<Engine, Error> {
    open_with(dir, Options::default())
}

pub(crate) fn open_with(dir: &Path, options: Options) -> Result<Engine, Error> {
    with_clock(dir, options, Arc::new(SystemClock))
}

pub(crate) fn with_clock(
    dir: &Path,
    options: Options,
    clock: Arc<dyn Clock>,
) -> Result<Engine, Error> {
    Engine::open(dir, options, clock, Arc::new(SystemRng))
}

/// Opens, making the database when nothing is there.
pub(crate) fn create(dir: &Path) -> Result<Engine, Error> {
    open_with(dir, Options { create: true, ..Options::default() })
}

/// Runs one statement.
pub(crate) fn execute(session: &mut Session, text: &str) -> Result<Outcome, Error> {
    let parsed = parse(text);
    if let Some(wrong) = parsed.diagnostics.iter().find(|d| d.is_error()) {
        return Err(Error::new(wrong.kind, wrong.message.clone()));
    }
    let statement = parsed.script.statements.first().expect("a statement in every text");
    session.execute(text, statement, &Params::default(), &Control::default())
}

/// What a database holds, without the times at which it was written: all modalities, versions and
/// events of every hexad, and the contracts.
pub(crate) fn contents(engine: &Engine) -> Result<String, Error> {
    let mut lines = Vec::new();
    engine.export(&mut lines, &mut |_| Ok(()))?;
    let text = String::from_utf8_lossy(&lines);
    let mut contents = String::with_capacity(text.len());
    for line in text.lines() {
        let mut json: Json = serde_json::from_str(line).expect("an export is JSON");
        without_times(&mut json);
        writeln!(contents, "{json}").expect("a string takes everything");
    }
    for row in execute(&mut engine.session(), "SHOW CONTRACTS")?.rows {
        writeln!(
            contents,
            "contract {}",
            row.first().map(|v| format!("{v:?}")).unwrap_or_default()
        )
        .expect("a string takes everything");
    }
    Ok(contents)
}

/// Takes away what differs from run to run: commit times, and the hashes that contain them.
fn without_times(json: &mut Json) {
    match json {
        Json::Object(fields) => {
            fields.remove("at");
            fields.remove("hash");
            // The digest of an entry of the trail, which says when.
            if matches!(fields.get("event").and_then(Json::as_str), Some("normalized" | "reverted"))
            {
                fields.remove("digest");
            }
            fields.values_mut().for_each(without_times);
        }
        Json::Array(values) => values.iter_mut().for_each(without_times),
        _ => {}
    }
}

/// What `CHECK INTEGRITY` finds, one line for each fault.
pub(crate) fn faults(engine: &Engine) -> Result<Vec<String>, Error> {
    let outcome = execute(&mut engine.session(), "CHECK INTEGRITY")?;
    Ok(outcome.rows.iter().map(|row| format!("{row:?}")).collect())
}

/// Everything at once: the contents, and that nothing is damaged.
pub(crate) fn sound_contents(engine: &Engine) -> Result<String, String> {
    let found = contents(engine).map_err(|e| said(&e))?;
    let faults = faults(engine).map_err(|e| said(&e))?;
    if let Some(first) = faults.first() {
        return Err(format!("CHECK INTEGRITY finds {} faults, the first: {first}", faults.len()));
    }
    Ok(found)
}

/// An error as one line.
pub(crate) fn said(error: &Error) -> String {
    format!("{}: {}", error.kind.name(), error.message)
}

/// Whether an error says that the database is damaged or cannot be read, and not something else.
pub(crate) fn is_detection(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Corruption
            | Kind::Io
            | Kind::StoreUnavailable
            | Kind::NotADatabase
            | Kind::NewerFormat
            | Kind::NotFound
    )
}

/// The first line in which two texts differ: its beginning, and what stands around the difference.
pub(crate) fn difference(expected: &str, found: &str) -> String {
    let mut pairs = expected.lines().zip(found.lines());
    match pairs.find(|(a, b)| a != b) {
        Some((a, b)) => {
            let same = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
            let cut = |line: &str| {
                let from = same.saturating_sub(150).max(40);
                let (start, rest): (String, String) =
                    (line.chars().take(40).collect(), line.chars().skip(from).take(300).collect());
                format!("{start} .. {rest}")
            };
            format!("expected {}\n      found {}", cut(a), cut(b))
        }
        None => {
            format!("expected {} lines, found {}", expected.lines().count(), found.lines().count())
        }
    }
}

/// Copies a directory with all that is in it.
pub(crate) fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Every file below `dir`, relative to it.
pub(crate) fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(dir.join(&folder)).into_iter().flatten().flatten() {
            let path = folder.join(entry.file_name());
            if entry.file_type().is_ok_and(|t| t.is_dir()) {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// What a script leaves behind, statement by statement.
pub(crate) struct Truth {
    /// The statements that this version executes.
    pub(crate) script: Vec<String>,
    /// The committed contents before the first statement and after each.
    pub(crate) states: Vec<String>,
    /// Statements it refuses, by their first word.
    pub(crate) refused: Vec<String>,
}

impl Truth {
    /// Runs the script without any fault.
    pub(crate) fn of(script: Vec<String>, dir: &Path) -> Result<Self, String> {
        let engine = create(dir).map_err(|e| said(&e))?;
        let mut session = engine.session();
        let mut truth =
            Self { script: Vec::new(), states: vec![String::new()], refused: Vec::new() };
        for statement in script {
            match execute(&mut session, &statement) {
                Ok(_) => {
                    truth.states.push(contents(&engine).map_err(|e| said(&e))?);
                    truth.script.push(statement);
                }
                Err(error) if error.kind == Kind::NotSupported => {
                    let words: Vec<&str> = statement.split(' ').take(2).collect();
                    truth.refused.push(words.join(" "));
                }
                Err(error) => return Err(format!("{statement}\n{}", said(&error))),
            }
        }
        drop(session);
        engine.close().map_err(|e| said(&e))?;
        truth.refused.sort();
        truth.refused.dedup();
        Ok(truth)
    }

    /// Whether `found` is the state after `least` to `most` statements; says after how many.
    pub(crate) fn place(&self, found: &str, least: usize, most: usize) -> Result<usize, String> {
        let most = most.min(self.states.len() - 1);
        if let Some(n) = (least..=most).find(|n| self.states.get(*n).is_some_and(|s| s == found)) {
            return Ok(n);
        }
        let elsewhere = self.states.iter().position(|s| s == found);
        Err(match elsewhere {
            Some(n) => format!("the state is that after {n} statements, not {least} to {most}"),
            None => format!(
                "the state is that of no moment; against the one after {least}: {}",
                difference(&self.states[least], found)
            ),
        })
    }

    /// The script as one text for standard input.
    pub(crate) fn text(&self) -> String {
        self.script.join(";\n") + ";\n"
    }
}
