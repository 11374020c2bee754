//! A folder here: the models that ship with the project, a model of one's own, one that was converted.

use std::{
    ffi::OsStr,
    fs,
    fs::File,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use super::{Catalogue, Listed, Origin};
use crate::{
    download::{self, Job},
    error::{At, Error},
    manifest::Content,
    model_path::ModelPath,
};

pub struct Folder(pub PathBuf);

impl Origin for Folder {
    fn catalogue(&mut self) -> Result<Catalogue, Error> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.0).at(&self.0)? {
            let entry = entry.at(&self.0)?;
            // A link counts as what it leads to: the Hub's cache is made of them. One that leads nowhere may be
            // none of the model's; if it is wanted, `bring` says so.
            let metadata = fs::metadata(entry.path()).ok();
            let name = entry.file_name().into_string().ok().and_then(|name| name.parse().ok());
            if let Some(path) = name.filter(|_| metadata.as_ref().is_none_or(fs::Metadata::is_file)) {
                files.push(Listed { path, content: Content::sized(metadata.map(|m| m.len())) });
            }
        }
        // A folder may be large below: what is wanted there is looked for by its name.
        Ok(Catalogue { files, is_flat: true, ..Catalogue::default() })
    }

    fn bring(&mut self, path: &ModelPath, job: &Job<'_>) -> Result<bool, Error> {
        let from = path.within(&self.0);
        // A pipe would never end.
        if fs::metadata(&from).is_ok_and(|metadata| !metadata.is_file()) {
            return Err(Error::lasting(format!("{}: is no ordinary file", from.display())));
        }
        let mut file = File::open(&from).map_err(|e| match e.kind() {
            ErrorKind::NotFound => is_missing(&from),
            _ => Error::at(&from, &e),
        })?;
        let bytes = file.metadata().at(&from)?.len();
        download::copy(job, &mut file, bytes)?;
        Ok(false)
    }
}

fn is_missing(file: &Path) -> Error {
    let at = file.display();
    if file.is_symlink() {
        let text = format!("{at}: is a link that leads nowhere");
        return Error::lasting(text).with("put the file there that it stands for");
    }
    let text = format!("{at}: is missing, though models.toml, --file or an index of weights names it");
    Error::lasting(text).with("put it there")
}

/// A folder's name; empty where it has none. `.` and `..` have that of the folder they stand for.
pub fn name(path: &Path) -> String {
    let meant = || fs::canonicalize(path).ok()?.file_name().map(OsStr::to_owned);
    let name = path.file_name().map(OsStr::to_owned).or_else(meant);
    name.unwrap_or_default().to_string_lossy().into_owned()
}
