//! How the numbers of a model are stored, and in what arithmetic they are used.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::keys::Keys;
use crate::model::LoadError;

/// How the linear layers are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// As floats of any width.
    Float,
    /// int8 with a scale for each output, as compressed-tensors writes it (`int-quantized`).
    Int8PerChannel,
    /// The same, for a model that computes in floats (`input_activations` is null).
    Int8WeightsOnly,
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
    weights: Option<Rounding>,
    #[serde(default)]
    input_activations: Value,
    output_activations: Option<Value>,
}

/// How numbers are rounded.
#[derive(Deserialize)]
struct Rounding {
    num_bits: u32,
    symmetric: bool,
    strategy: Option<String>,
    r#type: Option<String>,
    #[serde(default)]
    dynamic: Value,
}

impl Storage {
    /// The precision that the stored form is made for.
    pub fn precision(self) -> Precision {
        match self {
            Storage::Float | Storage::Int8WeightsOnly => Precision::F32,
            Storage::Int8PerChannel => Precision::Int8,
        }
    }

    pub(super) fn read(keys: &Keys) -> Result<Self, LoadError> {
        const KEY: &str = "quantization_config";
        let Some(quantization) = keys.optional::<Quantization>(KEY)? else { return Ok(Storage::Float) };
        if quantization.is_int8_per_channel() {
            let mut found = None;
            for (name, group) in &quantization.config_groups {
                if let Some(outputs) = &group.output_activations {
                    let key = format!("{KEY}.config_groups.{name}.output_activations");
                    return keys.refuse_as(&key, &outputs.to_string(), "null");
                }
                let storage = group.storage().filter(|storage| found.is_none_or(|found| found == *storage));
                if storage.is_none() {
                    return keys.refuse_as(
                        &format!("{KEY}.config_groups.{name}.input_activations"),
                        &group.input_activations.to_string(),
                        "dynamic symmetric 8 bits with the strategy \"token\", or null, alike in all groups",
                    );
                }
                found = storage;
            }
            return Ok(found.unwrap_or(Storage::Int8WeightsOnly));
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
            && self
                .config_groups
                .values()
                .all(|group| group.weights.as_ref().is_some_and(|weights| weights.is_int8("channel")))
    }
}

impl Group {
    /// What the weights, which are int8, are made for; None where it is nothing that Baton does.
    fn storage(&self) -> Option<Storage> {
        match Option::<Rounding>::deserialize(&self.input_activations).ok()? {
            None => Some(Storage::Int8WeightsOnly),
            Some(rounding) if rounding.is_int8("token") && rounding.dynamic == true => {
                Some(Storage::Int8PerChannel)
            }
            Some(_) => None,
        }
    }
}

impl Rounding {
    /// Symmetric, to 8 bits, with a scale for each of these.
    fn is_int8(&self, each: &str) -> bool {
        let is_int = self.r#type.as_deref().is_none_or(|kind| kind == "int");
        is_int && self.num_bits == 8 && self.symmetric && self.strategy.as_deref() == Some(each)
    }
}
