//! What a text says in a form that can be read without understanding it: lines of keys and values,
//! identifiers, dates, numbers with units. The rules are chosen, and more are written, in policies.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use regex::Regex;

use crate::engine::base::Value;

use super::authority::Effective;

/// The names of the rules.
pub const RULES: [&str; 7] = ["lines", "doi", "orcid", "url", "email", "date", "units"];

/// Length of a text that is looked at, in bytes; what is behind it is not read.
const MOST: usize = 1 << 20;

/// What was read out of a text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Extracted {
    /// By property. Several values mean that somebody has to choose.
    pub properties: BTreeMap<String, BTreeSet<String>>,
    /// Types whose expression matches.
    pub types: BTreeSet<String>,
}

impl Extracted {
    fn add(&mut self, property: &str, value: &str) {
        let value = value.trim();
        if !value.is_empty() {
            self.properties.entry(property.to_owned()).or_default().insert(value.to_owned());
        }
    }

    /// The values of a property, whatever the case of its name.
    pub fn values(&self, property: &str) -> Vec<Value> {
        let same = |(name, _): &(&String, &BTreeSet<String>)| name.eq_ignore_ascii_case(property);
        let found = self.properties.iter().find(same).map(|(_, values)| values);
        found.into_iter().flatten().map(|text| typed(text)).collect()
    }
}

/// A number where the text is one, else the text.
pub fn typed(text: &str) -> Value {
    if let Ok(n) = text.parse::<i64>() {
        return Value::Int(n);
    }
    match text.parse::<f64>() {
        Ok(x) if x.is_finite() && text.contains(|c: char| c.is_ascii_digit()) => Value::Float(x),
        _ => Value::Text(text.to_owned()),
    }
}

struct Rules {
    line: Regex,
    doi: Regex,
    orcid: Regex,
    url: Regex,
    email: Regex,
    date: Regex,
    unit: Regex,
}

fn rules() -> &'static Rules {
    static RULES: OnceLock<Rules> = OnceLock::new();
    let regex = |text: &str| Regex::new(text).expect("an expression of this file");
    RULES.get_or_init(|| Rules {
        line: regex(r"(?m)^[ \t]*([A-Za-z][A-Za-z0-9_ -]{0,39}?)[ \t]*[:=][ \t]+(\S.*?)[ \t]*$"),
        doi: regex(r#"\b(10\.[0-9]{4,9}/[^\s"<>{}|\\^]*[A-Za-z0-9])"#),
        orcid: regex(r"\b([0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X])\b"),
        url: regex(r#"\b(https?://[^\s"<>{}|\\^]*[A-Za-z0-9/])"#),
        email: regex(r"\b([A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)\b"),
        date: regex(r"\b([0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01]))\b"),
        unit: regex(r"(?i)\b([0-9]+(?:\.[0-9]+)?)\s?(km2|km|kg|mg|ml|cm|mm|m|g|l|s)\b"),
    })
}

/// Reads a text by the rules of a policy.
pub fn extract(text: &str, policy: &Effective) -> Extracted {
    let mut end = text.len().min(MOST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = &text[..end];
    let chosen = policy.list("extract");
    let on = |rule: &str| chosen.iter().any(|name| name == rule);
    let mut found = Extracted::default();
    let rules = rules();
    if on("lines") {
        for line in rules.line.captures_iter(text) {
            found.add(&line[1].to_lowercase().replace([' ', '-'], "_"), &line[2]);
        }
    }
    for (rule, regex) in [
        ("doi", &rules.doi),
        ("orcid", &rules.orcid),
        ("url", &rules.url),
        ("email", &rules.email),
        ("date", &rules.date),
    ] {
        if on(rule) {
            regex.captures_iter(text).for_each(|hit| found.add(rule, &hit[1]));
        }
    }
    if on("units") {
        for hit in rules.unit.captures_iter(text) {
            found.add(&format!("amount_{}", hit[2].to_lowercase()), &hit[1]);
        }
    }
    for (property, pattern) in policy.family("extract.") {
        // A policy is not accepted with an expression that cannot be read.
        let Ok(regex) = Regex::new(pattern) else { continue };
        for hit in regex.captures_iter(text) {
            let whole = hit.get(1).or_else(|| hit.get(0));
            found.add(property, whole.map_or("", |m| m.as_str()));
        }
    }
    for (name, pattern) in policy.family("type.") {
        if Regex::new(pattern).is_ok_and(|regex| regex.is_match(text)) {
            found.types.insert(name.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::normalize::policy::{Policy, Scope};

    fn policy(parts: &[(&str, Value)]) -> Effective {
        let parts = parts.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
        Effective::general(&[Policy { name: "p".into(), scope: Scope::All, parts }])
    }

    #[test]
    fn identifiers_and_lines_are_read() {
        let text = "Year: 1997\nBorn in = Ulm\nSee doi 10.1000/182. and 0000-0002-1825-0097,\n\
                    write to a.b@c.org about the 3 km.";
        let found = extract(text, &policy(&[]));
        assert_eq!(found.values("YEAR"), [Value::Int(1997)]);
        assert_eq!(found.values("born_in"), [Value::Text("Ulm".into())]);
        assert_eq!(found.values("doi"), [Value::Text("10.1000/182".into())]);
        assert_eq!(found.values("orcid"), [Value::Text("0000-0002-1825-0097".into())]);
        assert_eq!(found.values("email"), [Value::Text("a.b@c.org".into())]);
        assert!(found.values("amount_km").is_empty(), "units are not read unless asked for");
    }

    #[test]
    fn rules_are_the_policys() {
        let all = Value::List(RULES.iter().map(|rule| (*rule).into()).collect());
        let rules = policy(&[
            ("extract", all),
            ("extract.mass", r"weighs (\d+)".into()),
            ("type.Letter", "(?i)^dear ".into()),
        ]);
        let found = extract("Dear Ada, it weighs 12 kg since 1843-10-01", &rules);
        assert_eq!(found.values("mass"), [Value::Int(12)]);
        assert_eq!(found.values("amount_kg"), [Value::Int(12)]);
        assert_eq!(found.values("date"), [Value::Text("1843-10-01".into())]);
        assert!(found.types.contains("Letter"));
        let none = policy(&[("extract", Value::List(vec![]))]);
        assert_eq!(extract("Year: 1997", &none), Extracted::default());
    }
}
