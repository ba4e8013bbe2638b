//! Dense arrays with a shape and an element type.

pub mod codec;
pub mod index;
pub mod ops;
pub mod stats;
pub mod valid;

#[cfg(test)]
mod tests;

pub use index::TensorIndex;
pub use ops::{Map, Reduce};
pub use stats::Statistics;

/// The tensor of a hexad, row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// Sizes along each axis; its product is the number of elements. Empty for a scalar.
    pub shape: Vec<usize>,
    /// The elements.
    pub data: Elements,
}

/// The elements by type.
#[derive(Clone, Debug, PartialEq)]
pub enum Elements {
    /// `float32`.
    F32(Vec<f32>),
    /// `float64`, the default.
    F64(Vec<f64>),
    /// `int32`.
    I32(Vec<i32>),
    /// `int64`.
    I64(Vec<i64>),
    /// `bool`.
    Bool(Vec<bool>),
}
