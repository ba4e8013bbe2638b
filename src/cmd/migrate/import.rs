//! `vql migrate import`: hexads from files. Reading, checking and writing are the engine's; this
//! file opens the sources, shows how far it is, keeps what was refused and says how it went.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::progress::Progress;
use super::rejects::{Rejects, default_path};
use super::source::{self, Source};
use crate::cmd::args::{ImportArgs, InputFormat, OnConflict};
use crate::cmd::database::Database;
use crate::cmd::error::{CmdError, Result};
use crate::cmd::exit::ExitStatus;
use crate::cmd::interrupt::Interrupt;
use crate::cmd::ui::Ui;
use crate::engine::base::{self, Error, Kind, Value};
use crate::engine::hexad::csv::Mapping;
use crate::engine::hexad::import::{
    Form, ImportOptions, OnConflict as Conflict, Progress as Count, Reject, Watch,
};
use crate::engine::outcome::{Column, Outcome};

/// Who imports, as long as there are no users with names.
const AUTHOR: &str = "user";
/// Refused lines that are shown one by one; the file has them all.
const SHOWN: u64 = 10;

/// Loads the files one after the other; gives one row for each of them.
pub(super) fn run(
    database: &mut Database,
    args: &ImportArgs,
    interrupt: &Interrupt,
    ui: &mut Ui,
) -> Result<(ExitStatus, Outcome)> {
    check(args)?;
    let columns = ["file", "read", "inserted", "replaced", "skipped", "rejected", "per_second"];
    let columns = columns.map(|name| Column { name: name.to_owned() }).to_vec();
    let mut outcome = Outcome { tag: "IMPORT", columns, ..Outcome::default() };
    let mut status = ExitStatus::Ok;
    let mut first = true;
    for path in &args.files {
        let source = source::open(path, args.input_format)?;
        let name = source.name.clone();
        let (count, rate) = one(database, args, path, source, first, interrupt, ui)?;
        first = false;
        // Work that was asked for and not done is not success.
        if count.rejected > 0 {
            status = ExitStatus::Failed;
        }
        let numbers = [count.lines, count.inserted, count.replaced, count.skipped, count.rejected];
        let mut row = vec![Value::from(name)];
        row.extend(numbers.map(|n| Value::Int(i64::try_from(n).unwrap_or(i64::MAX))));
        row.push(Value::Float(rate.round()));
        outcome.rows.push(row);
    }
    ui.detail("finishing the indexes");
    database.engine()?.settle()?;
    Ok((status, outcome))
}

/// Refuses what cannot be before anything is opened.
fn check(args: &ImportArgs) -> Result<()> {
    let stdin = args.files.iter().filter(|path| path.as_path() == Path::new("-")).count();
    if stdin > 1 {
        return Err(CmdError::usage("standard input can be read only once"));
    }
    if let Some(rejects) = &args.rejects
        && args.files.contains(rejects)
    {
        let message = format!("`{}` cannot be both input and rejects", rejects.display());
        return Err(CmdError::usage(message));
    }
    Ok(())
}

/// Loads one source.
fn one(
    database: &mut Database,
    args: &ImportArgs,
    path: &Path,
    mut source: Source,
    first: bool,
    interrupt: &Interrupt,
    ui: &mut Ui,
) -> Result<(Count, f64)> {
    let options = options(args, path, &source)?;
    let engine = database.created()?.clone();
    interrupt.start();
    let rejects = args.rejects.clone().unwrap_or_else(|| default_path(path));
    let mut watcher = Watcher {
        progress: Progress::start(ui, &source.name, source.size),
        ui,
        interrupt,
        read: Arc::clone(&source.read),
        name: source.name.clone(),
        // One file for several sources grows with each of them.
        rejects: Rejects::new(rejects, first || args.rejects.is_none()),
        shown: 0,
    };
    let result = engine.import(&mut *source.input, &options, &mut watcher);
    watcher.progress.end();
    interrupt.rest();
    let rejects = watcher.rejects.finish();
    let (rate_of, elapsed) = (watcher.progress, watcher.shown);
    let count = result.map_err(|error| stopped(error, &source.name))?;
    let kept = rejects?;
    let done = count.lines.saturating_sub(count.resumed);
    let rate = rate_of.rate(done);
    ui.note(&summary(&source.name, &count, rate, rate_of.elapsed()));
    if elapsed > SHOWN {
        ui.note(&format!("{} more lines were rejected", elapsed - SHOWN));
    }
    if let Some(kept) = kept {
        ui.note(&format!("the rejected lines are in `{}`", kept.display()));
    }
    Ok((count, rate))
}

fn options(args: &ImportArgs, path: &Path, source: &Source) -> Result<ImportOptions> {
    let form = match source.format {
        InputFormat::Csv => Form::Csv(Mapping(args.map.clone())),
        InputFormat::Jsonl if args.map.is_empty() => Form::JsonLines,
        InputFormat::Jsonl => {
            let message = format!("`--map` is about CSV, and `{}` is not", source.name);
            return Err(CmdError::usage(message));
        }
    };
    // The bookmark is found again by this name, from whatever directory.
    let full = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let stdin = path == Path::new("-");
    Ok(ImportOptions {
        source: if stdin { source.name.clone() } else { full.display().to_string() },
        author: AUTHOR.to_owned(),
        form,
        on_conflict: match args.on_conflict {
            OnConflict::Fail => Conflict::Fail,
            OnConflict::Skip => Conflict::Skip,
            OnConflict::Replace => Conflict::Replace,
        },
        batch: args.batch as usize,
        strict: args.strict,
        restart: args.restart,
        embed: args.embed.clone(),
    })
}

/// What to do when an import stopped in the middle.
fn stopped(error: Error, name: &str) -> CmdError {
    let kind = error.kind;
    let mut failure = CmdError::from(error);
    match kind {
        Kind::Cancelled => {
            failure.message = format!("the import of `{name}` was stopped");
            failure = failure.hint("run the same command again to go on where it stopped");
        }
        Kind::InsertConflict => {
            // The engine says the same in its own words.
            failure.hints.clear();
            failure = failure.hint(
                "`--on-conflict skip` keeps what is there, `--on-conflict replace` takes the new",
            );
        }
        _ => {}
    }
    failure
}

fn summary(name: &str, count: &Count, rate: f64, elapsed: std::time::Duration) -> String {
    let mut text = format!(
        "{name}: {} read, {} inserted, {} replaced, {} skipped, {} rejected in {:.1} s ({rate:.0}/s)",
        count.lines,
        count.inserted,
        count.replaced,
        count.skipped,
        count.rejected,
        elapsed.as_secs_f64(),
    );
    if count.resumed > 0 {
        let resumed = count.resumed;
        write!(text, "; went on behind line {resumed}, which was loaded before").ok();
    }
    text
}

/// Looks on while the engine imports.
struct Watcher<'a> {
    ui: &'a mut Ui,
    interrupt: &'a Interrupt,
    progress: Progress,
    read: Arc<AtomicU64>,
    name: String,
    rejects: Rejects,
    shown: u64,
}

impl Watch for Watcher<'_> {
    fn progress(&mut self, count: &Count) -> base::Result<()> {
        self.rejects.resumed(count.resumed > 0);
        let done = count.inserted + count.replaced + count.skipped;
        self.progress.tick(self.ui, self.read.load(Ordering::Relaxed), done);
        if self.interrupt.pressed() {
            return Err(Error::new(Kind::Cancelled, "the import was cancelled"));
        }
        Ok(())
    }

    fn rejected(&mut self, reject: &Reject) -> base::Result<()> {
        self.shown += 1;
        if self.shown <= SHOWN {
            let text = line_of(&self.name, reject);
            self.progress.above(|| self.ui.note(&text));
        }
        self.rejects.add(&self.name, reject)
    }
}

/// `file:12: spatial.latitude: latitude 99 is beyond the poles (id `x`)`
fn line_of(name: &str, reject: &Reject) -> String {
    let key = match reject.key.as_str() {
        "" => String::new(),
        key => format!("{key}: "),
    };
    let id = reject.id.as_ref().map(|id| format!(" (id `{id}`)")).unwrap_or_default();
    let text = format!("{name}:{}: {key}{}{id}", reject.line, reject.reason);
    crate::cmd::format::cell::visible(&text)
}
