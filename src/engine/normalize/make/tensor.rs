//! A tensor in the shape it should have: its own numbers arranged anew, what it was before, or the
//! numbers of the vector. Numbers that do not fit are not made to.

use crate::engine::base::{Modality, Result};
use crate::engine::drift::{Evidence, Finding};
use crate::engine::hexad::Change;
use crate::engine::modality::tensor::codec::{Dtype, elements};
use crate::engine::modality::tensor::{Elements, Tensor, codec, valid};
use crate::engine::modality::vector::DEFAULT_NAME;

use super::{Making, Subject, extracted};

/// Follows what is declared.
pub(super) fn follow(subject: &Subject<'_>, finding: &Finding) -> Result<Making> {
    let Some(tensor) = subject.tensor else { return Ok(Making::cannot("there is no tensor")) };
    if let Err(reason) = subject.may_replace(Modality::Tensor) {
        return Ok(Making::cannot(reason));
    }
    let (mut shape, mut dtype, mut broken) = (None, None, false);
    for evidence in &finding.evidence {
        match evidence {
            Evidence::Shape { should, .. } => shape = Some(should.clone()),
            Evidence::ElementType { should, .. } => dtype = Dtype::from_name(should),
            Evidence::NotFinite { .. }
            | Evidence::NotFilled { .. }
            | Evidence::Statistic { .. } => broken = true,
            _ => {}
        }
    }
    let fits = |t: &Tensor| {
        valid::admit(t.clone()).is_ok()
            && shape.as_ref().is_none_or(|shape| t.shape == *shape)
            && dtype.is_none_or(|dtype| t.data.dtype() == dtype)
    };
    if !broken && let Some(arranged) = arranged(tensor, shape.as_deref(), dtype).filter(&fits) {
        let how = format!("the tensor has shape {:?} and type {}", arranged.shape, name(&arranged));
        return Ok(Making::made(vec![Change::Tensor(arranged)], how));
    }
    for body in subject.around.earlier(Modality::Tensor)? {
        if let Ok(earlier) = codec::decode(&body)
            && fits(&earlier)
            && earlier != *tensor
        {
            let how = "the tensor is what it was before";
            return Ok(Making::made(vec![Change::Tensor(earlier)], how));
        }
    }
    let vector = subject.vector.and_then(|vector| vector.named.get(DEFAULT_NAME));
    if let Some((vector, shape)) = vector.zip(shape.as_ref())
        && elements(shape) == Some(vector.data.len())
        && !subject.damaged.contains(Modality::Vector)
    {
        let data = Elements::F32(vector.data.to_vec());
        let made = Tensor { shape: shape.clone(), data };
        let made = arranged(&made, None, dtype).unwrap_or(made);
        if fits(&made) {
            let stamp = extracted(Modality::Tensor, "vector-in-shape", &[Modality::Vector]);
            let how = "the tensor is the vector in the declared shape";
            return Ok(Making::made(vec![Change::Tensor(made), stamp], how));
        }
    }
    Ok(Making::cannot(match shape {
        Some(shape) if elements(&shape) != Some(tensor.data.len()) => format!(
            "{} elements do not fill the shape {shape:?}, and no earlier tensor does",
            tensor.data.len()
        ),
        _ => "no earlier tensor is sound, and nothing here it could be made from".to_owned(),
    }))
}

fn name(tensor: &Tensor) -> &'static str {
    tensor.data.dtype().name()
}

/// The same numbers in another shape and type; `None` when something would be lost.
fn arranged(tensor: &Tensor, shape: Option<&[usize]>, dtype: Option<Dtype>) -> Option<Tensor> {
    let shape = shape.unwrap_or(&tensor.shape).to_vec();
    if elements(&shape)? != tensor.data.len() {
        return None;
    }
    let data = match dtype.filter(|dtype| *dtype != tensor.data.dtype()) {
        None => tensor.data.clone(),
        Some(dtype) => converted(&tensor.data, dtype)?,
    };
    Some(Tensor { shape, data })
}

fn converted(data: &Elements, dtype: Dtype) -> Option<Elements> {
    let numbers: Vec<f64> = data.floats().collect();
    let whole = |most: f64| numbers.iter().all(|x| x.fract() == 0.0 && x.abs() <= most);
    Some(match dtype {
        Dtype::F64 => Elements::F64(numbers),
        Dtype::F32 => {
            // What cannot be told apart from the original is the original.
            let near = |x: &f64| {
                let narrow = f64::from(*x as f32);
                narrow.is_finite() && (narrow - x).abs() <= x.abs() * f64::from(f32::EPSILON)
            };
            if !numbers.iter().all(near) {
                return None;
            }
            Elements::F32(numbers.iter().map(|x| *x as f32).collect())
        }
        Dtype::I32 if whole(f64::from(i32::MAX)) => {
            Elements::I32(numbers.iter().map(|x| *x as i32).collect())
        }
        Dtype::I64 if whole(9.0e15) => Elements::I64(numbers.iter().map(|x| *x as i64).collect()),
        Dtype::Bool if whole(1.0) && numbers.iter().all(|x| *x >= 0.0) => {
            Elements::Bool(numbers.iter().map(|x| *x > 0.5).collect())
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_arranged_and_never_bent() {
        let tensor = Tensor { shape: vec![4], data: Elements::F64(vec![1.0, 2.0, 3.0, 4.0]) };
        let square = arranged(&tensor, Some(&[2, 2]), Some(Dtype::I32)).unwrap();
        let expected = Tensor { shape: vec![2, 2], data: Elements::I32(vec![1, 2, 3, 4]) };
        assert_eq!(square, expected);
        assert_eq!(arranged(&tensor, Some(&[3]), None), None);
        let half = Elements::F64(vec![0.5]);
        assert_eq!(converted(&half, Dtype::I64), None);
        assert_eq!(converted(&half, Dtype::Bool), None);
        assert_eq!(converted(&half, Dtype::F32), Some(Elements::F32(vec![0.5])));
    }
}
