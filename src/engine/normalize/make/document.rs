//! A document where there is none. What a user wrote is never made again.

use crate::engine::base::{Modality, Result, Value};
use crate::engine::hexad::Change;
use crate::engine::modality::document::Document;

use super::{Making, Subject, extracted};

/// The properties that name a thing.
const LABELS: [&str; 4] = ["title", "label", "name", "rdfs:label"];

/// Makes a document of label, properties and edges.
pub(super) fn fill(subject: &Subject<'_>) -> Result<Making> {
    let among = [Modality::Semantic, Modality::Graph];
    if subject.authority(&among).is_none() {
        return Ok(Making::cannot(match subject.from {
            Some(from) => format!("a document cannot be made from {from}"),
            None => "there are neither properties nor edges to make a document of".to_owned(),
        }));
    }
    let mut document = Document::default();
    if let Some(semantics) = subject.semantic {
        let label = |(name, value): (&String, &Value)| {
            let named = LABELS.iter().any(|label| label.eq_ignore_ascii_case(name));
            value.as_str().filter(|_| named).map(str::to_owned)
        };
        document.title = semantics.properties.iter().find_map(label);
        for (name, value) in &semantics.properties {
            if document.title.as_deref() != value.as_str() || value.as_str().is_none() {
                document.fields.insert(name.clone(), value.clone());
            }
        }
    }
    let text = subject.canonical_text()?;
    document.body = Some(text).filter(|text| !text.is_empty());
    document.fields.insert("generated".to_owned(), Value::Bool(true));
    let sources: Vec<Modality> = among.into_iter().filter(|m| subject.has(*m)).collect();
    let stamp = extracted(Modality::Document, "canonical-text", &sources);
    let how = "a document is made of label, properties and edges";
    Ok(Making::made(vec![Change::Document(document), stamp], how))
}
