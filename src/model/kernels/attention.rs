//! Scaled dot-product attention of one sequence, head by head, without padding and without a mask.
//!
//! Keys are turned once a head so that sixteen scores are one chain of multiply-adds; four queries share each
//! load. The scale is part of the query weights, folded in at load.

use super::{LANES, Line, flat, flat_mut, lanes::Lanes, lines};

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

/// Queries that share a pass over the keys.
const QUERIES: usize = 4;

#[inline(always)]
pub(super) fn run<L: Lanes>(
    qkv: &[Line],
    shape: AttentionShape,
    queries: usize,
    context: &mut [Line],
    scratch: &mut Vec<Line>,
) {
    let AttentionShape { tokens, heads, head, qkv_stride, context_stride } = shape;
    let (width, blocks) = (lines(head), lines(tokens));
    assert!(queries <= tokens && tokens > 0 && 3 * heads * width <= qkv_stride);
    assert!(qkv.len() >= tokens * qkv_stride && context.len() >= queries * context_stride);
    scratch.clear();
    scratch.resize((head + QUERIES) * blocks, Line::default());
    let (keys, scores) = scratch.split_at_mut(head * blocks);
    for h in 0..heads {
        turn_keys(qkv, qkv_stride, (heads + h) * width, tokens, head, keys);
        for first in (0..queries).step_by(QUERIES) {
            // A group that runs past the end repeats its last query, and writes it once.
            let rows: [usize; QUERIES] = std::array::from_fn(|i| (first + i).min(queries - 1));
            let query = rows.map(|row| &flat(&qkv[row * qkv_stride + h * width..][..width])[..head]);
            score::<L>(query, keys, blocks, scores);
            let sums = [0, 1, 2, 3].map(|i| softmax::<L>(&mut scores[i * blocks..][..blocks], tokens));
            for w in 0..width {
                let values = &qkv[(2 * heads + h) * width + w..];
                let mixed = mix::<L>(values, qkv_stride, scores, blocks, tokens);
                for i in 0..QUERIES.min(queries - first) {
                    let to = &mut context[(first + i) * context_stride + h * width + w];
                    mixed[i].div(L::splat(sums[i])).store(to);
                }
            }
        }
    }
}

/// `keys[d][token]` of one head.
#[inline(always)]
fn turn_keys(qkv: &[Line], stride: usize, at: usize, tokens: usize, head: usize, keys: &mut [Line]) {
    let turned = lines(tokens) * LANES;
    let keys = flat_mut(keys);
    for token in 0..tokens {
        let key = &flat(&qkv[token * stride + at..][..lines(head)])[..head];
        for (d, x) in key.iter().enumerate() {
            keys[d * turned + token] = *x;
        }
    }
}

#[inline(always)]
fn score<L: Lanes>(query: [&[f32]; QUERIES], keys: &[Line], blocks: usize, scores: &mut [Line]) {
    for block in 0..blocks {
        let mut sums = [L::splat(0.0); QUERIES];
        for (d, key) in keys[block..].iter().step_by(blocks).enumerate() {
            let key = L::load(key);
            for (sum, query) in sums.iter_mut().zip(query) {
                *sum = L::splat(query[d]).fma(key, *sum);
            }
        }
        for (i, sum) in sums.into_iter().enumerate() {
            sum.store(&mut scores[i * blocks + block]);
        }
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

#[inline(always)]
fn mix<L: Lanes>(
    values: &[Line],
    stride: usize,
    scores: &[Line],
    blocks: usize,
    tokens: usize,
) -> [L; QUERIES] {
    let scores = flat(scores);
    let mut sums = [L::splat(0.0); QUERIES];
    for token in 0..tokens {
        let value = L::load(&values[token * stride]);
        for (i, sum) in sums.iter_mut().enumerate() {
            *sum = L::splat(scores[i * blocks * LANES + token]).fma(value, *sum);
        }
    }
    sums
}
