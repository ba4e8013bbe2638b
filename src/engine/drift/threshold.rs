//! Above which score a kind of drift is drift: for everything, for a semantic type, for one entity;
//! fixed, or following what is usual.

use std::collections::BTreeMap;

use super::kind::DriftKind;

/// How the entries of thresholds are called in the catalogue.
pub const ENTRY: &str = "drift.threshold.";

/// Whom a threshold is for. The narrower scope wins.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Every entity.
    All,
    /// The entities of a semantic type.
    Type(String),
    /// One entity.
    Hexad(String),
}

/// A threshold: a number, and how much of the moving average is added to it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Threshold {
    /// What it is when nothing drifts.
    pub base: f64,
    /// Zero for a fixed threshold; how far an adaptive one follows the average.
    pub sensitivity: f64,
}

impl Threshold {
    /// Its value while scores are `average` on the average.
    pub fn value(self, average: f64) -> f64 {
        (self.base + average * self.sensitivity).clamp(0.0, 1.0)
    }

    /// As it is written: `0.2`, or `0.2 + 0.5 * average`.
    pub fn describe(self) -> String {
        if self.sensitivity == 0.0 {
            return self.base.to_string();
        }
        format!("{} + {} * average", self.base, self.sensitivity)
    }

    fn parse(text: &str) -> Option<Self> {
        let within = |x: &f64| (0.0..=1.0).contains(x);
        let Some((base, rest)) = text.split_once('+') else {
            let base = text.trim().parse().ok().filter(within)?;
            return Some(Self { base, sensitivity: 0.0 });
        };
        let (sensitivity, word) = rest.split_once('*')?;
        if !word.trim().eq_ignore_ascii_case("average") {
            return None;
        }
        let base = base.trim().parse().ok().filter(within)?;
        let sensitivity =
            sensitivity.trim().parse().ok().filter(|x: &f64| (0.0..=10.0).contains(x));
        Some(Self { base, sensitivity: sensitivity? })
    }
}

/// What `SET drift_threshold = '..'` says: `KIND = THRESHOLD [FOR TYPE type | FOR HEXAD id]`, where the
/// threshold is `0.2`, `0.2 + 0.5 * average`, or `default`.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Which kind.
    pub kind: DriftKind,
    /// For whom.
    pub scope: Scope,
    /// To what; `None` gives it up.
    pub threshold: Option<Threshold>,
}

impl Change {
    /// Reads it; `None` when it is malformed.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_once('=')?;
        let kind = DriftKind::from_name(kind.trim())?;
        let lower = rest.to_ascii_lowercase();
        let (value, scope) = match lower.find(" for ") {
            None => (rest, Scope::All),
            Some(at) => {
                let of = rest[at + 5..].trim();
                let (word, name) = of.split_once(char::is_whitespace)?;
                let name = name.trim().to_owned();
                let scope = match word.to_ascii_lowercase().as_str() {
                    "type" => Scope::Type(name),
                    "hexad" => Scope::Hexad(name),
                    _ => return None,
                };
                (&rest[..at], scope)
            }
        };
        let threshold = match value.trim() {
            word if word.eq_ignore_ascii_case("default") => None,
            value => Some(Threshold::parse(value)?),
        };
        Some(Self { kind, scope, threshold })
    }

    /// As it is written.
    pub fn describe(&self) -> String {
        let threshold = self.threshold.map_or_else(|| "default".to_owned(), Threshold::describe);
        let scope = match &self.scope {
            Scope::All => String::new(),
            Scope::Type(name) => format!(" for type {name}"),
            Scope::Hexad(id) => format!(" for hexad {id}"),
        };
        format!("{} = {threshold}{scope}", self.kind.name())
    }

    /// The name of its entry in the catalogue.
    pub fn entry(&self) -> String {
        let kind = self.kind.name();
        match &self.scope {
            Scope::All => format!("{ENTRY}{kind}"),
            Scope::Type(name) => format!("{ENTRY}{kind}.type:{name}"),
            Scope::Hexad(id) => format!("{ENTRY}{kind}.hexad:{id}"),
        }
    }

    /// Reads an entry of the catalogue back; `None` when it is not a threshold.
    pub fn of_entry(name: &str, body: &[u8]) -> Option<Self> {
        let rest = name.strip_prefix(ENTRY)?;
        let (kind, scope) = match rest.split_once('.') {
            None => (rest, Scope::All),
            Some((kind, of)) => match of.split_once(':')? {
                ("type", name) => (kind, Scope::Type(name.to_owned())),
                ("hexad", id) => (kind, Scope::Hexad(id.to_owned())),
                _ => return None,
            },
        };
        let threshold = Some(Threshold::parse(std::str::from_utf8(body).ok()?)?);
        Some(Self { kind: DriftKind::from_name(kind)?, scope, threshold })
    }
}

/// The thresholds of a database.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Thresholds {
    set: BTreeMap<(DriftKind, Scope), Threshold>,
    averages: BTreeMap<DriftKind, f64>,
}

impl Thresholds {
    /// From what was set, and what the scores of each kind are on the average.
    pub fn new(
        changes: impl IntoIterator<Item = Change>,
        averages: BTreeMap<DriftKind, f64>,
    ) -> Self {
        let set = |change: Change| Some(((change.kind, change.scope), change.threshold?));
        Self { set: changes.into_iter().filter_map(set).collect(), averages }
    }

    /// True when the types of an entity matter.
    pub fn by_type(&self) -> bool {
        self.set.keys().any(|(_, scope)| matches!(scope, Scope::Type(_)))
    }

    /// The threshold of a kind for an entity of some types, and who set it; of several types the
    /// strictest counts.
    pub fn of(&self, kind: DriftKind, id: &str, types: &[String]) -> (f64, Scope) {
        let average = self.averages.get(&kind).copied().unwrap_or_default();
        let get =
            |scope: Scope| self.set.get(&(kind, scope.clone())).map(|t| (t.value(average), scope));
        get(Scope::Hexad(id.to_owned()))
            .or_else(|| {
                let typed = types.iter().filter_map(|name| get(Scope::Type(name.clone())));
                typed.min_by(|a, b| a.0.total_cmp(&b.0))
            })
            .or_else(|| get(Scope::All))
            .unwrap_or((kind.threshold(), Scope::All))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_reads_back_from_its_entry() {
        for text in [
            "schema = 0.2",
            "semantic_vector = 0.1 + 0.5 * average",
            "spatial = 0.4 for type place:City",
            "Temporal = 0 FOR HEXAD deb:bash",
        ] {
            let change = Change::parse(text).unwrap();
            let body = change.threshold.unwrap().describe();
            assert_eq!(Change::of_entry(&change.entry(), body.as_bytes()), Some(change), "{text}");
        }
        assert_eq!(Change::parse("schema = default").unwrap().threshold, None);
        for wrong in ["schema", "depth = 0.2", "schema = 2", "schema = 0.1 for me", "schema = x"] {
            assert_eq!(Change::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_narrower_scope_wins_and_averages_are_followed() {
        let changes = [
            "schema = 0.5",
            "schema = 0.4 for type a",
            "schema = 0.3 for type b",
            "schema = 0.9 for hexad x",
            "spatial = 0.1 + 2 * average",
        ];
        let changes = changes.map(|text| Change::parse(text).unwrap());
        let averages = BTreeMap::from([(DriftKind::Spatial, 0.1)]);
        let thresholds = Thresholds::new(changes, averages);
        let of = |kind, id: &str, types: &[&str]| {
            let types: Vec<String> = types.iter().map(|t| (*t).to_owned()).collect();
            thresholds.of(kind, id, &types).0
        };
        assert_eq!(Some(of(DriftKind::Schema, "y", &[])), Some(0.5));
        assert_eq!(Some(of(DriftKind::Schema, "y", &["a", "b"])), Some(0.3));
        assert_eq!(Some(of(DriftKind::Schema, "x", &["a"])), Some(0.9));
        assert!((of(DriftKind::Spatial, "y", &[]) - 0.3).abs() < 1e-12);
        let default = DriftKind::Temporal.threshold();
        assert_eq!(Some(of(DriftKind::Temporal, "y", &[])), Some(default));
    }
}
