//! Whether a model here is what models.toml says, byte for byte.

use std::{fs, path::Path};

use crate::{
    baton_json,
    error::{At, Error},
    hash::Hash,
    manifest::{Entry, Manifest},
    output::say,
    select,
};

/// From which Baton takes the weights' hashes, for the digest that it writes into its results.
const SUMS: &str = "SHA256SUMS";

/// What differs, a line each; nothing when all is as it should be.
pub fn differences(folder: &Path, entry: &Entry) -> Result<Vec<String>, Error> {
    let mut lines = Vec::new();
    for file in &entry.files {
        let path = file.path.within(folder);
        let Some(expected) = file.content.sha256 else {
            lines.push(format!("{}: models.toml has no sha256 for it", path.display()));
            continue;
        };
        if !path.is_file() {
            lines.push(format!("{}: is missing", path.display()));
            continue;
        }
        let (found, bytes) = Hash::of_file(&path)?;
        if found != expected {
            let size = match file.content.bytes {
                Some(all) if all != bytes => format!(" ({bytes} bytes instead of {all})"),
                _ => String::new(),
            };
            lines.push(format!("{}: expected sha256 {expected}, found {found}{size}", path.display()));
        }
    }
    if let Some(table) = &entry.baton {
        lines.extend(baton_json::differences(table, folder)?);
    }
    lines.extend(unlisted(folder, entry)?);
    lines.extend(wrong_sums(folder, entry)?);
    Ok(lines)
}

/// Where the SHA256SUMS that somebody may have put beside the files says something else than models.toml.
fn wrong_sums(folder: &Path, entry: &Entry) -> Result<Vec<String>, Error> {
    let path = folder.join(SUMS);
    if !path.is_file() {
        return Ok(Vec::new());
    }
    let text = fs::read(&path).at(&path)?;
    let text = String::from_utf8_lossy(&text);
    let said = |name: &str| {
        let of_name =
            |line: &&str| line.get(64..).is_some_and(|rest| rest.trim_start_matches([' ', '*']) == name);
        let is_hash = |hash: &&str| hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        text.lines().find(of_name).and_then(|line| line.get(..64)).filter(is_hash)
    };
    let mut lines = Vec::new();
    for file in &entry.files {
        let (Some(expected), Some(said)) = (file.content.sha256, said(file.path.as_str())) else { continue };
        if !said.eq_ignore_ascii_case(&expected.to_string()) {
            let (at, name) = (path.display(), &file.path);
            lines.push(format!("{at}: says sha256 {said} of {name}, expected {expected}; take {SUMS} away"));
        }
    }
    Ok(lines)
}

/// Files that Baton would read although nobody listed them: they would change what the model says.
fn unlisted(folder: &Path, entry: &Entry) -> Result<Vec<String>, Error> {
    let mut lines = Vec::new();
    for file in fs::read_dir(folder).at(folder)? {
        let name = file.at(folder)?.file_name().to_string_lossy().into_owned();
        let described = name == baton_json::FILE && entry.baton.is_some();
        if select::is_read(&name) && !described && !entry.files.iter().any(|file| file.path.as_str() == name)
        {
            let help = match name.as_str() {
                baton_json::FILE => ", where a table `baton` could say the same",
                _ => "",
            };
            lines.push(format!("{}: is not in models.toml{help}", folder.join(&name).display()));
        }
    }
    lines.sort();
    Ok(lines)
}

/// Checks one model in a folder of models, or all that are there, and says how it went.
pub fn run(manifest: &Manifest, name: Option<&str>, dir: &Path) -> Result<(), Error> {
    let names: Vec<String> = match name {
        Some(name) => vec![manifest.find(name)?.name.clone()],
        None => models_in(dir, manifest)?,
    };
    if names.is_empty() {
        return Err(Error::lasting(format!("{}: has no model in it", dir.display())));
    }
    let mut wrong = Vec::new();
    for name in &names {
        let folder = dir.join(name);
        if !folder.is_dir() {
            let what = if folder.exists() { "is no folder" } else { "is missing" };
            wrong.push(format!("{}: {what}", folder.display()));
            continue;
        }
        let entry = match manifest.find(name) {
            Ok(entry) => entry,
            Err(e) => {
                wrong.push(e.to_string());
                continue;
            }
        };
        let lines = if entry.files.is_empty() {
            vec![format!("{}: models.toml lists none of its files", folder.display())]
        } else {
            differences(&folder, entry).unwrap_or_else(|e| vec![e.to_string()])
        };
        if lines.is_empty() {
            say(format_args!("{name}: {} files as pinned", entry.files.len()))?;
        }
        wrong.extend(lines);
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::wrong_bytes(wrong.join("\n"))) }
}

/// What has a model's name, and folders with a file that Baton would read: a model that lost some is one still.
/// Hidden ones gather, or are gone; they are no models.
fn models_in(dir: &Path, manifest: &Manifest) -> Result<Vec<String>, Error> {
    let is_named = |name: &str| manifest.models.iter().any(|entry| entry.name == name);
    let mut names = Vec::new();
    for entry in fs::read_dir(dir).at(dir)? {
        let name = entry.at(dir)?.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') && (is_named(&name) || has_a_models_file(&dir.join(&name))?) {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

fn has_a_models_file(folder: &Path) -> Result<bool, Error> {
    if !folder.is_dir() {
        return Ok(false);
    }
    for file in fs::read_dir(folder).at(folder)? {
        if select::is_read(&file.at(folder)?.file_name().to_string_lossy()) {
            return Ok(true);
        }
    }
    Ok(false)
}
