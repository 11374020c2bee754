//! Scaled dot-product attention of one sequence, head by head, without padding. What a model adds to the scores
//! (biases by distance, windows) comes as rows of floats.
//!
//! Keys are transposed once a head so that sixteen scores are one chain of multiply-adds; a group of queries shares
//! each load. The scale is part of the query weights, folded in at load.

use super::{LANES, Line, flat, flat_mut, lanes::Lanes, lines, transpose::transpose};

/// How a row of `qkv` is laid out: the queries of all heads, then their keys, then their values, each head
/// padded to whole lines.
#[derive(Clone, Copy, Debug)]
pub struct AttentionShape {
    /// Tokens of the sequence.
    pub tokens: usize,
    /// Heads.
    pub heads: usize,
    /// Floats of one head, before padding.
    pub head: usize,
    /// Lines of a row of `qkv`: 3 × heads × lines a head, or more.
    pub qkv_stride: usize,
    /// Lines of a row of the context: heads × lines a head, or more.
    pub context_stride: usize,
}

/// What is added to the scores before softmax: a row for each query of each head, with a float for each key.
///
/// Rows may overlap: of a table by distance, each query's row begins one float before the row of the query
/// before it.
#[derive(Clone, Copy, Debug)]
pub struct ScoreBias<'a> {
    /// All the rows.
    pub values: &'a [f32],
    /// Where the row of the first head's first query begins.
    pub first: usize,
    /// Floats from a head's rows to the next one's.
    pub head: usize,
    /// Floats from a query's row to the next one's.
    pub query: isize,
}

impl<'a> ScoreBias<'a> {
    /// A table of `2 × reach - 1` floats for each head (or one for all of them), of the distances `key - query`
    /// from `1 - reach` to `reach - 1`.
    pub fn by_distance(values: &'a [f32], reach: usize, heads_share: bool) -> Self {
        let head = if heads_share { 0 } else { 2 * reach - 1 };
        ScoreBias { values, first: reach - 1, head, query: -1 }
    }

    #[inline(always)]
    fn row(&self, head: usize, query: usize, tokens: usize) -> &'a [f32] {
        let at = (self.first + head * self.head) as isize + query as isize * self.query;
        &self.values[at as usize..][..tokens]
    }
}

#[inline(always)]
pub(super) fn run<L: Lanes>(
    qkv: &[Line],
    shape: AttentionShape,
    bias: Option<ScoreBias<'_>>,
    queries: usize,
    context: &mut [Line],
    scratch: &mut Vec<Line>,
) {
    // The number of queries that share a pass must be a constant where it is compiled.
    match L::QUERIES {
        8 => heads::<L, 8>(qkv, shape, bias, queries, context, scratch),
        _ => heads::<L, 4>(qkv, shape, bias, queries, context, scratch),
    }
}

#[inline(always)]
fn heads<L: Lanes, const Q: usize>(
    qkv: &[Line],
    shape: AttentionShape,
    bias: Option<ScoreBias<'_>>,
    queries: usize,
    context: &mut [Line],
    scratch: &mut Vec<Line>,
) {
    let AttentionShape { tokens, heads, head, qkv_stride, context_stride } = shape;
    let (width, blocks) = (lines(head), lines(tokens));
    assert!(0 < queries && queries <= tokens && 3 * heads * width <= qkv_stride);
    assert!(qkv.len() >= tokens * qkv_stride && context.len() >= queries * context_stride);
    scratch.clear();
    scratch.resize((width * LANES + Q) * blocks, Line::default());
    let (keys, scores) = scratch.split_at_mut(width * LANES * blocks);
    for h in 0..heads {
        transpose(qkv, qkv_stride, (heads + h) * width, tokens, width, keys);
        let values = &qkv[(2 * heads + h) * width..];
        for first in (0..queries).step_by(Q) {
            // A group that runs past the end repeats its last query, and writes it once.
            let mut group = [&[] as &[f32]; Q];
            for (i, query) in group.iter_mut().enumerate() {
                let row = (first + i).min(queries - 1);
                *query = &flat(&qkv[row * qkv_stride + h * width..][..width])[..head];
            }
            score::<L, Q>(&group, keys, blocks, scores);
            if let Some(bias) = bias {
                for (i, scores) in scores.chunks_exact_mut(blocks).enumerate() {
                    add::<L>(scores, bias.row(h, (first + i).min(queries - 1), tokens));
                }
            }
            let mut inverse = [0.0; Q];
            for (scores, inverse) in scores.chunks_exact_mut(blocks).zip(&mut inverse) {
                *inverse = 1.0 / softmax::<L>(scores, tokens);
            }
            let context = &mut context[first * context_stride + h * width..];
            let mix = Mix { values, stride: qkv_stride, scores, blocks, tokens, inverse };
            mix.run::<L>(width, Q.min(queries - first), context, context_stride);
        }
    }
}

/// `scores[query][token]` of a group of queries.
#[inline(always)]
fn score<L: Lanes, const Q: usize>(queries: &[&[f32]; Q], keys: &[Line], blocks: usize, scores: &mut [Line]) {
    let mut block = 0;
    while block < blocks {
        block += match (L::BLOCKS, blocks - block) {
            (3, 3..) => score_blocks::<L, Q, 3>(queries, keys, blocks, block, scores),
            (3, 2) => score_blocks::<L, Q, 2>(queries, keys, blocks, block, scores),
            _ => score_blocks::<L, Q, 1>(queries, keys, blocks, block, scores),
        };
    }
}

/// The scores with `B` blocks of sixteen keys from `block` on; answers B.
#[inline(always)]
fn score_blocks<L: Lanes, const Q: usize, const B: usize>(
    queries: &[&[f32]; Q],
    keys: &[Line],
    blocks: usize,
    block: usize,
    scores: &mut [Line],
) -> usize {
    let head = queries[0].len();
    assert!(head > 0 && (head - 1) * blocks + block + B <= keys.len());
    let mut sums = [[L::splat(0.0); B]; Q];
    let mut transposed = keys[block..].as_ptr();
    for d in 0..head {
        let mut key = [L::splat(0.0); B];
        for (b, key) in key.iter_mut().enumerate() {
            // SAFETY: bounded by the assertion above.
            *key = L::load(unsafe { &*transposed.add(b) });
        }
        transposed = transposed.wrapping_add(blocks);
        for (sums, query) in sums.iter_mut().zip(queries) {
            // SAFETY: all queries are as long as the first.
            let x = L::splat(unsafe { *query.get_unchecked(d) });
            for (sum, key) in sums.iter_mut().zip(key) {
                *sum = x.fma(key, *sum);
            }
        }
    }
    for (i, sums) in sums.iter().enumerate() {
        for (b, sum) in sums.iter().enumerate() {
            sum.store(&mut scores[i * blocks + block + b]);
        }
    }
    B
}

/// Adds a row of floats, which lie as they happen to.
#[inline(always)]
fn add<L: Lanes>(scores: &mut [Line], row: &[f32]) {
    for (line, part) in scores.iter_mut().zip(row.chunks(LANES)) {
        let mut aligned = Line::default();
        aligned.0[..part.len()].copy_from_slice(part);
        L::load(line).add(L::load(&aligned)).store(line);
    }
}

/// Replaces scores by their exponentials, the greatest subtracted; answers their sum.
#[inline(always)]
fn softmax<L: Lanes>(scores: &mut [Line], tokens: usize) -> f32 {
    flat_mut(scores)[tokens..].fill(f32::MIN);
    let mut greatest = L::splat(f32::MIN);
    for line in scores.iter() {
        greatest = greatest.max(L::load(line));
    }
    let greatest = L::splat(greatest.greatest());
    let mut sum = L::splat(0.0);
    for line in scores.iter_mut() {
        let e = L::load(line).sub(greatest).exp();
        e.store(line);
        sum = sum.add(e);
    }
    // Lanes past the last token hold e^-87, not zero: below what an f32 sum with a 1 in it can see.
    sum.sum()
}

/// The values of one head, to be mixed by the scores of a group of queries.
struct Mix<'a, const Q: usize> {
    values: &'a [Line],
    stride: usize,
    scores: &'a [Line],
    blocks: usize,
    tokens: usize,
    /// What makes each query's scores add up to one.
    inverse: [f32; Q],
}

impl<const Q: usize> Mix<'_, Q> {
    #[inline(always)]
    fn run<L: Lanes>(&self, width: usize, rows: usize, context: &mut [Line], stride: usize) {
        let mut at = 0;
        while at < width {
            at += match (L::BLOCKS, width - at) {
                (3, 2..) => self.lines::<L, 2>(at, rows, context, stride),
                _ => self.lines::<L, 1>(at, rows, context, stride),
            };
        }
    }

    /// `W` lines of the context from `at` on; answers W.
    #[inline(always)]
    fn lines<L: Lanes, const W: usize>(
        &self,
        at: usize,
        rows: usize,
        context: &mut [Line],
        stride: usize,
    ) -> usize {
        let scores = flat(self.scores);
        let row = self.blocks * LANES;
        assert!((self.tokens - 1) * self.stride + at + W <= self.values.len());
        assert!((Q - 1) * row + self.tokens <= scores.len());
        let mut sums = [[L::splat(0.0); W]; Q];
        let (mut values, mut scores) = (self.values[at..].as_ptr(), scores.as_ptr());
        for _ in 0..self.tokens {
            let mut value = [L::splat(0.0); W];
            for (w, value) in value.iter_mut().enumerate() {
                // SAFETY: bounded by the first assertion above.
                *value = L::load(unsafe { &*values.add(w) });
            }
            for (i, sums) in sums.iter_mut().enumerate() {
                // SAFETY: bounded by the second assertion above.
                let x = L::splat(unsafe { *scores.add(i.wrapping_mul(row)) });
                for (sum, value) in sums.iter_mut().zip(value) {
                    *sum = x.fma(value, *sum);
                }
            }
            values = values.wrapping_add(self.stride);
            scores = scores.wrapping_add(1);
        }
        for (i, sums) in sums.iter().enumerate().take(rows) {
            for (w, sum) in sums.iter().enumerate() {
                sum.mul(L::splat(self.inverse[i])).store(&mut context[i * stride + at + w]);
            }
        }
        W
    }
}
