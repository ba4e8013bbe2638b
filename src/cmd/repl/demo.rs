//! `--demo`: a small generated database to try things on.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use tempfile::TempDir;

use crate::cmd::error::{CmdError, Result, plain};
use crate::cmd::exit::ExitStatus;
use crate::cmd::ui::Ui;
use crate::config::{SystemClock, SystemRng};
use crate::engine::Engine;
use crate::engine::demo::SUGGESTIONS;
use crate::engine::lang;
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
            engine.fill_demo()?;
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
        let mut text =
            String::from("A small world to try things on. Five questions to start with:\n");
        for suggestion in &SUGGESTIONS {
            write!(text, "\n  {}\n", suggestion.title).ok();
            let statement = lang::format::format(suggestion.statement);
            let statement = statement.unwrap_or_else(|_| suggestion.statement.to_owned());
            for line in statement.trim_end().lines() {
                writeln!(text, "    {line}").ok();
            }
        }
        text
    }
}

fn temporary() -> Result<TempDir> {
    tempfile::Builder::new().prefix("vql-demo-").tempdir().map_err(|cause| {
        let message = format!("cannot make a temporary directory: {}", plain(&cause));
        CmdError::new(ExitStatus::Unreachable, message)
    })
}
