//! `vql fmt`: VQL files in the standard layout.

use super::args::FmtArgs;
use super::error::{CmdError, Result};
use super::exit::ExitStatus;
use super::ui::Ui;
use crate::config::Config;

/// Formats, checks or lints what the arguments name.
pub fn run(_args: &FmtArgs, _config: &Config, _ui: &mut Ui) -> Result<ExitStatus> {
    Err(CmdError::new(ExitStatus::Failed, "`vql fmt` is not supported by this version"))
}
