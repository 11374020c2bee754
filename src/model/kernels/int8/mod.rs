//! The int8 product: weights with a scale for each output, activations with a scale for each row (W8A8).
//!
//! The sums are integers, so they are exact in any order and by any instruction. All that is rounded is the way
//! in (`x / scale`, half to even) and the way out (one fused multiply-add), each in one fixed form: the results
//! are the same bits on every instruction set.

mod codes;
mod dot;
mod panels;
pub(super) mod product;
pub(super) mod quantise;

#[cfg(target_arch = "x86_64")]
mod magnitudes;
#[cfg(target_arch = "aarch64")]
mod neon;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use codes::Codes;
pub use panels::Int8Panels;
use panels::Panel;

pub(super) use dot::Plain;
#[cfg(target_arch = "aarch64")]
pub(super) use neon::{Sdot, Smmla};
#[cfg(target_arch = "x86_64")]
pub(super) use {
    magnitudes::Magnitudes,
    x86::{Vnni256, Vnni512},
};

use super::{LANES, gemm::PANEL};

/// Sixteen sums of products, as aligned as a [`Line`](super::Line).
#[derive(Clone, Copy, Default, Debug, PartialEq)]
#[repr(C, align(64))]
pub(super) struct Ints(pub(super) [i32; LANES]);

/// Weights of one column that lie together, and activations of one row that one instruction takes.
const QUAD: usize = 4;

/// Inputs are padded to a multiple of this, so that any kernel may load sixteen activations at a time.
const STEP: usize = 16;
