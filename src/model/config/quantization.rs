//! How the numbers of a model are stored, and in what arithmetic they are used.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::keys::Keys;
use crate::model::LoadError;

/// How the linear layers are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// As floats of any width.
    Float,
    /// int8 with a scale for each output, as compressed-tensors writes it (`int-quantized`).
    Int8PerChannel,
}

/// The arithmetic of the linear layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// f32 throughout: the reference.
    F32,
    /// int8 weights times int8 activations; attention, layer norm and the activation function stay f32.
    Int8,
}

impl Precision {
    /// The names that [`Precision::named`] knows.
    pub const NAMES: &str = "f32, int8";

    /// By its name.
    pub fn named(name: &str) -> Option<Precision> {
        [Precision::F32, Precision::Int8].into_iter().find(|precision| precision.name() == name)
    }

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Precision::F32 => "f32",
            Precision::Int8 => "int8",
        }
    }
}

#[derive(Deserialize)]
struct Quantization {
    quant_method: Option<String>,
    format: Option<String>,
    #[serde(default)]
    config_groups: BTreeMap<String, Group>,
}

#[derive(Deserialize)]
struct Group {
    weights: Option<GroupWeights>,
}

#[derive(Deserialize)]
struct GroupWeights {
    num_bits: u32,
    symmetric: bool,
    strategy: String,
}

impl Storage {
    /// The precision that the stored form is made for.
    pub fn precision(self) -> Precision {
        match self {
            Storage::Float => Precision::F32,
            Storage::Int8PerChannel => Precision::Int8,
        }
    }

    pub(super) fn read(keys: &Keys) -> Result<Self, LoadError> {
        const KEY: &str = "quantization_config";
        let Some(quantization) = keys.optional::<Quantization>(KEY)? else { return Ok(Storage::Float) };
        if quantization.is_int8_per_channel() {
            return Ok(Storage::Int8PerChannel);
        }
        let quoted = |value: &Option<String>| value.as_ref().map_or("missing".into(), |v| format!("\"{v}\""));
        let value =
            format!("{} in the form {}", quoted(&quantization.quant_method), quoted(&quantization.format));
        keys.refuse_as(
            KEY,
            &value,
            "compressed-tensors in the form int-quantized with symmetric 8-bit weights per channel",
        )
    }
}

impl Quantization {
    fn is_int8_per_channel(&self) -> bool {
        self.quant_method.as_deref() == Some("compressed-tensors")
            && self.format.as_deref() == Some("int-quantized")
            && !self.config_groups.is_empty()
            && self.config_groups.values().all(|group| {
                group
                    .weights
                    .as_ref()
                    .is_some_and(|w| w.num_bits == 8 && w.symmetric && w.strategy == "channel")
            })
    }
}
