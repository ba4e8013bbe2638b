//! The database under measurement, as its user has it: loaded, asked and changed with statements.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{BufRead, Write};
use std::path::Path;
use std::sync::Arc;

use crate::config::{SystemClock, SystemRng};
use crate::engine::base::{self, ContentHash, ModalitySet, Value};
use crate::engine::drift::DriftKind;
use crate::engine::embed;
use crate::engine::hexad::Hexad;
use crate::engine::hexad::import::decoded;
use crate::engine::outcome::{Control, Options, Outcome, Params, Sync};
use crate::engine::{Engine, ImportOptions, Progress, Reject, Session, Watch, lang};

use super::Fallible;

/// Rows of an answer: all of them.
const ALL: u64 = 10_000_000;

/// By id, the kinds of drift above their thresholds.
pub(super) type Drifted = BTreeMap<String, BTreeSet<&'static str>>;

/// An open database.
pub(super) struct World {
    pub(super) engine: Engine,
    session: Session,
}

impl World {
    /// Makes a new one.
    pub(super) fn create(path: &Path) -> Fallible<Self> {
        fs::create_dir_all(path.parent().unwrap_or(path))?;
        Self::with(path, true)
    }

    /// Opens what is there.
    pub(super) fn open(path: &Path) -> Fallible<Self> {
        Self::with(path, false)
    }

    fn with(path: &Path, create: bool) -> Fallible<Self> {
        // Safety on the disk is not what is measured.
        let options = Options { create, sync: Sync::Off, ..Options::default() };
        let engine = Engine::open(path, options, Arc::new(SystemClock), Arc::new(SystemRng))?;
        let session = engine.session();
        Ok(Self { engine, session })
    }

    /// Ends it in order.
    pub(super) fn close(self) -> Fallible<()> {
        drop(self.session);
        Ok(self.engine.close()?)
    }

    /// Loads lines; texts without a vector get one from the built-in embedder.
    pub(super) fn load(&mut self, lines: &mut (dyn BufRead + Send)) -> Fallible<()> {
        let embed = Some(embed::DEFAULT.to_owned());
        let options =
            ImportOptions { source: "bench".to_owned(), strict: true, embed, ..Default::default() };
        self.engine.import(lines, &options, &mut Silent)?;
        Ok(self.engine.settle()?)
    }

    /// Every hexad, by id.
    pub(super) fn hexads(&mut self) -> Fallible<BTreeMap<String, Hexad>> {
        let ids = self.ask("SELECT id FROM hexads LIMIT $n", [("n", Value::Int(ALL as i64))])?;
        let mut all = BTreeMap::new();
        for id in texts(&ids, "id") {
            if let Some(hexad) = self.engine.get(&id, ModalitySet::ALL)? {
                all.insert(id, hexad);
            }
        }
        Ok(all)
    }

    /// Runs a statement.
    pub(super) fn ask<const N: usize>(
        &mut self,
        text: &str,
        params: [(&str, Value); N],
    ) -> Fallible<Outcome> {
        let parse = lang::parse(text);
        if let Some(wrong) = parse.diagnostics.first() {
            return Err(format!("{}: {text}", wrong.message).into());
        }
        let params: Params = params.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
        let mut last = Outcome::default();
        for statement in &parse.script.statements {
            let control = Control { force_unbounded: true, ..Control::default() };
            let done = self.session.execute(text, statement, &params, &control);
            last = done.map_err(|error| format!("{}: {text}", error.message))?;
        }
        Ok(last)
    }

    /// Every hexad with the kinds of drift that are above their thresholds.
    pub(super) fn detect(&mut self) -> Fallible<Drifted> {
        let text = "SELECT id, DRIFT FROM hexads LIMIT $n";
        let outcome = self.ask(text, [("n", Value::Int(ALL as i64))])?;
        let mut drifted = Drifted::new();
        for row in outcome.rows {
            let [Value::Text(id), Value::Map(scores)] = row.as_slice() else { continue };
            let over = |kind: &DriftKind| {
                let score = scores.get(kind.name()).and_then(Value::as_f64);
                *kind != DriftKind::Quality && score.is_some_and(|score| score > kind.threshold())
            };
            let kinds = DriftKind::ALL.into_iter().filter(over).map(DriftKind::name).collect();
            drifted.insert(id.clone(), kinds);
        }
        Ok(drifted)
    }

    /// By id, the hash of everything there is to know of a hexad.
    pub(super) fn digests(&self) -> Fallible<BTreeMap<String, ContentHash>> {
        let mut digests = Digests::default();
        self.engine.export(&mut digests, &mut |_| Ok(()))?;
        Ok(digests.all)
    }
}

/// The texts of a column.
pub(super) fn texts(outcome: &Outcome, column: &str) -> Vec<String> {
    let Some(at) = outcome.columns.iter().position(|c| c.name == column) else { return vec![] };
    let text = |row: &Vec<Value>| row.get(at).and_then(Value::as_str).map(str::to_owned);
    outcome.rows.iter().filter_map(text).collect()
}

/// A file as lines, whatever it is compressed with.
pub(super) fn lines(file: &Path) -> Fallible<Box<dyn BufRead + Send>> {
    let opened = File::open(file).map_err(|e| format!("{}: {e}", file.display()))?;
    Ok(decoded(opened)?)
}

/// Copies a database that nobody has open.
pub(super) fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
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

/// Hashes the lines of an export as they come.
#[derive(Default)]
struct Digests {
    line: Vec<u8>,
    all: BTreeMap<String, ContentHash>,
}

impl Write for Digests {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if part.ends_with(b"\n") {
                self.end_of_line();
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Digests {
    fn end_of_line(&mut self) {
        #[derive(serde::Deserialize)]
        struct IdOnly {
            id: String,
        }
        if let Ok(IdOnly { id }) = serde_json::from_slice(&self.line) {
            self.all.insert(id, ContentHash::of(&self.line));
        }
        self.line.clear();
    }
}

/// Nobody looks on.
struct Silent;

impl Watch for Silent {
    fn progress(&mut self, _: &Progress) -> base::Result<()> {
        Ok(())
    }

    fn rejected(&mut self, _: &Reject) -> base::Result<()> {
        Ok(())
    }
}
