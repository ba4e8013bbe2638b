//! How far a long statement is, as one line on the terminal of the messages that is gone when it ends.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cmd::ui::Ui;
use crate::engine::lang::ast::StatementKind;
use crate::engine::outcome::Progress;

/// Statements that are over sooner show nothing.
const SOON: Duration = Duration::from_millis(500);

/// The line of one statement.
pub(super) struct Line {
    bar: ProgressBar,
    /// What it is doing.
    verb: &'static str,
}

impl Line {
    /// For a statement that may take long, where a person looks on.
    pub(super) fn of(statement: &StatementKind, ui: &Ui) -> Option<Self> {
        let (verb, form) = match statement {
            StatementKind::CheckIntegrity => ("checking", "{spinner} {msg}"),
            StatementKind::Normalize(_) => {
                ("normalizing", "{bar:30} {percent:>3}%  {msg}, {eta} left")
            }
            _ => return None,
        };
        if ui.quiet() || !ui.messages_to_terminal() {
            return None;
        }
        let target = ProgressDrawTarget::stderr_with_hz(5);
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template(form) {
            bar.set_style(style.progress_chars("█▉▊▋▌▍▎▏ "));
        }
        Some(Self { bar, verb })
    }

    /// What moves it.
    pub(super) fn teller(&self) -> Progress {
        let (bar, verb) = (self.bar.clone(), self.verb);
        Progress::new(move |what, done, all| {
            if bar.elapsed() < SOON {
                return;
            }
            let far = if all > 1 { format!(" {done}/{all}") } else { String::new() };
            bar.set_length(all);
            bar.set_position(done);
            bar.set_message(format!("{verb} {what}{far}"));
            bar.tick();
        })
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
