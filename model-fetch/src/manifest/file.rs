//! A file of a model in models.toml: its place and bytes here, and at its source where those are others.

use serde::Deserialize;

use crate::{baton_json, convert::is_pickled, hash::Hash, model_path::ModelPath, select};

/// A file of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEntry {
    /// Its place in the model's folder.
    pub path: ModelPath,
    /// Its place at the source, if that is another.
    pub from: Option<ModelPath>,
    /// Its size.
    pub bytes: Option<u64>,
    /// Its hash; None until someone pins it.
    pub sha256: Option<Hash>,
    /// Of one that is converted: what is known of the file at the source.
    pub original: Original,
}

/// The bytes that a file is converted from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Original {
    /// Their number.
    pub bytes: Option<u64>,
    /// Their hash.
    pub sha256: Option<Hash>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RawFile {
    path: String,
    from: Option<String>,
    from_bytes: Option<u64>,
    from_sha256: Option<Hash>,
    bytes: Option<u64>,
    sha256: Option<Hash>,
}

impl FileEntry {
    /// A file of which only the place is known.
    pub fn unknown(path: &ModelPath) -> Self {
        let original = Original::default();
        FileEntry { path: path.clone(), from: None, bytes: None, sha256: None, original }
    }

    /// What is to be made of a file at a source: of pickled weights, those that Baton loads.
    pub fn of_source(place: &ModelPath) -> Self {
        if !is_pickled(place.as_str()) {
            return FileEntry::unknown(place);
        }
        FileEntry { from: Some(place.clone()), ..FileEntry::unknown(&ModelPath::own(select::WHOLE)) }
    }

    pub(super) fn from_raw(raw: RawFile) -> Result<Self, String> {
        let from = raw.from.map(|from| from.parse()).transpose()?;
        let original = Original { bytes: raw.from_bytes, sha256: raw.from_sha256 };
        let file =
            FileEntry { path: raw.path.parse()?, from, bytes: raw.bytes, sha256: raw.sha256, original };
        if file.original != Original::default() && !file.is_converted() {
            let path = &file.path;
            return Err(format!(
                "`{path}` is not converted: `bytes` and `sha256` are those of the file at the source"
            ));
        }
        Ok(file)
    }

    /// Whether what is at the source is pickled weights, and this is what Baton loads of them.
    pub fn is_converted(&self) -> bool {
        is_pickled(self.at_source().as_str()) && self.path.as_str().ends_with(".safetensors")
    }

    /// With what a source says of the file there, where nobody has pinned it.
    #[must_use]
    pub fn told(mut self, bytes: Option<u64>, sha256: Option<Hash>) -> Self {
        let (own_bytes, own_sha256) = match self.is_converted() {
            true => (&mut self.original.bytes, &mut self.original.sha256),
            false => (&mut self.bytes, &mut self.sha256),
        };
        *own_bytes = own_bytes.or(bytes);
        *own_sha256 = own_sha256.or(sha256);
        self
    }

    /// Its place at the source.
    pub fn at_source(&self) -> &ModelPath {
        self.from.as_ref().unwrap_or(&self.path)
    }

    /// Whether it is what a table `baton` would be.
    pub fn is_baton_json(&self) -> bool {
        self.path.as_str() == baton_json::FILE
    }
}
