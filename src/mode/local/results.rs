//! The folder for results, before a run and after it.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use walkdir::WalkDir;

use crate::{config::PipelineConfig, mode::line::count, rejection::Rejection, stage::Stage, store::Journal};

/// What tells a folder for results from one of documents that lies there too, and knows what they were made from.
const MARK: &str = ".baton-results";

const TITLE: &str =
    "What lies here `baton local` wrote; it takes none of it for documents. What the results were made from:";

/// Whether a folder is one for results, of whichever run.
pub fn are_in(folder: &Path) -> bool {
    folder.join(MARK).exists()
}

/// What earlier runs noted of their results.
pub fn journal(out: &Path) -> Journal {
    Journal::read(&out.join(MARK), TITLE)
}

/// Makes the folder, and sees that something can be written there: before any work is done.
///
/// # Errors
/// Also when it holds what no run wrote: documents would be results from then on.
pub fn prepare(out: &Path) -> Result<(), String> {
    let is_seen = |entry: &fs::DirEntry| !entry.file_name().to_string_lossy().starts_with('.');
    if !are_in(out) && fs::read_dir(out).is_ok_and(|entries| entries.flatten().any(|entry| is_seen(&entry))) {
        let out = out.display();
        return Err(format!(
            "--out: {out} holds what `baton local` didn't write; give an empty folder, or one that isn't there"
        ));
    }
    fs::create_dir_all(out).and_then(|()| journal(out).begin()).map_err(|e| unusable(out, &e))
}

/// Whether something can be written to the folder now.
///
/// # Errors
/// Why not.
pub fn still_usable(out: &Path) -> Result<(), String> {
    let written = tempfile::tempfile_in(out).and_then(|mut file| file.write_all(&[0; 4 << 10]));
    written.map_err(|e| unusable(out, &e))
}

fn unusable(out: &Path, e: &io::Error) -> String {
    format!("--out: nothing can be written to {}: {e}", out.display())
}

/// Takes away what says that a document was rejected, at whichever stage of whichever run, and nothing else that somebody
/// put there.
pub fn forget_rejections(out: &Path, name: &str) {
    let rejected = out.join(PipelineConfig::REJECTED);
    let is_record = |path: &PathBuf| {
        fs::read(path).is_ok_and(|bytes| serde_json::from_slice::<Rejection>(&bytes).is_ok())
    };
    let stages = fs::read_dir(&rejected).into_iter().flatten().flatten();
    for record in stages.map(|stage| stage.path().join(format!("{name}.json"))).filter(is_record) {
        // One that can't be removed tells of an earlier run. A folder that isn't empty stays.
        let _ = fs::remove_file(&record);
        let mut folders = record.ancestors().skip(1).take_while(|folder| folder.starts_with(&rejected));
        while folders.next().is_some_and(|folder| fs::remove_dir(folder).is_ok()) {}
    }
}

/// What the folder has besides the results of this pipeline and these documents, which a report shows too.
pub fn others(
    out: &Path,
    stages: &BTreeMap<String, Arc<Stage>>,
    entry: &Stage,
    names: &[String],
) -> Option<String> {
    let is_of_stage = |folder: &str| stages.contains_key(folder.split('.').next().unwrap_or(folder));
    let is_other =
        |name: &str| !name.starts_with('.') && name != PipelineConfig::REJECTED && !is_of_stage(name);
    let entries = fs::read_dir(out).into_iter().flatten().flatten();
    let folders = entries.filter(|entry| entry.path().is_dir());
    let mut folders: Vec<_> = folders.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    folders.retain(|folder| is_other(folder));
    folders.sort();

    let results = out.join(&entry.config.stage);
    let there =
        WalkDir::new(&results).into_iter().flatten().filter(|entry| entry.file_type().is_file()).count();
    let own = names.iter().filter(|name| results.join(format!("{name}.json")).is_file()).count();
    let mut said = Vec::new();
    if there > own {
        said.push(format!("of {} that this run hasn't", count(there - own, "document", "documents")));
    }
    if !folders.is_empty() {
        said.push(format!("of stages that the pipeline hasn't ({})", folders.join(", ")));
    }
    (!said.is_empty()).then(|| format!("{} also has results {}", out.display(), said.join(", and ")))
}
