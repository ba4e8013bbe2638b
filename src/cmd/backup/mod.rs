//! `vql backup`: copies of a database somewhere else, and new databases from them.

use std::ffi::OsStr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::args::{
    BackupCommand, BackupCreateArgs, BackupPruneArgs, BackupRestoreArgs, BackupVerifyArgs, Format,
};
use super::database::Database;
use super::error::{CmdError, Result};
use super::exit::ExitStatus;
use super::format::{Answer, Page, form};
use super::interrupt::Interrupt;
use super::ui::Ui;
use crate::config::{Config, SystemClock, SystemRng};
use crate::engine::backup::{self, Access, Address, Destination, Keep, Point, Wanted};
use crate::engine::base::{Clock, Error, Kind, Lsn, Rng, Timestamp, Value};
use crate::engine::outcome::{Column, Outcome};

/// Runs `vql backup`.
pub fn run(command: &BackupCommand, config: &Config, ui: &mut Ui) -> Result<ExitStatus> {
    let interrupt = Interrupt::install()?;
    interrupt.start();
    match command {
        BackupCommand::Create(args) => create(args, config, &interrupt, ui),
        BackupCommand::List(args) => list(&args.dest, config, ui),
        BackupCommand::Verify(args) => verify(args, config, &interrupt, ui),
        BackupCommand::Restore(args) => restore(args, config, &interrupt, ui),
        BackupCommand::Prune(args) => prune(args, config, ui),
    }
}

fn create(
    args: &BackupCreateArgs,
    config: &Config,
    interrupt: &Interrupt,
    ui: &mut Ui,
) -> Result<ExitStatus> {
    // Whoever only reads gets in beside a writer.
    let mut database = Database::new(&args.target, true)?;
    let engine = database.engine()?.clone();
    let address = Address::parse(args.dest.as_os_str())?;
    let watch = &mut |_: &str| going_on(interrupt);
    let made = if address == Address::Stream {
        if args.incremental {
            return Err(CmdError::usage("a stream holds one full backup, and continues none"));
        }
        if ui.to_terminal() {
            return Err(CmdError::usage("a backup is not for reading: the output is a terminal")
                .hint("write `vql backup create TARGET - > FILE`, or pipe it somewhere"));
        }
        let scratch = tempfile::tempdir()?;
        let place = backup::destination::outgoing(ui.out(), scratch.path());
        backup::create(&engine, &place, false, watch)?
    } else {
        let place = address.open(&access(config))?;
        backup::create(&engine, &*place, args.incremental, watch)?
    };
    drop(engine);
    database.close()?;
    ui.note(&format!(
        "backup {} ({}): commits {} to {}, {} bytes",
        made.id,
        made.kind.name(),
        made.first_lsn,
        made.lsn,
        made.bytes()
    ));
    if address == Address::Stream {
        return Ok(ExitStatus::Ok);
    }
    let row = vec![
        text(&made.id),
        text(made.kind.name()),
        number(made.first_lsn),
        number(made.lsn),
        text(&made.time),
        number(made.bytes()),
    ];
    let columns = ["id", "kind", "first_commit", "last_commit", "time", "bytes"];
    figures(&columns, vec![row], config, ui)
}

fn list(dest: &Path, config: &Config, ui: &mut Ui) -> Result<ExitStatus> {
    let place = Address::parse(dest.as_os_str())?.open(&access(config))?;
    let listed = backup::list(&*place)?;
    let row = |one: &backup::Listed| {
        let of = |get: &dyn Fn(&backup::Manifest) -> Value| {
            one.manifest.as_ref().map_or(Value::Null, get)
        };
        let state = one.fault.as_ref().map_or("whole", |fault| fault.message.as_str());
        vec![
            text(&one.id),
            of(&|m| text(m.kind.name())),
            of(&|m| m.parent.as_deref().map_or(Value::Null, text)),
            of(&|m| text(&m.taken)),
            of(&|m| number(m.first_lsn)),
            of(&|m| number(m.lsn)),
            of(&|m| text(&m.time)),
            of(&|m| number(m.bytes())),
            text(state),
        ]
    };
    let columns =
        ["id", "kind", "parent", "taken", "first_commit", "last_commit", "time", "bytes", "state"];
    show(&columns, listed.iter().map(row).collect(), config, ui)?;
    Ok(ExitStatus::Ok)
}

fn verify(
    args: &BackupVerifyArgs,
    config: &Config,
    interrupt: &Interrupt,
    ui: &mut Ui,
) -> Result<ExitStatus> {
    let scratch = tempfile::tempdir()?;
    let id = args.id.as_deref();
    let watch = &mut |_: &str| going_on(interrupt);
    let place = place(args.dest.as_os_str(), scratch.path(), config, watch)?;
    let trials = scratch.path().join("trials");
    std::fs::create_dir(&trials)?;
    let verdicts = backup::verify(&*place, id, &trials, &host(), watch)?;
    let row = |verdict: &backup::Verdict| {
        let state = verdict.fault.as_ref().map_or("good", |fault| fault.message.as_str());
        vec![
            text(&verdict.id),
            verdict.lsn.map_or(Value::Null, number),
            number(verdict.hexads),
            text(state),
        ]
    };
    let columns = ["id", "last_commit", "hexads", "state"];
    show(&columns, verdicts.iter().map(row).collect(), config, ui)?;
    let faults: Vec<_> = verdicts.iter().filter_map(|verdict| verdict.fault.as_ref()).collect();
    let Some(first) = faults.first() else { return Ok(ExitStatus::Ok) };
    let message = format!("{} of {} backups cannot be restored", faults.len(), verdicts.len());
    let status = match ExitStatus::of(first.kind) {
        ExitStatus::Unreachable => ExitStatus::Unreachable,
        _ => ExitStatus::Damaged,
    };
    Err(CmdError::new(status, message).hint(first.message.clone()))
}

fn restore(
    args: &BackupRestoreArgs,
    config: &Config,
    interrupt: &Interrupt,
    ui: &mut Ui,
) -> Result<ExitStatus> {
    let point = match (&args.to_time, args.to_lsn) {
        (Some(time), _) => Point::Time(Timestamp::parse(time).ok_or_else(|| {
            CmdError::usage(format!("`{time}` is no time: expected `2026-01-01T10:30:00Z`"))
        })?),
        (None, Some(lsn)) => Point::Commit(Lsn(lsn)),
        (None, None) => Point::End,
    };
    let archive = args.archive.as_deref().or(config.archive.value.as_deref());
    let archive = archive.filter(|_| !args.no_archive && args.backup.is_none());
    let wanted = Wanted { backup: args.backup.as_deref(), point, archive };
    let watch = &mut |_: &str| going_on(interrupt);
    // Beside the new database, where there must be room anyway.
    let beside = args.new_dir.parent().filter(|dir| !dir.as_os_str().is_empty());
    let scratch = (args.dest.as_os_str() == "-")
        .then(|| {
            let dir = beside.unwrap_or(Path::new("."));
            tempfile::Builder::new().prefix(".vql-unpacked-").tempdir_in(dir)
        })
        .transpose()?;
    let unpacked = scratch.as_ref().map_or(Path::new("."), |scratch| scratch.path());
    let place = place(args.dest.as_os_str(), unpacked, config, watch)?;
    let made = backup::restore(&*place, &wanted, &args.new_dir, host(), watch)?;
    let from = made.from.join(" + ");
    ui.note(&format!(
        "{}: {} hexads at commit {}, from {from}",
        args.new_dir.display(),
        made.hexads,
        made.lsn
    ));
    let columns = ["database", "last_commit", "hexads", "from"];
    let path = args.new_dir.display().to_string();
    let row = vec![text(&path), number(made.lsn.0), number(made.hexads), text(&from)];
    figures(&columns, vec![row], config, ui)
}

fn prune(args: &BackupPruneArgs, config: &Config, ui: &mut Ui) -> Result<ExitStatus> {
    let place = Address::parse(args.dest.as_os_str())?.open(&access(config))?;
    let count = |given: Option<u32>| given.unwrap_or(0) as usize;
    let keep = Keep {
        last: count(args.keep),
        days: args.keep_days.unwrap_or(0),
        daily: count(args.keep_daily),
        weekly: count(args.keep_weekly),
        monthly: count(args.keep_monthly),
    };
    let archive = args.archive.as_deref().or(config.archive.value.as_deref());
    let now = SystemClock.now();
    let (pruned, forgotten) = backup::prune(&*place, &keep, archive, now, args.dry_run)?;
    if !forgotten.is_empty() {
        let bytes: u64 = forgotten.iter().map(|file| file.bytes).sum();
        let (count, done) = (forgotten.len(), if args.dry_run { "would go" } else { "are gone" });
        ui.note(&format!("{count} files of the archive {done}, {bytes} bytes"));
    }
    let row = |one: &backup::Pruned| {
        let state = match (one.removed, args.dry_run) {
            (true, true) => "would be removed",
            (true, false) => "removed",
            (false, _) => one.why,
        };
        vec![text(&one.id), text(state)]
    };
    show(&["id", "state"], pruned.iter().map(row).collect(), config, ui)?;
    Ok(ExitStatus::Ok)
}

/// The place named `dest`; what comes by standard input is unpacked into `scratch`.
fn place(
    dest: &OsStr,
    scratch: &Path,
    config: &Config,
    watch: backup::Watch<'_>,
) -> Result<Box<dyn Destination>> {
    let address = Address::parse(dest)?;
    if address == Address::Stream {
        return Ok(backup::destination::incoming(&mut std::io::stdin().lock(), scratch, watch)?);
    }
    Ok(address.open(&access(config))?)
}

/// How an object store is reached.
fn access(config: &Config) -> Access {
    Access { variables: (*config.s3).clone() }
}

fn host() -> (Arc<dyn Clock>, Arc<dyn Rng>) {
    (Arc::new(SystemClock), Arc::new(SystemRng))
}

/// Ends the work when Ctrl-C was pressed.
fn going_on(interrupt: &Interrupt) -> Result<(), Error> {
    if interrupt.pressed() {
        return Err(Error::new(Kind::Cancelled, "cancelled; nothing was left behind"));
    }
    Ok(())
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

fn number(n: u64) -> Value {
    Value::Int(n as i64)
}

/// People have read the note; programs say that they want figures.
fn figures(
    columns: &[&str],
    rows: Vec<Vec<Value>>,
    config: &Config,
    ui: &mut Ui,
) -> Result<ExitStatus> {
    if config.format.value.is_some() {
        show(columns, rows, config, ui)?;
    }
    Ok(ExitStatus::Ok)
}

fn show(columns: &[&str], rows: Vec<Vec<Value>>, config: &Config, ui: &mut Ui) -> Result<()> {
    let columns = columns.iter().map(|name| Column { name: (*name).to_owned() }).collect();
    let outcome = Outcome { tag: "BACKUP", columns, rows, ..Outcome::default() };
    let answer = Answer { outcome: &outcome, elapsed: Duration::ZERO, hide_empty: false };
    let usual = if ui.to_terminal() { Format::Table } else { Format::Jsonl };
    let page = Page { width: ui.size().map(|(width, _)| width), color: ui.color() };
    form(config.format.value.unwrap_or(usual)).write(&answer, &page, ui.out())?;
    Ok(())
}
