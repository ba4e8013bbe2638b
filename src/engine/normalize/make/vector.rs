//! Vectors made again from what they describe.

use std::sync::Arc;

use crate::engine::base::{Modality, Result};
use crate::engine::drift::embed;
use crate::engine::drift::text;
use crate::engine::hexad::{Change, Origin};
use crate::engine::modality::vector::{DEFAULT_NAME, Embedding};
use crate::engine::store::Producer;

use super::{Making, Strategy, Subject};
use crate::engine::normalize::merge;

/// What a vector is made from.
const SOURCES: [Modality; 3] = [Modality::Document, Modality::Semantic, Modality::Graph];

/// The text a vector should describe, and the modalities it comes from.
fn described(subject: &Subject<'_>) -> Result<Result<(String, Vec<Modality>), String>> {
    let Some(source) = subject.authority(&SOURCES) else {
        return Ok(Err(match subject.from {
            Some(from) => format!("a vector cannot be made from {from}"),
            None => "there is no text to make a vector of".to_owned(),
        }));
    };
    let document = subject.document.filter(|_| source == Modality::Document);
    let (words, sources) = if let Some(document) = document {
        (text::of_document(document), vec![Modality::Document])
    } else {
        let both = [Modality::Semantic, Modality::Graph];
        let there = both.into_iter().filter(|m| subject.has(*m)).collect();
        (subject.canonical_text()?, there)
    };
    if embed::words(&words).is_empty() {
        return Ok(Err(format!("the {source} holds no word to make a vector of")));
    }
    Ok(Ok((words, sources)))
}

/// Makes the vector that is measured again, by the model that made it.
pub(super) fn follow(subject: &Subject<'_>, strategy: Strategy) -> Result<Making> {
    let Some(embeddings) = subject.vector else { return fill(subject) };
    let named = &embeddings.named;
    let Some((name, stored)) = named.get_key_value(DEFAULT_NAME).or_else(|| named.iter().next())
    else {
        return Ok(Making::cannot("there is no embedding"));
    };
    if let Err(reason) = subject.may_replace(Modality::Vector) {
        return Ok(Making::cannot(reason));
    }
    let newer = subject.written(Modality::Vector) > subject.written(Modality::Document);
    if strategy == Strategy::LastWriter && newer && subject.from.is_none() {
        let reason = "the vector was written last, and no text can be made from a vector";
        return Ok(Making::cannot(reason));
    }
    let (words, sources) = match described(subject)? {
        Ok(found) => found,
        Err(reason) => return Ok(Making::cannot(reason)),
    };
    let model = match &stored.model {
        Some(model) => model.clone(),
        // Nobody knows what made it; what is known to fit may take its place.
        None if stored.data.len() == embed::DIMENSIONS => embed::MODEL.to_owned(),
        None => {
            return Ok(Making::cannot(format!(
                "nobody said which model made the embedding of {} numbers",
                stored.data.len()
            )));
        }
    };
    let (fresh, producer) = match subject.around.embed(&model, &words)? {
        Ok(made) => made,
        Err(reason) => return Ok(Making::cannot(reason)),
    };
    if fresh.len() != stored.data.len() {
        return Ok(Making::cannot(format!(
            "{model} makes {} numbers now, the embedding has {}",
            fresh.len(),
            stored.data.len()
        )));
    }
    let merged = (strategy == Strategy::Merge && subject.from.is_none())
        .then(|| merge::averaged(&stored.data, &fresh))
        .flatten();
    let how = match &merged {
        Some(_) => format!("the vector is the middle of what it was and what {model} makes"),
        None => format!("{model} makes the vector of the {} again", listed(&sources)),
    };
    let data = merged.map_or(fresh, Arc::from);
    Ok(Making::made(write(name.clone(), model, data, producer, &sources), how))
}

/// Makes a vector where there is none.
pub(super) fn fill(subject: &Subject<'_>) -> Result<Making> {
    let (words, sources) = match described(subject)? {
        Ok(found) => found,
        Err(reason) => return Ok(Making::cannot(reason)),
    };
    let model = embed::MODEL.to_owned();
    let (data, producer) = match subject.around.embed(&model, &words)? {
        Ok(made) => made,
        Err(reason) => return Ok(Making::cannot(reason)),
    };
    let how = format!("{model} makes a vector of the {}", listed(&sources));
    Ok(Making::made(write(DEFAULT_NAME.to_owned(), model, data, producer, &sources), how))
}

fn write(
    name: String,
    model: String,
    data: Arc<[f32]>,
    producer: Producer,
    sources: &[Modality],
) -> Vec<Change> {
    let embedding = Embedding { data, model: Some(model) };
    let sources = sources.iter().copied().collect();
    vec![
        Change::SetEmbedding(name, embedding),
        Change::Made(Modality::Vector, Origin { producer, from: sources }),
    ]
}

fn listed(sources: &[Modality]) -> String {
    sources.iter().map(|m| m.name()).collect::<Vec<_>>().join(" and ")
}
