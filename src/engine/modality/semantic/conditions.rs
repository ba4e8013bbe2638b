//! The conditions about what an entity is, as predicates, and the seam for a hierarchy of types.
//!
//! Names of types, properties and verifiers are compared exactly (they are IRIs or chosen words);
//! the kind of a proof is a word of the language and compared without regard to case.

use crate::engine::base::Value;

use super::{Semantics, Verification};

/// Which types are kinds of which others.
pub trait TypeHierarchy {
    /// The types whose members are members of `name` too: `name` itself and what is below it.
    fn narrower(&self, name: &str) -> Vec<String>;
}

/// No type is a kind of another one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Flat;

impl TypeHierarchy for Flat {
    fn narrower(&self, name: &str) -> Vec<String> {
        vec![name.to_owned()]
    }
}

impl Semantics {
    /// `hexad.types INCLUDES 'x'`: true when it has the type or one that is a kind of it.
    pub fn has_type(&self, name: &str, hierarchy: &dyn TypeHierarchy) -> bool {
        self.types.iter().any(|t| t == name)
            || hierarchy.narrower(name).iter().any(|n| self.types.iter().any(|t| t == n))
    }

    /// The property at a path of names: `["address", "city"]`. A name with dots in it is found
    /// too, and before a path.
    pub fn property(&self, path: &[&str]) -> Option<&Value> {
        if let Some(value) = self.properties.get(&path.join(".")) {
            return Some(value);
        }
        let (first, rest) = path.split_first()?;
        rest.iter().try_fold(self.properties.get(*first)?, |value, name| match value {
            Value::Map(map) => map.get(*name),
            _ => None,
        })
    }

    /// `VERIFIED BY x`: true when that verifier vouches for the entity.
    pub fn verified_by(&self, verifier: &str) -> bool {
        self.verifications.iter().any(|v| v.verifier == verifier)
    }

    /// `HAS PROOF kind`: true when a proof of that kind was given.
    pub fn has_proof(&self, kind: &str) -> bool {
        self.proofs().any(|p| p.eq_ignore_ascii_case(kind))
    }

    /// The kinds of proof given, in the order of the verifications.
    pub fn proofs(&self) -> impl Iterator<Item = &str> {
        self.verifications.iter().filter_map(|v| v.proof.as_deref())
    }

    /// The verification that counts as the latest: the last one stated among the newest.
    pub fn latest_verification(&self) -> Option<&Verification> {
        self.verifications.iter().max_by_key(|v| v.at)
    }

    /// What `SEMANTIC.<path>` stands for: `types`, `properties`, `verified`, `verifier`, `proofs`,
    /// else the property at that path.
    pub fn field(&self, path: &[&str]) -> Option<Value> {
        if let Some(property) = self.property(path) {
            return Some(property.clone());
        }
        let texts = |items: Vec<&str>| Value::List(items.into_iter().map(Value::from).collect());
        match path {
            [name] => Some(match name.to_ascii_lowercase().as_str() {
                "types" => texts(self.types.iter().map(String::as_str).collect()),
                "properties" => Value::Map(self.properties.clone()),
                "verified" => Value::Bool(!self.verifications.is_empty()),
                "verifier" => {
                    self.latest_verification().map_or(Value::Null, |v| v.verifier.as_str().into())
                }
                "proofs" => texts(self.proofs().collect()),
                _ => return None,
            }),
            [first, rest @ ..] if first.eq_ignore_ascii_case("properties") => {
                self.property(rest).cloned()
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::engine::base::Timestamp;

    use super::*;

    fn sample() -> Semantics {
        let city = BTreeMap::from([("city".to_owned(), Value::from("Ulm"))]);
        Semantics {
            types: vec!["ex:Bridge".into(), "ex:Structure".into()],
            properties: BTreeMap::from([
                ("address".into(), Value::Map(city)),
                ("span.m".into(), Value::Int(120)),
            ]),
            verifications: vec![
                Verification {
                    verifier: "office".into(),
                    proof: Some("Integrity".into()),
                    at: Some(Timestamp(5)),
                },
                Verification { verifier: "guild".into(), proof: None, at: None },
            ],
        }
    }

    struct Bridges;

    impl TypeHierarchy for Bridges {
        fn narrower(&self, name: &str) -> Vec<String> {
            let below: &[&str] =
                if name == "ex:Crossing" { &["ex:Ford", "ex:Bridge"] } else { &[] };
            below.iter().map(ToString::to_string).collect()
        }
    }

    #[test]
    fn types_are_exact_unless_a_hierarchy_says_more() {
        let s = sample();
        assert!(s.has_type("ex:Bridge", &Flat) && !s.has_type("ex:bridge", &Flat));
        assert!(!s.has_type("ex:Crossing", &Flat) && s.has_type("ex:Crossing", &Bridges));
        assert!(s.has_type("ex:Bridge", &Bridges));
    }

    #[test]
    fn properties_are_found_by_path_and_by_dotted_name() {
        let s = sample();
        assert_eq!(s.property(&["address", "city"]), Some(&Value::from("Ulm")));
        assert_eq!(s.field(&["properties", "address", "city"]), Some(Value::from("Ulm")));
        assert_eq!(s.property(&["span", "m"]), Some(&Value::Int(120)));
        assert_eq!(s.property(&["address", "street"]), None);
        assert_eq!(s.property(&["span"]), None);
    }

    #[test]
    fn verifiers_and_proofs() {
        let s = sample();
        assert!(s.verified_by("guild") && !s.verified_by("Guild"));
        assert!(s.has_proof("INTEGRITY") && !s.has_proof("access"));
        assert_eq!(s.field(&["verifier"]), Some(Value::from("office")));
        assert_eq!(Semantics::default().field(&["verified"]), Some(Value::Bool(false)));
    }
}
