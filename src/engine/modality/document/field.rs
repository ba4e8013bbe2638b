//! The value of a field of a document, by its path.

use crate::engine::base::{Result, Value};

use super::{Document, codec};

impl Document {
    /// The field at a path of names. `title` and `body` are found in any case; a name with dots in it
    /// is found too, and before a path into maps. Null when there is nothing.
    pub fn at(&self, path: &[impl AsRef<str>]) -> Value {
        let names: Vec<&str> = path.iter().map(AsRef::as_ref).collect();
        if let [name] = names.as_slice() {
            let own = match name.to_ascii_lowercase().as_str() {
                "title" => &self.title,
                "body" => &self.body,
                _ => &None,
            };
            if let Some(text) = own {
                return Value::Text(text.clone());
            }
        }
        if let Some(value) = self.fields.get(&names.join(".")) {
            return value.clone();
        }
        let Some((first, rest)) = names.split_first() else {
            return Value::Null;
        };
        let inner = rest.iter().try_fold(self.fields.get(*first), |value, name| match value {
            Some(Value::Map(map)) => Some(map.get(*name)),
            _ => None,
        });
        inner.flatten().cloned().unwrap_or_default()
    }
}

/// The same, from canonical bytes: reads no more of them than it must.
pub fn at_bytes(bytes: &[u8], path: &[impl AsRef<str>]) -> Result<Value> {
    if let [name] = path {
        let name = name.as_ref();
        if !name.eq_ignore_ascii_case("title") && !name.eq_ignore_ascii_case("body") {
            return codec::field(bytes, name);
        }
    }
    Ok(codec::decode(bytes)?.at(path))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn paths_names_with_dots_and_the_two_texts() {
        let inner = BTreeMap::from([("b".to_owned(), Value::Int(1))]);
        let document = Document {
            title: Some("T".into()),
            body: None,
            fields: BTreeMap::from([
                ("a".to_owned(), Value::Map(inner)),
                ("x.y".to_owned(), Value::Int(2)),
            ]),
        };
        let bytes = codec::encode(&document);
        let cases: [(&[&str], Value); 7] = [
            (&["TITLE"], Value::from("T")),
            (&["body"], Value::Null),
            (&["a", "b"], Value::Int(1)),
            (&["x", "y"], Value::Int(2)),
            (&["a", "b", "c"], Value::Null),
            (&["A"], Value::Null),
            (&[], Value::Null),
        ];
        for (path, expected) in cases {
            assert_eq!(document.at(path), expected, "{path:?}");
            assert_eq!(at_bytes(&bytes, path).unwrap(), expected, "{path:?}");
        }
    }
}
