//! Text with a title, a body and typed fields of any name.

pub mod analyzer;
pub mod codec;
pub mod field;
pub mod field_index;
pub mod text_pattern;
pub mod text_query;
pub mod text_search;
pub mod valid;

mod text_eval;
mod text_score;
mod text_segment;

#[cfg(test)]
mod field_tests;

pub use field_index::{FieldIndex, ValueRange};

use std::collections::BTreeMap;

use crate::engine::base::Value;

/// The document of a hexad.
///
/// `title` and `body` are fields like any other to the language (`DOCUMENT.title`); they are kept
/// apart because full-text search weighs them apart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    /// What the entity is called.
    pub title: Option<String>,
    /// The running text.
    pub body: Option<String>,
    /// Everything else; any JSON value, never `Value::Vector` or `Value::Time`.
    pub fields: BTreeMap<String, Value>,
}
