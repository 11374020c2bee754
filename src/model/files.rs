//! A model's files, read: whatever is wrong with one is said with the file, and with what would do.

use std::{
    fmt, fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use serde::de::DeserializeOwned;
use serde_json::Value;

/// Why a model can't be loaded: the file, what is wrong with it, and what would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadError(String);

impl LoadError {
    pub(crate) fn new(message: String) -> Self {
        LoadError(message)
    }

    /// What is wrong with a file, or a directory.
    pub(super) fn at(file: &Path, what: impl fmt::Display) -> Self {
        LoadError(format!("{}: {what}", file.display()))
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for LoadError {}

/// A file's bytes, which are not Git LFS's pointer to them.
pub(super) fn read(file: &Path) -> Result<Vec<u8>, LoadError> {
    let bytes = fs::read(file).map_err(|e| LoadError::at(file, e))?;
    refuse_pointer(file, &bytes)?;
    Ok(bytes)
}

/// A JSON file.
pub(super) fn read_json<T: DeserializeOwned>(file: &Path) -> Result<T, LoadError> {
    let bytes = read(file)?;
    serde_json::from_slice(&bytes).map_err(|e| {
        let line = bytes.split(|byte| *byte == b'\n').nth(e.line().saturating_sub(1)).unwrap_or_default();
        let rest = line.get(e.column().saturating_sub(1)..).unwrap_or_default();
        let help = match rest.starts_with(b"NaN") || rest.starts_with(b"Infinity") {
            true => ": Python writes NaN and Infinity, which are no JSON; put a number or null there",
            false => "",
        };
        LoadError::at(file, format_args!("{e}{help}"))
    })
}

/// A JSON file that need not be there.
pub(super) fn read_json_if_there<T: DeserializeOwned>(file: &Path) -> Result<Option<T>, LoadError> {
    match fs::metadata(file) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        _ => read_json(file).map(Some),
    }
}

/// The value of a file's key, as what it must be.
pub(super) fn typed<T: DeserializeOwned>(file: &Path, key: &str, value: &Value) -> Result<T, LoadError> {
    T::deserialize(value).map_err(|e| LoadError::at(file, format_args!("`{key}` is {value}: {e}")))
}

/// What a file begins with that Git LFS keeps elsewhere.
const LFS: &[u8] = b"version https://git-lfs";

/// Refuses bytes that are such a pointer.
pub(super) fn refuse_pointer(file: &Path, bytes: &[u8]) -> Result<(), LoadError> {
    if !bytes.starts_with(LFS) {
        return Ok(());
    }
    Err(LoadError::at(file, "is Git LFS's pointer to the file; `git lfs pull` brings it"))
}

/// Refuses those of some files that are pointers, without reading the whole of the others.
pub(super) fn refuse_pointers(files: &[PathBuf]) -> Result<(), LoadError> {
    files.iter().try_for_each(|file| {
        let mut begin = Vec::new();
        let read = fs::File::open(file).and_then(|file| file.take(LFS.len() as u64).read_to_end(&mut begin));
        // What can't be read is told by who needs it.
        read.map_or(Ok(()), |_| refuse_pointer(file, &begin))
    })
}
