//! Sends messages again: for documents in a bucket or a list, for dead letters, for rejections. What is sent is the
//! handoff that a stage would get; never two for one document in a run, and none that an earlier run of the same
//! checkpoint has sent.

mod arguments;
mod checkpoint;
mod filter;
mod found;
mod inventory;
mod missing;
mod run;
mod screen;
mod source;
mod summary;

use std::sync::Arc;

pub use arguments::Arguments;
pub use summary::Summary;

use super::signals;
use crate::{aws, config, queue::SqsQueue, store::S3Store};
use checkpoint::Checkpoint;
use missing::Missing;
use run::Run;

/// Does what was asked for, until it is done or the process is told to stop.
///
/// # Errors
/// What kept it from beginning. What goes wrong on the way is in the summary.
pub async fn run(arguments: Arguments) -> Result<Summary, String> {
    arguments.check()?;
    let stage = match arguments.only_missing {
        true => Some(config::stage_from_environment().map_err(|e| format!("--only-missing: {e}"))?),
        false => None,
    };
    if let Some(own) =
        stage.as_ref().and_then(|stage| stage.queue.as_ref()).filter(|own| **own != arguments.queue)
    {
        return Err(format!(
            "--only-missing: the variables are those of the stage that receives from {own} (BATON_QUEUE), and --queue is \
             another one's: give the variables and the queue of one stage"
        ));
    }
    let stop = signals::listen().map_err(|e| e.to_string())?;
    let aws = aws::connect().await?;
    let owner = stage.as_ref().and_then(|stage| stage.bucket_owner.clone());
    let (store, queue) = (S3Store::new(&aws, owner), Arc::new(SqsQueue::new(&aws)));
    let missing = stage.map(|stage| Missing::of(stage, store.clone())).transpose();
    let missing = missing.map_err(|e| format!("--only-missing: {e}"))?;
    let of_missing = missing.as_ref().map(Missing::identity).unwrap_or_default();
    let identity = format!("{}{of_missing}", arguments.identity());
    let checkpoint = match &arguments.checkpoint {
        None => Checkpoint::none(),
        // A dry run leaves no trace.
        Some(path) if arguments.dry_run => Checkpoint::look(path, &identity)?,
        Some(path) => Checkpoint::open(path, &identity)?,
    };
    Ok(Run::open(arguments, &store, queue, missing, checkpoint)?.until_stopped(stop).await)
}
