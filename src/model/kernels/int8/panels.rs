//! A layer's int8 weights as the kernels read them.

use super::super::{LANES, Line, bytes, bytes_mut, flat_mut};
use super::{Ints, PANEL, QUAD, STEP};

/// Weights in panels of [`PANEL`] columns. A panel holds four inputs of all its columns, then the next four: so
/// one register of any width holds whole quads of neighbouring columns.
#[derive(Debug)]
pub struct Int8Panels {
    pub(super) weights: Vec<Line>,
    pub(super) scales: Vec<Line>,
    pub(super) bias: Vec<Line>,
    /// -128 times the sum of each column's weights: where sums begin if the codes are 128 more than the values.
    pub(super) biased: Vec<[Ints; 2]>,
    /// Inputs, padded to whole steps.
    pub(super) inputs: usize,
}

impl Int8Panels {
    /// Packs a matrix of `columns` outputs and `inputs` inputs, given column by column by `column(j, out)`, which
    /// fills one column's weights and answers its scale and bias.
    pub fn pack(
        columns: usize,
        inputs: usize,
        mut column: impl FnMut(usize, &mut [i8]) -> (f32, f32),
    ) -> Self {
        let padded = inputs.next_multiple_of(STEP);
        let panels = columns.div_ceil(PANEL);
        let lines = vec![Line::default(); panels * PANEL / LANES];
        let mut packed = Int8Panels {
            weights: vec![Line::default(); panels * padded * PANEL / size_of::<Line>()],
            scales: lines.clone(),
            bias: lines,
            biased: vec![Default::default(); panels],
            inputs: padded,
        };
        let mut one = vec![0; padded];
        let weights = bytes_mut(&mut packed.weights);
        let (scales, bias) = (flat_mut(&mut packed.scales), flat_mut(&mut packed.bias));
        for j in 0..columns {
            (scales[j], bias[j]) = column(j, &mut one[..inputs]);
            // Loops that vectorise: all weights of a model come by here while a function starts.
            let sum = one.iter().fold(0i32, |sum, w| sum.wrapping_add(i32::from(*w)));
            let (panel, at) = (j / PANEL, j % PANEL);
            packed.biased[panel][at / LANES].0[at % LANES] = sum.wrapping_mul(-128);
            let panel = &mut weights[panel * PANEL * padded..][..PANEL * padded];
            let (quads, (places, _)) = (one.as_chunks::<QUAD>().0, panel.as_chunks_mut::<QUAD>());
            for (place, [a, b, c, d]) in places[at..].iter_mut().step_by(PANEL).zip(quads) {
                *place = [*a as u8, *b as u8, *c as u8, *d as u8];
            }
        }
        packed
    }

    /// A panel's weights.
    #[inline(always)]
    pub(super) fn panel(&self, panel: usize) -> &[i8] {
        let weights = &bytes(&self.weights)[panel * PANEL * self.inputs..][..PANEL * self.inputs];
        // SAFETY: any byte is an i8, too.
        unsafe { std::slice::from_raw_parts(weights.as_ptr().cast(), weights.len()) }
    }

    /// Lines of an input row that are read.
    pub fn width(&self) -> usize {
        self.inputs / LANES
    }

    /// Lines of an output row.
    pub fn stride(&self) -> usize {
        self.bias.len()
    }
}
