//! The built-in embedder as one of them.

use crate::engine::base::Result;
use crate::engine::drift::embed::{DIMENSIONS, MODEL, embed};
use crate::engine::outcome::Control;

use super::Embedder;

/// `hash-384`: needs nothing and nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct BuiltIn;

/// Texts between two looks at the wish to stop.
const BATCH: usize = 256;

impl Embedder for BuiltIn {
    fn name(&self) -> &'static str {
        MODEL
    }

    fn dimension(&self) -> u32 {
        DIMENSIONS as u32
    }

    fn parameters(&self) -> &'static str {
        ""
    }

    fn batch(&self) -> usize {
        BATCH
    }

    fn embed(&self, texts: &[&str], _: &Control) -> Result<Vec<Vec<f32>>> {
        Ok(texts.iter().map(|text| embed(text)).collect())
    }
}
