//! `vql fmt`: VQL files in the standard layout. Takes the files in parallel and reports in the order
//! of their names; the layout itself, and what there is to find, are the engine's.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

mod find;
mod replace;
mod report;
mod task;

use self::find::Input;
use self::report::Report;
use self::task::{Outcome, Task};
use super::args::{FmtArgs, Format, KeywordCase, ReportFormat};
use super::error::{CmdError, Result};
use super::exit::ExitStatus;
use super::ui::Ui;
use crate::config::Config;
use crate::config::layout::{Layout, Wishes};
use crate::engine::lang::format;

/// Formats, checks or lints what the arguments name.
///
/// A text that cannot be read or parsed is reported and does not stop the others.
pub fn run(args: &FmtArgs, config: &Config, ui: &mut Ui) -> Result<ExitStatus> {
    let wishes = Wishes {
        width: args.layout.line_width,
        indent: args.layout.indent,
        case: args.layout.keyword_case,
    };
    if args.layout.print_config {
        return print_config(args, config, &wishes, ui);
    }
    let (inputs, errors) = find::inputs(args, &config.layouts)?;
    if args.range.is_some() && inputs.len() != 1 {
        return Err(CmdError::usage("`--range` is about one text: name one file, or `-`"));
    }
    let mut tally = Tally::default();
    for error in &errors {
        tally.broken += 1;
        ui.fail(error);
    }
    let json = matches!(config.format.value, Some(Format::Json | Format::Jsonl));
    let format = if json { ReportFormat::Json } else { ReportFormat::Text };
    let from_input = inputs.contains(&Input::Stdin) || inputs.contains(&Input::Passed);
    let report = Report::new(args, args.output_format.unwrap_or(format), from_input, ui);
    let task = Task { args, layouts: &config.layouts, wishes, report };
    let mut results = Vec::new();
    each(&task, &inputs, |outcome| {
        tally.count(&outcome);
        results.extend(outcome.sarif);
        if let Some(error) = &outcome.error {
            ui.fail(error);
        }
        if !outcome.messages.is_empty() {
            ui.message(&outcome.messages);
        }
        if let Some(detail) = &outcome.detail {
            ui.detail(detail);
        }
        ui.print(&outcome.printed)
    })?;
    if report.format == ReportFormat::Sarif {
        let document = report::sarif(&results);
        if report.to_out { ui.print(&document)? } else { ui.message(&document) }
    }
    tally.say(args, from_input && inputs.len() == 1, ui);
    Ok(tally.status(args))
}

/// Does the inputs on as many threads as the machine has cores, and gives the outcomes in order.
fn each(
    task: &Task<'_>,
    inputs: &[Input],
    mut take: impl FnMut(Outcome) -> Result<()>,
) -> Result<()> {
    let workers = thread::available_parallelism().map_or(1, usize::from).min(inputs.len());
    if workers <= 1 {
        return inputs.iter().try_for_each(|input| take(task.run(input)));
    }
    let next = AtomicUsize::new(0);
    // Not much further ahead than what was already reported: outcomes hold texts.
    let (send, receive) = mpsc::sync_channel::<(usize, Outcome)>(workers * 4);
    thread::scope(|scope| {
        for _ in 0..workers {
            let (send, next) = (send.clone(), &next);
            scope.spawn(move || {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(input) = inputs.get(at) else { return };
                    // The one who takes them has given up: so do we.
                    if send.send((at, task.run(input))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(send);
        let mut waiting = BTreeMap::new();
        let mut due = 0;
        for (at, outcome) in receive {
            waiting.insert(at, outcome);
            while let Some(outcome) = waiting.remove(&due) {
                due += 1;
                take(outcome)?;
            }
        }
        Ok(())
    })
}

/// The options of the formatter that a layout asks for.
pub(super) fn options(layout: &Layout) -> format::Options {
    format::Options {
        width: usize::from(layout.line_width.value),
        indent: usize::from(layout.indent.value),
        case: match layout.keyword_case.value {
            KeywordCase::Upper => format::KeywordCase::Upper,
            KeywordCase::Lower => format::KeywordCase::Lower,
            KeywordCase::Preserve => format::KeywordCase::Preserve,
        },
    }
}

/// The layout of the first path named, as a `vql.toml` that would say the same.
fn print_config(
    args: &FmtArgs,
    config: &Config,
    wishes: &Wishes,
    ui: &mut Ui,
) -> Result<ExitStatus> {
    let here = Path::new("./query.vql");
    let named = args.which.stdin_filename.as_deref().or(args.paths.first().map(|p| &**p));
    let path = named.filter(|path| path.as_os_str() != "-").unwrap_or(here);
    let inside = path.join("query.vql");
    let layout = config.layouts.of(if path.is_dir() { &inside } else { path }, wishes)?;
    let case = options(&layout).case;
    let name = format::KeywordCase::ALL.iter().find(|(c, _)| *c == case).map_or("", |(_, n)| n);
    let mut rows = vec![
        (format!("line-width = {}", layout.line_width.value), layout.line_width.origin),
        (format!("indent = {}", layout.indent.value), layout.indent.origin),
        (format!("keyword-case = \"{name}\""), layout.keyword_case.origin),
    ];
    let widest = rows.iter().map(|(text, _)| text.len()).max().unwrap_or(0);
    ui.print("[fmt]\n")?;
    for (text, origin) in rows.drain(..) {
        ui.print(&format!("{text:<widest$}  # {origin}\n"))?;
    }
    for (root, glob) in layout.exclude {
        ui.print(&format!("# excluded below {}: {glob}\n", root.display()))?;
    }
    Ok(ExitStatus::Ok)
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
    fn count(&mut self, outcome: &Outcome) {
        self.broken += usize::from(outcome.broken);
        self.changed += usize::from(outcome.changed);
        self.unchanged += usize::from(!outcome.changed && !outcome.broken);
        self.rejected |= outcome.rejected;
    }

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

    /// One line about all files, for people.
    fn say(&self, args: &FmtArgs, only_input: bool, ui: &mut Ui) {
        let Self { unchanged, changed, broken, .. } = self;
        if only_input || args.lint && !args.fix {
            return;
        }
        let files = |n: usize| if n == 1 { "1 file".to_owned() } else { format!("{n} files") };
        let verb = match (args.lint, args.check || args.diff) {
            (true, _) => "fixed",
            (_, true) => "would be formatted",
            _ => "formatted",
        };
        let mut parts = vec![format!("{} {verb}", files(*changed))];
        parts.push(format!("{} unchanged", files(*unchanged)));
        if *broken > 0 {
            parts.push(format!("{} with errors", files(*broken)));
        }
        ui.note(&parts.join(", "));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::layout::Layouts;

    #[test]
    fn the_defaults_of_the_settings_are_those_of_the_formatter() {
        let layouts = Layouts::isolated();
        let layout = layouts.of(Path::new("q.vql"), &Wishes::default()).unwrap();
        assert_eq!(options(&layout), format::Options::default());
    }
}
