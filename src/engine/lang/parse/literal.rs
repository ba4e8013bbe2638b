//! What literals mean, and how messages quote them.

use crate::engine::base::{Timestamp, Value};
use crate::engine::lang::ast::TimeKind;

/// A piece of the text in backticks, shortened, on one line.
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 40;
    let mut short: String = text.chars().take(LONGEST).collect();
    if text.chars().nth(LONGEST).is_some() {
        short.push('…');
    }
    format!("`{}`", short.replace(['\n', '\r', '\t'], " "))
}

/// The text of a string literal: without its quotes, `\'` `\"` `\\` and doubled quotes resolved.
///
/// A backslash before anything else is kept: `'\d+'` is a regular expression, not `d+`.
pub(super) fn string(literal: &str) -> String {
    let Some(quote) = literal.chars().next() else { return String::new() };
    let body = literal.get(1..).unwrap_or("");
    // The closing quote is missing when the string is not terminated.
    let body = body.strip_suffix(quote).unwrap_or(body);
    let mut out = String::with_capacity(body.len());
    let mut chars = body.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.peek() {
                Some('\'' | '"' | '\\') => out.extend(chars.next()),
                _ => out.push('\\'),
            },
            c if c == quote => {
                chars.next_if_eq(&quote);
                out.push(quote);
            }
            c => out.push(c),
        }
    }
    out
}

/// The pattern of `/../`: `\/` resolved, every other escape belongs to the pattern.
pub(super) fn regex(literal: &str) -> String {
    let body = literal.strip_prefix('/').unwrap_or(literal);
    let body = body.strip_suffix('/').unwrap_or(body);
    let mut out = String::with_capacity(body.len());
    let mut chars = body.chars();
    while let Some(c) = chars.next() {
        match (c, chars.as_str().chars().next()) {
            ('\\', Some('/')) => {
                chars.next();
                out.push('/');
            }
            ('\\', Some(escaped)) => {
                chars.next();
                out.extend(['\\', escaped]);
            }
            (c, _) => out.push(c),
        }
    }
    out
}

/// A number: whole when it is written so and fits, a float otherwise; `None` when it is infinite.
pub(super) fn number(literal: &str, negative: bool) -> Option<Value> {
    let signed = if negative { format!("-{literal}") } else { literal.to_owned() };
    if let Ok(whole) = signed.parse::<i64>() {
        return Some(Value::Int(whole));
    }
    signed.parse::<f64>().ok().filter(|x| x.is_finite()).map(Value::Float)
}

/// A point in time from its text.
pub(super) fn time(text: &str) -> TimeKind {
    Timestamp::parse(text).map_or_else(|| TimeKind::Text(text.to_owned()), TimeKind::Instant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_lose_their_quotes_and_escapes() {
        for (literal, meant) in [
            (r"'it\'s'", "it's"),
            ("'it''s'", "it's"),
            (r#""a\\b""#, r"a\b"),
            (r"'\d+'", r"\d+"),
            ("''", ""),
            ("'open", "open"),
        ] {
            assert_eq!(string(literal), meant, "{literal}");
        }
    }

    #[test]
    fn regexes_keep_their_escapes() {
        assert_eq!(regex(r"/a\/b\\c/"), r"a/b\\c");
        assert_eq!(regex(r"/\bx\b/"), r"\bx\b");
    }

    #[test]
    fn numbers_stay_whole_when_they_fit() {
        assert_eq!(number("42", true), Some(Value::Int(-42)));
        assert_eq!(number("9223372036854775808", true), Some(Value::Int(i64::MIN)));
        assert!(matches!(number("99999999999999999999", false), Some(Value::Float(_))));
        assert_eq!(number("1e999", false), None);
    }
}
