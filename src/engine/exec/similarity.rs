//! How near two vectors are, as conditions ask it.

use crate::engine::lang::ast;
use crate::engine::modality::vector::Metric;
use crate::engine::modality::vector::metric;

/// The metric of the vector room for a metric of the language.
pub fn metric(metric: ast::Metric) -> Metric {
    match metric {
        ast::Metric::Cosine => Metric::Cosine,
        ast::Metric::Euclidean => Metric::Euclidean,
        ast::Metric::DotProduct => Metric::DotProduct,
        ast::Metric::Jaccard => Metric::Jaccard,
    }
}

/// The similarity, greater is nearer; `None` for vectors of different length, which do not compare.
pub fn between(by: ast::Metric, a: &[f32], b: &[f32]) -> Option<f64> {
    if a.is_empty() {
        return None;
    }
    metric::similarity(metric(by), a, b).ok()
}
