//! `vql lsp`: the language server on standard input and output.

use super::error::{CmdError, Result, plain};
use super::exit::ExitStatus;
use super::fmt;
use crate::config::Config;
use crate::lsp;

/// Serves one editor until it says `exit` or goes away.
///
/// As the protocol wants it, the program fails when the editor leaves without saying `shutdown`.
pub fn run(config: &Config) -> Result<ExitStatus> {
    let layout = fmt::layout_here(config)?;
    let built = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build();
    let runtime = built.map_err(|cause| {
        CmdError::new(ExitStatus::Failed, format!("cannot start threads: {}", plain(&cause)))
    })?;
    let orderly = runtime.block_on(lsp::run(tokio::io::stdin(), tokio::io::stdout(), layout));
    // A thread may still be waiting for input of an editor that said `exit`.
    runtime.shutdown_background();
    Ok(if orderly { ExitStatus::Ok } else { ExitStatus::Failed })
}
