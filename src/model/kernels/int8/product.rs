//! Quantised rows × int8 panels, and what follows in one pass.

use super::super::{Epilogue, LANES, Line, bytes, lanes::Lanes};
use super::{Codes, Int8Panels, PANEL, dot::Dot};

/// `out = epilogue(codes × weights + bias)` for every row of `codes`.
#[inline(always)]
pub(in super::super) fn run<L: Lanes, D: Dot>(
    codes: &Codes,
    weights: &Int8Panels,
    out: &mut [Line],
    epilogue: Epilogue,
) {
    let (stride, rows) = (weights.stride(), codes.scales.len());
    assert!(weights.inputs <= codes.stride * size_of::<Line>() && out.len() >= rows * stride);
    let tiles = rows.div_ceil(D::ROWS);
    for panel in 0..weights.biased.len() {
        for tile in 0..tiles {
            // Tiles of like height: a last one of a row or two would cost as much as a whole one.
            let (from, to) = (tile * rows / tiles, (tile + 1) * rows / tiles);
            let tile = Tile { codes, weights, panel, row: from, epilogue };
            tile.run::<L, D>(to - from, &mut out[from * stride..to * stride]);
        }
    }
}

struct Tile<'a> {
    codes: &'a Codes,
    weights: &'a Int8Panels,
    panel: usize,
    row: usize,
    epilogue: Epilogue,
}

/// Calls `$self.rows` with the height as a constant.
macro_rules! by_height {
    ($self:ident, $rows:ident, $out:ident, $($m:literal)*) => {
        match $rows {
            $($m if $m <= D::ROWS => $self.rows::<L, D, $m>($out),)*
            _ => unreachable!("a tile is no higher than ROWS"),
        }
    };
}

impl Tile<'_> {
    #[inline(always)]
    fn run<L: Lanes, D: Dot>(&self, rows: usize, out: &mut [Line]) {
        by_height!(self, rows, out, 1 2 3 4 5 6 7 8 9 10 11 12);
    }

    #[inline(always)]
    fn rows<L: Lanes, D: Dot, const M: usize>(&self, out: &mut [Line]) {
        let Tile { codes, weights, panel, row, epilogue } = *self;
        let (stride, code_stride) = (weights.stride(), codes.stride);
        let codes_here = bytes(&codes.lines[row * code_stride..][..M * code_stride]);
        let code_stride = code_stride * size_of::<Line>();
        // SAFETY: there are that many rows, and `run` has checked that one holds a panel's inputs.
        let sums = unsafe { D::sums::<M>(codes_here.as_ptr(), code_stride, weights.panel(panel)) };
        for (m, sums) in sums.iter().enumerate() {
            let scale = L::splat(codes.scales[row + m]);
            for (w, sums) in sums.iter().enumerate() {
                let column = panel * PANEL / LANES + w;
                let scale = scale.mul(L::load(&weights.scales[column]));
                let y = L::from_ints(sums).fma(scale, L::load(&weights.bias[column]));
                epilogue.finish(y, &mut out[m * stride + column]);
            }
        }
    }
}
