//! `csv` after RFC 4180 and `tsv`: a header, then one record a row; composite values as JSON.

use std::io::{self, Write};

use super::cell;
use super::{Answer, Form, Page};
use crate::engine::base::Value;

pub(super) struct Separated {
    between: &'static str,
    end: &'static str,
    quoted: bool,
}

impl Separated {
    /// Quotes what needs it; a line may continue inside quotes.
    pub(super) const CSV: Self = Self { between: ",", end: "\r\n", quoted: true };
    /// Never quotes; tabs, line ends and backslashes are escaped.
    pub(super) const TSV: Self = Self { between: "\t", end: "\n", quoted: false };

    fn record(&self, fields: impl Iterator<Item = String>, out: &mut dyn Write) -> io::Result<()> {
        for (n, field) in fields.enumerate() {
            if n > 0 {
                out.write_all(self.between.as_bytes())?;
            }
            out.write_all(field.as_bytes())?;
        }
        out.write_all(self.end.as_bytes())
    }

    /// An empty text is quoted: nothing at all stands for null.
    fn field(&self, value: &Value) -> String {
        match value {
            Value::Text(text) if text.is_empty() && self.quoted => "\"\"".to_owned(),
            other => self.safe(&cell::exact(other)),
        }
    }

    fn safe(&self, text: &str) -> String {
        if !self.quoted {
            return text
                .replace('\\', "\\\\")
                .replace('\t', "\\t")
                .replace('\r', "\\r")
                .replace('\n', "\\n");
        }
        let edge = |c: Option<char>| c == Some(' ');
        let needs = text.contains([',', '"', '\r', '\n'])
            || edge(text.chars().next())
            || edge(text.chars().next_back());
        if needs { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
    }
}

impl Form for Separated {
    fn write(&self, answer: &Answer<'_>, _: &Page, out: &mut dyn Write) -> io::Result<()> {
        let outcome = answer.outcome;
        if outcome.columns.is_empty() {
            return Ok(());
        }
        self.record(outcome.columns.iter().map(|column| self.safe(&column.name)), out)?;
        for row in &outcome.rows {
            self.record(row.iter().map(|value| self.field(value)), out)?;
        }
        Ok(())
    }
}
