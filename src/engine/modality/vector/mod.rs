//! Embeddings: one or several named vectors of `f32`.

pub mod codec;
pub mod metric;
pub mod search;
pub mod valid;

#[cfg(feature = "ann")]
mod ann;
#[cfg(feature = "ann")]
mod approximate;
mod quantize;
mod scan;
mod segment;

use std::collections::BTreeMap;
use std::sync::Arc;

/// The name of the embedding that is meant when none is named.
pub const DEFAULT_NAME: &str = "embedding";

/// The embeddings of a hexad, by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Embeddings {
    /// Most hexads have one, called [`DEFAULT_NAME`].
    pub named: BTreeMap<String, Embedding>,
}

/// One vector and what made it.
#[derive(Clone, Debug, PartialEq)]
pub struct Embedding {
    /// The numbers, finite, at least one.
    pub data: Arc<[f32]>,
    /// The model that made it, as the user named it.
    pub model: Option<String>,
}

/// How two vectors are compared. Every metric gives a *similarity*: greater is nearer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Metric {
    /// Cosine of the angle, `-1..=1`; a zero vector has similarity 0 to everything.
    #[default]
    Cosine,
    /// `1 / (1 + d)` with the Euclidean distance `d`, `0..=1`.
    Euclidean,
    /// The dot product.
    DotProduct,
    /// Sum of minima over sum of maxima of the components (weighted Jaccard); negative parts are
    /// compared as components of their own.
    Jaccard,
}
