//! `vql migrate`: data in and out of a database.

use std::path::Path;

use super::args::{ImportArgs, MigrateCommand};
use super::database::Database;
use super::error::{CmdError, Result};
use super::exit::ExitStatus;
use super::interrupt::Interrupt;
use super::ui::Ui;

mod progress;
mod source;

/// Hexads written together unless another number is asked for.
pub const BATCH: u32 = 1000;

/// Runs `vql migrate`.
pub fn run(command: &MigrateCommand, ui: &mut Ui) -> Result<ExitStatus> {
    let interrupt = Interrupt::install()?;
    match command {
        MigrateCommand::Import(args) => {
            let mut database = Database::new(&args.target, false)?;
            import_into(&mut database, args, &interrupt, ui)
        }
        MigrateCommand::Export(args) => {
            let mut database = Database::new(&args.target, true)?;
            export_from(&mut database, &args.file, &interrupt, ui)
        }
    }
}

/// Loads files into a database.
pub fn import_into(
    _: &mut Database,
    _: &ImportArgs,
    _: &Interrupt,
    _: &mut Ui,
) -> Result<ExitStatus> {
    Err(CmdError::new(ExitStatus::Failed, "import is not supported by this version"))
}

/// Writes a database to a file.
pub fn export_from(_: &mut Database, _: &Path, _: &Interrupt, _: &mut Ui) -> Result<ExitStatus> {
    Err(CmdError::new(ExitStatus::Failed, "export is not supported by this version"))
}
