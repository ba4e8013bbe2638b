//! What makes a document valid. Nothing is measured here but the document itself.

use super::Document;
use crate::engine::base::{Fault, Kind, limit, plain};

impl Document {
    /// True when it says nothing; such a document is the same as none.
    pub fn is_empty(&self) -> bool {
        self.title.is_none() && self.body.is_none() && self.fields.is_empty()
    }
}

/// The document as it is stored, or what is wrong with it.
pub fn admit(document: Document) -> Result<Document, Fault> {
    let Document { title, body, fields } = document;
    if let Some(name) = ["title", "body"].into_iter().find(|name| fields.contains_key(*name)) {
        return Err(Fault::new(Kind::ConstraintViolation, name, "stated twice"));
    }
    let texts = title.as_ref().map_or(0, String::len) + body.as_ref().map_or(0, String::len);
    if texts > limit::RECORD_BYTES / 2 {
        let message =
            format!("text of {texts} bytes, the limit is {} bytes", limit::RECORD_BYTES / 2);
        return Err(Fault::new(Kind::ConstraintViolation, "body", message));
    }
    Ok(Document { title, body, fields: plain::plain_map(fields)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::base::Value;

    #[test]
    fn names_without_a_letter_are_refused() {
        let mut document = Document::default();
        document.fields.insert(String::new(), Value::Null);
        assert_eq!(admit(document).unwrap_err().kind, Kind::ConstraintViolation);
    }

    #[test]
    fn a_field_may_not_hide_the_title() {
        let mut document = Document::default();
        document.fields.insert("title".to_owned(), Value::Null);
        assert_eq!(admit(document).unwrap_err().key, "title");
    }
}
