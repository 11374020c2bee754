//! What came of a file so far, beside the staged files: it survives the process, and is gone on with only by what is
//! known of it.

use std::{
    fs::{self, File},
    io::ErrorKind,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::error::{At, Error};

/// The part of a file that is here.
pub struct Part {
    pub path: PathBuf,
    /// Whether it is still there for a next run.
    pub lasts: bool,
}

#[derive(Default, Serialize, Deserialize)]
pub struct About {
    pub validator: Option<String>,
    pub total: Option<u64>,
}

impl Part {
    pub fn length(&self) -> u64 {
        fs::metadata(&self.path).map_or(0, |m| m.len())
    }

    pub fn about(&self) -> About {
        let bytes = fs::read(self.about_path()).ok();
        bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
    }

    /// Begins it anew. What is known is written before the first byte: a part without it is never gone on with.
    pub fn begin(&self, about: &About) -> Result<(), Error> {
        self.discard()?;
        fs::write(self.about_path(), serde_json::to_vec(about).unwrap_or_default()).at(&self.path)
    }

    /// Opens it for what comes behind its end.
    pub fn append(&self) -> Result<File, Error> {
        File::options().create(true).append(true).open(&self.path).at(&self.path)
    }

    /// The file is whole: it goes to its place.
    pub fn finish(&self, to: &Path) -> Result<(), Error> {
        fs::rename(&self.path, to).at(to)?;
        self.discard()
    }

    pub fn discard(&self) -> Result<(), Error> {
        for path in [&self.path, &self.about_path()] {
            match fs::remove_file(path) {
                Err(e) if e.kind() != ErrorKind::NotFound => return Err(Error::at(path, &e)),
                _ => {}
            }
        }
        Ok(())
    }

    /// The error that ended all tries, with what became of the bytes that came.
    pub fn told(&self, error: Error) -> Error {
        match self.length() {
            0 => error,
            kept if self.lasts => {
                error.with(&format!("{kept} bytes of it are kept, and the next try goes on from there"))
            }
            lost => error.with(&format!("the {lost} bytes that came are gone; --out DIR would keep them")),
        }
    }

    fn about_path(&self) -> PathBuf {
        self.path.with_extension("json")
    }
}
