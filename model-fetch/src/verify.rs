//! Whether a model here is what models.toml says, byte for byte.

use std::{fs, path::Path};

use crate::{
    baton_json,
    error::{At, Error},
    hash::Hash,
    manifest::{Entry, Manifest},
};

/// What differs, a line each; nothing when all is as it should be.
///
/// # Errors
/// A file that is there and can't be read.
pub fn differences(folder: &Path, entry: &Entry) -> Result<Vec<String>, Error> {
    let mut lines = Vec::new();
    for file in &entry.files {
        let path = file.path.within(folder);
        let Some(expected) = file.sha256 else {
            lines.push(format!("{}: models.toml has no sha256 for it", path.display()));
            continue;
        };
        if !path.is_file() {
            lines.push(format!("{}: is missing", path.display()));
            continue;
        }
        let (found, bytes) = Hash::of_file(&path)?;
        if found != expected {
            let size = match file.bytes {
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
    Ok(lines)
}

/// Files that Baton would read although nobody listed them: they would change what the model says.
fn unlisted(folder: &Path, entry: &Entry) -> Result<Vec<String>, Error> {
    let mut lines = Vec::new();
    for file in fs::read_dir(folder).at(folder)? {
        let name = file.at(folder)?.file_name().to_string_lossy().into_owned();
        let decides = name.ends_with(".safetensors")
            || matches!(
                name.as_str(),
                "config.json"
                    | "tokenizer.json"
                    | "vocab.txt"
                    | "tokenizer_config.json"
                    | "added_tokens.json"
                    | baton_json::FILE
                    | "model.safetensors.index.json"
            );
        let described = name == baton_json::FILE && entry.baton.is_some();
        if decides && !described && !entry.files.iter().any(|file| file.path.as_str() == name) {
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
///
/// # Errors
/// All that differs.
pub fn run(manifest: &Manifest, name: Option<&str>, dir: &Path) -> Result<(), Error> {
    let names: Vec<String> = match name {
        Some(name) => vec![manifest.find(name)?.name.clone()],
        None => models_in(dir)?,
    };
    if names.is_empty() {
        return Err(Error::lasting(format!("{}: has no model in it", dir.display())));
    }
    let mut wrong = Vec::new();
    for name in &names {
        let folder = dir.join(name);
        if !folder.is_dir() {
            wrong.push(format!("{}: is missing", folder.display()));
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
            differences(&folder, entry)?
        };
        if lines.is_empty() {
            println!("{name}: {} files as pinned", entry.files.len());
        }
        wrong.extend(lines);
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::WrongBytes(wrong.join("\n"))) }
}

/// Folders with a config.json. Hidden ones gather, or are gone; they are no models.
fn models_in(dir: &Path) -> Result<Vec<String>, Error> {
    let mut names = Vec::new();
    for entry in fs::read_dir(dir).at(dir)? {
        let name = entry.at(dir)?.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') && dir.join(&name).join("config.json").is_file() {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}
