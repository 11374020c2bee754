//! The lanes in NEON registers, which every aarch64 CPU has.

use std::arch::aarch64::*;

use super::{Line, int8::Ints, lanes::Lanes};

/// Four 128-bit registers.
#[derive(Clone, Copy)]
pub struct Neon([float32x4_t; 4]);

/// A method that is one intrinsic on each quarter.
macro_rules! neon {
    ($($name:ident($($arg:ident),*) = |$($x:ident),*| $body:expr;)*) => {
        $(#[inline(always)]
        fn $name(self, $($arg: Self),*) -> Self {
            Neon(std::array::from_fn(|i| {
                // SAFETY: NEON is part of every aarch64 target that has an operating system.
                (|$($x: float32x4_t),*| unsafe { $body })(self.0[i], $($arg.0[i]),*)
            }))
        })*
    };
}

impl Lanes for Neon {
    // 6 × 4 accumulators, 4 of the panel, 1 of the row: 29 of 32 registers.
    const TILE: (usize, usize) = (6, 1);
    const QUERIES: usize = 4;
    const BLOCKS: usize = 1;

    neon! {
        add(o) = |x, y| vaddq_f32(x, y);
        sub(o) = |x, y| vsubq_f32(x, y);
        mul(o) = |x, y| vmulq_f32(x, y);
        div(o) = |x, y| vdivq_f32(x, y);
        min(o) = |x, y| vminq_f32(x, y);
        max(o) = |x, y| vmaxq_f32(x, y);
        fma(a, b) = |x, y, z| vfmaq_f32(z, x, y);
        round() = |x| vrndnq_f32(x);
        exp2i() = |x| vreinterpretq_f32_s32(vshlq_n_s32::<23>(vaddq_s32(vcvtq_s32_f32(x), vdupq_n_s32(127))));
    }

    #[inline(always)]
    fn splat(x: f32) -> Self {
        // SAFETY: as in `neon!`.
        Neon([unsafe { vdupq_n_f32(x) }; 4])
    }
    #[inline(always)]
    fn load(from: &Line) -> Self {
        // SAFETY: as in `neon!`; a `Line` is 64 bytes.
        Neon(std::array::from_fn(|i| unsafe { vld1q_f32(from.0.as_ptr().add(4 * i)) }))
    }
    #[inline(always)]
    fn store(self, to: &mut Line) {
        for (i, quarter) in self.0.into_iter().enumerate() {
            // SAFETY: as in `load`.
            unsafe { vst1q_f32(to.0.as_mut_ptr().add(4 * i), quarter) }
        }
    }
    #[inline(always)]
    fn ints(self) -> Ints {
        let mut ints = Ints::default();
        for (i, quarter) in self.0.into_iter().enumerate() {
            // SAFETY: as in `load`.
            unsafe { vst1q_s32(ints.0.as_mut_ptr().add(4 * i), vcvtq_s32_f32(quarter)) }
        }
        ints
    }
    #[inline(always)]
    fn from_ints(from: &Ints) -> Self {
        // SAFETY: as in `load`.
        Neon(std::array::from_fn(|i| unsafe { vcvtq_f32_s32(vld1q_s32(from.0.as_ptr().add(4 * i))) }))
    }
}
