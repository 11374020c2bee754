//! As a Lambda function: SQS events in, batch responses out.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant, SystemTime},
};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::{Error, LambdaEvent, service_fn};

use crate::{
    aws, batch, config::StageConfig, deadline::Deadline, event, queue::SqsQueue, stage::Stage,
    store::S3Store, telemetry,
};

/// Serves the runtime API until Lambda ends the process.
///
/// # Errors
/// A model that can't be loaded, or a runtime API that can't be reached.
pub async fn run(config: StageConfig) -> Result<(), Error> {
    let begun = Instant::now();
    let aws = aws::connect().await;
    let store = S3Store::new(&aws, config.bucket_owner.clone());
    let stage = Stage::load(config, Arc::new(store), Arc::new(SqsQueue::new(&aws)))?;
    stage.task.model().warm().await?;
    let stage = Arc::new(stage);
    let cold = Arc::new(Mutex::new(Some(begun.elapsed())));
    lambda_runtime::run(service_fn(|event| handle(stage.clone(), event, cold.clone()))).await
}

async fn handle(
    stage: Arc<Stage>,
    event: LambdaEvent<SqsEvent>,
    cold: Arc<Mutex<Option<Duration>>>,
) -> Result<SqsBatchResponse, Error> {
    let end = SystemTime::UNIX_EPOCH + Duration::from_millis(event.context.deadline);
    let deadline = Deadline::before(end, stage.config.deadline_margin);
    let settled = batch::run(&stage, event::deliveries(event.payload), deadline).await;
    settled.iter().for_each(|message| telemetry::settled(&stage.config, message));
    let cold = cold.lock().unwrap_or_else(PoisonError::into_inner).take();
    telemetry::metrics(&stage.config, &settled, cold);
    let given_back = settled.into_iter().filter(|message| message.is_given_back());
    Ok(event::batch_response(given_back.map(|message| message.id))?)
}
