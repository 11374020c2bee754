//! Baton's logits are PyTorch's, on every instruction set, alone or in any batch.
//!
//! `tests/fixtures` says how the numbers were made that these compare with.

#[path = "../support/mod.rs"]
mod support;

mod bits;
mod cases;
mod int8;
mod pytorch;
