//! A step of a document's journey: its span in the document's trace, how long it took, and where it is done.

use std::time::{Duration, Instant};

use tracing::{Instrument, Span};

/// How long a document took, and its steps.
#[derive(Clone, Copy, Debug, Default)]
pub struct Times {
    /// Reading the object.
    pub fetch: Duration,
    /// Looking whether its result is there.
    pub look: Duration,
    /// Reading the document out of the object.
    pub read: Duration,
    /// With the model, waiting for its turn there included.
    pub model: Duration,
    /// Writing what was made of it.
    pub write: Duration,
    /// Handing it on.
    pub hand_on: Duration,
    /// All of it, from message to handoff.
    pub total: Duration,
}

/// Does a step within its span, and notes how long it took.
pub async fn step<T>(took: &mut Duration, span: Span, work: impl Future<Output = T>) -> T {
    let begun = Instant::now();
    let done = work.instrument(span).await;
    *took = begun.elapsed();
    done
}

/// Does what keeps a processor busy for long apart from what waits: else the deadline would pass unseen, and nobody
/// would answer meanwhile.
pub async fn offload<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await.map_err(tokio::task::JoinError::try_into_panic) {
        Ok(done) => done,
        Err(Ok(panic)) => std::panic::resume_unwind(panic),
        // The process ends, and nobody waits for it.
        Err(Err(_)) => std::future::pending().await,
    }
}
