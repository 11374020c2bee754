//! A BERT encoder with its head over packed sequences: all tokens of a chunk in one run, without padding.
//!
//! It is a Candle custom op from token ids to logits. Rows go through the layers together and meet only in
//! their own sequence's attention, so what a chunk holds besides a sequence never changes its logits.

use std::cell::RefCell;

use candle_core::{CpuStorage, CustomOp1, Layout, Shape};

use super::{
    LoadError,
    config::{HeadKind, ModelConfig, Precision},
    kernels::{Activation, Epilogue, Isa, LayerNorm, Line, Panels, flat, flat_mut},
    layer::{Layer, Scratch, dense_f32, norm},
    weights::Weights,
};

/// One input of the model.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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

impl Encoder {
    /// Packs the weights for the kernels. Pooler and classifier are f32 in any precision.
    ///
    /// # Errors
    /// A tensor that is missing or doesn't fit the configuration.
    pub fn load(
        config: ModelConfig,
        weights: Weights,
        isa: Isa,
        precision: Precision,
    ) -> Result<Self, LoadError> {
        let hidden = config.hidden;
        let embedding_norm = norm(&config, &weights, "embeddings.LayerNorm")?;
        for (table, rows) in tables(&config) {
            weights.matrix(table, &[rows, hidden])?;
        }
        let layers = (0..config.layers).map(|i| Layer::load(&config, &weights, i, precision));
        let layers = layers.collect::<Result<_, _>>()?;
        let pooler = match config.head {
            HeadKind::Sequence => Some(dense_f32(&weights, "pooler.dense", hidden, hidden)?),
            HeadKind::Token => None,
        };
        let classifier = dense_f32(&weights, "classifier", config.labels.len(), hidden)?;
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
            layer.run(self.isa, &self.config, lengths, first_only, scratch);
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
