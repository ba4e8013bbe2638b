//! `table`: drawn with lines, fitted to the terminal. When the columns cannot be read side by side
//! the records are printed one below the other instead.

use std::io::{self, Write};

use nu_ansi_term::Style as Ink;
use tabled::builder::Builder;
use tabled::settings::object::{Columns, Rows};
use tabled::settings::{Alignment, Modify, Style};
use unicode_width::UnicodeWidthStr as _;

use super::cell;
use super::expanded::Expanded;
use super::{Answer, Form, Page, shown};
use crate::engine::base::Value;

/// A column cut narrower than this tells nothing.
const READABLE: usize = 12;
/// The same where there are so few rows that their values are what is looked for.
const READABLE_FEW: usize = 40;
/// That few.
const FEW: usize = 3;

pub(super) struct Table;

impl Form for Table {
    fn write(&self, answer: &Answer<'_>, page: &Page, out: &mut dyn Write) -> io::Result<()> {
        let outcome = answer.outcome;
        if outcome.columns.is_empty() {
            return Ok(());
        }
        let columns = shown(answer);
        let header: Vec<String> = columns
            .iter()
            .filter_map(|c| Some(cell::visible(&outcome.columns.get(*c)?.name)))
            .collect();
        let short = page.width.is_some();
        let cell = |row: &Vec<Value>, c: &usize| {
            row.get(*c).map(|value| cell::line(value, short)).unwrap_or_default()
        };
        let rows: Vec<Vec<String>> =
            outcome.rows.iter().map(|row| columns.iter().map(|c| cell(row, c)).collect()).collect();
        let Some(limit) = limit(&header, &rows, page.width) else {
            return Expanded.write(answer, page, out);
        };
        let text = draw(&header, &rows, limit, &numeric(answer, &columns), page.color);
        writeln!(out, "{text}")
    }
}

/// The width no column may exceed, so that all fit; `None` when they would not be readable.
fn limit(header: &[String], rows: &[Vec<String>], width: Option<usize>) -> Option<usize> {
    let Some(width) = width else { return Some(usize::MAX) };
    let natural: Vec<usize> = header
        .iter()
        .enumerate()
        .map(|(n, name)| {
            let cells = rows.iter().filter_map(|row| row.get(n));
            cells.map(|text| text.width()).fold(name.width(), usize::max)
        })
        .collect();
    // A line before each cell and after the last, a space on both sides.
    let room = width.checked_sub(3 * natural.len() + 1)?;
    let needed = |limit: usize| natural.iter().map(|w| (*w).min(limit)).sum::<usize>();
    let widest = natural.iter().copied().max().unwrap_or(0);
    if needed(widest) <= room {
        return Some(usize::MAX);
    }
    let limit = (1..widest).rev().find(|limit| needed(*limit) <= room)?;
    let readable = if rows.len() <= FEW { READABLE_FEW } else { READABLE };
    (limit >= readable).then_some(limit)
}

/// Columns that hold numbers only stand to the right.
fn numeric(answer: &Answer<'_>, columns: &[usize]) -> Vec<bool> {
    let number = |value: &Value| matches!(value, Value::Int(_) | Value::Float(_));
    columns
        .iter()
        .map(|c| {
            let mut cells = answer.outcome.rows.iter().filter_map(|row| row.get(*c));
            cells.all(|value| value.is_null() || number(value))
                && answer.outcome.rows.iter().any(|row| row.get(*c).is_some_and(number))
        })
        .collect()
}

fn draw(
    header: &[String],
    rows: &[Vec<String>],
    limit: usize,
    numeric: &[bool],
    color: bool,
) -> String {
    let mut table = Builder::default();
    let bold = |name: &String| {
        let name = cell::fit(name, limit);
        if color { Ink::new().bold().paint(name).to_string() } else { name }
    };
    table.push_record(header.iter().map(bold));
    for row in rows {
        table.push_record(row.iter().map(|text| cell::fit(text, limit)));
    }
    let mut table = table.build();
    if rows.is_empty() {
        // A line below the header would stand in the place of the last one.
        table.with(Style::rounded().remove_horizontals());
    } else {
        table.with(Style::rounded());
    }
    for (n, right) in numeric.iter().enumerate() {
        if *right {
            table.with(Modify::new(Columns::one(n)).with(Alignment::right()));
        }
    }
    if rows.is_empty() {
        table.with(Modify::new(Rows::first()).with(Alignment::left()));
    }
    table.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_wide_records_are_not_cut_to_stumps() {
        let header = ["a", "b", "c"].map(str::to_owned);
        let row = vec!["x".repeat(50); 3];
        assert_eq!(limit(&header, std::slice::from_ref(&row), Some(80)), None);
        assert!(limit(&header, &vec![row.clone(); 10], Some(80)).is_some());
        assert_eq!(limit(&header, &[row], Some(200)), Some(usize::MAX));
    }
}
