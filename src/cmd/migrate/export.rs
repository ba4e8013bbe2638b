//! `vql migrate export`: every hexad as one line. A file appears whole or not at all.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::progress::Progress;
use crate::cmd::database::Database;
use crate::cmd::error::{CmdError, Result};
use crate::cmd::exit::ExitStatus;
use crate::cmd::interrupt::Interrupt;
use crate::cmd::ui::Ui;
use crate::engine::Engine;
use crate::engine::base::{Error, Kind};

/// Lines between two looks at the clock and at Ctrl-C.
const STRIDE: u64 = 256;

/// Writes the database to a file, `-` for standard output.
pub(super) fn run(
    database: &mut Database,
    path: &Path,
    interrupt: &Interrupt,
    ui: &mut Ui,
) -> Result<ExitStatus> {
    let engine = database.engine()?.clone();
    interrupt.start();
    let mut progress = Progress::start(ui, "export", None);
    let result = if path == Path::new("-") {
        to_output(&engine, interrupt, ui)
    } else {
        to_file(&engine, path, interrupt, &mut progress, ui)
    };
    progress.end();
    interrupt.rest();
    let count = result?;
    let rate = progress.rate(count);
    let seconds = progress.elapsed().as_secs_f64();
    ui.note(&format!("{}: {count} hexads in {seconds:.1} s ({rate:.0}/s)", path.display()));
    Ok(ExitStatus::Ok)
}

fn to_output(engine: &Engine, interrupt: &Interrupt, ui: &mut Ui) -> Result<u64> {
    let count = engine.export(ui.out(), &mut |_| stop(interrupt))?;
    ui.flush()?;
    Ok(count)
}

fn to_file(
    engine: &Engine,
    path: &Path,
    interrupt: &Interrupt,
    progress: &mut Progress,
    ui: &mut Ui,
) -> Result<u64> {
    let partial = beside(path);
    let failed = |cause: &std::io::Error| CmdError::file("write", path, cause);
    let file = File::create(&partial).map_err(|cause| failed(&cause))?;
    let result = fill(engine, path, file, interrupt, progress, ui);
    let moved = result.and_then(|count| {
        std::fs::rename(&partial, path).map_err(|cause| failed(&cause))?;
        Ok(count)
    });
    if moved.is_err() {
        std::fs::remove_file(&partial).ok();
    }
    moved
}

fn fill(
    engine: &Engine,
    path: &Path,
    file: File,
    interrupt: &Interrupt,
    progress: &mut Progress,
    ui: &mut Ui,
) -> Result<u64> {
    let failed = |cause: &std::io::Error| CmdError::file("write", path, cause);
    let mut watch = |count: u64| {
        if count.is_multiple_of(STRIDE) {
            progress.tick(ui, 0, count);
        }
        stop(interrupt)
    };
    let packed = path.extension().is_some_and(|extension| extension == "gz");
    let (count, file) = if packed {
        let mut out = GzEncoder::new(BufWriter::new(file), Compression::default());
        let count = engine.export(&mut out, &mut watch)?;
        (count, out.finish().map_err(|cause| failed(&cause))?)
    } else {
        let mut out = BufWriter::with_capacity(1 << 18, file);
        let count = engine.export(&mut out, &mut watch)?;
        (count, out)
    };
    let file = file.into_inner().map_err(|error| failed(error.error()))?;
    file.sync_all().map_err(|cause| failed(&cause))?;
    Ok(count)
}

/// Ends the export when Ctrl-C was pressed.
fn stop(interrupt: &Interrupt) -> Result<(), Error> {
    if interrupt.pressed() {
        return Err(Error::new(Kind::Cancelled, "the export was cancelled"));
    }
    Ok(())
}

/// The name of the file while it is not whole.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".partial");
    path.with_file_name(name)
}
