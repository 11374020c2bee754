//! Files from a source into the staging folder, each checked before the next: the middle of `fetch` and `add`.

use std::{fs, path::Path};

use crate::{
    baton_json,
    convert::convert,
    download::{self, Job},
    error::{At, Error},
    hash::Hash,
    install::Staging,
    manifest::{Content, Entry, FileEntry},
    model_path::ModelPath,
    output::plain,
    select,
    settings::Settings,
    source::{self, Origin},
    whole,
};

/// A model on its way: what is known of it, who is asked for it, and where it gathers.
pub struct Gathering<'a> {
    entry: Entry,
    origin: Box<dyn Origin>,
    staging: &'a Staging,
    settings: &'a Settings,
}

impl<'a> Gathering<'a> {
    /// Nothing yet of an entry's model; `base` is what local folders are relative to.
    pub fn open(
        entry: &Entry,
        base: &Path,
        staging: &'a Staging,
        settings: &'a Settings,
    ) -> Result<Self, Error> {
        let origin = source::open(entry, base, staging, settings)?;
        Ok(Gathering { entry: entry.clone(), origin, staging, settings })
    }

    /// What to gather: what is named, or what Baton needs; and the licence that the source states. Of weights in shards
    /// the index is brought for it. The entry has then the version that was asked.
    pub fn choose(&mut self, named: &[ModelPath]) -> Result<(Vec<FileEntry>, Option<String>), Error> {
        let catalogue = self.origin.catalogue()?;
        let place = self.entry.source.to_string();
        let mut chosen = select::choose(&catalogue, named, &place)?;
        if catalogue.revision.is_some() {
            self.entry.revision.clone_from(&catalogue.revision);
        }
        self.entry.wheel_sha256 = catalogue.wheel_sha256.or(self.entry.wheel_sha256);
        let index = chosen.iter_mut().find(|file| file.path.as_str() == select::INDEX);
        if let Some(index) = index.filter(|_| named.is_empty()) {
            *index = self.bring(index.clone(), self.settings.most())?;
            let shards = select::shards(&index.path.within(&self.staging.files()))?;
            let mut shards = select::choose_shards(&catalogue, &shards, &place)?;
            // What an index names may be there already.
            shards.retain(|shard| chosen.iter().all(|file| file.path != shard.path));
            chosen.extend(shards);
        }
        Ok((chosen, catalogue.licence))
    }

    /// Gathers what is wanted, and gives the entry back with sizes and hashes as found. After it the staging folder has
    /// these files, the entry's baton.json, and no others.
    ///
    /// # Errors
    /// `WrongBytes` when a file is not the one that was pinned, or where nobody pinned the model yet is not whole.
    pub fn gather(mut self, mut wanted: Vec<FileEntry>) -> Result<Entry, Error> {
        if self.entry.baton.is_some() {
            wanted.retain(|file| !file.is_baton_json());
        }
        let listed: Vec<_> = wanted.iter().map(|file| file.path.clone()).collect();
        // What is cheap to be wrong about comes first.
        wanted.sort_by_key(|file| (is_weights(file), file.content.bytes.unwrap_or(0)));
        let mut found = Vec::new();
        let mut left = self.settings.most();
        for file in wanted {
            let file = self.bring(file, left)?;
            left -= file.content.bytes.unwrap_or(0).min(left);
            found.push(file);
        }
        found.sort_by_key(|file| listed.iter().position(|path| *path == file.path));
        let folder = self.staging.files();
        drop_others(&folder, &found, &folder)?;
        if let Some(table) = &self.entry.baton {
            baton_json::write(table, &folder)?;
        }
        select::check_whole(&folder, &found)?;
        Ok(Entry { files: found, ..self.entry })
    }

    /// Brings a file of at most `left` bytes.
    fn bring(&mut self, file: FileEntry, left: u64) -> Result<FileEntry, Error> {
        let to = self.staging.file(&file.path)?;
        let file = match as_pinned(&file, &to)? {
            Some(file) => file,
            None if file.is_converted() => self.bring_converted(file, &to, left)?,
            None => self.bring_as_pinned(file, left)?,
        };
        // Whoever pinned the model vouched for it.
        if !self.entry.is_pinned() {
            self.refuse_fault(&file)?;
        }
        Ok(file)
    }

    fn refuse_fault(&self, file: &FileEntry) -> Result<(), Error> {
        match whole::fault(&file.path.within(&self.staging.files()))? {
            Some(fault) => Err(Error::wrong_bytes(format!("{}: {fault}", self.place_of(file)))),
            None => Ok(()),
        }
    }

    /// A file and its source, for people.
    fn place_of(&self, file: &FileEntry) -> String {
        format!("{}/{} from {}", self.entry.name, file.path, self.entry.source)
    }

    /// Brings pickled weights, and leaves what they are converted to.
    fn bring_converted(&mut self, file: FileEntry, to: &Path, left: u64) -> Result<FileEntry, Error> {
        let original = FileEntry { content: file.original, ..FileEntry::unknown(file.at_source()) };
        let from = self.staging.file(&original.path)?;
        let original = match as_pinned(&original, &from)? {
            Some(original) => original,
            None => self.bring_as_pinned(original, left)?,
        };
        self.refuse_fault(&original)?;
        let at = self.place_of(&original);
        if let Err(why) = convert(&from, to, left)? {
            // It may quote what is in the file.
            let text = format!("{at}: can't be converted to safetensors: {}", plain(&why));
            return Err(Error::wrong_bytes(text).with(
                "in Python it may be, `AutoModelForSequenceClassification.from_pretrained(…).save_pretrained(DIR)`, then \
                 `model-fetch add folder:DIR`",
            ));
        }
        fs::remove_file(&from).at(&from)?;
        let (hash, bytes) = Hash::of_file(to)?;
        if let Some(expected) = file.content.sha256.filter(|expected| *expected != hash) {
            let text =
                format!("{at}: expected {} of sha256 {expected} to come of it, found {hash}", file.path);
            return Err(Error::wrong_bytes(text).with("`add --replace` pins it anew"));
        }
        Ok(FileEntry { content: (hash, bytes).into(), original: original.content, ..file })
    }

    fn bring_as_pinned(&mut self, file: FileEntry, left: u64) -> Result<FileEntry, Error> {
        let from = file.at_source().clone();
        let Entry { name, source, revision, .. } = &self.entry;
        let job = Job {
            name: &format!("{name}/{}", file.path),
            to: self.staging.file(&file.path)?,
            part: self.staging.part(&format!("{source}@{}/{from}", revision.as_deref().unwrap_or_default())),
            most: left,
            settings: self.settings,
        };
        let place = self.place_of(&file);
        let wrong = |hash: Hash, bytes: u64| match (file.content.sha256, file.content.bytes) {
            (Some(expected), _) if hash != expected => {
                Some(format!("{place}: expected sha256 {expected}, found {hash} ({bytes} bytes)"))
            }
            (_, Some(expected)) if bytes != expected => {
                Some(format!("{place}: expected {expected} bytes, found {bytes}"))
            }
            _ => None,
        };
        let content = download::until_right(&job.to, || self.origin.bring(&from, &job), wrong)?.into();
        Ok(FileEntry { content, ..file })
    }
}

fn is_weights(file: &FileEntry) -> bool {
    file.path.as_str().ends_with(".safetensors")
}

/// The file, where it lies here already as it was pinned.
fn as_pinned(file: &FileEntry, here: &Path) -> Result<Option<FileEntry>, Error> {
    if file.content.sha256.is_none() || !here.is_file() {
        return Ok(None);
    }
    let content = Content::from(Hash::of_file(here)?);
    Ok((content.sha256 == file.content.sha256).then(|| FileEntry { content, ..file.clone() }))
}

/// What an earlier try left and nobody wants any more.
fn drop_others(folder: &Path, wanted: &[FileEntry], root: &Path) -> Result<(), Error> {
    for entry in fs::read_dir(folder).at(folder)? {
        let path = entry.at(folder)?.path();
        if path.is_dir() {
            drop_others(&path, wanted, root)?;
        } else if !wanted.iter().any(|file| file.path.within(root) == path) {
            fs::remove_file(&path).at(&path)?;
        }
    }
    Ok(())
}
