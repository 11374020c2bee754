//! One transformer block: attention and feed-forward, each with its residual and its norm.

use super::{
    Scratch,
    attention::Attention,
    distances::Distances,
    linear::{Layer, Linear, norm},
};
use crate::model::{
    LoadError,
    config::{ModelConfig, Precision},
    kernels::{Activation, Epilogue, Isa, LayerNorm, Line},
    names::Names,
    weights::Weights,
};

/// A block's weights.
pub struct Block {
    attention: Attention,
    /// None where attention reads what was normed already.
    attention_norm: Option<LayerNorm>,
    up: Linear,
    gate: Option<Linear>,
    down: Linear,
    output_norm: LayerNorm,
    activation: Activation,
    /// Whether the norms are of what is read, or of what is written.
    norm_first: bool,
}

impl Block {
    /// Reads and packs stored block `i`.
    ///
    /// # Errors
    /// A tensor that is missing or doesn't fit the configuration.
    pub fn load(
        config: &ModelConfig,
        weights: &Weights,
        i: usize,
        precision: Precision,
        distances: &Distances,
        isa: Isa,
    ) -> Result<Self, LoadError> {
        let names = Names::of(config.architecture);
        let block = names.block(config, i);
        let (hidden, inner) = (config.hidden, config.intermediate);
        let name = |part: &str| format!("{block}{part}");
        let layer = |part: &str, outputs, inputs| {
            Layer::new(weights, &name(part), outputs, inputs, config.biases.feed_forward)
        };
        // ModernBERT's first block reads what the embeddings' norm has written, and has no norm of its own.
        let is_normed = config.norm_first && i == 0;
        let (up, gate) = if config.norm_first {
            let both = layer(names.up, 2 * inner, hidden)?;
            (both.part(0..inner).pack(precision), Some(both.part(inner..2 * inner).pack(precision)))
        } else {
            (layer(names.up, inner, hidden)?.pack(precision), None)
        };
        Ok(Block {
            attention: Attention::load(config, weights, i, precision, distances, isa)?,
            attention_norm: match is_normed {
                true => None,
                false => Some(norm(config, weights, &name(names.attention_norm), hidden)?),
            },
            up,
            gate,
            down: layer(names.down, hidden, inner)?.pack(precision),
            output_norm: norm(config, weights, &name(names.output_norm), hidden)?,
            activation: config.activation,
            norm_first: config.norm_first,
        })
    }

    /// The block over all rows of `scratch.hidden`; with `first_only`, the last block of a model that reads
    /// nothing but each sequence's first row, which alone is left.
    pub fn run(&self, isa: Isa, lengths: &[usize], first_only: bool, scratch: &mut Scratch) {
        if self.norm_first {
            scratch.take_normed(isa, self.attention_norm.as_ref());
            self.attention.run(isa, true, lengths, first_only, scratch);
            scratch.take_normed(isa, Some(&self.output_norm));
            self.feed_forward(isa, scratch);
        } else {
            self.attention.run(isa, false, lengths, first_only, scratch);
            if let Some(norm) = &self.attention_norm {
                isa.layer_norm(&mut scratch.hidden, norm);
            }
            self.feed_forward(isa, scratch);
            isa.layer_norm(&mut scratch.hidden, &self.output_norm);
        }
    }

    fn feed_forward(&self, isa: Isa, scratch: &mut Scratch) {
        let Scratch { hidden, normed, up, codes, .. } = scratch;
        let stride = self.output_norm.stride();
        let rows = hidden.len() / stride;
        up.resize(rows * self.up.stride(), Line::default());
        let read: &[Line] = if self.norm_first { normed } else { hidden };
        self.up.run(isa, (read, stride, rows), codes, up, Epilogue::Activate(self.activation));
        if let Some(gate) = &self.gate {
            gate.run(isa, (read, stride, rows), codes, up, Epilogue::Multiply);
        }
        self.down.run(isa, (up, self.up.stride(), rows), codes, hidden, Epilogue::Add);
    }
}
