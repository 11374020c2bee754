//! Layer normalisation of rows whose width need not fill their last lines.

use super::{Line, flat_mut, gemm::stride, lanes::Lanes};

/// The learned scale and shift of one layer norm.
#[derive(Debug)]
pub struct LayerNorm {
    weight: Vec<Line>,
    bias: Vec<Line>,
    /// One in the lanes that exist: the others hold zero, and must not count as far from the mean.
    mask: Vec<Line>,
    width: usize,
    epsilon: f32,
}

impl LayerNorm {
    /// `weight` and `bias` are as wide as a row.
    pub fn new(weight: &[f32], bias: &[f32], epsilon: f32) -> Self {
        assert_eq!(weight.len(), bias.len());
        let width = weight.len();
        let padded = |values: &[f32]| {
            let mut out = vec![Line::default(); stride(width)];
            flat_mut(&mut out)[..width].copy_from_slice(values);
            out
        };
        LayerNorm {
            weight: padded(weight),
            bias: padded(bias),
            mask: padded(&vec![1.0; width]),
            width,
            epsilon,
        }
    }

    /// Lines of a row: those of a product with as many columns.
    pub fn stride(&self) -> usize {
        self.weight.len()
    }
}

#[inline(always)]
pub(super) fn run<L: Lanes>(x: &mut [Line], norm: &LayerNorm) {
    let width = norm.width as f32;
    for row in x.chunks_exact_mut(norm.stride()) {
        let mut sum = L::splat(0.0);
        for line in row.iter() {
            sum = sum.add(L::load(line));
        }
        let mean = L::splat(sum.sum() / width);
        let mut squares = L::splat(0.0);
        for (line, mask) in row.iter_mut().zip(&norm.mask) {
            let d = L::load(line).sub(mean).mul(L::load(mask));
            d.store(line);
            squares = d.fma(d, squares);
        }
        let scale = L::splat(1.0 / (squares.sum() / width + norm.epsilon).sqrt());
        for ((line, weight), bias) in row.iter_mut().zip(&norm.weight).zip(&norm.bias) {
            L::load(line).mul(scale).fma(L::load(weight), L::load(bias)).store(line);
        }
    }
}
