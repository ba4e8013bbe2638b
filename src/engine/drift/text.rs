//! What a modality says in words, so that it can be compared with another.

use crate::engine::base::Value;
use crate::engine::modality::document::Document;
use crate::engine::modality::graph::Edges;
use crate::engine::modality::semantic::Semantics;

/// The text of a document: title and body, or the texts in its fields when it has neither.
pub fn of_document(document: &Document) -> String {
    let running: Vec<&str> =
        [&document.title, &document.body].into_iter().flatten().map(String::as_str).collect();
    if !running.is_empty() {
        return running.join("\n");
    }
    let mut text = String::new();
    document.fields.values().for_each(|value| append(&mut text, value));
    text
}

/// Types by their last part, then properties, sorted.
pub fn of_semantics(semantics: &Semantics) -> String {
    let mut text = String::new();
    for name in &semantics.types {
        line(&mut text, name.rsplit([':', '/', '#']).next().unwrap_or(name));
    }
    for (name, value) in &semantics.properties {
        line(&mut text, name);
        append(&mut text, value);
    }
    text
}

/// Every edge as its predicate and the title of its target, or the target's id without one; sorted.
pub fn of_edges(edges: &Edges, title_of: &dyn Fn(&str) -> Option<String>) -> String {
    let mut lines: Vec<String> = edges
        .edges
        .iter()
        .map(|edge| {
            let target = edge.target.as_str();
            format!("{} {}", edge.predicate, title_of(target).unwrap_or_else(|| target.to_owned()))
        })
        .collect();
    lines.sort_unstable();
    lines.join("\n")
}

fn append(text: &mut String, value: &Value) {
    match value {
        Value::Text(s) => line(text, s),
        Value::Int(n) => line(text, &n.to_string()),
        Value::Float(x) => line(text, &x.to_string()),
        Value::List(items) => items.iter().for_each(|item| append(text, item)),
        Value::Map(map) => map.iter().for_each(|(name, value)| {
            line(text, name);
            append(text, value);
        }),
        Value::Null | Value::Bool(_) | Value::Time(_) | Value::Vector(_) => {}
    }
}

fn line(text: &mut String, words: &str) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(words);
}
