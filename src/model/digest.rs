//! A model's identity: the hash of what decides its results.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use sha2::{Digest, Sha256};

use super::LoadError;

/// The files that decide a model's results; all others (cards, caches) may change freely.
fn decides(name: &str) -> bool {
    matches!(name, "config.json" | "tokenizer.json" | "model.safetensors.index.json")
        || name.ends_with(".safetensors")
}

/// `sha256:` and the hash of the list `<sha256 of the file>  <name>` of the deciding files, by name: what
/// `sha256sum` prints for them.
///
/// # Errors
/// A file that can't be read.
pub fn digest(directory: &Path) -> Result<String, LoadError> {
    let fail = |e: io::Error| LoadError::new(format!("{}: {e}", directory.display()));
    let mut names = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(fail)? {
        names.extend(entry.map_err(fail)?.file_name().into_string().ok().filter(|name| decides(name)));
    }
    names.sort();
    let mut list = Sha256::new();
    for name in names {
        let hash = hash(&directory.join(&name)).map_err(fail)?;
        list.update(format!("{}  {name}\n", crate::hex(&hash)));
    }
    Ok(format!("sha256:{}", crate::hex(&list.finalize())))
}

fn hash(path: &Path) -> io::Result<Vec<u8>> {
    let (mut file, mut hash) = (File::open(path)?, Sha256::new());
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hash.finalize().to_vec()),
            n => hash.update(&buffer[..n]),
        }
    }
}
