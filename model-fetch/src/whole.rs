//! Whether a file that nobody has pinned yet is what its name says: a source that states no sizes may have given a
//! part of it, or something else. Must be cheap, so of weights only the header is read; whether Baton can load them,
//! `check` tells.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufRead, BufReader, Read},
    path::Path,
};

use serde::{Deserialize, de::IgnoredAny};

use crate::{
    download::is_page,
    error::{At, Error},
    safetensors::{self, Fault, LENGTH},
    select,
};

/// The special tokens are five.
const FEWEST_TOKENS: usize = 5;
/// As git-lfs' specification has it.
const POINTER: &[u8] = b"version https://git-lfs";

/// Of a tensor in a header, and of `__metadata__`, which has none: where its data lies, counted from the header's end.
#[derive(Deserialize)]
struct Tensor {
    data_offsets: Option<[u64; 2]>,
}

/// What is wrong with a file, and what to do.
pub fn fault(path: &Path) -> Result<Option<String>, Error> {
    let mut file = BufReader::new(File::open(path).at(path)?);
    let bytes = file.get_ref().metadata().at(path)?.len();
    if file.fill_buf().at(path)?.starts_with(POINTER) {
        let text =
            "is only Git LFS's pointer to the file: fetch the file there with git lfs (`git lfs pull`)";
        return Ok(Some(text.to_owned()));
    }
    if is_page(file.buffer()) {
        return Ok(Some("is a web page; put the file itself there".to_owned()));
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let judged = match &*name {
        name if name.ends_with(".safetensors") => weights(file, bytes),
        name if is_object(name) => object(file),
        "vocab.txt" => vocabulary(file),
        _ => Ok(()),
    };
    Ok(judged.err().map(|fault| format!("{fault}; put the whole file there, and run it again")))
}

fn is_object(name: &str) -> bool {
    name.ends_with(".safetensors.index.json") || (name.ends_with(".json") && select::is_read(name))
}

fn object(file: impl Read) -> Result<(), String> {
    let keys: Result<BTreeMap<String, IgnoredAny>, _> = serde_json::from_reader(file);
    keys.map(drop).map_err(|e| format!("is no JSON object: {e}"))
}

/// A token a line, none of which has a space in it; whether it goes on to the end can't be told.
fn vocabulary(file: impl BufRead) -> Result<(), String> {
    let first: Vec<String> = file.take(1 << 16).lines().take(FEWEST_TOKENS).map_while(Result::ok).collect();
    if first.len() < FEWEST_TOKENS || first.iter().any(|token| token.trim_end().contains(' ')) {
        return Err("is no vocabulary: it would have a token a line".into());
    }
    Ok(())
}

fn weights(mut file: impl Read, bytes: u64) -> Result<(), String> {
    let header = safetensors::header_length(&mut file).map_err(|fault| match fault {
        Fault::TooShort => {
            format!("has {bytes} bytes where safetensors have {LENGTH} for their header's length")
        }
        Fault::TooLong(header) => format!("is no safetensors: its header would have {header} bytes"),
    })?;
    let data = LENGTH + header;
    if bytes < data {
        return Err(format!("has {bytes} bytes where with its header alone it would have {data}"));
    }
    let tensors: BTreeMap<String, Tensor> = serde_json::from_reader(BufReader::new(file.take(header)))
        .map_err(|e| format!("is no safetensors: its header can't be read: {e}"))?;
    let ends = tensors.values().filter_map(|tensor| tensor.data_offsets).map(|[_, end]| end);
    let expected = data.saturating_add(ends.max().unwrap_or(0));
    if bytes != expected {
        return Err(format!("has {bytes} bytes where its header says {expected}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(header: &str, data: u64) -> Result<(), String> {
        let length = header.len() as u64;
        let file = [&length.to_le_bytes(), header.as_bytes()].concat();
        weights(&*file, LENGTH + length + data)
    }

    #[test]
    fn the_length_is_the_header_and_the_data_that_ends_last() {
        let header = r#"{"__metadata__":{"format":"pt"},"b":{"dtype":"U8","shape":[2],"data_offsets":[3,5]},
                         "a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}   "#;
        assert_eq!(judged(header, 5), Ok(()));
        for data in [4, 6] {
            assert!(judged(header, data).unwrap_err().contains("where its header says"));
        }
        assert!(judged(r#"{"a":{"data_offsets":[0,18446744073709551615]}}"#, 9).is_err());
    }

    #[test]
    fn what_is_no_header_is_refused_and_never_read_whole() {
        for header in ["", "[]", "{", r#"{"a":1}"#, r#"{"a":{"data_offsets":[0,-1]}}"#] {
            assert!(judged(header, 0).unwrap_err().contains("header can't be read"), "{header}");
        }
        assert!(weights(&[1, 2][..], 2).unwrap_err().contains("has 2 bytes"));
        assert!(weights(&[0xff; 16][..], 16).unwrap_err().contains("is no safetensors"));
        assert!(weights(&[9, 0, 0, 0, 0, 0, 0, 0, b'{'][..], 9).unwrap_err().contains("it would have 17"));
    }
}
