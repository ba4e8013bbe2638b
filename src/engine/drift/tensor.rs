//! The tensor against what is declared of it.

use crate::engine::modality::tensor::Tensor;
use crate::engine::modality::tensor::codec::Dtype;

use super::evidence::Evidence;
use super::report::Found;

/// What a type, or the derivation of a tensor, says it must be. What is not said is not checked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Declared {
    /// The shape.
    pub shape: Option<Vec<usize>>,
    /// The element type.
    pub dtype: Option<Dtype>,
    /// The mean.
    pub mean: Option<f64>,
    /// The population standard deviation.
    pub std: Option<f64>,
}

/// Examines a tensor: the worst of what is wrong with it.
///
/// Numbers that are none 0.9; another rank 1.0; another shape of the same rank 0.5 and up by how much
/// the axes differ; another element type 0.4; statistics up to 0.8 by how far they are off.
pub fn examine(tensor: &Tensor, declared: &Declared) -> Found {
    let mut found = Found::clean();
    let mut add = |score: f64, evidence: Evidence| {
        if score > 0.0 {
            found.score = found.score.max(score);
            found.evidence.push(evidence);
        }
    };
    let (shape, count) = (tensor.shape.clone(), tensor.count());
    if shape.iter().product::<usize>() != count {
        add(0.9, Evidence::NotFilled { shape: shape.clone(), count });
    }
    let infinite = tensor.data.floats().filter(|x| !x.is_finite()).count();
    if infinite > 0 {
        add(0.9, Evidence::NotFinite { count: infinite });
    }
    if let Some(should) = &declared.shape {
        let apart = shape_apart(&shape, should);
        add(apart, Evidence::Shape { is: shape, should: should.clone() });
    }
    let is = tensor.data.dtype();
    if let Some(should) = declared.dtype.filter(|should| *should != is) {
        add(0.4, Evidence::ElementType { is: is.name(), should: should.name() });
    }
    statistics_apart(tensor, declared, &mut add);
    found
}

fn shape_apart(is: &[usize], should: &[usize]) -> f64 {
    if is == should {
        return 0.0;
    }
    if is.len() != should.len() {
        return 1.0;
    }
    let apart = |(a, b): (&usize, &usize)| a.abs_diff(*b) as f64 / (*a).max(*b).max(1) as f64;
    let total: f64 = is.iter().zip(should).map(apart).sum();
    0.5 + 0.5 * total / is.len() as f64
}

fn statistics_apart(tensor: &Tensor, declared: &Declared, add: &mut dyn FnMut(f64, Evidence)) {
    if declared.mean.is_none() && declared.std.is_none() {
        return;
    }
    let Some(statistics) = tensor.statistics().filter(|s| s.mean.is_finite()) else {
        return;
    };
    // In units of the declared spread; a mean may well be zero, a spread of zero is one exact value.
    let unit = declared.std.unwrap_or(statistics.std).abs().max(f64::MIN_POSITIVE);
    let pairs = [("mean", statistics.mean, declared.mean), ("std", statistics.std, declared.std)];
    for (name, is, should) in pairs {
        let Some(should) = should else { continue };
        // Rounding of what was declared is no drift.
        let off = (is - should).abs() / unit;
        let score = if off < 1e-6 { 0.0 } else { 0.8 * (off / 3.0).min(1.0) };
        add(score, Evidence::Statistic { name, is, should });
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::modality::tensor::Elements;

    use super::*;

    fn tensor(shape: &[usize], data: Vec<f64>) -> Tensor {
        Tensor { shape: shape.to_vec(), data: Elements::F64(data) }
    }

    fn score(tensor: &Tensor, declared: &Declared) -> f64 {
        examine(tensor, declared).score
    }

    #[test]
    fn nothing_declared_and_nothing_broken_is_no_drift() {
        let t = tensor(&[2, 2], vec![1.0, 2.0, 3.0, 4.0]);
        assert_eq!(Some(score(&t, &Declared::default())), Some(0.0));
        assert_eq!(Some(score(&tensor(&[1], vec![f64::NAN]), &Declared::default())), Some(0.9));
        assert_eq!(Some(score(&tensor(&[3], vec![1.0]), &Declared::default())), Some(0.9));
    }

    #[test]
    fn what_is_declared_is_held_against_it() {
        let t = tensor(&[2, 2], vec![1.0, 2.0, 3.0, 4.0]);
        let shape =
            |shape: &[usize]| Declared { shape: Some(shape.to_vec()), ..Declared::default() };
        assert_eq!(Some(score(&t, &shape(&[2, 2]))), Some(0.0));
        assert_eq!(Some(score(&t, &shape(&[4]))), Some(1.0));
        assert_eq!(Some(score(&t, &shape(&[2, 4]))), Some(0.625));
        let dtype = Declared { dtype: Some(Dtype::I32), ..Declared::default() };
        assert_eq!(Some(score(&t, &dtype)), Some(0.4));
        let statistics = Declared { mean: Some(2.5), std: Some(1.25_f64.sqrt()), ..shape(&[2, 2]) };
        assert_eq!(Some(score(&t, &statistics)), Some(0.0));
        let far = Declared { mean: Some(100.0), std: Some(1.0), ..Declared::default() };
        assert_eq!(Some(score(&t, &far)), Some(0.8));
    }
}
