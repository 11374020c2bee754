//! `fetch`: a model of models.toml → a folder that Baton loads.

use std::{fs, path::Path};

use crate::{
    error::{At, Error},
    gather::{choose, gather},
    install::{Lock, Staging, refuse_file, refuse_own_source},
    manifest::{Entry, FileEntry, Manifest},
    output::say,
    progress::size,
    settings::Settings,
    source::{Origin, Source},
    verify,
};

/// What a person allows beyond the usual.
#[derive(Clone, Copy, Debug, Default)]
pub struct Allow {
    /// Hashes that nobody has pinned yet.
    pub new_hashes: bool,
    /// That a folder which is there is replaced.
    pub replacing: bool,
}

/// Fetches a model into `out/NAME`, and says what there is now.
///
/// # Errors
/// As [`Error`] splits them. `out/NAME` is then as it was before, unless the error says that it is new.
pub fn run(
    manifest: &Manifest,
    name: &str,
    out: &Path,
    allow: Allow,
    settings: &Settings,
) -> Result<(), Error> {
    let entry = manifest.find(name)?;
    if !entry.is_pinned() && !allow.new_hashes {
        return Err(unpinned(entry));
    }
    let target = out.join(name);
    refuse_file(&target)?;
    let is_there = || say(format_args!("{}: is there already, as pinned", target.display()));
    let mut differences = differences(&target, entry)?;
    // Where nothing is to be done nothing need be written, not even a lock.
    if differences.as_ref().is_some_and(Vec::is_empty) {
        return is_there();
    }
    fs::create_dir_all(out).at(out)?;
    let lock = Lock::take(out, name)?;
    // Whoever had the lock may have pinned it.
    let again = if entry.is_pinned() { None } else { Some(manifest.again()?) };
    let manifest = again.as_ref().unwrap_or(manifest);
    let entry = manifest.find(name)?;
    if lock.waited || again.is_some() || differences.is_none() {
        refuse_file(&target)?;
        differences = self::differences(&target, entry)?;
    }
    if let Some(differences) = differences {
        if differences.is_empty() {
            return is_there();
        }
        if let Source::Folder(path) = &entry.source {
            refuse_own_source(&target, &manifest.folder().join(path))?;
        }
        if !allow.replacing {
            return Err(
                Error::lasting(differences.join("\n")).with("--replace puts the right one in its place")
            );
        }
    }
    if !entry.is_pinned() {
        manifest.refuse_unwritable(name)?;
    }
    let staging = Staging::open(out, name)?;
    match bring(manifest, entry, &staging, settings) {
        Ok(found) => {
            let writing = if entry.is_pinned() { None } else { Some(manifest.prepare(&found, true)?) };
            staging.install()?;
            if let Some(writing) = writing {
                writing.finish(Some(&target))?;
                say(format_args!(
                    "{name}: its hashes are new, and stand in models.toml now: look at them and commit them"
                ))?;
            }
            let bytes = found.bytes().unwrap_or_default();
            say(format_args!("{}: {} files, {}", target.display(), found.files.len(), size(bytes)))
        }
        Err(error) => {
            staging.abandon(&error);
            Err(error)
        }
    }
}

/// Where the folder that is there is another than the entry says; None where none is there.
fn differences(target: &Path, entry: &Entry) -> Result<Option<Vec<String>>, Error> {
    if !target.exists() {
        return Ok(None);
    }
    if entry.is_pinned() {
        return verify::differences(target, entry).map(Some);
    }
    Ok(Some(vec![format!("{}: is there, and nothing pins what it should be", target.display())]))
}

fn unpinned(entry: &Entry) -> Error {
    let missing = entry.files.iter().find(|file| file.sha256.is_none());
    let what = missing.map_or("has no files".to_owned(), |file| format!("has no sha256 for {}", file.path));
    let error = Error::lasting(format!("model `{}` {what} in models.toml", entry.name));
    let (error, unless) = match &entry.note {
        Some(note) => {
            (error.with(&format!("its note there: {note}")), "unless that note speaks against it, ")
        }
        None => (error, ""),
    };
    error.with(&format!(
        "nobody has vouched for these bytes yet; {unless}--accept-new-hashes downloads them and writes their \
         hashes there"
    ))
}

/// Gathers the model in the staging folder; the entry comes back with all that is known of it then.
fn bring(manifest: &Manifest, entry: &Entry, staging: &Staging, settings: &Settings) -> Result<Entry, Error> {
    let mut entry = entry.clone();
    let mut origin = Origin::open(&entry, manifest.folder(), settings, staging)?;
    let wanted = wanted(&mut entry, &mut origin, staging, settings)?;
    entry.files = gather(&entry, &mut origin, wanted, staging, settings)?;
    Ok(entry)
}

fn wanted(
    entry: &mut Entry,
    origin: &mut Origin,
    staging: &Staging,
    settings: &Settings,
) -> Result<Vec<FileEntry>, Error> {
    let listed = entry.files.clone();
    let named = !listed.is_empty();
    if entry.is_pinned() || (named && !matches!(entry.source, Source::HuggingFace(_))) {
        return Ok(listed);
    }
    let names: Vec<_> = listed.iter().map(|file| file.at_source().clone()).collect();
    let (_, mut chosen) = choose(entry, origin, &names, staging, settings)?;
    // What is pinned stays pinned, whatever the source says of it; the rest must be what the source says.
    for (file, listed) in chosen.iter_mut().zip(listed) {
        let (bytes, sha256) = (file.bytes.or(file.original.bytes), file.sha256.or(file.original.sha256));
        *file = listed.told(bytes, sha256);
    }
    Ok(chosen)
}
