//! The exit codes of the program and nothing else: what each means is part of the interface.

use std::process::ExitCode;

use crate::engine::base::Kind;

/// How the program ends.
///
/// The order is that of severity: when several statements fail, the worst one decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum ExitStatus {
    /// Everything asked for was done.
    #[default]
    Ok = 0,
    /// A statement failed, or `fmt --check` found something to change.
    Failed = 1,
    /// The command line, a setting or a file named there is wrong.
    Usage = 2,
    /// The target cannot be opened or reached.
    Unreachable = 3,
    /// Stored data is damaged.
    Damaged = 4,
    /// A proof does not verify.
    Unproven = 5,
    /// Drift is above the threshold that was asked for.
    Drifted = 6,
    /// Ctrl-C.
    Interrupted = 130,
}

impl ExitStatus {
    /// The status a failure of this kind ends the program with.
    pub fn of(kind: Kind) -> Self {
        match kind {
            Kind::StoreUnavailable
            | Kind::DatabaseLocked
            | Kind::NotADatabase
            | Kind::NewerFormat => Self::Unreachable,
            Kind::Corruption => Self::Damaged,
            Kind::Cancelled => Self::Interrupted,
            _ => Self::Failed,
        }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status as u8)
    }
}
