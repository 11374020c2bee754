//! Weights as PyTorch pickles them → safetensors, which Baton loads: the same numbers under the same names, of tensors that are
//! numbers in memory, in dictionaries. A pickle can run code when Python reads it; here it is only read.

use std::{
    cmp::Reverse,
    collections::BTreeMap,
    fs::File,
    io::{BufReader, BufWriter, Write},
    path::Path,
};

use pytorch_reader::{DType, PytorchError, PytorchReader, Tensor};
use serde::Serialize;
use zip::{CompressionMethod, ZipArchive};

use crate::{
    error::{At, Error},
    safetensors::METADATA,
};

/// What transformers calls them.
pub const PICKLED: &str = "pytorch_model.bin";

/// Whether a file of that name is weights in a pickle.
pub fn is_pickled(name: &str) -> bool {
    [".bin", ".pt", ".pth"].iter().any(|ending| name.ends_with(ending))
}

/// A tensor in the header of a safetensors file.
#[derive(Serialize)]
struct Described<'a> {
    dtype: &'static str,
    shape: &'a [usize],
    data_offsets: [usize; 2],
}

/// Writes into `to` what is in `from`, if it is no more than `most` bytes. The same input gives the same bytes, of which a
/// hash can be pinned.
///
/// # Errors
/// Within: why `from` is no weights that can be read. Outside: a file that can't be written or read.
pub fn convert(from: &Path, to: &Path, most: u64) -> Result<Result<(), String>, Error> {
    if let Some(fault) = archive_fault(from)? {
        return Ok(Err(fault));
    }
    let reader = match PytorchReader::new(from) {
        Ok(reader) => reader,
        Err(PytorchError::Io(e)) if is_of_the_system(&e) => return Err(Error::at(from, &e)),
        Err(e) => return Ok(Err(e.to_string())),
    };
    let mut tensors: Vec<_> = reader.tensors().values().filter(|tensor| tensor.name != METADATA).collect();
    if tensors.is_empty() {
        return Ok(Err("has no tensors by name".into()));
    }
    // A few bytes may stand for many, each for all rows.
    let bytes = tensors.iter().fold(0_u64, |sum, tensor| sum.saturating_add(tensor.byte_len() as u64));
    if bytes > most {
        return Ok(Err(format!("its tensors would have {bytes} bytes; --max-mib leaves {most} for them")));
    }
    // The widest first: each then lies where its numbers can be read in place.
    tensors.sort_by_key(|tensor| (Reverse(tensor.dtype().size()), &tensor.name));
    let mut file = BufWriter::new(File::create(to).at(to)?);
    file.write_all(&header(&tensors)).at(to)?;
    for tensor in tensors {
        let bytes = match tensor.read() {
            Ok(bytes) => bytes,
            Err(e) if is_of_the_system(&e) => return Err(Error::at(from, &e)),
            Err(e) => return Ok(Err(e.to_string())),
        };
        file.write_all(&bytes).at(to)?;
    }
    file.into_inner().map_err(std::io::IntoInnerError::into_error).and_then(|file| file.sync_all()).at(to)?;
    Ok(Ok(()))
}

/// What speaks against reading an archive: PyTorch packs nothing in it, and what describes its tensors is small. A few
/// bytes could else become gigabytes in memory.
fn archive_fault(path: &Path) -> Result<Option<String>, Error> {
    const MOST_DESCRIBED: u64 = 2 << 20;
    let file = File::open(path).at(path)?;
    // One of before 1.6 is none.
    let Ok(mut archive) = ZipArchive::new(BufReader::new(file)) else { return Ok(None) };
    for i in 0..archive.len() {
        let Ok(entry) = archive.by_index_raw(i) else { continue };
        if entry.compression() != CompressionMethod::Stored {
            return Ok(Some("its archive is packed, which PyTorch doesn't do".into()));
        }
        if entry.name().is_ok_and(|name| name.ends_with(".pkl")) && entry.size() > MOST_DESCRIBED {
            let bytes = entry.size();
            return Ok(Some(format!(
                "what describes its tensors has {bytes} bytes, {MOST_DESCRIBED} at most can be read"
            )));
        }
    }
    Ok(None)
}

/// The header's length and the header: names, and where each tensor lies behind it.
fn header(tensors: &[&Tensor]) -> Vec<u8> {
    let mut end = 0;
    let described = tensors.iter().map(|tensor| {
        let start = end;
        end += tensor.byte_len();
        let described =
            Described { dtype: dtype(tensor.dtype()), shape: tensor.shape(), data_offsets: [start, end] };
        (tensor.name.as_str(), serde_json::json!(described))
    });
    let mut all: BTreeMap<&str, serde_json::Value> = described.collect();
    // By which transformers knows that it may load them.
    all.insert(METADATA, serde_json::json!({"format": "pt"}));
    let mut text = serde_json::json!(all).to_string().into_bytes();
    text.resize(text.len().next_multiple_of(8), b' ');
    [&(text.len() as u64).to_le_bytes()[..], &text].concat()
}

fn dtype(dtype: DType) -> &'static str {
    match dtype {
        DType::F64 => "F64",
        DType::F32 => "F32",
        DType::F16 => "F16",
        DType::BF16 => "BF16",
        DType::I64 => "I64",
        DType::I32 => "I32",
        DType::I16 => "I16",
        DType::I8 => "I8",
        DType::U64 => "U64",
        DType::U32 => "U32",
        DType::U16 => "U16",
        DType::U8 => "U8",
        DType::Bool => "BOOL",
    }
}

/// Whether the file couldn't be read, and not what is in it.
fn is_of_the_system(e: &std::io::Error) -> bool {
    use std::io::ErrorKind::{InvalidData, UnexpectedEof};
    !matches!(e.kind(), InvalidData | UnexpectedEof)
}
