//! Types and properties read out of the document and the edges, and contradictions between document
//! and semantics settled.
//!
//! What is missing is added; what is there is changed only by the rule for conflicts, and then only
//! where what users wrote may be replaced.

use std::collections::BTreeSet;

use crate::engine::base::{Modality, Result, Value};
use crate::engine::drift::text;
use crate::engine::drift::{Evidence, Finding};
use crate::engine::hexad::Change;
use crate::engine::modality::semantic::{self, Semantics};
use crate::engine::modality::{document, graph};

use super::{Candidate, Making, Subject, brief, extracted};
use crate::engine::normalize::extract::{self, Extracted};
use crate::engine::normalize::merge::{self, Contradiction};
use crate::engine::normalize::policy::ConflictRule;

/// Edges to the class of a thing.
const CLASSES: [&str; 4] = ["IS_A", "INSTANCE_OF", "TYPE", "RDF:TYPE"];

/// The types a hexad should have by its text, its edges, and the edges that lead to it.
pub fn types_of(subject: &Subject<'_>) -> Result<BTreeSet<String>> {
    let mut types = BTreeSet::new();
    if let Some(document) = subject.document {
        types.extend(extract::extract(&text::of_document(document), subject.policy).types);
    }
    let said = |stem: &str, predicate: &str| -> Vec<String> {
        let same = |(name, _): &(&str, &str)| name.eq_ignore_ascii_case(predicate);
        subject.policy.family(stem).filter(same).map(|(_, t)| t.to_owned()).collect()
    };
    for edge in subject.graph.map(|g: &graph::Edges| g.edges.as_slice()).unwrap_or_default() {
        types.extend(said("domain.", &edge.predicate));
        let class = CLASSES.iter().any(|c| c.eq_ignore_ascii_case(&edge.predicate));
        if class && let Some(neighbor) = subject.around.neighbor(edge.target.as_str())? {
            types.insert(neighbor.title.unwrap_or(neighbor.id));
        }
    }
    if subject.policy.family("range.").next().is_some() {
        for (predicate, _) in subject.around.incoming()? {
            types.extend(said("range.", &predicate));
        }
    }
    Ok(types)
}

/// Adds what contracts require and what can be found.
pub(super) fn follow(subject: &Subject<'_>, finding: &Finding) -> Result<Making> {
    let nothing = Semantics::default();
    let semantics = subject.semantic.unwrap_or(&nothing);
    let found = match subject.document {
        Some(document) => extract::extract(&text::of_document(document), subject.policy),
        None => Extracted::default(),
    };
    let (mut changes, mut done, mut refused) = (Vec::new(), Vec::new(), Vec::new());
    for evidence in &finding.evidence {
        let (contract, wanted) = match evidence {
            Evidence::Missing { contract, requires } => (contract, requires),
            Evidence::Violated { contract, constraint } => (contract, constraint),
            _ => continue,
        };
        let missing = matches!(evidence, Evidence::Missing { .. });
        match names(wanted).into_iter().find_map(|name| value(subject, &found, &name)) {
            Some(Found::Property(name, value)) if missing || !has(semantics, &name) => {
                done.push(format!("{name} = {} is read out of the document", brief(&value)));
                changes.push(Change::SetProperty(name, value));
            }
            Some(Found::Field(name, value)) => {
                done.push(format!("field {name} = {} is taken from the semantics", brief(&value)));
                changes.push(Change::SetField(name, value));
            }
            Some(Found::Several(name, values)) => {
                let reason = format!("the text gives several values of {name}");
                return Ok(Making::Undecided(reason, choices(semantics, &name, &values)));
            }
            _ => refused.push(format!("{contract} wants {wanted}, and nothing here says it")),
        }
    }
    for name in types_of(subject)? {
        if !semantics.types.contains(&name) {
            done.push(format!("type {name} is added"));
            changes.push(Change::AddType(name));
        }
    }
    if changes.is_empty()
        && subject.may_replace(Modality::Semantic).is_ok()
        && let Some(earlier) = earlier(subject, semantics)?
    {
        let how = "types and properties are what they were before";
        return Ok(Making::made(vec![Change::Semantic(earlier)], how));
    }
    if changes.is_empty() {
        let reason = refused.into_iter().next();
        return Ok(Making::Cannot(
            reason.unwrap_or_else(|| "no rule finds what is missing".into()),
        ));
    }
    if let Err(reason) = subject.may_add(Modality::Semantic) {
        return Ok(Making::cannot(reason));
    }
    stamp(subject, &mut changes);
    Ok(Making::made(changes, done.join(", ")))
}

/// The newest semantics before those of now that said something else.
fn earlier(subject: &Subject<'_>, now: &Semantics) -> Result<Option<Semantics>> {
    for body in subject.around.earlier(Modality::Semantic)? {
        if let Ok(earlier) = semantic::codec::decode(&body)
            && earlier != *now
        {
            return Ok(Some(earlier));
        }
    }
    Ok(None)
}

/// Says that the rules made the semantics, when no user began them.
fn stamp(subject: &Subject<'_>, changes: &mut Vec<Change>) {
    let semantic = |change: &Change| matches!(change, Change::SetProperty(..) | Change::AddType(_));
    if changes.iter().any(semantic) && !subject.is_users(Modality::Semantic) {
        let both = [Modality::Document, Modality::Graph];
        let sources: Vec<Modality> = both.into_iter().filter(|m| subject.has(*m)).collect();
        changes.push(extracted(Modality::Semantic, "extraction-rules", &sources));
    }
}

/// Something that was looked for.
enum Found {
    Property(String, Value),
    Field(String, Value),
    Several(String, Vec<Value>),
}

/// The names of fields in a requirement: its words that are not of the language.
fn names(wanted: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut quoted = false;
    for word in wanted.split_inclusive(|c: char| !(c.is_alphanumeric() || c == '_')) {
        let bare = word.trim_end_matches(|c: char| !(c.is_alphanumeric() || c == '_'));
        let known = Modality::from_keyword(bare).is_some()
            || ["FIELD", "IS", "NOT", "NULL", "EXISTS", "AND", "OR", "IN", "LIKE", "h"]
                .contains(&bare);
        let number = bare.starts_with(|c: char| c.is_ascii_digit());
        if !quoted && !bare.is_empty() && !known && !number {
            names.push(bare.to_owned());
        }
        if word.matches('\'').count() % 2 == 1 {
            quoted = !quoted;
        }
    }
    names
}

fn has(semantics: &Semantics, name: &str) -> bool {
    semantics.properties.keys().any(|known| known.eq_ignore_ascii_case(name))
}

fn value(subject: &Subject<'_>, found: &Extracted, name: &str) -> Option<Found> {
    let same = |known: &&String| known.eq_ignore_ascii_case(name);
    let property = subject
        .semantic
        .and_then(|s| s.properties.keys().find(same).map(|k| (k.clone(), s.properties[k].clone())));
    let field = subject.document.and_then(|d| {
        if name.eq_ignore_ascii_case("title") {
            return d.title.clone().map(Value::Text);
        }
        d.fields.keys().find(same).map(|k| d.fields[k].clone())
    });
    match (property, field) {
        (None, Some(value)) => Some(Found::Property(name.to_owned(), value)),
        (Some((name, value)), None) if subject.document.is_some() => {
            Some(Found::Field(name, value))
        }
        (None, None) => {
            let values = found.values(name);
            match values.as_slice() {
                [] => None,
                [one] => Some(Found::Property(name.to_owned(), one.clone())),
                _ => Some(Found::Several(name.to_owned(), values)),
            }
        }
        _ => None,
    }
}

fn choices(semantics: &Semantics, name: &str, values: &[Value]) -> Vec<Candidate> {
    let candidate = |(i, value): (usize, &Value)| {
        let mut with = semantics.clone();
        with.properties.insert(name.to_owned(), value.clone());
        Candidate {
            name: format!("option_{}", i + 1),
            about: format!("{name} = {}", brief(value)),
            modality: Modality::Semantic,
            body: semantic::codec::encode(&with),
        }
    };
    values.iter().enumerate().map(candidate).collect()
}

/// Semantics where there are none.
pub(super) fn fill(subject: &Subject<'_>) -> Result<Making> {
    let mut changes: Vec<Change> = types_of(subject)?.into_iter().map(Change::AddType).collect();
    if let Some(document) = subject.document {
        let found = extract::extract(&text::of_document(document), subject.policy);
        for (name, values) in &found.properties {
            // What is said twice in different words is not known.
            if let [one] = values.iter().collect::<Vec<_>>().as_slice() {
                changes.push(Change::SetProperty(name.clone(), extract::typed(one)));
            }
        }
    }
    if changes.is_empty() {
        return Ok(Making::cannot("no rule finds a type or a property"));
    }
    let how = format!("{} types and properties are read out of text and edges", changes.len());
    stamp(subject, &mut changes);
    Ok(Making::made(changes, how))
}

/// What makes document and semantics say the same where they contradict each other.
pub fn settle(subject: &Subject<'_>, contradiction: &Contradiction) -> Making {
    let Contradiction { property, field, document: said, semantic } = contradiction;
    let open = format!(
        "document says {field} = {}, semantic says {property} = {}",
        brief(said),
        brief(semantic)
    );
    let document_first = || {
        let two = [Modality::Document, Modality::Semantic];
        subject.authority(&two) == Some(Modality::Document)
    };
    let rule = match subject.from {
        Some(_) => ConflictRule::ModalityPriority,
        None => subject.policy.conflicts(),
    };
    let believed = match rule {
        ConflictRule::Manual => return Making::Undecided(open, sides(subject, contradiction)),
        ConflictRule::LastWriterWins => {
            let (d, s) = (subject.written(Modality::Document), subject.written(Modality::Semantic));
            if d == s { document_first() } else { d > s }
        }
        ConflictRule::ModalityPriority | ConflictRule::AutoMerge => document_first(),
    };
    let (first, second) = if believed { (said, semantic) } else { (semantic, said) };
    let value = match rule {
        ConflictRule::AutoMerge => merge::merged(first, second),
        _ => first.clone(),
    };
    let mut changes = Vec::new();
    for (modality, is, change) in [
        (Modality::Semantic, semantic, Change::SetProperty(property.clone(), value.clone())),
        (Modality::Document, said, Change::SetField(field.clone(), value.clone())),
    ] {
        if *is == value || merge::agree(is, &value) && rule != ConflictRule::AutoMerge {
            continue;
        }
        if let Err(reason) = subject.may_replace(modality) {
            let reason = format!("{open}; {reason}");
            return Making::Undecided(reason, sides(subject, contradiction));
        }
        changes.push(change);
    }
    let side = if believed { Modality::Document } else { Modality::Semantic };
    Making::made(changes, format!("{open}; the {side} is believed: {}", brief(&value)))
}

/// What either record would be if the other were right.
fn sides(subject: &Subject<'_>, contradiction: &Contradiction) -> Vec<Candidate> {
    let Contradiction { property, field, document: said, semantic } = contradiction;
    let mut sides = Vec::new();
    if let Some(semantics) = subject.semantic {
        let mut with = semantics.clone();
        with.properties.insert(property.clone(), said.clone());
        sides.push(Candidate {
            name: "document".to_owned(),
            about: format!("{property} = {}", brief(said)),
            modality: Modality::Semantic,
            body: semantic::codec::encode(&with),
        });
    }
    if let Some(document) = subject.document {
        let mut with = document.clone();
        match (field.as_str(), semantic) {
            ("title", Value::Text(text)) => with.title = Some(text.clone()),
            ("title", _) => return sides,
            _ => drop(with.fields.insert(field.clone(), semantic.clone())),
        }
        sides.push(Candidate {
            name: "semantic".to_owned(),
            about: format!("{field} = {}", brief(semantic)),
            modality: Modality::Document,
            body: document::codec::encode(&with),
        });
    }
    sides
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_name_fields() {
        assert_eq!(names("SEMANTIC.doi IS NOT NULL"), ["doi"]);
        assert_eq!(names("FIELD year >= 1900"), ["year"]);
        assert_eq!(names("DOCUMENT.kind = 'a paper' AND h.pages > 3"), ["kind", "pages"]);
    }
}
