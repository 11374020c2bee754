//! What attention knows of the distance between two tokens, beyond what their embeddings tell.
//!
//! The order of operations is fixed and without fused ones, as in the kernels: the same bits everywhere.

use std::{collections::HashMap, sync::Arc};

use super::{
    disentangled::{Disentangled, Vectors},
    relative::Relative,
};
use crate::model::{
    LoadError,
    config::{self, ModelConfig, Rotary},
    kernels::{AttentionShape, Isa, Line, ScoreBias, flat_mut, lines},
    names::Names,
    weights::Weights,
};

/// What all blocks of a model share of it.
pub enum Distances {
    None,
    Bias(Arc<Bias>),
    Disentangled(Vectors),
    Relative(Relative),
    /// For each block.
    Rotary(Vec<Turned>),
}

/// A block's part of it.
pub enum Distance {
    None,
    Bias(Arc<Bias>),
    Disentangled(Disentangled),
    Rotary(Turned),
}

/// Queries and keys turned by their positions, and how far a query sees.
#[derive(Clone)]
pub struct Turned {
    angles: Arc<Angles>,
    window: Option<Arc<Bias>>,
}

/// What a thread needs for it, kept from one run to the next.
#[derive(Default)]
pub struct DistanceScratch {
    pub products: Vec<Line>,
    pub scores: Vec<f32>,
}

impl Distances {
    /// Reads the shared tables, or works them out.
    ///
    /// # Errors
    /// A tensor that is missing or doesn't fit the configuration.
    pub fn load(config: &ModelConfig, weights: &Weights, isa: Isa) -> Result<Self, LoadError> {
        Ok(match &config.distances {
            config::Distances::None => Distances::None,
            config::Distances::Bias => Distances::Bias(Arc::new(Bias::learnt(config, weights)?)),
            config::Distances::Disentangled(how) => {
                Distances::Disentangled(Vectors::load(config, *how, weights, isa)?)
            }
            config::Distances::Relative(how) => Distances::Relative(Relative::new(config, *how)),
            config::Distances::Rotary(layers) => {
                let (mut angles, mut windows) = (HashMap::new(), HashMap::new());
                let turned = layers.iter().map(|&Rotary { theta, window }| {
                    let new = || Arc::new(Angles::new(theta, config));
                    let angles = angles.entry(theta.to_bits()).or_insert_with(new).clone();
                    let new = |side| Arc::new(Bias::window(side, config.max_tokens));
                    let window = window.map(|side| windows.entry(side).or_insert_with(|| new(side)).clone());
                    Turned { angles, window }
                });
                Distances::Rotary(turned.collect())
            }
        })
    }

    /// Stored block `i`'s.
    ///
    /// # Errors
    /// As [`Distances::load`].
    pub fn of_block(
        &self,
        config: &ModelConfig,
        weights: &Weights,
        i: usize,
        isa: Isa,
    ) -> Result<Distance, LoadError> {
        Ok(match self {
            Distances::None => Distance::None,
            Distances::Bias(bias) => Distance::Bias(bias.clone()),
            Distances::Disentangled(vectors) => {
                Distance::Disentangled(Disentangled::load(config, weights, i, vectors, isa)?)
            }
            Distances::Relative(relative) => Distance::Disentangled(relative.of_block(config, weights, i)?),
            Distances::Rotary(blocks) => Distance::Rotary(blocks[i].clone()),
        })
    }
}

impl Distance {
    /// Turns queries and keys in `qkv`, the rows of one sequence, where positions turn them; answers what is added
    /// to the scores.
    pub fn prepare<'a>(
        &'a self,
        isa: Isa,
        qkv: &mut [Line],
        shape: AttentionShape,
        queries: usize,
        scratch: &'a mut DistanceScratch,
    ) -> Option<ScoreBias<'a>> {
        match self {
            Distance::None => None,
            Distance::Bias(bias) => Some(bias.view()),
            Distance::Disentangled(vectors) => vectors.scores(isa, qkv, shape, queries, scratch),
            Distance::Rotary(turned) => {
                turned.angles.turn(qkv, shape);
                turned.window.as_ref().map(|window| window.view())
            }
        }
    }
}

/// A float for each distance `key - query`, of each head or of all of them.
pub struct Bias {
    values: Vec<f32>,
    reach: usize,
    heads_share: bool,
}

/// Far below any score, and far from overflowing when one is added.
const UNSEEN: f32 = f32::MIN / 2.0;

impl Bias {
    fn learnt(config: &ModelConfig, weights: &Weights) -> Result<Self, LoadError> {
        let name = format!("{}.weight", Names::of(config.architecture).distances);
        let table = weights.matrix(&name, &[2 * BUCKETS, config.heads])?;
        let mut rows = vec![vec![0.0; config.heads]; 2 * BUCKETS];
        rows.iter_mut().enumerate().for_each(|(i, row)| table.row(i, row));
        let reach = config.max_tokens;
        let head = |h: usize| distances(reach).map(move |distance| (bucket(distance), h));
        let values = (0..config.heads).flat_map(head).map(|(bucket, h)| rows[bucket][h]).collect();
        Ok(Bias { values, reach, heads_share: false })
    }

    fn window(side: usize, reach: usize) -> Self {
        let values =
            distances(reach).map(|d| if d.unsigned_abs() as usize <= side { 0.0 } else { UNSEEN }).collect();
        Bias { values, reach, heads_share: true }
    }

    fn view(&self) -> ScoreBias<'_> {
        ScoreBias::by_distance(&self.values, self.reach, self.heads_share)
    }
}

/// All distances that inputs of so many tokens have, ascending.
pub fn distances(reach: usize) -> impl Iterator<Item = i64> {
    let reach = reach as i64;
    1 - reach..reach
}

/// MPNet's buckets to each side: half of them of one distance, the others ever wider, up to a distance of 128.
const BUCKETS: usize = 16;

fn bucket(distance: i64) -> usize {
    const EXACT: f32 = (BUCKETS / 2) as f32;
    const FARTHEST: f32 = 128.0;
    let side = if distance > 0 { BUCKETS } else { 0 };
    let n = distance.unsigned_abs() as usize;
    if n < BUCKETS / 2 {
        return side + n;
    }
    // In f32, as PyTorch does it: where the true value is a whole number, the rounding decides.
    let wider = ((n as f32 / EXACT).ln() / (FARTHEST / EXACT).ln() * EXACT) as usize;
    side + (BUCKETS / 2 + wider).min(BUCKETS - 1)
}

/// The cosine and sine of each position's angles.
struct Angles {
    cos: Vec<f32>,
    sin: Vec<f32>,
    half: usize,
}

/// How fast each pair of a head's lanes turns with the position. In f32 at each step, as PyTorch does it: far into a long
/// text the last bit of a frequency shows.
fn frequencies(theta: f32, head: usize) -> Vec<f32> {
    let power = |i: usize| f64::from(theta).powf(f64::from((2 * i) as f32 / head as f32)) as f32;
    (0..head / 2).map(|i| 1.0 / power(i)).collect()
}

impl Angles {
    fn new(theta: f32, config: &ModelConfig) -> Self {
        let head = config.hidden / config.heads;
        let half = head / 2;
        let frequencies = frequencies(theta, head);
        let angle = |position: usize| frequencies.iter().map(move |f| f64::from(position as f32 * f));
        let angles: Vec<f64> = (0..config.max_tokens).flat_map(angle).collect();
        // Rounded from f64, so that no system's library shows in the last bit.
        let cos = angles.iter().map(|angle| angle.cos() as f32).collect();
        let sin = angles.iter().map(|angle| angle.sin() as f32).collect();
        Angles { cos, sin, half }
    }

    fn turn(&self, qkv: &mut [Line], shape: AttentionShape) {
        let rows = qkv.chunks_exact_mut(shape.qkv_stride).take(shape.tokens);
        let angles = self.cos.chunks_exact(self.half).zip(self.sin.chunks_exact(self.half));
        for (row, (cos, sin)) in rows.zip(angles) {
            // The heads of the queries, then those of the keys.
            for head in row.chunks_exact_mut(lines(shape.head)).take(2 * shape.heads) {
                let (first, second) = flat_mut(head).split_at_mut(self.half);
                for (((x, y), cos), sin) in first.iter_mut().zip(second).zip(cos).zip(sin) {
                    (*x, *y) = (*x * cos - *y * sin, *y * cos + *x * sin);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The distances from which on PyTorch has another bucket.
    const MPNET: [i64; 15] = [1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 23, 32, 46, 64, 91];

    #[test]
    fn frequencies_have_pytorchs_bits() {
        let bits = |theta, head| frequencies(theta, head).into_iter().map(f32::to_bits).collect::<Vec<_>>();
        assert_eq!(bits(40_000.0, 8), [0x3f80_0000, 0x3d90_d0c3, 0x3ba3_d70a, 0x39b9_5d21]);
        let theta_500 = [
            0x3f80_0000,
            0x3eeb_7333,
            0x3e58_8cb4,
            0x3dc7_2a9d,
            0x3d37_2dbf,
            0x3ca8_796d,
            0x3c1a_f347,
            0x3b8e_830d,
        ];
        assert_eq!(bits(500.0, 16), theta_500);
    }

    #[test]
    fn buckets_begin_where_pytorchs_do() {
        let begins = |d: i64| (d > 0 && bucket(-d) != bucket(1 - d)).then_some(d);
        let begins: Vec<i64> = (0..600).filter_map(begins).collect();
        assert_eq!(begins, MPNET);
        assert_eq!([-3, -2, -1, 0, 1, 2, 3].map(bucket), [3, 2, 1, 0, 17, 18, 19]);
    }
}
