//! Vectors as bytes: one `i8` per number and one scale per vector, and their dot products by SIMD.
//!
//! Dot products of codes are whole numbers, the same on every machine whichever instructions compute
//! them. How far they can be from those of the vectors is known per vector ([`Codes::error`]), so a
//! scan over codes knows which vectors it cannot rule out.

use super::metric::{dot, squared_distance};

/// Rows of codes start at multiples of this.
const STRIDE: usize = 64;

/// Lengths outside of this range lose digits in `f32`: such a vector is never ruled out.
const TAME: std::ops::RangeInclusive<f64> = 1e-10..=1e15;

/// The bytes of a row of codes.
pub(super) fn stride(dimensions: usize) -> usize {
    dimensions.next_multiple_of(STRIDE)
}

/// What is known of a vector beside its codes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Codes {
    /// What one step of a code is worth.
    pub(super) scale: f32,
    /// The length of the vector.
    pub(super) norm: f32,
    /// The length of the difference between the vector and its codes; infinite where arithmetic in
    /// `f32` cannot be trusted.
    pub(super) error: f32,
    /// The sum of the codes.
    pub(super) sum: i32,
}

/// Adding this to a small number rounds it to a whole one, which then stands in the lowest bits. Far
/// faster than rounding by name on machines without an instruction for it.
const ROUND: f32 = 12_582_912.0;

/// Appends the codes of a vector to `row`, padded to the stride with zeros.
pub(super) fn quantize(vector: &[f32], row: &mut Vec<i8>) -> Codes {
    let greatest = vector.iter().fold(0f32, |max, x| max.max(x.abs()));
    let scale = greatest / 127.0;
    let inverse = if scale > 0.0 { 1.0 / scale } else { 0.0 };
    let start = row.len();
    row.extend(vector.iter().map(|x| {
        let rounded = (x * inverse).clamp(-127.0, 127.0) + ROUND;
        rounded.to_bits().wrapping_sub(ROUND.to_bits()) as i8
    }));
    let codes = &row[start..];
    let sum = codes.iter().map(|code| i32::from(*code)).sum();
    let decoded: Vec<f32> = codes.iter().map(|code| scale * f32::from(*code)).collect();
    let norm = dot(vector, vector).sqrt();
    let error = squared_distance(vector, &decoded).sqrt();
    row.resize(start + stride(vector.len()), 0);
    let tame = TAME.contains(&norm) && inverse.is_finite();
    // A hair more than the error, for the rounding of the codes' worth and of this number.
    let error = if tame { (error + norm * 1e-6) as f32 } else { f32::INFINITY };
    Codes { scale, norm: norm as f32, error, sum }
}

/// A vector to search with, prepared for the instructions of this machine.
#[derive(Debug)]
pub(super) struct Query {
    pub(super) codes: Codes,
    row: Vec<i8>,
    #[cfg(target_arch = "x86_64")]
    shifted: Vec<u8>,
    #[cfg(target_arch = "x86_64")]
    kernel: Kernel,
}

#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kernel {
    Vnni,
    Avx2,
    Portable,
}

impl Query {
    /// Prepares `vector`.
    pub(super) fn new(vector: &[f32]) -> Self {
        let mut row = Vec::new();
        let codes = quantize(vector, &mut row);
        Self {
            codes,
            #[cfg(target_arch = "x86_64")]
            shifted: row.iter().map(|code| (i16::from(*code) + 128) as u8).collect(),
            #[cfg(target_arch = "x86_64")]
            kernel: best_kernel(),
            row,
        }
    }

    /// The dot product of the query with each row of `rows`, whose sums are `sums`.
    pub(super) fn dots(&self, rows: &[i8], sums: &[i32], out: &mut [i32]) {
        assert!(sums.len() == out.len() && rows.len() == out.len() * self.row.len());
        #[cfg(target_arch = "x86_64")]
        match self.kernel {
            Kernel::Vnni => return x86::vnni(&self.shifted, rows, sums, out),
            Kernel::Avx2 => return x86::avx2(&self.row, rows, out),
            Kernel::Portable => {}
        }
        portable(&self.row, rows, out);
    }
}

#[cfg(target_arch = "x86_64")]
fn best_kernel() -> Kernel {
    if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vnni") {
        Kernel::Vnni
    } else if is_x86_feature_detected!("avx2") {
        Kernel::Avx2
    } else {
        Kernel::Portable
    }
}

fn portable(query: &[i8], rows: &[i8], out: &mut [i32]) {
    for (row, out) in rows.chunks_exact(query.len()).zip(out) {
        let products = query.iter().zip(row).map(|(q, r)| i32::from(*q) * i32::from(*r));
        *out = products.sum();
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    //! The same sums by wider instructions. Callers have checked that the machine has them, and that
    //! rows and query have the same stride, a multiple of 64.

    use std::arch::x86_64::{
        __m128i, __m256i, __m512i, _mm_add_epi32, _mm_cvtsi128_si32, _mm_shuffle_epi32,
        _mm256_add_epi32, _mm256_castsi256_si128, _mm256_cvtepi8_epi16, _mm256_extracti128_si256,
        _mm256_madd_epi16, _mm256_setzero_si256, _mm512_dpbusd_epi32, _mm512_loadu_si512,
        _mm512_reduce_add_epi32, _mm512_setzero_si512,
    };

    pub(super) fn vnni(query: &[u8], rows: &[i8], sums: &[i32], out: &mut [i32]) {
        #[expect(unsafe_code, reason = "instructions not every machine has")]
        // SAFETY: `best_kernel` has found the instructions on this machine.
        unsafe {
            vnni_rows(query, rows, sums, out);
        }
    }

    pub(super) fn avx2(query: &[i8], rows: &[i8], out: &mut [i32]) {
        #[expect(unsafe_code, reason = "instructions not every machine has")]
        // SAFETY: `best_kernel` has found the instructions on this machine.
        unsafe {
            avx2_rows(query, rows, out);
        }
    }

    /// The instruction multiplies unsigned by signed bytes: the query is shifted up by 128, and 128
    /// times the sum of the row is taken off again. With 65,536 numbers it stays below 2^31.
    #[target_feature(enable = "avx512f,avx512vnni")]
    fn vnni_rows(query: &[u8], rows: &[i8], sums: &[i32], out: &mut [i32]) {
        let query: &[[u8; 64]] = query.as_chunks().0;
        let (rows, _) = rows.as_chunks::<64>();
        for ((row, sum), out) in rows.chunks_exact(query.len()).zip(sums).zip(out) {
            let (mut even, mut odd) = (_mm512_setzero_si512(), _mm512_setzero_si512());
            let (pairs, last) = query.as_chunks::<2>();
            let (row_pairs, row_last) = row.as_chunks::<2>();
            for (q, r) in pairs.iter().zip(row_pairs) {
                even = _mm512_dpbusd_epi32(even, load(&q[0]), load(&r[0]));
                odd = _mm512_dpbusd_epi32(odd, load(&q[1]), load(&r[1]));
            }
            for (q, r) in last.iter().zip(row_last) {
                even = _mm512_dpbusd_epi32(even, load(q), load(r));
            }
            let shifted = _mm512_reduce_add_epi32(even).wrapping_add(_mm512_reduce_add_epi32(odd));
            *out = shifted.wrapping_sub(128 * sum);
        }
    }

    #[target_feature(enable = "avx512f")]
    fn load<T: bytemuck::Pod>(bytes: &[T; 64]) -> __m512i {
        const { assert!(size_of::<T>() == 1) }
        #[expect(unsafe_code, reason = "loads have no safe form")]
        // SAFETY: 64 bytes can be read there, and this load asks for no alignment.
        unsafe {
            _mm512_loadu_si512(bytes.as_ptr().cast())
        }
    }

    #[target_feature(enable = "avx2")]
    fn avx2_rows(query: &[i8], rows: &[i8], out: &mut [i32]) {
        let (query, _) = query.as_chunks::<16>();
        let (rows, _) = rows.as_chunks::<16>();
        for (row, out) in rows.chunks_exact(query.len()).zip(out) {
            let mut sum = _mm256_setzero_si256();
            for (q, r) in query.iter().zip(row) {
                let q = _mm256_cvtepi8_epi16(bytemuck::cast::<_, __m128i>(*q));
                let r = _mm256_cvtepi8_epi16(bytemuck::cast::<_, __m128i>(*r));
                sum = _mm256_add_epi32(sum, _mm256_madd_epi16(q, r));
            }
            *out = total(sum);
        }
    }

    #[target_feature(enable = "avx2")]
    fn total(sum: __m256i) -> i32 {
        let halves = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256::<1>(sum));
        let quarters = _mm_add_epi32(halves, _mm_shuffle_epi32::<0b_01_00_11_10>(halves));
        let eighths = _mm_add_epi32(quarters, _mm_shuffle_epi32::<0b_10_11_00_01>(quarters));
        _mm_cvtsi128_si32(eighths)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_kernel_gives_the_same_whole_numbers(
            dimensions in 1usize..300,
            numbers in proptest::collection::vec(-5f32..5.0, 900),
        ) {
            let vectors: Vec<&[f32]> = numbers.chunks_exact(dimensions).collect();
            let query = Query::new(vectors[0]);
            let (mut rows, mut sums) = (Vec::new(), Vec::new());
            for vector in &vectors {
                sums.push(quantize(vector, &mut rows).sum);
            }
            let mut wanted = vec![0; vectors.len()];
            portable(&query.row, &rows, &mut wanted);
            let mut got = vec![0; vectors.len()];
            query.dots(&rows, &sums, &mut got);
            prop_assert_eq!(&got, &wanted);
            #[cfg(target_arch = "x86_64")]
            if is_x86_feature_detected!("avx2") {
                x86::avx2(&query.row, &rows, &mut got);
                prop_assert_eq!(&got, &wanted);
            }
        }

        #[test]
        fn the_error_bounds_the_dot_product(
            pairs in proptest::collection::vec((-3f32..3.0, -3f32..3.0), 1..200),
        ) {
            let (a, b): (Vec<f32>, Vec<f32>) = pairs.into_iter().unzip();
            let query = Query::new(&a);
            let mut row = Vec::new();
            let codes = quantize(&b, &mut row);
            let mut dot = [0];
            query.dots(&row, &[codes.sum], &mut dot);
            let guess = f64::from(dot[0]) * f64::from(codes.scale) * f64::from(query.codes.scale);
            let truth = super::super::metric::dot(&a, &b);
            let bound = f64::from(query.codes.norm) * f64::from(codes.error)
                + f64::from(query.codes.error) * f64::from(codes.norm + codes.error);
            prop_assert!((guess - truth).abs() <= bound * 1.000_01 + 1e-9);
        }
    }

    #[test]
    fn the_longest_and_steepest_vector_does_not_overflow() {
        let vector = vec![1.0; 65_536];
        let query = Query::new(&vector);
        let mut row = Vec::new();
        let codes = quantize(&vector, &mut row);
        let mut dot = [0];
        query.dots(&row, &[codes.sum], &mut dot);
        assert_eq!(dot[0], 65_536 * 127 * 127);
    }

    #[test]
    fn what_cannot_be_trusted_is_never_ruled_out() {
        for vector in [[0.0, 0.0], [1e-30, 1e-30], [1e30, 1.0]] {
            assert!(quantize(&vector, &mut Vec::new()).error.is_infinite());
        }
    }
}
