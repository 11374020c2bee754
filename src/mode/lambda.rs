//! As a Lambda function: SQS events in, batch responses out.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant, SystemTime},
};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::{Error, LambdaEvent, service_fn};

use crate::{
    aws, batch,
    config::StageConfig,
    deadline::Deadline,
    event,
    queue::SqsQueue,
    stage::Stage,
    store::S3Store,
    task::Task,
    telemetry::{self, ColdStart},
};

/// Well within the margin that is kept for answering: a collector that hangs costs no answer.
const SPANS_WITHIN: Duration = Duration::from_millis(200);

/// Serves the runtime API until Lambda ends the process.
///
/// # Errors
/// A model that can't be loaded, or a runtime API that can't be reached.
pub async fn run(config: StageConfig) -> Result<(), Error> {
    let (stage, cold) = start(config).await?;
    let (stage, cold) = (Arc::new(stage), Arc::new(Mutex::new(Some(cold))));
    // On Managed Instances several invocations come at once, and share the model's pool of sequences; on ordinary
    // Lambda it is one after the other.
    lambda_runtime::run_concurrent(service_fn(move |event| handle(stage.clone(), event, cold.clone()))).await
}

/// Gets everything ready that the first document would wait for: the model's files have nothing to do with AWS, so
/// they are read meanwhile.
async fn start(config: StageConfig) -> Result<(Stage, ColdStart), Error> {
    let begun = Instant::now();
    let model = tokio::task::spawn_blocking({
        let config = config.clone();
        move || Task::load(&config)
    });
    let aws = aws::connect().await;
    let store = Arc::new(S3Store::new(&aws, config.bucket_owner.clone()));
    let queue = Arc::new(SqsQueue::new(&aws));
    let sdk = begun.elapsed();
    let stage = Stage::new(config, model.await??, store, queue);
    let warming = Instant::now();
    stage.task.model().warm().await?;
    let (first_inference, loading) = (warming.elapsed(), stage.task.model().loading);
    let cold = ColdStart { sdk, loading, first_inference, total: begun.elapsed() };
    telemetry::ready(&stage.config, &cold);
    Ok((stage, cold))
}

async fn handle(
    stage: Arc<Stage>,
    event: LambdaEvent<SqsEvent>,
    cold: Arc<Mutex<Option<ColdStart>>>,
) -> Result<SqsBatchResponse, Error> {
    let end = SystemTime::UNIX_EPOCH + Duration::from_millis(event.context.deadline);
    let deadline = Deadline::before(end, stage.config.deadline_margin);
    let settled = batch::run(&stage, event::deliveries(event.payload), deadline).await;
    settled.iter().for_each(|message| telemetry::settled(&stage.config, message));
    let cold = cold.lock().unwrap_or_else(PoisonError::into_inner).take();
    telemetry::metrics(&stage, &settled, cold.as_ref());
    telemetry::spans::flush(SPANS_WITHIN).await;
    let given_back = settled.into_iter().filter(|message| message.is_given_back());
    Ok(event::batch_response(given_back.map(|message| message.id))?)
}
