//! What is worth asking about a tensor: shape, rank, element type and summary statistics.
//!
//! Statistics are computed from the record whenever they are asked for, never stored beside it, so
//! they cannot disagree with the data. Nothing here changes a tensor; see [`super::ops`].

use crate::engine::base::Value;

use super::{Elements, Tensor};

/// Summary statistics over all elements. `bool` counts as 0 and 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Statistics {
    /// How many elements.
    pub count: usize,
    /// The sum; exact for whole numbers as long as it fits an `i64`.
    pub sum: Value,
    /// The arithmetic mean.
    pub mean: f64,
    /// The population standard deviation (divided by the count, not the count less one).
    pub std: f64,
    /// The least element.
    pub min: f64,
    /// The greatest element.
    pub max: f64,
    /// The Euclidean norm.
    pub norm: f64,
}

impl Elements {
    /// Every element as a double, in order.
    pub fn floats(&self) -> Box<dyn Iterator<Item = f64> + '_> {
        match self {
            Self::F32(v) => Box::new(v.iter().map(|x| f64::from(*x))),
            Self::F64(v) => Box::new(v.iter().copied()),
            Self::I32(v) => Box::new(v.iter().map(|x| f64::from(*x))),
            Self::I64(v) => Box::new(v.iter().map(|x| *x as f64)),
            Self::Bool(v) => Box::new(v.iter().map(|x| f64::from(u8::from(*x)))),
        }
    }

    /// The whole numbers among the element types, in order; `None` for floats.
    fn wholes(&self) -> Option<Box<dyn Iterator<Item = i64> + '_>> {
        match self {
            Self::I32(v) => Some(Box::new(v.iter().map(|x| i64::from(*x)))),
            Self::I64(v) => Some(Box::new(v.iter().copied())),
            Self::Bool(v) => Some(Box::new(v.iter().map(|x| i64::from(*x)))),
            Self::F32(_) | Self::F64(_) => None,
        }
    }
}

impl Tensor {
    /// How many axes; 0 for a scalar.
    pub fn rank(&self) -> usize {
        self.shape.len()
    }

    /// How many elements.
    pub fn count(&self) -> usize {
        self.data.len()
    }

    /// True when the shape is exactly `shape`; `TENSOR SHAPE [8, 8]`.
    pub fn has_shape(&self, shape: &[i64]) -> bool {
        self.shape.len() == shape.len()
            && self.shape.iter().zip(shape).all(|(a, b)| usize::try_from(*b) == Ok(*a))
    }

    /// The statistics, or nothing for a tensor without elements.
    pub fn statistics(&self) -> Option<Statistics> {
        let count = self.count();
        if count == 0 {
            return None;
        }
        let (mut sum, mut squares) = (0.0, 0.0);
        let (mut min, mut max) = (f64::INFINITY, f64::NEG_INFINITY);
        for x in self.data.floats() {
            sum += x;
            squares += x * x;
            min = min.min(x);
            max = max.max(x);
        }
        let mean = sum / count as f64;
        // A second pass: the textbook one-pass formula cancels away for a small spread around a
        // large mean.
        let spread: f64 = self.data.floats().map(|x| (x - mean) * (x - mean)).sum();
        Some(Statistics {
            count,
            sum: self.whole_sum().unwrap_or(Value::Float(sum)),
            mean,
            std: (spread / count as f64).sqrt(),
            min,
            max,
            norm: squares.sqrt(),
        })
    }

    fn whole_sum(&self) -> Option<Value> {
        let sum: i128 = self.data.wholes()?.map(i128::from).sum();
        i64::try_from(sum).ok().map(Value::Int)
    }

    /// What `TENSOR.<name>` and `TENSOR.statistics.<name>` stand for; `None` for a name that says
    /// nothing about tensors, null for a statistic that does not exist or is not finite.
    pub fn field(&self, name: &str) -> Option<Value> {
        let shape = || self.shape.iter().map(|n| Value::Int(*n as i64)).collect();
        Some(match name.to_ascii_lowercase().as_str() {
            "rank" | "ndim" => Value::Int(self.rank() as i64),
            "shape" => Value::List(shape()),
            "dtype" => Value::from(self.data.dtype().name()),
            "count" | "size" | "elements" => Value::Int(self.count() as i64),
            "data" => Value::List(self.values()),
            "mean" => self.number(|s| s.mean),
            "std" => self.number(|s| s.std),
            "min" => self.number(|s| s.min),
            "max" => self.number(|s| s.max),
            "norm" => self.number(|s| s.norm),
            "sum" => match self.statistics().map(|s| s.sum) {
                Some(Value::Float(x)) => finite(x),
                other => other.unwrap_or(Value::Null),
            },
            _ => return None,
        })
    }

    /// The elements as values of the language, row-major.
    pub fn values(&self) -> Vec<Value> {
        match &self.data {
            Elements::F32(v) => v.iter().map(|x| finite(f64::from(*x))).collect(),
            Elements::F64(v) => v.iter().map(|x| finite(*x)).collect(),
            Elements::I32(v) => v.iter().map(|x| Value::Int(i64::from(*x))).collect(),
            Elements::I64(v) => v.iter().map(|x| Value::Int(*x)).collect(),
            Elements::Bool(v) => v.iter().map(|x| Value::Bool(*x)).collect(),
        }
    }

    fn number(&self, pick: impl Fn(&Statistics) -> f64) -> Value {
        self.statistics().map_or(Value::Null, |s| finite(pick(&s)))
    }
}

/// NaN and infinities never become values.
fn finite(x: f64) -> Value {
    if x.is_finite() { Value::Float(x) } else { Value::Null }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensor(shape: &[usize], data: Elements) -> Tensor {
        Tensor { shape: shape.to_vec(), data }
    }

    #[test]
    fn the_deviation_is_that_of_the_population() {
        let t = tensor(&[2, 4], Elements::F64(vec![2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]));
        let s = t.statistics().unwrap();
        assert_eq!((s.mean, s.std, s.min, s.max), (5.0, 2.0, 2.0, 9.0));
        assert_eq!(s.sum, Value::Float(40.0));
        assert!((s.norm - 232.0_f64.sqrt()).abs() < 1e-12);
        assert_eq!(t.field("RANK"), Some(Value::Int(2)));
    }

    #[test]
    fn whole_sums_stay_exact() {
        let t = tensor(&[2], Elements::I64(vec![1 << 53, 1]));
        assert_eq!(t.field("sum"), Some(Value::Int((1 << 53) + 1)));
        let over = tensor(&[2], Elements::I64(vec![i64::MAX, i64::MAX]));
        assert!(matches!(over.field("sum"), Some(Value::Float(_))));
    }

    #[test]
    fn a_scalar_has_rank_zero_and_no_element_has_no_mean() {
        assert_eq!(tensor(&[], Elements::F32(vec![3.0])).rank(), 0);
        let empty = tensor(&[0], Elements::F32(vec![]));
        assert_eq!(empty.field("mean"), Some(Value::Null));
        assert_eq!(empty.field("color"), None);
    }

    #[test]
    fn shapes_match_exactly() {
        let t = tensor(&[2, 1], Elements::Bool(vec![true, false]));
        assert!(t.has_shape(&[2, 1]));
        for other in [&[2][..], &[1, 2], &[2, 1, 1], &[-2, 1], &[]] {
            assert!(!t.has_shape(other), "{other:?}");
        }
    }
}
