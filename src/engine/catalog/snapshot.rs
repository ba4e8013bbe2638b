//! What names a database has at one moment.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::base::{Modality, Value};
use crate::engine::lang::resolve::{Catalog, Known, NameKind, Seen, Ty};

/// The names of a live database. Plain data: whoever fills it decides how fresh it is.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Dynamic fields ever seen, by modality and then by path with dots: document fields, semantic
    /// properties, edge predicates, names of embeddings (`Ty::Vector` with their dimension).
    pub fields: BTreeMap<Modality, BTreeMap<String, Ty>>,
    /// The contracts.
    pub contracts: BTreeSet<String>,
    /// The collections `FROM` may name; `hexads` need not be among them.
    pub collections: BTreeSet<String>,
    /// The stores `FROM STORE` may name; the eight modalities need not be among them.
    pub stores: BTreeSet<String>,
    /// The settings `SET` may name, in lower case.
    pub settings: BTreeSet<String>,
}

/// The collections every database has.
pub const COLLECTIONS: [&str; 2] = ["hexads", "entities"];

impl Snapshot {
    /// Notes that data of `modality` has a field of this path holding `value`; the entries of a map
    /// are noted as fields below it.
    pub fn note(&mut self, modality: Modality, path: &str, value: &Value) {
        self.note_type(modality, path, Ty::of(value));
        if let Value::Map(entries) = value {
            for (name, value) in entries {
                self.note(modality, &format!("{path}.{name}"), value);
            }
        }
    }

    /// Notes that data of `modality` has a field of this path and type.
    pub fn note_type(&mut self, modality: Modality, path: &str, ty: Ty) {
        let fields = self.fields.entry(modality).or_default();
        match fields.get_mut(path) {
            Some(known) => *known = known.join(ty),
            None => {
                fields.insert(path.to_owned(), ty);
            }
        }
    }

    fn has(set: &BTreeSet<String>, name: &str) -> bool {
        set.contains(name) || set.iter().any(|known| known.eq_ignore_ascii_case(name))
    }
}

impl Catalog for Snapshot {
    fn live(&self) -> bool {
        true
    }

    fn field(&self, modality: Modality, path: &[String]) -> Seen {
        let Some(fields) = self.fields.get(&modality).filter(|fields| !fields.is_empty()) else {
            // Nothing of this modality is stored yet: no name is better than another.
            return Seen::Unknown;
        };
        let name = path.join(".");
        if let Some(ty) = fields.get(&name) {
            return Seen::As(*ty);
        }
        // Predicates compare without regard to case, like the edges of a pattern.
        if modality == Modality::Graph
            && fields.keys().any(|known| known.eq_ignore_ascii_case(&name))
        {
            return Seen::As(Ty::Any);
        }
        // Below something of unknown shape (a list, mixed types) anything may be.
        let below = (1..path.len()).rev().any(|length| {
            path.get(..length)
                .is_some_and(|head| matches!(fields.get(&head.join(".")), Some(Ty::Any | Ty::List)))
        });
        if below { Seen::As(Ty::Any) } else { Seen::Never }
    }

    fn contract(&self, name: &str) -> Known {
        self.contracts.contains(name).into()
    }

    fn collection(&self, name: &str) -> Known {
        let built_in = COLLECTIONS.iter().any(|known| known.eq_ignore_ascii_case(name));
        (built_in || Self::has(&self.collections, name)).into()
    }

    fn store(&self, name: &str) -> Known {
        (Modality::from_keyword(name).is_some() || Self::has(&self.stores, name)).into()
    }

    fn setting(&self, name: &str) -> Known {
        Self::has(&self.settings, name).into()
    }

    fn names(&self, of: NameKind) -> Vec<String> {
        let all = |set: &BTreeSet<String>| set.iter().cloned().collect();
        match of {
            NameKind::Fields(modality) => {
                self.fields.get(&modality).map(|f| f.keys().cloned().collect()).unwrap_or_default()
            }
            NameKind::Contracts => all(&self.contracts),
            NameKind::Collections => {
                COLLECTIONS.iter().map(|c| (*c).to_owned()).chain(all(&self.collections)).collect()
            }
            NameKind::Stores => {
                Modality::ALL.iter().map(|m| m.name().to_owned()).chain(all(&self.stores)).collect()
            }
            NameKind::Settings => all(&self.settings),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Vec<String> {
        text.split('.').map(str::to_owned).collect()
    }

    #[test]
    fn an_empty_database_rules_no_field_out() {
        assert_eq!(Snapshot::default().field(Modality::Document, &path("year")), Seen::Unknown);
    }

    #[test]
    fn fields_below_a_map_are_known_and_types_join() {
        let mut names = Snapshot::default();
        let json = serde_json::json!({"name": "x", "tags": ["a"]});
        names.note(Modality::Document, "author", &Value::from_json(json));
        names.note(Modality::Document, "year", &Value::Int(1));
        names.note(Modality::Document, "year", &Value::Float(1.5));
        assert_eq!(names.field(Modality::Document, &path("author.name")), Seen::As(Ty::Text));
        assert_eq!(names.field(Modality::Document, &path("author.tags.x")), Seen::As(Ty::Any));
        assert_eq!(names.field(Modality::Document, &path("author.age")), Seen::Never);
        assert_eq!(names.field(Modality::Document, &path("year")), Seen::As(Ty::Float));
    }
}
