//! The documents of a folder, by their paths below it.

use std::path::{Component, Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

/// What a folder holds.
#[derive(Debug)]
pub struct Files {
    /// The folder.
    pub folder: PathBuf,
    /// Paths below the folder with `/` between their parts, sorted.
    pub names: Vec<String>,
    /// What could not be read, or not be named in JSON, and why.
    pub unreadable: Vec<(String, String)>,
}

/// The folder that documents are named by: the one that is given, or that of a single document.
///
/// # Errors
/// When there is neither.
pub fn folder(documents: &Path) -> Result<&Path, String> {
    match documents.parent() {
        _ if documents.is_dir() => Ok(documents),
        Some(here) if documents.is_file() && here.as_os_str().is_empty() => Ok(Path::new(".")),
        Some(folder) if documents.is_file() => Ok(folder),
        _ => Err(format!("there is no {}; give the folder of documents, or a document", documents.display())),
    }
}

/// The document that is given, or all files below a folder but hidden ones, but those in `out`, should that lie inside it
/// or a link lead there, and but the pipeline file.
///
/// # Errors
/// When there are none, or they lie in `out`: they would be among the results, and those in the place of the rejections
/// would be taken away with them.
pub fn documents(documents: &Path, out: &Path, pipeline: Option<&Path>) -> Result<Files, String> {
    let folder = folder(documents)?;
    let out = out.canonicalize().ok();
    let pipeline = pipeline.filter(|_| documents.is_dir()).and_then(|file| file.canonicalize().ok());
    if let (Some(out), Ok(folder)) = (&out, folder.canonicalize())
        && folder.starts_with(out)
    {
        let (folder, out) = (folder.display(), out.display());
        return Err(format!("{folder} lies in the folder for results, {out}; choose another --out"));
    }
    let wanted = |entry: &DirEntry| {
        let hidden = entry.depth() > 0 && entry.file_name().to_string_lossy().starts_with('.');
        // Of files only links lead elsewhere than where they lie.
        let place = match entry.file_type().is_dir()
            || entry.path_is_symlink()
            || is_named_alike(entry, pipeline.as_deref())
        {
            true => entry.path().canonicalize().ok(),
            false => None,
        };
        let is_ours = place.is_some_and(|place| {
            out.as_ref().is_some_and(|out| place.starts_with(out)) || pipeline.as_ref() == Some(&place)
        });
        !hidden && (entry.depth() == 0 || !is_ours)
    };
    let mut files = Files { folder: folder.to_owned(), names: Vec::new(), unreadable: Vec::new() };
    for entry in
        WalkDir::new(documents).follow_links(true).sort_by_file_name().into_iter().filter_entry(wanted)
    {
        match entry {
            Ok(entry) if entry.file_type().is_dir() => {}
            Ok(entry) => match name(entry.path().strip_prefix(folder).unwrap_or(entry.path())) {
                Some(name) => files.names.push(name),
                None => files
                    .unreadable
                    .push((entry.path().display().to_string(), "its name is not UTF-8".into())),
            },
            Err(e) => {
                let path = e.path().unwrap_or(folder).display().to_string();
                files.unreadable.push((path, e.to_string()));
            }
        }
    }
    if files.names.is_empty() && files.unreadable.is_empty() {
        return Err(format!("no documents in {}", folder.display()));
    }
    Ok(files)
}

fn is_named_alike(entry: &DirEntry, other: Option<&Path>) -> bool {
    other.is_some_and(|other| other.file_name() == Some(entry.file_name()))
}

fn name(path: &Path) -> Option<String> {
    let part = |component: Component<'_>| component.as_os_str().to_str().map(str::to_owned);
    Some(path.components().map(part).collect::<Option<Vec<_>>>()?.join("/"))
}
