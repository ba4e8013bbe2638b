//! The tensor against what is declared of it.

use crate::engine::modality::tensor::Tensor;
use crate::engine::modality::tensor::codec::Dtype;

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

/// Scores a tensor: the worst of what is wrong with it.
///
/// Numbers that are none 0.9; another rank 1.0; another shape of the same rank 0.5 and up by how much
/// the axes differ; another element type 0.4; statistics up to 0.8 by how far they are off.
pub fn score(tensor: &Tensor, declared: &Declared) -> f64 {
    let filled = tensor.shape.iter().product::<usize>() == tensor.count();
    let finite = tensor.data.floats().all(f64::is_finite);
    let broken = if filled && finite { 0.0 } else { 0.9 };
    let shape = declared.shape.as_deref().map_or(0.0, |shape| shape_apart(&tensor.shape, shape));
    let dtype = declared.dtype.is_some_and(|dtype| dtype != tensor.data.dtype());
    [broken, shape, if dtype { 0.4 } else { 0.0 }, statistics_apart(tensor, declared)]
        .into_iter()
        .fold(0.0, f64::max)
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

fn statistics_apart(tensor: &Tensor, declared: &Declared) -> f64 {
    let Some(statistics) = tensor.statistics().filter(|s| s.mean.is_finite()) else {
        return 0.0;
    };
    // In units of the declared spread; a mean may well be zero, a spread of zero is one exact value.
    let unit = declared.std.unwrap_or(statistics.std).abs().max(f64::MIN_POSITIVE);
    let mean = declared.mean.map_or(0.0, |mean| (statistics.mean - mean).abs() / unit);
    let std = declared.std.map_or(0.0, |std| (statistics.std - std).abs() / unit);
    // Rounding of what was declared is no drift.
    let off = mean.max(std);
    if off < 1e-6 { 0.0 } else { 0.8 * (off / 3.0).min(1.0) }
}

#[cfg(test)]
mod tests {
    use crate::engine::modality::tensor::Elements;

    use super::*;

    fn tensor(shape: &[usize], data: Vec<f64>) -> Tensor {
        Tensor { shape: shape.to_vec(), data: Elements::F64(data) }
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
