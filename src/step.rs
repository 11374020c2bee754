//! A step of a document's journey: its span in the document's trace, how long it took, and where it is done.

use std::time::{Duration, Instant};

use tokio::runtime::{Handle, RuntimeFlavor};
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
    /// Making what is written of it, and writing it.
    pub write: Duration,
    /// Handing it on.
    pub hand_on: Duration,
    /// All of it, from message to handoff.
    pub total: Duration,
    /// From the first message about it, to the first stage, to this one's handoff; None where no message tells.
    pub age: Option<Duration>,
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

/// [`offload`] for what borrows: it stays on its thread, and what waits there goes on on another.
pub fn in_place<T>(work: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        _ => work(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn what_keeps_the_only_thread_busy_keeps_nobody_waiting() {
        let (send, receive) = std::sync::mpsc::channel();
        let busy = tokio::spawn(async move { in_place(|| receive.recv_timeout(Duration::from_secs(60))) });
        tokio::time::sleep(Duration::from_millis(20)).await;
        let _ = tokio::spawn(async move { send.send(()) }).await;
        assert_eq!(busy.await.expect("no panic"), Ok(()));
    }
}
