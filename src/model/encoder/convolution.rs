//! DeBERTa-v2's convolution: each token's embedding mixed with its neighbours', added to what the first block
//! answers.

use super::linear::norm;
use crate::model::{
    LoadError,
    config::{self, ModelConfig},
    kernels::{Epilogue, Isa, LANES, LayerNorm, Line, Panels, flat, flat_mut, stride},
    names::{CONVOLUTION, CONVOLUTION_NORM},
    weights::Weights,
};

/// Its weights, f32 in any precision.
pub struct Convolution {
    how: config::Convolution,
    weights: Panels,
    norm: LayerNorm,
}

impl Convolution {
    /// Reads and packs it.
    ///
    /// # Errors
    /// A tensor that is missing or doesn't fit the configuration.
    pub fn load(
        config: &ModelConfig,
        how: config::Convolution,
        weights: &Weights,
    ) -> Result<Self, LoadError> {
        let (hidden, kernel) = (config.hidden, how.kernel);
        let matrix = weights.matrix(&format!("{CONVOLUTION}.weight"), &[hidden, hidden, kernel])?;
        let bias = weights.vector(&format!("{CONVOLUTION}.bias"), hidden)?;
        let padded = stride(hidden) * LANES;
        let mut row = vec![0.0; hidden * kernel];
        let weights_packed = Panels::pack(hidden, kernel * padded, |j, column| {
            matrix.row(j, &mut row);
            for (input, taps) in row.chunks_exact(kernel).enumerate() {
                taps.iter().enumerate().for_each(|(tap, x)| column[tap * padded + input] = *x);
            }
            bias[j]
        });
        Ok(Convolution {
            how,
            weights: weights_packed,
            norm: norm(config, weights, CONVOLUTION_NORM, hidden)?,
        })
    }

    /// The convolution of the embeddings, to be added after the first block.
    pub fn run(&self, isa: Isa, lengths: &[usize], hidden: &[Line]) -> Vec<Line> {
        let (stride, kernel) = (self.norm.stride(), self.how.kernel);
        let tokens = hidden.len() / stride;
        // For each token its neighbours' rows one after the other; beyond a sequence's ends there are zeros.
        let mut neighbours = vec![Line::default(); tokens * kernel * stride];
        let mut rows = neighbours.chunks_exact_mut(kernel * stride);
        let mut from = 0;
        for &length in lengths {
            for (i, row) in rows.by_ref().take(length).enumerate() {
                for (tap, to) in row.chunks_exact_mut(stride).enumerate() {
                    let neighbour = (i + tap).checked_sub(kernel / 2).filter(|&at| at < length);
                    if let Some(at) = neighbour {
                        to.copy_from_slice(&hidden[(from + at) * stride..][..stride]);
                    }
                }
            }
            from += length;
        }
        let mut out = vec![Line::default(); tokens * stride];
        let activate = Epilogue::Activate(self.how.activation);
        isa.gemm(&neighbours, kernel * stride, tokens, &self.weights, &mut out, activate);
        out
    }

    /// Adds it to what the first block has answered.
    pub fn add(&self, isa: Isa, convolved: &[Line], hidden: &mut [Line]) {
        flat_mut(hidden).iter_mut().zip(flat(convolved)).for_each(|(x, y)| *x += y);
        isa.layer_norm(hidden, &self.norm);
    }
}
