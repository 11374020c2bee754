//! `fetch`: a model of models.toml → a folder that Baton loads.

use std::{fs, path::Path};

use crate::{
    error::{At, Error},
    gather::Gathering,
    install::{Lock, Staging, refuse_file, refuse_own_source},
    manifest::{Entry, Manifest},
    output::say,
    progress::size,
    settings::Settings,
    source::Source,
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

/// Fetches a model into `out/NAME`, and says what there is now. Where it fails `out/NAME` is as it was before, unless the
/// error says that it is new.
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
    let before = differences(&target, entry)?;
    // Where nothing is to be done nothing need be written, not even a lock.
    if before.as_ref().is_some_and(Vec::is_empty) {
        return is_there(&target);
    }
    fs::create_dir_all(out).at(out)?;
    let lock = Lock::take(out, name)?;
    // Whoever had the lock may have pinned it.
    let again = if entry.is_pinned() { None } else { Some(manifest.again()?) };
    let manifest = again.as_ref().unwrap_or(manifest);
    let entry = manifest.find(name)?;
    let now = if lock.waited || again.is_some() || before.is_none() {
        refuse_file(&target)?;
        differences(&target, entry)?
    } else {
        before
    };
    if now.as_ref().is_some_and(Vec::is_empty) {
        return is_there(&target);
    }
    if let Some(differences) = now {
        refuse_own_source(&target, &entry.source, manifest.folder())?;
        if !allow.replacing {
            return Err(
                Error::lasting(differences.join("\n")).with("--replace puts the right one in its place")
            );
        }
    }
    install(manifest, entry, out, settings)
}

/// Brings the model and puts it in its place, for whoever holds its lock.
fn install(manifest: &Manifest, entry: &Entry, out: &Path, settings: &Settings) -> Result<(), Error> {
    let (name, target) = (&entry.name, out.join(&entry.name));
    if !entry.is_pinned() {
        manifest.refuse_unwritable(name)?;
    }
    let staging = Staging::open(out, name, true)?;
    let found = bring(entry, manifest.folder(), &staging, settings);
    let found = found.inspect_err(|error| staging.abandon(error))?;
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

fn is_there(target: &Path) -> Result<(), Error> {
    say(format_args!("{}: is there already, as pinned", target.display()))
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
    let missing = entry.files.iter().find(|file| file.content.sha256.is_none());
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
fn bring(entry: &Entry, base: &Path, staging: &Staging, settings: &Settings) -> Result<Entry, Error> {
    let mut gathering = Gathering::open(entry, base, staging, settings)?;
    let listed = entry.files.clone();
    let is_hub = matches!(entry.source, Source::HuggingFace(_));
    if entry.is_pinned() || (!listed.is_empty() && !is_hub) {
        return gathering.gather(listed);
    }
    let names: Vec<_> = listed.iter().map(|file| file.at_source().clone()).collect();
    let (mut chosen, _) = gathering.choose(&names)?;
    // What is pinned stays pinned, whatever the source says of it; the rest must be what the source says.
    for (file, listed) in chosen.iter_mut().zip(listed) {
        *file = listed.told(file.content.or(file.original));
    }
    gathering.gather(chosen)
}
