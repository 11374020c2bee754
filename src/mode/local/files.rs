//! The documents of a folder, by their paths below it.

use std::{
    fs::File,
    io::Read,
    path::{Component, Path, PathBuf},
};

use walkdir::{DirEntry, WalkDir};

use super::{Local, results};

/// What a folder holds.
#[derive(Debug)]
pub struct Files {
    /// The folder.
    pub folder: PathBuf,
    /// Paths below the folder with `/` between their parts, sorted.
    pub names: Vec<String>,
    /// Folders of other runs' results and other pipeline files, which are no documents.
    pub left_out: usize,
    /// What could not be read, or not be named in JSON, and why.
    pub unreadable: Vec<(String, String)>,
}

/// The folder that documents are named by: the one that is given, or that of a single document.
pub fn folder(documents: &Path) -> Result<&Path, String> {
    match documents.parent() {
        _ if documents.is_dir() => Ok(documents),
        Some(here) if documents.is_file() && here.as_os_str().is_empty() => Ok(Path::new(".")),
        Some(folder) if documents.is_file() => Ok(folder),
        _ => Err(format!("there is no {}; give the folder of documents, or a document", documents.display())),
    }
}

/// The document that is given, or all files below a folder but hidden ones, results of any run, should they lie inside it
/// or a link lead there, and pipeline files. What a link outside of it leads to is told of, unless it is asked for.
///
/// # Errors
/// When there are none, or they lie in the folder for results: they would be among them, and those in the place of the
/// rejections would be taken away with them.
pub fn documents(local: &Local) -> Result<Files, String> {
    let Local { documents, out, pipeline_file, follow_links, .. } = local;
    let folder = folder(documents)?;
    let whole = folder.canonicalize().map_err(|e| format!("{}: {e}", folder.display()))?;
    let out = out.canonicalize().ok();
    let pipeline = pipeline_file.as_ref().filter(|_| documents.is_dir());
    let pipeline = pipeline.and_then(|file| file.canonicalize().ok());
    if let Some(out) = out.as_ref().filter(|out| whole.starts_with(out)) {
        let (folder, out) = (folder.display(), out.display());
        return Err(format!("{folder} lies in the folder for results, {out}; choose another --out"));
    }
    let is_of_another_run = |entry: &DirEntry| {
        entry.file_type().is_dir()
            && results::are_in(entry.path())
            && out.as_deref() != entry.path().canonicalize().ok().as_deref()
    };
    let wanted = |entry: &DirEntry| {
        if entry.depth() == 0 {
            return true;
        }
        let is_folder = entry.file_type().is_dir();
        // Of files only links lead elsewhere than where they lie.
        let place = match is_folder || entry.path_is_symlink() || is_named_alike(entry, pipeline.as_deref()) {
            true => entry.path().canonicalize().ok(),
            false => None,
        };
        let is_ours = place.is_some_and(|place| {
            out.as_ref().is_some_and(|out| place.starts_with(out)) || pipeline.as_ref() == Some(&place)
        });
        let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
        !is_hidden && !is_ours && !is_of_another_run(entry)
    };
    let mut files =
        Files { folder: folder.to_owned(), names: Vec::new(), left_out: 0, unreadable: Vec::new() };
    let mut entries = WalkDir::new(documents).follow_links(true).sort_by_file_name().into_iter();
    while let Some(entry) = entries.next() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(e) => {
                let path = e.path().unwrap_or(folder).display().to_string();
                files.unreadable.push((path, e.to_string()));
                continue;
            }
        };
        let is_folder = entry.file_type().is_dir();
        if !wanted(&entry) {
            if is_folder {
                files.left_out += usize::from(is_of_another_run(&entry));
                entries.skip_current_dir();
            }
        } else if entry.depth() > 0 && !follow_links && leads_out(&entry, &whole) {
            let why = "it is a link out of the folder; --follow-links reads what it leads to";
            files.unreadable.push((entry.path().display().to_string(), why.into()));
            if is_folder {
                entries.skip_current_dir();
            }
        } else if entry.depth() > 0 && is_pipeline(&entry) {
            files.left_out += 1;
        } else if !is_folder {
            match name(entry.path().strip_prefix(folder).unwrap_or(entry.path())) {
                Some(name) => files.names.push(name),
                None => {
                    let path = entry.path().display().to_string();
                    files.unreadable.push((path, "its name is not UTF-8".into()));
                }
            }
        }
    }
    if files.names.is_empty() && files.unreadable.is_empty() {
        let left_out = match files.left_out {
            0 => "",
            _ => "; what lies there are other runs' results or pipeline files",
        };
        return Err(format!("no documents in {}{left_out}", folder.display()));
    }
    Ok(files)
}

/// Whoever made the folder may have put a link there to what is none of theirs.
fn leads_out(entry: &DirEntry, folder: &Path) -> bool {
    entry.path_is_symlink() && entry.path().canonicalize().is_ok_and(|place| !place.starts_with(folder))
}

/// Whether a file is a pipeline's: of another run, say.
fn is_pipeline(entry: &DirEntry) -> bool {
    const LONGEST: u64 = 64 << 10;
    let mut begin = Vec::new();
    entry.file_type().is_file()
        && entry.path().extension().is_some_and(|end| end == "toml")
        && File::open(entry.path()).is_ok_and(|file| file.take(LONGEST).read_to_end(&mut begin).is_ok())
        && String::from_utf8_lossy(&begin).lines().any(|line| line.trim() == "[[stage]]")
}

fn is_named_alike(entry: &DirEntry, other: Option<&Path>) -> bool {
    other.is_some_and(|other| other.file_name() == Some(entry.file_name()))
}

fn name(path: &Path) -> Option<String> {
    let part = |component: Component<'_>| component.as_os_str().to_str().map(str::to_owned);
    Some(path.components().map(part).collect::<Option<Vec<_>>>()?.join("/"))
}
