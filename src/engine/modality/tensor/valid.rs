//! What makes a tensor valid.

use super::codec::elements;
use super::{Elements, Tensor};
use crate::engine::base::{Fault, Kind, limit};

/// Axes of one tensor.
const RANK: usize = 32;

/// The tensor as it is stored, or what is wrong with it.
pub fn admit(tensor: Tensor) -> Result<Tensor, Fault> {
    let wrong = |key: &str, message| Err(Fault::new(Kind::ShapeMismatch, key, message));
    if tensor.shape.len() > RANK {
        return wrong("shape", format!("{} axes, the limit is {RANK}", tensor.shape.len()));
    }
    let Some(count) = elements(&tensor.shape).filter(|count| *count <= limit::TENSOR_ELEMENTS)
    else {
        return wrong("shape", format!("more than {} elements", limit::TENSOR_ELEMENTS));
    };
    if count != tensor.data.len() {
        let message = format!(
            "the shape {:?} holds {count} elements, {} are given",
            tensor.shape,
            tensor.data.len()
        );
        return wrong("data", message);
    }
    let strange = match &tensor.data {
        Elements::F32(data) => data.iter().position(|x| !x.is_finite()),
        Elements::F64(data) => data.iter().position(|x| !x.is_finite()),
        Elements::I32(_) | Elements::I64(_) | Elements::Bool(_) => None,
    };
    match strange {
        Some(at) => {
            let message = "not a finite number";
            Err(Fault::new(Kind::ConstraintViolation, format!("data[{at}]"), message))
        }
        None => Ok(tensor),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_must_fill_the_shape() {
        let tensor = |shape: &[usize], n| Tensor {
            shape: shape.to_vec(),
            data: Elements::F64(vec![0.0; n]),
        };
        assert!(admit(tensor(&[2, 3], 6)).is_ok());
        assert!(admit(tensor(&[], 1)).is_ok());
        assert_eq!(admit(tensor(&[2, 3], 5)).unwrap_err().kind, Kind::ShapeMismatch);
        assert_eq!(admit(tensor(&[usize::MAX, 2], 5)).unwrap_err().kind, Kind::ShapeMismatch);
    }

    #[test]
    fn numbers_are_finite() {
        let tensor = Tensor { shape: vec![2], data: Elements::F32(vec![0.0, f32::INFINITY]) };
        assert_eq!(admit(tensor).unwrap_err().key, "data[1]");
    }
}
