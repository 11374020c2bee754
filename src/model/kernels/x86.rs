//! The lanes in AVX-512 and AVX2 registers.

use std::arch::x86_64::*;

use super::{LANES, Line, int8::Ints, lanes::Lanes};

/// One 512-bit register.
#[derive(Clone, Copy)]
pub struct Avx512(__m512);

/// Two 256-bit registers.
#[derive(Clone, Copy)]
pub struct Avx2(__m256, __m256);

/// The tree that [`Lanes::sum`] and [`Lanes::greatest`] fix, from eight lanes on.
macro_rules! reduce {
    ($eight:expr, $op:expr) => {{
        let four = $op(_mm256_castps256_ps128($eight), _mm256_extractf128_ps::<1>($eight));
        let two = $op(four, _mm_movehl_ps(four, four));
        _mm_cvtss_f32($op(two, _mm_shuffle_ps::<1>(two, two)))
    }};
}

/// A method that is one intrinsic.
macro_rules! avx512 {
    ($($name:ident($($arg:ident),*) = $intrinsic:expr;)*) => {
        $(#[inline(always)]
        fn $name(self, $($arg: Self),*) -> Self {
            // SAFETY: reached only from code compiled for AVX-512 that runs after the CPU was asked (see `Lanes`).
            Avx512(unsafe { $intrinsic(self.0, $($arg.0),*) })
        })*
    };
}

impl Lanes for Avx512 {
    // 12 × 2 accumulators, 2 of the panel, 1 of the row: 27 of 32 registers.
    const TILE: (usize, usize) = (12, 2);
    const QUERIES: usize = 8;
    const BLOCKS: usize = 3;

    avx512! {
        add(o) = _mm512_add_ps;
        sub(o) = _mm512_sub_ps;
        mul(o) = _mm512_mul_ps;
        div(o) = _mm512_div_ps;
        min(o) = _mm512_min_ps;
        max(o) = _mm512_max_ps;
        fma(a, b) = _mm512_fmadd_ps;
        round() = _mm512_roundscale_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>;
    }

    #[inline(always)]
    fn splat(x: f32) -> Self {
        // SAFETY: as in `avx512!`.
        Avx512(unsafe { _mm512_set1_ps(x) })
    }
    #[inline(always)]
    fn load(from: &Line) -> Self {
        // SAFETY: as in `avx512!`; a `Line` is 64 bytes, aligned to 64.
        Avx512(unsafe { _mm512_load_ps(from.0.as_ptr()) })
    }
    #[inline(always)]
    fn store(self, to: &mut Line) {
        // SAFETY: as in `load`.
        unsafe { _mm512_store_ps(to.0.as_mut_ptr(), self.0) }
    }
    #[inline(always)]
    fn sum(self) -> f32 {
        // SAFETY: as in `avx512!`.
        unsafe {
            let low = _mm512_castps512_ps256(self.0);
            let high = _mm256_castpd_ps(_mm512_extractf64x4_pd::<1>(_mm512_castps_pd(self.0)));
            let eight = _mm256_add_ps(low, high);
            reduce!(eight, _mm_add_ps)
        }
    }
    #[inline(always)]
    fn greatest(self) -> f32 {
        // SAFETY: as in `avx512!`.
        unsafe {
            let low = _mm512_castps512_ps256(self.0);
            let high = _mm256_castpd_ps(_mm512_extractf64x4_pd::<1>(_mm512_castps_pd(self.0)));
            let eight = _mm256_max_ps(low, high);
            reduce!(eight, _mm_max_ps)
        }
    }
    #[inline(always)]
    fn exp2i(self) -> Self {
        // SAFETY: as in `avx512!`.
        unsafe {
            let biased = _mm512_add_epi32(_mm512_cvtps_epi32(self.0), _mm512_set1_epi32(127));
            Avx512(_mm512_castsi512_ps(_mm512_slli_epi32::<23>(biased)))
        }
    }
    #[inline(always)]
    fn ints(self) -> Ints {
        let mut ints = Ints::default();
        // SAFETY: as in `load`.
        unsafe { _mm512_store_si512(ints.0.as_mut_ptr().cast(), _mm512_cvtps_epi32(self.0)) };
        ints
    }
    #[inline(always)]
    fn from_ints(from: &Ints) -> Self {
        // SAFETY: as in `load`.
        Avx512(unsafe { _mm512_cvtepi32_ps(_mm512_load_si512(from.0.as_ptr().cast())) })
    }
}

/// A method that is one intrinsic on each half.
macro_rules! avx2 {
    ($($name:ident($($arg:ident),*) = $intrinsic:expr;)*) => {
        $(#[inline(always)]
        fn $name(self, $($arg: Self),*) -> Self {
            // SAFETY: reached only from code compiled for AVX2 that runs after the CPU was asked (see `Lanes`).
            unsafe { Avx2($intrinsic(self.0, $($arg.0),*), $intrinsic(self.1, $($arg.1),*)) }
        })*
    };
}

impl Lanes for Avx2 {
    // 6 × 2 accumulators, 2 of the panel, 1 of the row: 15 of 16 registers.
    const TILE: (usize, usize) = (6, 1);
    const QUERIES: usize = 4;
    const BLOCKS: usize = 1;

    avx2! {
        add(o) = _mm256_add_ps;
        sub(o) = _mm256_sub_ps;
        mul(o) = _mm256_mul_ps;
        div(o) = _mm256_div_ps;
        min(o) = _mm256_min_ps;
        max(o) = _mm256_max_ps;
        fma(a, b) = _mm256_fmadd_ps;
        round() = _mm256_round_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>;
    }

    #[inline(always)]
    fn splat(x: f32) -> Self {
        // SAFETY: as in `avx2!`.
        let half = unsafe { _mm256_set1_ps(x) };
        Avx2(half, half)
    }
    #[inline(always)]
    fn load(from: &Line) -> Self {
        let p = from.0.as_ptr();
        // SAFETY: as in `avx2!`; a `Line` is 64 bytes, aligned to 64.
        unsafe { Avx2(_mm256_load_ps(p), _mm256_load_ps(p.add(LANES / 2))) }
    }
    #[inline(always)]
    fn store(self, to: &mut Line) {
        let p = to.0.as_mut_ptr();
        // SAFETY: as in `load`.
        unsafe {
            _mm256_store_ps(p, self.0);
            _mm256_store_ps(p.add(LANES / 2), self.1);
        }
    }
    #[inline(always)]
    fn sum(self) -> f32 {
        // SAFETY: as in `avx2!`.
        unsafe {
            let eight = _mm256_add_ps(self.0, self.1);
            reduce!(eight, _mm_add_ps)
        }
    }
    #[inline(always)]
    fn greatest(self) -> f32 {
        // SAFETY: as in `avx2!`.
        unsafe {
            let eight = _mm256_max_ps(self.0, self.1);
            reduce!(eight, _mm_max_ps)
        }
    }
    #[inline(always)]
    fn exp2i(self) -> Self {
        #[inline(always)]
        fn half(n: __m256) -> __m256 {
            // SAFETY: as in `avx2!`.
            unsafe {
                let biased = _mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127));
                _mm256_castsi256_ps(_mm256_slli_epi32::<23>(biased))
            }
        }
        Avx2(half(self.0), half(self.1))
    }
    #[inline(always)]
    fn ints(self) -> Ints {
        let mut ints = Ints::default();
        let to: *mut i32 = ints.0.as_mut_ptr();
        // SAFETY: as in `load`.
        unsafe {
            _mm256_store_si256(to.cast(), _mm256_cvtps_epi32(self.0));
            _mm256_store_si256(to.add(LANES / 2).cast(), _mm256_cvtps_epi32(self.1));
        }
        ints
    }
    #[inline(always)]
    fn from_ints(from: &Ints) -> Self {
        let p = from.0.as_ptr();
        // SAFETY: as in `load`.
        unsafe {
            let half = |at: *const i32| _mm256_cvtepi32_ps(_mm256_load_si256(at.cast()));
            Avx2(half(p), half(p.add(LANES / 2)))
        }
    }
}
