//! Policies put over each other: what is in force for one hexad, and who said each part of it.
//!
//! A policy of the hexad goes before one of its types, that before the one for all, and that before
//! what is built in. Of several types the first in the alphabet that says something counts. What the
//! policy for all does not leave to owners is not taken from types and hexads, whenever they said it.

use std::collections::BTreeMap;

use crate::engine::base::{Modality, Value};

use super::policy::{Auto, ConflictRule, Mode, Policy, Retraction, Scope, Strategy, built_in};

/// Who said a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody.
    BuiltIn,
    /// A policy.
    Policy(String, Scope),
    /// The statement that runs.
    Statement,
}

impl Origin {
    /// In words.
    pub fn describe(&self) -> String {
        match self {
            Self::BuiltIn => "built in".to_owned(),
            Self::Policy(name, scope) => format!("policy {name} for {}", scope.describe()),
            Self::Statement => "the statement".to_owned(),
        }
    }
}

/// The policy in force for a hexad.
#[derive(Clone, Debug, PartialEq)]
pub struct Effective {
    parts: BTreeMap<String, (Value, Origin)>,
    /// What a policy says and may not: the key, and whose it is.
    pub ignored: Vec<(String, Origin)>,
}

impl Effective {
    /// Of a hexad with this id and these types.
    pub fn of(policies: &[Policy], id: &str, types: &[String]) -> Self {
        let built_in = built_in().into_iter().map(|(key, value)| (key, (value, Origin::BuiltIn)));
        let mut this = Self { parts: built_in.collect(), ignored: Vec::new() };
        for policy in policies.iter().filter(|policy| policy.scope == Scope::All) {
            this.lay(policy, &|_| true);
        }
        let allowed = this.list("owner_may");
        let may = |key: &str| {
            let stem = key.split('.').next().unwrap_or(key);
            allowed.iter().any(|a| a == key || a == stem)
        };
        let mut of_types: Vec<&Policy> = policies
            .iter()
            .filter(|policy| matches!(&policy.scope, Scope::Type(name) if types.contains(name)))
            .collect();
        of_types.sort_by(|a, b| b.scope.cmp(&a.scope));
        for policy in of_types {
            this.lay(policy, &may);
        }
        for policy in policies {
            if matches!(&policy.scope, Scope::Hexad(name) if name == id) {
                this.lay(policy, &may);
            }
        }
        this
    }

    /// Of hexads in general.
    pub fn general(policies: &[Policy]) -> Self {
        Self::of(policies, "", &[])
    }

    fn lay(&mut self, policy: &Policy, may: &dyn Fn(&str) -> bool) {
        for (key, value) in &policy.parts {
            let origin = Origin::Policy(policy.name.clone(), policy.scope.clone());
            if may(key) {
                self.parts.insert(key.clone(), (value.clone(), origin));
            } else {
                self.ignored.push((key.clone(), origin));
            }
        }
    }

    /// The same with a part that the statement says.
    #[must_use]
    pub fn with(mut self, key: &str, value: Value) -> Self {
        self.parts.insert(key.to_owned(), (value, Origin::Statement));
        self
    }

    /// The same with one strategy for everything.
    #[must_use]
    pub fn with_strategy(mut self, strategy: Strategy) -> Self {
        self.parts.retain(|key, _| !key.starts_with("strategy."));
        let rule = match strategy {
            Strategy::FromAuthoritative => "modality_priority",
            Strategy::Merge => "auto_merge",
            Strategy::UserResolve => "manual",
            Strategy::LastWriter => "last_writer_wins",
        };
        self.with("strategy", strategy.name().into()).with("conflicts", rule.into())
    }

    /// Every part with who said it, by key.
    pub fn parts(&self) -> impl Iterator<Item = (&str, &Value, &Origin)> {
        self.parts.iter().map(|(key, (value, origin))| (key.as_str(), value, origin))
    }

    fn value(&self, key: &str) -> Option<&Value> {
        self.parts.get(key).map(|(value, _)| value)
    }

    fn word(&self, key: &str) -> String {
        self.value(key).and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase()
    }

    /// A part that is a list of words.
    pub fn list(&self, key: &str) -> Vec<String> {
        match self.value(key) {
            Some(Value::List(items)) => {
                items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The parts of a family: `extract.` gives properties and expressions.
    pub fn family<'a>(&'a self, stem: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.parts
            .iter()
            .filter_map(move |(key, (value, _))| Some((key.strip_prefix(stem)?, value.as_str()?)))
    }

    /// The modalities, the most believed first. What the policy leaves out follows as built in.
    pub fn authority(&self) -> Vec<Modality> {
        let named = self.list("authority");
        let mut order: Vec<Modality> =
            named.iter().filter_map(|name| Modality::from_keyword(name)).collect();
        let built_in = built_in();
        if let Some(Value::List(rest)) = built_in.get("authority") {
            let rest = rest.iter().filter_map(Value::as_str).filter_map(Modality::from_keyword);
            order.extend(rest);
        }
        let mut seen = crate::engine::base::ModalitySet::EMPTY;
        order.retain(|modality| {
            let new = !seen.contains(*modality);
            seen.insert(*modality);
            new
        });
        order
    }

    /// How `target` is brought back when it is held against `source`.
    pub fn strategy(&self, target: Modality, source: Modality) -> Strategy {
        let named =
            |key: &str| self.value(key).and_then(Value::as_str).and_then(Strategy::from_name);
        named(&format!("strategy.{}.{}", target.name(), source.name()))
            .or_else(|| named(&format!("strategy.{}", target.name())))
            .or_else(|| named("strategy"))
            .unwrap_or(Strategy::FromAuthoritative)
    }

    /// Whether what a user wrote may be replaced.
    pub fn overwrites_user(&self) -> bool {
        self.value("overwrite_user") == Some(&Value::Bool(true))
    }

    /// When the normalizer works by itself.
    pub fn auto(&self) -> Auto {
        Auto::from_name(&self.word("auto"))
    }

    /// How far it goes.
    pub fn mode(&self) -> Mode {
        match self.word("mode").as_str() {
            "conservative" => Mode::Conservative,
            "aggressive" => Mode::Aggressive,
            _ => Mode::Balanced,
        }
    }

    /// From this score on somebody has to decide; `None` for never.
    pub fn queue_from(&self) -> Option<f64> {
        let said =
            matches!(self.parts.get("queue_from"), Some((_, origin)) if *origin != Origin::BuiltIn);
        if self.mode() == Mode::Aggressive && !said {
            return None;
        }
        self.value("queue_from").and_then(Value::as_f64).filter(|from| *from < 1.0)
    }

    /// Hexads a minute; `None` for any.
    pub fn rate(&self) -> Option<u32> {
        match self.value("rate") {
            Some(Value::Int(0)) | None => None,
            Some(value) => value.as_f64().map(|n| n as u32),
        }
    }

    /// What is done when two sources contradict each other.
    pub fn conflicts(&self) -> ConflictRule {
        match self.word("conflicts").as_str() {
            "last_writer_wins" => ConflictRule::LastWriterWins,
            "modality_priority" => ConflictRule::ModalityPriority,
            "auto_merge" => ConflictRule::AutoMerge,
            _ => ConflictRule::Manual,
        }
    }

    /// What reaches the hexads that cite a retracted one.
    pub fn retraction(&self) -> Retraction {
        match self.word("retraction").as_str() {
            "off" => Retraction::Off,
            "flag" => Retraction::Flag,
            _ => Retraction::Queue,
        }
    }

    /// Whether a modality is made when there is none.
    pub fn fills(&self, modality: Modality) -> bool {
        self.list("fill").iter().any(|name| name.eq_ignore_ascii_case(modality.name()))
    }

    /// The names of the policies that say something here, for the trail.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .parts
            .values()
            .filter_map(|(_, origin)| match origin {
                Origin::Policy(name, _) => Some(name.clone()),
                Origin::Statement => Some("statement".to_owned()),
                Origin::BuiltIn => None,
            })
            .collect();
        names.sort_unstable();
        names.dedup();
        if names.is_empty() {
            names.push("built in".to_owned());
        }
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(name: &str, scope: Scope, parts: &[(&str, Value)]) -> Policy {
        let parts = parts.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
        Policy { name: name.into(), scope, parts }
    }

    #[test]
    fn the_nearest_policy_says_it() {
        let policies = [
            policy("all", Scope::All, &[("strategy", "merge".into()), ("rate", Value::Int(5))]),
            policy("paper", Scope::Type("Paper".into()), &[("strategy", "manual".into())]),
            policy("one", Scope::Hexad("a".into()), &[("overwrite_user", Value::Bool(true))]),
        ];
        let (v, d) = (Modality::Vector, Modality::Document);
        let a = Effective::of(&policies, "a", &["Paper".into()]);
        assert_eq!(a.strategy(v, d), Strategy::UserResolve);
        assert!(a.overwrites_user());
        let b = Effective::of(&policies, "b", &[]);
        assert_eq!(b.strategy(v, d), Strategy::Merge);
        assert!(!b.overwrites_user());
        assert_eq!(b.names(), ["all"]);
        assert_eq!(b.authority()[0], d);
        assert_eq!(b.authority().len(), 8);
    }

    #[test]
    fn what_owners_may_not_say_is_not_heard() {
        let may = Value::List(vec!["strategy".into()]);
        let policies = [
            policy("all", Scope::All, &[("owner_may", may)]),
            policy(
                "one",
                Scope::Hexad("a".into()),
                &[("overwrite_user", Value::Bool(true)), ("strategy.vector", "merge".into())],
            ),
        ];
        let a = Effective::of(&policies, "a", &[]);
        assert!(!a.overwrites_user());
        assert_eq!(a.strategy(Modality::Vector, Modality::Document), Strategy::Merge);
        assert_eq!(a.ignored.len(), 1);
        assert_eq!(a.ignored[0].0, "overwrite_user");
    }

    #[test]
    fn aggressive_asks_nobody_unless_told_to() {
        let mode = policy("m", Scope::All, &[("mode", "aggressive".into())]);
        assert_eq!(Effective::general(std::slice::from_ref(&mode)).queue_from(), None);
        let from = policy("f", Scope::Type("T".into()), &[("queue_from", Value::Float(0.9))]);
        let both = [mode, from];
        assert_eq!(Effective::of(&both, "x", &["T".into()]).queue_from(), Some(0.9));
        assert_eq!(Effective::general(&[]).queue_from(), Some(0.8));
    }
}
