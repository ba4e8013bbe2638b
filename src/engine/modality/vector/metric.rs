//! How similar two vectors are: the law every index of vectors agrees with.
//!
//! Sums run in `f64` over eight lanes in a fixed order, so that every machine computes the same bits.

use crate::engine::base::{Error, Kind, Result};

use super::Metric;

const LANES: usize = 8;

impl Metric {
    /// The keyword of `USING`.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::Cosine => "COSINE",
            Self::Euclidean => "EUCLIDEAN",
            Self::DotProduct => "DOT_PRODUCT",
            Self::Jaccard => "JACCARD",
        }
    }

    /// Finds a metric by its keyword, in any case.
    pub fn from_keyword(word: &str) -> Option<Self> {
        [Self::Cosine, Self::Euclidean, Self::DotProduct, Self::Jaccard]
            .into_iter()
            .find(|metric| metric.keyword().eq_ignore_ascii_case(word))
    }
}

/// The similarity of two vectors; greater is nearer. Fails when their dimensions differ.
///
/// Jaccard is the weighted one, sum of minima over sum of maxima. Where components are negative, the
/// negative parts are compared as components of their own, so that it stays in `0..=1`.
pub fn similarity(metric: Metric, a: &[f32], b: &[f32]) -> Result<f64> {
    if a.len() != b.len() {
        return Err(dimension_mismatch(a.len(), b.len()));
    }
    Ok(exact(metric, a, b))
}

/// Refuses a vector to search with that cannot be compared by `metric`: empty, not finite, or of
/// length zero where only directions are compared.
pub fn check_query(metric: Metric, query: &[f32]) -> Result<()> {
    if query.is_empty() {
        return Err(Error::new(Kind::InvalidVector, "the vector to compare with is empty"));
    }
    if let Some(at) = query.iter().position(|x| !x.is_finite()) {
        let message = format!("number {} of the vector to compare with is not finite", at + 1);
        return Err(Error::new(Kind::InvalidVector, message));
    }
    if metric == Metric::Cosine && query.iter().all(|x| *x == 0.0) {
        let message = "a zero vector has no direction, and COSINE compares directions";
        return Err(Error::new(Kind::InvalidVector, message)
            .hint("compare lengths too: USING EUCLIDEAN or USING DOT_PRODUCT"));
    }
    Ok(())
}

/// Two vectors that do not compare.
pub fn dimension_mismatch(expected: usize, got: usize) -> Error {
    let message = format!("the vector has {got} dimensions, expected {expected}");
    Error::new(Kind::VectorDimensionMismatch, message)
}

/// The similarity of two vectors of the same dimension.
pub(super) fn exact(metric: Metric, a: &[f32], b: &[f32]) -> f64 {
    match metric {
        Metric::Cosine => {
            // One root over the product, so that a vector is exactly 1 to itself.
            let norms = (dot(a, a) * dot(b, b)).sqrt();
            if norms == 0.0 { 0.0 } else { (dot(a, b) / norms).clamp(-1.0, 1.0) }
        }
        Metric::Euclidean => 1.0 / (1.0 + squared_distance(a, b).sqrt()),
        Metric::DotProduct => dot(a, b),
        Metric::Jaccard => {
            // What both have in the same direction; what either has is the rest of both together.
            let common = sum(a, b, |x, y| x.min(y).max(0.0) - x.max(y).min(0.0));
            let whole = sum(a, a, |x, _| x.abs()) + sum(b, b, |y, _| y.abs()) - common;
            if whole > 0.0 { (common / whole).clamp(0.0, 1.0) } else { 0.0 }
        }
    }
}

/// The square of the Euclidean distance.
pub(super) fn squared_distance(a: &[f32], b: &[f32]) -> f64 {
    sum(a, b, |x, y| (x - y) * (x - y))
}

/// The dot product.
pub(super) fn dot(a: &[f32], b: &[f32]) -> f64 {
    sum(a, b, |x, y| x * y)
}

#[inline]
fn sum(a: &[f32], b: &[f32], term: impl Fn(f64, f64) -> f64) -> f64 {
    let mut lanes = [0.0; LANES];
    let (a_blocks, a_rest) = a.as_chunks::<LANES>();
    let (b_blocks, b_rest) = b.as_chunks::<LANES>();
    for (x, y) in a_blocks.iter().zip(b_blocks) {
        for lane in 0..LANES {
            lanes[lane] += term(f64::from(x[lane]), f64::from(y[lane]));
        }
    }
    for (lane, (x, y)) in a_rest.iter().zip(b_rest).enumerate() {
        lanes[lane] += term(f64::from(*x), f64::from(*y));
    }
    lanes.iter().sum()
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these numbers are exact")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_metrics_of_a_small_example() {
        let (a, b) = ([3.0, 4.0], [4.0, 3.0]);
        let of = |metric| similarity(metric, &a, &b).unwrap();
        assert!((of(Metric::Cosine) - 0.96).abs() < 1e-12);
        assert!((of(Metric::Euclidean) - 1.0 / (1.0 + 2f64.sqrt())).abs() < 1e-12);
        assert!((of(Metric::DotProduct) - 24.0).abs() < 1e-12);
        assert!((of(Metric::Jaccard) - 0.75).abs() < 1e-12);
    }

    #[test]
    fn a_zero_vector_resembles_nothing() {
        assert_eq!(exact(Metric::Cosine, &[0.0, 0.0], &[1.0, 0.0]), 0.0);
        assert_eq!(exact(Metric::Jaccard, &[0.0], &[0.0]), 0.0);
        assert_eq!(check_query(Metric::Cosine, &[0.0]).unwrap_err().kind, Kind::InvalidVector);
        assert!(check_query(Metric::Euclidean, &[0.0]).is_ok());
        assert!(check_query(Metric::Euclidean, &[f32::NAN]).is_err());
    }

    #[test]
    fn dimensions_must_agree() {
        let error = similarity(Metric::Cosine, &[1.0, 2.0], &[1.0]).unwrap_err();
        assert_eq!(error.kind, Kind::VectorDimensionMismatch);
        assert_eq!(error.message, "the vector has 1 dimensions, expected 2");
    }

    proptest! {
        #[test]
        fn similarity_is_symmetric_and_in_range(
            pairs in proptest::collection::vec((-10f32..10.0, -10f32..10.0), 1..40),
        ) {
            let (a, b): (Vec<f32>, Vec<f32>) = pairs.into_iter().unzip();
            for metric in [Metric::Cosine, Metric::Euclidean, Metric::Jaccard] {
                let s = exact(metric, &a, &b);
                prop_assert_eq!(s, exact(metric, &b, &a));
                prop_assert!((-1.0..=1.0).contains(&s));
            }
            if a.iter().any(|x| *x != 0.0) {
                prop_assert_eq!(exact(Metric::Cosine, &a, &a), 1.0);
                prop_assert_eq!(exact(Metric::Jaccard, &a, &a), 1.0);
            }
        }
    }
}
