//! Where messages go: the port, and what stands behind it.

mod memory;
mod sqs;

use std::{borrow::Cow, time::Duration};

use async_trait::async_trait;

pub use memory::MemoryQueue;
pub use sqs::{QueueFacts, SqsQueue};

use crate::{
    error::Failure,
    event::Delivery,
    trace::{SINCE, Trace},
};

/// What SQS sends, takes and deletes in one call at most.
pub const MOST_AT_ONCE: usize = 10;

/// Calls about the messages of one queue that may be under way together: one that takes long is no reason for others to
/// wait.
pub const CALLS_AT_ONCE: usize = 8;

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

impl Message {
    /// All attributes that go along with the body, each a name and a text.
    pub fn attributes_sent(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        let traceparent = self.trace.w3c.iter().map(|text| ("traceparent", Cow::from(text)));
        let since = self.trace.since.map(|milliseconds| (SINCE, milliseconds.to_string().into()));
        let given = self.attributes.iter().map(|(name, text)| (name.as_str(), Cow::from(text)));
        given.chain(traceparent).chain(since)
    }
}

/// A message that was received, by its receipt, and how long from now on nobody is to get it; for no time it is given back.
pub type Hidden = (String, Duration);

/// Queues of messages.
#[async_trait]
pub trait Queue: Send + Sync {
    /// Sends messages: an answer for each, in order. Ok means that the queue keeps it until somebody has dealt with it; after a
    /// Retry it may have been sent all the same.
    async fn send_all(&self, queue: &str, messages: Vec<Message>) -> Vec<Result<(), Failure>>;

    /// Sends a message.
    ///
    /// # Errors
    /// A Retry; the message may have been sent all the same.
    async fn send(&self, queue: &str, message: Message) -> Result<(), Failure> {
        let unanswered = || Err(Failure::bug(format!("there is no answer to a message to {queue}")));
        self.send_all(queue, vec![message]).await.pop().unwrap_or_else(unanswered)
    }

    /// Hides messages: an answer for each, in order. One that can't be hidden comes back when the queue's own time-out says.
    async fn hide(&self, queue: &str, messages: &[Hidden]) -> Vec<Result<(), Failure>>;
}

/// About how many messages a queue has: SQS counts them somewhat late.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// What nobody has taken yet.
    pub waiting: usize,
    /// What somebody has taken, and neither deleted nor given back.
    pub taken: usize,
}

/// The receiving side of queues, for whoever takes messages out of them himself, and hides them again or gives them back
/// ([`Queue::hide`]). On Lambda that is Lambda.
#[async_trait]
pub trait Inbox: Queue {
    /// Takes up to [`MOST_AT_ONCE`] messages, which nobody else gets for as long as they are `hidden`; waits up to `wait` for
    /// the first. What was taken and is not deleted comes back.
    ///
    /// # Errors
    /// A Retry; messages may have been taken all the same, and come back.
    async fn receive(&self, queue: &str, hidden: Duration, wait: Duration) -> Result<Vec<Delivery>, Failure>;

    /// About how many messages there are.
    ///
    /// # Errors
    /// A Retry.
    async fn count(&self, queue: &str) -> Result<Count, Failure>;

    /// Deletes messages by their receipts: an answer for each, in order. Ok means that it doesn't come back.
    async fn delete(&self, queue: &str, receipts: &[String]) -> Vec<Result<(), Failure>>;
}

/// Deletes messages by their receipts, again those that the queue didn't: an answer for each, in order.
pub async fn delete_all(inbox: &dyn Inbox, queue: &str, receipts: &[String]) -> Vec<Result<(), Failure>> {
    const TRIES: usize = 3;
    let mut answers = inbox.delete(queue, receipts).await;
    for _ in 1..TRIES {
        let failed = |(i, answer): (usize, &Result<(), Failure>)| answer.is_err().then_some(i);
        let left: Vec<usize> = answers.iter().enumerate().filter_map(failed).collect();
        if left.is_empty() {
            break;
        }
        let again: Vec<String> = left.iter().map(|i| receipts[*i].clone()).collect();
        for (i, answer) in left.into_iter().zip(inbox.delete(queue, &again).await) {
            answers[i] = answer;
        }
    }
    answers
}

/// Whether a queue keeps the order of its messages.
pub fn is_fifo(queue: &str) -> bool {
    queue.ends_with(".fifo")
}
