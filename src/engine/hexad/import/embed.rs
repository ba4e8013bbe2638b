//! Vectors for what is imported with a text and without a vector, many texts at once.

use std::collections::BTreeMap;

use crate::engine::base::{Modality, ModalitySet, Result};
use crate::engine::drift;
use crate::engine::embed::{Embedder, embed, producer};
use crate::engine::hexad::{HexadInput, Origin};
use crate::engine::modality::vector::{DEFAULT_NAME, Embedding, Embeddings};
use crate::engine::outcome::Control;
use crate::engine::store::View;

/// Makes the vectors that are missing; not for hexads that are passed over because they exist.
///
/// A hexad that brings its history along keeps it: a vector would be one more version of it.
pub(super) fn fill(
    inputs: &mut [(u64, HexadInput)],
    embedder: &dyn Embedder,
    skips: bool,
    view: &View,
) -> Result<()> {
    let (mut places, mut texts) = (Vec::new(), Vec::new());
    for (place, (_, input)) in inputs.iter().enumerate() {
        let known = match &input.id {
            Some(id) if skips => view.iid(id.as_str())?.is_some(),
            _ => false,
        };
        let Some(document) = input.document.as_ref().filter(|_| input.vector.is_none()) else {
            continue;
        };
        let text = drift::text::of_document(document);
        if !known && !drift::embed::words(&text).is_empty() {
            places.push(place);
            texts.push(text);
        }
    }
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let mut from = ModalitySet::EMPTY;
    from.insert(Modality::Document);
    let origin = Origin { producer: producer(embedder), from };
    let vectors = embed(embedder, &texts, &Control::default())?;
    for (place, data) in places.into_iter().zip(vectors) {
        let model = Some(embedder.name().to_owned());
        let named = BTreeMap::from([(DEFAULT_NAME.to_owned(), Embedding { data, model })]);
        if let Some((_, input)) = inputs.get_mut(place) {
            input.vector = Some(Embeddings { named });
            input.origins.insert(Modality::Vector, origin.clone());
        }
    }
    Ok(())
}
