//! How far a long statement is, as one line on the terminal of the messages that is gone when it ends.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cmd::ui::Ui;
use crate::engine::lang::ast::StatementKind;
use crate::engine::outcome::Progress;

/// Statements that are over sooner show nothing.
const SOON: Duration = Duration::from_millis(500);

/// The line of one statement.
pub(super) struct Line(ProgressBar);

impl Line {
    /// For a statement that may take long, where a person looks on.
    pub(super) fn of(statement: &StatementKind, ui: &Ui) -> Option<Self> {
        let long = matches!(statement, StatementKind::CheckIntegrity);
        if !long || ui.quiet() || !ui.messages_to_terminal() {
            return None;
        }
        let target = ProgressDrawTarget::stderr_with_hz(5);
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
            bar.set_style(style);
        }
        Some(Self(bar))
    }

    /// What moves it.
    pub(super) fn teller(&self) -> Progress {
        let bar = self.0.clone();
        Progress::new(move |what, done, all| {
            if bar.elapsed() < SOON {
                return;
            }
            let far = if all > 1 { format!(" {done}/{all}") } else { String::new() };
            bar.set_message(format!("checking {what}{far}"));
            bar.tick();
        })
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
