//! What the variables point at: buckets and queues, and whether the stage may use them.

mod buckets;
mod queues;

use std::time::Duration;

use super::{Arguments, Findings};
use crate::{
    aws,
    config::{StageConfig, WorkerConfig},
    queue::SqsQueue,
    store::S3Store,
};
use queues::Receiver;

pub(super) async fn check(
    config: &StageConfig,
    worker: Option<&WorkerConfig>,
    arguments: &Arguments,
    findings: &mut Findings,
) {
    match aws::connect().await {
        Ok(aws) => {
            let store = S3Store::new(&aws, config.bucket_owner.clone());
            buckets::check(config, &arguments.prefix, &store, findings).await;
            let receiver = worker.map_or_else(
                || Receiver::Function { timeout: Duration::from_secs(arguments.timeout) },
                |worker| Receiver::Worker { visibility: worker.visibility },
            );
            queues::check(config, &receiver, &SqsQueue::new(&aws), findings).await;
        }
        Err(e) => findings.wrong("aws", e, "Lambda and ECS set AWS_REGION themselves; elsewhere set it"),
    }
}
