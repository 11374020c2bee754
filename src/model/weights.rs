//! A model's tensors, memory-mapped: names resolved, shapes checked, numbers of any stored kind read as f32.

use std::path::{Path, PathBuf};

use candle_core::safetensors::MmapedSafetensors;
use safetensors::{Dtype, tensor::TensorView};
use serde::Deserialize;

use super::{
    LoadError,
    config::{HeadKind, ModelConfig},
    files::{read_json, refuse_pointers},
    first_line,
    kernels::widen,
    names::Names,
};

const WHOLE: &str = "model.safetensors";
/// What says which tensors are in which of several files.
pub(super) const INDEX: &str = "model.safetensors.index.json";

/// The mapped files of one model.
pub struct Weights {
    tensors: MmapedSafetensors,
    /// What the encoder's tensors' names begin with: `bert.` and its like, or nothing in a bare encoder's file.
    prefix: String,
    directory: PathBuf,
}

/// [`INDEX`], as it is read.
#[derive(Deserialize)]
struct Index {
    weight_map: std::collections::BTreeMap<String, String>,
}

impl Weights {
    /// Maps `model.safetensors`, or the files that its index names.
    ///
    /// # Errors
    /// What is missing or unreadable; a `pytorch_model.bin` is refused with how to convert it.
    pub fn open(directory: &Path, config: &ModelConfig) -> Result<Self, LoadError> {
        let names = Names::of(config.architecture);
        let files = files(directory)?.ok_or_else(|| no_files(directory, config.head))?;
        let files: Vec<PathBuf> = files.iter().map(|name| directory.join(name)).collect();
        #[expect(unsafe_code, reason = "a mapped file is as safe as those who may write to it")]
        // SAFETY: as with every mapped file, nobody may change it while it is mapped; a model's files are
        // replaced by renaming, never written in place (model-fetch and container layers both hold to that).
        let tensors =
            unsafe { MmapedSafetensors::multi(&files) }.map_err(|e| unreadable(directory, &files, &e))?;
        let bare = tensors.get(&format!("{}{}.weight", names.prefix, names.words)).is_err();
        let prefix = if bare { String::new() } else { names.prefix.to_owned() };
        Ok(Weights { tensors, prefix, directory: directory.to_owned() })
    }

    /// A matrix (or vector) by its name, without the prefix, which must have that shape. Of more dimensions than
    /// two, a row has all but the first.
    ///
    /// # Errors
    /// A tensor that is missing, or has another shape or a kind of number that can't be read.
    pub fn matrix(&self, name: &str, shape: &[usize]) -> Result<Matrix<'_>, LoadError> {
        let (view, place) = self.find(name)?;
        if view.shape() != shape {
            let text = format!("{place} has shape {:?}; config.json asks for {shape:?}", view.shape());
            return Err(LoadError::new(text));
        }
        let scale = match view.dtype() {
            Dtype::F32 | Dtype::F16 | Dtype::BF16 => Vec::new(),
            Dtype::I8 if shape.len() > 1 => self.matrix(&format!("{name}_scale"), &[shape[0], 1])?.to_vec(),
            other => {
                return Err(LoadError::new(format!(
                    "{place} is {other:?}; Baton reads F32, F16, BF16, I8: save the model in one of those"
                )));
            }
        };
        let width = match shape {
            [width] => *width,
            _ => shape.iter().skip(1).product(),
        };
        Ok(Matrix { view, width, scale })
    }

    /// A vector by its name.
    ///
    /// # Errors
    /// As [`Weights::matrix`].
    pub fn vector(&self, name: &str, length: usize) -> Result<Vec<f32>, LoadError> {
        Ok(self.matrix(name, &[length])?.to_vec())
    }

    /// The bias of a layer or a norm; zeros where the architecture has none.
    ///
    /// # Errors
    /// As [`Weights::matrix`].
    pub fn bias(&self, name: &str, length: usize, has: bool) -> Result<Vec<f32>, LoadError> {
        if has { self.vector(&format!("{name}.bias"), length) } else { Ok(vec![0.0; length]) }
    }

    /// Refuses a tensor, named as for [`Weights::matrix`], that is not stored as int8 where config.json says so.
    ///
    /// # Errors
    /// Where it is, and what to do.
    pub fn check_int8(&self, name: &str) -> Result<(), LoadError> {
        let (view, place) = self.find(name)?;
        match view.dtype() {
            Dtype::I8 => Ok(()),
            other => Err(LoadError::new(format!(
                "{place} is {other:?}, but `quantization_config` in config.json says int8, in which Baton runs all \
                 linear layers of the encoder's blocks or none; quantise this one too, or set the precision f32, \
                 which multiplies the others out"
            ))),
        }
    }

    /// A tensor by its name without the prefix, and how an error says where it is.
    fn find(&self, name: &str) -> Result<(TensorView<'_>, String), LoadError> {
        let full = format!("{}{name}", self.prefix);
        let place = |name: &str| format!("{}: tensor `{name}`", self.directory.display());
        // The encoder's tensors have the prefix; those of the head lie beside it.
        let found = [&full, name].into_iter().find_map(|name| Some((self.get(name)?, place(name))));
        found.ok_or_else(|| {
            LoadError::new(match self.prefix.as_str() {
                "" => format!("{} is missing", place(name)),
                prefix => format!("{} is missing, and so it is without `{prefix}`", place(&full)),
            })
        })
    }

    fn get(&self, name: &str) -> Option<TensorView<'_>> {
        self.tensors.get(name).or_else(|_| self.tensors.get(&old_name(name))).ok()
    }
}

/// Checkpoints from TensorFlow's days call a layer norm's parameters by other names.
fn old_name(name: &str) -> String {
    name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")
}

/// The files of a model's weights, by their names in its directory: `model.safetensors`, or those that its index
/// names. None where there is neither.
///
/// # Errors
/// An index that can't be read, or names a file that isn't there.
pub(super) fn files(directory: &Path) -> Result<Option<Vec<String>>, LoadError> {
    if directory.join(WHOLE).is_file() {
        return Ok(Some(vec![WHOLE.to_owned()]));
    }
    let file = directory.join(INDEX);
    if !file.is_file() {
        return Ok(None);
    }
    let index: Index = read_json(&file)?;
    let mut names: Vec<String> = index.weight_map.into_values().collect();
    names.sort();
    names.dedup();
    match names.iter().find(|name| !directory.join(name).is_file()) {
        Some(missing) => Err(LoadError::at(&file, format!("names {missing}, which is missing"))),
        None => Ok(Some(names)),
    }
}

/// The error about files of which one is no safetensors file.
fn unreadable(directory: &Path, files: &[PathBuf], error: &candle_core::Error) -> LoadError {
    let unreadable =
        |()| LoadError::at(directory, format!("not readable safetensors: {}", first_line(error)));
    refuse_pointers(files).map_or_else(|pointer| pointer, unreadable)
}

fn no_files(directory: &Path, head: HeadKind) -> LoadError {
    let at = directory.display();
    let has = |name: &str| directory.join(name).is_file();
    let class = match head {
        HeadKind::Sequence => "AutoModelForSequenceClassification",
        HeadKind::Token => "AutoModelForTokenClassification",
    };
    let pickled = "which can run code when it is read; convert it";
    let what = if has("pytorch_model.bin") {
        format!("has pytorch_model.bin, {pickled}: `model-fetch add folder:{at} --out DIR`")
    } else if has("pytorch_model.bin.index.json") {
        format!(
            "has pytorch_model.bin.index.json, {pickled} in Python with `from transformers import {class}; \
             {class}.from_pretrained(\"{at}\").save_pretrained(\"{at}\")`"
        )
    } else {
        format!("has no {WHOLE}; give the directory of a Hugging Face model")
    };
    LoadError::at(directory, what)
}

/// Rows of numbers in a mapped file.
#[derive(Clone)]
pub struct Matrix<'a> {
    view: TensorView<'a>,
    width: usize,
    scale: Vec<f32>,
}

impl Matrix<'_> {
    /// Writes row `i` as f32 into `out`, which is as wide as a row.
    pub fn row(&self, i: usize, out: &mut [f32]) {
        assert_eq!(out.len(), self.width);
        let at = i * self.width;
        self.convert(at, out);
        if let Some(scale) = self.scale.get(i) {
            out.iter_mut().for_each(|x| *x *= scale);
        }
    }

    /// Writes row `i` as integers into `out` and answers their scale: as they are stored, or rounded here from
    /// floats in the same way (symmetric, the greatest magnitude becomes 127).
    pub fn row_int8(&self, i: usize, out: &mut [i8]) -> f32 {
        assert_eq!(out.len(), self.width);
        if let Some(scale) = self.scale.get(i) {
            let stored = &self.view.data()[i * self.width..][..self.width];
            out.iter_mut().zip(stored).for_each(|(code, byte)| *code = *byte as i8);
            return *scale;
        }
        let mut row = vec![0.0; self.width];
        self.convert(i * self.width, &mut row);
        let greatest = row.iter().fold(0.0f32, |greatest, x| greatest.max(x.abs()));
        let scale = greatest.max(f32::MIN_POSITIVE * 127.0) / 127.0;
        out.iter_mut().zip(&row).for_each(|(code, x)| *code = (x / scale).round_ties_even() as i8);
        // `max` leaves out what is no number, and no integer can say so: the scale does
        let unsound: f32 = row.iter().map(|x| x * 0.0).sum();
        scale + unsound
    }

    fn convert(&self, at: usize, out: &mut [f32]) {
        let data = self.view.data();
        match self.view.dtype() {
            Dtype::F32 => each::<4>(data, at, out, f32::from_le_bytes),
            Dtype::F16 => widen(data[2 * at..].as_chunks().0, out),
            Dtype::BF16 => {
                each::<2>(data, at, out, |b| f32::from_bits(u32::from(u16::from_le_bytes(b)) << 16))
            }
            // `Weights::matrix` lets nothing else but I8 through.
            _ => each::<1>(data, at, out, |b| f32::from(i8::from_le_bytes(b))),
        }
    }

    fn to_vec(&self) -> Vec<f32> {
        let mut out = vec![0.0; self.view.shape().iter().product()];
        self.convert(0, &mut out);
        out
    }
}

fn each<const BYTES: usize>(data: &[u8], at: usize, out: &mut [f32], read: impl Fn([u8; BYTES]) -> f32) {
    let (numbers, _) = data[at * BYTES..].as_chunks::<BYTES>();
    for (x, bytes) in out.iter_mut().zip(numbers) {
        *x = read(*bytes);
    }
}
