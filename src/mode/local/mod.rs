//! A whole pipeline over a folder, embedded: folders for buckets, queues in the process. What happens to a document
//! is the same code as on AWS.

mod command;
mod files;
mod results;
mod run;
mod summary;

use std::sync::Arc;

use super::signals;
use crate::config;
pub use command::Arguments;
use run::Run;
pub use summary::Summary;

/// Runs the pipeline over every document of the folder, until all are done or the process is told to stop: then those
/// in work are waited for, until it is told again. What an earlier run made of the same is there already.
///
/// # Errors
/// What kept the run from beginning. What fails on the way is in the summary.
pub async fn run(arguments: &Arguments) -> Result<Summary, String> {
    let file = arguments.pipeline()?;
    let pipeline = config::read_pipeline(&file).map_err(|e| e.to_string())?;
    let files = files::documents(arguments, &pipeline, &file)?;
    let journal = Arc::new(results::journal(&arguments.out, &pipeline));
    let run = Run::load(&pipeline, arguments, files, journal.clone())?;
    // Only now: a run that can't begin leaves everything as it was.
    results::prepare(&arguments.out, &journal)?;
    let stop = signals::listen().map_err(|e| format!("no signals can be waited for: {e}"))?;
    Ok(run.of(arguments.jobs.into(), stop).await)
}
