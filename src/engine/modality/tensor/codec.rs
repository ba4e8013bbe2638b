//! The canonical bytes of a tensor, and how to read its shape without its elements.
//!
//! ```text
//! tag, dtype, rank, size*     one size per axis
//! elements                    row-major, little endian; a bool is one byte
//! ```

use super::{Elements, Tensor};
use crate::engine::base::codec::{self, Reader};
use crate::engine::base::{ContentHash, Modality, Result, limit};

const VERSION: u8 = 1;

/// The canonical bytes.
pub fn encode(tensor: &Tensor) -> Vec<u8> {
    let dtype = tensor.data.dtype();
    let mut out = Vec::with_capacity(16 + tensor.data.len() * dtype.size());
    out.push(codec::tag(Modality::Tensor, VERSION));
    out.push(dtype as u8);
    codec::put_uint(&mut out, tensor.shape.len() as u64);
    for size in &tensor.shape {
        codec::put_uint(&mut out, *size as u64);
    }
    match &tensor.data {
        Elements::F32(data) => codec::put_f32s(&mut out, data),
        Elements::F64(data) => data.iter().for_each(|x| out.extend_from_slice(&x.to_le_bytes())),
        Elements::I32(data) => data.iter().for_each(|x| out.extend_from_slice(&x.to_le_bytes())),
        Elements::I64(data) => data.iter().for_each(|x| out.extend_from_slice(&x.to_le_bytes())),
        Elements::Bool(data) => out.extend(data.iter().map(|x| u8::from(*x))),
    }
    out
}

/// The tensor these bytes are of.
pub fn decode(bytes: &[u8]) -> Result<Tensor> {
    let TensorRef { shape, dtype, data } = view(bytes)?;
    let reader = Reader::new(data, "tensor");
    let finite = |fine: bool| {
        if fine { Ok(()) } else { Err(reader.damaged("has a number that is not finite")) }
    };
    let data = match dtype {
        Dtype::F32 => {
            let data = codec::f32s(data);
            finite(data.iter().all(|x| x.is_finite()))?;
            Elements::F32(data)
        }
        Dtype::F64 => {
            let data: Vec<f64> = words(data, f64::from_le_bytes);
            finite(data.iter().all(|x| x.is_finite()))?;
            Elements::F64(data)
        }
        Dtype::I32 => Elements::I32(words(data, i32::from_le_bytes)),
        Dtype::I64 => Elements::I64(words(data, i64::from_le_bytes)),
        Dtype::Bool => {
            if data.iter().any(|byte| *byte > 1) {
                return Err(reader.damaged("has a flag that is neither yes nor no"));
            }
            Elements::Bool(data.iter().map(|byte| *byte == 1).collect())
        }
    };
    Ok(Tensor { shape, data })
}

fn words<T, const N: usize>(bytes: &[u8], read: impl Fn([u8; N]) -> T) -> Vec<T> {
    bytes.as_chunks::<N>().0.iter().map(|word| read(*word)).collect()
}

/// BLAKE3 of the canonical bytes.
pub fn content_hash(tensor: &Tensor) -> ContentHash {
    ContentHash::of(&encode(tensor))
}

/// A tensor inside of canonical bytes, its elements not copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorRef<'a> {
    /// Sizes along each axis.
    pub shape: Vec<usize>,
    /// The type of the elements.
    pub dtype: Dtype,
    /// The elements, row-major, little endian.
    pub data: &'a [u8],
}

/// Shape, type and raw elements; the number of elements is checked, the elements are not.
pub fn view(bytes: &[u8]) -> Result<TensorRef<'_>> {
    let mut reader = Reader::record(bytes, Modality::Tensor, VERSION)?;
    let dtype = Dtype::from_u8(reader.byte()?)
        .ok_or_else(|| reader.damaged("has elements of no known type"))?;
    let rank = reader.count(1)?;
    let mut shape = Vec::with_capacity(rank.min(limit::DEPTH));
    for _ in 0..rank {
        let size = usize::try_from(reader.uint()?);
        shape.push(size.map_err(|_| reader.damaged("has an axis over the limit"))?);
    }
    let size = elements(&shape).and_then(|n| n.checked_mul(dtype.size()));
    if size != Some(reader.remaining()) {
        return Err(reader.damaged("does not fill its shape"));
    }
    Ok(TensorRef { shape, dtype, data: reader.bytes(reader.remaining())? })
}

/// How many elements a tensor of this shape has; `None` when no machine can count them.
pub fn elements(shape: &[usize]) -> Option<usize> {
    if shape.contains(&0) {
        return Some(0);
    }
    shape.iter().try_fold(1_usize, |product, size| product.checked_mul(*size))
}

/// The type of elements, numbered as on disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Dtype {
    /// 32-bit float.
    F32 = 0,
    /// 64-bit float.
    #[default]
    F64 = 1,
    /// 32-bit signed whole number.
    I32 = 2,
    /// 64-bit signed whole number.
    I64 = 3,
    /// Yes or no.
    Bool = 4,
}

impl Dtype {
    /// All types, in the order of their numbers.
    pub const ALL: [Self; 5] = [Self::F32, Self::F64, Self::I32, Self::I64, Self::Bool];

    /// The name in JSON, queries and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "float32",
            Self::F64 => "float64",
            Self::I32 => "int32",
            Self::I64 => "int64",
            Self::Bool => "bool",
        }
    }

    /// Finds a type by its name, in any case; `f32`, `i64` and `boolean` are understood too.
    pub fn from_name(name: &str) -> Option<Self> {
        let short = ["f32", "f64", "i32", "i64", "boolean"];
        Self::ALL.into_iter().zip(short).find_map(|(dtype, short)| {
            let same = name.eq_ignore_ascii_case(dtype.name()) || name.eq_ignore_ascii_case(short);
            same.then_some(dtype)
        })
    }

    /// Bytes of one element.
    pub fn size(self) -> usize {
        match self {
            Self::F32 | Self::I32 => 4,
            Self::F64 | Self::I64 => 8,
            Self::Bool => 1,
        }
    }

    fn from_u8(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }
}

impl Elements {
    /// Their type.
    pub fn dtype(&self) -> Dtype {
        match self {
            Self::F32(_) => Dtype::F32,
            Self::F64(_) => Dtype::F64,
            Self::I32(_) => Dtype::I32,
            Self::I64(_) => Dtype::I64,
            Self::Bool(_) => Dtype::Bool,
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::F32(data) => data.len(),
            Self::F64(data) => data.len(),
            Self::I32(data) => data.len(),
            Self::I64(data) => data.len(),
            Self::Bool(data) => data.len(),
        }
    }

    /// True when there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::engine::base::Kind;
    use crate::engine::base::codec::tests::damage;

    fn any_tensor() -> impl Strategy<Value = Tensor> {
        let shape = prop::collection::vec(0_usize..4, 0..4);
        (shape, 0_u8..5, any::<i32>()).prop_map(|(shape, dtype, seed)| {
            let count = elements(&shape).unwrap();
            let numbers = (0..count as i32).map(|i| seed.wrapping_mul(i | 1));
            let data = match Dtype::from_u8(dtype).unwrap() {
                Dtype::F32 => Elements::F32(numbers.map(|n| n as f32 / 3.0).collect()),
                Dtype::F64 => Elements::F64(numbers.map(|n| f64::from(n) / 3.0).collect()),
                Dtype::I32 => Elements::I32(numbers.collect()),
                Dtype::I64 => Elements::I64(numbers.map(i64::from).collect()),
                Dtype::Bool => Elements::Bool(numbers.map(|n| n % 2 == 0).collect()),
            };
            Tensor { shape, data }
        })
    }

    proptest! {
        #[test]
        fn reads_back_whole_and_in_parts(tensor in any_tensor()) {
            let bytes = encode(&tensor);
            prop_assert_eq!(&decode(&bytes).unwrap(), &tensor);
            let view = view(&bytes).unwrap();
            prop_assert_eq!((view.shape, view.dtype), (tensor.shape, tensor.data.dtype()));
        }

        #[test]
        fn damage_is_corruption_or_another_tensor(
            tensor in any_tensor(),
            seed in prop::collection::vec(any::<(u16, u8)>(), 1..4),
        ) {
            let bytes = damage(&encode(&tensor), &seed);
            match decode(&bytes) {
                Ok(other) => prop_assert_eq!(&encode(&other), &bytes),
                Err(error) => prop_assert_eq!(error.kind, Kind::Corruption),
            }
        }
    }

    #[test]
    fn a_shape_nobody_can_count_is_damage() {
        let mut bytes = vec![codec::tag(Modality::Tensor, VERSION), 4, 9];
        for _ in 0..9 {
            codec::put_uint(&mut bytes, 1 << 32);
        }
        assert_eq!(decode(&bytes).unwrap_err().kind, Kind::Corruption);
    }

    #[test]
    fn the_bytes_never_change() {
        let tensor = Tensor { shape: vec![2, 1], data: Elements::I32(vec![1, -1]) };
        assert_eq!(encode(&tensor), b"\x21\x02\x02\x02\x01\x01\0\0\0\xff\xff\xff\xff");
    }

    #[test]
    fn types_are_found_by_either_name() {
        assert_eq!(Dtype::from_name("Float32"), Some(Dtype::F32));
        assert_eq!(Dtype::from_name("i64"), Some(Dtype::I64));
        assert_eq!(Dtype::from_name("complex"), None);
    }
}
