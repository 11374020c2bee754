//! A file of a model in models.toml: its place and bytes here, and at its source where those are others.

use serde::Deserialize;

use crate::{baton_json, convert::is_pickled, hash::Hash, model_path::ModelPath, select};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEntry {
    /// Its place in the model's folder.
    pub path: ModelPath,
    /// Its place at the source, if that is another.
    pub from: Option<ModelPath>,
    pub content: Content,
    /// Of one that is converted: the file at the source.
    pub original: Content,
}

/// What is known of a file's bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Content {
    pub bytes: Option<u64>,
    /// None until someone pins it.
    pub sha256: Option<Hash>,
}

impl Content {
    pub fn sized(bytes: Option<u64>) -> Self {
        Content { bytes, sha256: None }
    }

    /// The same, with what another knows of it where this doesn't.
    #[must_use]
    pub fn or(self, other: Content) -> Self {
        Content { bytes: self.bytes.or(other.bytes), sha256: self.sha256.or(other.sha256) }
    }
}

impl From<(Hash, u64)> for Content {
    fn from((hash, bytes): (Hash, u64)) -> Self {
        Content { bytes: Some(bytes), sha256: Some(hash) }
    }
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
        let unknown = Content::default();
        FileEntry { path: path.clone(), from: None, content: unknown, original: unknown }
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
        let content = Content { bytes: raw.bytes, sha256: raw.sha256 };
        let original = Content { bytes: raw.from_bytes, sha256: raw.from_sha256 };
        let file = FileEntry { path: raw.path.parse()?, from, content, original };
        if file.original != Content::default() && !file.is_converted() {
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
    pub fn told(mut self, told: Content) -> Self {
        let own = if self.is_converted() { &mut self.original } else { &mut self.content };
        *own = own.or(told);
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
