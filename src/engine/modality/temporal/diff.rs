//! What changed between two states of an entity, field by field.
//!
//! Works on values, whatever modality they show: maps are compared name by name, everything else as a
//! whole, so that a changed embedding is one change and not hundreds.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::engine::base::Value;

/// One difference.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Where: names from the outside in.
    pub path: Vec<String>,
    /// What was there; null when nothing was.
    pub before: Value,
    /// What is there; null when nothing is.
    pub after: Value,
}

/// The differences from `before` to `after`, by path.
pub fn diff(before: &Value, after: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare(&mut Vec::new(), before, after, &mut found);
    found
}

fn compare(path: &mut Vec<String>, before: &Value, after: &Value, found: &mut Vec<Difference>) {
    let nothing = BTreeMap::new();
    let maps = match (before, after) {
        (Value::Map(a), Value::Map(b)) => Some((a, b)),
        // A part that came or went as a whole is shown by its fields.
        (Value::Map(a), Value::Null) => Some((a, &nothing)),
        (Value::Null, Value::Map(b)) => Some((&nothing, b)),
        _ => None,
    };
    let Some((a, b)) = maps else {
        if before.total_cmp(after) != Ordering::Equal {
            found.push(Difference {
                path: path.clone(),
                before: before.clone(),
                after: after.clone(),
            });
        }
        return;
    };
    let mut names: Vec<&String> = a.keys().chain(b.keys()).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        path.push(name.clone());
        let (before, after) = (a.get(name), b.get(name));
        compare(path, before.unwrap_or(&Value::Null), after.unwrap_or(&Value::Null), found);
        path.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, Value)]) -> Value {
        Value::Map(pairs.iter().map(|(n, v)| ((*n).to_owned(), v.clone())).collect())
    }

    #[test]
    fn only_what_differs_is_listed_by_its_path() {
        let before = map(&[
            ("same", Value::Int(1)),
            ("gone", Value::Int(2)),
            ("in", map(&[("x", Value::from("a")), ("y", Value::Int(3))])),
        ]);
        let after = map(&[
            ("same", Value::Float(1.0)),
            ("in", map(&[("x", Value::from("b")), ("y", Value::Int(3))])),
            ("new", map(&[("z", Value::Bool(true))])),
        ]);
        let found = diff(&before, &after);
        let paths: Vec<String> = found.iter().map(|d| d.path.join(".")).collect();
        assert_eq!(paths, ["gone", "in.x", "new.z"]);
        assert_eq!((&found[0].before, &found[0].after), (&Value::Int(2), &Value::Null));
        assert!(diff(&after, &after).is_empty());
    }
}
