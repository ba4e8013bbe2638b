//! Two records of the same thing put together.
//!
//! Lists are united; of single values that of the more believed side counts; of texts that of the
//! more believed side stays. Vectors of one model are averaged.

use std::collections::BTreeMap;

use crate::engine::base::Value;
use crate::engine::modality::document::Document;
use crate::engine::modality::semantic::Semantics;

/// A name that document and semantics both use for different values.
#[derive(Clone, Debug, PartialEq)]
pub struct Contradiction {
    /// The name in the semantics.
    pub property: String,
    /// The name in the document.
    pub field: String,
    /// What the document says.
    pub document: Value,
    /// What the semantics say.
    pub semantic: Value,
}

/// Where document and semantics say different things under one name. Case does not matter in names
/// and in texts, and neither does the order of lists.
pub fn contradictions(document: &Document, semantics: &Semantics) -> Vec<Contradiction> {
    let mut found = Vec::new();
    for (property, semantic) in &semantics.properties {
        let (field, value) = if property.eq_ignore_ascii_case("title") {
            ("title".to_owned(), document.title.clone().map(Value::Text))
        } else {
            let field = document.fields.iter().find(|(f, _)| f.eq_ignore_ascii_case(property));
            (field.map_or_else(String::new, |(f, _)| f.clone()), field.map(|(_, v)| v.clone()))
        };
        let Some(value) = value else { continue };
        if !agree(&value, semantic) {
            found.push(Contradiction {
                property: property.clone(),
                field,
                document: value,
                semantic: semantic.clone(),
            });
        }
    }
    found
}

/// Whether two values say the same.
pub fn agree(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Null, _) | (_, Value::Null) => true,
        (Value::Text(a), Value::Text(b)) => {
            let words = |text: &str| -> Vec<String> {
                text.split(|c: char| !c.is_alphanumeric())
                    .filter(|word| !word.is_empty())
                    .map(str::to_lowercase)
                    .collect()
            };
            a == b || (!words(a).is_empty() && words(a) == words(b))
        }
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().all(|x| b.iter().any(|y| agree(x, y)))
        }
        _ => a.total_cmp(b).is_eq(),
    }
}

/// What both sides agree on after a merge: lists united, else what the first says.
pub fn merged(first: &Value, second: &Value) -> Value {
    match (first, second) {
        (Value::List(a), Value::List(b)) => {
            let mut all = a.clone();
            all.extend(b.iter().filter(|y| !a.iter().any(|x| agree(x, y))).cloned());
            Value::List(all)
        }
        (Value::Map(a), Value::Map(b)) => {
            let mut all: BTreeMap<String, Value> = b.clone();
            for (name, value) in a {
                let united =
                    b.get(name).map_or_else(|| value.clone(), |other| merged(value, other));
                all.insert(name.clone(), united);
            }
            Value::Map(all)
        }
        (Value::Null, other) => other.clone(),
        (first, _) => first.clone(),
    }
}

/// The direction between two vectors of one length; `None` when they cancel each other out.
pub fn averaged(a: &[f32], b: &[f32]) -> Option<Vec<f32>> {
    let unit = |v: &[f32]| -> Option<Vec<f64>> {
        let norm = v.iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>().sqrt();
        (norm > 0.0).then(|| v.iter().map(|x| f64::from(*x) / norm).collect())
    };
    if a.len() != b.len() {
        return None;
    }
    let sum: Vec<f64> = unit(a)?.iter().zip(unit(b)?).map(|(x, y)| x + y).collect();
    let norm = sum.iter().map(|x| x * x).sum::<f64>().sqrt();
    (norm > 1e-6).then(|| sum.iter().map(|x| (x / norm) as f32).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_different_meanings_contradict() {
        let document = Document {
            title: Some("The Tide".into()),
            fields: BTreeMap::from([
                ("Year".into(), Value::Int(1997)),
                ("name".into(), "A. B.".into()),
                ("tags".into(), Value::List(vec!["a".into(), "b".into()])),
            ]),
            ..Document::default()
        };
        let semantics = Semantics {
            properties: BTreeMap::from([
                ("title".into(), "the tide".into()),
                ("year".into(), Value::Int(1996)),
                ("name".into(), "a b".into()),
                ("tags".into(), Value::List(vec!["B".into(), "A".into()])),
                ("other".into(), Value::Int(3)),
            ]),
            ..Semantics::default()
        };
        let found = contradictions(&document, &semantics);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].property.as_str(), found[0].field.as_str()), ("year", "Year"));
    }

    #[test]
    fn merging_unites_lists_and_believes_the_first() {
        let list = |items: &[i64]| Value::List(items.iter().map(|n| Value::Int(*n)).collect());
        assert_eq!(merged(&list(&[1, 2]), &list(&[2, 3])), list(&[1, 2, 3]));
        assert_eq!(merged(&Value::Int(1), &Value::Int(2)), Value::Int(1));
        assert_eq!(merged(&Value::Null, &Value::Int(2)), Value::Int(2));
        let middle = averaged(&[2.0, 0.0], &[0.0, 1.0]).unwrap();
        assert!((middle[0] - 0.5_f32.sqrt()).abs() < 1e-6);
        assert_eq!(averaged(&[1.0, 0.0], &[-1.0, 0.0]), None);
        assert_eq!(averaged(&[1.0], &[1.0, 2.0]), None);
    }
}
