//! The schema file: the names of a database, for editors that have no database at hand.
//!
//! JSON: `fields` by modality with their types as `DESCRIBE` names them (`Vector(384)` where the
//! dimension is known), `contracts`, `collections`, `stores`, `settings`. Whatever is missing is
//! empty. `vql lsp --print-schema` writes one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::engine::base::{Error, Kind, Modality, Result};
use crate::engine::catalog::Snapshot;
use crate::engine::lang::resolve::Ty;

#[derive(Serialize, Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct File {
    fields: BTreeMap<String, BTreeMap<String, String>>,
    contracts: BTreeSet<String>,
    collections: BTreeSet<String>,
    stores: BTreeSet<String>,
    settings: BTreeSet<String>,
}

/// The types a file can name, but for vectors with a dimension.
const TYPES: &[Ty] = &[
    Ty::Any,
    Ty::Null,
    Ty::Bool,
    Ty::Int,
    Ty::Float,
    Ty::Text,
    Ty::Time,
    Ty::Interval,
    Ty::Vector(None),
    Ty::List,
    Ty::Map,
];

/// Reads the text of a schema file.
pub(super) fn read(path: &Path, text: &str) -> Result<Snapshot> {
    let wrong = |what: String| {
        Error::new(Kind::InvalidInput, format!("`{}`: {what}", path.display()))
            .hint("`vql lsp --print-schema --database DIR` prints the schema of a database")
    };
    let file: File = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
    let mut names = Snapshot {
        contracts: file.contracts,
        collections: file.collections,
        stores: file.stores,
        settings: file.settings,
        ..Snapshot::default()
    };
    for (modality, fields) in file.fields {
        let known = Modality::from_keyword(&modality)
            .ok_or_else(|| wrong(format!("`{modality}` is not a modality")))?;
        for (field, ty) in fields {
            let ty = named(&ty).ok_or_else(|| wrong(format!("`{ty}` is not a type")))?;
            names.note_type(known, &field, ty);
        }
    }
    Ok(names)
}

/// The text of the schema file of a database.
pub(super) fn written(names: &Snapshot) -> String {
    let fields = names.fields.iter().map(|(modality, fields)| {
        let fields = fields.iter().map(|(field, ty)| (field.clone(), name(*ty))).collect();
        (modality.name().to_owned(), fields)
    });
    let file = File {
        fields: fields.collect(),
        contracts: names.contracts.clone(),
        collections: names.collections.clone(),
        stores: names.stores.clone(),
        settings: names.settings.clone(),
    };
    let mut text = serde_json::to_string_pretty(&file).expect("names are text");
    text.push('\n');
    text
}

fn name(ty: Ty) -> String {
    match ty {
        Ty::Vector(Some(dimension)) => format!("Vector({dimension})"),
        other => other.name().to_owned(),
    }
}

fn named(name: &str) -> Option<Ty> {
    let dimension = name.strip_prefix("Vector(").and_then(|rest| rest.strip_suffix(')'));
    match dimension {
        Some(digits) => Some(Ty::Vector(Some(digits.parse().ok()?))),
        None => TYPES.iter().copied().find(|ty| ty.name() == name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let mut names = Snapshot::default();
        names.note_type(Modality::Document, "author.name", Ty::Text);
        names.note_type(Modality::Vector, "embedding", Ty::Vector(Some(384)));
        names.contracts.insert("Fresh".to_owned());
        let text = written(&names);
        assert!(text.contains(r#""embedding": "Vector(384)""#), "{text}");
        let again = read(Path::new("s.json"), &text).unwrap();
        assert_eq!((again.fields, again.contracts), (names.fields, names.contracts));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, wanted) in [
            (r#"{"field": {}}"#, "unknown field `field`"),
            (r#"{"fields": {"documents": {}}}"#, "`documents` is not a modality"),
            (r#"{"fields": {"document": {"a": "text"}}}"#, "`text` is not a type"),
        ] {
            let error = read(Path::new("s.json"), text).unwrap_err();
            assert!(error.message.contains(wanted), "{}", error.message);
        }
    }
}
