//! Activations → integers: symmetric, each row with its own scale, as compressed-tensors says it.

use super::super::{Line, bytes_mut, lanes::Lanes};
use super::{Codes, LANES, dot::Dot};

/// The greatest code. The scale maps the greatest magnitude of a row to it.
const GREATEST: f32 = 127.0;

/// Quantises `rows` rows of `width` lines, `stride` lines apart.
#[inline(always)]
pub(in super::super) fn run<L: Lanes, D: Dot>(
    x: &[Line],
    stride: usize,
    width: usize,
    rows: usize,
    codes: &mut Codes,
) {
    codes.reserve(rows, width * LANES);
    let Codes { lines, scales, stride: code_stride } = codes;
    for ((row, scale), to) in
        x.chunks(stride).zip(scales.iter_mut()).zip(lines.chunks_exact_mut(*code_stride))
    {
        let row = &row[..width];
        // A code can't say that there is no number: the row's scale does. x - x is zero, but of infinity or no number.
        let (mut greatest, mut unsound) = (L::splat(0.0), L::splat(0.0));
        for line in row {
            let x = L::load(line);
            greatest = greatest.max(x.abs());
            unsound = unsound.add(x.sub(x));
        }
        *scale = one_row::<L, D>(row, greatest.greatest(), to) + unsound.sum();
    }
}

/// Quantises one row whose greatest magnitude is known; answers its scale.
#[inline(always)]
fn one_row<L: Lanes, D: Dot>(row: &[Line], greatest: f32, to: &mut [Line]) -> f32 {
    // A row of zeros has zeros for codes whatever its scale.
    let scale = greatest.max(f32::MIN_POSITIVE * GREATEST) / GREATEST;
    let divisor = L::splat(scale);
    for (line, to) in row.iter().zip(bytes_mut(to).chunks_exact_mut(LANES)) {
        D::store(L::load(line).div(divisor).round().ints(), to);
    }
    scale
}
