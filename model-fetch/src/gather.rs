//! Files from a source into the staging folder, each checked before the next: the middle of `fetch` and `add`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    baton_json,
    convert::convert,
    download::Job,
    error::{At, Error},
    hash::Hash,
    install::Staging,
    manifest::{Entry, FileEntry, Original},
    model_path::ModelPath,
    output::plain,
    select,
    settings::Settings,
    source::{Catalogue, Origin},
    whole,
};

/// What to gather of an origin: those that are named, or that Baton needs. Of weights in shards the index is brought
/// for it. The entry has then the version that was asked.
///
/// # Errors
/// What the origin lacks.
pub fn choose(
    entry: &mut Entry,
    origin: &mut Origin,
    named: &[ModelPath],
    staging: &Staging,
    settings: &Settings,
) -> Result<(Catalogue, Vec<FileEntry>), Error> {
    let catalogue = origin.catalogue()?;
    let place = entry.source.to_string();
    let mut chosen = select::choose(&catalogue, named, &place)?;
    entry.revision = catalogue.revision.clone().or(entry.revision.take());
    entry.wheel_sha256 = catalogue.wheel_sha256.or(entry.wheel_sha256);
    let index = chosen.iter_mut().find(|file| file.path.as_str() == select::INDEX);
    if let Some(index) = index.filter(|_| named.is_empty()) {
        *index = bring(entry, origin, index.clone(), staging, settings.most())?;
        let shards = select::shards(&index.path.within(&staging.files()))?;
        let shards = select::choose_shards(&catalogue, &shards, &place)?;
        // What an index names may be there already.
        let others = shards.into_iter().filter(|shard| chosen.iter().all(|file| file.path != shard.path));
        let others: Vec<FileEntry> = others.collect();
        chosen.extend(others);
    }
    Ok((catalogue, chosen))
}

/// Gathers what is wanted, and gives it back with sizes and hashes as found. After it the staging folder has
/// these files, the entry's baton.json, and no others.
///
/// # Errors
/// `WrongBytes` when a file is not the one that was pinned, or where nobody pinned the model yet is not whole.
pub fn gather(
    entry: &Entry,
    origin: &mut Origin,
    mut wanted: Vec<FileEntry>,
    staging: &Staging,
    settings: &Settings,
) -> Result<Vec<FileEntry>, Error> {
    if entry.baton.is_some() {
        wanted.retain(|file| !file.is_baton_json());
    }
    let listed: Vec<_> = wanted.iter().map(|file| file.path.clone()).collect();
    // What is cheap to be wrong about comes first.
    wanted.sort_by_key(|file| (is_weights(file), file.bytes.unwrap_or(0)));
    let mut found = Vec::new();
    let mut left = settings.most();
    for file in wanted {
        let file = bring(entry, origin, file, staging, left)?;
        left -= file.bytes.unwrap_or(0).min(left);
        found.push(file);
    }
    found.sort_by_key(|file| listed.iter().position(|path| *path == file.path));
    drop_others(&staging.files(), &found, &staging.files())?;
    if let Some(table) = &entry.baton {
        baton_json::write(table, &staging.files())?;
    }
    select::check_whole(&staging.files(), &found)?;
    Ok(found)
}

fn is_weights(file: &FileEntry) -> bool {
    file.path.as_str().ends_with(".safetensors")
}

fn bring(
    entry: &Entry,
    origin: &mut Origin,
    file: FileEntry,
    staging: &Staging,
    left: u64,
) -> Result<FileEntry, Error> {
    let file = if file.is_converted() {
        bring_converted(entry, origin, file, staging, left)?
    } else {
        bring_as_pinned(entry, origin, file, staging, left)?
    };
    // Whoever pinned the model vouched for it.
    if !entry.is_pinned() {
        refuse_fault(entry, &file, staging)?;
    }
    Ok(file)
}

fn refuse_fault(entry: &Entry, file: &FileEntry, staging: &Staging) -> Result<(), Error> {
    match whole::fault(&file.path.within(&staging.files()))? {
        Some(fault) => {
            Err(Error::wrong_bytes(format!("{}/{} from {}: {fault}", entry.name, file.path, entry.source)))
        }
        None => Ok(()),
    }
}

/// Brings pickled weights, and leaves what they are converted to.
fn bring_converted(
    entry: &Entry,
    origin: &mut Origin,
    file: FileEntry,
    staging: &Staging,
    left: u64,
) -> Result<FileEntry, Error> {
    let to = staging.file(&file.path)?;
    if let Some(file) = as_pinned(&file, &to)? {
        return Ok(file);
    }
    let Original { bytes, sha256 } = file.original;
    let original = FileEntry { bytes, sha256, ..FileEntry::unknown(file.at_source()) };
    let original = bring_as_pinned(entry, origin, original, staging, left)?;
    refuse_fault(entry, &original, staging)?;
    let from = original.path.within(&staging.files());
    let at = || format!("{}/{} from {}", entry.name, original.path, entry.source);
    if let Err(why) = convert(&from, &to, left)? {
        // It may quote what is in the file.
        let text = format!("{}: can't be converted to safetensors: {}", at(), plain(&why));
        return Err(Error::wrong_bytes(text).with(
            "in Python it may be, `AutoModelForSequenceClassification.from_pretrained(…).save_pretrained(DIR)`, then \
             `model-fetch add folder:DIR`",
        ));
    }
    fs::remove_file(&from).at(&from)?;
    let (hash, bytes) = Hash::of_file(&to)?;
    match file.sha256 {
        Some(expected) if hash != expected => {
            let text =
                format!("{}: expected {} of sha256 {expected} to come of it, found {hash}", at(), file.path);
            Err(Error::wrong_bytes(text).with("`add --replace` pins it anew"))
        }
        _ => {
            let original = Original { bytes: original.bytes, sha256: original.sha256 };
            Ok(FileEntry { bytes: Some(bytes), sha256: Some(hash), original, ..file })
        }
    }
}

/// The file, where it lies here already as it was pinned.
fn as_pinned(file: &FileEntry, here: &Path) -> Result<Option<FileEntry>, Error> {
    if file.sha256.is_none() || !here.is_file() {
        return Ok(None);
    }
    let (found, bytes) = Hash::of_file(here)?;
    Ok((Some(found) == file.sha256).then(|| FileEntry { bytes: Some(bytes), ..file.clone() }))
}

fn bring_as_pinned(
    entry: &Entry,
    origin: &mut Origin,
    file: FileEntry,
    staging: &Staging,
    left: u64,
) -> Result<FileEntry, Error> {
    let to = staging.file(&file.path)?;
    if let Some(file) = as_pinned(&file, &to)? {
        return Ok(file);
    }
    let from = file.at_source().clone();
    let version = entry.revision.as_deref().unwrap_or_default();
    let part = staging.part(&format!("{}@{version}/{from}", entry.source));
    let name = format!("{}/{}", entry.name, file.path);
    let job = Job { name: &name, to, part, most: left, part_lasts: staging.lasts() };
    loop {
        let inherited = origin.bring(&from, &job)?;
        let (hash, bytes) = Hash::of_file(&job.to)?;
        let wrong = match (file.sha256, file.bytes) {
            (Some(expected), _) if hash != expected => {
                format!("expected sha256 {expected}, found {hash} ({bytes} bytes)")
            }
            (_, Some(expected)) if bytes != expected => format!("expected {expected} bytes, found {bytes}"),
            _ => return Ok(FileEntry { bytes: Some(bytes), sha256: Some(hash), ..file }),
        };
        fs::remove_file(&job.to).at(&job.to)?;
        // What an earlier process left may have been damaged since: once more, from the beginning.
        if !inherited {
            return Err(Error::wrong_bytes(format!("{} from {}: {wrong}", job.name, entry.source)));
        }
    }
}

/// What an earlier try left and nobody wants any more.
fn drop_others(folder: &Path, wanted: &[FileEntry], root: &Path) -> Result<(), Error> {
    for entry in fs::read_dir(folder).at(folder)? {
        let path: PathBuf = entry.at(folder)?.path();
        if path.is_dir() {
            drop_others(&path, wanted, root)?;
        } else if !wanted.iter().any(|file| file.path.within(root) == path) {
            fs::remove_file(&path).at(&path)?;
        }
    }
    Ok(())
}
