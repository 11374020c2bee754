//! Rows of activations as integers.

use super::super::Line;

/// Quantised rows: a byte for each activation, as the instruction set's product takes them, with the scale of each row.
/// Only the kernels read them.
#[derive(Debug, Default)]
pub struct Codes {
    pub(super) lines: Vec<Line>,
    pub(super) scales: Vec<f32>,
    /// Lines of a row.
    pub(super) stride: usize,
}

impl Codes {
    /// Makes room for `rows` rows of `width` codes; what it holds then is any of the old codes.
    pub(super) fn reserve(&mut self, rows: usize, width: usize) {
        self.stride = width.div_ceil(size_of::<Line>());
        self.lines.resize(rows * self.stride, Line::default());
        self.scales.resize(rows, 0.0);
    }
}
