//! As a Lambda function: SQS events in, batch responses out.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::{Error, LambdaEvent, service_fn};

use super::start;
use crate::{
    batch,
    config::StageConfig,
    deadline::Deadline,
    error::chain,
    event, lock, spans,
    stage::Stage,
    telemetry::{self, ColdStart, Invocation, Tally},
};

/// Well within the margin that is kept for answering: a collector that hangs costs no answer.
const SPANS_WITHIN: Duration = Duration::from_millis(200);

/// Serves the runtime API until Lambda ends the process.
///
/// # Errors
/// A model that can't be loaded, or a runtime API that can't be reached.
pub async fn run(config: StageConfig) -> Result<(), Error> {
    let start::Started { stage, cold, .. } = start::on_aws(config).await?;
    let cold = Arc::new(Mutex::new(Some(cold)));
    // On Managed Instances several invocations come at once, and share the model's pool of sequences; on ordinary
    // Lambda it is one after the other.
    let service = service_fn(move |event| handle(stage.clone(), event, cold.clone()));
    let ended = lambda_runtime::run_concurrent(service).await;
    ended.map_err(|e| format!("Lambda's runtime API can't be reached any more: {}", chain(&*e)).into())
}

async fn handle(
    stage: Arc<Stage>,
    event: LambdaEvent<SqsEvent>,
    cold: Arc<Mutex<Option<ColdStart>>>,
) -> Result<SqsBatchResponse, Error> {
    let LambdaEvent { payload, context } = event;
    let end = SystemTime::UNIX_EPOCH + Duration::from_millis(context.deadline);
    let deadline = Deadline::before(end, stage.config.deadline_margin);
    let settled = batch::run(&stage, event::deliveries(payload), deadline).await;
    let cold = lock(&cold).take();
    let invocation = Invocation { request_id: Some(&context.request_id), cold: cold.is_some() };
    let mut tally = Tally::default();
    for message in &settled {
        telemetry::settled(&stage.config, message, invocation);
        tally.add(message);
    }
    tally.asked(stage.task.model().engine.take_counts());
    if let Some(cold) = cold {
        tally.started(&cold);
    }
    telemetry::metrics(&stage.config, &tally);
    spans::flush(SPANS_WITHIN).await;
    let given_back = settled.into_iter().filter(|message| message.is_given_back());
    Ok(event::batch_response(given_back.map(|message| message.id))?)
}
