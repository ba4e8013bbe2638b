//! The only writer to standard output and standard error: results go to the one, everything else
//! to the other. Decides about color and knows how wide the terminal is; formats nothing itself.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::path::{Path, PathBuf};

use nu_ansi_term::{Color as Ink, Style};

use super::args::Color;
use super::error::{CmdError, Result};
use crate::config::Terminal;

/// Where a command speaks to its user.
pub struct Ui {
    sink: Sink,
    color_out: bool,
    color_err: bool,
    terminal_out: bool,
    terminal_err: bool,
    quiet: bool,
    verbose: u8,
    columns: Option<usize>,
}

enum Sink {
    Stdout(BufWriter<io::Stdout>),
    File(PathBuf, BufWriter<File>),
}

impl Ui {
    /// A writer to standard output that follows the wishes about color.
    pub fn new(color: Color, terminal: &Terminal) -> Self {
        let terminal_out = io::stdout().is_terminal();
        let terminal_err = io::stderr().is_terminal();
        let colored = |on_terminal: bool| match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto if terminal.force_color => true,
            Color::Auto => on_terminal && !terminal.no_color && !terminal.dumb,
        };
        Self {
            sink: Sink::Stdout(BufWriter::new(io::stdout())),
            color_out: colored(terminal_out),
            color_err: colored(terminal_err),
            terminal_out,
            terminal_err,
            quiet: false,
            verbose: 0,
            columns: terminal.columns,
        }
    }

    /// How much is said besides results and errors.
    pub fn speak(&mut self, quiet: bool, verbose: u8) {
        (self.quiet, self.verbose) = (quiet, verbose);
    }

    /// Sends the results to a file from now on, or back to standard output.
    pub fn redirect(&mut self, path: Option<&Path>) -> Result<()> {
        self.flush()?;
        self.sink = match path {
            None => Sink::Stdout(BufWriter::new(io::stdout())),
            Some(path) => {
                let file = File::create(path).map_err(|e| CmdError::file("create", path, &e))?;
                Sink::File(path.to_owned(), BufWriter::new(file))
            }
        };
        Ok(())
    }

    /// The file the results go to, when they do not go to standard output.
    pub fn redirected(&self) -> Option<&Path> {
        match &self.sink {
            Sink::Stdout(_) => None,
            Sink::File(path, _) => Some(path),
        }
    }

    /// True when results are read by a person.
    pub fn to_terminal(&self) -> bool {
        self.terminal_out && self.redirected().is_none()
    }

    /// True when messages are read by a person.
    pub fn messages_to_terminal(&self) -> bool {
        self.terminal_err
    }

    /// True when results may be colored.
    pub fn color(&self) -> bool {
        self.color_out && self.redirected().is_none()
    }

    /// True when messages may be colored.
    pub fn color_messages(&self) -> bool {
        self.color_err
    }

    /// True when only results and errors are wanted.
    pub fn quiet(&self) -> bool {
        self.quiet
    }

    /// True when more is wanted.
    pub fn verbose(&self) -> bool {
        self.verbose > 0
    }

    /// Columns and lines of the terminal the results go to.
    pub fn size(&self) -> Option<(usize, usize)> {
        if !self.to_terminal() {
            return None;
        }
        let (width, height) = terminal_size::terminal_size()
            .map_or((80, 24), |(w, h)| (usize::from(w.0), usize::from(h.0)));
        Some((self.columns.unwrap_or(width).max(20), height))
    }

    /// Writes results.
    pub fn print(&mut self, text: &str) -> Result<()> {
        self.out().write_all(text.as_bytes())?;
        Ok(())
    }

    /// Where results are written to, for those who write much.
    pub fn out(&mut self) -> &mut dyn Write {
        match &mut self.sink {
            Sink::Stdout(out) => out,
            Sink::File(_, out) => out,
        }
    }

    /// Makes sure that the reader of the results has all of them.
    pub fn flush(&mut self) -> Result<()> {
        match &mut self.sink {
            Sink::Stdout(out) => Ok(out.flush()?),
            Sink::File(path, out) => {
                out.flush().map_err(|e| CmdError::file("write", path.as_path(), &e))
            }
        }
    }

    /// Says something on standard error unless quiet was asked for.
    pub fn note(&mut self, text: &str) {
        if !self.quiet {
            self.message(text);
        }
    }

    /// Says something on standard error when more was asked for.
    pub fn detail(&mut self, text: &str) {
        if self.verbose() {
            self.message(text);
        }
    }

    /// Warns on standard error.
    pub fn warn(&mut self, message: &str, hint: Option<&str>) {
        if self.quiet {
            return;
        }
        let word = self.paint("warning", Ink::Yellow.bold());
        let help = hint.map(|hint| format!("\n   = help: {hint}")).unwrap_or_default();
        self.message(&format!("{word}: {message}{help}"));
    }

    /// Reports a failure that has no place in a text.
    pub fn fail(&mut self, error: &CmdError) {
        if error.broken_pipe {
            return;
        }
        let word = error.kind.map_or("error".to_owned(), |kind| format!("error[{}]", kind.name()));
        let mut text = format!("{}: {}", self.paint(&word, Ink::Red.bold()), error.message);
        for hint in &error.hints {
            text.push_str("\n   = help: ");
            text.push_str(hint);
        }
        self.message(&text);
    }

    /// Writes one message to standard error, after the results that were before it.
    ///
    /// Nobody can be told when standard error is gone, so its failures end here.
    pub fn message(&mut self, text: &str) {
        self.flush().ok();
        let mut err = io::stderr().lock();
        err.write_all(text.as_bytes()).ok();
        if !text.ends_with('\n') {
            err.write_all(b"\n").ok();
        }
    }

    fn paint(&self, word: &str, style: Style) -> String {
        if self.color_err { style.paint(word).to_string() } else { word.to_owned() }
    }
}
