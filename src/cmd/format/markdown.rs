//! `markdown`: a table to paste into a document; nothing is cut.

use std::io::{self, Write};

use tabled::builder::Builder;
use tabled::settings::Style;

use super::cell;
use super::{Answer, Form, Page};

pub(super) struct Markdown;

impl Form for Markdown {
    fn write(&self, answer: &Answer<'_>, _: &Page, out: &mut dyn Write) -> io::Result<()> {
        let outcome = answer.outcome;
        if outcome.columns.is_empty() {
            return Ok(());
        }
        let mut table = Builder::default();
        table.push_record(outcome.columns.iter().map(|column| safe(&column.name)));
        for row in &outcome.rows {
            table.push_record(row.iter().map(|value| safe(&cell::exact(value))));
        }
        writeln!(out, "{}", table.build().with(Style::markdown()))
    }
}

/// One line that cannot end its cell.
fn safe(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('|', "\\|");
    cell::visible(&text.replace("\r\n", "<br>").replace(['\n', '\r'], "<br>"))
}
