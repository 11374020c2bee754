//! A layer's int8 weights as the kernels read them.

use super::super::{LANES, Line, bytes, bytes_mut, flat_mut};
#[cfg(target_arch = "x86_64")]
use super::magnitudes::Joints;
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
    /// What kernels without VNNI must know of each panel besides; it is seen when a panel is first used.
    #[cfg(target_arch = "x86_64")]
    joints: Vec<std::sync::OnceLock<Joints>>,
    /// Inputs, padded to whole steps.
    pub(super) inputs: usize,
}

/// One panel's weights, and what belongs to them: whole steps, as aligned as a [`Line`].
#[derive(Clone, Copy)]
pub struct Panel<'a> {
    pub(super) weights: &'a [i8],
    #[cfg(target_arch = "x86_64")]
    pub(super) biased: &'a [Ints; 2],
    #[cfg(target_arch = "x86_64")]
    pub(super) joints: &'a std::sync::OnceLock<Joints>,
}

impl Panel<'_> {
    /// Inputs, padded to whole steps.
    #[inline(always)]
    pub(super) fn inputs(self) -> usize {
        self.weights.len() / PANEL
    }
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
            #[cfg(target_arch = "x86_64")]
            joints: std::iter::repeat_with(Default::default).take(panels).collect(),
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

    /// One of the panels.
    #[inline(always)]
    pub(super) fn panel(&self, panel: usize) -> Panel<'_> {
        let weights = &bytes(&self.weights)[panel * PANEL * self.inputs..][..PANEL * self.inputs];
        Panel {
            // SAFETY: any byte is an i8, too.
            weights: unsafe { std::slice::from_raw_parts(weights.as_ptr().cast(), weights.len()) },
            #[cfg(target_arch = "x86_64")]
            biased: &self.biased[panel],
            #[cfg(target_arch = "x86_64")]
            joints: &self.joints[panel],
        }
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
