//! Sums of products on aarch64: by the dot product extension (Neoverse N1 and later), and by that for matrices of
//! eight-bit integers (i8mm: Neoverse V1, N2 and later), which does twice the work in an instruction.

use std::arch::{aarch64::*, asm};

use super::{Ints, LANES, PANEL, Panel, QUAD, STEP, dot::Dot};

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

    #[inline(always)]
    fn store(values: Ints, codes: &mut [u8]) {
        let (from, to) = (values.0.as_ptr(), codes[..LANES].as_mut_ptr());
        // SAFETY: sixteen of each, and NEON is part of every aarch64 target that has an operating system.
        unsafe {
            let two =
                |at| vcombine_s16(vmovn_s32(vld1q_s32(from.add(at))), vmovn_s32(vld1q_s32(from.add(at + 4))));
            vst1q_s8(to.cast(), vcombine_s8(vmovn_s16(two(0)), vmovn_s16(two(8))));
        }
    }

    #[inline(always)]
    unsafe fn sums<const M: usize>(codes: *const u8, stride: usize, panel: Panel<'_>) -> [[Ints; 2]; M] {
        let mut all = [[Ints::default(); 2]; M];
        for line in 0..2 {
            // SAFETY: the caller promises the lengths and the extension.
            unsafe {
                let mut sums = [[vdupq_n_s32(0); 4]; M];
                let mut rows = [codes; M];
                for (m, row) in rows.iter_mut().enumerate() {
                    *row = row.add(stride.wrapping_mul(m));
                }
                let mut weights = panel.weights.as_ptr().add(line * QUAD * LANES);
                for _ in 0..panel.inputs() / STEP {
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
                    // Wrapping: past the last step it may point behind the panel.
                    weights = weights.wrapping_add(STEP * PANEL);
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

/// `smmla`: two rows with two columns an instruction, eight inputs of each.
pub struct Smmla;

/// `sums + rows · columns`: the two sums of the first row, then those of the second.
#[inline(always)]
fn smmla(sums: int32x4_t, rows: int8x16_t, columns: int8x16_t) -> int32x4_t {
    let mut sums = sums;
    // SAFETY: as in `sdot`; `vmmlaq_s32` is not stable in Rust yet either.
    unsafe {
        asm!(
            ".arch_extension i8mm",
            "smmla {sums:v}.4s, {rows:v}.16b, {columns:v}.16b",
            sums = inout(vreg) sums,
            rows = in(vreg) rows,
            columns = in(vreg) columns,
            // As if it touched memory, so that it stays after the loads of the columns before and before those of the
            // next: the compiler would load many at once, and then have too few registers for the sums.
            options(nostack, preserves_flags),
        );
    }
    sums
}

/// The sums of `pairs` pairs of rows with sixteen columns, for the eight inputs that begin at `weights`.
///
/// # Safety
/// Two quads of a panel must be there to read, and the CPU must have the extension.
#[inline(always)]
unsafe fn eight<const M: usize>(
    sums: &mut [[int32x4_t; 8]; M],
    pairs: usize,
    rows: &[int8x16_t; M],
    weights: *const i8,
) {
    for w in 0..4 {
        // SAFETY: the caller's promise.
        let (left, right) = unsafe {
            let (a, b) = (vld1q_s8(weights.add(w * STEP)), vld1q_s8(weights.add(QUAD * PANEL + w * STEP)));
            let (a, b) = (vreinterpretq_s32_s8(a), vreinterpretq_s32_s8(b));
            // From four columns of one quad and the next to twice two columns of eight inputs.
            (vreinterpretq_s8_s32(vzip1q_s32(a, b)), vreinterpretq_s8_s32(vzip2q_s32(a, b)))
        };
        for (sums, rows) in sums.iter_mut().zip(rows).take(pairs) {
            sums[2 * w] = smmla(sums[2 * w], *rows, left);
            sums[2 * w + 1] = smmla(sums[2 * w + 1], *rows, right);
        }
    }
}

impl Dot for Smmla {
    // 3 × 8 sums, 3 of the rows, 4 of the panel: 31 of 32 registers.
    const ROWS: usize = 6;

    #[inline(always)]
    fn store(values: Ints, codes: &mut [u8]) {
        Sdot::store(values, codes);
    }

    #[inline(always)]
    unsafe fn sums<const M: usize>(codes: *const u8, stride: usize, panel: Panel<'_>) -> [[Ints; 2]; M] {
        // Half of what has `M` places is used; a last row without a partner is its own.
        let pairs = M.div_ceil(2);
        let mut all = [[Ints::default(); 2]; M];
        for line in 0..2 {
            // SAFETY: the caller promises the lengths and the extension.
            unsafe {
                let mut sums = [[vdupq_n_s32(0); 8]; M];
                let mut weights = panel.weights.as_ptr().add(line * QUAD * LANES);
                // The next eight inputs of each row.
                let mut from = codes;
                for _ in 0..panel.inputs() / (2 * QUAD) {
                    let mut rows = [vdupq_n_s8(0); M];
                    for (pair, row) in rows.iter_mut().take(pairs).enumerate() {
                        let (first, second) = (2 * pair, (2 * pair + 1).min(M - 1));
                        let a = vld1_s8(from.add(first * stride).cast());
                        *row = vcombine_s8(a, vld1_s8(from.add(second * stride).cast()));
                    }
                    eight(&mut sums, pairs, &rows, weights);
                    from = from.add(2 * QUAD);
                    // Wrapping: past the last step it may point behind the panel.
                    weights = weights.wrapping_add(2 * QUAD * PANEL);
                }
                for (m, all) in all.iter_mut().enumerate() {
                    for w in 0..4 {
                        let [left, right] = [2 * w, 2 * w + 1].map(|n| vreinterpretq_s64_s32(sums[m / 2][n]));
                        let row = if m % 2 == 0 { vzip1q_s64(left, right) } else { vzip2q_s64(left, right) };
                        vst1q_s32(all[line].0.as_mut_ptr().add(4 * w), vreinterpretq_s32_s64(row));
                    }
                }
            }
        }
        all
    }
}
