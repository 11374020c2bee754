//! A linear layer in either precision.

use super::{
    config::Precision,
    kernels::{Codes, Epilogue, Int8Panels, Isa, Line, Panels},
    weights::Matrix,
};

/// A layer's weights, packed for the kernels.
pub enum Linear {
    /// The exact reference.
    F32(Panels),
    /// W8A8: integer weights, activations made integers on the way.
    Int8(Int8Panels),
}

impl Linear {
    /// Lines of an output row.
    pub fn stride(&self) -> usize {
        match self {
            Linear::F32(panels) => panels.stride(),
            Linear::Int8(panels) => panels.stride(),
        }
    }

    /// `out = epilogue(x × weights + bias)` for `rows` rows of `x`, each `stride` lines apart.
    pub fn run(
        &self,
        isa: Isa,
        (x, stride, rows): (&[Line], usize, usize),
        codes: &mut Codes,
        out: &mut [Line],
        epilogue: Epilogue,
    ) {
        match self {
            Linear::F32(panels) => isa.gemm(x, stride, rows, panels, out, epilogue),
            Linear::Int8(panels) => {
                isa.quantise(x, stride, panels.width(), rows, codes);
                isa.gemm_int8(codes, panels, out, epilogue);
            }
        }
    }
}

/// Where the weights of one output come from.
pub struct Output<'a> {
    pub weight: &'a Matrix<'a>,
    pub row: usize,
    pub bias: f32,
    /// What weights and bias are multiplied with.
    pub factor: f32,
}

/// How inputs lie: in runs of `floats`, each padded to `padded`.
#[derive(Clone, Copy)]
pub struct Runs {
    pub floats: usize,
    pub padded: usize,
}

impl Runs {
    /// One run without padding.
    pub fn whole(width: usize) -> Self {
        Runs { floats: width, padded: width }
    }

    fn spread<T: Copy>(self, from: &[T], to: &mut [T]) {
        for (to, from) in to.chunks_exact_mut(self.padded).zip(from.chunks_exact(self.floats)) {
            to[..self.floats].copy_from_slice(from);
        }
    }
}

/// The plan of a linear layer: how many outputs and inputs it has, and where each output's weights are. Outputs
/// that come from nowhere are zero.
pub struct Plan<F> {
    pub outputs: usize,
    pub inputs: usize,
    pub runs: Runs,
    pub output: F,
}

impl<'a, F: Fn(usize) -> Option<Output<'a>>> Plan<F> {
    /// Packs the layer in the precision.
    pub fn pack(&self, precision: Precision) -> Linear {
        match precision {
            Precision::F32 => Linear::F32(self.pack_f32()),
            Precision::Int8 => Linear::Int8(self.pack_int8()),
        }
    }

    /// Packs the layer as floats, whatever it is stored as.
    pub fn pack_f32(&self) -> Panels {
        let width = self.inputs / self.runs.padded * self.runs.floats;
        let mut row = vec![0.0; width];
        Panels::pack(self.outputs, self.inputs, |j, column| {
            let Some(output) = (self.output)(j) else { return 0.0 };
            output.weight.row(output.row, &mut row);
            row.iter_mut().for_each(|x| *x *= output.factor);
            self.runs.spread(&row, column);
            output.bias * output.factor
        })
    }

    fn pack_int8(&self) -> Int8Panels {
        let width = self.inputs / self.runs.padded * self.runs.floats;
        let mut row = vec![0; width];
        Int8Panels::pack(self.outputs, self.inputs, |j, column| {
            let Some(output) = (self.output)(j) else {
                column.fill(0);
                return (0.0, 0.0);
            };
            let scale = if self.runs.floats == self.runs.padded {
                output.weight.row_int8(output.row, column)
            } else {
                column.fill(0);
                let scale = output.weight.row_int8(output.row, &mut row);
                self.runs.spread(&row, column);
                scale
            };
            (scale * output.factor, output.bias * output.factor)
        })
    }
}
