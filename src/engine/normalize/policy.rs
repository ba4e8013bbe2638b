//! What a policy can say: the keys, what each takes, and what holds when nobody says anything.

use std::collections::BTreeMap;

use regex::Regex;

use crate::engine::base::{Error, Kind, Modality, Result, Value};

/// The hexads a policy speaks of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Every hexad.
    All,
    /// Those of a semantic type.
    Type(String),
    /// One hexad, by id.
    Hexad(String),
}

impl Scope {
    /// As it is written: `TYPE 'Paper'`.
    pub fn describe(&self) -> String {
        match self {
            Self::All => "ALL".to_owned(),
            Self::Type(name) => format!("TYPE '{name}'"),
            Self::Hexad(id) => format!("HEXAD '{id}'"),
        }
    }
}

/// A policy as it is kept: parts by key, each checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub scope: Scope,
    /// What it says.
    pub parts: BTreeMap<String, Value>,
}

impl Policy {
    /// When it says that the normalizer works by itself.
    pub fn auto(&self) -> Option<Auto> {
        self.parts.get("auto").and_then(Value::as_str).map(Auto::from_name)
    }
}

/// How a modality that drifted is brought back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// It follows the highest modality that is consistent itself.
    FromAuthoritative,
    /// Both sides are put together.
    Merge,
    /// Somebody has to decide.
    UserResolve,
    /// It follows the side that was written last.
    LastWriter,
}

impl Strategy {
    /// Finds a strategy by one of its names.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "from_authoritative" | "modality_priority" => Self::FromAuthoritative,
            "merge" | "auto_merge" => Self::Merge,
            "user_resolve" | "manual" => Self::UserResolve,
            "last_writer_wins" | "latest_wins" => Self::LastWriter,
            _ => return None,
        })
    }

    /// The name in answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::FromAuthoritative => "from_authoritative",
            Self::Merge => "merge",
            Self::UserResolve => "user_resolve",
            Self::LastWriter => "last_writer_wins",
        }
    }
}

/// The names a strategy may be called by.
pub const STRATEGIES: [&str; 8] = [
    "from_authoritative",
    "merge",
    "user_resolve",
    "last_writer_wins",
    "latest_wins",
    "modality_priority",
    "auto_merge",
    "manual",
];

/// When the normalizer works by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auto {
    /// Never.
    Off,
    /// Behind each write, for what it wrote.
    OnWrite,
    /// With each sweep.
    OnSweep,
}

impl Auto {
    /// The occasion of this name.
    pub fn from_name(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "on write" => Self::OnWrite,
            "on sweep" => Self::OnSweep,
            _ => Self::Off,
        }
    }
}

/// How far the normalizer goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Only what it, or a model, made itself is made again.
    Conservative,
    /// What is missing is added as well.
    Balanced,
    /// A high score is no reason to ask.
    Aggressive,
}

/// What is done when two sources contradict each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConflictRule {
    /// The one that was committed last.
    LastWriterWins,
    /// The one that stands first in the order of authority.
    ModalityPriority,
    /// Lists are united; of single values that of the higher authority counts, the newer of equals.
    AutoMerge,
    /// Somebody has to decide.
    Manual,
}

/// What reaches the hexads that cite a retracted one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retraction {
    /// Nothing.
    Off,
    /// They are queued.
    Queue,
    /// They are queued, and a property of theirs names what was retracted.
    Flag,
}

/// One key a policy may have.
pub struct Key {
    /// Its name; with a dot at its end, anything may follow.
    pub name: &'static str,
    /// What it takes, in words.
    pub takes: &'static str,
    /// What it means.
    pub about: &'static str,
    fits: fn(&Value) -> bool,
}

fn word(value: &Value, words: &[&str]) -> bool {
    value.as_str().is_some_and(|text| words.iter().any(|word| word.eq_ignore_ascii_case(text)))
}

fn words(value: &Value, fits: fn(&str) -> bool) -> bool {
    match value {
        Value::List(items) => items.iter().all(|item| item.as_str().is_some_and(fits)),
        _ => false,
    }
}

fn is_modality(name: &str) -> bool {
    Modality::from_keyword(name).is_some()
}

fn is_strategy(value: &Value) -> bool {
    value.as_str().is_some_and(|name| Strategy::from_name(name).is_some())
}

fn is_flag(value: &Value) -> bool {
    matches!(value, Value::Bool(_))
}

fn is_pattern(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.is_empty() && Regex::new(text).is_ok())
}

/// Every key.
pub const KEYS: &[Key] = &[
    Key {
        name: "authority",
        takes: "a list of modalities, the most believed first",
        about: "which modality the others follow",
        fits: |v| words(v, is_modality),
    },
    Key {
        name: "auto",
        takes: "'off', 'on write' or 'on sweep'",
        about: "when the normalizer works by itself",
        fits: |v| word(v, &["off", "on write", "on sweep"]),
    },
    Key {
        name: "citations",
        takes: "a list of predicates",
        about: "the edges that cite",
        fits: |v| words(v, |_| true),
    },
    Key {
        name: "conflicts",
        takes: "last_writer_wins, modality_priority, auto_merge or manual",
        about: "what is done when two sources contradict each other",
        fits: |v| word(v, &["last_writer_wins", "modality_priority", "auto_merge", "manual"]),
    },
    Key {
        name: "domain.",
        takes: "a type",
        about: "the type of whatever has an edge of this predicate",
        fits: |v| v.as_str().is_some_and(|text| !text.is_empty()),
    },
    Key {
        name: "extract",
        takes: "a list of: lines, doi, orcid, url, email, date, units",
        about: "the rules by which properties are read out of texts",
        fits: |v| words(v, |name| super::extract::RULES.contains(&name)),
    },
    Key {
        name: "extract.",
        takes: "a regular expression",
        about: "a property read out of the text: what the first group matches",
        fits: is_pattern,
    },
    Key {
        name: "fill",
        takes: "a list of document, vector, semantic, graph and spatial",
        about: "the modalities that are made when a hexad has none",
        fits: |v| {
            words(v, |name| {
                let fills = ["document", "vector", "semantic", "graph", "spatial"];
                fills.iter().any(|known| known.eq_ignore_ascii_case(name))
            })
        },
    },
    Key {
        name: "mode",
        takes: "conservative, balanced or aggressive",
        about: "how far the normalizer goes",
        fits: |v| word(v, &["conservative", "balanced", "aggressive"]),
    },
    Key {
        name: "overwrite_user",
        takes: "true or false",
        about: "whether what a user wrote may be replaced",
        fits: is_flag,
    },
    Key {
        name: "owner_may",
        takes: "a list of keys",
        about: "what policies of types and hexads may say (of the policy for all only)",
        fits: |v| words(v, is_key),
    },
    Key {
        name: "queue_from",
        takes: "a score from 0 to 1, 1 for never",
        about: "from this score on somebody has to decide",
        fits: |v| v.as_f64().is_some_and(|x| (0.0..=1.0).contains(&x)),
    },
    Key {
        name: "range.",
        takes: "a type",
        about: "the type of whatever an edge of this predicate leads to",
        fits: |v| v.as_str().is_some_and(|text| !text.is_empty()),
    },
    Key {
        name: "rate",
        takes: "a whole number, 0 for any",
        about: "hexads a minute that are normalized automatically",
        fits: |v| matches!(v, Value::Int(n) if *n >= 0),
    },
    Key {
        name: "retraction",
        takes: "off, queue or flag",
        about: "what reaches the hexads that cite a retracted one",
        fits: |v| word(v, &["off", "queue", "flag"]),
    },
    Key {
        name: "strategy",
        takes: "from_authoritative, merge, user_resolve or last_writer_wins",
        about: "how what drifted is brought back",
        fits: is_strategy,
    },
    Key {
        name: "strategy.",
        takes: "from_authoritative, merge, user_resolve or last_writer_wins",
        about: "the same for a modality, or for a modality and what it is held against",
        fits: is_strategy,
    },
    Key {
        name: "type.",
        takes: "a regular expression",
        about: "the type of hexads whose text it matches",
        fits: is_pattern,
    },
];

/// The key of this name, dots and all.
pub fn key(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| match key.name.strip_suffix('.') {
        None => key.name == name,
        Some(stem) => name
            .strip_prefix(key.name)
            .is_some_and(|rest| !rest.is_empty() && (stem != "strategy" || names_modalities(rest))),
    })
}

fn names_modalities(rest: &str) -> bool {
    let parts: Vec<&str> = rest.split('.').collect();
    parts.len() <= 2 && parts.iter().all(|part| is_modality(part))
}

/// A key, or the family of keys before a dot, as `owner_may` lists them.
fn is_key(name: &str) -> bool {
    key(name).is_some() || KEYS.iter().any(|key| key.name.strip_suffix('.') == Some(name))
}

/// Spells a key as it is kept: what stands before the first dot, and modalities, in lower case.
pub fn spelled(name: &str) -> String {
    match name.split_once('.') {
        None => name.to_ascii_lowercase(),
        Some((stem, rest)) if stem.eq_ignore_ascii_case("strategy") => {
            format!("strategy.{}", rest.to_ascii_lowercase())
        }
        Some((stem, rest)) => format!("{}.{rest}", stem.to_ascii_lowercase()),
    }
}

/// Refuses a part nobody understands.
pub fn check(name: &str, value: &Value, scope: &Scope) -> Result<()> {
    let Some(key) = key(name) else {
        let names: Vec<String> = KEYS.iter().map(|key| key.name.replace('.', ".name")).collect();
        return Err(Error::new(Kind::InvalidInput, format!("a policy has no part `{name}`"))
            .hint(format!("parts: {}", names.join(", "))));
    };
    if !(key.fits)(value) {
        let message = format!("{name} takes {}", key.takes);
        return Err(Error::new(Kind::TypeMismatch, message));
    }
    if name == "owner_may" && *scope != Scope::All {
        let message = "owner_may belongs into the policy for all";
        return Err(Error::new(Kind::ConstraintViolation, message));
    }
    Ok(())
}

/// What holds when nobody says anything.
pub fn built_in() -> BTreeMap<String, Value> {
    let list = |names: &[&str]| Value::List(names.iter().map(|n| (*n).into()).collect());
    let authority =
        ["document", "semantic", "provenance", "graph", "vector", "tensor", "spatial", "temporal"];
    // Everything but who may say what, and how fast it goes.
    let owners = KEYS
        .iter()
        .map(|key| key.name.trim_end_matches('.'))
        .filter(|name| !["owner_may", "rate"].contains(name))
        .collect::<std::collections::BTreeSet<_>>();
    let owners: Vec<&str> = owners.into_iter().collect();
    [
        ("authority", list(&authority)),
        ("auto", "off".into()),
        ("citations", list(&["CITES"])),
        ("conflicts", "manual".into()),
        ("extract", list(&["lines", "doi", "orcid", "email"])),
        ("fill", list(&[])),
        ("mode", "balanced".into()),
        ("overwrite_user", Value::Bool(false)),
        ("owner_may", list(&owners)),
        ("queue_from", Value::Float(0.8)),
        ("rate", Value::Int(600)),
        ("retraction", "queue".into()),
        ("strategy", "from_authoritative".into()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_in_is_a_policy() {
        for (name, value) in built_in() {
            assert!(check(&name, &value, &Scope::All).is_ok(), "{name} = {value:?}");
        }
        assert!(KEYS.windows(2).all(|pair| pair[0].name < pair[1].name));
    }

    #[test]
    fn parts_nobody_understands_are_refused() {
        let refused = |name: &str, value: Value| check(name, &value, &Scope::All).unwrap_err().kind;
        assert_eq!(refused("unheard", Value::Int(1)), Kind::InvalidInput);
        assert_eq!(refused("strategy.weather", "merge".into()), Kind::InvalidInput);
        assert_eq!(refused("strategy.vector", "hope".into()), Kind::TypeMismatch);
        assert_eq!(refused("rate", Value::Int(-1)), Kind::TypeMismatch);
        assert_eq!(refused("extract.doi", "(".into()), Kind::TypeMismatch);
        let list = Value::List(vec!["rate".into()]);
        assert!(check("owner_may", &list, &Scope::All).is_ok());
        let of_type = Scope::Type("Paper".into());
        assert_eq!(
            check("owner_may", &list, &of_type).unwrap_err().kind,
            Kind::ConstraintViolation
        );
        assert!(check("strategy.vector.document", &"merge".into(), &of_type).is_ok());
        assert_eq!(spelled("Strategy.VECTOR"), "strategy.vector");
        assert_eq!(spelled("Domain.AUTHOR_OF"), "domain.AUTHOR_OF");
    }
}
