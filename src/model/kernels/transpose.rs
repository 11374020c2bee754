//! Keys, transposed: from a row for each token to a row for each dimension.

use super::{LANES, Line, flat, flat_mut, lines};

const SIDE: usize = 4;

/// `keys[d][token]` of one head, `width` lines from `at` on in rows of `stride` lines. In squares of four: a square is
/// four loads, a few shuffles and four stores. Places past the last token hold that token again.
#[inline(always)]
pub(super) fn transpose(
    rows: &[Line],
    stride: usize,
    at: usize,
    tokens: usize,
    width: usize,
    keys: &mut [Line],
) {
    let transposed = lines(tokens) * LANES;
    let keys = flat_mut(keys);
    for token in (0..tokens).step_by(SIDE) {
        let mut four = [&[] as &[[f32; SIDE]]; SIDE];
        for (i, row) in four.iter_mut().enumerate() {
            let token = (token + i).min(tokens - 1);
            *row = flat(&rows[token * stride + at..][..width]).as_chunks().0;
        }
        let [a, b, c, d] = four;
        let columns = keys.chunks_exact_mut(transposed * SIDE);
        for ((((a, b), c), d), columns) in a.iter().zip(b).zip(c).zip(d).zip(columns) {
            let square = square([a, b, c, d]);
            for (column, part) in columns.chunks_exact_mut(transposed).zip(square) {
                column[token..token + SIDE].copy_from_slice(&part);
            }
        }
    }
}

/// Four rows of four as their columns.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn square([a, b, c, d]: [&[f32; SIDE]; SIDE]) -> [[f32; SIDE]; SIDE] {
    use std::arch::x86_64::*;
    let mut square = [[0.0; SIDE]; SIDE];
    // SAFETY: four floats at each place; every x86-64 CPU has SSE2.
    unsafe {
        let [mut a, mut b, mut c, mut d] = [
            _mm_loadu_ps(a.as_ptr()),
            _mm_loadu_ps(b.as_ptr()),
            _mm_loadu_ps(c.as_ptr()),
            _mm_loadu_ps(d.as_ptr()),
        ];
        _MM_TRANSPOSE4_PS(&mut a, &mut b, &mut c, &mut d);
        _mm_storeu_ps(square[0].as_mut_ptr(), a);
        _mm_storeu_ps(square[1].as_mut_ptr(), b);
        _mm_storeu_ps(square[2].as_mut_ptr(), c);
        _mm_storeu_ps(square[3].as_mut_ptr(), d);
    }
    square
}

/// Four rows of four as their columns.
#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
fn square([a, b, c, d]: [&[f32; SIDE]; SIDE]) -> [[f32; SIDE]; SIDE] {
    [0, 1, 2, 3].map(|i| [a[i], b[i], c[i], d[i]])
}
