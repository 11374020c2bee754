//! DeBERTa's attention to distances: how each query goes with the vector of a distance, and each key.
//!
//! Vectors of distances are the same for every text, so their projections are worked out once, at load. Those of
//! `relative` need none, and go through the same scores.

use std::sync::Arc;

use super::{
    attention::{project, query_scale},
    distances::{DistanceScratch, distances},
    linear::{Layer, norm},
};
use crate::model::{
    LoadError,
    config::{self, ModelConfig, Precision},
    kernels::{AttentionShape, Epilogue, Isa, LANES, Line, Panels, ScoreBias, flat, flat_mut, lines, stride},
    names::{DISTANCE_KEY, DISTANCE_NORM, DISTANCE_QUERY, Names, Projections},
    weights::Weights,
};

/// The vectors of distances, before a block projects them, and which vector is a distance's.
pub struct Vectors {
    how: config::Disentangled,
    rows: Vec<Line>,
    count: usize,
    column: Arc<Columns>,
}

/// For each distance `key - query`, in ascending order, the vector of it.
pub struct Columns {
    of_distance: Vec<u32>,
    reach: usize,
}

/// A block's: the vectors that its queries and its keys go with, one set for each head or one that all heads share.
pub struct Disentangled {
    pub for_queries: Option<Vec<Panels>>,
    pub for_keys: Option<Vec<Panels>>,
    pub column: Arc<Columns>,
}

impl Vectors {
    /// Reads the table of distances.
    ///
    /// # Errors
    /// A tensor that is missing or doesn't fit the configuration.
    pub fn load(
        config: &ModelConfig,
        how: config::Disentangled,
        weights: &Weights,
        isa: Isa,
    ) -> Result<Self, LoadError> {
        let (count, hidden) = (2 * how.span(), config.hidden);
        let name = format!("{}.weight", Names::of(config.architecture).distances);
        let table = weights.matrix(&name, &[count, hidden])?;
        let mut rows = vec![Line::default(); count * stride(hidden)];
        for (i, row) in rows.chunks_exact_mut(stride(hidden)).enumerate() {
            table.row(i, &mut flat_mut(row)[..hidden]);
        }
        if how.norm {
            isa.layer_norm(&mut rows, &norm(config, weights, DISTANCE_NORM, hidden)?);
        }
        let span = how.span() as i64;
        let column = |distance: i64| (span - bucket(distance, how)).clamp(0, 2 * span - 1);
        let column = Arc::new(Columns::new(config.max_tokens, column));
        Ok(Vectors { how, rows, count, column })
    }
}

/// The bucket of a distance, in which far ones are alike; a distance is its own where there are no buckets.
fn bucket(distance: i64, how: config::Disentangled) -> i64 {
    let Some(buckets) = how.buckets else { return distance };
    let middle = (buckets / 2) as i64;
    let n = distance.abs();
    if n <= middle {
        return distance;
    }
    // In f32, as PyTorch does it: where the true value is a whole number, the rounding decides.
    let farthest = ((how.reach - 1) as f64 / middle as f64) as f32;
    let wider = (n as f32 / middle as f32).ln() / farthest.ln() * (middle - 1) as f32;
    distance.signum() * (wider.ceil() as i64 + middle)
}

impl Disentangled {
    /// Projects the vectors as stored block `i` does.
    ///
    /// # Errors
    /// A tensor that is missing or doesn't fit the configuration.
    pub fn load(
        config: &ModelConfig,
        weights: &Weights,
        i: usize,
        vectors: &Vectors,
        isa: Isa,
    ) -> Result<Self, LoadError> {
        let names = Names::of(config.architecture);
        let how = vectors.how;
        let (query, key) = match (how.shared, &names.projections) {
            (true, Projections::Separate([query, key, _])) => (*query, *key),
            (true, Projections::Joined(_)) => unreachable!("no architecture with such distances joins them"),
            (false, _) => (DISTANCE_QUERY, DISTANCE_KEY),
        };
        let load = |asked: bool, name: &str, factor: f32| -> Result<Option<Vec<Panels>>, LoadError> {
            if !asked {
                return Ok(None);
            }
            let name = format!("{}{name}", names.block(config, i));
            let layer = Layer::new(weights, &name, config.hidden, config.hidden, true)?;
            Ok(Some(vectors.project(config, layer.times(factor), isa)))
        };
        Ok(Disentangled {
            // A query is scaled already; a key is not.
            for_queries: load(how.content_to_position, key, 1.0)?,
            for_keys: load(how.position_to_content, query, query_scale(config))?,
            column: vectors.column.clone(),
        })
    }

    /// What is added to the scores of one sequence; None where neither queries nor keys are asked.
    pub fn scores<'a>(
        &self,
        isa: Isa,
        qkv: &[Line],
        shape: AttentionShape,
        queries: usize,
        scratch: &'a mut DistanceScratch,
    ) -> Option<ScoreBias<'a>> {
        let AttentionShape { tokens, heads, head, qkv_stride, .. } = shape;
        let DistanceScratch { products, scores } = scratch;
        let width = lines(head);
        scores.clear();
        scores.resize(heads * queries * tokens, 0.0);
        for (h, scores) in scores.chunks_exact_mut(queries * tokens).enumerate() {
            if let Some(vectors) = self.for_queries.as_ref().map(|heads| &heads[h % heads.len()]) {
                let stride = vectors.stride() * LANES;
                products.resize((queries * vectors.stride()).max(products.len()), Line::default());
                isa.gemm(&qkv[h * width..], qkv_stride, queries, vectors, products, Epilogue::Store);
                let products = flat(products).chunks_exact(stride);
                for (query, (scores, products)) in scores.chunks_exact_mut(tokens).zip(products).enumerate() {
                    let columns = self.column.from(query, tokens);
                    scores.iter_mut().zip(columns).for_each(|(score, &c)| *score += products[c as usize]);
                }
            }
            if let Some(vectors) = self.for_keys.as_ref().map(|heads| &heads[h % heads.len()]) {
                let stride = vectors.stride() * LANES;
                products.resize((tokens * vectors.stride()).max(products.len()), Line::default());
                let keys = &qkv[(heads + h) * width..];
                isa.gemm(keys, qkv_stride, tokens, vectors, products, Epilogue::Store);
                let products = flat(products);
                for (query, scores) in scores.chunks_exact_mut(tokens).enumerate() {
                    let columns = self.column.from(query, tokens).iter().enumerate();
                    scores
                        .iter_mut()
                        .zip(columns)
                        .for_each(|(score, (key, &c))| *score += products[key * stride + c as usize]);
                }
            }
        }
        let asked = self.for_queries.is_some() || self.for_keys.is_some();
        let (head, query) = (queries * tokens, tokens as isize);
        asked.then_some(ScoreBias { values: scores, first: 0, head, query })
    }
}

impl Columns {
    /// Which vector is that of a distance in inputs of up to `reach` tokens.
    pub fn new(reach: usize, column: impl Fn(i64) -> i64) -> Self {
        Columns { of_distance: distances(reach).map(|distance| column(distance) as u32).collect(), reach }
    }

    /// Of the distances from a query to so many keys.
    fn from(&self, query: usize, keys: usize) -> &[u32] {
        &self.of_distance[self.reach - 1 - query..][..keys]
    }
}

impl Vectors {
    /// The vectors by a layer, for each head as weights of a product.
    fn project(&self, config: &ModelConfig, layer: Layer<'_>, isa: Isa) -> Vec<Panels> {
        let head = config.hidden / config.heads;
        let layer = project(config, &[layer], Precision::F32);
        let stride = self.rows.len() / self.count;
        let mut projected = vec![Line::default(); self.count * layer.stride()];
        let input = (self.rows.as_slice(), stride, self.count);
        layer.run(isa, input, &mut Default::default(), &mut projected, Epilogue::Store);
        let rows: Vec<&[f32]> = projected.chunks_exact(layer.stride()).map(flat).collect();
        let of_head = |h: usize| {
            let at = h * lines(head) * LANES;
            Panels::pack(self.count, head, |j, column| {
                column.copy_from_slice(&rows[j][at..at + head]);
                0.0
            })
        };
        (0..config.heads).map(of_head).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::bucket;
    use crate::model::config::Disentangled;

    /// The distances from which on PyTorch has another bucket, for 32 of them and a reach of 512.
    const BEGINS: [i64; 16] = [17, 21, 26, 32, 41, 51, 64, 81, 102, 128, 162, 203, 256, 322, 406, 512];

    #[test]
    fn buckets_begin_where_pytorchs_do() {
        let how = |buckets, reach| Disentangled {
            content_to_position: true,
            position_to_content: true,
            shared: true,
            norm: true,
            reach,
            buckets,
        };
        let begins =
            |how| (17..600).filter(move |&d| bucket(d, how) != bucket(d - 1, how)).collect::<Vec<_>>();
        assert_eq!(begins(how(Some(32), 512)), BEGINS);
        // As deberta-v3 has them.
        let wide = begins(how(Some(256), 512));
        assert_eq!(wide.iter().filter(|d| **d > 128).count(), 142);
        assert!([194, 198, 241, 390, 512, 596].iter().all(|d| wide.contains(d)), "{wide:?}");
        assert_eq!([-600, -3, 0, 3, 600].map(|d| bucket(d, how(Some(32), 512))), [-32, -3, 0, 3, 32]);
        assert_eq!([-600, 7].map(|d| bucket(d, how(None, 24))), [-600, 7]);
    }
}
