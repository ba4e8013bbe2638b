//! `vql fmt`: VQL files in the standard layout. Finds the files and writes them; the layout itself
//! is the engine's.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::args::{FmtArgs, Format};
use super::error::{CmdError, Result, plain};
use super::exit::ExitStatus;
use super::ui::Ui;
use crate::config::Config;
use crate::engine::base::span::Places;
use crate::engine::lang::diag::{RenderOptions, payload, render};
use crate::engine::lang::format::{Options, format_script};
use crate::engine::lang::resolve::NoCatalog;
use crate::engine::lang::{Diagnostic, Parse, lint, parse};

/// Formats, checks or lints what the arguments name.
///
/// A text that cannot be read or parsed is reported and does not stop the others.
pub fn run(args: &FmtArgs, config: &Config, ui: &mut Ui) -> Result<ExitStatus> {
    let width = args.line_width.or(config.line_width.value).map_or(100, usize::from);
    let mut run = Run {
        args,
        json: matches!(config.format.value, Some(Format::Json | Format::Jsonl)),
        options: Options { width, ..Options::default() },
        ui,
        tally: Tally::default(),
    };
    let here = [PathBuf::from(".")];
    let paths = if args.paths.is_empty() { &here[..] } else { &args.paths };
    for path in paths {
        if path.as_os_str() == "-" {
            run.standard_input()?;
        } else if path.is_dir() {
            run.directory(path)?;
        } else {
            run.file(path)?;
        }
    }
    run.summary();
    Ok(run.tally.status(args))
}

/// What happened so far.
#[derive(Debug, Default)]
struct Tally {
    unchanged: usize,
    changed: usize,
    broken: usize,
    rejected: bool,
}

impl Tally {
    fn status(&self, args: &FmtArgs) -> ExitStatus {
        let would_change = (args.check || args.diff) && self.changed > 0;
        if self.broken > 0 {
            ExitStatus::Usage
        } else if self.rejected || would_change {
            ExitStatus::Failed
        } else {
            ExitStatus::Ok
        }
    }
}

struct Run<'a> {
    args: &'a FmtArgs,
    json: bool,
    options: Options,
    ui: &'a mut Ui,
    tally: Tally,
}

impl Run<'_> {
    fn standard_input(&mut self) -> Result<()> {
        let given = self.args.stdin_filename.as_ref();
        let name = given.map_or_else(|| "<stdin>".to_owned(), |path| path.display().to_string());
        let mut bytes = Vec::new();
        if let Err(cause) = io::stdin().lock().read_to_end(&mut bytes) {
            let message = format!("cannot read standard input: {}", plain(&cause));
            return Err(CmdError::usage(message));
        }
        let Some(text) = self.decode(&name, bytes) else { return Ok(()) };
        if let Some(formatted) = self.treat(&name, &text)?
            && !(self.args.check || self.args.diff)
        {
            self.ui.print(&formatted)?;
        }
        Ok(())
    }

    /// Every `.vql` file below a directory, but for what ignore files exclude, in order of name.
    fn directory(&mut self, path: &Path) -> Result<()> {
        let mut walk = ignore::WalkBuilder::new(path);
        walk.require_git(false).sort_by_file_name(Ord::cmp);
        for entry in walk.build() {
            match entry {
                Ok(entry) => {
                    let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
                    if is_file && entry.path().extension().is_some_and(|e| e == "vql") {
                        self.file(entry.path())?;
                    }
                }
                Err(cause) => self.unreadable(&CmdError::usage(cause.to_string())),
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &Path) -> Result<()> {
        let shown = path.strip_prefix("./").unwrap_or(path).display().to_string();
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(cause) => {
                self.unreadable(&CmdError::file("read", path, &cause));
                return Ok(());
            }
        };
        let Some(text) = self.decode(&shown, bytes) else { return Ok(()) };
        if let Some(formatted) = self.treat(&shown, &text)?
            && formatted != text
            && !(self.args.check || self.args.diff)
        {
            if let Err(cause) = replace(path, &formatted) {
                self.unreadable(&CmdError::file("write", path, &cause));
            } else {
                self.ui.detail(&format!("formatted {shown}"));
            }
        }
        Ok(())
    }

    fn unreadable(&mut self, error: &CmdError) {
        self.tally.broken += 1;
        self.ui.fail(error);
    }

    fn decode(&mut self, name: &str, bytes: Vec<u8>) -> Option<String> {
        String::from_utf8(bytes)
            .map_err(|error| {
                let at = error.utf8_error().valid_up_to();
                let message = format!("`{name}` is not UTF-8 text: byte {at} is wrong");
                self.unreadable(&CmdError::usage(message));
            })
            .ok()
    }

    /// Formats or lints one text; gives back the formatted text, if there is one.
    fn treat(&mut self, name: &str, text: &str) -> Result<Option<String>> {
        if self.args.lint {
            self.lint(name, text, &parse(text))?;
            return Ok(None);
        }
        let formatted = format_script(text, self.options);
        self.tally.broken += usize::from(formatted.broken > 0);
        let places = Places::of(text);
        for diagnostic in &formatted.diagnostics {
            let shown = self.show(name, &places, diagnostic, self.ui.color_messages());
            self.ui.message(&shown);
        }
        let formatted = formatted.text;
        if formatted == text {
            self.tally.unchanged += 1;
            return Ok(Some(formatted));
        }
        self.tally.changed += 1;
        if self.args.diff {
            let diff = similar::TextDiff::from_lines(text, &formatted);
            let diff = diff.unified_diff().header(name, name).to_string();
            self.ui.print(&diff)?;
        } else if self.args.check {
            self.ui.print(&format!("would reformat {name}\n"))?;
        }
        Ok(Some(formatted))
    }

    fn lint(&mut self, name: &str, text: &str, parsed: &Parse) -> Result<()> {
        let places = Places::of(text);
        for finding in &lint::findings(text, parsed, &NoCatalog) {
            self.tally.rejected |= lint::rejects(finding);
            let shown = self.show(name, &places, finding, self.ui.color());
            self.ui.print(&shown)?;
        }
        Ok(())
    }

    fn show(
        &self,
        name: &str,
        places: &Places<'_>,
        diagnostic: &Diagnostic,
        color: bool,
    ) -> String {
        if self.json {
            let mut json = payload(places, diagnostic);
            if let Some(error) = json.get_mut("error").and_then(|e| e.as_object_mut()) {
                error.insert("file".into(), name.into());
                error.insert("severity".into(), diagnostic.severity.name().into());
            }
            return format!("{json}\n");
        }
        let width = self.ui.size().map_or(120, |(columns, _)| columns);
        render(places, diagnostic, &RenderOptions { name, color, width })
    }

    /// One line about all files, for people.
    fn summary(&mut self) {
        let Tally { unchanged, changed, broken, .. } = self.tally;
        let only_input = self.args.paths.iter().all(|p| p.as_os_str() == "-");
        if self.args.lint || (only_input && !self.args.paths.is_empty()) {
            return;
        }
        let files = |n: usize| if n == 1 { "1 file".to_owned() } else { format!("{n} files") };
        let verb =
            if self.args.check || self.args.diff { "would be formatted" } else { "formatted" };
        let mut parts = vec![format!("{} {verb}", files(changed))];
        parts.push(format!("{} unchanged", files(unchanged)));
        if broken > 0 {
            parts.push(format!("{} with errors", files(broken)));
        }
        self.ui.note(&parts.join(", "));
    }
}

/// Replaces the content of a file, all of it or nothing: a crash leaves the old or the new text.
///
/// The name may be a link; what it points to is replaced and keeps its permissions.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let target = fs::canonicalize(path)?;
    let permissions = fs::metadata(&target)?.permissions();
    if permissions.readonly() {
        return Err(io::Error::from(io::ErrorKind::PermissionDenied));
    }
    let name = target.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let beside = target.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    let written = (|| {
        let mut file = fs::OpenOptions::new().write(true).create_new(true).open(&beside)?;
        file.write_all(text.as_bytes())?;
        file.set_permissions(permissions)?;
        file.sync_all()?;
        fs::rename(&beside, &target)
    })();
    if written.is_err() {
        fs::remove_file(&beside).ok();
    }
    written
}
