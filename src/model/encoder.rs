//! A BERT encoder with its head over packed sequences: all tokens of a chunk in one run, without padding.
//!
//! It is a Candle custom op from token ids to logits. Rows go through the layers together and meet only in
//! their own sequence's attention, so what a chunk holds besides a sequence never changes its logits.

use std::cell::RefCell;

use candle_core::{CpuStorage, CustomOp1, Layout, Shape};

use super::{
    LoadError,
    config::{HeadKind, ModelConfig},
    kernels::{
        Activation, AttentionShape, Epilogue, Isa, LANES, LayerNorm, Line, Panels, flat, flat_mut, lines,
    },
    weights::Weights,
};

/// One input of the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequence {
    /// Token ids, special ones included; never empty.
    pub ids: Vec<u32>,
    /// A type for each token.
    pub types: Vec<u32>,
}

/// A model ready to run.
pub struct Encoder {
    config: ModelConfig,
    weights: Weights,
    isa: Isa,
    embedding_norm: LayerNorm,
    layers: Vec<Layer>,
    pooler: Option<Panels>,
    classifier: Panels,
}

struct Layer {
    qkv: Panels,
    output: Panels,
    attention_norm: LayerNorm,
    up: Panels,
    down: Panels,
    output_norm: LayerNorm,
}

/// What a run needs besides the weights; kept by each thread from one run to the next.
#[derive(Default)]
struct Scratch {
    hidden: Vec<Line>,
    qkv: Vec<Line>,
    context: Vec<Line>,
    up: Vec<Line>,
    attention: Vec<Line>,
}

impl Encoder {
    /// Packs the weights for the kernels.
    ///
    /// # Errors
    /// A tensor that is missing or doesn't fit the configuration.
    pub fn load(config: ModelConfig, weights: Weights, isa: Isa) -> Result<Self, LoadError> {
        let hidden = config.hidden;
        let embedding_norm = norm(&config, &weights, "embeddings.LayerNorm")?;
        for (table, rows) in tables(&config) {
            weights.matrix(table, &[rows, hidden])?;
        }
        let layers =
            (0..config.layers).map(|i| Layer::load(&config, &weights, i)).collect::<Result<_, _>>()?;
        let pooler = match config.head {
            HeadKind::Sequence => Some(dense(&weights, "pooler.dense", hidden, hidden)?),
            HeadKind::Token => None,
        };
        let classifier = dense(&weights, "classifier", config.labels.len(), hidden)?;
        Ok(Encoder { config, weights, isa, embedding_norm, layers, pooler, classifier })
    }

    /// What the model is.
    pub fn config(&self) -> &ModelConfig {
        &self.config
    }

    /// The logits of every sequence: `[rows, labels]`, one row for a sequence head, one for each token for a
    /// token head.
    fn logits(&self, ids: &[u32], types: &[u32], lengths: &[usize], scratch: &mut Scratch) -> Vec<f32> {
        self.embed(ids, types, lengths, &mut scratch.hidden);
        for (i, layer) in self.layers.iter().enumerate() {
            let first_only = self.config.head == HeadKind::Sequence && i + 1 == self.layers.len();
            layer.run(self, lengths, first_only, scratch);
        }
        let stride = self.embedding_norm.stride();
        let rows = scratch.hidden.len() / stride;
        if let Some(pooler) = &self.pooler {
            scratch.context.resize(rows * stride, Line::default());
            let tanh = Epilogue::Activate(Activation::Tanh);
            self.isa.gemm(&scratch.hidden, stride, rows, pooler, &mut scratch.context, tanh);
            std::mem::swap(&mut scratch.hidden, &mut scratch.context);
        }
        let out_stride = self.classifier.stride();
        scratch.up.resize((rows * out_stride).max(scratch.up.len()), Line::default());
        self.isa.gemm(&scratch.hidden, stride, rows, &self.classifier, &mut scratch.up, Epilogue::Store);
        let labels = self.config.labels.len();
        let rows = scratch.up[..rows * out_stride].chunks_exact(out_stride);
        rows.flat_map(|row| &flat(row)[..labels]).copied().collect()
    }

    fn embed(&self, ids: &[u32], types: &[u32], lengths: &[usize], hidden: &mut Vec<Line>) {
        let (width, stride) = (self.config.hidden, self.embedding_norm.stride());
        // Shapes were checked at load, and a mapped file can't lose tensors.
        let [words, positions, kinds] = tables(&self.config)
            .map(|(name, rows)| self.weights.matrix(name, &[rows, width]).expect("checked at load"));
        hidden.clear();
        hidden.resize(ids.len() * stride, Line::default());
        let mut part = vec![0.0; width];
        let places = lengths.iter().flat_map(|&length| 0..length);
        for (((row, &id), &kind), place) in hidden.chunks_exact_mut(stride).zip(ids).zip(types).zip(places) {
            let row = &mut flat_mut(row)[..width];
            words.row(id as usize, row);
            for (table, i) in [(&kinds, kind as usize), (&positions, place)] {
                table.row(i, &mut part);
                row.iter_mut().zip(&part).for_each(|(x, y)| *x += y);
            }
        }
        self.isa.layer_norm(hidden, &self.embedding_norm);
    }

    /// Whether every id, type and position of a sequence has a row in the tables.
    fn fits(&self, ids: &[u32], types: &[u32], lengths: &[usize]) -> bool {
        ids.iter().all(|&id| (id as usize) < self.config.vocabulary)
            && types.iter().all(|&kind| (kind as usize) < self.config.types)
            && types.len() == ids.len()
            && lengths.iter().all(|&n| 0 < n && n <= self.config.max_tokens)
            && lengths.iter().sum::<usize>() == ids.len()
    }
}

/// The tables of the embeddings, and their rows.
fn tables(config: &ModelConfig) -> [(&'static str, usize); 3] {
    [
        ("embeddings.word_embeddings.weight", config.vocabulary),
        ("embeddings.position_embeddings.weight", config.positions),
        ("embeddings.token_type_embeddings.weight", config.types),
    ]
}

impl Layer {
    fn load(config: &ModelConfig, weights: &Weights, i: usize) -> Result<Self, LoadError> {
        let name = |part: &str| format!("encoder.layer.{i}.{part}");
        let (hidden, inner) = (config.hidden, config.intermediate);
        Ok(Layer {
            qkv: query_key_value(config, weights, &name("attention.self"))?,
            output: attention_output(config, weights, &name("attention.output.dense"))?,
            attention_norm: norm(config, weights, &name("attention.output.LayerNorm"))?,
            up: dense(weights, &name("intermediate.dense"), inner, hidden)?,
            down: dense(weights, &name("output.dense"), hidden, inner)?,
            output_norm: norm(config, weights, &name("output.LayerNorm"))?,
        })
    }

    /// One block over all rows of `scratch.hidden`; with `first_only`, the last block of a model that reads
    /// nothing but each sequence's first row, which alone is left.
    fn run(&self, encoder: &Encoder, lengths: &[usize], first_only: bool, scratch: &mut Scratch) {
        let Scratch { hidden, qkv, context, up, attention } = scratch;
        let (isa, config) = (encoder.isa, &encoder.config);
        let stride = self.attention_norm.stride();
        let tokens = hidden.len() / stride;
        let context_stride = config.heads * lines(config.hidden / config.heads);
        qkv.resize(tokens * self.qkv.stride(), Line::default());
        context.resize(tokens * context_stride, Line::default());
        isa.gemm(hidden, stride, tokens, &self.qkv, qkv, Epilogue::Store);

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
        isa.gemm(context, context_stride, to, &self.output, hidden, Epilogue::Add);
        isa.layer_norm(hidden, &self.attention_norm);
        up.resize(to * self.up.stride(), Line::default());
        isa.gemm(hidden, stride, to, &self.up, up, Epilogue::Activate(config.activation));
        isa.gemm(up, self.up.stride(), to, &self.down, hidden, Epilogue::Add);
        isa.layer_norm(hidden, &self.output_norm);
    }
}

fn norm(config: &ModelConfig, weights: &Weights, name: &str) -> Result<LayerNorm, LoadError> {
    let weight = weights.vector(&format!("{name}.weight"), config.hidden)?;
    let bias = weights.vector(&format!("{name}.bias"), config.hidden)?;
    Ok(LayerNorm::new(&weight, &bias, config.epsilon))
}

fn dense(weights: &Weights, name: &str, outputs: usize, inputs: usize) -> Result<Panels, LoadError> {
    let weight = weights.matrix(&format!("{name}.weight"), &[outputs, inputs])?;
    let bias = weights.vector(&format!("{name}.bias"), outputs)?;
    Ok(Panels::pack(outputs, inputs, |j, column| {
        weight.row(j, column);
        bias[j]
    }))
}

/// The three projections side by side, each head padded to whole lines, the queries already scaled.
fn query_key_value(config: &ModelConfig, weights: &Weights, name: &str) -> Result<Panels, LoadError> {
    let (hidden, head) = (config.hidden, config.hidden / config.heads);
    let (padded, scale) = (lines(head) * LANES, 1.0 / (head as f32).sqrt());
    let mut parts = Vec::new();
    for part in ["query", "key", "value"] {
        let weight = weights.matrix(&format!("{name}.{part}.weight"), &[hidden, hidden])?;
        parts.push((weight, weights.vector(&format!("{name}.{part}.bias"), hidden)?));
    }
    Ok(Panels::pack(3 * config.heads * padded, hidden, |j, column| {
        let (head_index, d) = (j / padded, j % padded);
        if d >= head {
            return 0.0;
        }
        let (part, row) = (head_index / config.heads, head_index % config.heads * head + d);
        let (weight, bias) = &parts[part];
        weight.row(row, column);
        let scale = if part == 0 { scale } else { 1.0 };
        column.iter_mut().for_each(|x| *x *= scale);
        bias[row] * scale
    }))
}

/// The projection after attention, which reads heads padded to whole lines.
fn attention_output(config: &ModelConfig, weights: &Weights, name: &str) -> Result<Panels, LoadError> {
    let (hidden, head) = (config.hidden, config.hidden / config.heads);
    let padded = lines(head) * LANES;
    let weight = weights.matrix(&format!("{name}.weight"), &[hidden, hidden])?;
    let bias = weights.vector(&format!("{name}.bias"), hidden)?;
    let mut row = vec![0.0; hidden];
    Ok(Panels::pack(hidden, config.heads * padded, |j, column| {
        weight.row(j, &mut row);
        for (to, from) in column.chunks_exact_mut(padded).zip(row.chunks_exact(head)) {
            to[..head].copy_from_slice(from);
        }
        bias[j]
    }))
}

/// The encoder over one chunk, as Candle runs it: a `[tokens]` tensor of u32 ids in, `[rows, labels]` out.
pub struct Forward<'a> {
    /// The model.
    pub encoder: &'a Encoder,
    /// A type for each token.
    pub types: &'a [u32],
    /// Tokens of each sequence, in order; they add up to all.
    pub lengths: &'a [usize],
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

impl CustomOp1 for Forward<'_> {
    fn name(&self) -> &'static str {
        "packed-bert"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> candle_core::Result<(CpuStorage, Shape)> {
        let ids = match (storage, layout.contiguous_offsets()) {
            (CpuStorage::U32(ids), Some((from, to))) => &ids[from..to],
            _ => candle_core::bail!("packed-bert takes a contiguous u32 tensor of ids"),
        };
        if !self.encoder.fits(ids, self.types, self.lengths) {
            candle_core::bail!("packed-bert got ids, types or lengths that the model has no rows for");
        }
        let logits = SCRATCH.with_borrow_mut(|s| self.encoder.logits(ids, self.types, self.lengths, s));
        let labels = self.encoder.config.labels.len();
        let shape = Shape::from((logits.len() / labels, labels));
        Ok((CpuStorage::F32(logits), shape))
    }
}
