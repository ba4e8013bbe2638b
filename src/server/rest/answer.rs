//! The answer to a statement as bytes: JSON, one object a line, or CSV, as the client accepts.

use std::fmt::Write as _;
use std::time::Duration;

use axum::http::header::{ACCEPT, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::engine::Outcome;
use crate::engine::base::Value;
use crate::server::problem::Problem;

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One document.
    Json,
    /// One object a row.
    Lines,
    /// RFC 4180 with a header.
    Csv,
    /// Server-sent events, row by row.
    Events,
}

impl Form {
    /// The media type.
    pub fn media(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Lines => "application/jsonl",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Events => "text/event-stream",
        }
    }

    /// What `Accept` asks for; the first that is known among equals.
    pub fn wanted(headers: &HeaderMap) -> Result<Self, Problem> {
        let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("*/*");
        let mut best: Option<(f32, Self)> = None;
        for part in accept.split(',') {
            let mut words = part.split(';').map(str::trim);
            let form = match words.next().unwrap_or("").to_ascii_lowercase().as_str() {
                "*/*" | "application/*" | "application/json" | "" => Self::Json,
                "application/jsonl" | "application/x-ndjson" | "application/x-jsonlines" => {
                    Self::Lines
                }
                "text/csv" | "text/*" => Self::Csv,
                "text/event-stream" => Self::Events,
                _ => continue,
            };
            let weight = words.find_map(|word| word.strip_prefix("q=")?.parse().ok());
            let weight: f32 = weight.unwrap_or(1.0);
            if weight > 0.0 && best.is_none_or(|(known, _)| weight > known) {
                best = Some((weight, form));
            }
        }
        best.map(|(_, form)| form).ok_or_else(|| {
            let title = "No form of the answer is acceptable.";
            Problem::new(
                StatusCode::NOT_ACCEPTABLE,
                "NotAcceptable",
                title,
                "the answer is none of what `Accept` names",
            )
            .hint("application/json, application/jsonl and text/csv are made")
        })
    }
}

/// The answer to a statement.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Answer {
    /// What was done: `SELECT`, `INSERT` ..
    pub tag: String,
    /// The columns, in order.
    pub columns: Vec<Column>,
    /// The rows, a member for each column.
    pub rows: Vec<Map<String, Json>>,
    /// How many rows.
    pub row_count: usize,
    /// The time it took, in milliseconds.
    pub elapsed_ms: f64,
    /// Hexads inserted, updated or deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub affected: Option<u64>,
    /// What should be known although the statement succeeded.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub notices: Vec<Notice>,
    /// The plan, when it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<Json>,
}

/// A column of an answer.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Column {
    /// Its name, which no other column of the answer has.
    pub name: String,
}

/// A warning.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Notice {
    /// What.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Answer {
    /// What the engine said.
    pub fn of(outcome: &Outcome, elapsed: Duration) -> Self {
        let names = outcome.unique_names();
        let object = |row: &Vec<Value>| {
            names.iter().zip(row).map(|(n, v)| (n.clone(), v.to_json())).collect::<Map<_, _>>()
        };
        let notices = outcome
            .notices
            .iter()
            .map(|notice| Notice { message: notice.message.clone(), hint: notice.hint.clone() });
        Self {
            tag: outcome.tag.to_owned(),
            rows: outcome.rows.iter().map(object).collect(),
            row_count: outcome.rows.len(),
            elapsed_ms: milliseconds(elapsed),
            affected: outcome.affected,
            notices: notices.collect(),
            plan: None,
            columns: names.into_iter().map(|name| Column { name }).collect(),
        }
    }
}

/// A time as answers say it.
pub fn milliseconds(elapsed: Duration) -> f64 {
    elapsed.as_micros() as f64 / 1000.0
}

/// The rows as lines of JSON.
pub fn lines(outcome: &Outcome) -> Vec<u8> {
    let names = outcome.unique_names();
    let mut out = Vec::new();
    for row in &outcome.rows {
        line(&mut out, &names, row);
    }
    out
}

/// One row as a line of JSON.
pub fn line(out: &mut Vec<u8>, names: &[String], row: &[Value]) {
    let object: Map<String, Json> =
        names.iter().zip(row).map(|(n, v)| (n.clone(), v.to_json())).collect();
    out.extend(serde_json::to_vec(&object).unwrap_or_default());
    out.push(b'\n');
}

/// The rows as CSV.
pub fn csv(outcome: &Outcome) -> Vec<u8> {
    let mut out = String::new();
    record(&mut out, outcome.unique_names().iter().map(|name| quoted(name)));
    for row in &outcome.rows {
        record(&mut out, row.iter().map(cell));
    }
    out.into_bytes()
}

fn record(out: &mut String, fields: impl Iterator<Item = String>) {
    for (n, field) in fields.enumerate() {
        let comma = if n > 0 { "," } else { "" };
        write!(out, "{comma}{field}").expect("a String takes any text");
    }
    out.push_str("\r\n");
}

/// Nothing at all stands for null, so an empty text is quoted.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Text(text) if text.is_empty() => "\"\"".to_owned(),
        Value::Text(text) => quoted(text),
        other => match other.to_json() {
            Json::String(text) => quoted(&text),
            json => quoted(&json.to_string()),
        },
    }
}

fn quoted(text: &str) -> String {
    let needs =
        text.contains([',', '"', '\r', '\n']) || text.starts_with(' ') || text.ends_with(' ');
    if needs { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

/// A body of JSON.
pub fn json(status: StatusCode, body: &impl Serialize) -> Response {
    bytes(status, "application/json", serde_json::to_vec(body).unwrap_or_default())
}

/// A body of some type.
pub fn bytes(status: StatusCode, media: &'static str, body: Vec<u8>) -> Response {
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media));
    headers.append(VARY, HeaderValue::from_static("accept, authorization"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accept(text: &'static str) -> Option<Form> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static(text));
        Form::wanted(&headers).ok()
    }

    #[test]
    fn accept_is_read_with_its_weights() {
        assert_eq!(Form::wanted(&HeaderMap::new()).ok(), Some(Form::Json));
        assert_eq!(accept("text/csv"), Some(Form::Csv));
        assert_eq!(accept("application/json;q=0.5, text/csv"), Some(Form::Csv));
        assert_eq!(accept("text/csv;q=0.2, application/x-ndjson;q=0.9"), Some(Form::Lines));
        assert_eq!(accept("image/png, */*;q=0.1"), Some(Form::Json));
        assert_eq!(accept("image/png"), None);
        assert_eq!(accept("text/csv;q=0"), None);
    }

    #[test]
    fn csv_tells_nothing_from_an_empty_text() {
        let column = |name: &str| crate::engine::Column { name: name.to_owned() };
        let outcome = Outcome {
            columns: vec![column("a"), column("a")],
            rows: vec![
                vec![Value::from("x, \"y\""), Value::Null],
                vec![Value::from(""), Value::List(vec![Value::Int(1), Value::Int(2)])],
            ],
            ..Outcome::default()
        };
        let text = String::from_utf8(csv(&outcome)).unwrap();
        assert_eq!(text, "a,a_2\r\n\"x, \"\"y\"\"\",\r\n\"\",\"[1,2]\"\r\n");
    }
}
