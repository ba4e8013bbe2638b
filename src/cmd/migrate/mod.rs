//! `vql migrate`: data in and out of a database.

use std::path::Path;
use std::time::Duration;

use super::args::{ImportArgs, MigrateCommand};
use super::database::Database;
use super::error::Result;
use super::exit::ExitStatus;
use super::format::{Answer, Page, form};
use super::interrupt::Interrupt;
use super::ui::Ui;
use crate::config::Config;

mod export;
mod import;
mod progress;
mod rejects;
mod source;

/// Hexads written together unless another number is asked for.
pub const BATCH: u32 = 1000;

/// Runs `vql migrate`.
pub fn run(command: &MigrateCommand, config: &Config, ui: &mut Ui) -> Result<ExitStatus> {
    let interrupt = Interrupt::install()?;
    match command {
        MigrateCommand::Import(args) => {
            let mut database =
                Database::new(&args.target, false)?.with(&config.embedders).archiving(config);
            let (status, outcome) = import::run(&mut database, args, &interrupt, ui)?;
            database.close()?;
            // People read the summary; programs say that they want figures.
            if let Some(format) = config.format.value {
                let answer =
                    Answer { outcome: &outcome, elapsed: Duration::ZERO, hide_empty: false };
                let page = Page { width: ui.size().map(|(width, _)| width), color: ui.color() };
                form(format).write(&answer, &page, ui.out())?;
            }
            Ok(status)
        }
        MigrateCommand::Export(args) => {
            let mut database = Database::new(&args.target, true)?;
            let status = export_from(&mut database, &args.file, &interrupt, ui)?;
            database.close()?;
            Ok(status)
        }
    }
}

/// Loads files into a database that is open or will be made.
pub fn import_into(
    database: &mut Database,
    args: &ImportArgs,
    interrupt: &Interrupt,
    ui: &mut Ui,
) -> Result<ExitStatus> {
    import::run(database, args, interrupt, ui).map(|(status, _)| status)
}

/// Writes a database to a file.
pub fn export_from(
    database: &mut Database,
    path: &Path,
    interrupt: &Interrupt,
    ui: &mut Ui,
) -> Result<ExitStatus> {
    export::run(database, path, interrupt, ui)
}
