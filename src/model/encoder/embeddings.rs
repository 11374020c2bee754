//! Token ids → rows of floats: the sum of the tables' rows, its norm, and a projection where the tables are
//! narrower than the blocks.

use super::{
    Scratch,
    linear::{Layer, norm},
};
use crate::model::{
    LoadError,
    config::{ModelConfig, Positions, Projection},
    kernels::{Epilogue, Isa, LayerNorm, Line, Panels, flat_mut, stride},
    names::Names,
    weights::{Matrix, Weights},
};

/// What embeddings need besides the tables, which stay in the mapped file.
pub struct Embeddings {
    norm: LayerNorm,
    projection: Option<Panels>,
}

/// A table's rows, of which each token has one.
struct Table {
    name: &'static str,
    rows: usize,
}

impl Embeddings {
    /// Reads the norm and the projection, and checks that the tables are there.
    ///
    /// # Errors
    /// A tensor that is missing or doesn't fit the configuration.
    pub fn load(config: &ModelConfig, weights: &Weights) -> Result<Self, LoadError> {
        let names = Names::of(config.architecture);
        for table in tables(config).into_iter().flatten() {
            table.find(config, weights)?;
        }
        let project = |has_bias| {
            let layer = Layer::new(weights, names.projection, config.hidden, config.embedding, has_bias)?;
            Ok(Some(layer.pack_f32()))
        };
        let (projection, width) = match config.projection {
            Projection::None => (None, config.hidden),
            Projection::BeforeNorm => (project(false)?, config.hidden),
            Projection::AfterNorm => (project(true)?, config.embedding),
        };
        Ok(Embeddings { norm: norm(config, weights, names.embedding_norm, width)?, projection })
    }

    /// Fills `scratch.hidden`. Ids, types and lengths are such that the tables have rows for them.
    pub fn run(
        &self,
        isa: Isa,
        config: &ModelConfig,
        weights: &Weights,
        (ids, types, lengths): (&[u32], &[u32], &[usize]),
        scratch: &mut Scratch,
    ) {
        let Scratch { hidden, context, .. } = scratch;
        let row_stride = stride(config.embedding);
        hidden.clear();
        hidden.resize(ids.len() * row_stride, Line::default());
        let places = places(config.positions, ids, lengths);
        let words: Vec<usize> = ids.iter().map(|&id| id as usize).collect();
        let types: Vec<usize> = types.iter().map(|&kind| kind as usize).collect();
        let mut part = vec![0.0; config.embedding];
        for (table, rows) in tables(config).into_iter().zip([&words, &types, &places]) {
            let Some(table) = table else { continue };
            let table =
                table.find(config, weights).expect("checked at load, and a mapped file loses nothing");
            for (row, &i) in hidden.chunks_exact_mut(row_stride).zip(rows) {
                table.row(i, &mut part);
                flat_mut(row).iter_mut().zip(&part).for_each(|(x, y)| *x += y);
            }
        }
        if config.projection != Projection::BeforeNorm {
            isa.layer_norm(hidden, &self.norm);
        }
        if let Some(projection) = &self.projection {
            context.resize(ids.len() * projection.stride(), Line::default());
            isa.gemm(hidden, row_stride, ids.len(), projection, context, Epilogue::Store);
            std::mem::swap(hidden, context);
        }
        if config.projection == Projection::BeforeNorm {
            isa.layer_norm(hidden, &self.norm);
        }
    }
}

/// The tables of words, types and positions.
fn tables(config: &ModelConfig) -> [Option<Table>; 3] {
    let names = Names::of(config.architecture);
    let types = (config.types > 0).then_some(Table { name: names.types, rows: config.types });
    let positions = match config.positions {
        Positions::None => None,
        Positions::FromZero { rows } | Positions::AfterPadding { rows, .. } => {
            Some(Table { name: names.positions, rows })
        }
    };
    [Some(Table { name: names.words, rows: config.vocabulary }), types, positions]
}

impl Table {
    fn find<'a>(&self, config: &ModelConfig, weights: &'a Weights) -> Result<Matrix<'a>, LoadError> {
        weights.matrix(&format!("{}.weight", self.name), &[self.rows, config.embedding])
    }
}

/// The row of the position table for each token.
fn places(positions: Positions, ids: &[u32], lengths: &[usize]) -> Vec<usize> {
    let Positions::AfterPadding { padding, .. } = positions else {
        return lengths.iter().flat_map(|&length| 0..length).collect();
    };
    let mut places = Vec::with_capacity(ids.len());
    let mut ids = ids.iter();
    for &length in lengths {
        let mut place = padding as usize;
        for &id in ids.by_ref().take(length) {
            // A text can name the padding token; transformers doesn't count it then, and neither must this.
            place += usize::from(id != padding);
            places.push(if id == padding { padding as usize } else { place });
        }
    }
    places
}
