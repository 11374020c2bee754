//! Quantised rows × int8 panels, and what follows in one pass.

use super::super::{Epilogue, LANES, Line, bytes, lanes::Lanes};
use super::{Codes, Int8Panels, PANEL, STEP, dot::Dot};

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
    let mut notes = D::Notes::default();
    for panel in 0..weights.biased.len() {
        // SAFETY: a panel has its inputs' weights, which are whole steps.
        unsafe {
            let biased = &weights.biased[panel];
            D::note(&mut notes, weights.panel(panel).as_ptr(), weights.inputs / STEP, biased);
        }
        for tile in 0..tiles {
            // Tiles of like height: a last one of a row or two would cost as much as a whole one.
            let (from, to) = (tile * rows / tiles, (tile + 1) * rows / tiles);
            let tile = Tile::<D> { codes, weights, panel, notes: &notes, row: from, epilogue };
            tile.run::<L>(to - from, &mut out[from * stride..to * stride]);
        }
    }
}

struct Tile<'a, D: Dot> {
    codes: &'a Codes,
    weights: &'a Int8Panels,
    panel: usize,
    notes: &'a D::Notes,
    row: usize,
    epilogue: Epilogue,
}

/// Calls `$self.rows` with the height as a constant.
macro_rules! by_height {
    ($self:ident, $rows:ident, $out:ident, $($m:literal)*) => {
        match $rows {
            $($m if $m <= D::ROWS => $self.rows::<L, $m>($out),)*
            _ => unreachable!("a tile is no higher than ROWS"),
        }
    };
}

impl<D: Dot> Tile<'_, D> {
    #[inline(always)]
    fn run<L: Lanes>(&self, rows: usize, out: &mut [Line]) {
        by_height!(self, rows, out, 1 2 3 4 5 6 7 8 9 10 11 12 13 14);
    }

    #[inline(always)]
    fn rows<L: Lanes, const M: usize>(&self, out: &mut [Line]) {
        let Tile { codes, weights, panel, notes, row, epilogue } = *self;
        let (stride, code_stride) = (weights.stride(), codes.stride);
        let codes_here = bytes(&codes.lines[row * code_stride..][..M * code_stride]);
        let code_stride = code_stride * size_of::<Line>();
        // SAFETY: the slices are so long, `run` has checked that a row of codes holds `inputs` of them, and `inputs` is a
        // whole number of steps; the notes are of this panel.
        let sums = unsafe {
            let (codes, panel) = (codes_here.as_ptr(), weights.panel(panel).as_ptr());
            D::sums::<M>(codes, code_stride, panel, weights.inputs / STEP, notes)
        };
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
