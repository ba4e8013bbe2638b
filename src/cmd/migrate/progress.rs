//! How far a long job is: a bar with rate and time left on a terminal, lines now and then in a log
//! when more was asked for, nothing otherwise. Always on standard error.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cmd::ui::Ui;

/// Between two lines of a log.
const PERIOD: Duration = Duration::from_secs(5);

/// A job under way.
pub(super) struct Progress {
    bar: ProgressBar,
    log: bool,
    started: Instant,
    spoke: Instant,
}

impl Progress {
    /// A job with so many bytes to read, when that is known.
    pub(super) fn start(ui: &Ui, name: &str, size: Option<u64>) -> Self {
        let shown = ui.messages_to_terminal() && !ui.quiet();
        let target =
            if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(size, target);
        let form = match size {
            Some(_) => "{prefix} {bar:30} {percent:>3}%  {msg}  {eta} left",
            None => "{prefix} {spinner}  {msg}",
        };
        if let Ok(style) = ProgressStyle::with_template(form) {
            bar.set_style(style.progress_chars("█▉▊▋▌▍▎▏ "));
        }
        bar.set_prefix(name.to_owned());
        let now = Instant::now();
        Self { bar, log: ui.verbose() && !shown, started: now, spoke: now }
    }

    /// So many bytes are read and so many hexads are done.
    pub(super) fn tick(&mut self, ui: &mut Ui, bytes: u64, hexads: u64) {
        self.bar.set_position(bytes);
        let message = format!("{hexads} hexads, {:.0}/s", self.rate(hexads));
        if self.log && self.spoke.elapsed() >= PERIOD {
            self.spoke = Instant::now();
            let percent = self
                .bar
                .length()
                .filter(|length| *length > 0)
                .map(|length| format!("{}%, ", bytes * 100 / length))
                .unwrap_or_default();
            ui.message(&format!("{}: {percent}{message}", self.bar.prefix()));
        }
        self.bar.set_message(message);
    }

    /// Says something without tearing the bar.
    pub(super) fn above(&self, say: impl FnOnce()) {
        self.bar.suspend(say);
    }

    /// Hexads a second since the start.
    pub(super) fn rate(&self, hexads: u64) -> f64 {
        hexads as f64 / self.started.elapsed().as_secs_f64().max(1e-3)
    }

    /// Time since the start.
    pub(super) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Takes the bar away.
    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }
}
