//! Sums of products of small integers: the one thing that each instruction set does in its own way.

use super::{Ints, PANEL, Panel, QUAD};

/// How activations lie in memory and how their products with a panel are summed. As with
/// [`Lanes`](super::super::lanes::Lanes), an implementor may use instructions that only callers compiled for its
/// instruction set may run.
pub trait Dot {
    /// The most rows whose sums fit the registers.
    const ROWS: usize;

    /// Stores sixteen activations in -127..=127 as codes: the first sixteen bytes of `codes`.
    fn store(values: Ints, codes: &mut [u8]);

    /// The sums of `M` rows with one panel.
    ///
    /// # Safety
    /// `codes` must have `M` rows, `stride` bytes apart, of as many codes as the panel has inputs; and see above for what
    /// the CPU must have.
    unsafe fn sums<const M: usize>(codes: *const u8, stride: usize, panel: Panel<'_>) -> [[Ints; 2]; M];
}

/// Plain Rust: the reference that the others must equal.
pub struct Plain;

impl Dot for Plain {
    const ROWS: usize = 4;

    #[inline(always)]
    fn store(values: Ints, codes: &mut [u8]) {
        for (code, value) in codes.iter_mut().zip(values.0) {
            *code = value as i8 as u8;
        }
    }

    #[inline(always)]
    unsafe fn sums<const M: usize>(codes: *const u8, stride: usize, panel: Panel<'_>) -> [[Ints; 2]; M] {
        let mut sums = [[Ints::default(); 2]; M];
        for (m, row) in sums.iter_mut().enumerate() {
            // SAFETY: so many rows of that width the caller promises.
            let codes = unsafe { std::slice::from_raw_parts(codes.add(m * stride), panel.inputs()) };
            let (quads, _) = codes.as_chunks::<QUAD>();
            for (quad, weights) in quads.iter().zip(panel.weights.chunks_exact(PANEL * QUAD)) {
                let (columns, _) = weights.as_chunks::<QUAD>();
                let sums = row.iter_mut().flat_map(|line| line.0.iter_mut());
                for (sum, column) in sums.zip(columns) {
                    for (code, weight) in quad.iter().zip(column) {
                        // A product fits sixteen bits and a sum of 2^16 of them i32: nothing wraps.
                        *sum = sum.wrapping_add(i32::from(*code as i8).wrapping_mul(i32::from(*weight)));
                    }
                }
            }
        }
        sums
    }
}
