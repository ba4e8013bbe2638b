//! `json`: one document a statement, on exactly one line, so that a program can hold a
//! conversation with the shell.

use std::io::{self, Write};

use serde_json::{Map, Value as Json_, json};

use super::{Answer, Form, Page, unique_names};
use crate::engine::base::Value;

pub(super) struct Json;

impl Form for Json {
    fn write(&self, answer: &Answer<'_>, _: &Page, out: &mut dyn Write) -> io::Result<()> {
        let outcome = answer.outcome;
        let names = unique_names(outcome);
        out.write_all(b"{\"columns\":")?;
        serde_json::to_writer(&mut *out, &names)?;
        out.write_all(b",\"rows\":[")?;
        for (n, row) in outcome.rows.iter().enumerate() {
            if n > 0 {
                out.write_all(b",")?;
            }
            serde_json::to_writer(&mut *out, &object(&names, row))?;
        }
        write!(out, "],\"row_count\":{}", outcome.rows.len())?;
        let ms = answer.elapsed.as_micros() as f64 / 1000.0;
        write!(out, ",\"elapsed_ms\":{ms}")?;
        if let Some(affected) = outcome.affected {
            write!(out, ",\"affected\":{affected}")?;
        }
        if !outcome.notices.is_empty() {
            let notices: Vec<Json_> = outcome
                .notices
                .iter()
                .map(|notice| json!({ "message": notice.message, "hint": notice.hint }))
                .collect();
            out.write_all(b",\"notices\":")?;
            serde_json::to_writer(&mut *out, &notices)?;
        }
        out.write_all(b"}\n")
    }
}

/// One row as an object.
pub(super) fn object(names: &[String], row: &[Value]) -> Json_ {
    let mut object = Map::with_capacity(names.len());
    for (name, value) in names.iter().zip(row) {
        object.insert(name.clone(), value.to_json());
    }
    Json_::Object(object)
}

/// The one line that answers a statement that failed.
pub fn failure(payload: &Json_) -> String {
    format!("{payload}\n")
}
