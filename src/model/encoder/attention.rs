//! A block's attention: its projections, what it knows of distances, and the scores' kernel.

use super::{
    Scratch,
    distances::{Distance, Distances},
    linear::{Layer, Linear, Output, Plan, Runs},
};
use crate::model::{
    LoadError,
    config::{ModelConfig, Precision},
    kernels::{AttentionShape, Epilogue, Isa, LANES, Line, lines},
    names::{Names, Projections},
    weights::Weights,
};

/// The weights of one block's attention.
pub struct Attention {
    qkv: Linear,
    output: Linear,
    distance: Distance,
    heads: usize,
    /// Floats of a head.
    head: usize,
    /// Lines of a row of hidden floats.
    stride: usize,
}

impl Attention {
    /// Reads and packs that of stored block `i`.
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
        let name = |part: &str| format!("{}{part}", names.block(config, i));
        let hidden = config.hidden;
        let layer =
            |part: &str, outputs| Layer::new(weights, &name(part), outputs, hidden, config.biases.attention);
        let [query, key, value] = match &names.projections {
            Projections::Separate([query, key, value]) => {
                [layer(query, hidden)?, layer(key, hidden)?, layer(value, hidden)?]
            }
            Projections::Joined(all) => {
                let all = layer(all, 3 * hidden)?;
                [0, 1, 2].map(|i| all.part(i * hidden..(i + 1) * hidden))
            }
        };
        let qkv = project(config, &[query.times(query_scale(config)), key, value], precision);
        let distance = distances.of_block(config, weights, i, isa)?;
        let output = merge(config, &layer(names.attention_output, hidden)?, precision);
        let stride = output.stride();
        Ok(Attention { qkv, output, distance, heads: config.heads, head: hidden / config.heads, stride })
    }

    /// Adds what attention answers to `scratch.hidden`, of which it has read either the rows themselves or those
    /// in `scratch.normed`. With `first_only` each sequence's first row alone is left.
    pub fn run(
        &self,
        isa: Isa,
        reads_normed: bool,
        lengths: &[usize],
        first_only: bool,
        scratch: &mut Scratch,
    ) {
        let Scratch { hidden, normed, qkv, context, attention, codes, distance, .. } = scratch;
        let stride = self.stride;
        let tokens = hidden.len() / stride;
        let (qkv_stride, context_stride) = (self.qkv.stride(), self.heads * lines(self.head));
        qkv.resize(tokens * qkv_stride, Line::default());
        context.resize(tokens * context_stride, Line::default());
        let read: &[Line] = if reads_normed { normed } else { hidden };
        self.qkv.run(isa, (read, stride, tokens), codes, qkv, Epilogue::Store);

        let (mut from, mut to) = (0, 0);
        for &length in lengths {
            let shape = AttentionShape {
                tokens: length,
                heads: self.heads,
                head: self.head,
                qkv_stride,
                context_stride,
            };
            let queries = if first_only { 1 } else { length };
            let rows = &mut qkv[from * qkv_stride..][..length * qkv_stride];
            let bias = self.distance.prepare(isa, rows, shape, queries, distance);
            isa.attention(rows, shape, bias, queries, &mut context[to * context_stride..], attention);
            if first_only {
                hidden.copy_within(from * stride..(from + 1) * stride, to * stride);
            }
            (from, to) = (from + length, to + queries);
        }

        hidden.truncate(to * stride);
        self.output.run(isa, (context, context_stride, to), codes, hidden, Epilogue::Add);
    }
}

/// What queries are multiplied with at load, so that scores need no scaling.
pub fn query_scale(config: &ModelConfig) -> f32 {
    let head = config.hidden / config.heads;
    1.0 / ((head * config.score_parts) as f32).sqrt()
}

/// Projections side by side, each head padded to whole lines.
pub fn project(config: &ModelConfig, parts: &[Layer<'_>], precision: Precision) -> Linear {
    let head = config.hidden / config.heads;
    let padded = lines(head) * LANES;
    let output = |j: usize| {
        let (head_index, d) = (j / padded, j % padded);
        let (part, row) = (head_index / config.heads, head_index % config.heads * head + d);
        (d < head).then(|| parts[part].output(row))
    };
    let outputs = parts.len() * config.heads * padded;
    Plan { outputs, inputs: config.hidden, runs: Runs::whole(config.hidden), output }.pack(precision)
}

/// The projection after attention, which reads heads padded to whole lines.
fn merge(config: &ModelConfig, layer: &Layer<'_>, precision: Precision) -> Linear {
    let (hidden, head) = (config.hidden, config.hidden / config.heads);
    let runs = Runs { floats: head, padded: lines(head) * LANES };
    let output = |row| -> Option<Output<'_>> { Some(layer.output(row)) };
    Plan { outputs: hidden, inputs: config.heads * runs.padded, runs, output }.pack(precision)
}
