//! What a model's files say of themselves, without loading it.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::Read,
    path::Path,
};

use serde::Deserialize;

use crate::{
    error::{At, Error},
    safetensors::{self, Fault, METADATA},
};

/// What is known before anything is loaded.
pub struct Facts {
    /// The class, and the family.
    pub architecture: String,
    /// Numbers in the weights.
    pub parameters: u64,
    /// Bytes of all its files.
    pub bytes: u64,
}

#[derive(Deserialize)]
struct Config {
    #[serde(default)]
    architectures: Vec<String>,
    model_type: Option<String>,
}

#[derive(Deserialize)]
struct Tensor {
    shape: Vec<u64>,
}

impl Facts {
    /// Reads config.json and the heads of the weights.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let path = folder.join("config.json");
        if !path.exists() {
            return Err(Error::lasting(format!("{} is no model: it has no config.json", folder.display())));
        }
        let config: Config = serde_json::from_slice(&fs::read(&path).at(&path)?)
            .map_err(|e| Error::lasting(format!("{}: {e}", path.display())))?;
        let class = config.architectures.first().map_or("no class named", String::as_str);
        let family = config.model_type.as_deref().unwrap_or("no family named");
        let mut facts = Facts { architecture: format!("{class} ({family})"), parameters: 0, bytes: 0 };
        facts.add(folder)?;
        Ok(facts)
    }

    /// Adds a folder's files, and those below it, where shards may lie; not what is hidden, as a clone's history is.
    fn add(&mut self, folder: &Path) -> Result<(), Error> {
        for entry in fs::read_dir(folder).at(folder)? {
            let entry = entry.at(folder)?;
            let path = entry.path();
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let metadata = fs::metadata(&path).at(&path)?;
            // A link to a folder may lead back here.
            if entry.file_type().at(&path)?.is_dir() {
                self.add(&path)?;
            } else if metadata.is_file() {
                self.bytes += metadata.len();
                if path.extension().is_some_and(|ending| ending == "safetensors") {
                    self.parameters += parameters(&path)?;
                }
            }
        }
        Ok(())
    }
}

/// Scales and position ids are no parameters.
fn parameters(path: &Path) -> Result<u64, Error> {
    let refuse = |why: &str| Error::lasting(format!("{}: is no safetensors file: {why}", path.display()));
    let mut file = File::open(path).at(path)?;
    let length = safetensors::header_length(&mut file).map_err(|fault| match fault {
        Fault::TooShort => refuse("it is too short"),
        Fault::TooLong(_) => refuse("its header is too long"),
    })?;
    let mut header = Vec::new();
    file.take(length).read_to_end(&mut header).at(path)?;
    let tensors: BTreeMap<String, serde_json::Value> =
        serde_json::from_slice(&header).map_err(|e| refuse(&e.to_string()))?;
    let mut sum = 0_u64;
    for (name, tensor) in tensors {
        if name == METADATA || name.ends_with("_scale") || name.ends_with("position_ids") {
            continue;
        }
        let tensor: Tensor = serde_json::from_value(tensor).map_err(|e| refuse(&e.to_string()))?;
        let count = tensor.shape.iter().try_fold(1_u64, |product, n| product.checked_mul(*n));
        sum = count.and_then(|count| sum.checked_add(count)).ok_or_else(|| refuse("a shape overflows"))?;
    }
    Ok(sum)
}
