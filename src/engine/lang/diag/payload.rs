//! The one JSON shape of an error.

use serde_json::{Value, json};

use super::Diagnostic;
use crate::engine::base::span::Places;

/// `{"error": {code, kind, message, span, hint, recoverable}}`; positions count from 1, the end is
/// exclusive, columns are Unicode scalar values.
pub fn payload(places: &Places<'_>, diagnostic: &Diagnostic) -> Value {
    let place = |offset: u32| {
        let at = places.at(offset as usize);
        json!({"line": at.line, "column": at.column, "offset": at.offset})
    };
    let mut error = json!({
        "code": diagnostic.kind.code(),
        "kind": diagnostic.kind.name(),
        "message": diagnostic.message,
        "span": {"start": place(diagnostic.span.start), "end": place(diagnostic.span.end)},
        "hint": diagnostic.hint,
        "recoverable": diagnostic.kind.recoverable(),
    });
    if let Some(fields) = error.as_object_mut() {
        if !diagnostic.expected.is_empty() {
            fields.insert("expected".into(), json!(diagnostic.expected));
        }
        if let Some(rule) = diagnostic.rule {
            fields.insert("rule".into(), rule.into());
        }
    }
    json!({"error": error})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::base::{Kind, Span};

    #[test]
    fn positions_count_characters_from_one() {
        let text = "é\nSELECT ü x";
        let at = text.find('x').unwrap();
        let d = Diagnostic::error(Kind::UnexpectedToken, Span::new(at, at + 1), "no");
        let json = payload(&Places::of(text), &d);
        assert_eq!(json["error"]["span"]["start"], json!({"line": 2, "column": 10, "offset": at}));
        assert_eq!(json["error"]["span"]["end"]["column"], 11);
        assert_eq!(json["error"]["code"], "VQL_PARSE_ERROR");
    }
}
