//! The documents of a folder, by their paths below it.

use std::{
    fs::File,
    io::Read,
    path::{Component, Path, PathBuf},
};

use walkdir::{DirEntry, WalkDir};

use super::{Arguments, results};
use crate::config::PipelineConfig;

/// Bytes of a file's name, as systems let it have them.
const LONGEST_NAME: usize = 255;

#[derive(Debug)]
pub struct Files {
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
/// When there are none, or they lie in the folder for results, among which they would be, or are results of several stages.
pub fn documents(
    arguments: &Arguments,
    pipeline: &PipelineConfig,
    pipeline_file: &Path,
) -> Result<Files, String> {
    let folder = folder(&arguments.documents)?;
    let walk = Walk::over(arguments, pipeline, pipeline_file, folder)?;
    if arguments.documents.is_dir() && results::are_in(folder) {
        let folder = folder.display();
        return Err(format!(
            "{folder} is a folder for results; to go on with those of a stage give its folder, as {folder}/ner"
        ));
    }
    let mut files =
        Files { folder: folder.to_owned(), names: Vec::new(), left_out: 0, unreadable: Vec::new() };
    let mut entries = WalkDir::new(&arguments.documents).follow_links(true).sort_by_file_name().into_iter();
    while let Some(entry) = entries.next() {
        match entry {
            Ok(entry) => {
                let goes_on = files.take(&entry, &walk);
                if !goes_on && entry.file_type().is_dir() {
                    entries.skip_current_dir();
                }
            }
            // A link to what it lies in.
            Err(e) if e.loop_ancestor().is_some() => {}
            Err(e) => files.unread(e.path().unwrap_or(folder), e.to_string()),
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

impl Files {
    /// Takes an entry for what it is. Whether what lies below it is wanted, too.
    fn take(&mut self, entry: &DirEntry, walk: &Walk<'_>) -> bool {
        let path = entry.path();
        if entry.depth() > 0 && !walk.wants(entry) {
            self.left_out += usize::from(walk.is_of_another_run(entry));
            return false;
        }
        if entry.depth() > 0 && entry.path_is_symlink() {
            match path.canonicalize() {
                Ok(place) if walk.has(&place) => return false,
                Ok(place) if walk.is_out(&place) => {
                    let why = "it is a link out of the folder; --follow-links reads what it leads to";
                    self.unread(path, why.into());
                    return false;
                }
                // What can't be told is found to be missing when it is read.
                _ => {}
            }
        }
        if entry.depth() > 0 && is_pipeline(entry) {
            self.left_out += 1;
        } else if !entry.file_type().is_dir() {
            match name(path.strip_prefix(&self.folder).unwrap_or(path)) {
                Some(_) if entry.file_name().len() > walk.longest_name => {
                    self.unread(
                        path,
                        format!(
                            "its name has more than {} bytes, which leaves its results none",
                            walk.longest_name
                        ),
                    );
                }
                Some(name) => self.names.push(name),
                None => self.unread(path, "its name is not UTF-8".into()),
            }
        }
        true
    }

    fn unread(&mut self, path: &Path, why: String) {
        self.unreadable.push((path.display().to_string(), why));
    }
}

/// What decides which entries of the folder are its documents.
struct Walk<'a> {
    arguments: &'a Arguments,
    /// The whole paths of the folder, and of what lies in it and is the run's own.
    folder: PathBuf,
    out: Option<PathBuf>,
    pipeline: Option<PathBuf>,
    /// Bytes of a document's name that leave room for the ends of what is made of it.
    longest_name: usize,
}

impl<'a> Walk<'a> {
    fn over(
        arguments: &'a Arguments,
        pipeline: &PipelineConfig,
        pipeline_file: &Path,
        folder: &Path,
    ) -> Result<Self, String> {
        let forms = pipeline.stages.iter().flat_map(|stage| &stage.forms);
        let longest = forms.map(|form| form.end().len()).chain([".json".len()]).max().unwrap_or_default();
        let whole = folder.canonicalize().map_err(|e| format!("{}: {e}", folder.display()))?;
        let out = arguments.out.canonicalize().ok();
        if let Some(out) = out.as_ref().filter(|out| whole.starts_with(out)) {
            let (folder, out) = (folder.display(), out.display());
            return Err(format!("{folder} lies in the folder for results, {out}; choose another --out"));
        }
        let pipeline = arguments.documents.is_dir().then(|| pipeline_file.canonicalize().ok()).flatten();
        Ok(Walk { arguments, folder: whole, out, pipeline, longest_name: LONGEST_NAME - longest })
    }

    fn wants(&self, entry: &DirEntry) -> bool {
        let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
        !is_hidden && !self.is_own(entry) && !self.is_of_another_run(entry)
    }

    fn is_own(&self, entry: &DirEntry) -> bool {
        let is_named_alike =
            || self.pipeline.as_ref().and_then(|file| file.file_name()) == Some(entry.file_name());
        // Of files only links lead elsewhere than where they lie.
        if !entry.file_type().is_dir() && !entry.path_is_symlink() && !is_named_alike() {
            return false;
        }
        entry.path().canonicalize().is_ok_and(|place| {
            self.out.as_ref().is_some_and(|out| place.starts_with(out))
                || self.pipeline.as_ref() == Some(&place)
        })
    }

    fn is_of_another_run(&self, entry: &DirEntry) -> bool {
        entry.file_type().is_dir()
            && results::are_in(entry.path())
            && self.out != entry.path().canonicalize().ok()
    }

    /// Whether what a link leads to is walked over anyway: it would be there twice. Hidden places are not, and programs that
    /// change a whole folder at once put links to them.
    fn has(&self, place: &Path) -> bool {
        let is_hidden = |part: Component<'_>| part.as_os_str().to_string_lossy().starts_with('.');
        self.arguments.documents.is_dir()
            && place.strip_prefix(&self.folder).is_ok_and(|below| !below.components().any(is_hidden))
    }

    /// Whoever made the folder may have put a link there to what is none of theirs.
    fn is_out(&self, place: &Path) -> bool {
        !self.arguments.follow_links && !place.starts_with(&self.folder)
    }
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

fn name(path: &Path) -> Option<String> {
    let part = |component: Component<'_>| component.as_os_str().to_str().map(str::to_owned);
    Some(path.components().map(part).collect::<Option<Vec<_>>>()?.join("/"))
}
