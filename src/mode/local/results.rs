//! The folder for results, before a run.

use std::path::Path;

use walkdir::WalkDir;

use crate::{config::PipelineConfig, rejection::Rejection};

/// What tells a folder for results from one of documents that lies there too.
const MARK: &str = ".baton-results";

/// Whether a folder is one for results, of whichever run.
pub fn are_in(folder: &Path) -> bool {
    folder.join(MARK).exists()
}

/// Makes the folder, and sees that something can be written there: before any work is done, and once. `only` is the
/// document of a run of one.
pub fn prepare(out: &Path, only: Option<&str>) -> Result<(), String> {
    let usable = std::fs::create_dir_all(out).and_then(|()| {
        std::fs::write(
            out.join(MARK),
            "What lies here `baton local` wrote; it takes none of it for documents.\n",
        )
    });
    usable.map_err(|e| format!("--out: nothing can be written to {}: {e}", out.display()))?;
    clear_rejections(&out.join(PipelineConfig::REJECTED), only)
}

/// Takes away the records of an earlier run, those of its documents where it has only some, and nothing else that somebody
/// put there: what Baton says there afterwards it says of this run.
fn clear_rejections(rejected: &Path, only: Option<&str>) -> Result<(), String> {
    let is_record = |path: &Path| {
        let bytes = std::fs::read(path).unwrap_or_default();
        let record = serde_json::from_slice::<Rejection>(&bytes);
        record.is_ok_and(|record| {
            only.is_none_or(|only| record.handoff.and_then(|handoff| handoff.name).as_deref() == Some(only))
        })
    };
    for entry in WalkDir::new(rejected).contents_first(true).into_iter().filter_map(Result::ok) {
        let path = entry.path();
        let removed = match entry.file_type() {
            // One that is not empty holds what isn't Baton's, and stays.
            kind if kind.is_dir() => std::fs::remove_dir(path).or(Ok(())),
            kind if kind.is_file() && is_record(path) => std::fs::remove_file(path),
            _ => Ok(()),
        };
        removed.map_err(|e: std::io::Error| format!("{}: {e}", path.display()))?;
    }
    Ok(())
}
