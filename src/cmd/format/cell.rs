//! One value as text: for a person on a terminal, or exactly for everybody else.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthChar as _;

use crate::engine::base::Value;

/// Longer sequences of numbers are shortened on a terminal.
const SEQUENCE: usize = 8;

/// The value in full: text as it is, everything composite as JSON.
pub fn exact(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Text(text) => text.clone(),
        Value::Time(instant) => instant.to_string(),
        other => other.to_json().to_string(),
    }
}

/// The value on one line, without anything a terminal would obey. With `short`, long sequences of
/// numbers are elided.
pub fn line(value: &Value, short: bool) -> String {
    match value {
        Value::Null => String::new(),
        Value::Text(text) => visible(text),
        Value::Time(instant) => instant.to_string(),
        other => {
            let mut text = String::new();
            nested(other, short, &mut text);
            visible(&text)
        }
    }
}

/// Makes control characters and those that turn the direction of text visible.
pub fn visible(text: &str) -> String {
    let unseen =
        |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if !text.chars().any(unseen) {
        return text.to_owned();
    }
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if unseen(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
        out
    })
}

/// Cuts text to `width` columns; a cut is marked with `…`.
pub fn fit(text: &str, width: usize) -> String {
    let mut used = 0;
    let mut cut = 0;
    for (at, c) in text.char_indices() {
        let next = used + c.width().unwrap_or(0);
        if next > width {
            let mut short = text.get(..cut).unwrap_or("").to_owned();
            short.push('…');
            return short;
        }
        used = next;
        if used < width {
            cut = at + c.len_utf8();
        }
    }
    text.to_owned()
}

fn nested(value: &Value, short: bool, out: &mut String) {
    match value {
        Value::Vector(numbers) if short && numbers.len() > SEQUENCE => {
            elided(numbers.iter().map(|x| f64::from(*x)), numbers.len(), out);
        }
        Value::List(items) if short && items.len() > SEQUENCE && numeric(items) => {
            elided(items.iter().filter_map(Value::as_f64), items.len(), out);
        }
        Value::List(items) => {
            out.push('[');
            for (n, item) in items.iter().enumerate() {
                out.push_str(if n == 0 { "" } else { ", " });
                nested(item, short, out);
            }
            out.push(']');
        }
        Value::Map(map) => {
            out.push('{');
            for (n, (key, item)) in map.iter().enumerate() {
                out.push_str(if n == 0 { "" } else { ", " });
                out.push_str(key);
                out.push_str(": ");
                nested(item, short, out);
            }
            out.push('}');
        }
        other => {
            write!(out, "{}", other.to_json()).ok();
        }
    }
}

fn numeric(items: &[Value]) -> bool {
    items.iter().all(|item| matches!(item, Value::Int(_) | Value::Float(_)))
}

fn elided(numbers: impl Iterator<Item = f64>, count: usize, out: &mut String) {
    out.push('[');
    for x in numbers.take(2) {
        let mut text = format!("{x:.2}");
        text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
        out.push_str(if text == "-0" { "0" } else { &text });
        out.push_str(", ");
    }
    write!(out, "… {count} dims]").ok();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_vectors_are_shortened_only_when_asked() {
        let vector = Value::Vector([0.123, -0.4, 0.0].repeat(128).into());
        assert_eq!(line(&vector, true), "[0.12, -0.4, … 384 dims]");
        assert!(line(&vector, false).starts_with("[0.123,-0.4,0"));
        assert_eq!(line(&Value::Vector(vec![1.0, 2.5].into()), true), "[1.0,2.5]");
    }

    #[test]
    fn nothing_reaches_the_terminal_that_it_would_obey() {
        let text = line(&Value::from("a\u{1b}[31mb\u{9b}\u{202e}\n"), true);
        assert_eq!(text, "a\\u{1b}[31mb\\u{9b}\\u{202e}\\n");
    }

    #[test]
    fn cutting_counts_columns() {
        assert_eq!(fit("abcdef", 6), "abcdef");
        assert_eq!(fit("abcdefg", 6), "abcde…");
        assert_eq!(fit("日本語", 6), "日本語");
        assert_eq!(fit("日本語", 5), "日本…");
        assert_eq!(fit("日本語", 4), "日…");
    }
}
