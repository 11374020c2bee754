//! A step of a document's journey: its span in the document's trace, and how long it took.

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
