//! A linear layer in either precision, from a tensor or a part of it to packed weights.

use std::ops::Range;

use crate::model::{
    LoadError,
    config::{ModelConfig, Precision},
    kernels::{Codes, Epilogue, Int8Panels, Isa, LayerNorm, Line, Panels},
    weights::{Matrix, Weights},
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

/// A layer as it is stored: a matrix, or some of its rows, and its bias.
#[derive(Clone)]
pub struct Layer<'a> {
    weight: Matrix<'a>,
    bias: Vec<f32>,
    rows: Range<usize>,
    inputs: usize,
    factor: f32,
}

impl<'a> Layer<'a> {
    /// Finds it by its name; without a bias where the architecture has none there.
    ///
    /// # Errors
    /// A tensor that is missing or has another shape.
    pub fn new(
        weights: &'a Weights,
        name: &str,
        outputs: usize,
        inputs: usize,
        has_bias: bool,
    ) -> Result<Self, LoadError> {
        let weight = weights.matrix(&format!("{name}.weight"), &[outputs, inputs])?;
        let bias = weights.bias(name, outputs, has_bias)?;
        Ok(Layer { weight, bias, rows: 0..outputs, inputs, factor: 1.0 })
    }

    /// Some of its outputs.
    pub fn part(&self, rows: Range<usize>) -> Self {
        Layer { rows, ..self.clone() }
    }

    /// With weights and bias multiplied.
    pub fn times(self, factor: f32) -> Self {
        Layer { factor, ..self }
    }

    /// Where the weights of an output come from.
    pub fn output(&self, row: usize) -> Output<'_> {
        let row = self.rows.start + row;
        Output { weight: &self.weight, row, bias: self.bias[row], factor: self.factor }
    }

    /// Packs it in the precision.
    pub fn pack(&self, precision: Precision) -> Linear {
        self.plan().pack(precision)
    }

    /// Packs it as floats: a layer outside the blocks is f32 in any precision.
    pub fn pack_f32(&self) -> Panels {
        self.plan().pack_f32()
    }

    fn plan<'s>(&'s self) -> Plan<impl Fn(usize) -> Option<Output<'s>>> {
        let output = |row| Some(self.output(row));
        Plan { outputs: self.rows.len(), inputs: self.inputs, runs: Runs::whole(self.inputs), output }
    }
}

/// A layer norm's parameters.
///
/// # Errors
/// As [`Weights::vector`].
pub fn norm(
    config: &ModelConfig,
    weights: &Weights,
    name: &str,
    width: usize,
) -> Result<LayerNorm, LoadError> {
    let weight = weights.vector(&format!("{name}.weight"), width)?;
    let bias = weights.bias(name, width, config.biases.norms)?;
    Ok(LayerNorm::new(&weight, &bias, config.epsilon))
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
