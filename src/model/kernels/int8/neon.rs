//! Sums of products on aarch64 with the dot product extension: Neoverse N1 and later.

use std::arch::{aarch64::*, asm};

use super::{Ints, LANES, PANEL, QUAD, STEP, dot::Dot};

/// `sdot`: four columns an instruction, the activations taken from a quarter of a register.
pub struct Sdot;

/// `sum + weights · the quarter QUARTER of codes`, for each of four columns.
#[inline(always)]
fn sdot<const QUARTER: u32>(sum: int32x4_t, weights: int8x16_t, codes: int8x16_t) -> int32x4_t {
    let mut sum = sum;
    // SAFETY: computes on its operands alone; callers run it only where the CPU has the extension. The intrinsic
    // `vdotq_laneq_s32` is not stable in Rust yet.
    unsafe {
        asm!(
            ".arch_extension dotprod",
            "sdot {sum:v}.4s, {weights:v}.16b, {codes:v}.4b[{quarter}]",
            sum = inout(vreg) sum,
            weights = in(vreg) weights,
            codes = in(vreg) codes,
            quarter = const QUARTER,
            options(pure, nomem, nostack, preserves_flags),
        );
    }
    sum
}

/// The sums of all rows with the four columns after `weights`, for one quad.
#[inline(always)]
fn column<const QUARTER: u32, const M: usize>(
    sums: &mut [[int32x4_t; 4]; M],
    w: usize,
    weights: int8x16_t,
    codes: &[int8x16_t; M],
) {
    for (sums, codes) in sums.iter_mut().zip(codes) {
        sums[w] = sdot::<QUARTER>(sums[w], weights, *codes);
    }
}

impl Dot for Sdot {
    // 6 × 4 sums, 6 of the rows, 1 of the panel: 31 of 32 registers.
    const ROWS: usize = 6;
    const SIZE: usize = 1;

    #[inline(always)]
    fn store(values: [i32; LANES], codes: &mut [u8]) {
        for (code, value) in codes.iter_mut().zip(values) {
            *code = value as i8 as u8;
        }
    }

    #[inline(always)]
    unsafe fn sums<const M: usize>(
        codes: *const u8,
        stride: usize,
        panel: *const i8,
        steps: usize,
        _: &[Ints; 2],
    ) -> [[Ints; 2]; M] {
        let mut all = [[Ints::default(); 2]; M];
        for line in 0..2 {
            // SAFETY: the caller promises the lengths and the extension.
            unsafe {
                let mut sums = [[vdupq_n_s32(0); 4]; M];
                let mut rows = [codes; M];
                for (m, row) in rows.iter_mut().enumerate() {
                    *row = row.add(stride.wrapping_mul(m));
                }
                let mut weights = panel.add(line * QUAD * LANES);
                for _ in 0..steps {
                    let mut codes = [vdupq_n_s8(0); M];
                    for (codes, row) in codes.iter_mut().zip(&mut rows) {
                        *codes = vld1q_s8(row.cast());
                        *row = row.add(STEP);
                    }
                    // Written out: the quarter must be a constant.
                    for w in 0..4 {
                        column::<0, M>(&mut sums, w, vld1q_s8(weights.add(w * STEP)), &codes);
                    }
                    for w in 0..4 {
                        column::<1, M>(&mut sums, w, vld1q_s8(weights.add(QUAD * PANEL + w * STEP)), &codes);
                    }
                    for w in 0..4 {
                        column::<2, M>(
                            &mut sums,
                            w,
                            vld1q_s8(weights.add(2 * QUAD * PANEL + w * STEP)),
                            &codes,
                        );
                    }
                    for w in 0..4 {
                        column::<3, M>(
                            &mut sums,
                            w,
                            vld1q_s8(weights.add(3 * QUAD * PANEL + w * STEP)),
                            &codes,
                        );
                    }
                    weights = weights.add(STEP * PANEL);
                }
                for (all, sums) in all.iter_mut().zip(sums) {
                    for (w, sum) in sums.into_iter().enumerate() {
                        vst1q_s32(all[line].0.as_mut_ptr().add(4 * w), sum);
                    }
                }
            }
        }
        all
    }
}
