//! A folder here: the models that ship with the project, a model of one's own, one that was converted.

use std::{fs, fs::File, path::PathBuf};

use super::{Catalogue, Listed};
use crate::{
    download::{self, Job},
    error::{At, Error},
    model_path::ModelPath,
    settings::Settings,
};

pub struct Folder {
    settings: Settings,
    path: PathBuf,
}

impl Folder {
    pub fn new(settings: &Settings, path: PathBuf) -> Self {
        Folder { settings: settings.clone(), path }
    }

    pub fn catalogue(&mut self) -> Result<Catalogue, Error> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.path).at(&self.path)? {
            let entry = entry.at(&self.path)?;
            // A link counts as what it leads to: the Hub's cache is made of them.
            let metadata = fs::metadata(entry.path()).at(&entry.path())?;
            let name = entry.file_name().into_string().ok().and_then(|name| name.parse().ok());
            if let Some(path) = name.filter(|_| metadata.is_file()) {
                files.push(Listed { path, bytes: Some(metadata.len()), sha256: None });
            }
        }
        Ok(Catalogue { files, ..Catalogue::default() })
    }

    pub fn bring(&mut self, path: &ModelPath, job: &Job<'_>) -> Result<bool, Error> {
        let from = path.within(&self.path);
        let mut file = File::open(&from).at(&from)?;
        let bytes = file.metadata().at(&from)?.len();
        download::copy(job, &self.settings, &mut file, Some(bytes))?;
        Ok(false)
    }
}
