//! As a long-running consumer, for ECS, EKS or EC2: the stage receives its messages itself. What becomes of a
//! message is the same as on Lambda; this adds what Lambda's event source mapping does around a function.

mod consumer;
mod done;
mod health;
mod held;
mod metrics;
mod serve;

use std::{error::Error, sync::Arc, time::Duration};

pub use consumer::Consumer;
pub use health::Health;
pub use metrics::Metrics;

use super::{signals, start};
use crate::{
    config::{StageConfig, WorkerConfig},
    spans,
};

/// For the last spans, before the process ends.
const SPANS_WITHIN: Duration = Duration::from_secs(2);

/// Consumes the stage's queue until the process is told to stop.
///
/// # Errors
/// A model that can't be loaded, or an address that can't be served on.
pub async fn run(config: StageConfig, worker: WorkerConfig) -> Result<(), Box<dyn Error + Send + Sync>> {
    let stop = signals::listen()?;
    let (health, metrics) = (Arc::new(Health::default()), Arc::new(Metrics::new(&config)));
    if let Some(listen) = worker.listen {
        let served = serve::start(listen, health.clone(), metrics.clone()).await;
        served.map_err(|e| format!("BATON_WORKER_LISTEN: can't listen on {listen}: {e}"))?;
    }
    let start::Started { stage, queue, cold } = start::on_aws(config).await?;
    Consumer::new(stage, queue, worker, health, metrics, cold).run(stop).await;
    spans::flush(SPANS_WITHIN).await;
    Ok(())
}

/// A panic outside of any document ends the worker: its platform starts another, and what it had comes back.
fn in_peace(ended: Result<(), tokio::task::JoinError>) {
    match ended {
        Err(e) if e.is_panic() => std::panic::resume_unwind(e.into_panic()),
        _ => {}
    }
}
