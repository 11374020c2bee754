//! An encoder with its head over packed sequences: all tokens of a chunk in one run, without padding.
//!
//! It is a Candle custom op from token ids to logits. Rows go through the layers together and meet only in
//! their own sequence's attention, so what a chunk holds besides a sequence never changes its logits.

mod attention;
mod block;
mod convolution;
mod disentangled;
mod distances;
mod embeddings;
mod head;
mod linear;
mod relative;

use std::cell::RefCell;

use candle_core::{CpuStorage, CustomOp1, Layout, Shape};

use super::{
    LoadError,
    config::{ModelConfig, Precision},
    kernels::{Codes, Isa, LayerNorm, Line, stride},
    names::Names,
    weights::Weights,
};
use block::Block;
use convolution::Convolution;
use distances::{DistanceScratch, Distances};
use embeddings::Embeddings;
use head::Head;

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
    embeddings: Embeddings,
    convolution: Option<Convolution>,
    /// The blocks as they are stored, and in which order they run.
    blocks: Vec<Block>,
    order: Vec<usize>,
    last_norm: Option<LayerNorm>,
    head: Head,
}

/// What a run needs besides the weights; kept by each thread from one run to the next.
#[derive(Default)]
struct Scratch {
    /// A row for each token, from block to block.
    hidden: Vec<Line>,
    /// The same rows normed, where blocks norm what they read.
    normed: Vec<Line>,
    qkv: Vec<Line>,
    context: Vec<Line>,
    up: Vec<Line>,
    attention: Vec<Line>,
    codes: Codes,
    distance: DistanceScratch,
}

impl Scratch {
    /// Copies the rows, and norms the copy.
    fn take_normed(&mut self, isa: Isa, norm: Option<&LayerNorm>) {
        self.normed.clear();
        self.normed.extend_from_slice(&self.hidden);
        if let Some(norm) = norm {
            isa.layer_norm(&mut self.normed, norm);
        }
    }
}

impl Encoder {
    /// Packs the weights for the kernels. What lies outside the blocks is f32 in any precision.
    ///
    /// # Errors
    /// A tensor that is missing or doesn't fit the configuration.
    pub fn load(
        config: ModelConfig,
        weights: Weights,
        isa: Isa,
        precision: Precision,
    ) -> Result<Self, LoadError> {
        // First, since it holds the sizes in config.json to those of real tables.
        let embeddings = Embeddings::load(&config, &weights)?;
        let distances = Distances::load(&config, &weights, isa)?;
        let order = order(&config);
        let load = |i| Block::load(&config, &weights, i, precision, &distances, isa);
        let blocks = (0..stored_blocks(&config)).map(load).collect::<Result<_, _>>()?;
        let last_norm = match config.norm_first {
            true => {
                let name = Names::of(config.architecture).last_norm;
                Some(linear::norm(&config, &weights, name, config.hidden)?)
            }
            false => None,
        };
        let convolution = config.convolution.map(|how| Convolution::load(&config, how, &weights));
        Ok(Encoder {
            embeddings,
            convolution: convolution.transpose()?,
            blocks,
            order,
            last_norm,
            head: Head::load(&config, &weights)?,
            config,
            weights,
            isa,
        })
    }

    /// What the model is.
    pub fn config(&self) -> &ModelConfig {
        &self.config
    }

    /// The logits of every sequence: `[rows, labels]`, one row for a sequence head, one for each token for a
    /// token head.
    fn logits(&self, ids: &[u32], types: &[u32], lengths: &[usize], scratch: &mut Scratch) -> Vec<f32> {
        let isa = self.isa;
        self.embeddings.run(isa, &self.config, &self.weights, (ids, types, lengths), scratch);
        let mut convolved = self.convolution.as_ref().map(|c| c.run(isa, lengths, &scratch.hidden));
        for (i, &block) in self.order.iter().enumerate() {
            let is_last = i + 1 == self.order.len();
            // The convolution has answered for every row.
            let first_only = self.head.reads_first() && is_last && convolved.is_none();
            self.blocks[block].run(isa, lengths, first_only, scratch);
            if let (Some(convolution), Some(convolved)) = (&self.convolution, convolved.take()) {
                convolution.add(isa, &convolved, &mut scratch.hidden);
            }
        }
        if let Some(norm) = &self.last_norm {
            isa.layer_norm(&mut scratch.hidden, norm);
        }
        self.head.run(isa, stride(self.config.hidden), lengths, scratch)
    }

    /// Whether every id, type and position of a sequence has a row in the tables.
    fn fits(&self, ids: &[u32], types: &[u32], lengths: &[usize]) -> bool {
        ids.iter().all(|&id| (id as usize) < self.config.vocabulary)
            && (self.config.types == 0 || types.iter().all(|&kind| (kind as usize) < self.config.types))
            && types.len() == ids.len()
            && lengths.iter().all(|&n| 0 < n && n <= self.config.max_tokens)
            && lengths.iter().sum::<usize>() == ids.len()
    }
}

/// Refuses a model whose blocks have a linear layer in floats among those in int8: they all run in one precision,
/// and this one was kept in floats because rounding it costs too much.
///
/// # Errors
/// The tensor, and what to do.
pub(super) fn stored_as_int8(config: &ModelConfig, weights: &Weights) -> Result<(), LoadError> {
    let names = Names::of(config.architecture);
    let mut linear = (0..stored_blocks(config)).flat_map(|i| names.linear(config, i));
    linear.try_for_each(|name| weights.check_int8(&name))
}

/// How many blocks there are, however often each runs.
fn stored_blocks(config: &ModelConfig) -> usize {
    order(config).into_iter().max().map_or(0, |last| last + 1)
}

/// The stored block of each run.
fn order(config: &ModelConfig) -> Vec<usize> {
    let Some(sharing) = config.sharing else { return (0..config.layers).collect() };
    // As transformers divides: in floats.
    let runs = config.layers as f64 / sharing.groups as f64;
    let group = |i: usize| ((i as f64 / runs) as usize).min(sharing.groups - 1);
    (0..config.layers).flat_map(|i| group(i) * sharing.blocks..(group(i) + 1) * sharing.blocks).collect()
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
        "packed-encoder"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> candle_core::Result<(CpuStorage, Shape)> {
        let ids = match (storage, layout.contiguous_offsets()) {
            (CpuStorage::U32(ids), Some((from, to))) => &ids[from..to],
            _ => candle_core::bail!("packed-encoder takes a contiguous u32 tensor of ids"),
        };
        if !self.encoder.fits(ids, self.types, self.lengths) {
            candle_core::bail!(
                "packed-encoder got ids, types or lengths that the model has no rows for: is tokenizer.json this model's?"
            );
        }
        let logits = SCRATCH.with_borrow_mut(|s| self.encoder.logits(ids, self.types, self.lengths, s));
        let labels = self.encoder.config.labels.len();
        let shape = Shape::from((logits.len() / labels, labels));
        Ok((CpuStorage::F32(logits), shape))
    }
}
