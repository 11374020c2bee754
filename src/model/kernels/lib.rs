//! The arithmetic of the encoder, written once over sixteen lanes and compiled for each instruction set.
//!
//! Every kernel fixes the order of its floating-point operations: a product is one chain of fused
//! multiply-adds over k, a reduction is a tree over sixteen lanes, whatever the register width is. So a row's
//! result is the same bits alone or in any batch, on any thread, and on AVX-512, AVX2, NEON or none of them.
//!
//! Kernels are loops and nothing else: a closure that is handed to the standard library (`map`, `from_fn`) is
//! compiled apart, without the instruction set, and every intrinsic in it becomes a call. What counts is written with
//! intrinsics: nothing depends on a compiler's seeing a vector in a loop, which one that optimises for size doesn't.
//!
//! This is the only place with `unsafe` arithmetic: raw loads in the hot loops, and calls into code compiled
//! for an instruction set that [`Isa`] has asked the CPU for.

mod activation;
mod attention;
mod gemm;
mod halves;
mod int8;
mod isa;
mod lanes;
mod norm;
mod transpose;

#[cfg(target_arch = "aarch64")]
mod neon;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use activation::Activation;
pub use attention::{AttentionShape, ScoreBias};
pub use gemm::{Epilogue, Panels, stride};
pub use halves::widen;
pub use int8::{Codes, Int8Panels};
pub use isa::Isa;
pub use norm::LayerNorm;

/// Sixteen lanes, aligned so that one register of any width loads them without crossing a cache line.
#[derive(Clone, Copy, Default, Debug, PartialEq)]
#[repr(C, align(64))]
pub struct Line(pub [f32; LANES]);

/// Lanes of a [`Line`].
pub const LANES: usize = 16;

/// The number of lines that hold `n` floats.
pub const fn lines(n: usize) -> usize {
    n.div_ceil(LANES)
}

/// The lines as one run of floats.
pub fn flat(lines: &[Line]) -> &[f32] {
    // SAFETY: `Line` is `repr(C)` around `[f32; 16]` and its size equals its alignment, so there is no padding.
    unsafe { std::slice::from_raw_parts(lines.as_ptr().cast(), lines.len() * LANES) }
}

/// The lines as one mutable run of floats.
pub fn flat_mut(lines: &mut [Line]) -> &mut [f32] {
    // SAFETY: as in `flat`; the borrow is exclusive.
    unsafe { std::slice::from_raw_parts_mut(lines.as_mut_ptr().cast(), lines.len() * LANES) }
}

/// The lines as bytes.
fn bytes(lines: &[Line]) -> &[u8] {
    // SAFETY: as in `flat`, and a byte may be of anything that has no padding.
    unsafe { std::slice::from_raw_parts(lines.as_ptr().cast(), size_of_val(lines)) }
}

/// The lines as mutable bytes.
fn bytes_mut(lines: &mut [Line]) -> &mut [u8] {
    // SAFETY: as in `bytes`, any four bytes are an f32, and the borrow is exclusive.
    unsafe { std::slice::from_raw_parts_mut(lines.as_mut_ptr().cast(), size_of_val(lines)) }
}
