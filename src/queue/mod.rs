//! Where messages go: the port, and what stands behind it.

mod memory;
mod sqs;

use async_trait::async_trait;

pub use memory::MemoryQueue;
pub use sqs::SqsQueue;

use crate::error::Failure;

/// A message to be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// What it says.
    pub body: String,
    /// The X-Ray trace that it belongs to, as `AWSTraceHeader`.
    pub trace: Option<String>,
}

/// Queues of messages.
#[async_trait]
pub trait Queue: Send + Sync {
    /// Sends a message. Ok means that the queue keeps it until somebody has dealt with it.
    ///
    /// # Errors
    /// A Retry; the message may have been sent all the same.
    async fn send(&self, queue: &str, message: Message) -> Result<(), Failure>;
}
