//! A failure of a command: how the program ends, why, and what the user can do.
//!
//! The engine states facts; advice about the command line is added here. A statement that fails
//! inside a script is not a `CmdError`: the script goes on or stops as it was told to.

use std::io;
use std::path::Path;

use super::exit::ExitStatus;
use crate::engine::base::{Error, Kind};

/// The result of a step of a command.
pub type Result<T, E = CmdError> = std::result::Result<T, E>;

/// Why a command ended early.
#[derive(Debug)]
pub struct CmdError {
    /// How the program ends.
    pub status: ExitStatus,
    /// The kind, when the engine failed.
    pub kind: Option<Kind>,
    /// The fact: lower case, no full stop.
    pub message: String,
    /// What to do, one line each.
    pub hints: Vec<String>,
    /// The reader of our output went away: nothing to report, and no failure.
    pub broken_pipe: bool,
    /// The results cannot be written: there is nobody to answer.
    pub of_output: bool,
}

impl CmdError {
    /// A failure that ends with `status`.
    pub fn new(status: ExitStatus, message: impl Into<String>) -> Self {
        Self {
            status,
            kind: None,
            message: message.into(),
            hints: Vec::new(),
            broken_pipe: false,
            of_output: false,
        }
    }

    /// The command line asks for something that cannot be.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(ExitStatus::Usage, message)
    }

    /// The target cannot be opened or reached.
    pub fn unreachable(message: impl Into<String>) -> Self {
        Self::new(ExitStatus::Unreachable, message)
    }

    /// The operating system refused `what` (`read`, `write`, `create`) of a file named by the user.
    pub fn file(what: &str, path: &Path, cause: &io::Error) -> Self {
        let mut error =
            Self::usage(format!("cannot {what} `{}`: {}", path.display(), plain(cause)));
        error.broken_pipe = cause.kind() == io::ErrorKind::BrokenPipe;
        error
    }

    /// The same, with advice.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// As an engine error, for the payload a program reads.
    pub fn payload(&self) -> Error {
        Error {
            kind: self.kind.unwrap_or(match self.status {
                ExitStatus::Unreachable => Kind::StoreUnavailable,
                ExitStatus::Damaged => Kind::Corruption,
                ExitStatus::Interrupted => Kind::Cancelled,
                _ => Kind::InvalidInput,
            }),
            message: self.message.clone(),
            span: None,
            hint: (!self.hints.is_empty()).then(|| self.hints.join("; ")),
        }
    }
}

impl From<Error> for CmdError {
    fn from(error: Error) -> Self {
        let hints = error.hint.or_else(|| advice(error.kind).map(str::to_owned));
        Self {
            status: ExitStatus::of(error.kind),
            kind: Some(error.kind),
            message: error.message,
            hints: hints.into_iter().collect(),
            broken_pipe: false,
            of_output: false,
        }
    }
}

impl From<io::Error> for CmdError {
    fn from(cause: io::Error) -> Self {
        let broken_pipe = cause.kind() == io::ErrorKind::BrokenPipe;
        let message = format!("cannot write the output: {}", plain(&cause));
        Self { broken_pipe, of_output: true, ..Self::new(ExitStatus::Failed, message) }
    }
}

/// What the command line can offer when the engine has no advice of its own.
fn advice(kind: Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::DatabaseLocked => "wait until the other process ends; reading is possible meanwhile",
        Kind::NotADatabase => "name a directory made by vql, or one that does not exist yet",
        Kind::NewerFormat => "use the version of vql that wrote it, or a newer one",
        Kind::UnboundedWrite => "name a hexad or a condition, or pass `--force`",
        Kind::DiskFull => "free some space and try again; what was committed is safe",
        _ => return None,
    })
}

/// The words of the operating system without the error number, lower case like every message.
pub fn plain(cause: &io::Error) -> String {
    let text = cause.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
