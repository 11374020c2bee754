//! BERT's relative positions: queries, and keys where asked for, go with vectors of distances as DeBERTa's do. Each
//! block has its own table of them, as wide as a head and the same for all heads.

use std::sync::Arc;

use super::{
    attention::query_scale,
    disentangled::{Columns, Disentangled},
};
use crate::model::{
    LoadError,
    config::{self, ModelConfig},
    kernels::Panels,
    names::Names,
    weights::Weights,
};

/// What all blocks share: which vector is a distance's.
pub struct Relative {
    how: config::Relative,
    column: Arc<Columns>,
}

impl Relative {
    /// The first vector is that of a key as far after its query as can be.
    pub fn new(config: &ModelConfig, how: config::Relative) -> Self {
        let farthest = how.rows as i64 - 1;
        Relative { how, column: Arc::new(Columns::new(config.max_tokens, |distance| farthest - distance)) }
    }

    /// Reads the table of stored block `i`.
    ///
    /// # Errors
    /// A tensor that is missing or doesn't fit the configuration.
    pub fn of_block(
        &self,
        config: &ModelConfig,
        weights: &Weights,
        i: usize,
    ) -> Result<Disentangled, LoadError> {
        let names = Names::of(config.architecture);
        let name = format!("{}{}.weight", names.block(config, i), names.block_distances);
        let (count, head) = (2 * self.how.rows - 1, config.hidden / config.heads);
        let table = weights.matrix(&name, &[count, head])?;
        let vectors = |factor: f32| {
            let vector = |j: usize, column: &mut [f32]| {
                table.row(j, column);
                column.iter_mut().for_each(|x| *x *= factor);
                0.0
            };
            vec![Panels::pack(count, head, vector)]
        };
        let scale = if self.how.divided { query_scale(config) } else { 1.0 };
        Ok(Disentangled {
            // A query is scaled already; a key is not.
            for_queries: Some(vectors(scale / query_scale(config))),
            for_keys: self.how.keys.then(|| vectors(scale)),
            column: self.column.clone(),
        })
    }
}
