//! The file of lines that could not be loaded: one JSON object a line, with where, what and why.
//! It is only made when there is something to put into it.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::cmd::error::{CmdError, Result, plain};
use crate::engine::base::{self, Error, Kind};
use crate::engine::hexad::import::Reject;

/// Where the rejects of a source go when nobody said where: beside where the user is, not beside
/// the source, which may be read-only.
pub(super) fn default_path(source: &Path) -> PathBuf {
    let name = source.file_name().filter(|_| source != Path::new("-"));
    let name = name.map_or_else(|| "stdin".to_owned(), |name| name.to_string_lossy().into_owned());
    PathBuf::from(format!("{name}.rejects.jsonl"))
}

/// Collects rejects.
pub(super) struct Rejects {
    path: PathBuf,
    fresh: bool,
    waiting: Vec<String>,
    file: Option<BufWriter<File>>,
    failed: bool,
}

impl Rejects {
    /// A file that starts anew when `fresh`, unless the import turns out to go on with an old one.
    pub(super) fn new(path: PathBuf, fresh: bool) -> Self {
        Self { path, fresh, waiting: Vec::new(), file: None, failed: false }
    }

    /// Says whether the import goes on with an earlier one, whose rejects are kept.
    pub(super) fn resumed(&mut self, resumed: bool) {
        if resumed && self.file.is_none() {
            self.fresh = false;
        }
    }

    /// Keeps one.
    pub(super) fn add(&mut self, name: &str, reject: &Reject) -> base::Result<()> {
        let line = json!({
            "file": name,
            "line": reject.line,
            "id": reject.id,
            "key": reject.key,
            "kind": reject.kind.name(),
            "reason": reject.reason,
            "text": reject.text,
        });
        self.waiting.push(format!("{line}\n"));
        if self.waiting.len() < 1000 {
            return Ok(());
        }
        self.write().map_err(|cause| {
            let message = format!("cannot write `{}`: {}", self.path.display(), plain(&cause));
            Error::new(Kind::Io, message)
        })
    }

    /// Writes what is left; gives the path when there were any.
    pub(super) fn finish(mut self) -> Result<Option<PathBuf>> {
        if self.failed {
            return Ok(None);
        }
        self.write().map_err(|cause| CmdError::file("write", &self.path, &cause))?;
        Ok(self.file.is_some().then_some(self.path))
    }

    fn write(&mut self) -> std::io::Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        self.failed = true;
        if self.file.is_none() {
            let mut options = File::options();
            options.create(true).write(true).append(!self.fresh).truncate(self.fresh);
            self.file = Some(BufWriter::new(options.open(&self.path)?));
        }
        if let Some(file) = &mut self.file {
            for line in self.waiting.drain(..) {
                file.write_all(line.as_bytes())?;
            }
            file.flush()?;
        }
        self.failed = false;
        Ok(())
    }
}
