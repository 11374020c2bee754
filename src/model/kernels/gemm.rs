//! The product of activations with a layer's weights, its bias and what follows it in one pass.
//!
//! Weights are packed once into panels of [`PANEL`] columns, k-major, so that the inner loop reads them in
//! order. Activations stay as they are. Each output is one chain of fused multiply-adds over k, whatever the
//! tile, so tiles may differ from one instruction set to another and the bits don't.

use super::{Activation, LANES, Line, flat, flat_mut, lanes::Lanes, lines};

/// Columns of a panel: two lines, of floats or of sums.
pub(super) const PANEL: usize = 2 * LANES;

/// Lines of a row that a product with so many columns writes: whole panels.
pub const fn stride(columns: usize) -> usize {
    columns.div_ceil(PANEL) * (PANEL / LANES)
}

/// What becomes of a product and its bias.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Epilogue {
    /// It is the output.
    Store,
    /// It is added to what the output holds: a residual connection.
    Add,
    /// It is multiplied with what the output holds: a gate.
    Multiply,
    /// The function of it is the output.
    Activate(Activation),
}

impl Epilogue {
    /// Puts `y` where `to` is.
    #[inline(always)]
    pub(super) fn finish<L: Lanes>(self, y: L, to: &mut Line) {
        match self {
            Epilogue::Store => y,
            Epilogue::Add => y.add(L::load(to)),
            Epilogue::Multiply => y.mul(L::load(to)),
            Epilogue::Activate(f) => f.apply(y),
        }
        .store(to);
    }
}

/// A layer's weights, packed, and its bias.
#[derive(Debug)]
pub struct Panels {
    weights: Vec<Line>,
    bias: Vec<Line>,
    k: usize,
}

impl Panels {
    /// Packs a matrix of `columns` outputs and `k` inputs, given column by column by `column(j, out)`, which
    /// fills one column's k weights and answers its bias. Columns up to the end of the last panel are zero.
    pub fn pack(columns: usize, k: usize, mut column: impl FnMut(usize, &mut [f32]) -> f32) -> Self {
        let panels = columns.div_ceil(PANEL);
        let mut weights = vec![Line::default(); panels * k * PANEL / LANES];
        let mut bias = vec![Line::default(); panels * PANEL / LANES];
        let mut one = vec![0.0; k];
        let (flat_weights, flat_bias) = (flat_mut(&mut weights), flat_mut(&mut bias));
        for j in 0..columns {
            one.fill(0.0);
            flat_bias[j] = column(j, &mut one);
            let panel = &mut flat_weights[j / PANEL * PANEL * k..][..PANEL * k];
            for (row, w) in panel.chunks_exact_mut(PANEL).zip(&one) {
                row[j % PANEL] = *w;
            }
        }
        Panels { weights, bias, k }
    }

    /// Lines of an output row.
    pub fn stride(&self) -> usize {
        self.bias.len()
    }
}

#[inline(always)]
pub(super) fn run<L: Lanes>(
    a: &[Line],
    a_stride: usize,
    rows: usize,
    weights: &Panels,
    out: &mut [Line],
    epilogue: Epilogue,
) {
    let (out_stride, k) = (weights.stride(), weights.k);
    // The last row may end with its last float: `a` can begin in the middle of wider rows.
    let last = rows.saturating_sub(1) * a_stride;
    assert!(k <= a_stride * LANES && a.len() >= last + lines(k) && out.len() >= rows * out_stride);
    // Panels outside: one panel stays in the first-level cache while all rows pass by it.
    for column in (0..out_stride).step_by(L::TILE.1) {
        let mut row = 0;
        while row < rows {
            let tile = Tile { a: &a[row * a_stride..], a_stride, weights, column, epilogue };
            let to = &mut out[row * out_stride..];
            row += tile.run::<L>(rows - row, to);
        }
    }
}

struct Tile<'a> {
    a: &'a [Line],
    a_stride: usize,
    weights: &'a Panels,
    column: usize,
    epilogue: Epilogue,
}

impl Tile<'_> {
    /// Computes as many rows as fit the registers, at most `rows`; answers how many.
    #[inline(always)]
    fn run<L: Lanes>(&self, rows: usize, out: &mut [Line]) -> usize {
        // The register blocking must be a constant where it is compiled; these are the shapes that `TILE` names.
        match (L::TILE, rows) {
            ((12, 2), 12..) => self.rows::<L, 12, 2>(out),
            ((_, 2), 8..) => self.rows::<L, 8, 2>(out),
            ((_, 2), 4..) => self.rows::<L, 4, 2>(out),
            ((_, 2), 2..) => self.rows::<L, 2, 2>(out),
            ((_, 2), _) => self.rows::<L, 1, 2>(out),
            ((6, 1), 6..) => self.rows::<L, 6, 1>(out),
            ((_, 1), 4..) => self.rows::<L, 4, 1>(out),
            ((_, 1), 2..) => self.rows::<L, 2, 1>(out),
            _ => self.rows::<L, 1, 1>(out),
        }
    }

    #[inline(always)]
    fn rows<L: Lanes, const M: usize, const W: usize>(&self, out: &mut [Line]) -> usize {
        let (k, step) = (self.weights.k, PANEL / LANES);
        let panel = &self.weights.weights[self.column / step * k * step..][..k * step];
        let panel = &panel[self.column % step..];
        let a = flat(self.a);
        let a_stride = self.a_stride * LANES;
        assert!((M - 1) * a_stride + k <= a.len() && (k - 1) * step + W <= panel.len());
        let mut sums = [[L::splat(0.0); W]; M];
        // Pointers to every third row: so the address of any row is one of them plus at most twice the stride,
        // which one instruction computes, and all of them fit the registers.
        let (mut rows, mut panel) = ([a.as_ptr(); 4], panel.as_ptr());
        for (i, row) in rows.iter_mut().enumerate().take(M.div_ceil(3)) {
            *row = row.wrapping_add(a_stride.wrapping_mul(3 * i));
        }
        for _ in 0..k {
            let mut b = [L::splat(0.0); W];
            for (w, b) in b.iter_mut().enumerate() {
                // SAFETY: the assertion above bounds the panel's lines.
                *b = L::load(unsafe { &*panel.add(w) });
            }
            for (m, sums) in sums.iter_mut().enumerate() {
                // SAFETY: the assertion above bounds the last row's floats; m < M.
                let x = L::splat(unsafe { *rows[m / 3].add(a_stride.wrapping_mul(m % 3)) });
                for (sum, b) in sums.iter_mut().zip(b) {
                    *sum = x.fma(b, *sum);
                }
            }
            panel = panel.wrapping_add(step);
            for row in &mut rows {
                *row = row.wrapping_add(1);
            }
        }
        let out_stride = self.weights.stride();
        for (m, row) in sums.iter().enumerate() {
            for (w, sum) in row.iter().enumerate() {
                let to = &mut out[m * out_stride + self.column + w];
                let y = sum.add(L::load(&self.weights.bias[self.column + w]));
                self.epilogue.finish(y, to);
            }
        }
        M
    }
}
