//! models.toml: which models there are, where they come from, and the hashes of their files.
//!
//! It is a file for people: what is written into it leaves comments, order and spelling of all the rest alone.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, TomlError, Value, value};

use crate::{
    baton_json,
    error::{At, Error},
    hash::Hash,
    install::{Lock, Replacement},
    model_path::ModelPath,
    source::Source,
};

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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    path: String,
    from: Option<String>,
    bytes: Option<u64>,
    sha256: Option<Hash>,
}

impl Manifest {
    /// Reads and checks the file.
    ///
    /// # Errors
    /// The file, the model and the key that are wrong.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = fs::read_to_string(path).at(path);
        let text =
            text.map_err(|e| e.with("give another with --models; an empty file does to begin with"))?;
        Manifest::of(path, &text)
    }

    /// What the file says by now: another process may have written it.
    ///
    /// # Errors
    /// As of [`Manifest::read`].
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
    ///
    /// # Errors
    /// A sentence that lists those there are.
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

    /// Whether an entry could be written: better said before the model comes over the line.
    ///
    /// # Errors
    /// A file that can't be read or written, or is of another form.
    pub fn refuse_unwritable(&self) -> Result<(), Error> {
        let (text, mut document) = self.document()?;
        self.models_of(&mut document)?;
        Replacement::prepare(&self.path, text.into_bytes()).map(drop)
    }

    /// Makes ready to write an entry: in the place of the one of that name, if that may be, or at the end. What could
    /// go wrong does so here, before the model comes to its place. Another writer waits until it is done.
    ///
    /// Of an entry that this manifest was read with, only what is another now is written: what a person wrote into it
    /// meanwhile stays.
    ///
    /// # Errors
    /// A file that can't be read or written; an entry of that name, also one that came while the model was brought.
    pub fn prepare(&self, entry: &Entry, replacing: bool) -> Result<Writing, Error> {
        let path = &self.path;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let lock = Lock::take(self.folder(), &name)?;
        let (text, mut document) = self.document()?;
        let models = self.models_of(&mut document)?;
        let found = |table: &Table| table.get("name").and_then(Item::as_str) == Some(&entry.name);
        let position = models.iter().position(found);
        match position.and_then(|i| models.get_mut(i)) {
            Some(_) if !replacing => return Err(is_taken(&entry.name)),
            Some(table) => entry.write_into(table, self.find(&entry.name).ok()),
            None => {
                let mut table = Table::new();
                table.decor_mut().set_prefix("\n");
                entry.write_into(&mut table, None);
                models.push(table);
            }
        }
        let new = as_spelled(document.to_string(), &text);
        // What can't be read would stop every command, for every model.
        Manifest::of(path, &new)?;
        Ok(Writing { replacement: Replacement::prepare(path, new.into_bytes())?, _lock: lock })
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
}

/// models.toml with a new entry, about to be written.
pub struct Writing {
    replacement: Replacement,
    _lock: Lock,
}

impl Writing {
    /// Writes it; `installed` is where the model is already.
    ///
    /// # Errors
    /// What is where then.
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

    /// What is another than in `before`, which the table was read as; all, without it.
    fn write_into(&self, table: &mut Table, before: Option<&Entry>) {
        let strings = |entry: &Entry| {
            [
                ("name", Some(entry.name.clone())),
                ("source", Some(entry.source.in_full())),
                ("revision", entry.revision.clone()),
                ("wheel-sha256", entry.wheel_sha256.map(|hash| hash.to_string())),
                ("wheel-folder", entry.wheel_folder.as_ref().map(ModelPath::to_string)),
                ("licence", Some(entry.licence.clone())),
                ("note", entry.note.clone()),
            ]
        };
        let known = before.map(strings);
        for (i, (key, new)) in strings(self).into_iter().enumerate() {
            if known.as_ref().is_none_or(|known| known[i].1 != new) {
                set(table, key, new.map(Into::into));
            }
        }
        // People write it, and as they spelled it it stays.
        if self.baton.is_none() && before.is_none_or(|before| before.baton.is_some()) {
            table.remove("baton");
        }
        if before.is_some_and(|before| before.files == self.files) {
            return;
        }
        let mut files = match table.get("files").and_then(Item::as_array) {
            Some(files) => files.clone(),
            None => {
                let mut files = Array::new();
                files.set_trailing("\n");
                files.set_trailing_comma(true);
                files
            }
        };
        let old: Vec<Value> = files.iter().cloned().collect();
        files.clear();
        for file in &self.files {
            files.push_formatted(file.to_toml(&old));
        }
        set(table, "files", Some(Value::Array(files)));
    }
}

/// A text with the line ends, and the byte order mark, that `before` has: toml_edit writes plain ones, and none.
fn as_spelled(text: String, before: &str) -> String {
    let ends = before.find('\n').is_some_and(|at| before[..at].ends_with('\r'));
    let text = if ends { text.replace("\r\n", "\n").replace('\n', "\r\n") } else { text };
    if before.starts_with('\u{feff}') { format!("\u{feff}{text}") } else { text }
}

/// Sets a key in its place, keeping the comment behind it; takes it away for None.
fn set(table: &mut Table, key: &str, new: Option<Value>) {
    let Some(mut new) = new else {
        table.remove(key);
        return;
    };
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(old) => {
            *new.decor_mut() = old.decor().clone();
            *old = new;
        }
        None => {
            table.insert(key, value(new));
        }
    }
}

impl FileEntry {
    /// A file of which only the place is known.
    pub fn unknown(path: &ModelPath) -> Self {
        FileEntry { path: path.clone(), from: None, bytes: None, sha256: None }
    }

    fn from_raw(raw: RawFile) -> Result<Self, String> {
        let from = raw.from.map(|from| from.parse()).transpose()?;
        Ok(FileEntry { path: raw.path.parse()?, from, bytes: raw.bytes, sha256: raw.sha256 })
    }

    /// Its place at the source.
    pub fn at_source(&self) -> &ModelPath {
        self.from.as_ref().unwrap_or(&self.path)
    }

    /// Whether it is what a table `baton` would be.
    pub fn is_baton_json(&self) -> bool {
        self.path.as_str() == baton_json::FILE
    }

    /// In the place of the one of that path among `old`, with the comments before it.
    fn to_toml(&self, old: &[Value]) -> Value {
        let mut table = InlineTable::new();
        table.insert("path", self.path.as_str().into());
        if let Some(from) = &self.from {
            table.insert("from", from.as_str().into());
        }
        if let Some(bytes) = self.bytes.and_then(|n| i64::try_from(n).ok()) {
            table.insert("bytes", bytes.into());
        }
        if let Some(hash) = self.sha256 {
            table.insert("sha256", hash.to_string().into());
        }
        let path = |old: &&Value| {
            old.as_inline_table().and_then(|table| table.get("path")).and_then(Value::as_str)
                == Some(self.path.as_str())
        };
        match old.iter().find(path) {
            Some(old) => {
                *table.decor_mut() = old.decor().clone();
                Value::InlineTable(table)
            }
            None => Value::InlineTable(table).decorated("\n    ", ""),
        }
    }
}

/// There is an entry of that name.
pub fn is_taken(name: &str) -> Error {
    Error::lasting(format!("models.toml has a model `{name}`; give another --name, or --replace it"))
}

/// A name is a folder's name too.
///
/// # Errors
/// What names may be.
pub fn check_name(name: &str) -> Result<(), String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || name.len() > 100 || name.starts_with(['.', '-']) || !name.chars().all(plain) {
        let text = "is no name: take at most 100 letters, digits, `-`, `_` and `.`";
        return Err(format!("`{}` {text}, and neither `.` nor `-` first", name.escape_debug()));
    }
    Ok(())
}
