//! models.toml with an entry that is new or another now. It is a file for people: what is written into it leaves
//! comments, order and spelling of all the rest alone.

use std::{fs, path::Path};

use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, TomlError};

use super::{Entry, Manifest, written};
use crate::{
    error::{At, Error},
    install::{Lock, Replacement},
};

impl Manifest {
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
            None => self.append(entry, &mut document, &text)?,
        }
        let new = written::as_spelled(document.to_string(), &text);
        // What can't be read would stop every command, for every model.
        Manifest::of(path, &new)?;
        Ok(Writing { replacement: Replacement::prepare(path, new.into_bytes())?, _lock: lock })
    }

    fn append(&self, entry: &Entry, document: &mut DocumentMut, text: &str) -> Result<(), Error> {
        let mut before = String::new();
        if self.models_of(document)?.is_empty() {
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
        self.models_of(document)?.push(table);
        Ok(())
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

/// There is an entry of that name.
pub fn is_taken(name: &str) -> Error {
    Error::lasting(format!("models.toml has a model `{name}`; give another --name, or --replace it"))
}
