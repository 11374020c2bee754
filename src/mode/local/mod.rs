//! A whole pipeline over a folder, embedded: folders for buckets, queues in the process. What happens to a document
//! is the same code as on AWS.

mod command;
mod files;
mod results;
mod run;
mod summary;

use std::{fmt, path::PathBuf};

use super::signals;
use crate::{config::PipelineConfig, model::LoadError};
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
    /// Documents in work at a time.
    pub jobs: usize,
}

/// Why a run could not begin.
#[derive(Debug)]
pub enum LocalError {
    /// The folder of documents, or that of results.
    Folder(String),
    /// A stage's model.
    Model {
        /// The stage.
        stage: String,
        /// What is wrong.
        error: LoadError,
    },
    /// The system doesn't say when a person wants an end.
    Signals(std::io::Error),
}

impl fmt::Display for LocalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LocalError::Folder(what) => f.write_str(what),
            LocalError::Model { stage, error } => write!(f, "stage {stage:?}: {error}"),
            LocalError::Signals(e) => write!(f, "no signals can be waited for: {e}"),
        }
    }
}

impl std::error::Error for LocalError {}

/// Runs the pipeline over every document of the folder, until all are done or the process is told to stop: then those
/// in work are waited for, until it is told again.
///
/// # Errors
/// What kept the run from beginning. What fails on the way is in the summary.
pub async fn run(local: Local) -> Result<Summary, LocalError> {
    let files = files::documents(&local.documents, &local.out, local.pipeline_file.as_deref())
        .map_err(LocalError::Folder)?;
    let run = Run::load(&local, &files)?;
    // Only now: a run that can't begin leaves everything as it was.
    results::prepare(&local.out).map_err(LocalError::Folder)?;
    let stop = signals::listen().map_err(LocalError::Signals)?;
    Ok(run.of(files, local.jobs.max(1), stop).await)
}
