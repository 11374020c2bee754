//! Where messages go: the port, and what stands behind it.

mod memory;
mod sqs;

use std::time::Duration;

use async_trait::async_trait;

pub use memory::MemoryQueue;
pub use sqs::{QueueFacts, SqsQueue};

use crate::{error::Failure, trace::Trace};

/// A message to be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// What it says.
    pub body: String,
    /// The traces that it belongs to.
    pub trace: Trace,
    /// Attributes beside the body, each a name and a text.
    pub attributes: Vec<(String, String)>,
    /// On a FIFO queue, what must not overtake it. Others take no notice.
    pub group: String,
    /// On a FIFO queue, what makes it the same message. Others take no notice.
    pub deduplication: String,
}

/// Queues of messages.
#[async_trait]
pub trait Queue: Send + Sync {
    /// Sends a message. Ok means that the queue keeps it until somebody has dealt with it.
    ///
    /// # Errors
    /// A Retry; the message may have been sent all the same.
    async fn send(&self, queue: &str, message: Message) -> Result<(), Failure>;

    /// Lets a message that was received come back no sooner than after `delay`.
    ///
    /// # Errors
    /// A Retry; the message then comes back when the queue's own time-out says.
    async fn postpone(&self, queue: &str, receipt: &str, delay: Duration) -> Result<(), Failure>;
}

/// Whether a queue keeps the order of its messages.
pub fn is_fifo(queue: &str) -> bool {
    queue.ends_with(".fifo")
}
