//! A plan as lines of text: the tree on the left, figures in aligned columns on the right, and what
//! there is to say about the whole below it.
//!
//! Lines are made of pieces that have a tone, so that whoever prints them on a terminal can color
//! them; without colors the pieces are simply written one after the other.

use std::fmt::Write as _;

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::json::modality;
use super::{Explained, Op, Run, Worst};

/// What a piece of a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Words.
    Plain,
    /// The heads of the columns.
    Head,
    /// What only leads the eye.
    Faint,
    /// What an operator does.
    Operator,
    /// A figure.
    Figure,
    /// Something to look at: an estimate that was far off.
    Alarm,
    /// Advice.
    Advice,
}

/// A line, piece by piece.
pub type Line = Vec<(Tone, String)>;

/// How far off an estimate must be to be pointed out.
pub const FAR: f64 = 10.0;
/// The least width of the tree, however narrow the page is.
const NARROW: usize = 24;
/// Between two columns.
const GAP: usize = 2;

/// The lines of a plan without tones.
pub fn plain(explained: &Explained) -> Vec<String> {
    lines(explained, None)
        .into_iter()
        .map(|line| {
            let text: String = line.into_iter().map(|(_, text)| text).collect();
            text.trim_end().to_owned()
        })
        .collect()
}

/// The labels of the operators, the last one first: a plan in one line.
pub fn brief(explained: &Explained) -> String {
    let mut labels = vec![];
    explained.root.each(&mut |op, _| labels.push(op.label.as_str()));
    labels.join("; ")
}

/// The lines of a plan on a page of this width; without one nothing is shortened.
pub fn lines(explained: &Explained, width: Option<usize>) -> Vec<Line> {
    let worst = explained.worst().filter(|worst| worst.factor >= FAR);
    let columns = columns(explained);
    let mut rows: Vec<Row> = vec![];
    explained.root.each(&mut |op, depth| rows.push(Row::of(op, depth, &columns, worst)));
    let figures: usize =
        columns.iter().enumerate().map(|(at, column)| GAP + figure_width(&rows, at, column)).sum();
    let widest = rows.iter().map(|row| row.left.width()).max().unwrap_or(0);
    let room = width.map_or(widest, |width| width.saturating_sub(figures).max(NARROW).min(widest));
    let mut lines = vec![];
    if !columns.is_empty() {
        lines.push(heads(&columns, &rows, room));
    }
    for row in &rows {
        lines.push(row.line(&columns, &rows, room));
        for said in &row.said {
            lines.push(vec![(
                Tone::Faint,
                format!("{}  {}", " ".repeat(row.indent), cut(said, width, row.indent + 2)),
            )]);
        }
    }
    footer(explained, worst, &mut lines);
    lines
}

/// The columns there is anything to write in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Expected,
    Cost,
    Rows,
    Time,
    Loops,
    Read,
    Pages,
    Memory,
}

impl Column {
    fn head(self, run: bool) -> &'static str {
        match self {
            Self::Expected if run => "expected",
            Self::Expected | Self::Rows => "rows",
            Self::Cost => "cost",
            Self::Time => "time",
            Self::Loops => "loops",
            Self::Read => "read",
            Self::Pages => "pages",
            Self::Memory => "memory",
        }
    }

    fn figure(self, op: &Op) -> String {
        let actual = op.actual.as_ref();
        let some = |n: Option<u64>| n.filter(|n| *n > 0).map_or(String::new(), |n| n.to_string());
        match self {
            Self::Expected => op.rows().map_or(String::new(), rounded),
            Self::Cost => {
                let cost = op.expected.as_ref().and_then(super::Expected::cost);
                cost.map_or(String::new(), duration)
            }
            Self::Rows => actual.map_or(String::new(), |done| done.rows.to_string()),
            Self::Time => {
                actual.and_then(|done| done.micros).map_or(String::new(), |n| duration(n as f64))
            }
            Self::Loops => some(actual.map(|done| done.loops).filter(|loops| *loops != 1)),
            Self::Read => some(actual.map(|done| done.records)),
            Self::Pages => some(actual.map(|done| done.pages)),
            Self::Memory => {
                let held = actual.map(|done| done.memory).filter(|held| *held > 0);
                held.map_or(String::new(), bytes)
            }
        }
    }
}

fn columns(explained: &Explained) -> Vec<(Column, &'static str)> {
    use Column as C;
    let run = explained.run.is_some();
    let all = [C::Expected, C::Cost, C::Rows, C::Time, C::Loops, C::Read, C::Pages, C::Memory];
    let mut used = vec![];
    for column in all {
        let mut any = false;
        explained.root.each(&mut |op, _| any |= !column.figure(op).is_empty());
        if any {
            used.push((column, column.head(run)));
        }
    }
    used
}

/// An operator as it stands in the tree.
struct Row {
    indent: usize,
    left: String,
    figures: Vec<String>,
    alarm: bool,
    said: Vec<String>,
}

impl Row {
    fn of(op: &Op, depth: usize, columns: &[(Column, &'static str)], worst: Option<Worst>) -> Self {
        let lead =
            if depth == 0 { String::new() } else { format!("{}-> ", "  ".repeat(depth - 1)) };
        let mut said: Vec<String> = vec![];
        if let Some(reason) = &op.reason {
            said.push(format!("because {reason}"));
        }
        // The other ways are in the other forms; one is enough to see how close it was.
        for other in op.alternatives.iter().take(1) {
            let cost = other.expected.as_ref().and_then(super::Expected::cost);
            let cost = cost.map_or(String::new(), |cost| format!(" at {}", duration(cost)));
            said.push(format!("rather than {}{cost}: {}", other.label, other.reason));
        }
        Self {
            indent: lead.len(),
            left: lead + &op.label,
            figures: columns.iter().map(|(column, _)| column.figure(op)).collect(),
            alarm: worst.is_some_and(|worst| worst.op == op.id),
            said,
        }
    }

    fn line(&self, columns: &[(Column, &'static str)], all: &[Self], room: usize) -> Line {
        let left = cut(&self.left, Some(room), 0);
        let padding = " ".repeat(room.saturating_sub(left.width()));
        let (lead, words) = left.split_at(self.indent.min(left.len()));
        let mut line = vec![(Tone::Faint, lead.to_owned())];
        match words.split_once(' ') {
            Some((first, rest)) => {
                line.push((Tone::Operator, first.to_owned()));
                line.push((Tone::Plain, format!(" {rest}")));
            }
            None => line.push((Tone::Operator, words.to_owned())),
        }
        line.push((Tone::Plain, padding));
        for (at, column) in columns.iter().enumerate() {
            let figure = &self.figures[at];
            let wide = figure_width(all, at, column) + GAP;
            let about_rows = matches!(column.0, Column::Expected | Column::Rows);
            let tone = if self.alarm && about_rows { Tone::Alarm } else { Tone::Figure };
            line.push((tone, format!("{}{figure}", " ".repeat(wide - figure.width()))));
        }
        line
    }
}

fn figure_width(rows: &[Row], at: usize, column: &(Column, &'static str)) -> usize {
    let widest = rows.iter().map(|row| row.figures[at].width()).max().unwrap_or(0);
    widest.max(column.1.width())
}

fn heads(columns: &[(Column, &'static str)], rows: &[Row], room: usize) -> Line {
    let mut text = " ".repeat(room);
    for (at, column) in columns.iter().enumerate() {
        let wide = figure_width(rows, at, column) + GAP;
        text.push_str(&" ".repeat(wide - column.1.width()));
        text.push_str(column.1);
    }
    vec![(Tone::Head, text)]
}

fn footer(explained: &Explained, worst: Option<Worst>, lines: &mut Vec<Line>) {
    let shares = explained.by_modality();
    let whole: f64 = shares.iter().map(|(_, micros)| micros).sum();
    if whole > 0.0 {
        let shares: Vec<String> = shares
            .iter()
            .map(|(of, micros)| format!("{} {:.0} %", modality(*of), micros / whole * 100.0))
            .collect();
        lines.push(vec![(
            Tone::Plain,
            format!("cost: about {}: {}", duration(whole), shares.join(", ")),
        )]);
    }
    if let Some(run) = &explained.run {
        lines.push(vec![(Tone::Plain, ran(run))]);
    }
    if let Some(worst) = worst {
        let op = explained.op(worst.op).map_or("", |op| op.label.as_str());
        let many = if worst.too_low { "more" } else { "fewer" };
        lines.push(vec![(
            Tone::Alarm,
            format!(
                "worst estimate: {} times {many} rows than expected: {op}",
                rounded(worst.factor)
            ),
        )]);
    }
    for note in &explained.notes {
        lines.push(vec![(Tone::Plain, format!("note: {note}"))]);
    }
    for hint in &explained.hints {
        lines.push(vec![
            (Tone::Advice, "hint: ".to_owned()),
            (Tone::Plain, format!("{}; {}", hint.message, hint.advice)),
        ]);
    }
}

fn ran(run: &Run) -> String {
    let rows = if run.rows == 1 { "1 row".to_owned() } else { format!("{} rows", run.rows) };
    let mut text = format!(
        "ran: {rows} in {}, {} of it for the plan; read {} records ({})",
        duration(run.micros as f64),
        duration(run.planning as f64),
        run.records,
        bytes(run.bytes),
    );
    if run.pages > 0 {
        let _ = write!(text, ", fetched {} pages", run.pages);
    }
    if run.memory > 0 {
        let _ = write!(text, ", held {}", bytes(run.memory));
    }
    text
}

/// A text that fits, with a sign that it was longer.
fn cut(text: &str, width: Option<usize>, taken: usize) -> String {
    let Some(width) = width.map(|width| width.saturating_sub(taken)) else {
        return text.to_owned();
    };
    if text.width() <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = 1;
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used > width {
            break;
        }
        kept.push(c);
    }
    kept + "…"
}

/// A number of rows as people say it.
pub fn rounded(rows: f64) -> String {
    if rows >= 10.0 || (rows - rows.round()).abs() < 0.05 {
        format!("{rows:.0}")
    } else {
        format!("{rows:.1}")
    }
}

/// Microseconds as people say them.
pub fn duration(micros: f64) -> String {
    match micros {
        us if us < 10.0 => format!("{us:.1} us"),
        us if us < 1000.0 => format!("{us:.0} us"),
        us if us < 10_000.0 => format!("{:.2} ms", us / 1000.0),
        us if us < 1_000_000.0 => format!("{:.0} ms", us / 1000.0),
        us => format!("{:.2} s", us / 1_000_000.0),
    }
}

/// Bytes as people say them.
pub fn bytes(bytes: u64) -> String {
    match bytes {
        n if n < 1024 => format!("{n} B"),
        n if n < 1024 * 1024 => format!("{:.1} KiB", n as f64 / 1024.0),
        n => format!("{:.1} MiB", n as f64 / (1024.0 * 1024.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Done, Expected, Hint, OpKind};
    use super::*;
    use crate::engine::base::Modality;

    fn sample(run: bool) -> Explained {
        let done = |rows, micros| {
            run.then_some(Done { rows, micros: Some(micros), loops: 1, ..Done::default() })
        };
        let of = |rows, modality, micros| Expected {
            rows,
            micros: vec![(modality, micros)],
            origin: None,
        };
        let source = Op::new(OpKind::Source, "all hexads").expecting_rows(1000.0);
        let index = Op::new(OpKind::Index, "text index")
            .within(Some(Modality::Document))
            .expecting(of(3.0, Some(Modality::Document), 75.0))
            .having_done(done(300, 120))
            .over(source);
        let limit = Op::new(OpKind::Limit, "limit 3")
            .expecting(of(3.0, None, 25.0))
            .having_done(done(3, 1))
            .over(index);
        let mut explained = Explained::new("SELECT", limit);
        explained.hints.push(Hint {
            code: "full_scan",
            message: "every hexad is read".to_owned(),
            advice: "add a condition".to_owned(),
        });
        explained.run = run.then(Run::default);
        explained
    }

    #[test]
    fn figures_stand_in_columns_and_shares_below_them() {
        insta::assert_snapshot!(plain(&sample(false)).join("\n"), @r"
                         rows   cost
        limit 3             3  25 us
        -> text index       3  75 us
          -> all hexads  1000
        cost: about 100 us: document 75 %, engine 25 %
        hint: every hexad is read; add a condition
        ");
    }

    #[test]
    fn an_estimate_that_was_far_off_is_pointed_out() {
        let lines = lines(&sample(true), None);
        let alarms: Vec<&str> = lines
            .iter()
            .flatten()
            .filter(|(tone, _)| *tone == Tone::Alarm)
            .map(|(_, text)| text.trim())
            .collect();
        assert_eq!(
            alarms,
            ["3", "300", "worst estimate: 100 times more rows than expected: text index"]
        );
    }

    #[test]
    fn a_narrow_page_cuts_the_words_and_no_figure() {
        let mut explained = sample(false);
        explained.root.label = "project ".to_owned() + &"日本語".repeat(40);
        for line in lines(&explained, Some(60)).iter().take(4) {
            let text: String = line.iter().map(|(_, text)| text.as_str()).collect();
            assert!(text.width() <= 60, "{text}");
            assert!(
                text.contains("us") || text.contains("rows") || text.contains("1000"),
                "{text}"
            );
        }
    }
}
