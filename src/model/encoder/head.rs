//! From the last block's rows to logits: which rows, the layer before the last one, the last one.

use super::{
    Scratch,
    linear::{Layer, norm},
};
use crate::model::{
    LoadError,
    config::{HeadKind, ModelConfig},
    kernels::{Activation, Epilogue, Isa, LayerNorm, Line, Panels, flat, flat_mut},
    names::Names,
    weights::Weights,
};

/// A head's weights, f32 in any precision.
pub struct Head {
    pooling: Pooling,
    pool: Option<(Panels, Activation)>,
    norm: Option<LayerNorm>,
    classifier: Panels,
    labels: usize,
}

/// What is classified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pooling {
    Each,
    First,
    Mean,
}

impl Head {
    /// Reads and packs it.
    ///
    /// # Errors
    /// A tensor that is missing or doesn't fit the configuration.
    pub fn load(config: &ModelConfig, weights: &Weights) -> Result<Self, LoadError> {
        let names = Names::of(config.architecture);
        let (hidden, labels) = (config.hidden, config.labels.len());
        let (mut pool, mut pool_norm) = (None, None);
        if let Some(asked) = config.pool {
            let layer = Layer::new(weights, names.pool, hidden, hidden, config.biases.pool)?;
            pool = Some((layer.pack_f32(), asked.activation));
            if asked.norm {
                pool_norm = Some(norm(config, weights, names.pool_norm, hidden)?);
            }
        }
        let classifier = Layer::new(weights, names.classifier(config.head), labels, hidden, true);
        let count =
            |e: LoadError| LoadError::new(format!("{e} ({labels} labels by `id2label` or `num_labels`)"));
        let classifier = classifier.map_err(count)?.pack_f32();
        let pooling = match (config.head, config.mean) {
            (HeadKind::Token, _) => Pooling::Each,
            (HeadKind::Sequence, false) => Pooling::First,
            (HeadKind::Sequence, true) => Pooling::Mean,
        };
        Ok(Head { pooling, pool, norm: pool_norm, classifier, labels })
    }

    /// Whether it reads nothing but each sequence's first row.
    pub fn reads_first(&self) -> bool {
        self.pooling == Pooling::First
    }

    /// The logits: a row for each sequence, or for each token. Of a head that reads first rows, `scratch.hidden`
    /// may have those alone.
    pub fn run(&self, isa: Isa, stride: usize, lengths: &[usize], scratch: &mut Scratch) -> Vec<f32> {
        let Scratch { hidden, context, up, .. } = scratch;
        match self.pooling {
            Pooling::Mean => means(hidden, stride, lengths),
            Pooling::First if hidden.len() > lengths.len() * stride => firsts(hidden, stride, lengths),
            Pooling::First | Pooling::Each => {}
        }
        let rows = hidden.len() / stride;
        if let Some((pool, activation)) = &self.pool {
            context.resize(rows * stride, Line::default());
            isa.gemm(hidden, stride, rows, pool, context, Epilogue::Activate(*activation));
            std::mem::swap(hidden, context);
        }
        if let Some(norm) = &self.norm {
            isa.layer_norm(hidden, norm);
        }
        let out_stride = self.classifier.stride();
        up.resize((rows * out_stride).max(up.len()), Line::default());
        isa.gemm(hidden, stride, rows, &self.classifier, up, Epilogue::Store);
        let rows = up[..rows * out_stride].chunks_exact(out_stride);
        rows.flat_map(|row| &flat(row)[..self.labels]).copied().collect()
    }
}

/// Leaves each sequence's first row.
fn firsts(hidden: &mut Vec<Line>, stride: usize, lengths: &[usize]) {
    let mut from = 0;
    for (i, &length) in lengths.iter().enumerate() {
        hidden.copy_within(from * stride..(from + 1) * stride, i * stride);
        from += length;
    }
    hidden.truncate(lengths.len() * stride);
}

/// Replaces each sequence's rows by their mean.
fn means(hidden: &mut Vec<Line>, stride: usize, lengths: &[usize]) {
    let mut from = 0;
    for (i, &length) in lengths.iter().enumerate() {
        let mut sum = vec![Line::default(); stride];
        for row in hidden[from * stride..][..length * stride].chunks_exact(stride) {
            flat_mut(&mut sum).iter_mut().zip(flat(row)).for_each(|(sum, x)| *sum += x);
        }
        flat_mut(&mut sum).iter_mut().for_each(|x| *x /= length as f32);
        hidden[i * stride..][..stride].copy_from_slice(&sum);
        from += length;
    }
    hidden.truncate(lengths.len() * stride);
}
