//! The vector against the document it describes.
//!
//! A vector made by the built-in embedder is compared with what the embedder makes of the document
//! now. Of any other vector it is known which document it described: it is right while that is the
//! document still, and otherwise as wrong as the document has moved since.

use crate::engine::base::ContentHash;
use crate::engine::modality::document::Document;
use crate::engine::modality::vector::Embedding;

use super::embed::{MODEL, cosine, embed, text_distance};
use super::text;

/// What a vector was made from, as its record says.
#[derive(Clone, Copy, Debug, Default)]
pub struct Source<'a> {
    /// The content hash of the document then; `None` when it was made without one.
    pub hash: Option<ContentHash>,
    /// The document then, if it can still be read and is not the present one.
    pub document: Option<&'a Document>,
}

/// Scores an embedding against the document as it is now, whose content hash is `hash`.
pub fn score(
    embedding: &Embedding,
    source: Source<'_>,
    document: &Document,
    hash: ContentHash,
) -> Option<f64> {
    if embedding.model.as_deref() == Some(MODEL) {
        let fresh = embed(&text::of_document(document));
        let distance = 1.0 - cosine(&embedding.data, &fresh)?;
        return Some(if distance < 1e-6 { 0.0 } else { distance.clamp(0.0, 1.0) });
    }
    if source.hash? == hash {
        return Some(0.0);
    }
    text_distance(&text::of_document(source.document?), &text::of_document(document))
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

    const OLD: ContentHash = ContentHash([1; 32]);
    const NEW: ContentHash = ContentHash([2; 32]);

    #[test]
    fn a_foreign_vector_is_right_while_its_source_is() {
        let (then, now) = (document("comes in at noon"), document("a flood of visitors"));
        let foreign = embedding(Some("other"), vec![1.0, 0.0]);
        let source = Source { hash: Some(OLD), document: Some(&then) };
        assert_eq!(score(&foreign, source, &then, OLD), Some(0.0));
        assert!(score(&foreign, source, &now, NEW).unwrap() > 0.3);
        let fields_only = Document { fields: BTreeMap::new(), ..then.clone() };
        assert_eq!(score(&foreign, source, &fields_only, NEW), Some(0.0));
        assert_eq!(score(&foreign, Source::default(), &now, NEW), None);
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
        assert_eq!(score(&short, Source::default(), &now, NEW), None);
    }
}
