//! `expanded`: records one below the other, one value a line; what is nested is spread out.

use std::io::{self, Write};

use nu_ansi_term::Style as Ink;
use unicode_width::UnicodeWidthStr as _;

use super::cell;
use super::{Answer, Form, Page, shown};
use crate::engine::base::Value;

/// Lines one value may fill on a terminal.
const LINES: usize = 6;

pub(super) struct Expanded;

impl Form for Expanded {
    fn write(&self, answer: &Answer<'_>, page: &Page, out: &mut dyn Write) -> io::Result<()> {
        let outcome = answer.outcome;
        let columns = shown(answer);
        for (n, row) in outcome.rows.iter().enumerate() {
            let mut fields = Vec::new();
            for c in &columns {
                if let (Some(column), Some(value)) = (outcome.columns.get(*c), row.get(*c)) {
                    spread(&column.name, value, &mut fields);
                }
            }
            record(n + 1, &fields, page, out)?;
        }
        Ok(())
    }
}

/// Takes a map apart, one level: `document` becomes `document.title`, `document.body` and so on.
fn spread<'a>(name: &str, value: &'a Value, fields: &mut Vec<(String, &'a Value)>) {
    match value {
        Value::Map(map) if !map.is_empty() => {
            fields.extend(map.iter().map(|(key, value)| (format!("{name}.{key}"), value)));
        }
        value => fields.push((name.to_owned(), value)),
    }
}

fn record(
    number: usize,
    fields: &[(String, &Value)],
    page: &Page,
    out: &mut dyn Write,
) -> io::Result<()> {
    let names: Vec<String> = fields.iter().map(|(name, _)| cell::visible(name)).collect();
    let widest = names.iter().map(|name| name.width()).max().unwrap_or(0);
    let rule = page.width.unwrap_or(60).min(60);
    let title = format!("── {number} ");
    writeln!(out, "{title}{}", "─".repeat(rule.saturating_sub(title.width())))?;
    for (name, (_, value)) in names.iter().zip(fields) {
        let pad = " ".repeat(widest - name.width());
        let name =
            if page.color { Ink::new().bold().paint(name).to_string() } else { name.clone() };
        let text = cell::line(value, page.width.is_some());
        let room = page.width.map_or(usize::MAX, |width| width.saturating_sub(widest + 3).max(20));
        let mut lines = wrap(&text, room).into_iter();
        writeln!(out, "{name}{pad} │ {}", lines.next().unwrap_or_default())?;
        for line in lines {
            writeln!(out, "{} │ {line}", " ".repeat(widest))?;
        }
    }
    Ok(())
}

/// Breaks text into lines of `room` columns, at spaces where there are some.
fn wrap(text: &str, room: usize) -> Vec<String> {
    if text.width() <= room {
        return vec![text.to_owned()];
    }
    let mut lines = vec![String::new()];
    for word in text.split_inclusive(' ') {
        let line = lines.last_mut().expect("there is always a line");
        if line.width() + word.trim_end().width() <= room {
            line.push_str(word);
            continue;
        }
        if lines.len() == LINES {
            break;
        }
        lines.push(cell::fit(word, room));
    }
    lines.retain(|line| !line.is_empty());
    let written: usize = lines.iter().map(|line| line.chars().count()).sum();
    let left = text.chars().count().saturating_sub(written);
    if left > 0 {
        lines.push(format!("… {left} more characters"));
    }
    lines
}
