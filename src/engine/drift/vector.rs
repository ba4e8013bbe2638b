//! The vector against the document it describes.
//!
//! A vector made by the built-in embedder is compared with what the embedder makes of the document
//! now. Of any other vector it is known which document it described: it is right while that is the
//! document still, and otherwise as wrong as the document has moved since. A vector that describes a
//! document the hexad never held describes something else.

use std::collections::BTreeSet;

use crate::engine::base::{ContentHash, Modality, Timestamp};
use crate::engine::modality::document::Document;
use crate::engine::modality::vector::Embedding;

use super::embed::{DIMENSIONS, MODEL, cosine, embed, text_distance, words};
use super::evidence::{Evidence, LISTED};
use super::report::Found;
use super::text;

/// What a vector was made from, as its record says.
#[derive(Clone, Copy, Debug, Default)]
pub struct Source<'a> {
    /// The content hash of the document then; `None` when it was made without one.
    pub hash: Option<ContentHash>,
    /// The version of the hexad then.
    pub version: u32,
    /// The document then, if the hexad ever held it and it is not the present one.
    pub document: Option<&'a Document>,
    /// The version of the hexad since which the document is as it is now.
    pub now_version: u32,
    /// When that version was committed.
    pub since: Option<Timestamp>,
}

/// Examines an embedding against the document as it is now, whose content hash is `hash`.
pub fn examine(
    embedding: &Embedding,
    source: Source<'_>,
    document: &Document,
    hash: ContentHash,
) -> Option<Found> {
    if embedding.model.as_deref() == Some(MODEL) {
        return recomputed(embedding, source, document, hash);
    }
    let then = source.hash?;
    if then == hash {
        return Some(Found::clean());
    }
    let Some(old) = source.document else {
        let (target, source) = (Modality::Vector, Modality::Document);
        return Some(Found::one(1.0, Evidence::SourceUnknown { target, source, then }));
    };
    let (before, after) = (text::of_document(old), text::of_document(document));
    let score = text_distance(&before, &after)?;
    if score == 0.0 {
        // What changed is not what the vector describes.
        return Some(Found::clean());
    }
    let evidence = vec![moved(source, then, hash), words_changed(&before, &after)];
    Some(Found { score, evidence })
}

/// Of several embeddings of one document the one that is farthest from it.
pub fn worst<'e>(
    all: impl Iterator<Item = &'e Embedding>,
    source: Source<'_>,
    document: &Document,
    hash: ContentHash,
) -> Option<Found> {
    let found = all.filter_map(|embedding| examine(embedding, source, document, hash));
    found.reduce(|a, b| if b.score > a.score { b } else { a })
}

fn recomputed(
    embedding: &Embedding,
    source: Source<'_>,
    document: &Document,
    hash: ContentHash,
) -> Option<Found> {
    let model = MODEL.to_owned();
    let stored = embedding.data.len();
    if stored != DIMENSIONS {
        let evidence = Evidence::Dimension { model, stored, gives: DIMENSIONS };
        return Some(Found::one(1.0, evidence));
    }
    let now = text::of_document(document);
    let cosine = cosine(&embedding.data, &embed(&now))?;
    let distance = (1.0 - cosine).clamp(0.0, 1.0);
    if distance < 1e-6 {
        return Some(Found::clean());
    }
    let mut found = Found::one(distance, Evidence::Recomputed { model, cosine });
    if let Some((then, old)) = source.hash.filter(|then| *then != hash).zip(source.document) {
        found.evidence.push(moved(source, then, hash));
        found.evidence.push(words_changed(&text::of_document(old), &now));
    }
    Some(found)
}

fn moved(source: Source<'_>, then: ContentHash, now: ContentHash) -> Evidence {
    Evidence::SourceMoved {
        target: Modality::Vector,
        source: Modality::Document,
        then,
        then_version: source.version,
        now,
        now_version: source.now_version,
        since: source.since,
    }
}

/// The distinct words that came and went.
pub fn words_changed(before: &str, after: &str) -> Evidence {
    let before: BTreeSet<String> = words(before).into_iter().collect();
    let after: BTreeSet<String> = words(after).into_iter().collect();
    let (added, removed) = (after.difference(&before), before.difference(&after));
    Evidence::WordsChanged {
        changed: before.symmetric_difference(&after).count(),
        of: before.union(&after).count(),
        added: added.take(LISTED).cloned().collect(),
        removed: removed.take(LISTED).cloned().collect(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::engine::base::Value;

    use super::*;

    fn document(body: &str) -> Document {
        let fields = BTreeMap::from([("year".to_owned(), Value::Int(body.len() as i64))]);
        Document { title: Some("The tide".into()), body: Some(body.into()), fields }
    }

    fn embedding(model: Option<&str>, data: Vec<f32>) -> Embedding {
        Embedding { data: data.into(), model: model.map(str::to_owned) }
    }

    fn score(
        embedding: &Embedding,
        source: Source<'_>,
        document: &Document,
        hash: ContentHash,
    ) -> Option<f64> {
        examine(embedding, source, document, hash).map(|found| found.score)
    }

    const OLD: ContentHash = ContentHash([1; 32]);
    const NEW: ContentHash = ContentHash([2; 32]);

    #[test]
    fn a_foreign_vector_is_right_while_its_source_is() {
        let (then, now) = (document("comes in at noon"), document("a flood of visitors"));
        let foreign = embedding(Some("other"), vec![1.0, 0.0]);
        let (hash, document) = (Some(OLD), Some(&then));
        let source = Source { hash, version: 1, document, now_version: 2, since: None };
        assert_eq!(score(&foreign, source, &then, OLD), Some(0.0));
        assert!(score(&foreign, source, &now, NEW).unwrap() > 0.3);
        let fields_only = Document { fields: BTreeMap::new(), ..then.clone() };
        assert_eq!(score(&foreign, source, &fields_only, NEW), Some(0.0));
        assert_eq!(score(&foreign, Source::default(), &now, NEW), None);
        let evidence = examine(&foreign, source, &now, NEW).unwrap().evidence;
        let Evidence::WordsChanged { added, removed, changed, of } = &evidence[1] else {
            panic!("{evidence:?}")
        };
        assert_eq!(added, &["a", "flood", "of", "visitors"]);
        assert_eq!(removed, &["at", "comes", "in", "noon"]);
        assert_eq!((*changed, *of), (8, 10));
    }

    #[test]
    fn a_vector_of_another_document_describes_something_else() {
        let now = document("a flood of visitors");
        let foreign = embedding(Some("other"), vec![1.0, 0.0]);
        let source = Source { hash: Some(OLD), ..Source::default() };
        assert_eq!(score(&foreign, source, &now, NEW), Some(1.0));
    }

    #[test]
    fn a_built_in_vector_is_compared_with_a_fresh_one() {
        let now = document("comes in at noon");
        let fresh = embed(&text::of_document(&now));
        let own = embedding(Some(MODEL), fresh.clone());
        assert_eq!(score(&own, Source::default(), &now, NEW), Some(0.0));
        let turned = embedding(Some(MODEL), fresh.iter().map(|x| -x).collect());
        assert_eq!(score(&turned, Source::default(), &now, NEW), Some(1.0));
        let short = embedding(Some(MODEL), vec![1.0]);
        assert_eq!(score(&short, Source::default(), &now, NEW), Some(1.0));
    }
}
