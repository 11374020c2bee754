//! How a model comes to its place: whole, in one step, or not at all.
//!
//! Files gather in a hidden folder beside the place, where nothing looks for a model. Only when every one of them
//! is there and checked is the folder renamed. A lock lets one process at a time do so.

use std::{
    fs::{self, File, TryLockError},
    io::{ErrorKind, Write},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

use crate::{
    download::Part,
    error::{At, Error, Kind},
    hash::Hash,
    model_path::ModelPath,
    output::tell,
    source::Source,
};

/// The right to change `NAME` in a folder, until it is dropped.
pub struct Lock {
    path: PathBuf,
    /// Whether another process had it before.
    pub waited: bool,
    _file: File,
}

impl Lock {
    /// Waits for whoever has it.
    pub fn take(folder: &Path, name: &str) -> Result<Self, Error> {
        let path = folder.join(format!(".{name}.lock"));
        let mut waited = false;
        loop {
            let file = File::options().create(true).write(true).truncate(false).open(&path).at(&path)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    tell(format_args!(
                        "{}: another model-fetch is at work on it; waiting",
                        folder.join(name).display()
                    ));
                    file.lock().at(&path)?;
                    waited = true;
                }
                Err(TryLockError::Error(e)) => return Err(Error::at(&path, &e)),
            }
            // Whoever had it before takes the file away at the end: what is locked must be what lies there.
            let (here, there) = (file.metadata().at(&path)?, fs::metadata(&path));
            if there.is_ok_and(|there| (there.dev(), there.ino()) == (here.dev(), here.ino())) {
                return Ok(Lock { path, waited, _file: file });
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Taken away while it is held, so nobody loses a lock; a file that stays does no harm.
        let _ = fs::remove_file(&self.path);
    }
}

/// The hidden folder in which a model gathers.
pub struct Staging {
    root: PathBuf,
    target: PathBuf,
    aside: PathBuf,
    lasts: bool,
}

impl Staging {
    /// Opens it, with what an earlier try left there; `lasts` says whether a next try will find what comes in this one. The
    /// caller holds the lock of `name`.
    pub fn open(folder: &Path, name: &str, lasts: bool) -> Result<Self, Error> {
        let root = folder.join(format!(".{name}.partial"));
        let (target, aside) = (folder.join(name), folder.join(format!(".{name}.old")));
        let staging = Staging { root, target, aside, lasts };
        // A process ended between the two renames of `install`.
        if staging.aside.exists() && !staging.target.exists() {
            fs::rename(&staging.aside, &staging.target).at(&staging.target)?;
        }
        for folder in [staging.files(), staging.parts()] {
            fs::create_dir_all(&folder).at(&folder)?;
        }
        Ok(staging)
    }

    /// The folder that will be the model's.
    pub fn files(&self) -> PathBuf {
        self.root.join("files")
    }

    /// The folder of what is on its way.
    pub fn parts(&self) -> PathBuf {
        self.root.join("parts")
    }

    /// Where a file gathers: names of any depth, flat.
    pub fn part(&self, key: &str) -> Part {
        let name = format!("{}.part", &Hash::of(key.as_bytes()).to_string()[..24]);
        Part { path: self.parts().join(name), lasts: self.lasts }
    }

    /// Where a whole file lies, its folder made.
    pub fn file(&self, path: &ModelPath) -> Result<PathBuf, Error> {
        let file = path.within(&self.files());
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder).at(folder)?;
        }
        Ok(file)
    }

    pub fn clear(&self) {
        // What can't be taken away can't be taken for a model either.
        let _ = fs::remove_dir_all(&self.root);
    }

    /// Ends a try that failed: wrong bytes go, all of them; what only broke off stays, for the next try.
    pub fn abandon(&self, error: &Error) {
        if error.kind == Kind::WrongBytes || (is_empty(&self.files()) && is_empty(&self.parts())) {
            self.clear();
        }
    }

    /// Makes the gathered files the model, in one step; a model that was there before is gone after it.
    ///
    /// # Errors
    /// What can't be renamed; the old model, if any, is then still in its place.
    pub fn install(self) -> Result<(), Error> {
        let files = self.files();
        sync_folder(&files)?;
        if self.target.exists() {
            self.exchange(&files)?;
        } else {
            fs::rename(&files, &self.target).at(&self.target)?;
        }
        if let Some(folder) = self.target.parent() {
            sync_folder(folder)?;
        }
        let _ = fs::remove_dir_all(&self.aside);
        self.clear();
        Ok(())
    }

    /// In one step where the system and the file system can exchange two names, and else in two.
    fn exchange(&self, files: &Path) -> Result<(), Error> {
        #[cfg(target_os = "linux")]
        {
            use rustix::fs::{CWD, RenameFlags, renameat_with};
            if renameat_with(CWD, files, CWD, &self.target, RenameFlags::EXCHANGE).is_ok() {
                return Ok(());
            }
        }
        match fs::remove_dir_all(&self.aside) {
            Err(e) if e.kind() != ErrorKind::NotFound => return Err(Error::at(&self.aside, &e)),
            _ => {}
        }
        fs::rename(&self.target, &self.aside).at(&self.target)?;
        fs::rename(files, &self.target).or_else(|e| {
            fs::rename(&self.aside, &self.target).at(&self.target)?;
            Err(Error::at(&self.target, &e))
        })
    }
}

/// Refuses what is in the place of a model's folder and can't be one: it may be dear to somebody.
pub fn refuse_file(target: &Path) -> Result<(), Error> {
    let what = match fs::symlink_metadata(target) {
        Ok(_) if target.is_dir() => return Ok(()),
        Ok(there) if there.is_symlink() && !target.exists() => "a link that leads nowhere",
        Ok(_) => "a file",
        Err(_) => return Ok(()),
    };
    let text = format!("{}: {what} is in the place of the model's folder", target.display());
    Err(Error::lasting(text).with("move it away, or give another folder with --out"))
}

/// Refuses to put a model in the place of the folder that it comes from, or of one that holds that: what isn't the
/// model's would be gone.
pub fn refuse_own_source(target: &Path, source: &Source, base: &Path) -> Result<(), Error> {
    let Source::Folder(path) = source else { return Ok(()) };
    match (fs::canonicalize(target), fs::canonicalize(base.join(path))) {
        (Ok(target), Ok(source)) if source.starts_with(&target) => {
            let text = format!("{}: the model comes from there", target.display());
            Err(Error::lasting(text)
                .with("give another folder with --out, or for `add` none, or another --name"))
        }
        _ => Ok(()),
    }
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
}

/// A name is on the disk only when its folder is.
fn sync_folder(folder: &Path) -> Result<(), Error> {
    File::open(folder).and_then(|folder| folder.sync_all()).at(folder)
}

/// A file's new text, beside it until it takes its place in one step.
pub struct Replacement {
    file: NamedTempFile,
    path: PathBuf,
    bytes: Vec<u8>,
}

impl Replacement {
    /// Writes the text beside the file; beside what it leads to, if it is a link.
    pub fn prepare(path: &Path, bytes: Vec<u8>) -> Result<Self, Error> {
        let path = fs::canonicalize(path).at(path)?;
        let folder = path.parent().unwrap_or(Path::new("/"));
        let mut file = NamedTempFile::new_in(folder).at(folder)?;
        let metadata = fs::metadata(&path).at(&path)?;
        file.write_all(&bytes).at(&path)?;
        file.as_file().set_permissions(metadata.permissions()).at(&path)?;
        file.as_file().sync_all().at(&path)?;
        Ok(Replacement { file, path, bytes })
    }

    /// Puts it in the file's place.
    ///
    /// # Errors
    /// What can't be renamed; the file is then as it was.
    pub fn finish(self) -> Result<(), Error> {
        match self.file.persist(&self.path) {
            Ok(_) => Ok(()),
            // A file that is mounted by itself can't be replaced, only written.
            Err(e) if e.error.kind() == ErrorKind::ResourceBusy => {
                fs::write(&self.path, &self.bytes).at(&self.path)
            }
            Err(e) => Err(Error::at(&self.path, &e.error)),
        }
    }
}
