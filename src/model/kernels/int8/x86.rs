//! Sums of products on x86-64 with VNNI's `vpdpbusd`.

use std::arch::x86_64::*;

use super::{Ints, LANES, Panel, QUAD, dot::Dot};

/// AVX-512 VNNI: sixteen columns an instruction.
pub(crate) struct Vnni512;

/// VNNI in 256-bit registers (AVX-VNNI): eight columns an instruction.
pub(crate) struct Vnni256;

/// `vpdpbusd` takes unsigned activations: codes are 128 more than the values, and the sums begin at -128 times
/// the weights' sum. Exact: sums may wrap on the way, not in the end. Half a line of codes.
#[inline(always)]
fn biased(values: &Ints, half: usize) -> __m256i {
    // SAFETY: half a line of sums, aligned; callers run it only where the CPU has AVX2.
    unsafe {
        _mm256_add_epi32(
            _mm256_load_si256(values.0.as_ptr().cast::<__m256i>().add(half)),
            _mm256_set1_epi32(128),
        )
    }
}

/// Pointers to every third row: so the address of any row is one of them plus at most twice the stride, which
/// one instruction computes, and all of them fit the registers.
#[inline(always)]
pub(super) fn thirds(codes: *const u8, stride: usize) -> [*const u8; 4] {
    // Wrapping: rows that a tile doesn't have are pointed at, but never read.
    let row = |n: usize| codes.wrapping_add(stride.wrapping_mul(n));
    [codes, row(3), row(6), row(9)]
}

/// The four bytes at `at` of row `m`.
#[inline(always)]
pub(super) unsafe fn quad(thirds: &[*const u8; 4], stride: usize, m: usize, at: usize) -> i32 {
    // SAFETY: the caller promises M rows, and `at` within them.
    unsafe { thirds[m / 3].add(stride.wrapping_mul(m % 3)).add(at).cast::<i32>().read_unaligned() }
}

impl Dot for Vnni512 {
    // 12 × 2 sums, 2 of the panel, 1 of the row: 27 of 32 registers.
    const ROWS: usize = 12;

    #[inline(always)]
    fn store(values: Ints, codes: &mut [u8]) {
        let to = codes[..LANES].as_mut_ptr();
        // SAFETY: a line of sums, aligned, and room for sixteen codes; the caller promises AVX-512.
        unsafe {
            let values = _mm512_load_si512(values.0.as_ptr().cast());
            let biased = _mm512_add_epi32(values, _mm512_set1_epi32(128));
            _mm_storeu_si128(to.cast(), _mm512_cvtepi32_epi8(biased));
        }
    }

    #[inline(always)]
    unsafe fn sums<const M: usize>(codes: *const u8, stride: usize, panel: Panel<'_>) -> [[Ints; 2]; M] {
        // SAFETY: the caller promises the lengths and AVX-512 VNNI.
        unsafe {
            let start = panel.biased.as_ptr().cast::<__m512i>();
            let mut sums = [[_mm512_load_si512(start), _mm512_load_si512(start.add(1))]; M];
            let rows = thirds(codes, stride);
            let weights = panel.weights.as_ptr().cast::<__m512i>();
            for q in 0..panel.inputs() / QUAD {
                let left = _mm512_load_si512(weights.add(2 * q));
                let right = _mm512_load_si512(weights.add(2 * q + 1));
                for (m, sums) in sums.iter_mut().enumerate() {
                    let code = _mm512_set1_epi32(quad(&rows, stride, m, q * QUAD));
                    sums[0] = _mm512_dpbusd_epi32(sums[0], code, left);
                    sums[1] = _mm512_dpbusd_epi32(sums[1], code, right);
                }
            }
            let mut all = [[Ints::default(); 2]; M];
            for (all, sums) in all.iter_mut().zip(sums) {
                _mm512_store_si512(all[0].0.as_mut_ptr().cast(), sums[0]);
                _mm512_store_si512(all[1].0.as_mut_ptr().cast(), sums[1]);
            }
            all
        }
    }
}

impl Dot for Vnni256 {
    // 6 × 2 sums, 2 of the panel, 1 of the row: 15 of 16 registers.
    const ROWS: usize = 6;

    #[inline(always)]
    fn store(values: Ints, codes: &mut [u8]) {
        let to = codes[..LANES].as_mut_ptr();
        // SAFETY: room for sixteen codes; the caller promises AVX2.
        unsafe {
            let words = _mm256_packus_epi32(biased(&values, 0), biased(&values, 1));
            let words = _mm256_permute4x64_epi64::<0b11_01_10_00>(words);
            let bytes = _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256::<1>(words));
            _mm_storeu_si128(to.cast(), bytes);
        }
    }

    #[inline(always)]
    unsafe fn sums<const M: usize>(codes: *const u8, stride: usize, panel: Panel<'_>) -> [[Ints; 2]; M] {
        let mut all = [[Ints::default(); 2]; M];
        for line in 0..2 {
            // SAFETY: the caller promises the lengths and AVX-VNNI.
            unsafe {
                let start = panel.biased[line].0.as_ptr().cast::<__m256i>();
                let mut sums = [[_mm256_load_si256(start), _mm256_load_si256(start.add(1))]; M];
                let rows = thirds(codes, stride);
                let weights = panel.weights.as_ptr().add(line * QUAD * LANES).cast::<__m256i>();
                for q in 0..panel.inputs() / QUAD {
                    let left = _mm256_load_si256(weights.add(4 * q));
                    let right = _mm256_load_si256(weights.add(4 * q + 1));
                    for (m, sums) in sums.iter_mut().enumerate() {
                        let code = _mm256_set1_epi32(quad(&rows, stride, m, q * QUAD));
                        sums[0] = _mm256_dpbusd_avx_epi32(sums[0], code, left);
                        sums[1] = _mm256_dpbusd_avx_epi32(sums[1], code, right);
                    }
                }
                for (all, sums) in all.iter_mut().zip(sums) {
                    let to = all[line].0.as_mut_ptr().cast::<__m256i>();
                    _mm256_store_si256(to, sums[0]);
                    _mm256_store_si256(to.add(1), sums[1]);
                }
            }
        }
        all
    }
}
