//! A whole pipeline over a folder, embedded: folders for buckets, queues in the process. What happens to a document
//! is the same code as on AWS.

mod command;
mod files;
mod results;
mod run;
mod summary;

use std::path::PathBuf;

use super::signals;
use crate::config::PipelineConfig;
pub use command::Arguments;
use run::Run;
pub use summary::Summary;

/// A run over a folder.
#[derive(Clone, Debug)]
pub struct Local {
    /// The folder of documents, or one of them.
    pub documents: PathBuf,
    /// The folder for results.
    pub out: PathBuf,
    /// What is done with them.
    pub pipeline: PipelineConfig,
    /// The file that says so, which is no document.
    pub pipeline_file: Option<PathBuf>,
    /// Whether documents may lie outside of the folder, where links lead.
    pub follow_links: bool,
    /// Documents in work at a time.
    pub jobs: usize,
}

/// Runs the pipeline over every document of the folder, until all are done or the process is told to stop: then those
/// in work are waited for, until it is told again.
///
/// # Errors
/// What kept the run from beginning. What fails on the way is in the summary.
pub async fn run(local: Local) -> Result<Summary, String> {
    let files = files::documents(&local)?;
    let run = Run::load(&local, &files)?;
    // Only now: a run that can't begin leaves everything as it was.
    let only = local.documents.is_file().then(|| files.names.first()).flatten();
    results::prepare(&local.out, only.map(String::as_str))?;
    let stop = signals::listen().map_err(|e| format!("no signals can be waited for: {e}"))?;
    Ok(run.of(files, local.jobs.max(1), stop).await)
}
