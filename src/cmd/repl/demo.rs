//! `--demo`: a small generated database to try things on.

use std::path::Path;
use std::sync::Arc;

use tempfile::TempDir;

use crate::cmd::error::{CmdError, Result, plain};
use crate::cmd::exit::ExitStatus;
use crate::cmd::ui::Ui;
use crate::config::{SystemClock, SystemRng};
use crate::engine::Engine;
use crate::engine::outcome::Options;

/// The database of a demo; a temporary one goes away with this.
pub(super) struct Demo {
    target: String,
    _place: Option<TempDir>,
}

impl Demo {
    /// Makes the database at `target`, or in a temporary directory.
    ///
    /// A demo database that is there already is used as it is; any other is left alone.
    pub(super) fn prepare(target: Option<&str>, ui: &mut Ui) -> Result<Self> {
        let place = match target {
            Some(_) => None,
            None => Some(temporary()?),
        };
        let target = match (target, &place) {
            (Some(target), _) => target.to_owned(),
            (None, place) => {
                let place = place.as_ref().map_or(Path::new("."), TempDir::path);
                place.join("demo.db").display().to_string()
            }
        };
        let path = Path::new(&target);
        if path.exists() {
            ui.note(&format!("`{target}` exists already and is used as it is"));
        } else {
            let options = Options { create: true, ..Options::default() };
            let (clock, rng) = (Arc::new(SystemClock), Arc::new(SystemRng));
            let engine = Engine::open(path, options, clock, rng)?;
            return Err(CmdError::new(
                ExitStatus::Failed,
                "a demo is not supported by this version",
            ));
            engine.close()?;
        }
        Ok(Self { target, _place: place })
    }

    /// Where it is.
    pub(super) fn target(&self) -> &str {
        &self.target
    }

    /// What to try first.
    pub(super) fn welcome() -> String {
        String::new()
    }
}

fn temporary() -> Result<TempDir> {
    tempfile::Builder::new().prefix("vql-demo-").tempdir().map_err(|cause| {
        let message = format!("cannot make a temporary directory: {}", plain(&cause));
        CmdError::new(ExitStatus::Unreachable, message)
    })
}
