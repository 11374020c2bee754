//! One transformer block: attention and feed-forward, each with its residual and its norm.

use super::{
    LoadError,
    config::{ModelConfig, Precision},
    kernels::{AttentionShape, Codes, Epilogue, Isa, LANES, LayerNorm, Line, Panels, lines},
    linear::{Linear, Output, Plan, Runs},
    weights::{Matrix, Weights},
};

/// A block's weights.
pub struct Layer {
    qkv: Linear,
    output: Linear,
    attention_norm: LayerNorm,
    up: Linear,
    down: Linear,
    output_norm: LayerNorm,
}

/// What a run needs besides the weights; kept by each thread from one run to the next.
#[derive(Default)]
pub struct Scratch {
    pub hidden: Vec<Line>,
    pub qkv: Vec<Line>,
    pub context: Vec<Line>,
    pub up: Vec<Line>,
    attention: Vec<Line>,
    codes: Codes,
}

impl Layer {
    /// Reads and packs block `i`.
    ///
    /// # Errors
    /// A tensor that is missing or doesn't fit the configuration.
    pub fn load(
        config: &ModelConfig,
        weights: &Weights,
        i: usize,
        precision: Precision,
    ) -> Result<Self, LoadError> {
        let name = |part: &str| format!("encoder.layer.{i}.{part}");
        let (hidden, inner) = (config.hidden, config.intermediate);
        Ok(Layer {
            qkv: query_key_value(config, weights, &name("attention.self"), precision)?,
            output: attention_output(config, weights, &name("attention.output.dense"), precision)?,
            attention_norm: norm(config, weights, &name("attention.output.LayerNorm"))?,
            up: dense(weights, &name("intermediate.dense"), inner, hidden, precision)?,
            down: dense(weights, &name("output.dense"), hidden, inner, precision)?,
            output_norm: norm(config, weights, &name("output.LayerNorm"))?,
        })
    }

    /// One block over all rows of `scratch.hidden`; with `first_only`, the last block of a model that reads
    /// nothing but each sequence's first row, which alone is left.
    pub fn run(
        &self,
        isa: Isa,
        config: &ModelConfig,
        lengths: &[usize],
        first_only: bool,
        scratch: &mut Scratch,
    ) {
        let Scratch { hidden, qkv, context, up, attention, codes } = scratch;
        let stride = self.attention_norm.stride();
        let tokens = hidden.len() / stride;
        let context_stride = config.heads * lines(config.hidden / config.heads);
        qkv.resize(tokens * self.qkv.stride(), Line::default());
        context.resize(tokens * context_stride, Line::default());
        self.qkv.run(isa, (hidden, stride, tokens), codes, qkv, Epilogue::Store);

        let (mut from, mut to) = (0, 0);
        for &length in lengths {
            let shape = AttentionShape {
                tokens: length,
                heads: config.heads,
                head: config.hidden / config.heads,
                qkv_stride: self.qkv.stride(),
                context_stride,
            };
            let queries = if first_only { 1 } else { length };
            let rows = &qkv[from * shape.qkv_stride..][..length * shape.qkv_stride];
            isa.attention(rows, shape, queries, &mut context[to * context_stride..], attention);
            if first_only {
                hidden.copy_within(from * stride..(from + 1) * stride, to * stride);
            }
            (from, to) = (from + length, to + queries);
        }

        hidden.truncate(to * stride);
        self.output.run(isa, (context, context_stride, to), codes, hidden, Epilogue::Add);
        isa.layer_norm(hidden, &self.attention_norm);
        up.resize(to * self.up.stride(), Line::default());
        self.up.run(isa, (hidden, stride, to), codes, up, Epilogue::Activate(config.activation));
        self.down.run(isa, (up, self.up.stride(), to), codes, hidden, Epilogue::Add);
        isa.layer_norm(hidden, &self.output_norm);
    }
}

/// A layer norm's parameters.
///
/// # Errors
/// As [`Weights::vector`].
pub fn norm(config: &ModelConfig, weights: &Weights, name: &str) -> Result<LayerNorm, LoadError> {
    let weight = weights.vector(&format!("{name}.weight"), config.hidden)?;
    let bias = weights.vector(&format!("{name}.bias"), config.hidden)?;
    Ok(LayerNorm::new(&weight, &bias, config.epsilon))
}

fn dense(
    weights: &Weights,
    name: &str,
    outputs: usize,
    inputs: usize,
    precision: Precision,
) -> Result<Linear, LoadError> {
    let weight = weights.matrix(&format!("{name}.weight"), &[outputs, inputs])?;
    let bias = weights.vector(&format!("{name}.bias"), outputs)?;
    let output = |row| Some(Output { weight: &weight, row, bias: bias[row], factor: 1.0 });
    Ok(Plan { outputs, inputs, runs: Runs::whole(inputs), output }.pack(precision))
}

/// A layer outside the blocks, which is f32 in any precision.
///
/// # Errors
/// As [`Weights::matrix`].
pub fn dense_f32(weights: &Weights, name: &str, outputs: usize, inputs: usize) -> Result<Panels, LoadError> {
    let weight = weights.matrix(&format!("{name}.weight"), &[outputs, inputs])?;
    let bias = weights.vector(&format!("{name}.bias"), outputs)?;
    let output = |row| Some(Output { weight: &weight, row, bias: bias[row], factor: 1.0 });
    Ok(Plan { outputs, inputs, runs: Runs::whole(inputs), output }.pack_f32())
}

/// The three projections side by side, each head padded to whole lines, the queries already scaled.
fn query_key_value(
    config: &ModelConfig,
    weights: &Weights,
    name: &str,
    precision: Precision,
) -> Result<Linear, LoadError> {
    let (hidden, head) = (config.hidden, config.hidden / config.heads);
    let (padded, scale) = (lines(head) * LANES, 1.0 / (head as f32).sqrt());
    let mut parts: Vec<(Matrix<'_>, Vec<f32>)> = Vec::new();
    for part in ["query", "key", "value"] {
        let weight = weights.matrix(&format!("{name}.{part}.weight"), &[hidden, hidden])?;
        parts.push((weight, weights.vector(&format!("{name}.{part}.bias"), hidden)?));
    }
    let output = |j: usize| {
        let (head_index, d) = (j / padded, j % padded);
        let (part, row) = (head_index / config.heads, head_index % config.heads * head + d);
        let (weight, bias) = &parts[part];
        let factor = if part == 0 { scale } else { 1.0 };
        (d < head).then(|| Output { weight, row, bias: bias[row], factor })
    };
    let outputs = 3 * config.heads * padded;
    Ok(Plan { outputs, inputs: hidden, runs: Runs::whole(hidden), output }.pack(precision))
}

/// The projection after attention, which reads heads padded to whole lines.
fn attention_output(
    config: &ModelConfig,
    weights: &Weights,
    name: &str,
    precision: Precision,
) -> Result<Linear, LoadError> {
    let (hidden, head) = (config.hidden, config.hidden / config.heads);
    let runs = Runs { floats: head, padded: lines(head) * LANES };
    let weight = weights.matrix(&format!("{name}.weight"), &[hidden, hidden])?;
    let bias = weights.vector(&format!("{name}.bias"), hidden)?;
    let output = |row| Some(Output { weight: &weight, row, bias: bias[row], factor: 1.0 });
    Ok(Plan { outputs: hidden, inputs: config.heads * runs.padded, runs, output }.pack(precision))
}
