//! New tensors from old ones: slices, reductions along an axis, element-wise maps.
//!
//! For expressions of the language; nothing here is stored. Arguments come from users, so every
//! one is checked and refused in words.

use crate::engine::base::{Error, Kind, Result};

use super::{Elements, Tensor};

/// How the elements along an axis become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reduce {
    /// Their sum; 0 of nothing.
    Sum,
    /// Their mean.
    Mean,
    /// The greatest.
    Max,
    /// The least.
    Min,
    /// Their product; 1 of nothing.
    Prod,
}

impl Reduce {
    /// Finds a reduction by its name, in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "sum" => Self::Sum,
            "mean" | "avg" => Self::Mean,
            "max" => Self::Max,
            "min" => Self::Min,
            "prod" | "product" => Self::Prod,
            _ => return None,
        })
    }

    fn start(self) -> f64 {
        match self {
            Self::Sum | Self::Mean => 0.0,
            Self::Max => f64::NEG_INFINITY,
            Self::Min => f64::INFINITY,
            Self::Prod => 1.0,
        }
    }

    fn step(self, so_far: f64, x: f64) -> f64 {
        match self {
            Self::Sum | Self::Mean => so_far + x,
            Self::Max => so_far.max(x),
            Self::Min => so_far.min(x),
            Self::Prod => so_far * x,
        }
    }
}

/// What is done to every element.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Map {
    /// The absolute value.
    Abs,
    /// The opposite.
    Negate,
    /// The square.
    Square,
    /// The square root; of a negative number there is none.
    Sqrt,
    /// Times a number.
    Scale(f64),
    /// Plus a number.
    Shift(f64),
}

impl Map {
    fn apply(self, x: f64) -> f64 {
        match self {
            Self::Abs => x.abs(),
            Self::Negate => -x,
            Self::Square => x * x,
            Self::Sqrt => x.sqrt(),
            Self::Scale(k) => x * k,
            Self::Shift(k) => x + k,
        }
    }
}

impl Tensor {
    /// Folds one axis away; without an axis everything, to a scalar. The result is `float64`.
    pub fn reduce(&self, how: Reduce, axis: Option<usize>) -> Result<Self> {
        let Some(axis) = axis else {
            let flat = Self { shape: vec![self.count()], data: self.data.clone() };
            return flat.reduce(how, Some(0));
        };
        let (outer, along, inner) = self.around(axis)?;
        if along == 0 && !matches!(how, Reduce::Sum | Reduce::Prod) {
            return Err(bad("an axis without elements has no mean, maximum or minimum"));
        }
        let mut out = vec![how.start(); outer * inner];
        for (i, x) in self.data.floats().enumerate() {
            let slot = &mut out[i / (along * inner) * inner + i % inner];
            *slot = how.step(*slot, x);
        }
        if how == Reduce::Mean {
            for x in &mut out {
                *x /= along as f64;
            }
        }
        let mut shape = self.shape.clone();
        shape.remove(axis);
        finite(Self { shape, data: Elements::F64(out) })
    }

    /// The part with index `start..end` along `axis`; the axis stays. The element type stays too.
    pub fn slice(&self, axis: usize, start: usize, end: usize) -> Result<Self> {
        let (outer, along, inner) = self.around(axis)?;
        if start > end || end > along {
            return Err(bad(format!("slice {start}..{end} of an axis of length {along}")));
        }
        let rows = (0..outer).flat_map(|o| {
            let base = o * along * inner;
            base + start * inner..base + end * inner
        });
        let data = match &self.data {
            Elements::F32(v) => Elements::F32(rows.map(|i| v[i]).collect()),
            Elements::F64(v) => Elements::F64(rows.map(|i| v[i]).collect()),
            Elements::I32(v) => Elements::I32(rows.map(|i| v[i]).collect()),
            Elements::I64(v) => Elements::I64(rows.map(|i| v[i]).collect()),
            Elements::Bool(v) => Elements::Bool(rows.map(|i| v[i]).collect()),
        };
        let mut shape = self.shape.clone();
        shape[axis] = end - start;
        Ok(Self { shape, data })
    }

    /// Applies `map` to every element. The result is `float64`.
    pub fn map(&self, map: Map) -> Result<Self> {
        let data = self.data.floats().map(|x| map.apply(x)).collect();
        finite(Self { shape: self.shape.clone(), data: Elements::F64(data) })
    }

    /// The number of elements before, along and behind an axis.
    fn around(&self, axis: usize) -> Result<(usize, usize, usize)> {
        let Some(&along) = self.shape.get(axis) else {
            return Err(bad(format!("axis {axis} of a tensor of rank {}", self.rank()))
                .hint("axes count from 0"));
        };
        let outer = self.shape[..axis].iter().product();
        let inner = self.shape[axis + 1..].iter().product();
        Ok((outer, along, inner))
    }
}

fn finite(tensor: Tensor) -> Result<Tensor> {
    if tensor.data.floats().all(f64::is_finite) {
        Ok(tensor)
    } else {
        Err(bad("the result of the tensor operation is not finite"))
    }
}

fn bad(message: impl Into<String>) -> Error {
    Error::new(Kind::ShapeMismatch, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cube() -> Tensor {
        Tensor { shape: vec![2, 3, 2], data: Elements::I32((0..12).collect()) }
    }

    fn floats(t: &Tensor) -> Vec<f64> {
        t.data.floats().collect()
    }

    #[test]
    fn reducing_an_axis_keeps_the_others() {
        let t = cube().reduce(Reduce::Sum, Some(1)).unwrap();
        assert_eq!(t.shape, [2, 2]);
        assert_eq!(floats(&t), [6.0, 9.0, 24.0, 27.0]);
        let t = cube().reduce(Reduce::Max, Some(0)).unwrap();
        assert_eq!(floats(&t), [6.0, 7.0, 8.0, 9.0, 10.0, 11.0]);
        let t = cube().reduce(Reduce::Mean, None).unwrap();
        assert_eq!((t.shape.as_slice(), floats(&t)), (&[][..], vec![5.5]));
    }

    #[test]
    fn slices_take_a_range_of_one_axis() {
        let t = cube().slice(1, 1, 3).unwrap();
        assert_eq!(t.shape, [2, 2, 2]);
        assert_eq!(t.data, Elements::I32(vec![2, 3, 4, 5, 8, 9, 10, 11]));
        assert!(cube().slice(1, 2, 4).is_err());
        assert!(cube().slice(3, 0, 1).is_err());
    }

    #[test]
    fn reducing_in_two_steps_is_reducing_at_once() {
        let twice = cube().reduce(Reduce::Prod, Some(2)).unwrap();
        let twice = twice.reduce(Reduce::Prod, None).unwrap();
        assert_eq!(twice, cube().reduce(Reduce::Prod, None).unwrap());
    }

    #[test]
    fn what_is_not_finite_is_refused() {
        assert!(cube().map(Map::Shift(-1.0)).unwrap().map(Map::Sqrt).is_err());
        assert!(cube().map(Map::Scale(f64::MAX)).is_err());
    }

    #[test]
    fn nothing_has_a_sum_but_no_mean() {
        let none = Tensor { shape: vec![0, 2], data: Elements::F32(vec![]) };
        assert_eq!(floats(&none.reduce(Reduce::Sum, Some(0)).unwrap()), [0.0, 0.0]);
        assert!(none.reduce(Reduce::Mean, Some(0)).is_err());
    }
}
