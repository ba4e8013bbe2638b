//! Typed parameters: the text of `--param NAME=VALUE` and `\set NAME VALUE` as a value.

use crate::engine::base::Value;

/// JSON where it is JSON, text otherwise; single quotes make text of anything.
///
/// A number too large to be kept exactly stays text rather than becoming another number.
pub fn typed(text: &str) -> Value {
    let text = text.trim();
    let quoted = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    if let Some(inner) = quoted {
        return Value::Text(inner.replace("''", "'"));
    }
    match text.to_ascii_lowercase().as_str() {
        "true" => return Value::Bool(true),
        "false" => return Value::Bool(false),
        "null" => return Value::Null,
        _ => {}
    }
    match serde_json::from_str(text) {
        Ok(serde_json::Value::Number(n)) if n.is_u64() && n.as_i64().is_none() => text.into(),
        Ok(json) => Value::from_json(json),
        Err(_) => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reads_as_json_is_typed() {
        assert_eq!(typed("3"), Value::Int(3));
        assert_eq!(typed("-0.5"), Value::Float(-0.5));
        assert_eq!(typed("TRUE"), Value::Bool(true));
        assert_eq!(typed("\"3\""), Value::from("3"));
        assert_eq!(typed("'it''s'"), Value::from("it's"));
        assert_eq!(typed("[1, 2.5]"), Value::List(vec![Value::Int(1), Value::Float(2.5)]));
        assert_eq!(typed("two words"), Value::from("two words"));
        assert_eq!(typed(""), Value::from(""));
        assert_eq!(typed("18446744073709551615"), Value::from("18446744073709551615"));
    }
}
