//! How near two vectors are: the predicate behind every vector condition.

use crate::engine::lang::ast::Metric;

/// The similarity by `metric`, greater is nearer; `None` for vectors of different length, which
/// cannot be compared.
pub fn between(metric: Metric, a: &[f32], b: &[f32]) -> Option<f64> {
    if a.len() != b.len() || a.is_empty() {
        return None;
    }
    let pairs = || a.iter().zip(b).map(|(x, y)| (f64::from(*x), f64::from(*y)));
    let dot = || pairs().map(|(x, y)| x * y).sum::<f64>();
    Some(match metric {
        Metric::DotProduct => dot(),
        Metric::Euclidean => {
            1.0 / (1.0 + pairs().map(|(x, y)| (x - y) * (x - y)).sum::<f64>().sqrt())
        }
        Metric::Cosine => {
            let norms = pairs().fold((0.0, 0.0), |(p, q), (x, y)| (p + x * x, q + y * y));
            let norms = (norms.0 * norms.1).sqrt();
            // Rounding can carry the cosine a hair past one.
            if norms == 0.0 { 0.0 } else { (dot() / norms).clamp(-1.0, 1.0) }
        }
        Metric::Jaccard => {
            let (least, most) =
                pairs().fold((0.0, 0.0), |(p, q), (x, y)| (p + x.min(y), q + x.max(y)));
            if most == 0.0 { 0.0 } else { least / most }
        }
    })
}
