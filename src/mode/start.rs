//! How a stage gets ready on AWS, as a function or as a worker: everything that the first document would wait for.

use std::{error::Error, sync::Arc, time::Instant};

use crate::{
    aws,
    config::StageConfig,
    queue::SqsQueue,
    stage::Stage,
    store::S3Store,
    task::Task,
    telemetry::{self, ColdStart},
};

pub(super) struct Started {
    pub(super) stage: Arc<Stage>,
    /// The stage's own queue, for who receives from it.
    pub(super) queue: Arc<SqsQueue>,
    pub(super) cold: ColdStart,
}

/// Loads the model, whose files have nothing to do with AWS, while the clients are built, and runs it once.
pub(super) async fn on_aws(config: StageConfig) -> Result<Started, Box<dyn Error + Send + Sync>> {
    let begun = Instant::now();
    let model = tokio::task::spawn_blocking({
        let config = config.clone();
        move || Task::load(&config)
    });
    let aws = aws::connect().await?;
    let store = Arc::new(S3Store::new(&aws, config.bucket_owner.clone()));
    let queue = Arc::new(SqsQueue::new(&aws));
    let sdk = begun.elapsed();
    let stage = Stage::new(config, model.await??, store, queue.clone());
    if let Some(caution) = stage.task.caution() {
        tracing::warn!(stage = stage.config.stage, "{caution}");
    }
    let warming = Instant::now();
    stage.task.model().warm().await?;
    // Nobody's document asked for that.
    stage.task.model().engine.take_counts();
    let (first_inference, loading) = (warming.elapsed(), stage.task.model().loading);
    let cold = ColdStart { sdk, loading, first_inference, total: begun.elapsed() };
    telemetry::ready(&stage.config, &cold);
    Ok(Started { stage: Arc::new(stage), queue, cold })
}
