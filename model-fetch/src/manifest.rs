//! models.toml: which models there are, where they come from, and the hashes of their files.

mod change;
mod file;
mod written;

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use crate::{
    baton_json,
    error::{At, Error},
    hash::Hash,
    model_path::ModelPath,
    source::Source,
};

pub use change::is_taken;
use file::RawFile;
pub use file::{Content, FileEntry};

/// models.toml, read and checked.
pub struct Manifest {
    path: PathBuf,
    /// The models, in the file's order.
    pub models: Vec<Entry>,
}

#[derive(Clone, Debug)]
pub struct Entry {
    /// What it is called here, and its folder.
    pub name: String,
    pub source: Source,
    /// The exact version there: a Hugging Face repository's commit.
    pub revision: Option<String>,
    /// The hash of the archive that carries it.
    pub wheel_sha256: Option<Hash>,
    pub wheel_folder: Option<ModelPath>,
    /// The weights' licence, as SPDX writes it where it can.
    pub licence: String,
    pub note: Option<String>,
    /// What its baton.json says, where its source has none.
    pub baton: Option<baton_json::Table>,
    /// Its files; none where nobody has pinned them yet.
    pub files: Vec<FileEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(default)]
    model: Vec<RawEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawEntry {
    name: String,
    source: String,
    revision: Option<String>,
    wheel_sha256: Option<Hash>,
    wheel_folder: Option<String>,
    licence: String,
    note: Option<String>,
    baton: Option<baton_json::Table>,
    #[serde(default)]
    files: Vec<RawFile>,
}

impl Manifest {
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = fs::read_to_string(path).at(path);
        let text =
            text.map_err(|e| e.with("give another with --models; an empty file does to begin with"))?;
        Manifest::of(path, &text)
    }

    /// What the file says by now: another process may have written it.
    pub fn again(&self) -> Result<Self, Error> {
        Manifest::read(&self.path)
    }

    fn of(path: &Path, text: &str) -> Result<Self, Error> {
        let raw: Raw = toml_edit::de::from_str(text).map_err(|e| {
            // Its number, not the line itself, which may hold a password.
            let before = e.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            Error::lasting(format!("{}:{line}: {}", path.display(), e.message()))
        })?;
        let mut models: Vec<Entry> = Vec::new();
        for raw in raw.model {
            let name = raw.name.clone();
            let refuse = |why: String| Error::lasting(format!("{}: model `{name}`: {why}", path.display()));
            let entry = Entry::from_raw(raw).map_err(refuse)?;
            if models.iter().any(|other| other.name == entry.name) {
                return Err(refuse("is there twice".into()));
            }
            models.push(entry);
        }
        Ok(Manifest { path: path.to_owned(), models })
    }

    pub fn find(&self, name: &str) -> Result<&Entry, Error> {
        self.models.iter().find(|entry| entry.name == name).ok_or_else(|| {
            let names: Vec<_> = self.models.iter().map(|entry| entry.name.as_str()).collect();
            let others = if names.is_empty() { "none at all".into() } else { names.join(", ") };
            Error::lasting(format!("{}: has no model `{name}`, but {others}", self.path.display()))
        })
    }

    /// The folder that local sources are relative to.
    pub fn folder(&self) -> &Path {
        self.path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }
}

impl Entry {
    fn from_raw(raw: RawEntry) -> Result<Self, String> {
        check_name(&raw.name)?;
        let source: Source = raw.source.parse()?;
        let files: Vec<FileEntry> =
            raw.files.into_iter().map(FileEntry::from_raw).collect::<Result<_, _>>()?;
        for (i, file) in files.iter().enumerate() {
            if files[..i].iter().any(|other| other.path == file.path) {
                return Err(format!("`{}` is there twice", file.path));
            }
        }
        if raw.baton.is_some() && files.iter().any(FileEntry::is_baton_json) {
            return Err("has a table `baton` and a file baton.json: take one of them away".into());
        }
        let wheel_folder = raw.wheel_folder.map(|folder| folder.parse()).transpose()?;
        Ok(Entry {
            name: raw.name,
            source,
            revision: raw.revision,
            wheel_sha256: raw.wheel_sha256,
            wheel_folder,
            licence: raw.licence,
            note: raw.note,
            baton: raw.baton,
            files,
        })
    }

    /// Whether every byte of it is known by hash.
    pub fn is_pinned(&self) -> bool {
        !self.files.is_empty() && self.files.iter().all(|file| file.content.sha256.is_some())
    }

    /// The size of all files, where it is known.
    pub fn bytes(&self) -> Option<u64> {
        if self.files.is_empty() { None } else { self.files.iter().map(|file| file.content.bytes).sum() }
    }

    /// Whether it is the same version of the same files, from the same place.
    fn is_same_model(&self, other: &Entry) -> bool {
        let version =
            |entry: &Entry| (entry.revision.clone(), entry.wheel_sha256, entry.wheel_folder.clone());
        self.source == other.source && version(self) == version(other) && self.files == other.files
    }
}

/// A name is a folder's name too.
pub fn check_name(name: &str) -> Result<(), String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || name.len() > 100 || name.starts_with(['.', '-']) || !name.chars().all(plain) {
        let text = "is no name: take at most 100 letters, digits, `-`, `_` and `.`";
        return Err(format!("`{}` {text}, and neither `.` nor `-` first", name.escape_debug()));
    }
    Ok(())
}
