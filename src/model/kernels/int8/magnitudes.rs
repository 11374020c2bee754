//! Sums of products with AVX2 alone, without VNNI.
//!
//! `vpmaddubsw` multiplies unsigned bytes by signed ones and adds two products in sixteen bits, which is exact only where
//! they fit. So weights give their magnitudes, and their signs to the activations: `x ^ -1` is `-x - 1`, and the ones
//! that are missing add up to the same for every row, the magnitudes of the column's negative weights; there the sums
//! begin. Two products lie between -32768 (twice 128 × -128) and 32512, and always fit. Four do where their weights'
//! magnitudes add up to 256 at most: nine times of ten in the shipped models, and then one widening serves all four.

use std::arch::x86_64::*;

use super::{
    Ints, LANES, PANEL, Panel, QUAD,
    dot::Dot,
    x86::{quad, thirds},
};

/// AVX2: eight columns, and two quads of each, at a time.
pub(crate) struct Magnitudes;

/// Columns whose sums fit a register.
const GROUP: usize = 8;

/// The greatest sum of four weights' magnitudes whose products surely fit sixteen bits together.
const JOINT: i16 = 256;

/// What [`Magnitudes`] must know of a panel.
#[derive(Debug)]
pub(crate) struct Joints {
    /// Where sums begin.
    begin: [Ints; 2],
    /// For each two quads a bit for each group of columns: whether their products fit together.
    fit: Box<[u8]>,
}

impl Joints {
    // Compiled for AVX2 by itself: a closure that calls it is not.
    #[target_feature(enable = "avx2")]
    fn of(panel: Panel<'_>) -> Joints {
        let mut fit = vec![0; panel.inputs() / (2 * QUAD)].into_boxed_slice();
        let mut begin = [Ints::default(); 2];
        let (ones, words) = (_mm256_set1_epi8(1), _mm256_set1_epi16(1));
        let mut totals = [_mm256_setzero_si256(); PANEL / GROUP];
        let mut weights = panel.weights.as_ptr().cast::<__m256i>();
        for fit in &mut fit {
            for (group, total) in totals.iter_mut().enumerate() {
                // SAFETY: two quads of the panel's columns for each `fit`, aligned.
                let (first, second) = unsafe {
                    (
                        _mm256_load_si256(weights.add(group)),
                        _mm256_load_si256(weights.add(PANEL / GROUP + group)),
                    )
                };
                let first = _mm256_maddubs_epi16(_mm256_abs_epi8(first), ones);
                let second = _mm256_maddubs_epi16(_mm256_abs_epi8(second), ones);
                let four = _mm256_add_epi16(first, second);
                let over = _mm256_cmpgt_epi16(four, _mm256_set1_epi16(JOINT));
                *fit |= u8::from(_mm256_movemask_epi8(over) == 0) << group;
                *total = _mm256_add_epi32(*total, _mm256_madd_epi16(four, words));
            }
            // Wrapping: past the last two it may point behind the panel.
            weights = weights.wrapping_add(2 * PANEL / GROUP);
        }
        // The magnitudes' sum less the weights' is twice that of the negative ones' magnitudes; up to 131,071 inputs, past
        // which sums of products may wrap as well.
        let (biased, to) = (panel.biased.as_ptr().cast::<__m256i>(), begin.as_mut_ptr().cast::<__m256i>());
        for (group, total) in totals.iter().enumerate() {
            // SAFETY: two lines of each have as many groups, and are aligned.
            unsafe {
                let less = _mm256_srai_epi32::<7>(_mm256_load_si256(biased.add(group)));
                let twice = _mm256_add_epi32(*total, less);
                _mm256_store_si256(to.add(group), _mm256_srai_epi32::<1>(twice));
            }
        }
        Joints { begin, fit }
    }
}

/// The sums of two products each, `weights` as magnitudes and signs.
#[inline(always)]
unsafe fn products((magnitudes, signs): (__m256i, __m256i), codes: i32) -> __m256i {
    // SAFETY: the caller promises AVX2.
    unsafe { _mm256_maddubs_epi16(magnitudes, _mm256_xor_si256(_mm256_set1_epi32(codes), signs)) }
}

/// Magnitudes, and -1 where a weight is negative.
#[inline(always)]
unsafe fn parts(weights: __m256i) -> (__m256i, __m256i) {
    // SAFETY: the caller promises AVX2.
    unsafe { (_mm256_abs_epi8(weights), _mm256_cmpgt_epi8(_mm256_setzero_si256(), weights)) }
}

impl Dot for Magnitudes {
    // 9 sums, 4 of the panel, 1 of ones, 2 of products: all 16 registers.
    const ROWS: usize = 9;

    #[inline(always)]
    fn store(values: Ints, codes: &mut [u8]) {
        let (from, to) = (values.0.as_ptr().cast::<__m256i>(), codes[..LANES].as_mut_ptr());
        // SAFETY: a line of sums, aligned, and room for sixteen codes; the caller promises AVX2.
        unsafe {
            let words = _mm256_packs_epi32(_mm256_load_si256(from), _mm256_load_si256(from.add(1)));
            let words = _mm256_permute4x64_epi64::<0b11_01_10_00>(words);
            let bytes = _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256::<1>(words));
            _mm_storeu_si128(to.cast(), bytes);
        }
    }

    #[inline(always)]
    unsafe fn sums<const M: usize>(codes: *const u8, stride: usize, panel: Panel<'_>) -> [[Ints; 2]; M] {
        // SAFETY: the caller promises AVX2.
        let joints = panel.joints.get_or_init(|| unsafe { Joints::of(panel) });
        let mut all = [[Ints::default(); 2]; M];
        for group in 0..PANEL / GROUP {
            // SAFETY: the caller promises the rows and AVX2; the joints have a byte for each two quads of the panel.
            unsafe {
                let ones = _mm256_set1_epi16(1);
                let mut sums = [_mm256_load_si256(joints.begin.as_ptr().cast::<__m256i>().add(group)); M];
                let mut rows = thirds(codes, stride);
                let mut weights = panel.weights.as_ptr().add(group * GROUP * QUAD).cast::<__m256i>();
                for fit in &joints.fit {
                    let first = parts(_mm256_load_si256(weights));
                    let second = parts(_mm256_load_si256(weights.add(PANEL / GROUP)));
                    if fit & 1 << group != 0 {
                        for (m, sum) in sums.iter_mut().enumerate() {
                            let one = products(first, quad(&rows, stride, m, 0));
                            let both = _mm256_add_epi16(one, products(second, quad(&rows, stride, m, QUAD)));
                            *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(both, ones));
                        }
                    } else {
                        for (at, weights) in [(0, first), (QUAD, second)] {
                            for (m, sum) in sums.iter_mut().enumerate() {
                                let one = products(weights, quad(&rows, stride, m, at));
                                *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(one, ones));
                            }
                        }
                    }
                    // Wrapping: past the last pair it may point behind the panel.
                    weights = weights.wrapping_add(2 * PANEL / GROUP);
                    for row in &mut rows {
                        *row = row.wrapping_add(2 * QUAD);
                    }
                }
                for (all, sum) in all.iter_mut().zip(sums) {
                    _mm256_store_si256(all.as_mut_ptr().cast::<__m256i>().add(group), sum);
                }
            }
        }
        all
    }
}
