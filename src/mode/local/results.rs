//! The folder for results, before a run and after it.

use std::{
    collections::{BTreeMap, HashSet},
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use walkdir::{DirEntry, WalkDir};

use crate::{config::PipelineConfig, mode::line::count, rejection::Rejection, stage::Stage, store::Journal};

/// What tells a folder for results from one of documents that lies there too, and knows what they were made from.
const MARK: &str = ".baton-results";

const TITLE: &str =
    "What lies here `baton local` wrote; it takes none of it for documents. What the results were made from:";

/// Whether a folder is one for results, of whichever run.
pub fn are_in(folder: &Path) -> bool {
    folder.join(MARK).exists()
}

/// What earlier runs noted of their results; those of other limits don't count, which may have let in what these don't.
pub fn journal(out: &Path, pipeline: &PipelineConfig) -> Journal {
    // All stages of a file have the same.
    let limits = pipeline.stages.first().map(|stage| format!("{:?}", stage.limits)).unwrap_or_default();
    Journal::read(&out.join(MARK), TITLE, crate::sha256(limits.as_bytes()))
}

/// Makes the folder, and sees that something can be written there: before any work is done.
///
/// # Errors
/// Also when it holds what no run wrote: documents would be results from then on.
pub fn prepare(out: &Path, journal: &Journal) -> Result<(), String> {
    let names = fs::read_dir(out).into_iter().flatten().flatten().map(|entry| entry.file_name());
    let mut others = names.filter(|name| !name.to_string_lossy().starts_with('.') && name != "lost+found");
    if let (false, Some(other)) = (are_in(out), others.next()) {
        let (out, other) = (out.display(), other.display());
        return Err(format!(
            "--out: {out} holds {other} and no {MARK}, so `baton local` didn't write it; give an empty folder, or one \
             that isn't there"
        ));
    }
    let refused =
        |what: &Path, e: io::Error| format!("--out: nothing can be written to {}: {e}", what.display());
    fs::create_dir_all(out).map_err(|e| refused(out, e))?;
    journal.begin().map_err(|e| refused(journal.path(), e))
}

/// Takes away what says that a document was rejected, at whichever stage of whichever run, and nothing else that somebody
/// put there.
pub fn forget_rejections(out: &Path, name: &str) {
    let rejected = out.join(PipelineConfig::REJECTED);
    for stage in folders(&rejected) {
        let path = rejected.join(stage).join(format!("{name}.json"));
        if record(&path).is_none() {
            continue;
        }
        // One that can't be removed tells of an earlier run. A folder that isn't empty stays.
        let _ = fs::remove_file(&path);
        let mut folders = path.ancestors().skip(1).take_while(|folder| folder.starts_with(&rejected));
        while folders.next().is_some_and(|folder| fs::remove_dir(folder).is_ok()) {}
    }
}

/// What the folder has besides what was made by this pipeline of these documents, which a report shows too.
pub fn others(
    out: &Path,
    journal: &Journal,
    stages: &BTreeMap<String, Arc<Stage>>,
    entry: &Stage,
    names: &[String],
) -> Option<String> {
    let is_of_stage = |folder: &str| stages.contains_key(folder.split('.').next().unwrap_or(folder));
    let mut gone = folders(out);
    gone.retain(|folder| folder != PipelineConfig::REJECTED && !is_of_stage(folder) && journal.knows(folder));
    gone.sort();

    let names: HashSet<&str> = names.iter().map(String::as_str).collect();
    let results = out.join(&entry.config.stage);
    let of_result = |path: &Path| {
        let name = path.strip_prefix(&results).ok()?.to_str()?.strip_suffix(".json")?;
        Some(name.to_owned())
    };
    let of_record = |path: &Path| record(path)?.handoff?.name;
    let made = files(&results).filter_map(|path| of_result(&path));
    let rejected =
        files(&out.join(PipelineConfig::REJECTED)).filter_map(|path| of_record(&path)).collect::<Vec<_>>();
    let others: HashSet<String> =
        made.chain(rejected).filter(|name| !names.contains(name.as_str())).collect();

    let mut said = Vec::new();
    if !others.is_empty() {
        said.push(format!("made of {} that this run hasn't", count(others.len(), "document", "documents")));
    }
    if !gone.is_empty() {
        said.push(format!("made by stages that the pipeline hasn't ({})", gone.join(", ")));
    }
    (!said.is_empty()).then(|| format!("{} also has what was {}", out.display(), said.join(", and ")))
}

/// The folders in a folder, no links.
fn folders(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    folders.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

/// The JSON below a folder, hidden files aside.
fn files(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = WalkDir::new(folder).into_iter().flatten().filter(|entry| entry.file_type().is_file());
    let is_seen = |entry: &DirEntry| !entry.file_name().to_string_lossy().starts_with('.');
    let seen = entries.filter(is_seen).map(DirEntry::into_path);
    seen.filter(|path| path.extension().is_some_and(|end| end == "json"))
}

/// The record that a file is; a pipe would never end.
fn record(path: &Path) -> Option<Rejection> {
    fs::symlink_metadata(path).ok().filter(fs::Metadata::is_file)?;
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}
