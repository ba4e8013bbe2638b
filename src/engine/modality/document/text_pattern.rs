//! Regular expressions over the texts of a document: `FULLTEXT MATCHES`.
//!
//! A pattern is looked for in each text by itself: the title, the body, and every text in the fields.
//! It sees the text as it is written, not words: `(?i)` ignores case. Matching takes time linear in
//! the text whatever the pattern; a pattern too large to promise that is refused.

use regex::{Regex, RegexBuilder};

use crate::engine::base::{Error, Kind, Result};

use super::Document;
use super::analyzer::texts;

/// Bytes a compiled pattern may take.
const COMPILED_BYTES: usize = 1 << 20;

/// A regular expression.
#[derive(Clone, Debug)]
pub struct TextPattern {
    regex: Regex,
}

impl TextPattern {
    /// Reads a pattern; `InvalidFullTextQuery` says what is wrong with it.
    pub fn parse(pattern: &str) -> Result<Self> {
        let built = RegexBuilder::new(pattern).size_limit(COMPILED_BYTES).nest_limit(100).build();
        let regex = built.map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => {
                Error::new(Kind::InvalidFullTextQuery, "the regular expression is too large")
            }
            other => {
                // The last line says what is wrong; those before it draw the place.
                let text = other.to_string();
                let last = text.lines().last().unwrap_or_default();
                let fact = last.trim_start_matches("error: ");
                let message = format!("malformed regular expression: {fact}");
                Error::new(Kind::InvalidFullTextQuery, message)
            }
        })?;
        Ok(Self { regex })
    }

    /// Whether the pattern occurs in this text.
    pub fn matches_text(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// Whether the pattern occurs in a text of the document.
    pub fn matches(&self, document: &Document) -> bool {
        let mut found = false;
        texts(document, &mut |text, _| found = found || self.regex.is_match(text));
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_looked_for_in_every_text() {
        let document = Document {
            title: Some("Fox 42".into()),
            body: None,
            fields: [("code".to_owned(), "AB-17".into())].into(),
        };
        let found = |pattern: &str| TextPattern::parse(pattern).unwrap().matches(&document);
        assert!(found(r"^Fox \d+$"));
        assert!(found(r"[A-Z]{2}-\d{2}"));
        assert!(!found("fox"));
        assert!(found("(?i)fox"));
    }

    #[test]
    fn what_is_malformed_or_too_large_is_refused() {
        let message = |pattern: &str| TextPattern::parse(pattern).unwrap_err().message;
        assert_eq!(message("a(b"), "malformed regular expression: unclosed group");
        assert_eq!(message(r"(\w{100}){1000}"), "the regular expression is too large");
    }
}
