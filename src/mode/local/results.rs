//! The folder for results, before a run.

use std::path::Path;

use walkdir::WalkDir;

use crate::{config::PipelineConfig, rejection::Rejection};

/// Makes the folder, and sees that something can be written there: before any work is done, and once.
///
/// # Errors
/// Why it can't be used.
pub fn prepare(out: &Path) -> Result<(), String> {
    let usable = std::fs::create_dir_all(out).and_then(|()| tempfile::tempfile_in(out).map(drop));
    usable.map_err(|e| format!("--out: nothing can be written to {}: {e}", out.display()))?;
    clear_rejections(&out.join(PipelineConfig::REJECTED))
}

/// Takes away the records of an earlier run, and nothing else that somebody put there: what Baton says there
/// afterwards it says of this run.
fn clear_rejections(rejected: &Path) -> Result<(), String> {
    let is_record = |path: &Path| {
        let bytes = std::fs::read(path).unwrap_or_default();
        serde_json::from_slice::<Rejection>(&bytes).is_ok()
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
