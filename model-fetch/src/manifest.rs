//! models.toml: which models there are, where they come from, and the hashes of their files.
//!
//! It is a file for people: what is written into it leaves comments, order and spelling of all the rest alone.

mod file;
mod written;

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, TomlError};

use crate::{
    baton_json,
    error::{At, Error},
    hash::Hash,
    install::{Lock, Replacement},
    model_path::ModelPath,
    source::Source,
};

use file::RawFile;
pub use file::{FileEntry, Original};

/// models.toml, read and checked.
pub struct Manifest {
    path: PathBuf,
    /// The models, in the file's order.
    pub models: Vec<Entry>,
}

/// A model's entry.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What it is called here, and its folder.
    pub name: String,
    /// Where it comes from.
    pub source: Source,
    /// The exact version there: a Hugging Face repository's commit.
    pub revision: Option<String>,
    /// The hash of the archive that carries it.
    pub wheel_sha256: Option<Hash>,
    /// Its folder in the archive.
    pub wheel_folder: Option<ModelPath>,
    /// The weights' licence, as SPDX writes it where it can.
    pub licence: String,
    /// What one should know of it.
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
    /// Reads and checks the file.
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

    /// The model of that name.
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

    /// Whether the entry of that name could be written: better said before the model comes over the line.
    pub fn refuse_unwritable(&self, name: &str) -> Result<(), Error> {
        let _lock = self.lock()?;
        let (text, mut document) = self.document()?;
        self.table_of(name, &mut document)?;
        Replacement::prepare(&self.path, text.into_bytes()).map(drop)
    }

    /// Makes ready to write an entry: in the place of the one of that name, if that may be, or at the end. What could
    /// go wrong does so here, before the model comes to its place. Another writer waits until it is done.
    ///
    /// Of an entry that this manifest was read with, only what is another now is written: a licence, say, that a person
    /// wrote into it meanwhile stays.
    ///
    /// # Errors
    /// A file that can't be read or written; an entry of that name that came, or became another model's, while this one was
    /// brought.
    pub fn prepare(&self, entry: &Entry, replacing: bool) -> Result<Writing, Error> {
        let path = &self.path;
        let lock = self.lock()?;
        let (text, mut document) = self.document()?;
        let (before, now) = (self.find(&entry.name).ok(), Manifest::of(path, &text)?);
        match (before, now.find(&entry.name)) {
            (_, Ok(_)) if !replacing => return Err(is_taken(&entry.name)),
            // Another process may have pinned the very same.
            (Some(before), Ok(now)) if !now.is_same_model(before) && !now.is_same_model(entry) => {
                let text = format!(
                    "{}: `{}` has another source or other files there by now",
                    path.display(),
                    entry.name
                );
                return Err(Error::lasting(text).with("look at it, and run it again"));
            }
            _ => {}
        }
        match self.table_of(&entry.name, &mut document)? {
            Some(table) => written::write(entry, table, before),
            None => {
                let mut before = String::new();
                if now.models.is_empty() {
                    // Comments, which toml_edit takes for the document's end.
                    before = document.trailing().as_str().unwrap_or_default().to_owned();
                    document.set_trailing("");
                }
                if !text.is_empty() {
                    before += if text.ends_with('\n') { "\n" } else { "\n\n" };
                }
                let mut table = Table::new();
                table.decor_mut().set_prefix(before);
                written::write(entry, &mut table, None);
                self.models_of(&mut document)?.push(table);
            }
        }
        let new = written::as_spelled(document.to_string(), &text);
        // What can't be read would stop every command, for every model.
        Manifest::of(path, &new)?;
        Ok(Writing { replacement: Replacement::prepare(path, new.into_bytes())?, _lock: lock })
    }

    /// Beside the file itself, where the path is a link to it.
    fn lock(&self) -> Result<Lock, Error> {
        let path = fs::canonicalize(&self.path).at(&self.path)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Lock::take(path.parent().unwrap_or(Path::new("/")), &name)
    }

    fn document(&self) -> Result<(String, DocumentMut), Error> {
        let path = &self.path;
        let text = fs::read_to_string(path).at(path)?;
        let document = text
            .parse()
            .map_err(|e: TomlError| Error::lasting(format!("{}: {}", path.display(), e.message())))?;
        Ok((text, document))
    }

    fn models_of<'a>(&self, document: &'a mut DocumentMut) -> Result<&'a mut ArrayOfTables, Error> {
        let models = document.entry("model").or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
        models.as_array_of_tables_mut().ok_or_else(|| {
            let at = self.path.display();
            Error::lasting(format!("{at}: write its models as [[model]], each on its own lines"))
        })
    }

    fn table_of<'a>(
        &self,
        name: &str,
        document: &'a mut DocumentMut,
    ) -> Result<Option<&'a mut Table>, Error> {
        let models = self.models_of(document)?;
        let found = |table: &Table| table.get("name").and_then(Item::as_str) == Some(name);
        let position = models.iter().position(found);
        let Some(table) = position.and_then(|i| models.get_mut(i)) else { return Ok(None) };
        if table.get("files").is_some_and(Item::is_array_of_tables) {
            let at = self.path.display();
            return Err(Error::lasting(format!(
                "{at}: write the files of `{name}` as files = [{{ path = … }}, …]"
            )));
        }
        Ok(Some(table))
    }
}

/// models.toml with a new entry, about to be written.
pub struct Writing {
    replacement: Replacement,
    _lock: Lock,
}

impl Writing {
    /// Writes it; `installed` is where the model is already.
    pub fn finish(self, installed: Option<&Path>) -> Result<(), Error> {
        self.replacement.finish().map_err(|e| match installed {
            Some(model) => e.with(&format!(
                "{} is new, and models.toml as it was: mend that, and run it again with --replace",
                model.display()
            )),
            None => e,
        })
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
        !self.files.is_empty() && self.files.iter().all(|file| file.sha256.is_some())
    }

    /// The size of all files, where it is known.
    pub fn bytes(&self) -> Option<u64> {
        if self.files.is_empty() { None } else { self.files.iter().map(|file| file.bytes).sum() }
    }

    /// Whether it is the same version of the same files, from the same place.
    fn is_same_model(&self, other: &Entry) -> bool {
        let version =
            |entry: &Entry| (entry.revision.clone(), entry.wheel_sha256, entry.wheel_folder.clone());
        self.source == other.source && version(self) == version(other) && self.files == other.files
    }
}

/// There is an entry of that name.
pub fn is_taken(name: &str) -> Error {
    Error::lasting(format!("models.toml has a model `{name}`; give another --name, or --replace it"))
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
